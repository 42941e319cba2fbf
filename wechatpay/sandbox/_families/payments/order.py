"""One order, at one moment, and what can become of it.

What is documented: the states; that `USERPAYING`, `PAYERROR` and `REVOKED` are those of payments
with a payment code only; that a reversed order's money goes back to the customer; that an order can
be paid for seven days, and is `CLOSED` after them; that `time_expire` ends paying, and closes
nothing; that what the customer's side needs to pay lapses sooner, and is given again when the order
is placed again. That an order whose `time_expire` is later than seven days stays open until then is
the sandbox's own rule.

https://pay.weixin.qq.com/doc/v3/merchant/4012791859, and
https://pay.weixin.qq.com/docs/merchant/products/jsapi-payment/development.html (2025-06-27)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from ..._time import Form
from . import words

TradeState = Literal["NOTPAY", "USERPAYING", "PAYERROR", "SUCCESS", "REFUND", "CLOSED", "REVOKED"]
TradeType = Literal["JSAPI", "APP", "MWEB", "NATIVE", "MICROPAY", "AUTH"]

TRANSITIONS: Mapping[TradeState, frozenset[TradeState]] = {
    "NOTPAY": frozenset({"SUCCESS", "CLOSED", "REVOKED"}),
    "USERPAYING": frozenset({"SUCCESS", "PAYERROR", "REVOKED"}),
    "PAYERROR": frozenset({"CLOSED", "REVOKED"}),
    "SUCCESS": frozenset({"REFUND", "REVOKED"}),
    "REFUND": frozenset(),
    "CLOSED": frozenset(),
    "REVOKED": frozenset(),
}
"""Where an order can go from where it is; everything else is refused."""

CUSTOMER = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
"""The payer's openid where the order names nobody."""
LIFE = 7 * 24 * 3600
"""Seconds after which an order that nobody paid is closed."""
LEAST, MOST = 60, 90 * 24 * 3600
"""Seconds from now that a `time_expire` is moved to if it is sooner, or later."""
FRESH: Mapping[str, int] = {"h5_url": 300, "prepay_id": 2 * 3600, "code_url": 2 * 3600}
"""Seconds for which the customer's side can pay with what it was given."""
PASSWORD = 60
"""Seconds that a customer has to type the password after a payment code; the sandbox's own rule."""
REVERSIBLE = 7 * 24 * 3600
"""Seconds in which an order that was placed with a payment code can be reversed."""

_IDENTITY = ("appid", "mchid", "sp_appid", "sp_mchid", "sub_appid", "sub_mchid", "out_trade_no")
_OPENIDS = ("openid", "sp_openid", "sub_openid")


@dataclass(frozen=True)
class Order:
    """One order, at one moment; it never changes, a transition returns another.

    Attributes:
        placed: The parameters it was placed with: a direct merchant's (`mchid`), a partner's
            (`sp_mchid`, `sub_mchid`), or those of one order of a combined one, in the same words.
        trade_type: How it is to be paid.
        handle: What the customer's side needs to pay: a `code_url`, `h5_url` or `prepay_id`.
        expires: Until when it can be paid, in seconds since 1970.
        closes: When it is closed if nobody has paid, likewise; 0 for when it expires.
        given: When the customer's side was given what it needs to pay, likewise.
        trade_state: Where it is.
        transaction_id: WeChat Pay's number for it, once it is paid.
        success_time: When it was paid.
        refunded: How much of it was refunded, or is on its way back.
        returned: How much went back to the customer when it was reversed.
        shared: How much went to others by profit sharing, and did not come back.
        refunded_off: How much of what was refunded nobody had got, for it was taken off.
        promotions: What was taken off when it was paid, as `promotion_detail` tells it.
        freed_time: When what was left of it after sharing was set free for the merchant.
        reverse_time: When it was reversed; empty if it had not been paid.
        combine_out_trade_no: The combined order that it is a part of, if it is.
        form: How the merchant is notified of it.
    """

    placed: Mapping[str, Any]
    trade_type: TradeType
    handle: Mapping[str, str]
    expires: float
    trade_state: TradeState = "NOTPAY"
    transaction_id: str = ""
    success_time: str = ""
    refunded: int = 0
    returned: int = 0
    shared: int = 0
    refunded_off: int = 0
    promotions: Sequence[Mapping[str, Any]] = ()
    freed_time: str = ""
    reverse_time: str = ""
    combine_out_trade_no: str = ""
    form: Form = "v3"
    closes: float = 0.0
    given: float = 0.0

    @property
    def number(self) -> str:
        """The merchant's number for it."""
        number: str = self.placed["out_trade_no"]
        return number

    @property
    def merchant(self) -> str:
        """Who is paid, and within whose orders the number is the only one of its kind."""
        merchant: str = self.placed.get("sub_mchid") or self.placed["mchid"]
        return merchant

    @property
    def total(self) -> int:
        """What it costs, in fen."""
        total: int = self.placed["amount"]["total"]
        return total

    @property
    def paid(self) -> bool:
        """Whether it was paid; a refund does not change that."""
        return self.trade_state in ("SUCCESS", "REFUND")

    @property
    def waiting(self) -> bool:
        """Whether it can be paid."""
        return self.trade_state in ("NOTPAY", "USERPAYING")

    @property
    def shareable(self) -> bool:
        """Whether its money is frozen until it was shared and set free."""
        settle_info: Mapping[str, Any] = self.placed.get("settle_info") or {}
        return bool(settle_info.get("profit_sharing"))

    def froze(self, time: str) -> bool:
        """Tell whether its money was still frozen when something happened to it."""
        return self.shareable and (not self.freed_time or time <= self.freed_time)

    @property
    def payer_total(self) -> int:
        """What the customer pays, in fen: what it costs, less what was taken off."""
        off: int = sum(each["amount"] for each in self.promotions)
        return self.total - off

    @property
    def settled(self) -> int:
        """What the merchant gets, in fen: of coupons that are not prepaid it gets nothing."""
        lost: int = sum(each["amount"] for each in self.promotions if each["type"] == "NOCASH")
        return self.total - lost

    @property
    def received(self) -> int:
        """What the customer has ever paid, in fen."""
        return self.total if self.transaction_id else 0

    @property
    def kept(self) -> int:
        """What of it did not go back to the customer, in fen; a part may be shared."""
        return self.received - self.refunded - self.returned

    @property
    def due(self) -> int:
        """What of its money did not go back, in fen; a part may be shared.

        Of 10 yuan with a coupon of 5, these are 5 if it is not prepaid, and 10 if it is: the
        manual 分账常见问题 of WeChat Pay's own `wechatpay-skills`.
        """
        lost = self.total - self.settled - self.refunded_off
        return self.kept - lost if self.kept else 0

    @property
    def held(self) -> int:
        """What of it the merchant still has, in fen."""
        return self.due - self.shared

    def lapse(self, now: float) -> Order:
        """Return it as it is at a moment: what can be paid no longer says so."""
        if self.trade_state == "NOTPAY" and now >= (self.closes or self.expires):
            return self._become("CLOSED")
        if self.trade_state == "USERPAYING" and now >= self.expires:
            return self._become("PAYERROR")
        return self

    def fresh(self, now: float) -> bool:
        """Tell whether the customer's side can pay with what it was given."""
        life = FRESH.get(next(iter(self.handle), ""), LIFE)
        return not self.given or now < self.given + life

    def give(self, handle: Mapping[str, str], now: float) -> Order:
        """Give the customer's side what it needs to pay, which replaces what it had.

        Raises:
            Refusal: It cannot be paid any more.
        """
        self.refuse_unless_waiting(now)
        return self if self.trade_type == "MICROPAY" else replace(self, handle=handle, given=now)

    def ask_password(self) -> Order:
        """Let it wait for the customer's password, right after it was placed."""
        return replace(self, trade_state="USERPAYING")

    def pay(self, transaction_id: str, moment: datetime) -> Order:
        """Let the customer pay.

        Raises:
            Refusal: It is paid, closed, reversed, has failed, or it is too late.
        """
        self.refuse_unless_waiting(moment.timestamp())
        paid = self._become("SUCCESS")
        return replace(paid, transaction_id=transaction_id, success_time=moment.isoformat())

    def fail(self, now: float) -> Order:
        """Let the payment fail, or the customer give up.

        After a payment code that is the end of it; of any other order it leaves no trace, for the
        customer may try again.

        Raises:
            Refusal: It does not wait to be paid.
        """
        self.refuse_unless_waiting(now)
        return self._become("PAYERROR") if self.trade_state == "USERPAYING" else self

    def close(self) -> Order:
        """Close it, so that nobody can pay it; to close it again changes nothing.

        Raises:
            Refusal: It is paid, or was to be with a payment code: then it is to be reversed.
        """
        if self.paid:
            raise words.PAID(self.number)
        if self.trade_state == "REVOKED":
            raise words.REVERSED(self.number)
        if self.trade_type == "MICROPAY":
            raise words.ONLY_REVERSIBLE(self.number)
        return self if self.trade_state == "CLOSED" else self._become("CLOSED")

    def reverse(self, moment: datetime) -> Order:
        """Reverse it: what was paid goes back; to reverse it again changes nothing.

        That it be done 15 seconds after the payment at the soonest is advice, no rule. That what
        was refunded or shared in part cannot be reversed is the sandbox's own.

        Raises:
            Refusal: It was not paid with a payment code, is closed, refunded or shared, or it is
                more than a week old.
        """
        if self.trade_type != "MICROPAY":
            raise words.NOT_REVERSIBLE(self.number)
        if self.given and moment.timestamp() > self.given + REVERSIBLE:
            raise words.TOO_LATE_TO_REVERSE(self.number)
        if self.trade_state == "REFUND":
            raise words.PARTLY_REFUNDED(self.number)
        if self.trade_state == "REVOKED":
            return self
        if self.shared:
            raise words.SHARED(self.number)
        time = moment.isoformat() if self.received else ""
        return replace(self._become("REVOKED"), returned=self.received, reverse_time=time)

    def refund(self, fen: int, off: int = 0) -> Order:
        """Take a part of what is kept on its way back to the customer.

        What was shared has to be returned first. That is the sandbox's own rule: WeChat Pay would
        take it from the merchant's balance.

        Args:
            fen: How much.
            off: How much of that nobody had got.

        Raises:
            Refusal: It is not paid, less of it is left, or what is left was shared.
        """
        if not self.paid:
            raise words.UNPAID(self.number)
        if fen > self.kept:
            no = words.TOO_MUCH if self.kept else words.NOTHING_LEFT
            raise no(fen, left=self.kept)
        if fen - off > self.held:
            raise words.SHARED_AWAY(fen, held=self.held)
        refunded = replace(self, refunded=self.refunded + fen, refunded_off=self.refunded_off + off)
        return refunded if self.trade_state == "REFUND" else refunded._become("REFUND")

    def take_back(self, fen: int, off: int = 0) -> Order:
        """Take back what was on its way to the customer, for its refund was closed."""
        return replace(self, refunded=self.refunded - fen, refunded_off=self.refunded_off - off)

    def share(self, fen: int) -> Order:
        """Give others a part of what the merchant has; what comes back of it is below zero."""
        if not 0 <= self.shared + fen <= self.due:
            raise AssertionError(f"{self.shared} fen shared of {self.due}: {fen} more cannot be")
        return replace(self, shared=self.shared + fen)

    def free(self, time: str) -> Order:
        """Set free for the merchant what was not shared."""
        return replace(self, freed_time=time)

    def refuse_unless_waiting(self, now: float) -> None:
        """Check that it can be paid at a moment.

        Raises:
            Refusal: It is paid, closed, reversed, has failed, or its time is over.
        """
        if self.paid:
            raise words.PAID(self.number)
        if self.trade_state == "REVOKED":
            raise words.REVERSED(self.number)
        if self.trade_state in ("CLOSED", "PAYERROR"):
            raise words.CLOSED(self.number)
        if now >= self.expires:
            raise words.TIME_IS_OVER(self.number)

    def essence(self) -> tuple[object, ...]:
        """Return what has to be the same when the number is used again."""
        return self.placed, self.trade_type, self.combine_out_trade_no

    def identity(self) -> dict[str, str]:
        """Return what says whose order it is, and which one."""
        return {name: self.placed[name] for name in _IDENTITY if name in self.placed}

    def transaction(self) -> dict[str, Any]:
        """Return what a query answers."""
        amount: Mapping[str, Any] = self.placed["amount"]
        seen: dict[str, Any] = {
            **self.identity(),
            "trade_state": self.trade_state,
            "trade_state_desc": words.STATES[self.trade_state].zh,
            "amount": {"total": amount["total"], "currency": amount.get("currency", "CNY")},
            "promotion_detail": list(self.promotions),
        }
        if "attach" in self.placed:
            seen["attach"] = self.placed["attach"]
        if self.transaction_id:
            seen["amount"] |= {"payer_total": self.payer_total, "payer_currency": "CNY"}
            seen["transaction_id"] = self.transaction_id
            seen["trade_type"] = self.trade_type
            seen["bank_type"] = "OTHERS"
            seen["success_time"] = self.success_time
            seen["payer"] = self.payer()
        return seen

    def payer(self) -> dict[str, str]:
        """Return the payer: the one that the order names, or the sandbox's own customer."""
        named: Mapping[str, Any] = self.placed.get("payer", {})
        openids = {name: named[name] for name in _OPENIDS if name in named}
        return openids or {"sp_openid" if "sp_mchid" in self.placed else "openid": CUSTOMER}

    def _become(self, state: TradeState) -> Order:
        if state not in TRANSITIONS[self.trade_state]:
            raise AssertionError(f"an order that is {self.trade_state} cannot become {state}")
        return replace(self, trade_state=state)
