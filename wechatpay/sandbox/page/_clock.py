"""The sandbox's clock, moved ahead by hand."""

from __future__ import annotations

from ._visit import Mistake, Moved, Place, Shown, Visit

_UNITS = {"minutes": 60, "hours": 3600, "days": 86400}
_FARTHEST = 366 * 86400


def clock(visit: Visit) -> Shown:
    """Show the time, and what is going to happen."""
    values = {"appointments": visit.world.agenda.appointments[:20], "units": tuple(_UNITS)}
    return Shown("clock.html", values)


def advance(visit: Visit) -> Moved:
    """Move the clock ahead; what is due on the way happens."""
    by, unit = visit.number("by"), _UNITS.get(visit.typed("unit"))
    if by is None or unit is None:
        raise Mistake("mistake.time")
    if not 0 < by * unit <= _FARTHEST:
        raise Mistake("mistake.far")
    visit.sandbox.advance(by * unit)
    return Moved("/page/clock")


PLACES = (Place("GET", "/page/clock", clock), Place("POST", "/page/clock", advance))
