"""Coupons for products on the page: the products, their stocks, and what users have of them."""

from __future__ import annotations

from collections.abc import Mapping

from ..._parts import Menu, PageRoute, Shown, Tone, Visit
from .coupons import ProductCoupons
from .products import Products

TONES: Mapping[str, Mapping[str, Tone]] = {
    "product": {"EFFECTIVE": "good", "DEACTIVATED": "over"},
    "product_stock": {"SENDING": "good", "DEACTIVATED": "over"},
    "product_coupon": {
        "CONFIRMING": "waiting",
        "PENDING": "waiting",
        "EFFECTIVE": "waiting",
        "USED": "good",
        "EXPIRED": "over",
        "DEACTIVATED": "bad",
    },
}


def product_coupons(visit: Visit) -> Shown:
    """Show products and stocks, and the coupons of users, newest first."""
    known = Products(visit.world)
    values = {
        "products": known.latest(),
        "stocks": known.latest_stocks(),
        "listed": visit.list_page(ProductCoupons(visit.world).latest),
    }
    return Shown("product_coupons/product_coupons.html", values)


MENU = (Menu("money", "/page/product-coupons", "menu.product_coupons"),)
PLACES = (PageRoute("GET", "/page/product-coupons", product_coupons),)
