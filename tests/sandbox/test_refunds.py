"""Refunds: whole, in parts, and never more than was paid."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from wechatpay.sandbox import Answer, Gateway, Sandbox

from .merchant import BY_NUMBER, NATIVE, ORDER, Merchant, read

pytestmark = pytest.mark.usefixtures("at_once")

_NUMBER = str(ORDER["out_trade_no"])
_REFUNDS = "/v3/refund/domestic/refunds"
_REFUND: dict[str, Any] = {
    "out_trade_no": _NUMBER,
    "out_refund_no": "1217752501201407033233368018-1",
    "reason": "商品已售完",
    "amount": {"refund": 40, "total": 100, "currency": "CNY"},
}


def _amount(refund: int, total: int = 100) -> dict[str, Any]:
    return {"amount": {"refund": refund, "total": total, "currency": "CNY"}}


def _refund(gateway: Gateway, merchant: Merchant, **change: object) -> Answer:
    body = {name: value for name, value in {**_REFUND, **change}.items() if value is not None}
    return merchant.call(gateway, "POST", _REFUNDS, body)


def _query(gateway: Gateway, merchant: Merchant, number: str) -> Answer:
    return merchant.call(gateway, "GET", f"{_REFUNDS}/{number}")


def _refused(answer: Answer, status: int, code: str, field: str) -> None:
    said = read(answer)
    assert (answer.status, said["code"], said["detail"]["field"]) == (status, code, field)


@pytest.fixture
def paid(sandbox: Sandbox, merchant: Merchant) -> dict[str, Any]:
    """A paid order of 100."""
    merchant.call(sandbox.gateway, "POST", NATIVE, ORDER)
    return sandbox.pay(_NUMBER)


def test_refund_is_taken_on_then_done(
    gateway: Gateway, merchant: Merchant, paid: dict[str, Any]
) -> None:
    """A refund is answered as being processed; asked for, it is done."""
    taken = read(_refund(gateway, merchant))
    assert taken["status"] == "PROCESSING"
    assert "success_time" not in taken
    done = read(_query(gateway, merchant, _REFUND["out_refund_no"]))
    assert done == {**taken, "status": "SUCCESS", "success_time": done["success_time"]}
    assert done["success_time"].endswith("+08:00")
    assert (done["out_trade_no"], done["transaction_id"]) == (_NUMBER, paid["transaction_id"])
    assert len(done["refund_id"]) == 29
    assert (done["channel"], done["funds_account"]) == ("ORIGINAL", "AVAILABLE")
    assert done["amount"] == {
        "total": 100,
        "refund": 40,
        "payer_total": 100,
        "payer_refund": 40,
        "settlement_total": 100,
        "settlement_refund": 40,
        "discount_refund": 0,
        "currency": "CNY",
        "from": [],
    }


@pytest.mark.usefixtures("paid")
def test_several_refunds(gateway: Gateway, merchant: Merchant) -> None:
    """An order is refunded in parts until nothing is left of it."""
    for number, refund in (("a", 40), ("b", 59), ("c", 1)):
        assert _refund(gateway, merchant, out_refund_no=number, **_amount(refund)).status == 200
    answer = _refund(gateway, merchant, out_refund_no="d", **_amount(1))
    _refused(answer, 400, "INVALID_REQUEST", "/amount/refund")
    assert read(answer)["message"] == "订单已全额退款"
    assert read(_query(gateway, merchant, "b"))["amount"]["refund"] == 59
    _refused(_query(gateway, merchant, "d"), 404, "RESOURCE_NOT_EXISTS", "out_refund_no")


@pytest.mark.usefixtures("paid")
def test_too_much(gateway: Gateway, merchant: Merchant) -> None:
    """More than is left is refused, and what is left stays so."""
    _refund(gateway, merchant)
    answer = _refund(gateway, merchant, out_refund_no="more", **_amount(61))
    _refused(answer, 400, "INVALID_REQUEST", "/amount/refund")
    assert read(answer)["detail"]["issue"] == "60 left to refund"
    assert _refund(gateway, merchant, out_refund_no="rest", **_amount(60)).status == 200


@pytest.mark.usefixtures("paid")
def test_same_refund_again(gateway: Gateway, merchant: Merchant) -> None:
    """The same number is the same refund, however often it is asked for, even of all there is."""
    first = read(_refund(gateway, merchant, **_amount(100)))
    for _ in range(2):
        again = read(_refund(gateway, merchant, reason="again", **_amount(100)))
        assert again["refund_id"] == first["refund_id"]
        assert again["status"] == "SUCCESS"


def test_number_of_another_refund(
    sandbox: Sandbox, merchant: Merchant, paid: dict[str, Any]
) -> None:
    """A number with another amount, or for another order, is refused."""
    merchant.call(sandbox.gateway, "POST", NATIVE, {**ORDER, "out_trade_no": "another"})
    sandbox.pay("another")
    _refund(sandbox.gateway, merchant)
    by_id = {"transaction_id": paid["transaction_id"], "out_trade_no": None}
    assert _refund(sandbox.gateway, merchant, **by_id).status == 200
    for change in (_amount(41), {"out_trade_no": "another"}):
        answer = _refund(sandbox.gateway, merchant, **change)
        _refused(answer, 400, "INVALID_REQUEST", "/out_refund_no")


def test_order_by_either_number(gateway: Gateway, merchant: Merchant, paid: dict[str, Any]) -> None:
    """WeChat Pay's number leads to the order as well, and comes before the merchant's."""
    by_id = {"transaction_id": paid["transaction_id"], "out_trade_no": "nobodys"}
    assert read(_refund(gateway, merchant, **by_id))["out_trade_no"] == _NUMBER
    unknown = {"transaction_id": "4200000000", "out_refund_no": "b"}
    answer = _refund(gateway, merchant, **unknown)
    _refused(answer, 404, "RESOURCE_NOT_EXISTS", "/transaction_id")


def test_order_that_cannot_be_refunded(gateway: Gateway, merchant: Merchant) -> None:
    """An order that is not named, that is none, or that nobody has paid, is refused."""
    answer = _refund(gateway, merchant, out_trade_no=None)
    _refused(answer, 400, "PARAM_ERROR", "/transaction_id")
    answer = _refund(gateway, merchant)
    _refused(answer, 404, "RESOURCE_NOT_EXISTS", "/out_trade_no")
    merchant.call(gateway, "POST", NATIVE, ORDER)
    _refused(_refund(gateway, merchant), 400, "INVALID_REQUEST", "/out_trade_no")


@pytest.mark.usefixtures("paid")
def test_total_is_the_orders(gateway: Gateway, merchant: Merchant) -> None:
    """A refund that is mistaken about the order's amount is refused."""
    answer = _refund(gateway, merchant, **_amount(40, total=99))
    _refused(answer, 400, "INVALID_REQUEST", "/amount/total")


@pytest.mark.usefixtures("paid")
def test_fifty_refunds(gateway: Gateway, merchant: Merchant) -> None:
    """An order is refunded in fifty parts at most."""
    for index in range(50):
        answer = _refund(gateway, merchant, out_refund_no=str(index), **_amount(1))
        assert answer.status == 200
    answer = _refund(gateway, merchant, out_refund_no="50", **_amount(1))
    _refused(answer, 400, "INVALID_REQUEST", "/out_refund_no")


@pytest.mark.usefixtures("paid")
def test_refunded_order(sandbox: Sandbox, merchant: Merchant) -> None:
    """A refunded order says so, keeps what was paid, and can be neither closed nor paid again."""
    _refund(sandbox.gateway, merchant)
    target = f"{BY_NUMBER.format(_NUMBER)}?mchid=1900000109"
    seen = read(merchant.call(sandbox.gateway, "GET", target))
    assert (seen["trade_state"], seen["trade_state_desc"]) == ("REFUND", "订单发生过退款")
    assert seen["amount"]["payer_total"] == 100
    close = f"{BY_NUMBER.format(_NUMBER)}/close"
    answer = merchant.call(sandbox.gateway, "POST", close, {"mchid": "1900000109"})
    assert read(answer)["code"] == "ORDERPAID"
    answer = merchant.call(sandbox.gateway, "POST", f"/sandbox/pay/{_NUMBER}")
    assert read(answer)["code"] == "ORDERPAID"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"out_refund_no": None}, "/out_refund_no"),
        ({"out_refund_no": "with space"}, "/out_refund_no"),
        ({"out_refund_no": "9" * 65}, "/out_refund_no"),
        ({"reason": "长" * 81}, "/reason"),
        ({"notify_url": "https://www.weixin.qq.com/?query"}, "/notify_url"),
        ({"funds_account": "MINE"}, "/funds_account"),
        ({"amount": None}, "/amount"),
        ({"amount": {"refund": 0, "total": 100, "currency": "CNY"}}, "/amount/refund"),
        ({"amount": {"refund": 1, "currency": "CNY"}}, "/amount/total"),
        ({"amount": {"refund": 1, "total": 100}}, "/amount/currency"),
    ],
)
@pytest.mark.usefixtures("paid")
def test_wrong_parameter(
    gateway: Gateway, merchant: Merchant, change: dict[str, object], field: str
) -> None:
    """A parameter that is missing or wrong is a 400 that points at it, and nothing is refunded."""
    _refused(_refund(gateway, merchant, **change), 400, "PARAM_ERROR", field)
    assert _query(gateway, merchant, _REFUND["out_refund_no"]).status == 404


@pytest.mark.usefixtures("paid")
def test_refunds_at_once(gateway: Gateway, merchant: Merchant) -> None:
    """Refunds at the same moment never come to more than was paid."""
    statuses: list[int] = []

    def refund(number: int) -> None:
        answer = _refund(gateway, merchant, out_refund_no=str(number), **_amount(30))
        statuses.append(answer.status)

    threads = [threading.Thread(target=refund, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 3 + [400] * 9
