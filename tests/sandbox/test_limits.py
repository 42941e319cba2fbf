"""What is limited about shares and refunds: when, how much, how often, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from wechatpay.sandbox import Answer, Refusal, Sandbox
from wechatpay.sandbox._families.sharing import Sharing

from .merchant import NATIVE, ORDER, Merchant, read

_DAY = 86400
_SHARING, _REFUNDS = "/v3/profitsharing", "/v3/refund/domestic/refunds"
_APPID = {"appid": ORDER["appid"]}
_STORE = {"type": "MERCHANT_ID", "account": "1230000109"}
_STAFF = {"type": "PERSONAL_OPENID", "account": "oUpF8uMuAJO_staff"}


class _Shop:
    """A shop with one payment of a hundred yuan at a time, to be shared or not."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.merchant = Merchant(sandbox.config)
        self.paid = ""
        self.count = 0
        for each in (_STORE, _STAFF):
            self.call(f"{_SHARING}/receivers/add", {**_APPID, **each, "relation_type": "STORE"})

    def call(self, target: str, payload: object = None) -> Answer:
        method = "GET" if payload is None else "POST"
        return self.merchant.call(self.sandbox.gateway, method, target, payload)

    def pay(self, *, shared: bool = True) -> None:
        self.count += 1
        number = f"limited-{self.count}"
        order = {**ORDER, "out_trade_no": number, "amount": {"total": 10_000}}
        self.call(NATIVE, {**order, "settle_info": {"profit_sharing": shared}})
        self.paid = self.sandbox.pay(number)["transaction_id"]

    def share(self, *parts: tuple[dict[str, str], int], last: bool = False) -> Answer:
        self.count += 1
        receivers = [{**who, "amount": fen, "description": "分账"} for who, fen in parts]
        asked = {**_APPID, "transaction_id": self.paid, "out_order_no": f"share-{self.count}"}
        asked |= {"receivers": receivers, "unfreeze_unsplit": last}
        return self.call(f"{_SHARING}/orders", asked)

    def refund(self, fen: int, **amount: Any) -> Answer:
        self.count += 1
        asked = {"transaction_id": self.paid, "out_refund_no": f"refund-{self.count}"}
        whole = {"refund": fen, "total": 10_000, "currency": "CNY", **amount}
        return self.call(_REFUNDS, {**asked, "amount": whole})


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox for all of these, whose clock only goes ahead."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def shop(sandbox: Sandbox) -> _Shop:
    """Its shop."""
    return _Shop(sandbox)


def _refused(answer: Answer, status: int, code: str, message: str = "") -> None:
    said = read(answer)
    assert (answer.status, said["code"]) == (status, code), said
    assert message in said["message"]


def test_the_first_minute(shop: _Shop) -> None:
    """A payment is shared a minute after it was made: official manual, 订单处理中，请稍后重试."""
    shop.pay()
    _refused(shop.share((_STORE, 1)), 400, "INVALID_REQUEST", "订单处理中，请稍后重试")
    rest = {"transaction_id": shop.paid, "out_order_no": "rest-1", "description": "解冻"}
    _refused(shop.call(f"{_SHARING}/orders/unfreeze", rest), 400, "INVALID_REQUEST", "订单处理中")
    shop.sandbox.advance(60)
    assert shop.share((_STORE, 1)).status == 200


def test_receivers_of_a_request(shop: _Shop) -> None:
    """There are 1 to 50 receivers in a request, each of them once, and all are known."""
    shop.pay()
    shop.sandbox.advance(60)
    _refused(shop.share(), 400, "PARAM_ERROR")
    many = [({**_STORE, "account": f"12300{each:05}"}, 1) for each in range(51)]
    _refused(shop.share(*many), 400, "PARAM_ERROR")
    _refused(shop.share((_STORE, 1), (_STORE, 2)), 400, "INVALID_REQUEST")
    unknown = {**_STORE, "account": "1230000110"}
    _refused(shop.share((_STORE, 1), (unknown, 1)), 400, "INVALID_REQUEST", "关系不存在")
    assert shop.share((_STORE, 1), (_STAFF, 1)).status == 200


def test_requests_of_a_payment(shop: _Shop) -> None:
    """A payment is shared in 50 requests at most."""
    shop.pay()
    shop.sandbox.advance(60)
    assert {shop.share((_STORE, 1)).status for _ in range(50)} == {200}
    _refused(shop.share((_STORE, 1)), 400, "INVALID_REQUEST")


def test_the_highest_share(shop: _Shop) -> None:
    """All shares of a payment are 30 % of what was not refunded at most, unless it is arranged.

    Page of the request: 403 `RULE_LIMIT`; more than is left without the fee is 403 `NOT_ENOUGH`.
    """
    shop.pay()
    shop.sandbox.advance(60)
    _refused(shop.share((_STORE, 3001)), 403, "RULE_LIMIT", "分账金额超出最大分账比例")
    _refused(shop.share((_STORE, 9941)), 403, "NOT_ENOUGH")
    assert shop.share((_STORE, 2000)).status == 200
    assert shop.refund(1001).status == 200
    _refused(shop.share((_STORE, 700)), 403, "RULE_LIMIT")
    assert shop.share((_STORE, 699)).status == 200
    config = f"{_SHARING}/merchant-configs/1230000109"
    assert read(shop.call(config)) == {"sub_mchid": "1230000109", "max_ratio": 3000}
    shop.sandbox.set_sharing_ratio(10_000)
    try:
        left = read(shop.call(f"{_SHARING}/transactions/{shop.paid}/amounts"))["unsplit_amount"]
        assert left == 10_000 - 1001 - 54 - 2699
        _refused(shop.share((_STORE, left + 1)), 403, "NOT_ENOUGH")
        assert shop.share((_STORE, left)).status == 200
    finally:
        shop.sandbox.set_sharing_ratio(3000)


def test_it_ends_by_itself(shop: _Shop) -> None:
    """After 30 days what was not shared is set free, and is shared no more."""
    shop.pay()
    shop.sandbox.advance(60)
    assert shop.share((_STORE, 100)).status == 200
    paid = shop.paid
    shop.sandbox.advance(30 * _DAY)
    amounts = f"{_SHARING}/transactions/{paid}/amounts"
    assert read(shop.call(amounts))["unsplit_amount"] == 0
    _refused(shop.share((_STORE, 1)), 403, "NOT_ENOUGH")
    assert shop.refund(1).status == 200


def test_a_refund_in_time(shop: _Shop) -> None:
    """A payment is refunded within 365 days, and not twice within a minute.

    m/4013163605 and docs/merchant/products/refund/introduction (2025-06-27)
    """
    shop.pay(shared=False)
    assert shop.refund(1).status == 200
    _refused(shop.refund(1), 429, "FREQUENCY_LIMITED")
    shop.sandbox.advance(60)
    assert shop.refund(1).status == 200
    shop.sandbox.advance(365 * _DAY - 120)
    assert shop.refund(1).status == 200
    shop.sandbox.advance(_DAY)
    _refused(shop.refund(1), 400, "INVALID_REQUEST", "期限")


def test_where_a_refund_comes_from(shop: _Shop) -> None:
    """The accounts add up to the refund, each once, and something waits to be shared.

    Go, refunddomestic/models.go, AmountReq: 任一条件不满足将返回错误
    """
    shop.pay()
    here, there = {"account": "AVAILABLE"}, {"account": "UNAVAILABLE"}
    for sources in (
        [{**here, "amount": 1}, {**there, "amount": 1}],
        [{**here, "amount": 1}, {**here, "amount": 2}],
        [{**here, "amount": 4}],
    ):
        _refused(shop.refund(3, **{"from": sources}), 400, "PARAM_ERROR")
    sources = [{**here, "amount": 1}, {**there, "amount": 2}]
    assert shop.refund(3, **{"from": sources}).status == 200
    shop.pay(shared=False)
    _refused(shop.refund(3, **{"from": sources}), 400, "INVALID_REQUEST")


def test_a_partly_shared_payment(shop: _Shop) -> None:
    """What was shared in part is refunded up to what is left of it."""
    shop.pay()
    shop.sandbox.advance(60)
    assert shop.share((_STORE, 1000)).status == 200
    _refused(shop.refund(10_000), 403, "NOT_ENOUGH")
    assert shop.refund(9000).status == 200


def test_a_platform_has_longer(shop: _Shop) -> None:
    """What a platform has begun to share is set free after 180 days, and from 30 seconds on."""
    shop.pay()
    shop.sandbox.advance(30)
    sharing = Sharing(shop.sandbox.world)
    receivers = [{**_STORE, "amount": 1, "description": "分账"}]
    asked = {"transaction_id": shop.paid, "out_order_no": "platform", "receivers": receivers}
    sharing.share({**asked, "unfreeze_unsplit": False}, platform=True)
    amounts = f"{_SHARING}/transactions/{shop.paid}/amounts"
    shop.sandbox.advance(30 * _DAY)
    assert read(shop.call(amounts))["unsplit_amount"] > 0
    shop.sandbox.advance(150 * _DAY)
    assert read(shop.call(amounts))["unsplit_amount"] == 0


def test_a_code_lapses(shop: _Shop) -> None:
    """A `code_url` is good for two hours; the order is as unpaid as before, and can be paid."""
    order = {**ORDER, "out_trade_no": "lapsing-1"}
    code = read(shop.call(NATIVE, order))["code_url"]
    shop.sandbox.advance(7200)
    with pytest.raises(Refusal, match="支付请求已失效"):
        shop.sandbox.pay(code)
    assert shop.sandbox.pay(read(shop.call(NATIVE, order))["code_url"])["trade_state"] == "SUCCESS"
