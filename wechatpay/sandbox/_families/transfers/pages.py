"""Transfers on the page: each with its history, and the user who takes the money."""

from __future__ import annotations

from collections.abc import Mapping

from ..._base import Refusal
from ..._parts import About, Happening, Menu, Missing, Place, Shown, Tone, Visit
from ..._time import seconds
from .transfers import Transfers

TONES: Mapping[str, Mapping[str, Tone]] = {
    "transfer": {
        "WAIT_USER_CONFIRM": "waiting",
        "SUCCESS": "good",
        "FAIL": "bad",
        "CANCELING": "waiting",
        "CANCELLED": "over",
    },
}


def transfers(visit: Visit) -> Shown:
    """Show the transfers, newest first."""
    return Shown("transfers/transfers.html", {"leaf": visit.leaf(Transfers(visit.world).latest)})


def transfer(visit: Visit) -> Shown:
    """Show a transfer and its history."""
    try:
        found = Transfers(visit.world).find(visit.path["number"])
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
    Place("GET", "/page/transfers", transfers),
    Place("GET", "/page/transfers/{number}", transfer),
)
