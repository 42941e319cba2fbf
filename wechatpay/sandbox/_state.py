"""What WeChat Pay remembers: orders with their refunds, and the users' authorizations.

Every transition of an order is here, under one lock, and an `Order` never changes: a new one takes
its place. Whoever holds one holds it as it was. What a merchant is to be notified of is told to
whoever listens to a world's `events`.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from . import _wording
from ._keys import BEIJING, Keys

TradeState = Literal["NOTPAY", "SUCCESS", "CLOSED", "REFUND"]

SAMPLE_AUTHORIZATION = "1234323JKHDFE1243252"
"""The authorization code of the documentation's samples: it exists from the start."""

_DESCRIPTIONS: Mapping[TradeState, str] = {
    "NOTPAY": "订单未支付",
    "SUCCESS": "支付成功",
    "CLOSED": "订单已关闭",
    "REFUND": "订单发生过退款",
}
_MOST_REFUNDS = 50
_WALLET = "支付用户零钱"


@dataclass(frozen=True)
class Event:
    """What a merchant is to be notified of.

    Attributes:
        event_type: What has happened, such as `TRANSACTION.SUCCESS`.
        original_type: What the resource is, such as `transaction`.
        summary: The same for people.
        resource: What is going to be encrypted.
        url: Where the merchant wants to be notified.
    """

    event_type: str
    original_type: str
    summary: str
    resource: Mapping[str, Any] = field(repr=False)
    url: str


class Events:
    """Those who carry notifications to the merchant."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Event], object]] = []

    def listen(self, listener: Callable[[Event], object]) -> None:
        """Have every event from now on told to someone; who must not dally."""
        self._listeners.append(listener)

    def tell(self, event: Event) -> None:
        """Tell an event to all who listen."""
        for listener in self._listeners:
            listener(event)


@dataclass(frozen=True)
class Order:
    """One order, at one moment.

    Attributes:
        placed: The parameters it was placed with.
        trade_type: How it is to be paid, such as `NATIVE`.
        code_url: What the QR code says.
        trade_state: Where it is.
        transaction_id: WeChat Pay's number for it, once it is paid.
        success_time: When it was paid.
    """

    placed: Mapping[str, Any]
    trade_type: str
    code_url: str
    trade_state: TradeState = "NOTPAY"
    transaction_id: str = ""
    success_time: str = ""

    @property
    def paid(self) -> bool:
        """Whether it was paid; a refund does not change that."""
        return self.trade_state in ("SUCCESS", "REFUND")

    def transaction(self) -> dict[str, Any]:
        """Return what a query answers."""
        amount = self.placed["amount"]
        seen: dict[str, Any] = {
            "appid": self.placed["appid"],
            "mchid": self.placed["mchid"],
            "out_trade_no": self.placed["out_trade_no"],
            "trade_state": self.trade_state,
            "trade_state_desc": _DESCRIPTIONS[self.trade_state],
            "amount": {"total": amount["total"], "currency": amount.get("currency", "CNY")},
            "promotion_detail": [],
        }
        if "attach" in self.placed:
            seen["attach"] = self.placed["attach"]
        if self.paid:
            paid = {"payer_total": amount["total"], "payer_currency": "CNY"}
            seen["amount"] |= paid
            seen["transaction_id"] = self.transaction_id
            seen["trade_type"] = self.trade_type
            seen["bank_type"] = "OTHERS"
            seen["success_time"] = self.success_time
            seen["payer"] = {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
        return seen


@dataclass(frozen=True)
class Refund:
    """One refund. WeChat Pay takes it on first, and has done it when it is asked the next time.

    Attributes:
        asked: The parameters it was asked for with.
        order: The order, as it was then.
        refund_id: WeChat Pay's number for it.
        time: When it was asked for, and done.
    """

    asked: Mapping[str, Any]
    order: Order
    refund_id: str
    time: str

    def status(self, *, done: bool) -> dict[str, Any]:
        """Return what is answered: when it is taken on, and when it is done."""
        amount = self._amount()
        amount |= {"settlement_total": amount["total"], "settlement_refund": amount["refund"]}
        amount |= {"discount_refund": 0, "currency": "CNY", "from": []}
        return {
            **self._numbers(),
            "channel": "ORIGINAL",
            "user_received_account": _WALLET,
            **({"success_time": self.time} if done else {}),
            "create_time": self.time,
            "status": "SUCCESS" if done else "PROCESSING",
            "funds_account": self.asked.get("funds_account", "AVAILABLE"),
            "amount": amount,
            "promotion_detail": [],
        }

    def notice(self) -> dict[str, Any]:
        """Return what the merchant is notified of."""
        return {
            "mchid": self.order.placed["mchid"],
            **self._numbers(),
            "refund_status": "SUCCESS",
            "success_time": self.time,
            "user_received_account": _WALLET,
            "amount": self._amount(),
        }

    def _numbers(self) -> dict[str, str]:
        return {
            "refund_id": self.refund_id,
            "out_refund_no": self.asked["out_refund_no"],
            "transaction_id": self.order.transaction_id,
            "out_trade_no": self.order.placed["out_trade_no"],
        }

    def _amount(self) -> dict[str, Any]:
        total, refund = self.asked["amount"]["total"], self.asked["amount"]["refund"]
        return {"total": total, "refund": refund, "payer_total": total, "payer_refund": refund}


class Orders:
    """The orders, by the merchant's number: waiting, paid or closed; and what was refunded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: dict[str, Order] = {}
        self._numbers: dict[str, str] = {}
        self._refunds: dict[str, Refund] = {}

    def place(self, placed: Mapping[str, Any], trade_type: str) -> Order:
        """Place an order; with the same parameters again, it is the same order.

        Raises:
            Refusal: The number is taken by other parameters, or its order is paid or closed.
        """
        number: str = placed["out_trade_no"]
        with self._lock:
            order = self._orders.get(number)
            if order is None:
                code_url = f"weixin://wxpay/bizpayurl?pr={secrets.token_urlsafe(7)}"
                order = self._orders[number] = Order(dict(placed), trade_type, code_url)
            _refuse_unless_waiting(order)
            if (order.placed, order.trade_type) != (placed, trade_type):
                raise _wording.order_number_used(number)
            return order

    def find(self, out_trade_no: str) -> Order:
        """Find an order by the merchant's number.

        Raises:
            Refusal: There is none.
        """
        order = self._orders.get(out_trade_no)
        if order is None:
            raise _wording.no_such_order("out_trade_no", out_trade_no)
        return order

    def find_paid(self, transaction_id: str) -> Order:
        """Find an order by WeChat Pay's number, which it has once it is paid.

        Raises:
            Refusal: There is none.
        """
        number = self._numbers.get(transaction_id)
        if number is None:
            raise _wording.no_such_order("transaction_id", transaction_id)
        return self.find(number)

    def close(self, out_trade_no: str) -> Order:
        """Close an order, so that nobody can pay it; to close it again changes nothing.

        Raises:
            Refusal: There is none, or it is paid.
        """
        with self._lock:
            order = self.find(out_trade_no)
            if order.paid:
                raise _wording.order_paid(out_trade_no)
            order = self._orders[out_trade_no] = replace(order, trade_state="CLOSED")
            return order

    def pay(self, out_trade_no: str, now: float) -> Order:
        """Pay an order.

        Raises:
            Refusal: There is none, or it is paid or closed.
        """
        moment = datetime.fromtimestamp(int(now), BEIJING)
        with self._lock:
            order = self.find(out_trade_no)
            _refuse_unless_waiting(order)
            transaction_id = f"42{secrets.randbelow(10**8):08d}{moment:%Y%m%d}"
            transaction_id += f"{len(self._numbers):010d}"
            order = replace(
                order,
                trade_state="SUCCESS",
                transaction_id=transaction_id,
                success_time=moment.isoformat(),
            )
            self._orders[out_trade_no] = order
            self._numbers[transaction_id] = out_trade_no
            return order

    def refund(self, asked: Mapping[str, Any], now: float) -> tuple[Refund, bool]:
        """Refund an order, or a part of it; with the same number again, it is the same refund.

        Returns:
            The refund, and whether it is a new one.

        Raises:
            Refusal: There is no such order, it was not paid, less is left of it than is asked for,
                or the number is taken by other particulars.
        """
        number: str = asked["out_refund_no"]
        moment = datetime.fromtimestamp(int(now), BEIJING)
        with self._lock:
            order = self._refundable(asked)
            known = self._refunds.get(number)
            if known is not None:
                if _essence(known.asked) != _essence(asked) or known.order.placed != order.placed:
                    raise _wording.refund_differs(number)
                return known, False
            self._refuse_too_much(order, asked["amount"])
            refund_id = f"50{secrets.randbelow(10**8):08d}{moment:%Y%m%d}{len(self._refunds):011d}"
            refund = Refund(dict(asked), order, refund_id, moment.isoformat())
            self._refunds[number] = refund
            self._orders[order.placed["out_trade_no"]] = replace(order, trade_state="REFUND")
            return refund, True

    def find_refund(self, out_refund_no: str) -> Refund:
        """Find a refund by the merchant's number.

        Raises:
            Refusal: There is none.
        """
        refund = self._refunds.get(out_refund_no)
        if refund is None:
            raise _wording.no_such_refund(out_refund_no)
        return refund

    def _refundable(self, asked: Mapping[str, Any]) -> Order:
        """The order that a refund is for; WeChat Pay's number for it comes first."""
        if transaction_id := asked.get("transaction_id"):
            number = self._numbers.get(transaction_id, "")
        elif not (number := asked.get("out_trade_no", "")):
            raise _wording.refund_of_nothing()
        order = self._orders.get(number)
        if order is None:
            raise _wording.no_order_to_refund(transaction_id or number)
        if not order.paid:
            raise _wording.refund_unpaid(order.placed["out_trade_no"])
        return order

    def _refuse_too_much(self, order: Order, amount: Mapping[str, Any]) -> None:
        earlier = [
            refund.asked["amount"]["refund"]
            for refund in self._refunds.values()
            if refund.order.transaction_id == order.transaction_id
        ]
        total = order.placed["amount"]["total"]
        if amount["total"] != total:
            raise _wording.refund_of_another_total(amount["total"])
        if sum(earlier) + amount["refund"] > total:
            raise _wording.refund_too_much(amount["refund"], total - sum(earlier))
        if len(earlier) >= _MOST_REFUNDS:
            raise _wording.too_many_refunds(_MOST_REFUNDS)


class Authorizations:
    """The pay-score authorizations that users gave, by code, with the reason why they ended."""

    def __init__(self) -> None:
        self._reasons: dict[str, str | None] = {SAMPLE_AUTHORIZATION: None}

    def add(self, code: str) -> None:
        """Let a user agree, or agree again."""
        self._reasons[code] = None

    def terminate(self, code: str, reason: str) -> None:
        """End an authorization; to end it again changes nothing.

        Raises:
            Refusal: There never was one.
        """
        if code not in self._reasons:
            raise _wording.no_such_authorization(code)
        self._reasons[code] = self._reasons[code] or reason


@dataclass(frozen=True)
class World:
    """All that an answer can depend on.

    Attributes:
        keys: Who holds which key.
        clock: Seconds since 1970.
        orders: The orders, and their refunds.
        authorizations: The users' authorizations.
        events: Those who carry notifications to the merchant.
    """

    keys: Keys
    clock: Callable[[], float]
    orders: Orders = field(default_factory=Orders)
    authorizations: Authorizations = field(default_factory=Authorizations)
    events: Events = field(default_factory=Events)

    def pay(self, out_trade_no: str) -> Order:
        """Let the customer pay an order, of which the merchant is notified.

        Raises:
            Refusal: There is none, or it is paid or closed.
        """
        order = self.orders.pay(out_trade_no, self.clock())
        paid, url = order.transaction(), order.placed["notify_url"]
        self.events.tell(Event("TRANSACTION.SUCCESS", "transaction", "支付成功", paid, url))
        return order

    def refund(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Refund an order; the merchant is notified if the refund says where.

        Returns:
            What is answered.

        Raises:
            Refusal: As `Orders.refund`.
        """
        refund, new = self.orders.refund(asked, self.clock())
        if new and (url := asked.get("notify_url")):
            self.events.tell(Event("REFUND.SUCCESS", "refund", "退款成功", refund.notice(), url))
        return refund.status(done=not new)


def _essence(asked: Mapping[str, Any]) -> tuple[int, int]:
    """What has to be the same when the number of a refund is used again."""
    return asked["amount"]["total"], asked["amount"]["refund"]


def _refuse_unless_waiting(order: Order) -> None:
    number: str = order.placed["out_trade_no"]
    if order.paid:
        raise _wording.order_paid(number)
    if order.trade_state == "CLOSED":
        raise _wording.order_closed(number)
