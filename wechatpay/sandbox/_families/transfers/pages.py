"""Transfers on the page: each with its history, and the user who takes the money."""

from __future__ import annotations

from collections.abc import Mapping

from ..._base import Refusal
from ..._parts import About, Happening, Menu, Missing, PageRoute, Shown, Tone, Visit
from ..._time import seconds
from .authorizations import Authorizations
from .batches import Batches
from .permits import Permits
from .transfers import Transfers

TONES: Mapping[str, Mapping[str, Tone]] = {
    "transfer": {
        "ACCEPTED": "waiting",
        "WAIT_USER_CONFIRM": "waiting",
        "SUCCESS": "good",
        "FAIL": "bad",
        "CANCELING": "waiting",
        "CANCELLED": "over",
    },
    "transfer_authorization": {
        "WAIT_USER_CONFIRM": "waiting",
        "TAKING_EFFECT": "good",
        "CLOSED": "over",
    },
    "batch": {"ACCEPTED": "waiting", "FINISHED": "good"},
    "permit": {"INVITED": "waiting", "PASSED": "good", "REJECTED": "bad"},
}


def transfers(visit: Visit) -> Shown:
    """Show the transfers, newest first, and what was agreed about them."""
    batches = Batches(visit.world)
    values = {
        "listed": visit.list_page(Transfers(visit.world).latest),
        "authorizations": Authorizations(visit.world).latest(),
        "permits": Permits(visit.world).latest(),
        "batches": batches.latest(),
        "old": batches.allowed,
        "most": Transfers(visit.world).most,
    }
    return Shown("transfers/transfers.html", values)


def transfer(visit: Visit) -> Shown:
    """Show a transfer and its history."""
    try:
        found = Transfers(visit.world).named(visit.path["number"])
    except Refusal as refusal:
        raise Missing from refusal
    tone = TONES["transfer"][found.state]
    happened = (
        Happening(seconds(found.create_time) or 0.0, "history.transfer", tone="waiting"),
        Happening(seconds(found.update_time) or 0.0, f"transfer.{found.state}", tone=tone),
    )
    about = About("transfer", found, (found.out_bill_no, found.transfer_bill_no), happened)
    return Shown("transfers/transfer.html", {"transfer": found}, about=about)


MENU = (Menu("money", "/page/transfers", "menu.transfers"),)
PLACES = (
    PageRoute("GET", "/page/transfers", transfers),
    PageRoute("GET", "/page/transfers/{number}", transfer),
)
