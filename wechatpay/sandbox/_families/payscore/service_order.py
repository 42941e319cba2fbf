"""One service order, at one moment, and what can become of it.

    CREATED → DOING, USER_CONFIRM → DOING, MCH_COMPLETE → DONE    all goes well
    CREATED → EXPIRED                                             nobody confirmed it for 30 days
    CREATED, DOING → REVOKED                                      the merchant cancels

What is documented: the states; when an order can be completed, lowered, synchronised and cancelled;
that cancelling again has to name the same reason; that the total is what the payments come to
without the discounts, that with a deposit it is at most the risk fund, and that it can only be
lowered. The upper limit of the other orders is arranged for each service, and not public: there is
none here. That an order without anything to collect is `DONE` at once is the sandbox's own rule.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012587900
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..._base import No
from . import words

Stage = Literal["CREATED", "USER_CONFIRM", "MCH_COMPLETE", "DONE", "REVOKED", "EXPIRED"]
"""Where an order is; `USER_CONFIRM` and `MCH_COMPLETE` are told as `DOING`."""

STEPS: Mapping[Stage, tuple[Stage, ...]] = {
    "CREATED": ("USER_CONFIRM", "REVOKED", "EXPIRED"),
    "USER_CONFIRM": ("MCH_COMPLETE", "DONE", "REVOKED"),
    "MCH_COMPLETE": ("DONE", "REVOKED"),
    "DONE": (),
    "REVOKED": (),
    "EXPIRED": (),
}
"""Where an order can go from where it is; everything else is refused."""

LIFE = 30 * 86400
"""Seconds that a user has to confirm an order."""

_OVER: Mapping[Stage, No] = {"REVOKED": words.CANCELLED, "DONE": words.DONE}
_DEPOSITS = ("DEPOSIT", "ADVANCE", "CASH_DEPOSIT")
_SERVICE = ("appid", "service_id", "sub_mchid", "sub_appid")
_TOLD = (
    *_SERVICE,
    "out_order_no",
    "service_introduction",
    "post_payments",
    "post_discounts",
    "risk_fund",
    "attach",
    "notify_url",
)


@dataclass(frozen=True)
class ServiceOrder:
    """One service order, at one moment; it never changes, a transition returns another.

    Attributes:
        asked: The parameters it was created with.
        order_id: WeChat Pay's number for it.
        package: With what the user's WeChat shows it to be confirmed.
        expires: Until when the user can confirm it, in seconds since 1970.
        stage: Where it is.
        openid: The user, once known.
        sub_openid: The same user, as the partner's merchant knows them.
        query_id: The number that the user's WeChat gives the merchant's page.
        completion: The parameters it was completed with.
        modification: The parameters that its total was lowered with, the last time.
        cancellation: The parameters it was cancelled with.
        payment: How it was paid: `paid_type`, `paid_time`, and `transaction_id` and `out_trade_no`
            if it was paid by WeChat Pay.
    """

    asked: Mapping[str, Any] = field(repr=False)
    order_id: str
    package: str = field(repr=False)
    expires: float
    stage: Stage = "CREATED"
    openid: str = ""
    sub_openid: str = ""
    query_id: str = ""
    completion: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    modification: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    cancellation: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    payment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def number(self) -> str:
        """The merchant's number for it."""
        number: str = self.asked["out_order_no"]
        return number

    @property
    def merchant(self) -> str:
        """The partner's merchant; empty for a direct one."""
        merchant: str = self.asked.get("sub_mchid", "")
        return merchant

    @property
    def total(self) -> int:
        """What is to be collected, in fen, once it is completed."""
        total: int = (self.modification or self.completion).get("total_amount", 0)
        return total

    @property
    def collected(self) -> int:
        """What was collected, in fen, by whomever."""
        return self.total if self.payment else 0

    def is_about(self, parameters: Mapping[str, Any]) -> bool:
        """Tell whether it is the one that a call's parameters mean, whatever they name."""
        given = {name: parameters[name] for name in _SERVICE if name in parameters}
        return all(self.asked.get(name) == value for name, value in given.items())

    def lapse(self, now: float) -> ServiceOrder:
        """Return it as it is at a moment: nobody confirms it any more."""
        if self.stage == "CREATED" and now >= self.expires:
            return self._become("EXPIRED")
        return self

    def confirm(self, openid: str, sub_openid: str, query_id: str) -> ServiceOrder:
        """Let the user confirm it.

        Raises:
            Refusal: It does not wait for that.
        """
        confirmed = self._become("USER_CONFIRM")
        return replace(confirmed, openid=openid, sub_openid=sub_openid, query_id=query_id)

    def complete(self, asked: Mapping[str, Any]) -> ServiceOrder:
        """Say that the service has ended, and what it costs; the same again changes nothing.

        Raises:
            Refusal: The user has not confirmed it, it was completed with other parameters, or the
                total cannot be.
        """
        if self.completion and self.stage in ("MCH_COMPLETE", "DONE"):
            if self.completion != asked:
                raise words.ORDER_DIFFERS(self.number)
            return self
        completed = self._become("MCH_COMPLETE" if asked["total_amount"] else "DONE")
        self._check(asked)
        refuse_unless_in_order({**self.asked["time_range"], **asked.get("time_range", {})})
        return replace(completed, completion=dict(asked))

    def modify(self, asked: Mapping[str, Any]) -> ServiceOrder:
        """Lower what is to be collected; the same again changes nothing.

        Raises:
            Refusal: Nothing waits to be collected, or the total cannot be.
        """
        if self.modification == asked and self.stage in ("MCH_COMPLETE", "DONE"):
            return self
        self.refuse_unless_collectable()
        if asked["total_amount"] >= self.total:
            raise words.NOT_LESS(asked["total_amount"], before=self.total)
        self._check(asked)
        modified = self if asked["total_amount"] else self._become("DONE")
        return replace(modified, modification=dict(asked))

    def cancel(self, asked: Mapping[str, Any], *, late: bool = False) -> ServiceOrder:
        """Cancel it; the same again changes nothing.

        Args:
            asked: The parameters.
            late: Whether that may be after it was completed: about that the sources differ.

        Raises:
            Refusal: It is too late, or it was cancelled for another reason.
        """
        if self.stage == "MCH_COMPLETE" and not late:
            raise words.TOO_LATE_TO_CANCEL(self.number)
        if self.stage == "REVOKED":
            if self.cancellation != asked:
                raise words.ORDER_DIFFERS(self.number)
            return self
        return replace(self._become("REVOKED"), cancellation=dict(asked))

    def pay(self, payment: Mapping[str, str]) -> ServiceOrder:
        """Let it be paid.

        Raises:
            Refusal: Nothing waits to be collected.
        """
        self.refuse_unless_collectable()
        return replace(self._become("DONE"), payment=dict(payment))

    def refuse_unless_collectable(self) -> None:
        """Check that there is something to collect.

        Raises:
            Refusal: There is nothing.
        """
        if self.stage != "MCH_COMPLETE":
            raise _OVER.get(self.stage, words.STATE)(self.number, stage=self.stage)

    def report(self, mchid: str) -> dict[str, Any]:
        """Return all there is to tell; an endpoint tells what is documented of it."""
        last = self.modification or self.completion
        items = ("post_payments", "post_discounts", "total_amount")
        told: dict[str, Any] = {
            **{name: self.asked.get(name) for name in _TOLD},
            **{name: last.get(name) for name in items if last},
            "time_range": self._merged("time_range"),
            "location": self._merged("location"),
            "mchid": mchid,
            "order_id": self.order_id,
            "package": self.package,
            "openid": self.openid,
            "sub_openid": self.sub_openid,
            "state": "DOING" if self.stage in ("USER_CONFIRM", "MCH_COMPLETE") else self.stage,
        }
        if told["state"] == "DOING":
            told["state_description"] = self.stage
        told = {name: value for name, value in told.items() if value not in (None, "", {})}
        if last:
            told["need_collection"] = self.total > 0
        if self.stage == "MCH_COMPLETE" or self.payment:
            told["collection"] = self._collection()
        return told

    def notice(self, mchid: str) -> dict[str, Any]:
        """Return what the merchant is notified of."""
        report = self.report(mchid)
        paid = {name: self.payment[name] for name in ("out_trade_no",) if name in self.payment}
        left_out = ("package", "notify_url")
        return {**{name: report[name] for name in report if name not in left_out}, **paid}

    def _merged(self, name: str) -> dict[str, Any]:
        return {**self.asked.get(name, {}), **self.completion.get(name, {})}

    def _collection(self) -> dict[str, Any]:
        collection: dict[str, Any] = {
            "state": "USER_PAID" if self.payment else "USER_PAYING",
            "total_amount": self.total,
            "paying_amount": self.total - self.collected,
            "paid_amount": self.collected,
        }
        if self.payment:
            names = ("paid_type", "paid_time", "transaction_id")
            paid = {name: self.payment[name] for name in names if name in self.payment}
            collection["details"] = [{"seq": 1, "amount": self.total, **paid}]
        return collection

    def _check(self, asked: Mapping[str, Any]) -> None:
        """Check a total against what it is made of, and the risk fund."""
        total: int = asked["total_amount"]
        payments: int = sum(each.get("amount", 0) for each in asked["post_payments"])
        discounts: int = sum(each.get("amount", 0) for each in asked.get("post_discounts", []))
        if total != payments - discounts:
            raise words.WRONG_TOTAL(total, due=payments - discounts)
        fund: Mapping[str, Any] = self.asked["risk_fund"]
        if fund["name"] in _DEPOSITS and total > fund["amount"]:
            raise words.OVER_RISK_FUND(total, fund=fund["amount"])

    def _become(self, stage: Stage) -> ServiceOrder:
        if stage not in STEPS[self.stage]:
            raise _OVER.get(self.stage, words.STATE)(self.number, stage=self.stage)
        return replace(self, stage=stage)


def refuse_unless_in_order(times: Mapping[str, str]) -> None:
    """Check that a service does not end before it starts, as far as both are told.

    Raises:
        Refusal: It does.
    """
    start, end = times.get("start_time", ""), times.get("end_time", "")
    told = min(len(start), len(end))
    if start.isdigit() and end[:told] < start[:told]:
        raise words.ENDS_BEFORE_IT_STARTS(end, start=start)
