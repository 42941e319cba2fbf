"""Merchants' own coupons on the page: the stocks, and what users have of them."""

from __future__ import annotations

from collections.abc import Mapping

from ..._parts import Menu, PageRoute, Shown, Tone, Visit
from .vouchers import Vouchers

TONES: Mapping[str, Mapping[str, Tone]] = {
    "voucher_stock": {"RUNNING": "good", "STOPED": "over"},
    "voucher": {"SENDED": "waiting", "USED": "good", "EXPIRED": "over", "DEACTIVATED": "bad"},
}


def vouchers(visit: Visit) -> Shown:
    """Show the stocks, and the coupons of users, newest first."""
    known = Vouchers(visit.world)
    stocks = [(each, known.state(each)) for each in known.stocks()]
    return Shown(
        "vouchers/vouchers.html", {"stocks": stocks, "listed": visit.list_page(known.latest)}
    )


MENU = (Menu("money", "/page/vouchers", "menu.vouchers"),)
PLACES = (PageRoute("GET", "/page/vouchers", vouchers),)
