"""Partners on the page: the applications of their merchants, and how these go on."""

from __future__ import annotations

from collections.abc import Mapping

from ..._parts import Menu, PageRoute, Shown, Tone, Visit
from .applications import Applications

TONES: Mapping[str, Mapping[str, Tone]] = {
    "application": {
        "AUDITING": "waiting",
        "TO_BE_CONFIRMED": "waiting",
        "TO_BE_SIGNED": "waiting",
        "SIGNING": "waiting",
        "FINISHED": "good",
        "REJECTED": "bad",
        "CANCELED": "over",
    },
}


def applications(visit: Visit) -> Shown:
    """Show the applications, newest first."""
    listed = visit.list_page(Applications(visit.world).latest)
    return Shown("applyments/applications.html", {"listed": listed})


MENU = (Menu("money", "/page/applications", "menu.applications"),)
PLACES = (PageRoute("GET", "/page/applications", applications),)
