"""Two requests at once: what one has read is read again before it changes anything."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from typing import Any, NamedTuple

import pytest

from wechatpay.sandbox import Refusal, Sandbox
from wechatpay.sandbox._families.accounts.recharges import Recharges
from wechatpay.sandbox._families.accounts.withdrawals import Withdrawals
from wechatpay.sandbox._families.complaints import Complaints
from wechatpay.sandbox._families.coupons import Coupons, Stocks
from wechatpay.sandbox._families.ecommerce import Applyments
from wechatpay.sandbox._families.payments import CUSTOMER
from wechatpay.sandbox._families.product_coupons import ProductCoupons, Products
from wechatpay.sandbox._families.transfers import Transfers
from wechatpay.sandbox._families.vouchers import Vouchers

from .asker import NOON, OWN, Asker
from .merchant import NATIVE, ORDER
from .test_accounts import _withdraw
from .test_coupons import _gift, _stock
from .test_ecommerce import _apply
from .test_product_coupons import Brand
from .test_transfers_whole import _ask
from .test_vouchers import _send
from .test_vouchers import _stock as _voucher_stock

pytestmark = pytest.mark.usefixtures("at_once")

Act = Callable[[], object]


class Case(NamedTuple):
    """Two who do something at once.

    Attributes:
        first: What one does.
        second: What the other does meanwhile.
        seen: What has come of both.
        right: What has to have come of them, in whatever order they are.
    """

    first: Act
    second: Act
    seen: Act
    right: object


def _transfer(asker: Asker) -> Case:
    """A cancelled transfer gives its money back once, though two query it."""
    _ask(asker)
    transfers = Transfers(asker.sandbox.world)
    transfers.cancel("b1")
    query = lambda: transfers.find("b1")  # noqa: E731
    return Case(query, query, lambda: asker.balance("OPERATION"), (0, 0))


def _recharge(asker: Asker) -> Case:
    """A top-up is booked once."""
    amount = {"amount": 700, "currency": "CNY"}
    body = {"out_recharge_no": "r1", "account_type": "OPERATION", "recharge_amount": amount}
    body |= {"sub_mchid": OWN, "recharge_scene": "ECOMMERCE_DEPOSIT"}
    recharges = Recharges(asker.sandbox.world)
    recharges.ask(body)
    found = recharges.named("r1")
    end = lambda: recharges.end(found, "SUCCESS")  # noqa: E731
    return Case(end, end, lambda: asker.balance("OPERATION"), (700, 0))


def _withdrawal(asker: Asker) -> Case:
    """A withdrawal that failed gives its money back once."""
    _withdraw(asker)
    withdrawals = Withdrawals(asker.sandbox.world)
    found = withdrawals.named("w1")
    fail = lambda: withdrawals.become(found, "FAIL")  # noqa: E731
    return Case(fail, fail, asker.balance, (0, 0))


def _complaint(asker: Asker) -> Case:
    """That a granted refund has arrived is told once."""
    asker.post(NATIVE[1:], ORDER)
    number = str(ORDER["out_trade_no"])
    asker.sandbox.pay(number)
    complaints = Complaints(asker.sandbox.world)
    complaint_id = asker.sandbox.complain(number, "x", refund=True)
    complaints.approve(complaint_id, "")
    refund = {"out_trade_no": number, "out_refund_no": "r1", "reason": "PROCESSING"}
    asker.sandbox.world.clock.advance(60)
    amount = {"refund": 100, "total": 100, "currency": "CNY"}
    asker.post("v3/refund/domestic/refunds", {**refund, "amount": amount})
    asker.sandbox.end_refund("r1")
    look = lambda: complaints.find(complaint_id)  # noqa: E731
    return Case(look, look, lambda: len(complaints.history(complaint_id)), 3)


def _voucher(asker: Asker) -> Case:
    """A merchant's coupon is used once."""
    vouchers = Vouchers(asker.sandbox.world)
    found = vouchers.named(_send(asker, _voucher_stock(asker)))

    def use(number: str) -> object:
        return vouchers.step(found, lambda each, now: each.use(number, now))

    number = lambda: vouchers.named(found.code).known["use_request_no"]  # noqa: E731
    return Case(lambda: use("first"), lambda: use("second"), number, "second")


def _product_coupon(asker: Asker) -> Case:
    """A product's coupon is used once."""
    brand = Brand(asker)
    code = brand.send()
    coupons = ProductCoupons(asker.sandbox.world)
    coupons.step(coupons.find(code, brand.named, "o1"), "confirm", "confirm-1", {})
    found = coupons.find(code, brand.named, "o1")

    def use(number: str) -> object:
        return coupons.step(found, "use", number, {})

    number = lambda: coupons.find(code, brand.named, "o1").usage["use_request_no"]  # noqa: E731
    return Case(lambda: use("first"), lambda: use("second"), number, "second")


def _application(asker: Asker) -> Case:
    """A platform's application that goes on is not taken back to where it was."""
    _apply(asker)
    applyments = Applyments(asker.sandbox.world)
    found = applyments.find("apply1")
    revoke, reject = lambda: applyments.revoke(found), lambda: applyments.end("apply1", "", "", "")
    return Case(revoke, reject, lambda: applyments.find("apply1").state, "REJECTED")


def _goods(asker: Asker) -> Case:
    """A coupon that is sent while its stock is changed stays counted."""
    stocks, coupons = Stocks(asker.sandbox.world), Coupons(asker.sandbox.world)
    found = stocks.find(_stock(asker))
    change = lambda: stocks.change_goods(found, ["goods"], [])  # noqa: E731
    send = lambda: coupons.send(CUSTOMER, _gift(found.stock_id))  # noqa: E731
    return Case(change, send, lambda: stocks.find(found.stock_id).sent, 1)


def _product_stock(asker: Asker) -> Case:
    """The same of a product's stock."""
    brand, products = Brand(asker), Products(asker.sandbox.world)
    number, stock_id = brand.named["product_coupon_id"], brand.named["stock_id"]
    change = lambda: products.change_stock(number, stock_id, {**brand.named, "remark": "x"})  # noqa: E731
    sent = lambda: products.named_stock(stock_id)["sent_count_info"]["total_count"]  # noqa: E731
    return Case(change, brand.send, sent, 1)


_CASES: tuple[Callable[[Asker], Case], ...] = (
    *(_transfer, _recharge, _withdrawal, _complaint, _voucher, _product_coupon),
    *(_application, _goods, _product_stock),
)


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox at noon."""
    return Sandbox(clock=lambda: NOON)


@pytest.mark.parametrize("prepare", _CASES)
def test_nothing_is_done_by_what_was_read_before(
    prepare: Callable[[Asker], Case], asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes between the reading and the writing of another is not overwritten by it."""
    case, store = prepare(asker), asker.sandbox.world.store
    transaction, done = store.transaction, list[bool]()

    @contextlib.contextmanager
    def interrupted() -> Generator[None]:
        if not done:
            done.append(True)
            case.second()
        with transaction():
            yield

    monkeypatch.setattr(store, "transaction", interrupted)
    with contextlib.suppress(Refusal):
        case.first()
    assert done
    assert case.seen() == case.right


def test_transfer_comes_back_long_after(tmp_path: Any) -> None:
    """Nobody confirmed it, and the sandbox was away for more than 30 days: its money is back."""
    moments = [NOON]
    file = tmp_path / "state"
    for days in (0, 31):
        moments[0] = NOON + days * 86400
        sandbox = Sandbox(state=file, clock=lambda: moments[0])
        asker = Asker(sandbox)
        if not days:
            _ask(asker)
            assert asker.balance("OPERATION") == (-400, 0)
        else:
            sandbox.advance(0)
            assert asker.balance("OPERATION") == (0, 0)
        sandbox.close()
