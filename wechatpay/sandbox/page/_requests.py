"""Every request: what was signed, how it was verified, and where a wrong signature went astray."""

from __future__ import annotations

from typing import Any

from . import _show
from ._visit import Missing, Place, Shown, Visit


def requests(visit: Visit) -> Shown:
    """Show the latest requests, newest first; on request those only that went wrong."""
    wrong = "wrong" in visit.query
    found = [
        each
        for each in reversed(visit.sandbox.exchanges)
        if not wrong or each.code or each.fault or each.status >= 400
    ]
    return Shown("requests.html", {"leaf": visit.leaf_of(found), "wrong": wrong})


def request(visit: Visit) -> Shown:
    """Show a request and its reply."""
    kept = {str(each.number): each for each in visit.sandbox.exchanges}
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


PLACES = (
    Place("GET", "/page/requests", requests),
    Place("GET", "/page/requests/{number}", request),
)
