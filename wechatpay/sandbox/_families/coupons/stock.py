"""One stock of coupons (代金券批次), at one moment, and what can become of it.

    unactivated → running ⇄ paused → stoped      so spelt, and final

Only what was started can be sent, and starting it again changes nothing. Of a prepaid stock
(`no_cash` false) starting locks the budget, and stopping gives back what was not used.

Official page: docs/merchant/apis/cash-coupons/stock/start-stock (2024-09-19)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from . import words

StockState = Literal["unactivated", "running", "paused", "stoped"]

TRANSITIONS: Mapping[StockState, frozenset[StockState]] = {
    "unactivated": frozenset({"running", "stoped"}),
    "running": frozenset({"running", "paused", "stoped"}),
    "paused": frozenset({"running", "stoped"}),
    "stoped": frozenset(),
}
"""Where a stock can go from where it is."""
_RULES = ("max_coupons", "max_amount", "max_amount_by_day", "max_coupons_per_user")


@dataclass(frozen=True)
class Stock:
    """One stock; it never changes, a transition returns another.

    Attributes:
        asked: The parameters it was made with.
        stock_id: WeChat Pay's number for it.
        create_time: When it was made.
        status: Where it is.
        start_time: When it was started.
        stop_time: When it was stopped.
        sent: How many of its coupons were sent.
        spent: How much of its budget was used and not given back, in fen.
        goods: Of which goods it is good for, if not for all.
    """

    asked: Mapping[str, Any] = field(repr=False)
    stock_id: str
    create_time: str
    status: StockState = "unactivated"
    start_time: str = ""
    stop_time: str = ""
    sent: int = 0
    spent: int = 0
    goods: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """The merchant's number for it."""
        number: str = self.asked["out_request_no"]
        return number

    @property
    def creator(self) -> str:
        """Whose it is."""
        creator: str = self.asked["belong_merchant"]
        return creator

    @property
    def no_cash(self) -> bool:
        """Whether nobody pays for what it takes off (免充值)."""
        return bool(self.asked["no_cash"])

    @property
    def budget(self) -> int:
        """How much it may cost, in fen."""
        budget: int = self.asked["stock_use_rule"]["max_amount"]
        return budget

    @property
    def tags(self) -> tuple[str, ...]:
        """With which `goods_tag` an order has to be placed; with any, if there are none."""
        return tuple(self.asked["coupon_use_rule"].get("goods_tag") or ())

    @property
    def merchants(self) -> tuple[str, ...]:
        """Whose orders its coupons are good for."""
        return tuple(self.asked["coupon_use_rule"].get("available_merchants") or (self.creator,))

    @property
    def cuts_to(self) -> bool:
        """Whether its coupons lower the price to a sum (减至), and not by one (满减)."""
        return self.asked["stock_type"] in ("EXCHANGE", "EXCHAHGE")

    def minimum(self) -> int:
        """From how much on its coupons are good, in fen."""
        return int(self._terms().get("transaction_minimum", 0))

    def value(self, total: int = 0) -> int:
        """How much one of its coupons takes off an order, in fen.

        Args:
            total: What the order costs; it counts only where the price is lowered to a sum.
        """
        if self.cuts_to:
            return max(total - int(self._terms().get("exchange_price", 0)), 0)
        return int(self._terms().get("coupon_amount", 0))

    def lasts(self, moment: datetime) -> bool:
        """Tell whether its time has come, and is not over."""
        begin, end = (self.asked[f"available_{each}_time"] for each in ("begin", "end"))
        return datetime.fromisoformat(begin) <= moment <= datetime.fromisoformat(end)

    def become(self, status: StockState, moment: datetime) -> Stock:
        """Return it as it is after a step; to start what runs changes nothing.

        Raises:
            Refusal: From where it is, there is no such step.
        """
        if status not in TRANSITIONS[self.status]:
            raise words.STOCK_STATE(self.stock_id, status=self.status)
        time = moment.isoformat()
        begun = self.start_time or (time if status == "running" else "")
        stopped = time if status == "stoped" else ""
        return replace(self, status=status, start_time=begun, stop_time=stopped)

    def report(self) -> dict[str, Any]:
        """Return what a query answers."""
        asked, rule = self.asked, self.asked["stock_use_rule"]
        pattern: Mapping[str, str] = asked.get("pattern_info") or {}
        terms: dict[str, Any] = {name: rule.get(name, 0) for name in _RULES}
        if self.cuts_to:
            terms["coupon_type"] = "CUT_TO"
        else:
            amounts = {"coupon_amount": self.value(), "transaction_minimum": self.minimum()}
            terms |= {"coupon_type": "NORMAL", "fixed_normal_coupon": amounts}
        if self.tags:
            terms["goods_tag"] = list(self.tags)
        said: dict[str, Any] = {
            "stock_id": self.stock_id,
            "stock_creator_mchid": self.creator,
            "stock_name": asked["stock_name"],
            "status": self.status,
            "create_time": self.create_time,
            "description": pattern.get("description", ""),
            "stock_use_rule": terms,
            "available_begin_time": asked["available_begin_time"],
            "available_end_time": asked["available_end_time"],
            "distributed_coupons": self.sent,
            "no_cash": self.no_cash,
            "stock_type": asked["stock_type"],
            "singleitem": bool(self.goods),
        }
        if self.cuts_to:
            price = int(self._terms().get("exchange_price", 0))
            highest = max(self.minimum(), price)
            said["cut_to_message"] = {"single_price_max": highest, "cut_to_price": price}
        if self.start_time:
            said["start_time"] = self.start_time
        if self.stop_time:
            said["stop_time"] = self.stop_time
        return said

    def _terms(self) -> Mapping[str, Any]:
        rule = self.asked["coupon_use_rule"]
        found: Mapping[str, Any] | None = rule.get(
            "exchange_coupon" if self.cuts_to else "fixed_normal_coupon"
        )
        return found or {}
