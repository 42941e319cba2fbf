"""The sandbox's clock, moved ahead by hand."""

from __future__ import annotations

from functools import partial

from .._control import Control
from .._parts import Mistake, PageRoute, Redirect, Shown, Visit

_UNITS = {"minutes": 60, "hours": 3600, "days": 86400}
_FARTHEST = 366 * 86400


def clock(visit: Visit) -> Shown:
    """Show the time, and what is going to happen."""
    values = {"appointments": visit.world.agenda.appointments[:20], "units": tuple(_UNITS)}
    return Shown("clock.html", values)


def advance(sandbox: Control, visit: Visit) -> Redirect:
    """Move the clock ahead; what is due on the way happens."""
    by, unit = visit.number("by"), _UNITS.get(visit.typed("unit"))
    if by is None or unit is None:
        raise Mistake("mistake.time")
    if not 0 < by * unit <= _FARTHEST:
        raise Mistake("mistake.far")
    sandbox.advance(by * unit)
    return Redirect("/page/clock")


def places(sandbox: Control) -> tuple[PageRoute, ...]:
    """Return the places."""
    return (
        PageRoute("GET", "/page/clock", clock),
        PageRoute("POST", "/page/clock", partial(advance, sandbox)),
    )
