"""A line for each request and each notification, with the link to the page's view of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import TextIO

from .._base import BEIJING
from .._front import Exchange
from .._time import Delivery
from . import words
from .speech import say

_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
"""What a terminal takes for a command, or does not show."""
_LONGEST = 160
_BOLD, _DIM, _RED, _GREEN, _YELLOW, _BLUE = 1, 2, 31, 32, 33, 34
_COLORS: Mapping[str, int] = {"acknowledged": _GREEN, "not sent": _DIM}


def plain(text: str) -> str:
    """Return text from outside as a terminal may show it: without control characters, and short."""
    seen = _UNSEEN.sub("�", text)
    return seen if len(seen) <= _LONGEST else f"{seen[:_LONGEST]}…"


class Lines:
    """Writes what happens, line by line; any number of threads may at once.

    Args:
        stream: Where to; colored if it is a terminal and `NO_COLOR` is not set.
        url: Where the page is.
    """

    def __init__(self, stream: TextIO, url: str) -> None:
        self._stream = stream
        self._url = url
        is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._colored = is_terminal and not os.environ.get("NO_COLOR")
        self._lock = threading.Lock()

    def exchange(self, exchange: Exchange) -> None:
        """Tell of a request and its reply."""
        good = 200 <= exchange.status < 300
        status = str(exchange.status) if exchange.status else say(words.LOST)
        parts = [
            self._painted(plain(f"{exchange.method} {exchange.target}"), _BOLD),
            self._painted(f"{status} {exchange.code}".strip(), _GREEN if good else _RED),
        ]
        if why := _why(exchange):
            parts.append(plain(why))
        if exchange.fault:
            parts.append(self._painted(f"{say(words.FAULT)}: {plain(exchange.fault)}", _YELLOW))
        self._put(exchange.at, "→", parts, f"requests/{exchange.number}")

    def delivery(self, delivery: Delivery) -> None:
        """Tell of an attempt to notify the merchant, or that none is made."""
        event = delivery.event
        parts = [self._painted(plain(event.event_type), _BOLD), plain(event.url)]
        if not delivery.attempts:
            outcome, at = "not sent", None
            parts.append(self._painted(say(words.WORDS[outcome]), _COLORS[outcome]))
        else:
            last = delivery.attempts[-1]
            outcome, at = last.outcome, last.at
            told = f"{last.status or ''} {say(words.WORDS[outcome])}".strip()
            parts.append(self._painted(told, _COLORS.get(outcome, _RED)))
            if last.probe:
                parts.append(self._painted(say(words.WORDS["probe"]), _YELLOW))
        if delivery.due_in is not None:
            parts.append(say(words.WORDS["again"], seconds=delivery.due_in))
        self._put(at, "←", parts, f"notifications/{delivery.id}")

    def _put(self, at: float | None, arrow: str, parts: list[str], page: str) -> None:
        moment = "--:--:--" if at is None else f"{datetime.fromtimestamp(at, BEIJING):%H:%M:%S}"
        link = self._painted(f"{self._url}/page/{page}", _BLUE)
        line = "  ".join([f"{self._painted(moment, _DIM)} {arrow} {parts[0]}", *parts[1:], link])
        # The reader of these lines may have gone: that is no reason to stop serving.
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._stream.write(f"{line}\n")
            self._stream.flush()

    def _painted(self, text: str, color: int) -> str:
        return f"\x1b[{color}m{text}\x1b[0m" if self._colored else text


def _why(exchange: Exchange) -> str:
    """Why a request was refused: which mistake was made, or what the answer says."""
    if exchange.diagnosis is not None:
        return say(exchange.diagnosis.text)
    if not exchange.code:
        return ""
    try:
        message = json.loads(exchange.reply_body).get("message", "")
    except (ValueError, AttributeError):
        return ""
    return str(message)
