"""The first page: how to reach the sandbox, and what happened lately."""

from __future__ import annotations

from functools import partial

from .._control import Control
from .._parts import PageRoute, Shown, Visit
from ._settings import SettingsFolder

_FEW = 5


def start(sandbox: Control, settings: SettingsFolder, visit: Visit) -> Shown:
    """Show how to reach the sandbox, and its latest requests; families show what they have."""
    values = {
        "exports": settings.exports(),
        "keys": visit.world.keys,
        "exchanges": sandbox.exchanges[: -_FEW - 1 : -1],
    }
    return Shown("start.html", values)


def places(sandbox: Control, settings: SettingsFolder) -> tuple[PageRoute, ...]:
    """Return the places."""
    view = partial(start, sandbox, settings)
    return (PageRoute("GET", "/", view), PageRoute("GET", "/page", view))
