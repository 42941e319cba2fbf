"""Notifications: what was told, how often, and what the merchant said to it."""

from __future__ import annotations

import re
from functools import partial

from .._control import Control
from .._endpoint import dump
from .._parts import Missing, Mistake, Moved, Place, Shown, Visit
from .._time import Delivery
from . import _show

_URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_PATH = "/page/notifications"


def notifications(sandbox: Control, visit: Visit) -> Shown:
    """Show the latest notifications, newest first."""
    found = sandbox.notifications[::-1]
    last = next((each.event.url for each in found if each.reachable), "")
    values = {"leaf": visit.leaf_of(found), "rate": sandbox.probe_rate, "last": last}
    return Shown("notifications.html", values)


def notification(sandbox: Control, visit: Visit) -> Shown:
    """Show a notification and its attempts."""
    found = _notification(sandbox, visit)
    due = None
    if found.due_in is not None:
        due = found.attempts[-1].at + found.due_in
    resource = _show.body(dump(dict(found.event.resource)))
    return Shown("notification.html", {"delivery": found, "due": due, "resource": resource})


def send(sandbox: Control, visit: Visit) -> Moved:
    """Send a notification again, now."""
    found = _notification(sandbox, visit)
    sandbox.deliver(found.id)
    return Moved(f"{_PATH}/{found.id}")


def send_waiting(sandbox: Control, _: Visit) -> Moved:
    """Send all again that wait to be repeated."""
    sandbox.deliver()
    return Moved(_PATH)


def probe(sandbox: Control, visit: Visit) -> Moved:
    """Send a notification whose signature is wrong on purpose."""
    url = visit.typed("url")
    if not _URL.fullmatch(url):
        raise Mistake("mistake.url")
    return Moved(f"{_PATH}/{sandbox.probe(url).id}")


def probes(sandbox: Control, visit: Visit) -> Moved:
    """Have a share of all notifications signed wrongly on purpose, or none."""
    percent = visit.number("percent") or 0.0
    if not 0 <= percent <= 100:
        raise Mistake("mistake.percent")
    sandbox.probes(percent / 100, visit.whole("seed"))
    return Moved(_PATH)


def _notification(sandbox: Control, visit: Visit) -> Delivery:
    for each in sandbox.notifications:
        if each.id == visit.path["id"]:
            return each
    raise Missing


def places(sandbox: Control) -> tuple[Place, ...]:
    """Return the places."""
    return (
        Place("GET", _PATH, partial(notifications, sandbox)),
        Place("POST", f"{_PATH}/send", partial(send_waiting, sandbox)),
        Place("POST", f"{_PATH}/probe", partial(probe, sandbox)),
        Place("POST", f"{_PATH}/probes", partial(probes, sandbox)),
        Place("GET", f"{_PATH}/{{id}}", partial(notification, sandbox)),
        Place("POST", f"{_PATH}/{{id}}/send", partial(send, sandbox)),
    )
