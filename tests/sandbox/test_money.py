"""All families together at random: no fen is made or lost, through restarts and kills.

A ledger of the test's own says what every account has to hold. Some stories in `make test`, many in
`make soak`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from soak import runs

from wechatpay.sandbox import Refusal, Sandbox
from wechatpay.sandbox._families.accounts import Ledger
from wechatpay.sandbox._families.accounts.withdrawals import Withdrawals
from wechatpay.sandbox._families.coupons import Coupons, Stocks
from wechatpay.sandbox._families.ecommerce.advances import Advances
from wechatpay.sandbox._families.ecommerce.subsidies import Subsidies
from wechatpay.sandbox._families.payments import CUSTOMER, Order, Orders
from wechatpay.sandbox._families.refunds import Refunds
from wechatpay.sandbox._families.sharing import Sharing
from wechatpay.sandbox._families.transfers import Transfers

from .asker import NOON, OPENING, OWN, SUB

_HOUR, _DAY, _MONTH = 3600, 86400, 29 * 86400
_OTHER = "1900000110"
_SCENE = [{"info_type": "赔付原因", "info_content": "x"}]
_T = TypeVar("_T")
_fen = st.integers(1, 2000)
_merchants = st.sampled_from([OWN, SUB])
_index = st.integers(0, 9)
_accounts = st.sampled_from(["BASIC", "OPERATION"])


def _fee(fen: int) -> int:
    return int((fen * Decimal("0.006")).quantize(Decimal(1), ROUND_HALF_UP))


class Money(RuleBasedStateMachine):
    """Merchants, customers and banks, who move money in every way there is."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.file = self.folder / "state-0"
        self.sandbox = self._open()
        self.available: dict[tuple[str, str], int] = defaultdict(lambda: OPENING)
        self.frozen: dict[str, int] = defaultdict(int)
        self.settled: dict[str, int] = {}
        self.waiting: dict[str, tuple[str, int, float]] = {}
        self.budgets: dict[str, int] = {}
        self.number = 0
        self.passed = 0
        self.lives = 0

    def _open(self) -> Sandbox:
        return Sandbox(state=self.file, clock=lambda: NOON)

    def teardown(self) -> None:
        """Forget it all."""
        self.sandbox.close()
        shutil.rmtree(self.folder)

    def _try(self, call: Callable[[], _T]) -> _T | None:
        try:
            return call()
        except Refusal:
            return None

    def _next(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number:06d}"

    def _move(self, mchid: str, fen: int, account: str = "BASIC") -> None:
        self.available[mchid, account] += fen

    def _paid(self, index: int) -> Order | None:
        orders = [each for each in Orders(self.sandbox.world).latest(99) if each.transaction_id]
        return orders[index % len(orders)] if orders else None

    # -- payments, refunds, shares

    @rule(mchid=_merchants, total=_fen, shared=st.booleans(), tag=st.sampled_from(["", "tea"]))
    def pay(self, mchid: str, total: int, shared: bool, tag: str) -> None:
        """Buy something; a coupon may be taken off."""
        number = self._next("order")
        whose = {"mchid": OWN} if mchid == OWN else {"sp_mchid": OWN, "sub_mchid": mchid}
        body: dict[str, Any] = {**whose, "out_trade_no": number, "amount": {"total": total}}
        body |= {"settle_info": {"profit_sharing": shared}, "goods_tag": tag}
        orders = Orders(self.sandbox.world)
        orders.place(body, "NATIVE")
        amount = orders.pay(number)["amount"]
        order = orders.find(mchid, number)
        off = sum(each["amount"] for each in order.promotions)
        lost = sum(each["amount"] for each in order.promotions if each["type"] == "NOCASH")
        assert amount["payer_total"] == total - off > 0
        for each in order.promotions:
            self.budgets[each["stock_id"]] -= each["amount"]
        due = total - lost
        self.settled[order.transaction_id] = due
        self._move(mchid, -_fee(due))
        if shared:
            self.frozen[order.transaction_id] = due
        else:
            self._move(mchid, due)

    @rule(
        index=_index,
        part=st.sampled_from([1, 2, 3, 0]),
        end=st.sampled_from(["", "CLOSED", "PROCESSING"]),
        advanced=st.booleans(),
    )
    def refund(self, index: int, part: int, end: str, advanced: bool) -> None:
        """Give a part back, or all that is left; a platform may advance it."""
        order = self._paid(index)
        if order is None:
            return
        fen = max(order.kept // part, 1) if part else order.kept + 1
        world, number = self.sandbox.world, self._next("refund")
        asked: dict[str, Any] = {"transaction_id": order.transaction_id, "out_refund_no": number}
        asked |= {"sub_mchid": order.placed.get("sub_mchid", ""), "reason": end}
        asked |= {"amount": {"refund": fen, "total": order.total, "currency": "CNY"}}
        advanced = advanced and order.merchant == SUB and not end
        if advanced:
            asked["refund_account"] = "REFUND_SOURCE_PARTNER_ADVANCE"
        made = self._try(lambda: Refunds(world).ask(asked))
        if made is None:
            return
        assert made.to_customer + sum(each["refund_amount"] for each in made.promotions) == fen
        if end == "PROCESSING":
            self.sandbox.end_refund(number, "CLOSED")
        if end:
            return
        for each in made.promotions:
            self.budgets[each["stock_id"]] += each["refund_amount"]
            self._left_over(each["stock_id"])
        paid, fee = order.transaction_id, _fee(made.settled)
        self.settled[paid] -= made.settled
        self._move(order.merchant, fee)
        if self.frozen[paid]:
            self.frozen[paid] -= made.settled
        else:
            self._move(order.merchant, -made.settled)
        if advanced and self._try(lambda: Advances(world).pay(made)) is None:
            self._move(OWN, -made.settled)
            self._move(SUB, made.settled)

    @rule(index=_index, part=st.integers(1, 5), whose=st.sampled_from([OWN, SUB, _OTHER, "o1"]))
    def share(self, index: int, part: int, whose: str) -> None:
        """Give others a part of a payment."""
        order = self._paid(index)
        if order is None or whose == order.merchant:
            return
        sharing, paid = Sharing(self.sandbox.world), order.transaction_id
        kind = "PERSONAL_OPENID" if whose == "o1" else "MERCHANT_ID"
        receiver = {"type": kind, "account": whose}
        sharing.add(receiver)
        fen = max(self.frozen[paid] // 4 // part, 1)
        asked: dict[str, Any] = {"transaction_id": paid, "out_order_no": self._next("share")}
        asked |= {"receivers": [{**receiver, "amount": fen, "description": "x"}]}
        asked |= {"unfreeze_unsplit": False, "sub_mchid": order.merchant}
        if self._try(lambda: sharing.share(asked, platform=True)):
            self.frozen[paid] -= fen
            self._move(whose, fen) if kind == "MERCHANT_ID" else None

    @rule(index=_index)
    def unfreeze(self, index: int) -> None:
        """Set free what is left of a payment."""
        if order := self._paid(index):
            asked: dict[str, Any] = {"transaction_id": order.transaction_id, "description": "x"}
            asked |= {"out_order_no": self._next("free"), "sub_mchid": order.merchant}
            if self._try(lambda: Sharing(self.sandbox.world).unfreeze(asked)):
                self._move(order.merchant, self.frozen.pop(order.transaction_id))

    # -- accounts

    @rule(mchid=_merchants, fen=_fen, end=st.sampled_from(["", "SUCCESS", "FAIL", "REFUND"]))
    def withdraw(self, mchid: str, fen: int, end: str) -> None:
        """Send money to the bank, where it arrives, fails, or from where it comes back."""
        asked: dict[str, Any] = {"out_request_no": self._next("w"), "amount": fen}
        asked |= {"sub_mchid": mchid} if mchid != OWN else {}
        made = self._try(lambda: Withdrawals(self.sandbox.world).ask(asked))
        if made is None:
            assert self.available[mchid, "BASIC"] < fen
            return
        if end:
            self.sandbox.end_withdrawal(made.number, "FAIL" if end == "FAIL" else "SUCCESS")
        if end == "REFUND":
            self.sandbox.return_withdrawal(made.number)
        if end not in ("FAIL", "REFUND"):
            self._move(mchid, -fen)

    @rule(mchid=_merchants, fen=_fen, account=_accounts)
    def top_up(self, mchid: str, fen: int, account: Any) -> None:
        """Have a bank send money."""
        self.sandbox.top_up(account, fen, mchid)
        self._move(mchid, fen, account)

    @rule(
        mchid=_merchants, fen=st.integers(0, 500), account=st.sampled_from(["BASIC", "OPERATION"])
    )
    def empty(self, mchid: str, fen: int, account: Any) -> None:
        """Leave next to nothing on an account."""
        self.sandbox.set_balance(account, fen, mchid)
        self.available[mchid, account] = fen

    @rule(mchid=_merchants, fen=st.integers(10, 2000))
    def transfer(self, mchid: str, fen: int) -> None:
        """Send money to a user."""
        asked: dict[str, Any] = {"out_bill_no": self._next("b"), "transfer_amount": fen}
        asked |= {"transfer_scene_id": "1011", "transfer_scene_report_infos": _SCENE}
        asked |= {"openid": "o1", "appid": "wx", "transfer_remark": "x"}
        asked |= {"sub_mchid": mchid} if mchid != OWN else {}
        made = self._try(lambda: Transfers(self.sandbox.world).ask(asked))
        if made is None:
            assert self.available[mchid, "OPERATION"] < fen
            return
        self._move(mchid, -fen, "OPERATION")
        self.waiting[made.out_bill_no] = mchid, fen, self.sandbox.world.clock() + _DAY

    @precondition(lambda self: self.waiting)
    @rule(index=_index, end=st.sampled_from(["confirm", "fail", "cancel"]))
    def end_transfer(self, index: int, end: str) -> None:
        """Let a user take it, or not."""
        number = sorted(self.waiting)[index % len(self.waiting)]
        mchid, fen, _ = self.waiting.pop(number)
        transfers = Transfers(self.sandbox.world)
        if end == "confirm":
            transfers.confirm(number)
            return
        if end == "fail":
            transfers.fail(number, "TRANSFER_RISK")
        else:
            transfers.cancel(number, mchid)
            transfers.find(number, mchid)
        self._move(mchid, fen, "OPERATION")

    @rule(index=_index, fen=_fen, back=st.integers(0, 2000))
    def subsidize(self, index: int, fen: int, back: int) -> None:
        """Add to a payment, and take a part of that back."""
        order = self._paid(index)
        if order is None or order.merchant != SUB:
            return
        subsidies = Subsidies(self.sandbox.world)
        asked: dict[str, Any] = {"sub_mchid": SUB, "transaction_id": order.transaction_id}
        asked |= {"description": "x", "amount": fen, "out_subsidy_no": self._next("s")}
        if self._try(lambda: subsidies.create(asked)):
            self._move(OWN, -fen)
            self._move(SUB, fen)
        asked |= {"amount": back, "out_order_no": self._next("r")}
        returned = self._try(lambda: subsidies.give_back(asked)) if back else None
        if returned:
            self._move(OWN, back)
            self._move(SUB, -back)

    # -- coupons

    @rule(no_cash=st.booleans(), worth=st.integers(1, 500), budget=st.integers(500, 2000))
    def give_coupons(self, no_cash: bool, worth: int, budget: int) -> None:
        """Make a stock, start it and send a coupon."""
        world = self.sandbox.world
        terms = {"coupon_amount": worth, "transaction_minimum": 1}
        limits = {"max_coupons": 9, "max_amount": budget, "max_coupons_per_user": 9}
        asked: dict[str, Any] = {"stock_name": "x", "out_request_no": self._next("stock")}
        asked |= {"belong_merchant": OWN, "no_cash": no_cash, "stock_type": "NORMAL"}
        asked |= {"available_begin_time": "2025-01-01T00:00:00+08:00"}
        asked |= {"available_end_time": "2027-01-01T00:00:00+08:00", "stock_use_rule": limits}
        rules = {"fixed_normal_coupon": terms, "goods_tag": ["tea"]}
        stock = Stocks(world).make({**asked, "coupon_use_rule": rules})
        if not self._try(lambda: Stocks(world).become(stock.stock_id, OWN, "running")):
            assert self.available[OWN, "BASIC"] < budget
            return
        self.budgets[stock.stock_id] = budget
        if not no_cash:
            self._move(OWN, -budget)
        gift = {"stock_id": stock.stock_id, "stock_creator_mchid": OWN, "appid": "wx"}
        Coupons(world).send(CUSTOMER, {**gift, "out_request_no": self._next("gift")})

    @precondition(lambda self: self.budgets)
    @rule(index=_index)
    def stop_coupons(self, index: int) -> None:
        """Stop a stock: what was not used of a prepaid budget comes back."""
        stock_id = sorted(self.budgets)[index % len(self.budgets)]
        if self._try(lambda: Stocks(self.sandbox.world).become(stock_id, OWN, "stoped")):
            self._left_over(stock_id)

    def _left_over(self, stock_id: str) -> None:
        stock = Stocks(self.sandbox.world).find(stock_id)
        if stock.status == "stoped":
            if not stock.no_cash:
                self._move(OWN, self.budgets[stock_id])
            self.budgets[stock_id] = 0

    # -- time, restarts and kills

    @precondition(lambda self: self.passed < _MONTH)
    @rule(seconds=st.sampled_from([61, _HOUR, _DAY]))
    def wait(self, seconds: int) -> None:
        """Let time pass: what nobody took comes back."""
        self.passed += seconds
        self.sandbox.advance(seconds)
        for number, (mchid, fen, end) in list(self.waiting.items()):
            if end <= self.sandbox.world.clock():
                del self.waiting[number]
                self._move(mchid, fen, "OPERATION")

    @rule()
    def restart(self) -> None:
        """Close the sandbox, and go on with its state."""
        self.sandbox.close()
        self.sandbox = self._open()

    @rule()
    def kill(self) -> None:
        """Go on with what a killed process leaves behind."""
        self.lives += 1
        left = self.file.with_name(f"state-{self.lives}")
        for end in ("", "-wal"):
            if (old := Path(f"{self.file}{end}")).exists():
                shutil.copy(old, f"{left}{end}")
        self.sandbox.close()
        self.file = left
        self.sandbox = self._open()

    @invariant()
    def every_fen_is_where_it_has_to_be(self) -> None:
        """Each account holds what the test's ledger says, available and pending."""
        ledger = Ledger(self.sandbox.world)
        pending: dict[str, int] = defaultdict(int)
        for order in Orders(self.sandbox.world).latest(99):
            pending[order.merchant] += self.frozen.get(order.transaction_id, 0)
        for mchid, account in [*self.available, (SUB, "BASIC"), (OWN, "FEES")]:
            found = ledger.balance(mchid, account)
            frozen = pending[mchid] if account == "BASIC" else 0
            assert found == (self.available[mchid, account], frozen), (mchid, account)


TestMoney = Money.TestCase
TestMoney.settings = settings(max_examples=runs(10), stateful_step_count=30, deadline=None)
