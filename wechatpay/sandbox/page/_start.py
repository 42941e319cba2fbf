"""The first page: how to reach the sandbox, and what happened lately."""

from __future__ import annotations

from functools import partial

from .._control import Control
from .._parts import Place, Shown, Visit
from ._settings import Settings

_FEW = 5


def start(sandbox: Control, settings: Settings, visit: Visit) -> Shown:
    """Show how to reach the sandbox, and its latest requests; families show what they have."""
    values = {
        "exports": settings.exports(),
        "keys": visit.world.keys,
        "exchanges": sandbox.exchanges[: -_FEW - 1 : -1],
    }
    return Shown("start.html", values)


def places(sandbox: Control, settings: Settings) -> tuple[Place, ...]:
    """Return the places."""
    view = partial(start, sandbox, settings)
    return (Place("GET", "/", view), Place("GET", "/page", view))
