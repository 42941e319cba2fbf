"""Bills: everything that happened on a day, to the cent, and nothing else."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from soak import runs

from wechatpay import bill
from wechatpay.sandbox import Answer, Gateway, Refusal, Sandbox
from wechatpay.sandbox._families.bills import Bills
from wechatpay.sandbox._families.payments import Orders
from wechatpay.sandbox._families.refunds import Refunds
from wechatpay.sandbox._families.sharing import Sharing
from wechatpay.sandbox._families.transfers import Transfers
from wechatpay.sandbox._world import World

from .merchant import ORDER, Merchant, read

pytestmark = pytest.mark.usefixtures("at_once")

DAY = "2026-01-01"
_NOON = 1767240000.0  # 12:00 on that day, in Beijing
_NIGHT = 22 * 3600  # from noon to ten the next morning
_MCHID = "1900000109"


@pytest.fixture
def world() -> Iterator[World]:
    """A world at noon."""
    sandbox = Sandbox(clock=lambda: _NOON)
    yield sandbox.world
    sandbox.close()


def _paid(world: World, number: str, fen: int, **more: object) -> str:
    """Order something, and pay it."""
    amount = {"total": fen, "currency": "CNY"}
    Orders(world).place({**ORDER, "out_trade_no": number, "amount": amount, **more}, "NATIVE")
    transaction_id: str = Orders(world).pay(number)["transaction_id"]
    return transaction_id


def _refunded(world: World, number: str, transaction_id: str, fen: int, total: int) -> None:
    amount = {"refund": fen, "total": total, "currency": "CNY"}
    asked = {"transaction_id": transaction_id, "out_refund_no": number, "amount": amount}
    Refunds(world).ask(asked)


def _trades(world: World, kind: str = "ALL", merchant: str = _MCHID) -> bill.Bill[bill.Trade]:
    return bill.trades(Bills(world).trades(DAY, kind, merchant)[1])


def test_payments_and_refunds_are_rows(world: World) -> None:
    """Each payment and each refund is a row, and the last line is their sum."""
    first = _paid(world, "order-00001", 888, description="a, b`c\nd", attach="x")
    _paid(world, "order-00002", 100)
    _refunded(world, "refund-1", first, 88, 888)
    world.clock.advance(_NIGHT)
    trades = _trades(world)
    rows = {(row.trade_state, row.out_trade_no): row for row in trades}
    assert set(rows) == {
        ("SUCCESS", "order-00001"),
        ("SUCCESS", "order-00002"),
        ("REFUND", "order-00001"),
    }
    paid, back = rows["SUCCESS", "order-00001"], rows["REFUND", "order-00001"]
    assert (paid.order_amount, paid.fee) == (Decimal("8.88"), Decimal("0.05328"))
    assert (paid.description, paid.attach) == ("a  bc d", "x")
    assert paid.time.isoformat() == "2026-01-01T12:00:00+08:00"
    assert (back.refund_amount, back.fee) == (Decimal("0.88"), Decimal("-0.00528"))
    assert (back.out_refund_no, back.refund_state) == ("refund-1", "SUCCESS")
    assert trades.summary.count == 3
    assert trades.summary.order_amount == Decimal("9.88")
    assert trades.summary.refund_amount == Decimal("0.88")
    assert trades.summary.fee == Decimal("0.05400")


def test_kinds_of_trade_bills(world: World) -> None:
    """A bill tells of everything, of payments, or of refunds with their times."""
    first = _paid(world, "order-00001", 888)
    _refunded(world, "refund-1", first, 88, 888)
    world.clock.advance(_NIGHT)
    assert [row.trade_state for row in _trades(world, "SUCCESS")] == ["SUCCESS"]
    (row,) = bill.refunds(Bills(world).trades(DAY, "REFUND", _MCHID)[1])
    assert row.success_time == row.applied_time
    assert row.applied_time.isoformat() == "2026-01-01T12:00:00+08:00"


def test_reversal_is_a_row(world: World) -> None:
    """What was paid with a payment code and reversed is told twice, and comes to nothing."""
    charged = {**ORDER, "payer": {"auth_code": "130000000000000001"}}
    order = Orders(world).charge(charged)
    if order.trade_state == "USERPAYING":
        Orders(world).pay(order.number)
    Orders(world).reverse(_MCHID, order.number)
    world.clock.advance(_NIGHT)
    trades = _trades(world)
    assert sorted(row.trade_state for row in trades) == ["REVOKED", "SUCCESS"]
    assert trades.summary.order_amount == trades.summary.refund_amount
    assert trades.summary.fee == 0
    flows = bill.fund_flows(Bills(world).fund_flow(DAY, "BASIC")[1])
    assert sum(_signed(flow) for flow in flows) == 0


def test_each_sees_what_is_his(world: World) -> None:
    """A service provider sees all that it serves, one of them sees its own."""
    provider = {"sp_mchid": _MCHID, "sp_appid": "wxd678efh567hg6787", "sub_mchid": "1230000109"}
    placed = {name: value for name, value in ORDER.items() if name not in ("mchid", "appid")}
    Orders(world).place({**placed, **provider, "out_trade_no": "order-00001"}, "NATIVE")
    Orders(world).pay("order-00001")
    _paid(world, "order-00002", 100)
    world.clock.advance(_NIGHT)
    assert len(list(_trades(world))) == 2
    (row,) = _trades(world, merchant="1230000109")
    assert (row.mchid, row.sub_mchid) == (_MCHID, "1230000109")


def test_days_are_days_in_beijing(world: World) -> None:
    """A payment one second before midnight is of the day, one at midnight is not."""
    world.clock.advance(12 * 3600 - 1)
    _paid(world, "order-00001", 1)
    world.clock.advance(1)
    _paid(world, "order-00002", 2)
    world.clock.advance(3 * 86400)
    assert [row.out_trade_no for row in _trades(world)] == ["order-00001"]


@pytest.mark.parametrize(
    ("day", "later", "code"),
    [
        (DAY, _NIGHT - 1, "STATEMENT_CREATING"),
        ("2026-01-03", 0, "STATEMENT_CREATING"),
        ("2025-12-30", 0, "NO_STATEMENT_EXIST"),
        (DAY, 94 * 86400, "PARAM_ERROR"),
        ("2026-02-30", 0, "PARAM_ERROR"),
    ],
)
def test_there_is_not_always_a_bill(world: World, day: str, later: int, code: str) -> None:
    """Before the next morning, without anything to tell, after three months, there is none."""
    _paid(world, "order-00001", 1)
    world.clock.advance(later)
    with pytest.raises(Refusal, match=code):
        Bills(world).trades(day, "ALL", _MCHID)
    with pytest.raises(Refusal, match=code):
        Bills(world).fund_flow(day, "BASIC")


def test_other_accounts_have_bills_of_their_own(world: World) -> None:
    """What was paid comes to the basic account, and to no other."""
    _paid(world, "order-00001", 1)
    world.clock.advance(_NIGHT)
    with pytest.raises(Refusal, match="NO_STATEMENT_EXIST"):
        Bills(world).fund_flow(DAY, "OPERATION")


def test_money_of_sub_merchants_is_theirs(world: World) -> None:
    """A service provider's bill has nothing of what its sub-merchants were paid; theirs has."""
    provider = {"sp_mchid": _MCHID, "sp_appid": "wxd678efh567hg6787", "sub_mchid": "1230000109"}
    _paid(world, "order-00001", 100, **provider)
    world.clock.advance(_NIGHT)
    with pytest.raises(Refusal, match="NO_STATEMENT_EXIST"):
        Bills(world).fund_flow(DAY, "BASIC")
    flows = bill.fund_flows(Bills(world).fund_flow(DAY, "BASIC", "1230000109")[1])
    assert sum(_signed(flow) for flow in flows) == Decimal("0.99")


@pytest.mark.words
def test_every_movement_of_money_is_told(world: World) -> None:
    """Payments, fees, refunds, shares, returns and transfers move the balance, each once."""
    shared = {"settle_info": {"profit_sharing": True}}
    paid = _paid(world, "order-00001", 1000, **shared)
    _refunded(world, "refund-1", paid, 100, 1000)
    receiver = {"type": "MERCHANT_ID", "account": "1900000110"}
    sharing = Sharing(world)
    sharing.add(receiver)
    part = {**receiver, "amount": 300, "description": "提成"}
    asked = {"transaction_id": paid, "out_order_no": "share-1", "receivers": [part]}
    sharing.share({**asked, "unfreeze_unsplit": False})
    sharing.unfreeze({"transaction_id": paid, "out_order_no": "2", "description": ""})
    back = {"out_order_no": "share-1", "out_return_no": "return-1", "amount": 50}
    sharing.give_back({**back, "return_mchid": "1900000110", "description": ""})
    transfer = {"out_bill_no": "bill1", "transfer_amount": 200, "openid": "o", "appid": "wx"}
    Transfers(world).ask({**transfer, "transfer_remark": "x"})
    Transfers(world).confirm("bill1")
    world.clock.advance(86400 + _NIGHT)
    flows = bill.fund_flows(Bills(world).fund_flow(DAY, "BASIC")[1])
    assert {(flow.business_name, _signed(flow)) for flow in flows} == {
        ("交易", Decimal("10.00")),
        ("扣除交易手续费", Decimal("-0.06")),
        ("退款", Decimal("-0.99")),
        ("分账", Decimal("-3.00")),
        ("分账回退", Decimal("0.50")),
    }
    assert (flows.summary.income, flows.summary.expense) == (Decimal("10.50"), Decimal("4.05"))
    (transferred,) = bill.fund_flows(Bills(world).fund_flow(DAY, "OPERATION")[1])
    assert (transferred.business_name, _signed(transferred)) == ("商家转账", Decimal("-2.00"))


def test_balance_goes_on(world: World) -> None:
    """A day begins with what the days before left, and the first with a million yuan."""
    _paid(world, "order-00001", 1000)
    world.clock.advance(86400)
    _paid(world, "order-00002", 500)
    world.clock.advance(86400 + _NIGHT)
    flows = list(bill.fund_flows(Bills(world).fund_flow("2026-01-02", "BASIC")[1]))
    assert [flow.balance for flow in flows] == [
        Decimal("1000014.94"),
        Decimal("1000014.91"),
    ]


def _signed(flow: bill.FundFlow) -> Decimal:
    return flow.amount if flow.direction == "收入" else -flow.amount


def _get(gateway: Gateway, merchant: Merchant, target: str) -> Answer:
    return merchant.call(gateway, "GET", target)


@pytest.mark.parametrize("packed", [True, False])
def test_file_is_where_the_answer_says(
    sandbox: Sandbox, gateway: Gateway, merchant: Merchant, packed: bool
) -> None:
    """The digest is that of the file, compressed or not; after five minutes it is gone."""
    _paid(sandbox.world, "order-00001", 100)
    day = f"{sandbox.world.clock.moment():%Y-%m-%d}"
    sandbox.advance(34 * 3600)
    tail = "&tar_type=GZIP" if packed else ""
    for path in ("tradebill", "fundflowbill"):
        said = read(_get(gateway, merchant, f"/v3/bill/{path}?bill_date={day}{tail}"))
        url = urlsplit(str(said["download_url"]))
        answer = _get(gateway, merchant, f"{url.path}?{url.query}")
        content = gzip.decompress(answer.body) if packed else answer.body
        assert hashlib.sha1(content).hexdigest() == said["hash_value"]
        assert not answer.header("wechatpay-signature")
        sandbox.advance(301)
        assert _get(gateway, merchant, f"{url.path}?{url.query}").status == 404


@pytest.mark.parametrize("day", ["2026-1-1", "yesterday"])
def test_day_is_a_day(gateway: Gateway, merchant: Merchant, day: str) -> None:
    """A date in another form is refused."""
    said = read(_get(gateway, merchant, f"/v3/bill/tradebill?bill_date={day}"))
    assert (said["code"], said["detail"]["field"]) == ("PARAM_ERROR", "bill_date")


_amounts = st.lists(st.tuples(st.integers(1, 10**7), st.integers(0, 10**7)), min_size=1, max_size=8)


@settings(max_examples=runs(15))
@given(_amounts)
def test_bill_adds_up(amounts: list[tuple[int, int]]) -> None:
    """Whatever is paid and refunded, both bills and the orders themselves agree on it."""
    world = Sandbox(clock=lambda: _NOON).world
    for n, (paid, back) in enumerate(amounts):
        number = _paid(world, f"order-{n:05}", paid)
        if 0 < back <= paid:
            _refunded(world, f"refund-{n}", number, back, paid)
    kept = sum(order.kept for order in Orders(world).latest())
    world.clock.advance(_NIGHT)
    trades = _trades(world)
    fees = sum((row.fee for row in trades), Decimal())
    assert trades.summary.fee == fees
    assert trades.summary.order_amount - trades.summary.refund_amount == Decimal(kept) / 100
    flows = list(bill.fund_flows(Bills(world).fund_flow(DAY, "BASIC")[1]))
    net = Decimal(kept) / 100 - (flows[-1].balance - 1_000_000)
    assert abs(net - fees) <= Decimal("0.005") * 2 * len(amounts)
    world.close()
