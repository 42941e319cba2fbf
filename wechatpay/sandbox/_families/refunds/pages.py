"""Refunds on the page: each with its history, and how one that is under way ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ..._base import Refusal
from ..._parts import About, Card, Happening, Menu, Missing, Place, Shown, Tone, Visit
from ..._time import seconds
from ..payments import Order
from .refund import ENDS, Refund
from .refunds import Refunds


def refunds(visit: Visit) -> Shown:
    """Show the refunds, newest first."""
    return Shown("refunds/refunds.html", {"leaf": visit.leaf(Refunds(visit.world).latest)})


def refund(visit: Visit) -> Shown:
    """Show a refund and its history."""
    try:
        found = Refunds(visit.world).find(visit.path["merchant"], visit.path["number"])
    except Refusal as refusal:
        raise Missing from refusal
    about = About("refund", found, (found.number, found.refund_id), tuple(_happened(found)))
    return Shown("refunds/refund.html", {"refund": found, "ends": ENDS}, about=about)


def _happened(refund: Refund) -> Iterator[Happening]:
    path = f"/page/refunds/{refund.merchant}/{quote(refund.number, safe='')}"
    for time, what, tone in (
        (refund.create_time, "history.refund", "waiting"),
        (refund.success_time, "history.refunded", "good"),
    ):
        if at := seconds(time):
            yield Happening(at, what, refund.number, tone, path)


def _of_order(visit: Visit, order: Order) -> Mapping[str, Any]:
    return {"refunds": Refunds(visit.world).of_order(order)}


def _order_happened(visit: Visit, order: Order) -> Iterator[Happening]:
    for each in Refunds(visit.world).of_order(order):
        yield from _happened(each)


MENU = (Menu("money", "/page/refunds", "menu.refunds"),)
PLACES = (
    Place("GET", "/page/refunds", refunds),
    Place("GET", "/page/refunds/{merchant}/{number}", refund),
)
CARDS = (Card("order", "refunds/of_order.html", _of_order, _order_happened),)
TONES: Mapping[str, Mapping[str, Tone]] = {
    "refund": {
        "PROCESSING": "waiting",
        "SUCCESS": "good",
        "CLOSED": "over",
        "ABNORMAL": "bad",
    },
}
