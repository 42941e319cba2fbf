"""Complaints, driven at random: no illegal transition, and the history tells of every step.

Some runs in `make test`, many in `make soak`.
does more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from soak import runs

from wechatpay.sandbox import Event, Refusal, Sandbox
from wechatpay.sandbox._families.complaints import Complaint, Complaints
from wechatpay.sandbox._families.payments import Orders
from wechatpay.sandbox._families.refunds import Refunds, RefundState

pytestmark = pytest.mark.usefixtures("at_once")

_LEGAL = {
    "PENDING": "PROCESSING PROCESSED",
    "PROCESSING": "PROCESSED",
    "PROCESSED": "PENDING",
}
_T = TypeVar("_T")
_orders = st.sampled_from(["order-1", "order-1", "order-2"])
_mchids = st.sampled_from(["1900000109", "1900000109", "1900000109", "2"])


class Desk(RuleBasedStateMachine):
    """A merchant with two orders, and a customer who is hard to please."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox(clock=lambda: 1767196800.0)
        self.world = self.sandbox.world
        self.complaints = Complaints(self.world)
        self.orders, self.refunds = Orders(self.world), Refunds(self.world)
        self.events: list[Event] = []
        self.world.events.listen(self.events.append)
        self.states: dict[str, str] = {}
        self.steps = 0
        self.complaints.set_url("https://www.weixin.qq.com/notify", new=True)
        for number, pay in (("order-1", True), ("order-2", False)):
            placed = {"mchid": "1900000109", "out_trade_no": number, "amount": {"total": 3}}
            self.orders.place(placed, "NATIVE", expires=9e9)
            if pay:
                self.orders.pay(number)

    def teardown(self) -> None:
        """Forget it all."""
        self.sandbox.close()

    def _try(self, call: Callable[[], _T]) -> _T | None:
        """Call; what is refused must not change anything."""
        self.every_transition_is_legal()  # a refund that has arrived is noticed by looking
        before = self._everything()
        try:
            done = call()
        except Refusal:
            assert self._everything() == before
            return None
        self.steps += isinstance(done, Complaint)
        self.every_transition_is_legal()
        return done

    def _everything(self) -> tuple[list[Complaint], int]:
        return self.complaints.latest(99), len(self.events)

    def _number(self, order: str) -> str:
        found = [each for each in self.complaints.latest(99) if each.order["out_trade_no"] == order]
        assert len(found) <= 1, "an order has one complaint"
        return found[0].complaint_id if found else "unknown"

    @rule(order=_orders)
    def pay(self, order: str) -> None:
        """Pay."""
        self._try(lambda: self.orders.pay(order))

    @rule(order=_orders, refund=st.booleans())
    def complain(self, order: str, refund: bool) -> None:
        """Complain, or complain again."""
        self._try(lambda: self.complaints.make("1900000109", order, "x", refund=refund))

    @rule(order=_orders, mchid=_mchids)
    def respond(self, order: str, mchid: str) -> None:
        """Answer."""
        number = self._number(order)
        if self._try(lambda: self.complaints.respond(number, mchid, "x")):
            assert mchid == "1900000109"

    @rule(order=_orders, mchid=_mchids)
    def complete(self, order: str, mchid: str) -> None:
        """Say that it is done."""
        number = self._number(order)
        if self._try(lambda: self.complaints.complete(number, mchid)):
            assert mchid == "1900000109"

    @rule(order=_orders, late=st.booleans())
    def settle(self, order: str, late: bool) -> None:
        """Complain and say that it is done; answer afterwards, or ask to be told again."""
        self.complain(order, refund=False)
        self.complete(order, "1900000109")
        if late:
            self.respond(order, "1900000109")
        self.complete(order, "1900000109")

    @rule(order=_orders)
    def approve(self, order: str) -> None:
        """Grant a refund."""
        number = self._number(order)
        if done := self._try(lambda: self.complaints.approve(number, "x")):
            assert done.wanted

    @rule(order=_orders)
    def grant(self, order: str) -> None:
        """Complain, grant a refund, and refund it all."""
        self.complain(order, refund=True)
        self.approve(order)
        kept = self.orders.find("1900000109", order).kept
        self.refund(order, max(kept, 1), len(self.refunds.latest(99)) + 1, slow=False)

    @rule(order=_orders)
    def reject(self, order: str) -> None:
        """Refuse a refund."""
        number = self._number(order)
        if done := self._try(lambda: self.complaints.reject(number, "x")):
            assert done.wanted

    @rule(order=_orders, fen=st.integers(1, 3), number=st.integers(1, 3), slow=st.booleans())
    def refund(self, order: str, fen: int, number: int, slow: bool) -> None:
        """Refund something."""
        asked: dict[str, Any] = {"out_trade_no": order, "out_refund_no": f"refund-{number}"}
        asked |= {"amount": {"total": 3, "refund": fen, "currency": "CNY"}}
        asked |= {"reason": "PROCESSING"} if slow else {}
        self._try(lambda: self.refunds.ask(asked))

    @rule(number=st.integers(1, 3), status=st.sampled_from(["SUCCESS", "CLOSED"]))
    def end_refund(self, number: int, status: RefundState) -> None:
        """Let a refund end."""
        self._try(lambda: self.refunds.end(f"refund-{number}", status))

    @rule()
    def wait(self) -> None:
        """Do nothing for a day."""
        self.world.clock.advance(86400)

    @invariant()
    def every_transition_is_legal(self) -> None:
        """Nothing goes where it cannot go from where it was, a granted refund to the end."""
        now = {each.complaint_id: each for each in self.complaints.latest(99)}
        for number, before in self.states.items():
            state = now[number].state
            assert state == before or state in _LEGAL[before].split(), (number, before, state)
        self.states = {number: each.state for number, each in now.items()}
        for each in now.values():
            order = self.orders.find("1900000109", each.order["out_trade_no"])
            refunds = self.refunds.of_order(order)
            arrived = sum(refund.fen for refund in refunds if refund.status == "SUCCESS")
            if each.verdict == "APPROVE" and arrived == order.total:
                assert each.state == "PROCESSED"

    @invariant()
    def history_tells_of_every_step(self) -> None:
        """One entry and one notification for each step, in their order; the first creates."""
        told = [each for each in self.events if each.original_type == "complaint"]
        logs = 0
        for each in self.complaints.latest(99):
            history = self.complaints.history(each.complaint_id)
            assert [log["operate_type"] for log in history].count("USER_CREATE_COMPLAINT") == 1
            assert history[0]["operate_type"] == "USER_CREATE_COMPLAINT"
            assert each.times == 1 + sum(
                log["operate_type"] == "USER_CONTINUE_COMPLAINT" for log in history
            )
            logs += len(history)
        arrived = [each for each in told if each.resource["action_type"] == "REFUND_SUCCESS"]
        assert len(told) == logs == self.steps + len(arrived)
        created = [each for each in told if each.event_type == "COMPLAINT.CREATE"]
        assert len(created) == len(self.states)


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=runs(15), stateful_step_count=30)
