"""Faults as switches: put into force, and ended."""

from __future__ import annotations

from functools import partial
from typing import cast

from .._control import Control
from .._front import EFFECTS, FaultRule, Kind, RefusalKind, WrongRule
from .._parts import Missing, Mistake, PageRoute, Redirect, Shown, Visit

_PATH = "/page/faults"
_VERBS = ("*", "GET", "POST", "PUT", "PATCH", "DELETE")


def faults(sandbox: Control, _: Visit) -> Shown:
    """Show the faults in force, and what else could go wrong."""
    values = {"faults": list(sandbox.faults), "kinds": EFFECTS, "verbs": _VERBS}
    return Shown("faults.html", values)


def add(sandbox: Control, visit: Visit) -> Redirect:
    """Put a fault into force."""
    try:
        rule = FaultRule(
            visit.typed("method"),
            visit.typed("path"),
            cast("Kind | RefusalKind", visit.typed("kind")),
            times=visit.whole("times"),
            probability=_probability(visit),
            seed=visit.whole("seed"),
            seconds=visit.number("seconds"),
            header=visit.typed("header") or None,
            code=visit.typed("code") or None,
        )
    except WrongRule as error:
        raise Mistake(error.text) from error
    sandbox.faults.add(rule)
    return Redirect(_PATH)


def remove(sandbox: Control, visit: Visit) -> Redirect:
    """End a fault."""
    for fault in sandbox.faults:
        if str(fault.number) == visit.path["number"]:
            fault.clear()
            return Redirect(_PATH)
    raise Missing


def clear(sandbox: Control, _: Visit) -> Redirect:
    """End all faults."""
    sandbox.faults.clear()
    return Redirect(_PATH)


def _probability(visit: Visit) -> float:
    percent = visit.number("percent")
    return 1.0 if percent is None else percent / 100


def places(sandbox: Control) -> tuple[PageRoute, ...]:
    """Return the places."""
    return (
        PageRoute("GET", _PATH, partial(faults, sandbox)),
        PageRoute("POST", _PATH, partial(add, sandbox)),
        PageRoute("POST", f"{_PATH}/clear", partial(clear, sandbox)),
        PageRoute("POST", f"{_PATH}/{{number}}/remove", partial(remove, sandbox)),
    )
