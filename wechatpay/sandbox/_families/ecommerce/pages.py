"""Platforms on the page: the applications of their merchants, and how these go on."""

from __future__ import annotations

from collections.abc import Mapping

from ..._parts import Menu, PageRoute, Shown, Tone, Visit
from .applyments import Applyments

TONES: Mapping[str, Mapping[str, Tone]] = {
    "applyment": {
        "CHECKING": "waiting",
        "ACCOUNT_NEED_VERIFY": "waiting",
        "AUDITING": "waiting",
        "NEED_SIGN": "waiting",
        "FINISH": "good",
        "REJECTED": "bad",
        "FROZEN": "bad",
        "CANCELED": "over",
    },
}


def applyments(visit: Visit) -> Shown:
    """Show the applications, newest first."""
    listed = visit.list_page(Applyments(visit.world).latest)
    return Shown("ecommerce/applyments.html", {"listed": listed})


MENU = (Menu("money", "/page/applyments", "menu.applyments"),)
PLACES = (PageRoute("GET", "/page/applyments", applyments),)
