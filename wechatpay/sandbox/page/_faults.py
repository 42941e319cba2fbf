"""Faults as switches: put into force, and ended."""

from __future__ import annotations

from typing import cast

from .._front.faults import KINDS, FaultRule, Kind
from ._visit import Missing, Mistake, Moved, Place, Shown, Visit

_PATH = "/page/faults"
_VERBS = ("*", "GET", "POST", "PUT", "PATCH", "DELETE")


def faults(visit: Visit) -> Shown:
    """Show the faults in force, and what else could go wrong."""
    values = {"faults": list(visit.sandbox.faults), "kinds": KINDS, "verbs": _VERBS}
    return Shown("faults.html", values)


def add(visit: Visit) -> Moved:
    """Put a fault into force."""
    try:
        rule = FaultRule(
            visit.typed("method"),
            visit.typed("path"),
            cast("Kind", visit.typed("kind")),
            times=visit.whole("times"),
            probability=_probability(visit),
            seed=visit.whole("seed"),
            seconds=visit.number("seconds"),
            header=visit.typed("header") or None,
        )
    except ValueError as error:
        raise Mistake(str(error)) from error
    visit.sandbox.faults.add(rule)
    return Moved(_PATH)


def remove(visit: Visit) -> Moved:
    """End a fault."""
    for fault in visit.sandbox.faults:
        if str(fault.number) == visit.path["number"]:
            fault.clear()
            return Moved(_PATH)
    raise Missing


def clear(visit: Visit) -> Moved:
    """End all faults."""
    visit.sandbox.faults.clear()
    return Moved(_PATH)


def _probability(visit: Visit) -> float:
    percent = visit.number("percent")
    return 1.0 if percent is None else percent / 100


PLACES = (
    Place("GET", _PATH, faults),
    Place("POST", _PATH, add),
    Place("POST", f"{_PATH}/clear", clear),
    Place("POST", f"{_PATH}/{{number}}/remove", remove),
)
