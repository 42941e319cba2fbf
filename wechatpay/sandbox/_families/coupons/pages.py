"""Coupons on the page: the stocks, what users have of them, and what they took off an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._parts import Card, Menu, PageRoute, Shown, Tone, Visit
from ..payments import Order
from .coupons import Coupons
from .stocks import Stocks

TONES: Mapping[str, Mapping[str, Tone]] = {
    "stock": {
        "unactivated": "waiting",
        "running": "good",
        "paused": "waiting",
        "stoped": "over",
    },
    "coupon": {"SENDED": "waiting", "USED": "good", "EXPIRED": "over"},
    "promotion": {"CASH": "good", "NOCASH": "good"},
}


def coupons(visit: Visit) -> Shown:
    """Show the stocks, and the coupons of users, newest first."""
    values = {
        "stocks": Stocks(visit.world).latest(),
        "listed": visit.list_page(Coupons(visit.world).latest),
    }
    return Shown("coupons/coupons.html", values)


def _of_order(_: Visit, order: Order) -> Mapping[str, Any]:
    return {"promotions": order.promotions, "paid": order.payer_total}


MENU = (Menu("money", "/page/coupons", "menu.coupons"),)
PLACES = (PageRoute("GET", "/page/coupons", coupons),)
CARDS = (Card("order", "coupons/of_order.html", _of_order),)
