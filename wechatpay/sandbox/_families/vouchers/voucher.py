"""One coupon of a merchant's own (商家券), at one moment.

    SENDED ⇄ USED             the merchant takes it off a price, or gives it back
           → DEACTIVATED      the merchant makes it void
           → EXPIRED          its time is over

A payment never sees it: the merchant orders the lower sum and says that the coupon was used. Since
2025-12-15 no merchant can begin with them, https://pay.weixin.qq.com/doc/v3/partner/4012087811.

Official pages: docs/merchant/products/merchant-exclusive-coupon/introduction (2025-04-18),
docs/merchant/apis/merchant-exclusive-coupon/return-coupon (2024-09-20),
https://pay.weixin.qq.com/doc/v3/merchant/4015717499 (2025-07-25)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from . import words

VoucherState = Literal["SENDED", "USED", "EXPIRED", "DEACTIVATED"]


@dataclass(frozen=True)
class Voucher:
    """One coupon; it never changes, a transition returns another.

    Attributes:
        code: Its code.
        stock_id: Of which stock it is.
        openid: Whose it is.
        begins: From when on it is good.
        ends: Until when.
        state: Where it is.
        known: What else a query answers: the numbers of requests, and when they were.
    """

    code: str
    stock_id: str
    openid: str
    begins: str
    ends: str
    state: VoucherState
    known: Mapping[str, str]

    def lapse(self, moment: datetime) -> Voucher:
        """Return it as it is at a moment: one that was not used in time is expired."""
        if self.state == "SENDED" and moment > datetime.fromisoformat(self.ends):
            return replace(self, state="EXPIRED")
        return self

    def use(self, number: str, moment: datetime) -> Voucher:
        """Use it; with the same number again, it is the same.

        Raises:
            Refusal: It cannot be used, or not yet.
        """
        if self.state == "USED" and self.known["use_request_no"] == number:
            return self
        if self.state != "SENDED" or moment < datetime.fromisoformat(self.begins):
            raise words.NOT_USABLE(self.code, state=self.state)
        times = {"use_request_no": number, "use_time": moment.isoformat()}
        return replace(self, state="USED", known={**self.known, **times})

    def give_back(self, number: str, moment: datetime) -> Voucher:
        """Give it back to the user, for what was bought with it was returned.

        Raises:
            Refusal: It is not used.
        """
        if self.state == "SENDED" and self.known.get("return_request_no") == number:
            return self
        if self.state != "USED":
            raise words.NOT_USED(self.code, state=self.state)
        times = {"return_request_no": number, "return_time": moment.isoformat()}
        return replace(self, state="SENDED", known={**self.known, **times})

    def deactivate(self, number: str, reason: str, moment: datetime) -> Voucher:
        """Make it void.

        Raises:
            Refusal: It cannot be used in its state, so there is nothing to make void.
        """
        if self.state == "DEACTIVATED" and self.known["deactivate_request_no"] == number:
            return self
        if self.state != "SENDED":
            raise words.NOT_USABLE(self.code, state=self.state)
        times = {"deactivate_request_no": number, "deactivate_time": moment.isoformat()}
        said = {"deactivate_reason": reason} if reason else {}
        return replace(self, state="DEACTIVATED", known={**self.known, **times, **said})

    def associate(self, out_trade_no: str) -> Voucher:
        """Note for which order it is going to be used; an empty number takes that back."""
        return replace(self, known={**self.known, "associate_out_trade_no": out_trade_no})

    def report(self, stock: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a query answers.

        Args:
            stock: The parameters of its stock.
        """
        rule = stock["stock_send_rule"]
        return {
            **{name: stock[name] for name in _OF_STOCK if name in stock},
            "coupon_code": self.code,
            "coupon_state": self.state,
            "stock_id": self.stock_id,
            "transferable": bool(rule.get("transferable")),
            "shareable": bool(rule.get("shareable")),
            "available_start_time": self.begins,
            "expire_time": self.ends,
            **{name: text for name, text in self.known.items() if text},
        }


_OF_STOCK = (
    "stock_name",
    "belong_merchant",
    "comment",
    "goods_name",
    "stock_type",
    "coupon_use_rule",
    "custom_entrance",
    "display_pattern_info",
)
