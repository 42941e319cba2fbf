"""Notifications: what was told, how often, and what the merchant said to it."""

from __future__ import annotations

import re

from .._endpoint.reply import dump
from .._time.delivery import Delivery
from . import _show
from ._visit import Missing, Mistake, Moved, Place, Shown, Visit

_URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_PATH = "/page/notifications"


def notifications(visit: Visit) -> Shown:
    """Show the latest notifications, newest first."""
    found = visit.sandbox.notifications[::-1]
    last = next((each.event.url for each in found if each.reachable), "")
    values = {"leaf": visit.leaf_of(found), "rate": visit.sandbox.probe_rate, "last": last}
    return Shown("notifications.html", values)


def notification(visit: Visit) -> Shown:
    """Show a notification and its attempts."""
    found = _notification(visit)
    due = None
    if found.due_in is not None:
        due = found.attempts[-1].at + found.due_in
    resource = _show.body(dump(dict(found.event.resource)))
    return Shown("notification.html", {"delivery": found, "due": due, "resource": resource})


def send(visit: Visit) -> Moved:
    """Send a notification again, now."""
    found = _notification(visit)
    visit.sandbox.deliver(found.id)
    return Moved(f"{_PATH}/{found.id}")


def send_waiting(visit: Visit) -> Moved:
    """Send all again that wait to be repeated."""
    visit.sandbox.deliver()
    return Moved(_PATH)


def probe(visit: Visit) -> Moved:
    """Send a notification whose signature is wrong on purpose."""
    url = visit.typed("url")
    if not _URL.fullmatch(url):
        raise Mistake("mistake.url")
    return Moved(f"{_PATH}/{visit.sandbox.probe(url).id}")


def probes(visit: Visit) -> Moved:
    """Have a share of all notifications signed wrongly on purpose, or none."""
    percent = visit.number("percent") or 0.0
    if not 0 <= percent <= 100:
        raise Mistake("mistake.percent")
    visit.sandbox.probes(percent / 100, visit.whole("seed"))
    return Moved(_PATH)


def _notification(visit: Visit) -> Delivery:
    for each in visit.sandbox.notifications:
        if each.id == visit.path["id"]:
            return each
    raise Missing


PLACES = (
    Place("GET", _PATH, notifications),
    Place("POST", f"{_PATH}/send", send_waiting),
    Place("POST", f"{_PATH}/probe", probe),
    Place("POST", f"{_PATH}/probes", probes),
    Place("GET", f"{_PATH}/{{id}}", notification),
    Place("POST", f"{_PATH}/{{id}}/send", send),
)
