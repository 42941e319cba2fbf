"""Orders and refunds, driven at random: no illegal transition, and no fen appears or vanishes.

Some runs in `make test`, many in `make soak`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from soak import runs

from wechatpay.sandbox import Event, Refusal, Sandbox
from wechatpay.sandbox._families.combined import CombinedOrders
from wechatpay.sandbox._families.payments import Order, Orders
from wechatpay.sandbox._families.refunds import Refund, Refunds, RefundState

pytestmark = pytest.mark.usefixtures("at_once")

_URL = "https://www.weixin.qq.com/wxpay/pay.php"
_LEGAL = {
    "NOTPAY": "SUCCESS CLOSED REVOKED",
    "USERPAYING": "SUCCESS PAYERROR REVOKED",
    "PAYERROR": "CLOSED REVOKED",
    "SUCCESS": "REFUND REVOKED",
    "REFUND": "",
    "CLOSED": "",
    "REVOKED": "",
    "PROCESSING": "SUCCESS CLOSED ABNORMAL",
    "ABNORMAL": "PROCESSING SUCCESS",
    "refund SUCCESS": "",
    "refund CLOSED": "",
}
"""Written out a second time, from the documentation: a retried refund is answered `PROCESSING`, and
is done at once."""

_T = TypeVar("_T")
_orders = st.sampled_from(["order-1", "order-2", "order-3", "order-4"])
_refunds = st.sampled_from(["refund-1", "refund-2", "refund-3", "refund-4"])
_merchants = st.sampled_from(
    [{"mchid": "1900000109"}, {"sp_mchid": "1900000109", "sub_mchid": "2"}]
)
_fen = st.integers(1, 5)


class Trade(RuleBasedStateMachine):
    """A merchant, a partner's merchant, and a customer, each acting at random."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox(clock=lambda: 1767196800.0)
        self.world = self.sandbox.world
        self.orders, self.refunds = Orders(self.world), Refunds(self.world)
        self.combined = CombinedOrders(self.world)
        self.events: list[Event] = []
        self.world.events.listen(self.events.append)
        self.states: dict[str, str] = {}
        self.paid: dict[str, int] = {}
        self.reversed: set[str] = set()
        self.refunded: dict[str, tuple[str, int]] = {}

    def teardown(self) -> None:
        """Forget it all."""
        self.sandbox.close()

    def _try(self, call: Callable[[], _T]) -> _T | None:
        """Call; what is refused must not change anything."""
        before = self._everything()
        try:
            return call()
        except Refusal:
            assert self._everything() == before
            return None

    def _everything(self) -> tuple[list[Order], list[Refund], int]:
        return self.orders.latest(99), self.refunds.latest(99), len(self.events)

    @rule(number=_orders, merchant=_merchants, total=_fen, lasts=st.sampled_from([None, 0, 60]))
    def place(self, number: str, merchant: dict[str, str], total: int, lasts: int | None) -> None:
        """Order something, or order it again."""
        body = {**merchant, "out_trade_no": number, "notify_url": _URL, "amount": {"total": total}}
        expires = None if lasts is None else self.world.clock() + lasts
        self._try(lambda: self.orders.place(body, "NATIVE", expires=expires))

    @rule(number=_orders, merchant=_merchants, total=_fen)
    def buy(self, number: str, merchant: dict[str, str], total: int) -> None:
        """Order something, and pay for it at once."""
        self.place(number, merchant, total, None)
        self.pay(number)

    @rule(first=_orders, second=_orders, total=_fen)
    def place_combined(self, first: str, second: str, total: int) -> None:
        """Order two things at once."""
        amount = {"total_amount": total, "currency": "CNY"}
        sub_orders = [
            {"mchid": "1900000109", "out_trade_no": number, "amount": amount}
            for number in (first, second)
        ]
        body: dict[str, Any] = {
            "combine_appid": "wx",
            "combine_mchid": "1900000109",
            "notify_url": _URL,
        }
        body |= {"combine_out_trade_no": f"{first}+{second}", "sub_orders": sub_orders}
        self._try(lambda: self.combined.place(body, "JSAPI"))

    @rule(number=_orders, total=_fen, last=st.sampled_from("0159"))
    def charge(self, number: str, total: int, last: str) -> None:
        """Show a payment code."""
        body: dict[str, Any] = {
            "mchid": "1900000109",
            "out_trade_no": number,
            "amount": {"total": total},
        }
        body |= {"payer": {"auth_code": f"13006109882800940{last}"}}
        order = self._try(lambda: self.orders.charge(body))
        if order and order.trade_state == "SUCCESS":
            self._pay(order)

    @rule(number=_orders)
    def pay(self, number: str) -> None:
        """Pay, with whatever it was ordered."""
        before = {order.transaction_id for order in self.orders.latest(99)}
        if self._try(lambda: self.orders.pay(number)):
            for order in self.orders.latest(99):
                if order.transaction_id not in before:
                    self._pay(order)

    def _pay(self, order: Order) -> None:
        assert _name(order) not in self.paid, "paid twice"
        self.paid[_name(order)] = order.total

    @rule(number=_orders)
    def fail(self, number: str) -> None:
        """Change one's mind at the till."""
        self._try(lambda: self.orders.fail(number))

    @rule(number=_orders, merchant=st.sampled_from(["1900000109", "2"]))
    def close(self, number: str, merchant: str) -> None:
        """Close an order."""
        self._try(lambda: self.orders.close(merchant, number))

    @rule(number=_orders)
    def reverse(self, number: str) -> None:
        """Reverse an order."""
        if order := self._try(lambda: self.orders.reverse("1900000109", number)):
            self.reversed.add(_name(order))

    @precondition(lambda self: self.orders.latest())
    @rule(
        index=st.integers(0, 4),
        refund=_refunds,
        part=st.sampled_from(["a fen", "all", "too much"]),
        end=st.sampled_from(["", "ABNORMAL", "CLOSED", "PROCESSING"]),
    )
    def refund(self, index: int, refund: str, part: str, end: str) -> None:
        """Ask for money back, of whatever was ordered."""
        some = sorted(self.orders.latest(99), key=lambda order: not order.paid)
        order = some[index % len(some)]
        fen = {"a fen": 1, "all": max(order.kept, 1), "too much": order.kept + 1}[part]
        amount = {"refund": fen, "total": order.total, "currency": "CNY"}
        body: dict[str, Any] = {"out_trade_no": order.number, "out_refund_no": refund}
        body |= {"sub_mchid": order.placed.get("sub_mchid", ""), "notify_url": _URL}
        body |= {"reason": end, "amount": amount}
        if asked := self._try(lambda: self.refunds.ask(body)):
            key, value = f"{asked.merchant}/{refund}", (_name(order), fen)
            assert self.refunded.setdefault(key, value) == value

    @precondition(lambda self: self.refunds.latest())
    @rule(index=st.integers(0, 4), status=st.sampled_from(["SUCCESS", "CLOSED", "ABNORMAL"]))
    def end_refund(self, index: int, status: RefundState) -> None:
        """Let a refund end."""
        some = self.refunds.latest(99)
        self._try(lambda: self.refunds.end(some[index % len(some)].number, status))

    @precondition(lambda self: self.refunds.latest())
    @rule(index=st.integers(0, 4))
    def retry(self, index: int) -> None:
        """Send the money of a refund elsewhere."""
        some = self.refunds.latest(99)
        it = some[index % len(some)]
        self._try(lambda: self.refunds.retry(it.merchant, it.refund_id, it.number, "account"))

    @rule(seconds=st.sampled_from([1, 61, 7201]))
    def wait(self, seconds: int) -> None:
        """Do nothing for a while."""
        self.world.clock.advance(seconds)

    @invariant()
    def every_transition_is_legal(self) -> None:
        """Nothing goes where it cannot go from where it was."""
        now: dict[str, str] = {_name(order): order.trade_state for order in self.orders.latest(99)}
        for refund in self.refunds.latest(99):
            over = "refund " if refund.status in ("SUCCESS", "CLOSED") else ""
            now[f"{refund.merchant}/{refund.number}"] = f"{over}{refund.status}"
        for name, before in self.states.items():
            after = now[name].removeprefix("refund ")
            assert now[name] == before or after in _LEGAL[before].split(), (name, before, now[name])
        self.states = now

    @invariant()
    def money_is_somewhere(self) -> None:
        """Paid is refunded plus reversed plus kept, for each order and by a ledger of one's own."""
        status = {f"{each.merchant}/{each.number}": each.status for each in self.refunds.latest(99)}
        assert status.keys() == self.refunded.keys()
        for order in self.orders.latest(99):
            name = _name(order)
            paid = self.paid.get(name, 0)
            back = sum(
                fen
                for refund, (of, fen) in self.refunded.items()
                if of == name and status[refund] != "CLOSED"
            )
            gone = paid if name in self.reversed else 0
            assert (order.received, order.refunded, order.returned) == (paid, back, gone), name
            assert order.kept == paid - back - gone
            assert 0 <= order.kept <= paid <= order.total

    @invariant()
    def merchant_is_told(self) -> None:
        """One notification for each payment that names a URL, one for each end of a refund."""
        told = [event.event_type for event in self.events]
        orders = [order for order in self.orders.latest(99) if "notify_url" in order.placed]
        combined: set[Any] = set()
        for order in self.orders.latest(99):
            if order.combine_out_trade_no and order.transaction_id:
                combined.add(order.combine_out_trade_no)
        single = [order for order in orders if order.transaction_id]
        assert told.count("TRANSACTION.SUCCESS") == len(single) + len(combined)
        ends = [event.resource for event in self.events if event.original_type == "refund"]
        for refund in self.refunds.latest(99):
            said = [each["refund_status"] for each in ends if each["refund_id"] == refund.refund_id]
            if refund.status in ("SUCCESS", "CLOSED"):
                assert said.pop() == refund.status
            assert set(said) <= {"ABNORMAL"}

    @invariant()
    def combined_orders_go_together(self) -> None:
        """Orders that are paid together are paid, all of them, or none."""
        for order in self.orders.latest(99):
            if order.combine_out_trade_no:
                combined = self.combined.find(order.combine_out_trade_no)
                parts = self.combined.parts(combined)
                assert len({bool(each.transaction_id) for each in parts}) == 1
                assert bool(combined.combine_transaction_id) == bool(parts[0].transaction_id)


def _name(order: Order) -> str:
    return f"{order.merchant}/{order.number}"


TestTrade = Trade.TestCase
TestTrade.settings = settings(max_examples=runs(20), stateful_step_count=40)
