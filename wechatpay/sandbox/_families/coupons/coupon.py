"""One coupon of a user's, at one moment.

    SENDED → USED         taken off a payment
           → EXPIRED      its time is over

Official page: docs/merchant/apis/cash-coupons/coupon/send-coupon (2024-09-19); the states are those
of WeChat Pay's own SDK for Java (`cashcoupons`, `Coupon`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from .stock import Stock

CouponState = Literal["SENDED", "USED", "EXPIRED"]


@dataclass(frozen=True)
class Coupon:
    """One coupon; it never changes, a transition returns another.

    Attributes:
        asked: The parameters it was sent with.
        openid: Whose it is.
        coupon_id: WeChat Pay's number for it.
        create_time: When it was sent.
        begins: From when on it is good.
        ends: Until when.
        worth: How much it takes off, if the sender said so and not the stock.
        least: From how much on it is good, likewise.
        status: Where it is.
        consumed: When and on what it was used, in the words of an answer.
    """

    asked: Mapping[str, Any] = field(repr=False)
    openid: str
    coupon_id: str
    create_time: str
    begins: str
    ends: str
    worth: int = 0
    least: int = 0
    status: CouponState = "SENDED"
    consumed: Mapping[str, Any] | None = None

    @property
    def stock_id(self) -> str:
        """Of which stock it is."""
        stock_id: str = self.asked["stock_id"]
        return stock_id

    def lapse(self, moment: datetime) -> Coupon:
        """Return it as it is at a moment: one that nobody used in time is expired."""
        if self.status == "SENDED" and moment > datetime.fromisoformat(self.ends):
            return replace(self, status="EXPIRED")
        return self

    def off(self, stock: Stock, total: int) -> int:
        """How much it takes off an order: something has to be left to pay.

        Args:
            stock: Its stock.
            total: What the order costs, in fen.
        """
        if total < (self.least or stock.minimum()):
            return 0
        return min(self.worth or stock.value(total), total - 1)

    def use(self, consumed: Mapping[str, Any]) -> Coupon:
        """Return it as it is after it was used."""
        return replace(self, status="USED", consumed=consumed)

    def report(self, stock: Stock) -> dict[str, Any]:
        """Return what a query answers."""
        told = stock.report()
        said: dict[str, Any] = {
            "stock_creator_mchid": stock.creator,
            "stock_id": stock.stock_id,
            "coupon_id": self.coupon_id,
            "coupon_name": stock.asked["stock_name"],
            "status": self.status,
            "description": told["description"],
            "create_time": self.create_time,
            "coupon_type": "CUT_TO" if stock.cuts_to else "NORMAL",
            "no_cash": stock.no_cash,
            "singleitem": told["singleitem"],
            "available_begin_time": self.begins,
            "available_end_time": self.ends,
            "out_request_no": self.asked["out_request_no"],
        }
        if stock.cuts_to:
            said["cut_to_message"] = told["cut_to_message"]
        else:
            least = self.least or stock.minimum()
            amounts = {"coupon_amount": self.worth or stock.value(), "transaction_minimum": least}
            said["normal_coupon_information"] = amounts
        if self.consumed:
            said["consume_information"] = self.consumed
        return said
