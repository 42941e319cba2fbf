"""Every request: what was signed, how it was verified, and where a wrong signature went astray."""

from __future__ import annotations

from functools import partial
from typing import Any

from .._control import Control
from .._parts import Missing, PageRoute, Shown, Visit
from . import _show


def requests(sandbox: Control, visit: Visit) -> Shown:
    """Show the latest requests, newest first; on request those only that went wrong."""
    wrong = "wrong" in visit.query
    found = [
        each
        for each in reversed(sandbox.exchanges)
        if not wrong or each.code or each.fault or each.status >= 400
    ]
    return Shown("requests.html", {"listed": visit.list_page_of(found), "wrong": wrong})


def request(sandbox: Control, visit: Visit) -> Shown:
    """Show a request and its reply."""
    kept = {str(each.number): each for each in sandbox.exchanges}
    found = kept.get(visit.path["number"])
    if found is None:
        raise Missing
    diagnosis = found.diagnosis
    values: dict[str, Any] = {
        "exchange": found,
        "signed": [],
        "expected": _show.message(found.message),
        "replied": _show.message(found.reply_message),
    }
    if diagnosis and diagnosis.signed is not None:
        values["expected"] = _show.compared(found.message, diagnosis.signed)
        values["signed"] = _show.compared(diagnosis.signed, found.message)
    return Shown("request.html", values)


def places(sandbox: Control) -> tuple[PageRoute, ...]:
    """Return the places."""
    return (
        PageRoute("GET", "/page/requests", partial(requests, sandbox)),
        PageRoute("GET", "/page/requests/{number}", partial(request, sandbox)),
    )
