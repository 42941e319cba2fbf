"""Merchants' own coupons, as a family of the sandbox's."""

from __future__ import annotations

from ..._parts import Family, Parts, action
from ..payments import CUSTOMER
from . import pages, routes, subsidy_routes
from .vouchers import Vouchers
from .words import WORDS

_PARTS = Parts(
    routes=(*routes.ROUTES, *subsidy_routes.ROUTES),
    words=WORDS,
    menu=pages.MENU,
    places=pages.PLACES,
    tones=pages.TONES,
)


class VoucherFamily(Family, parts=_PARTS):
    """What a user does about merchants' own coupons."""

    @action("vouchers/{stock_id}/receive", answers="coupon_code")
    def receive_voucher(self, stock_id: str, openid: str = CUSTOMER) -> str:
        """Let a user receive a coupon of a stock, such as in a mini program; the merchant is told.

        Args:
            stock_id: WeChat Pay's number for the stock.
            openid: Who; the sandbox's customer by default.

        Returns:
            The coupon's code.

        Raises:
            Refusal: There is no such stock, its time is over, or there are no more.
        """
        number = self.world.number("user", "received voucher", 8)
        return Vouchers(self.world).send(stock_id, openid, number).code
