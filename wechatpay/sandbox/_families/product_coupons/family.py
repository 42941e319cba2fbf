"""Coupons for products, as a family of the sandbox's."""

from __future__ import annotations

import secrets

from ..._parts import Family, Parts, action
from ..payments import CUSTOMER
from . import pages, routes
from .coupons import ProductCoupons
from .products import Products
from .words import WORDS

_PARTS = Parts(
    routes=routes.ROUTES,
    words=WORDS,
    menu=pages.MENU,
    places=pages.PLACES,
    tones=pages.TONES,
)


class ProductCouponFamily(Family, parts=_PARTS):
    """What a user does about coupons for products."""

    @action("product-coupons/{stock_id}/receive", answers="coupon_code")
    def receive_product_coupon(
        self, stock_id: str, openid: str = CUSTOMER, appid: str = "wxd678efh567hg6787"
    ) -> str:
        """Let a user receive a coupon for a product in WeChat; the partner is told.

        Args:
            stock_id: WeChat Pay's number for the stock.
            openid: Who; the sandbox's customer by default.
            appid: Under which appid.

        Returns:
            The coupon's code, which the partner confirms before it can be used.

        Raises:
            Refusal: There is no such stock, it is not sent any more, or all of it was.
        """
        stock = Products(self.world).named_stock(stock_id)
        asked = {name: stock[name] for name in ("product_coupon_id", "stock_id", "brand_id")}
        asked |= {"appid": appid, "send_request_no": f"receive-{secrets.token_hex(8)}"}
        return ProductCoupons(self.world).send(openid, asked, "RECEIVE_COMPONENT").code
