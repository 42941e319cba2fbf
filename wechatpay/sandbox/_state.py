"""What WeChat Pay remembers: orders, and the users' authorizations.

Every transition of an order is here, under one lock, and an `Order` never changes: a new one takes
its place. Whoever holds one holds it as it was.
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

TradeState = Literal["NOTPAY", "SUCCESS", "CLOSED"]

SAMPLE_AUTHORIZATION = "1234323JKHDFE1243252"
"""The authorization code of the documentation's samples: it exists from the start."""

_DESCRIPTIONS: Mapping[TradeState, str] = {
    "NOTPAY": "订单未支付",
    "SUCCESS": "支付成功",
    "CLOSED": "订单已关闭",
}


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
        if self.trade_state == "SUCCESS":
            paid = {"payer_total": amount["total"], "payer_currency": "CNY"}
            seen["amount"] |= paid
            seen["transaction_id"] = self.transaction_id
            seen["trade_type"] = self.trade_type
            seen["bank_type"] = "OTHERS"
            seen["success_time"] = self.success_time
            seen["payer"] = {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
        return seen


class Orders:
    """The orders, by the merchant's number; all waiting, paid or closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: dict[str, Order] = {}
        self._numbers: dict[str, str] = {}

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
            if order.trade_state == "SUCCESS":
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
        orders: The orders.
        authorizations: The users' authorizations.
    """

    keys: Keys
    clock: Callable[[], float]
    orders: Orders = field(default_factory=Orders)
    authorizations: Authorizations = field(default_factory=Authorizations)


def _refuse_unless_waiting(order: Order) -> None:
    number: str = order.placed["out_trade_no"]
    if order.trade_state == "SUCCESS":
        raise _wording.order_paid(number)
    if order.trade_state == "CLOSED":
        raise _wording.order_closed(number)
