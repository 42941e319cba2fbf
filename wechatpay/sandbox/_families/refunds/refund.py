"""One refund, at one moment, and what can become of it.

https://pay.weixin.qq.com/doc/v3/merchant/4012791862; what an answer says of coupons is as in WeChat
Pay's own SDK for Java (`refund`, `Amount` and `Promotion`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

from ..._time import Form
from . import words

RefundState = Literal["PROCESSING", "SUCCESS", "CLOSED", "ABNORMAL"]
RefundEnd = Literal["SUCCESS", "CLOSED", "ABNORMAL"]
Channel = Literal["ORIGINAL", "OTHER_BANKCARD"]

TRANSITIONS: Mapping[RefundState, frozenset[RefundState]] = {
    "PROCESSING": frozenset({"SUCCESS", "CLOSED", "ABNORMAL"}),
    "ABNORMAL": frozenset({"PROCESSING"}),
    "SUCCESS": frozenset(),
    "CLOSED": frozenset(),
}
"""Where a refund can go from where it is; everything else is refused."""
ENDS: tuple[RefundEnd, ...] = get_args(RefundEnd)

_WALLET = "支付用户零钱"
_MERCHANTS = ("mchid", "sp_mchid", "sub_mchid")


@dataclass(frozen=True)
class Refund:
    """One refund, at one moment; it never changes, a transition returns another.

    Attributes:
        asked: The parameters it was asked for with.
        order: The parameters that its order was placed with.
        transaction_id: WeChat Pay's number for the order.
        refund_id: WeChat Pay's number for the refund.
        create_time: When it was asked for.
        status: Where it is.
        success_time: When it was done.
        channel: Which way the money goes back.
        user_received_account: Where to.
        form: How the merchant is notified of it.
        paid: How much of the order the customer paid; `None` for all of it.
        promotions: What was taken off the order, and is given back: as `promotion_detail` tells it.
        frozen: Whether the order's money was not shared to the end yet, and is what goes back:
            docs/merchant/products/refund/introduction (2025-06-27).
    """

    asked: Mapping[str, Any]
    order: Mapping[str, Any]
    transaction_id: str
    refund_id: str
    create_time: str
    status: RefundState = "PROCESSING"
    success_time: str = ""
    channel: Channel = "ORIGINAL"
    user_received_account: str = _WALLET
    form: Form = "v3"
    paid: int | None = None
    promotions: Sequence[Mapping[str, Any]] = ()
    frozen: bool = False

    @property
    def number(self) -> str:
        """The merchant's number for it."""
        number: str = self.asked["out_refund_no"]
        return number

    @property
    def merchant(self) -> str:
        """Whose money goes back."""
        merchant: str = self.order.get("sub_mchid") or self.order["mchid"]
        return merchant

    @property
    def fen(self) -> int:
        """How much goes back."""
        fen: int = self.asked["amount"]["refund"]
        return fen

    @property
    def to_customer(self) -> int:
        """How much of it the customer gets, in fen; the rest is given back to promotions."""
        off: int = sum(each["refund_amount"] for each in self.promotions)
        return self.fen - off

    @property
    def settled(self) -> int:
        """How much of it the merchant pays, in fen; of what nobody had got it pays nothing."""
        lost = (each for each in self.promotions if each["type"] == "NOCASH")
        off: int = sum(each["refund_amount"] for each in lost)
        return self.fen - off

    def end(self, status: RefundState, moment: datetime) -> Refund:
        """Let it be done, closed, or go wrong.

        Raises:
            Refusal: It is not under way.
        """
        if status not in TRANSITIONS[self.status] or self.status != "PROCESSING":
            raise words.OVER(self.number, status=self.status)
        time = moment.isoformat() if status == "SUCCESS" else ""
        return replace(self, status=status, success_time=time)

    def retry(self, account: str) -> Refund:
        """Send the money to a bank account, for it could not go back the way it came.

        Raises:
            Refusal: The refund is not abnormal.
        """
        if self.status != "ABNORMAL":
            raise words.NOT_ABNORMAL(self.number, status=self.status)
        return replace(
            self, status="PROCESSING", channel="OTHER_BANKCARD", user_received_account=account
        )

    def essence(self) -> tuple[object, ...]:
        """Return what has to be the same when the number is used again."""
        amount = self.asked["amount"]
        return self.transaction_id, amount["total"], amount["refund"]

    def answer(self) -> dict[str, Any]:
        """Return what is answered."""
        amount = self._amount()
        lost = sum(each["amount"] for each in self.promotions if each["type"] == "NOCASH")
        amount["settlement_total"] = amount["total"] - lost
        amount["settlement_refund"] = self.settled
        amount |= {"discount_refund": self.fen - self.to_customer, "currency": "CNY"}
        amount["from"] = self.asked["amount"].get("from", [])
        return {
            **self._numbers(),
            "channel": self.channel,
            "user_received_account": self.user_received_account,
            **self._success_time(),
            "create_time": self.create_time,
            "status": self.status,
            "funds_account": self._source(),
            "amount": amount,
            "promotion_detail": [_told(each) for each in self.promotions],
        }

    def notice(self) -> dict[str, Any]:
        """Return what the merchant is notified of."""
        return {
            **{name: self.order[name] for name in _MERCHANTS if name in self.order},
            **self._numbers(),
            "refund_status": self.status,
            **self._success_time(),
            "user_received_account": self.user_received_account,
            "amount": self._amount(),
        }

    def _source(self) -> str:
        """The account that the money is from; of what is frozen it is 不可用余额.

        docs/merchant/products/refund/introduction (2025-06-27)
        """
        source: str = self.asked.get("funds_account", "AVAILABLE")
        return "UNAVAILABLE" if self.frozen else source

    def _success_time(self) -> dict[str, str]:
        return {"success_time": self.success_time} if self.success_time else {}

    def _numbers(self) -> dict[str, str]:
        return {
            "refund_id": self.refund_id,
            "out_refund_no": self.number,
            "transaction_id": self.transaction_id,
            "out_trade_no": self.order["out_trade_no"],
        }

    def _amount(self) -> dict[str, Any]:
        total, refund = self.asked["amount"]["total"], self.fen
        paid = total if self.paid is None else self.paid
        returned = {"payer_total": paid, "payer_refund": self.to_customer}
        return {"total": total, "refund": refund, **returned}


def _told(promotion: Mapping[str, Any]) -> dict[str, Any]:
    names = ("scope", "type", "amount", "refund_amount")
    told = {"promotion_id": promotion["coupon_id"]}
    return {**told, **{name: promotion[name] for name in names}}
