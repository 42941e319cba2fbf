"""The life of a native order."""

from __future__ import annotations

from typing import Any

import pytest

from wechatpay.sandbox import Answer, Gateway, Refusal, Sandbox

from .merchant import BY_NUMBER, NATIVE, ORDER, Merchant, read

_NUMBER = str(ORDER["out_trade_no"])
_QUERY = f"{BY_NUMBER.format(_NUMBER)}?mchid=1900000109"
_CLOSE = f"{BY_NUMBER.format(_NUMBER)}/close"
_NOBODY = f"{BY_NUMBER.format('nobodys')}"


def _place(gateway: Gateway, merchant: Merchant, **change: object) -> Answer:
    return merchant.call(gateway, "POST", NATIVE, {**ORDER, **change})


def _close(gateway: Gateway, merchant: Merchant) -> Answer:
    return merchant.call(gateway, "POST", _CLOSE, {"mchid": "1900000109"})


def _query(gateway: Gateway, merchant: Merchant) -> dict[str, Any]:
    answer = merchant.call(gateway, "GET", _QUERY)
    assert answer.status == 200
    return read(answer)


def _refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, read(answer)["code"]) == (status, code)


def test_order_gives_a_code_url(gateway: Gateway, merchant: Merchant) -> None:
    """A native order is answered with what its QR code says, and waits to be paid."""
    answer = _place(gateway, merchant, attach="a", settle_info={"profit_sharing": False})
    assert answer.status == 200
    assert read(answer)["code_url"].startswith("weixin://wxpay/bizpayurl?pr=")
    assert _query(gateway, merchant) == {
        "appid": ORDER["appid"],
        "mchid": "1900000109",
        "out_trade_no": _NUMBER,
        "trade_state": "NOTPAY",
        "trade_state_desc": "订单未支付",
        "amount": {"total": 100, "currency": "CNY"},
        "promotion_detail": [],
        "attach": "a",
    }


def test_paid_order(sandbox: Sandbox, merchant: Merchant) -> None:
    """Once it is paid, an order has a transaction id, by which it is found, and a time."""
    _place(sandbox.gateway, merchant)
    paid = sandbox.pay(_NUMBER)
    assert _query(sandbox.gateway, merchant) == paid
    assert paid["trade_state"] == "SUCCESS"
    assert paid["trade_type"] == "NATIVE"
    assert paid["success_time"].endswith("+08:00")
    assert paid["amount"]["payer_total"] == 100
    assert len(paid["transaction_id"]) == 28
    by_id = f"/v3/pay/transactions/id/{paid['transaction_id']}?mchid=1900000109"
    assert read(merchant.call(sandbox.gateway, "GET", by_id)) == paid


def test_transaction_ids_differ(sandbox: Sandbox, merchant: Merchant) -> None:
    """No two orders have the same transaction id."""
    ids: set[str] = set()
    for index in range(20):
        _place(sandbox.gateway, merchant, out_trade_no=f"number-{index}")
        ids.add(sandbox.pay(f"number-{index}")["transaction_id"])
    assert len(ids) == 20


def test_closed_order(gateway: Gateway, merchant: Merchant) -> None:
    """A closed order says so, and closing it again changes nothing."""
    _place(gateway, merchant)
    for _ in range(2):
        answer = _close(gateway, merchant)
        assert (answer.status, answer.body) == (204, b"")
        assert _query(gateway, merchant)["trade_state"] == "CLOSED"


def test_same_order_again(gateway: Gateway, merchant: Merchant) -> None:
    """The same number with the same parameters is the same order, with a new code to scan."""
    first, second = (read(_place(gateway, merchant)) for _ in range(2))
    assert first.keys() == second.keys() == {"code_url"}
    assert first != second
    assert _query(gateway, merchant)["trade_state"] == "NOTPAY"


def test_number_is_used(gateway: Gateway, merchant: Merchant) -> None:
    """The same number with other parameters is refused, and the order stays as it was."""
    _place(gateway, merchant)
    _refused(_place(gateway, merchant, amount={"total": 1}), 403, "OUT_TRADE_NO_USED")
    assert _query(gateway, merchant)["amount"]["total"] == 100


def test_paid_order_stays_paid(sandbox: Sandbox, merchant: Merchant) -> None:
    """A paid order can be neither placed nor closed nor paid again."""
    _place(sandbox.gateway, merchant)
    sandbox.pay(_NUMBER)
    _refused(_place(sandbox.gateway, merchant), 400, "ORDERPAID")
    _refused(_close(sandbox.gateway, merchant), 400, "ORDERPAID")
    with pytest.raises(Refusal, match="ORDERPAID"):
        sandbox.pay(_NUMBER)


def test_closed_order_stays_closed(sandbox: Sandbox, merchant: Merchant) -> None:
    """A closed order can be neither placed again nor paid."""
    _place(sandbox.gateway, merchant)
    _close(sandbox.gateway, merchant)
    _refused(_place(sandbox.gateway, merchant), 400, "ORDER_CLOSED")
    with pytest.raises(Refusal, match="ORDER_CLOSED"):
        sandbox.pay(_NUMBER)


def test_order_that_is_none(sandbox: Sandbox, merchant: Merchant) -> None:
    """A number without an order is a 404, by whatever it is asked for."""
    by_id = "/v3/pay/transactions/id/4200000000?mchid=1900000109"
    for answer in (
        merchant.call(sandbox.gateway, "GET", f"{_NOBODY}?mchid=1900000109"),
        merchant.call(sandbox.gateway, "GET", by_id),
        merchant.call(sandbox.gateway, "POST", f"{_NOBODY}/close", {"mchid": "1900000109"}),
    ):
        _refused(answer, 404, "ORDER_NOT_EXIST")
    with pytest.raises(Refusal, match="ORDER_NOT_EXIST"):
        sandbox.pay("nobodys")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        *(({name: None}, f"/{name}") for name in ORDER),
        ({"amount": {}}, "/amount/total"),
        ({"amount": {"total": 0}}, "/amount/total"),
        ({"amount": {"total": "100"}}, "/amount/total"),
        ({"amount": {"total": 1, "currency": "XYZ"}}, "/amount/currency"),
        ({"out_trade_no": "short"}, "/out_trade_no"),
        ({"out_trade_no": "with space"}, "/out_trade_no"),
        ({"notify_url": "https://www.weixin.qq.com/?query"}, "/notify_url"),
        ({"time_expire": "tomorrow"}, "/time_expire"),
        ({"limit_pay": ["no_credit", 1]}, "/limit_pay/1"),
    ],
)
def test_wrong_parameter(
    gateway: Gateway, merchant: Merchant, change: dict[str, object], field: str
) -> None:
    """A parameter that is missing or wrong is a 400 that points at it, and nothing is ordered."""
    answer = _place(gateway, merchant, **change)
    _refused(answer, 400, "PARAM_ERROR")
    assert read(answer)["detail"]["field"] == field
    assert merchant.call(gateway, "GET", _QUERY).status == 404


@pytest.mark.parametrize(
    "extra",
    [
        {"time_expire": "2018-06-08T10:34:56+08:00"},
        {"time_expire": "2018-06-08T10:34:56.123Z"},
        {"notify_url": "http://127.0.0.1:8000/notify"},
        {"out_trade_no": "abc_-|*123"},
        {"limit_pay": ["no_credit"]},
    ],
)
def test_right_parameters(gateway: Gateway, merchant: Merchant, extra: dict[str, object]) -> None:
    """What is documented is taken."""
    assert _place(gateway, merchant, **extra).status == 200


def test_query_names_the_merchant(gateway: Gateway, merchant: Merchant) -> None:
    """A query without `mchid` is a 400 that names the parameter."""
    for target in (BY_NUMBER.format(_NUMBER), f"{BY_NUMBER.format(_NUMBER)}?mchid="):
        detail = read(merchant.call(gateway, "GET", target))["detail"]
        assert (detail["field"], detail["location"]) == ("mchid", "query")


def test_merchant_is_the_one_who_signed(gateway: Gateway, merchant: Merchant) -> None:
    """Parameters for another merchant than the one who signed are a 400."""
    answers = [
        _place(gateway, merchant, mchid="1900000110"),
        merchant.call(gateway, "GET", f"{BY_NUMBER.format(_NUMBER)}?mchid=1900000110"),
    ]
    for answer, field in zip(answers, ["/mchid", "mchid"], strict=True):
        _refused(answer, 400, "PARAM_ERROR")
        assert read(answer)["detail"]["field"] == field
        assert "http header中的mchid与post payload中的mchid不匹配" in read(answer)["message"]
