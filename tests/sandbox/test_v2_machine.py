"""One shop with two APIs, driven at random: the money is the same in both, and always right.

Half of what happens is asked for in APIv2's messages, half in APIv3's words. Some runs by default;
`make soak` does more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from soak import runs

from wechatpay.sandbox import Refusal, Sandbox
from wechatpay.sandbox._families.payments import Orders
from wechatpay.sandbox._families.refunds import Refunds

from .old_shop import APPID, Till

pytestmark = pytest.mark.usefixtures("at_once")

_MCHID, _SUB = "1900000109", "1230000109"
_URL = "https://www.weixin.qq.com/wxpay/pay.php"
_orders = st.sampled_from(["order-1", "order-2", "order-3"])
_refunds = st.sampled_from(["refund-1", "refund-2", "refund-3", "refund-4"])
_merchants = st.sampled_from([_MCHID, _SUB])
_fen = st.integers(1, 4)
_apis = st.sampled_from(["v2", "v3"])

_STATES = {
    "SUCCESS": "SUCCESS",
    "PROCESSING": "PROCESSING",
    "CLOSED": "REFUNDCLOSE",
    "ABNORMAL": "CHANGE",
}
"""APIv2's words for APIv3's, written out a second time."""


class Mixed(RuleBasedStateMachine):
    """A merchant between two APIs, and a ledger that is kept by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox(clock=lambda: 1767196800.0)
        self.till = Till(self.sandbox)
        world = self.sandbox.world
        self.orders, self.refunds = Orders(world), Refunds(world)
        self.paid: dict[str, int] = {}
        self.reversed: set[str] = set()
        self.back: dict[str, tuple[str, int]] = {}

    def teardown(self) -> None:
        """Forget it all."""
        self.sandbox.close()

    def _old(self, path: str, merchant: str, **fields: Any) -> dict[str, str] | None:
        """Ask in APIv2's words; what is refused must not change anything."""
        if merchant != _MCHID:
            fields["sub_mch_id"] = merchant
        before = self._everything()
        answer = self.till.ask(path, appid=APPID, **fields)
        assert answer["return_code"] == "SUCCESS", answer
        if answer["result_code"] == "SUCCESS":
            return answer
        if answer["err_code"] not in ("USERPAYING", "NOTENOUGH"):
            assert self._everything() == before, answer
        return None

    def _new(self, call: Callable[[], Any]) -> Any:
        """Ask in APIv3's words; what is refused must not change anything."""
        before = self._everything()
        try:
            return call()
        except Refusal:
            assert self._everything() == before
            return None

    def _everything(self) -> object:
        return self.orders.latest(99), self.refunds.latest(99), len(self.sandbox.notifications)

    @rule(api=_apis, number=_orders, merchant=_merchants, total=_fen)
    def place(self, api: str, number: str, merchant: str, total: int) -> None:
        """Order something, or order it again."""
        if api == "v2":
            fields: dict[str, Any] = {"body": "x", "total_fee": total, "trade_type": "APP"}
            fields |= {"spbill_create_ip": "127.0.0.1", "notify_url": _URL}
            self._old("/pay/unifiedorder", merchant, out_trade_no=number, **fields)
            return
        body: dict[str, Any] = {"out_trade_no": number, "amount": {"total": total}}
        body |= {"mchid": _MCHID} if merchant == _MCHID else {"sp_mchid": _MCHID}
        body |= {"notify_url": _URL} | ({} if merchant == _MCHID else {"sub_mchid": merchant})
        self._new(lambda: self.orders.place(body, "NATIVE"))

    @rule(api=_apis, number=_orders, total=_fen, last=st.sampled_from("0159"))
    def charge(self, api: str, number: str, total: int, last: str) -> None:
        """Show a payment code."""
        code = f"13006109882800940{last}"
        if api == "v2":
            fields: dict[str, Any] = {"body": "x", "total_fee": total, "auth_code": code}
            fields |= {"spbill_create_ip": "127.0.0.1"}
            if self._old("/pay/micropay", _MCHID, out_trade_no=number, **fields):
                self._note(_MCHID, number, total)
            return
        body: dict[str, Any] = {"mchid": _MCHID, "out_trade_no": number, "amount": {"total": total}}
        order = self._new(lambda: self.orders.charge({**body, "payer": {"auth_code": code}}))
        if order and order.trade_state == "SUCCESS":
            self._note(_MCHID, number, total)

    @rule(number=_orders)
    def pay(self, number: str) -> None:
        """Pay an order, with whatever it was placed."""
        before = {order.transaction_id for order in self.orders.latest(99)}
        if self._new(lambda: self.sandbox.pay(number)):
            for order in self.orders.latest(99):
                if order.transaction_id not in before:
                    self._note(order.merchant, order.number, order.total)

    def _note(self, merchant: str, number: str, total: int) -> None:
        assert f"{merchant}/{number}" not in self.paid, "paid twice"
        self.paid[f"{merchant}/{number}"] = total

    @rule(api=_apis, number=_orders, merchant=_merchants)
    def close(self, api: str, number: str, merchant: str) -> None:
        """Close an order."""
        if api == "v2":
            self._old("/pay/closeorder", merchant, out_trade_no=number)
        else:
            self._new(lambda: self.orders.close(merchant, number))

    @rule(api=_apis, number=_orders)
    def reverse(self, api: str, number: str) -> None:
        """Reverse an order."""
        if api == "v2":
            done: object = self._old("/secapi/pay/reverse", _MCHID, out_trade_no=number)
        else:
            done = self._new(lambda: self.orders.reverse(_MCHID, number))
        if done:
            self.reversed.add(f"{_MCHID}/{number}")

    @rule(
        api=_apis,
        number=_orders,
        merchant=_merchants,
        refund=_refunds,
        fen=_fen,
        end=st.sampled_from(["", "ABNORMAL", "CLOSED", "PROCESSING"]),
    )
    def refund(self, api: str, number: str, merchant: str, refund: str, fen: int, end: str) -> None:
        """Ask for money back."""
        total = self.paid.get(f"{merchant}/{number}", 4)
        if fen > total:
            return
        if api == "v2":
            fields: dict[str, Any] = {"refund_desc": end, "refund_fee": fen, "total_fee": total}
            fields |= {"out_refund_no": refund, "out_trade_no": number, "notify_url": _URL}
            done: object = self._old("/secapi/pay/refund", merchant, **fields)
        else:
            body: dict[str, Any] = {"out_trade_no": number, "out_refund_no": refund}
            body |= {"reason": end, "amount": {"refund": fen, "total": total}}
            body |= {} if merchant == _MCHID else {"sub_mchid": merchant}
            done = self._new(lambda: self.refunds.ask(body))
        if done:
            value = (f"{merchant}/{number}", fen)
            assert self.back.setdefault(f"{merchant}/{refund}", value) == value

    @rule(seconds=st.sampled_from([1, 61, 7201]))
    def wait(self, seconds: int) -> None:
        """Do nothing for a while."""
        self.sandbox.advance(seconds)

    @invariant()
    def the_ledger_is_right(self) -> None:
        """What was paid is kept, or went back, order by order; both APIs say so."""
        ended = {f"{each.merchant}/{each.number}": each for each in self.refunds.latest(99)}
        assert ended.keys() == self.back.keys()
        for order in self.orders.latest(99):
            name = f"{order.merchant}/{order.number}"
            paid = self.paid.get(name, 0)
            parts = {
                refund: fen
                for refund, (of, fen) in self.back.items()
                if of == name and ended[refund].status != "CLOSED"
            }
            gone = paid if name in self.reversed else 0
            assert order.kept == paid - sum(parts.values()) - gone
            assert 0 <= order.kept <= paid
            told = self._told(order.merchant, order.number)
            assert told["trade_state"] == order.transaction()["trade_state"]
            assert int(told.get("total_fee", 0)) == order.received == paid

    @invariant()
    def both_tell_of_the_same_refunds(self) -> None:
        """A refund is found by its number under APIv2 as it stands under APIv3."""
        for refund in self.refunds.latest(99):
            sub = {} if refund.merchant == _MCHID else {"sub_mch_id": refund.merchant}
            told = self.till.refunds(out_refund_no=refund.number, **sub)
            _, fen = self.back[f"{refund.merchant}/{refund.number}"]
            assert told["refund_status_0"] == _STATES[refund.status]
            assert int(told["refund_fee_0"]) == refund.answer()["amount"]["refund"] == fen

    def _told(self, merchant: str, number: str) -> dict[str, str]:
        sub = {} if merchant == _MCHID else {"sub_mch_id": merchant}
        return self.till.query(out_trade_no=number, **sub)


TestMixed = Mixed.TestCase
TestMixed.settings = settings(max_examples=runs(8), stateful_step_count=25, deadline=None)
