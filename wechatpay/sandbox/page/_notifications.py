"""Notifications: what was told, how often, and what the merchant said to it."""

from __future__ import annotations

import json
import re
from functools import cache, partial
from typing import Any, cast

from ... import api
from .._base import Text
from .._control import Control
from .._endpoint import dump
from .._parts import Missing, Mistake, PageRoute, Redirect, Shown, Visit
from .._time import Delivery
from . import _show

_URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_PATH = "/page/notifications"


def notifications(sandbox: Control, visit: Visit) -> Shown:
    """Show the latest notifications, newest first."""
    found = sandbox.notifications[::-1]
    last = next((each.event.url for each in found if each.reachable), "")
    values = {
        "listed": visit.list_page_of(found),
        "rate": sandbox.probe_rate,
        "last": last,
        "types": _types(),
    }
    return Shown("notifications.html", values)


def notification(sandbox: Control, visit: Visit) -> Shown:
    """Show a notification and its attempts."""
    found = _notification(sandbox, visit)
    due = None
    if found.due_in is not None:
        due = found.attempts[-1].at + found.due_in
    resource = _show.body(dump(dict(found.event.resource)))
    return Shown("notification.html", {"delivery": found, "due": due, "resource": resource})


def send(sandbox: Control, visit: Visit) -> Redirect:
    """Send a notification again, now."""
    found = _notification(sandbox, visit)
    sandbox.deliver(found.id)
    return Redirect(f"{_PATH}/{found.id}")


def send_waiting(sandbox: Control, _: Visit) -> Redirect:
    """Send all again that wait to be repeated."""
    sandbox.deliver()
    return Redirect(_PATH)


def trigger(sandbox: Control, visit: Visit) -> Redirect:
    """Send a notification of any documented event."""
    url = visit.typed("notify_url")
    if not _URL.fullmatch(url):
        raise Mistake("mistake.url")
    try:
        fields = json.loads(visit.typed("fields") or "{}")
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise Mistake("mistake.fields")
    said = cast("dict[str, Any]", fields)
    try:
        sent = sandbox.trigger(visit.typed("event_type"), **{**said, "notify_url": url})
    except (TypeError, ValueError) as error:
        raise Mistake(Text(str(error), str(error))) from error
    return Redirect(f"{_PATH}/{sent.id}")


@cache
def _types() -> dict[str, str]:
    """The types of all documented notifications of APIv3, with their titles."""
    return {each.event_type: each.name for each in api.notifications() if each.version == "v3"}


def probe(sandbox: Control, visit: Visit) -> Redirect:
    """Send a notification whose signature is wrong on purpose."""
    url = visit.typed("url")
    if not _URL.fullmatch(url):
        raise Mistake("mistake.url")
    return Redirect(f"{_PATH}/{sandbox.probe(url).id}")


def probes(sandbox: Control, visit: Visit) -> Redirect:
    """Have a share of all notifications signed wrongly on purpose, or none."""
    percent = visit.number("percent") or 0.0
    if not 0 <= percent <= 100:
        raise Mistake("mistake.percent")
    sandbox.probes(percent / 100, visit.whole("seed"))
    return Redirect(_PATH)


def _notification(sandbox: Control, visit: Visit) -> Delivery:
    for each in sandbox.notifications:
        if each.id == visit.path["id"]:
            return each
    raise Missing


def places(sandbox: Control) -> tuple[PageRoute, ...]:
    """Return the places."""
    return (
        PageRoute("GET", _PATH, partial(notifications, sandbox)),
        PageRoute("POST", f"{_PATH}/send", partial(send_waiting, sandbox)),
        PageRoute("POST", f"{_PATH}/trigger", partial(trigger, sandbox)),
        PageRoute("POST", f"{_PATH}/probe", partial(probe, sandbox)),
        PageRoute("POST", f"{_PATH}/probes", partial(probes, sandbox)),
        PageRoute("GET", f"{_PATH}/{{id}}", partial(notification, sandbox)),
        PageRoute("POST", f"{_PATH}/{{id}}/send", partial(send, sandbox)),
    )
