"""Pay score, driven at random: no illegal transition, and what is due is collected once.

Some runs in `make test`, many in `make soak`.
does more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from soak import runs

from wechatpay.sandbox import Event, Refusal, Sandbox
from wechatpay.sandbox._families.payments import Orders
from wechatpay.sandbox._families.payscore import (
    Permission,
    Permissions,
    ServiceOrder,
    ServiceOrders,
)

_URL = "https://www.weixin.qq.com/wxpay/pay.php"
_LEGAL = {
    "CREATED": "DOING/USER_CONFIRM REVOKED EXPIRED",
    "DOING/USER_CONFIRM": "DOING/MCH_COMPLETE DONE REVOKED",
    "DOING/MCH_COMPLETE": "DONE REVOKED",
    "DONE": "",
    "REVOKED": "",
    "EXPIRED": "",
    "UNBINDUSER": "AVAILABLE",
    "AVAILABLE": "UNAVAILABLE",
    "UNAVAILABLE": "AVAILABLE",
}
"""Written out a second time, from the documentation."""
_TOLD = {
    "AVAILABLE": "PAYSCORE.USER_OPEN_SERVICE",
    "UNAVAILABLE": "PAYSCORE.USER_CLOSE_SERVICE",
}

_T = TypeVar("_T")
_numbers = st.sampled_from(["order-1", "order-2"])
_MERCHANTS = {"order-1": {}, "order-2": {"sub_mchid": "2"}}
_codes = st.sampled_from(["code-1", "code-2"])
_users = st.sampled_from(["user-1", "user-2"])
_merchants = st.sampled_from(list(_MERCHANTS.values()))
_fen = st.integers(0, 4)
_reasons = st.sampled_from(["too late", "too dear"])


class PayScore(RuleBasedStateMachine):
    """A merchant, a partner's merchant, and two users, each acting at random."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox(clock=lambda: 1767196800.0)
        self.world = self.sandbox.world
        self.orders, self.permissions = ServiceOrders(self.world), Permissions(self.world)
        self.money = Orders(self.world)
        self.events: list[Event] = []
        self.world.events.listen(self.events.append)
        self.states: dict[str, str] = {}
        self.opened: list[str] = []
        self.totals: dict[str, int] = {}
        self.modified: dict[str, tuple[int, int]] = {}
        self.reasons: dict[str, str] = {}
        self.users: dict[str, str] = {}

    def teardown(self) -> None:
        """Forget it all."""
        self.sandbox.close()

    def _try(self, call: Callable[[], _T]) -> _T | None:
        """Call; what is refused must not change anything."""
        before = self._everything()
        try:
            done = call()
        except Refusal:
            assert self._everything() == before
            return None
        self.every_transition_is_legal()
        return done

    def _everything(self) -> tuple[list[ServiceOrder], list[Permission], int, int]:
        money = len(self.money.latest(99))
        return self.orders.latest(99), self.permissions.latest(99), money, len(self.events)

    @rule(code=_codes, merchant=_merchants)
    def ask(self, code: str, merchant: dict[str, str]) -> None:
        """Ask for a permission."""
        asked = {**merchant, "authorization_code": code, "service_id": "1", "notify_url": _URL}
        self._try(lambda: self.permissions.ask(asked))

    @rule(code=_codes, user=_users)
    def agree(self, code: str, user: str) -> None:
        """Agree, asked or not."""
        self._try(lambda: self.permissions.agree(code, user))

    @rule(code=_codes, merchant=_merchants)
    def terminate(self, code: str, merchant: dict[str, str]) -> None:
        """End a permission."""
        named = {**merchant, "service_id": "1", "reason": "x"}
        self._try(lambda: self.permissions.terminate(code, named))

    @rule(user=_users, merchant=_merchants)
    def terminate_user(self, user: str, merchant: dict[str, str]) -> None:
        """End a user's permission."""
        named = {**merchant, "service_id": "1", "openid": user, "reason": "x"}
        self._try(lambda: self.permissions.terminate_user(named))

    @rule(code=_codes)
    def end(self, code: str) -> None:
        """Think better of it."""
        self._try(lambda: self.permissions.end(code))

    @rule(
        number=_numbers,
        user=_users,
        fund=_fen,
        name=st.sampled_from(["DEPOSIT", "ESTIMATE_ORDER_COST"]),
        free=st.booleans(),
    )
    def create(self, number: str, user: str, fund: int, name: str, free: bool) -> None:
        """Create an order, or create it again."""
        asked = {**_named(number), "appid": "wx", "service_introduction": "x", "notify_url": _URL}
        asked |= {"risk_fund": {"name": name, "amount": fund}}
        if free:
            asked |= {"need_user_confirm": False, "openid": user}
            held = self.permissions.find_user(asked)
            known = self._everything()[0]
            made = self._try(lambda: self.orders.create(asked))
            permitted = held is not None and held.state == "AVAILABLE"
            assert made is None or permitted or made in known
        else:
            self._try(lambda: self.orders.create(asked))

    @rule(number=_numbers, user=_users)
    def confirm(self, number: str, user: str) -> None:
        """Confirm an order."""
        self._try(lambda: self.orders.confirm(number, user))

    @rule(number=_numbers, total=_fen, more=st.sampled_from([0, 0, 1, 2]))
    def complete(self, number: str, total: int, more: int) -> None:
        """Complete an order, with a bill that may be wrong."""
        asked = {**_named(number), **_bill(total, more)}
        if done := self._try(lambda: self.orders.complete(asked)):
            assert more < 2
            self.totals.setdefault(_name(done), total)

    @rule(number=_numbers, user=_users, total=_fen, name=st.sampled_from(["DEPOSIT", "x"]))
    def serve(self, number: str, user: str, total: int, name: str) -> None:
        """Bring an order to where it waits for its money, if nothing is in the way."""
        self.create(number, user, 3, name, free=False)
        self.confirm(number, user)
        self.complete(number, total, 0)

    @rule(number=_numbers, total=_fen, more=st.sampled_from([0, 0, 1, 2]))
    def modify(self, number: str, total: int, more: int) -> None:
        """Lower a bill, or try to raise it."""
        asked = {**_named(number), **_bill(total, more), "reason": "x"}
        if done := self._try(lambda: self.orders.modify(asked)):
            assert more < 2
            before = self.modified.get(_name(done))
            assert total < self.totals[_name(done)] or before == (total, more)
            self.totals[_name(done)] = total
            self.modified[_name(done)] = total, more

    @rule(number=_numbers, reason=_reasons)
    def cancel(self, number: str, reason: str) -> None:
        """Cancel an order; a second time for the same reason."""
        asked = {**_named(number), "reason": reason}
        if done := self._try(lambda: self.orders.cancel(asked)):
            assert self.reasons.setdefault(_name(done), reason) == reason

    @rule(number=_numbers)
    def collect(self, number: str) -> None:
        """Want the money."""
        self._try(lambda: self.orders.collect(_named(number)))

    @rule(number=_numbers, time=st.sampled_from(["20260101", "20260102"]))
    def sync(self, number: str, time: str) -> None:
        """Say that it was paid elsewhere."""
        paid = {"type": "Order_Paid", "detail": {"paid_time": time}}
        self._try(lambda: self.orders.sync({**_named(number), **paid}))

    @rule(number=_numbers)
    def pay(self, number: str) -> None:
        """Pay."""
        self._try(lambda: self.orders.pay(number))

    @rule(seconds=st.sampled_from([60, 3600, 30 * 86400]))
    def wait(self, seconds: int) -> None:
        """Do nothing for a while."""
        self.world.clock.advance(seconds)

    @invariant()
    def every_transition_is_legal(self) -> None:
        """Nothing goes where it cannot go from where it was; permissions tell each step."""
        now: dict[str, str] = {}
        for order in self.orders.latest(99):
            report = order.report("1900000109")
            description = report.get("state_description")
            now[_name(order)] = "/".join(filter(None, (report["state"], description)))
        for each in self.permissions.latest(99):
            now[each.authorization_code] = each.state
            before = self.states.get(each.authorization_code, "UNBINDUSER")
            if each.asked and each.state not in (before, "UNBINDUSER"):
                self.opened.append(_TOLD[each.state])
        for name, before in self.states.items():
            legal = _LEGAL[before].split()
            # After a user agreed without being asked, the merchant may begin anew.
            legal += ["UNBINDUSER"] if name.startswith("code") else []
            assert now[name] == before or now[name] in legal, (name, before, now[name])
        self.states = now
        told = [each.event_type for each in self.events if each.event_type in _TOLD.values()]
        assert told == self.opened

    @invariant()
    def one_user_a_code(self) -> None:
        """A permission that holds has a user, always the same, unless it begins anew."""
        for each in self.permissions.latest(99):
            assert bool(each.openid) == (each.state != "UNBINDUSER")
            if not each.openid:
                self.users.pop(each.authorization_code, None)
            elif each.authorization_code in self.users:
                assert self.users[each.authorization_code] == each.openid
            else:
                self.users[each.authorization_code] = each.openid

    @invariant()
    def money_is_collected_once(self) -> None:
        """What was collected is the total, at most once, and only of what is `DONE`."""
        paid = {order.number: order for order in self.money.latest(99)}
        seen: set[str] = set()
        for order in self.orders.latest(99):
            if order.payment:
                assert order.stage == "DONE"
                assert order.collected == order.total == self.totals[_name(order)] > 0
            else:
                assert order.collected == 0
                assert order.stage != "DONE" or order.total == 0
            number = order.payment.get("out_trade_no")
            if number is not None:
                assert number not in seen
                seen.add(number)
                transaction = paid[number]
                assert transaction.transaction_id == order.payment["transaction_id"]
                assert (transaction.total, transaction.kept) == (order.total, order.total)
            if order.completion and order.asked["risk_fund"]["name"] == "DEPOSIT":
                assert order.total <= order.asked["risk_fund"]["amount"]
        assert set(paid) == seen
        told = [each for each in self.events if each.event_type == "PAYSCORE.USER_PAID"]
        assert {each.resource["out_trade_no"] for each in told} == seen
        assert len(told) == len(seen)


def _named(number: str) -> dict[str, Any]:
    """What names an order: one is a direct merchant's, the other a partner's."""
    return {**_MERCHANTS[number], "out_order_no": number, "service_id": "1"}


def _bill(total: int, more: int) -> dict[str, Any]:
    """What is to be paid; with a discount of one if there is more to it, wrong if that is two."""
    bill: dict[str, Any] = {"post_payments": [{"name": "x", "amount": total + more}]}
    bill |= {"post_discounts": [{"name": "x", "amount": 1}]} if more else {}
    return {**bill, "total_amount": total}


def _name(order: ServiceOrder) -> str:
    return f"{order.merchant}/{order.number}"


TestPayScore = PayScore.TestCase
TestPayScore.settings = settings(max_examples=runs(15), stateful_step_count=40)
