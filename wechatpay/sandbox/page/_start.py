"""The first page: how to reach the sandbox, and what happened lately."""

from __future__ import annotations

from functools import partial

from .._families.payments import Orders
from ._settings import Settings
from ._visit import Place, Shown, Visit

_FEW = 5


def start(settings: Settings, visit: Visit) -> Shown:
    """Show how to reach the sandbox, and its latest orders and requests."""
    sandbox = visit.sandbox
    values = {
        "exports": settings.exports(),
        "keys": visit.world.keys,
        "orders": Orders(visit.world).latest(_FEW),
        "exchanges": sandbox.exchanges[: -_FEW - 1 : -1],
    }
    return Shown("start.html", values)


def places(settings: Settings) -> tuple[Place, ...]:
    """Return the places; they need to know the settings."""
    view = partial(start, settings)
    return (Place("GET", "/", view), Place("GET", "/page", view))
