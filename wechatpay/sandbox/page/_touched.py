"""What touched an order, a refund or a transfer: requests that name it, and notifications."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from .._control import Control
from .._parts import About, Happening


def history(sandbox: Control, about: About, more: Iterable[Happening]) -> list[Happening]:
    """Return all that happened to something, oldest first.

    Args:
        sandbox: The sandbox.
        about: What it is.
        more: What else is known of it.
    """
    pattern, own = _pattern(about.numbers), (*about.happened, *more)
    told = list(_notifications(sandbox, pattern))

    def place(each: Happening) -> float:
        """Guess when in its whole second: before the merchant was told, or at the end."""
        second = math.floor(each.at)
        later = [one.at for one in told if math.floor(one.at) == second]
        return math.nextafter(min(later, default=second + 1.0), 0.0)

    keys = [(place(each), each) for each in own]
    keys += [(each.at, each) for each in (*_requests(sandbox, pattern), *told)]
    return [each for _, each in sorted(keys, key=lambda pair: pair[0])]


def _pattern(numbers: Iterable[str]) -> re.Pattern[str]:
    """Numbers as they stand in JSON, in XML, in a path or in a query: whole, or not at all."""
    either = "|".join(re.escape(number) for number in numbers if number)
    return re.compile(rf'["/=>\[](?:{either})(?:["/?&<\]]|$)')


def _requests(sandbox: Control, pattern: re.Pattern[str]) -> Iterator[Happening]:
    for each in sandbox.exchanges:
        bodies = (each.body.decode("utf-8", "replace"), each.reply_body.decode("utf-8", "replace"))
        if any(map(pattern.search, (unquote(each.target), *bodies))):
            text = f"{each.method} {each.target} → {each.status} {each.code}".strip()
            tone = "good" if 200 <= each.status < 300 else "bad"
            link = f"/page/requests/{each.number}"
            yield Happening(each.at, "history.request", text, tone, link)


def _notifications(sandbox: Control, pattern: re.Pattern[str]) -> Iterator[Happening]:
    for each in sandbox.notifications:
        if pattern.search(json.dumps(dict(each.event.resource), ensure_ascii=False)):
            for attempt in each.attempts:
                text = f"{each.event.event_type} → {attempt.status or attempt.outcome}"
                tone = "good" if attempt.outcome == "acknowledged" else "bad"
                link = f"/page/notifications/{each.id}"
                yield Happening(attempt.at, "history.notification", text, tone, link)
