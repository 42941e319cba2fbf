"""Payments on the page: the checkout, where one plays the customer, and the orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ..._base import Refusal
from ..._parts import (
    PAGE,
    About,
    Card,
    Happening,
    Menu,
    Missing,
    Mistake,
    PageRoute,
    Redirect,
    Shown,
    Tone,
    Visit,
)
from ..._time import seconds
from . import making
from .fields import WAYS
from .order import Order
from .orders import Orders

_NOTIFY_URL = "http://127.0.0.1:8000/notify"
_FEW = 10
_LATEST = 5


def scanner(visit: Visit) -> Shown:
    """Show where a `code_url` can be pasted, and the orders that wait."""
    waiting = [each for each in Orders(visit.world).latest(_FEW) if each.waiting]
    return Shown("payments/scan.html", {"orders": waiting})


def scan(visit: Visit) -> Redirect:
    """Go to the order of a `code_url`, an `h5_url`, a `prepay_id` or an order number."""
    text = visit.typed("code")
    if not text:
        raise Mistake("mistake.code")
    order = Orders(visit.world).named(text)
    return Redirect(f"/page/checkout/{quote(order.number, safe='')}")


def h5(visit: Visit) -> Redirect:
    """Go to the order of an `h5_url`, as the browser does that it was made for."""
    handle = next((each() for each in PAGE.of(visit.world)), "")
    query = f"prepay_id={visit.query.get('prepay_id', '')}&package={visit.query.get('package', '')}"
    order = Orders(visit.world).named(f"{handle}/page/h5?{query}")
    return Redirect(f"/page/checkout/{quote(order.number, safe='')}")


def add(visit: Visit) -> Redirect:
    """Place an order, as the merchant, and go to its checkout."""
    return Redirect(f"/page/checkout/{quote(making.make(visit), safe='')}")


def checkout(visit: Visit) -> Shown:
    """Show what a customer sees of an order."""
    orders = Orders(visit.world)
    try:
        order = orders.named(visit.path["number"])
    except Refusal as refusal:
        raise Missing from refusal
    parts, over = orders.whole(order).orders(), visit.world.clock() >= order.expires
    values = {
        "order": order,
        "waiting": order.waiting and not over,
        "parts": parts,
        "total": sum(part.total for part in parts),
        "over": over,
        "handle": next(iter(order.handle.values()), ""),
        "done": visit.query.get("done"),
    }
    return Shown("payments/checkout.html", values)


def orders(visit: Visit) -> Shown:
    """Show the orders, newest first, and a form for another."""
    found = Orders(visit.world)
    last = [str(each.placed.get("notify_url", "")) for each in found.latest(_FEW)]
    values = {
        "listed": visit.list_page(found.latest),
        "ways": {way: f"way.{WAYS[way]}" for way in making.WAYS},
        "suggested": making.suggested(visit.world),
        "last": next(filter(None, last), _NOTIFY_URL),
    }
    return Shown("payments/orders.html", values)


def order(visit: Visit) -> Shown:
    """Show an order and its history."""
    try:
        found = Orders(visit.world).find(visit.path["merchant"], visit.path["number"])
    except Refusal as refusal:
        raise Missing from refusal
    payer = found.payer() if found.transaction_id else {}
    numbers = (found.number, found.transaction_id, found.combine_out_trade_no)
    about = About("order", found, numbers, tuple(_happened(found)))
    return Shown("payments/order.html", {"order": found, "payer": payer}, about=about)


def _happened(order: Order) -> Iterator[Happening]:
    for time, what, tone in (
        (order.success_time, "history.paid", "good"),
        (order.reverse_time, "history.reversed", "over"),
    ):
        if at := seconds(time):
            yield Happening(at, what, tone=tone)
    if order.trade_state in ("NOTPAY", "USERPAYING", "CLOSED"):
        yield Happening(order.expires, "history.expires", tone="over")


def _latest(visit: Visit, _: Any) -> Mapping[str, Any]:
    return {"orders": Orders(visit.world).latest(_LATEST)}


MENU = (
    Menu("customer", "/page/checkout", "menu.checkout"),
    Menu("money", "/page/orders", "menu.orders"),
)
PLACES = (
    PageRoute("GET", "/page/checkout", scanner),
    PageRoute("POST", "/page/scan", scan),
    PageRoute("GET", "/page/h5", h5),
    PageRoute("POST", "/page/orders", add),
    PageRoute("GET", "/page/checkout/{number}", checkout),
    PageRoute("GET", "/page/orders", orders),
    PageRoute("GET", "/page/orders/{merchant}/{number}", order),
)
CARDS = (Card("start", "payments/latest.html", _latest),)
TONES: Mapping[str, Mapping[str, Tone]] = {
    "order": {
        "NOTPAY": "waiting",
        "USERPAYING": "waiting",
        "PAYERROR": "bad",
        "SUCCESS": "good",
        "REFUND": "over",
        "CLOSED": "over",
        "REVOKED": "over",
    },
}
