"""Refunds on the page: each with its history, and how one that is under way ends."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ..._base import Refusal
from ..._endpoint import fields
from ..._parts import About, Card, Happening, Menu, Missing, PageRoute, Redirect, Shown, Tone, Visit
from ..._time import seconds
from ..payments import Order, Orders, fen
from . import routes
from .refund import ENDS, Refund
from .refunds import Refunds


def refunds(visit: Visit) -> Shown:
    """Show the refunds, newest first."""
    return Shown("refunds/refunds.html", {"listed": visit.list_page(Refunds(visit.world).latest)})


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


def add(visit: Visit) -> Redirect:
    """Refund an order, as the merchant, and go to the refund."""
    world, merchant = visit.world, visit.typed("merchant")
    order = Orders(world).find(merchant, visit.typed("out_trade_no"))
    number = f"page-{world.clock.moment():%m%d%H%M%S}-{secrets.token_hex(2)}"
    body: dict[str, Any] = {
        "out_trade_no": order.number,
        "out_refund_no": number,
        "amount": {"refund": fen(visit, "yuan"), "total": order.total, "currency": "CNY"},
    }
    if reason := visit.typed("reason"):
        body["reason"] = reason
    if notify_url := order.placed.get("notify_url"):
        body["notify_url"] = notify_url
    if merchant != world.keys.mchid:
        body["sub_mchid"] = merchant
    fields.check(body, routes.ROUTES[0].body_tree or {}, "body")
    Refunds(world).ask(body)
    return Redirect(f"/page/refunds/{quote(merchant, safe='')}/{number}")


def _of_order(visit: Visit, order: Order) -> Mapping[str, Any]:
    paid = order.trade_state in ("SUCCESS", "REFUND")
    left = order.total - order.refunded if paid else 0
    return {"refunds": Refunds(visit.world).of_order(order), "order": order, "left": left}


def _order_happened(visit: Visit, order: Order) -> Iterator[Happening]:
    for each in Refunds(visit.world).of_order(order):
        yield from _happened(each)


MENU = (Menu("money", "/page/refunds", "menu.refunds"),)
PLACES = (
    PageRoute("GET", "/page/refunds", refunds),
    PageRoute("POST", "/page/refunds", add),
    PageRoute("GET", "/page/refunds/{merchant}/{number}", refund),
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
