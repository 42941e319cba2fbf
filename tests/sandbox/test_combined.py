"""Several orders, paid with one password."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from wechatpay.sandbox import Answer, Refusal, Sandbox

from .merchant import BY_NUMBER, merchant_of, read
from .old_shop import Till, refused

pytestmark = pytest.mark.usefixtures("at_once")

_PATH = "/v3/combine-transactions"
_QUERY = f"{_PATH}/out-trade-no/together-1"


def _sub_order(number: str, total: int, **change: object) -> dict[str, Any]:
    return {
        "mchid": "1900000109",
        "out_trade_no": number,
        "attach": "深圳分店",
        "description": "腾讯充值中心-QQ会员充值",
        "amount": {"total_amount": total, "currency": "CNY"},
        **change,
    }


_ORDER: dict[str, Any] = {
    "combine_appid": "wxd678efh567hg6787",
    "combine_mchid": "1900000109",
    "combine_out_trade_no": "together-1",
    "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
    "scene_info": {"device_id": "POS1:1", "payer_client_ip": "127.0.0.1"},
    "sub_orders": [_sub_order("part-one", 10), _sub_order("part-two", 32)],
}


def _call(sandbox: Sandbox, method: str, target: str, body: object = None) -> Answer:
    return merchant_of(sandbox).call(sandbox.gateway, method, target, body)


def _place(sandbox: Sandbox, way: str = "native", **change: object) -> Answer:
    return _call(sandbox, "POST", f"{_PATH}/{way}", {**_ORDER, **change})


def _query(sandbox: Sandbox) -> dict[str, Any]:
    answer = _call(sandbox, "GET", _QUERY)
    assert answer.status == 200
    return read(answer)


def _states(sandbox: Sandbox) -> list[str]:
    return [each["trade_state"] for each in _query(sandbox)["sub_orders"]]


def _refused(answer: Answer, status: int, code: str, field: str) -> None:
    said = read(answer)
    assert (answer.status, said["code"], said["detail"]["field"]) == (status, code, field)


def _close(sandbox: Sandbox, *numbers: str) -> Answer:
    named = [{"mchid": "1900000109", "out_trade_no": number} for number in numbers]
    body = {"combine_appid": "wxd678efh567hg6787", "sub_orders": named}
    return _call(sandbox, "POST", f"{_QUERY}/close", body)


@pytest.mark.parametrize(
    ("way", "extra", "name"),
    [
        ("jsapi", {"combine_payer_info": {"openid": "o-customer"}}, "prepay_id"),
        ("app", {}, "prepay_id"),
        (
            "h5",
            {"scene_info": {**_ORDER["scene_info"], "h5_info": {"type": "Wap"}}},
            "h5_url",
        ),
        ("native", {}, "code_url"),
    ],
)
def test_orders_are_placed_and_paid(
    sandbox: Sandbox, way: str, extra: dict[str, Any], name: str
) -> None:
    """Orders placed together are paid together; each of them has a transaction of its own."""
    answer = _place(sandbox, way, **extra)
    assert read(answer).keys() == {name}
    assert read(_place(sandbox, way, **extra)).keys() == {name}
    before = _query(sandbox)
    assert _states(sandbox) == ["NOTPAY", "NOTPAY"]
    assert "combine_transaction_id" not in before
    paid = sandbox.pay("together-1")
    assert paid == _query(sandbox)
    openid = extra.get("combine_payer_info", {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"})
    assert paid["combine_payer_info"] == openid
    ids = [each["transaction_id"] for each in paid["sub_orders"]] + [paid["combine_transaction_id"]]
    assert len(set(ids)) == 3
    assert all(re.fullmatch("42[0-9]{26}", each) for each in ids)
    for each, total in zip(paid["sub_orders"], (10, 32), strict=True):
        assert each["amount"] == {
            "total_amount": total,
            "currency": "CNY",
            "payer_amount": total,
            "payer_currency": "CNY",
        }
        assert (each["mchid"], each["attach"]) == ("1900000109", "深圳分店")
    by_id = f"{_PATH}/id/{paid['combine_transaction_id']}"
    parts = [
        {key: one[key] for key in one if key != "promotion_detail"} for one in paid["sub_orders"]
    ]
    assert read(_call(sandbox, "GET", by_id)) == {**paid, "sub_orders": parts}  # as its page has it


def test_device_is_shown_if_there_is_one(sandbox: Sandbox) -> None:
    """A query shows the device that the orders name, and nothing else of the scene."""
    _place(sandbox)
    assert _query(sandbox)["scene_info"] == {"device_id": "POS1:1"}
    parts = [_sub_order("part-three", 1), _sub_order("part-four", 1)]
    scene = {"payer_client_ip": "127.0.0.1"}
    _place(sandbox, combine_out_trade_no="together-2", sub_orders=parts, scene_info=scene)
    other = read(_call(sandbox, "GET", f"{_PATH}/out-trade-no/together-2"))
    assert "scene_info" not in other


def test_orders_of_persons(sandbox: Sandbox) -> None:
    """Second-hand goods are paid together as well; each says whose they are."""
    parts = [
        _sub_order(f"part-{number}", 10, individual_auth_id=f"person-{number}")
        for number in ("one", "two")
    ]
    payer = {"openid": "o-customer"}
    answer = _place(sandbox, "miniprogram", sub_orders=parts, combine_payer_info=payer)
    assert read(answer).keys() == {"prepay_id"}
    parts = sandbox.pay("together-1")["sub_orders"]
    assert [each["individual_auth_id"] for each in parts] == ["person-one", "person-two"]


def test_one_of_them_pays_for_all(sandbox: Sandbox) -> None:
    """The customer cannot pay for one of them alone."""
    _place(sandbox)
    sandbox.pay("part-two")
    assert _states(sandbox) == ["SUCCESS", "SUCCESS"]
    with pytest.raises(Refusal, match="ORDERPAID"):
        sandbox.pay("together-1")
    _refused(_place(sandbox), 400, "ORDERPAID", "/out_trade_no")


def test_merchant_is_told_once(sandbox: Sandbox) -> None:
    """One notification tells of all of them."""
    _place(sandbox)
    paid = sandbox.pay("together-1")
    (delivery,) = sandbox.settle()
    assert delivery.event.event_type == "TRANSACTION.SUCCESS"
    assert delivery.event.resource == paid


def test_one_of_them_is_refunded(sandbox: Sandbox) -> None:
    """Each of them is refunded by itself, and is the direct merchant's as any other."""
    _place(sandbox)
    sandbox.pay("together-1")
    amount = {"refund": 5, "total": 32, "currency": "CNY"}
    body = {"out_trade_no": "part-two", "out_refund_no": "1", "amount": amount}
    assert _call(sandbox, "POST", "/v3/refund/domestic/refunds", body).status == 200
    assert _states(sandbox) == ["SUCCESS", "REFUND"]
    answer = _call(sandbox, "GET", f"{BY_NUMBER.format('part-two')}?mchid=1900000109")
    _refused(answer, 404, "ORDER_NOT_EXIST", "out_trade_no")


def test_orders_of_a_partner(sandbox: Sandbox) -> None:
    """A partner's orders go to its merchants; a number is one order's, whoever of them it is."""
    parts = [
        _sub_order(f"part-{sub_mchid}", 1, sub_mchid=sub_mchid)
        for sub_mchid in ("12300001", "12300002")
    ]
    payer = {"openid": "o-customer"}
    assert _place(sandbox, "jsapi", sub_orders=parts, combine_payer_info=payer).status == 200
    paid = sandbox.pay("together-1")
    assert [each["sub_mchid"] for each in paid["sub_orders"]] == ["12300001", "12300002"]
    parts[0] |= {"sub_mchid": "12300003"}
    parts[1] |= {"out_trade_no": "part-new"}
    body = {"sub_orders": parts, "combine_out_trade_no": "together-2"}
    answer = _place(sandbox, "jsapi", **body, combine_payer_info=payer)
    _refused(answer, 403, "OUT_TRADE_NO_USED", "/out_trade_no")
    body["sub_orders"] = [_sub_order("part-own", 1, sub_mchid="1900000109")]
    answer = _place(sandbox, "jsapi", **body, combine_payer_info=payer)
    _refused(answer, 400, "PARAM_ERROR", "/sub_orders")
    body["sub_orders"] = [_sub_order("part-alone", 1, sub_mchid="12300001")]
    assert _place(sandbox, "jsapi", **body, combine_payer_info=payer).status == 200


def test_closing(sandbox: Sandbox) -> None:
    """All of the orders are closed, or none: m/4012709095; then nobody can pay.

    The official manual of combined payments says of orders that are not the same ones that closing
    fails, and of one order alone that it is asked for, and closed, together with the others; by
    APIv2 no more than by APIv3.
    """
    _place(sandbox)
    for others in (("part-one", "nobodys"), ("part-one",), ("part-one", "part-two", "part-two")):
        _refused(_close(sandbox, *others), 400, "INVALID_REQUEST", "/sub_orders")
    alone = _call(sandbox, "POST", f"{BY_NUMBER.format('part-one')}/close", {"mchid": "1900000109"})
    _refused(alone, 404, "ORDER_NOT_EXIST", "out_trade_no")
    for asked in (Till(sandbox).query, Till(sandbox).close):
        assert refused(asked(out_trade_no="part-one"))[0] == "ORDERNOTEXIST"
    assert _states(sandbox) == ["NOTPAY", "NOTPAY"]
    for _ in range(2):
        assert _close(sandbox, "part-one", "part-two").status == 204
        assert _states(sandbox) == ["CLOSED", "CLOSED"]
    with pytest.raises(Refusal, match="ORDER_CLOSED"):
        sandbox.pay("together-1")
    _refused(_place(sandbox), 400, "ORDER_CLOSED", "/out_trade_no")


def test_orders_expire(sandbox: Sandbox) -> None:
    """What nobody pays within a week is closed, all of it."""
    first = _place(sandbox).body
    sandbox.advance(7200)
    assert _states(sandbox) == ["NOTPAY", "NOTPAY"]
    second = _place(sandbox).body
    assert second != first
    with pytest.raises(Refusal, match="支付请求已失效"):
        sandbox.pay(json.loads(first)["code_url"])
    sandbox.advance(7 * 86400 - 7200)
    assert _states(sandbox) == ["CLOSED", "CLOSED"]


def test_number_is_used(sandbox: Sandbox) -> None:
    """A number with other parameters is refused, that of all as well as that of one."""
    _place(sandbox)
    changed = [_sub_order("part-one", 11), _sub_order("part-two", 32)]
    answer = _place(sandbox, sub_orders=changed)
    _refused(answer, 403, "OUT_TRADE_NO_USED", "/out_trade_no")
    answer = _place(sandbox, combine_out_trade_no="together-2")
    _refused(answer, 403, "OUT_TRADE_NO_USED", "/out_trade_no")
    assert _call(sandbox, "GET", f"{_PATH}/out-trade-no/together-2").status == 404
    twice = [_sub_order("part-three", 1), _sub_order("part-three", 1)]
    answer = _place(sandbox, combine_out_trade_no="together-3", sub_orders=twice)
    _refused(answer, 403, "OUT_TRADE_NO_USED", "/out_trade_no")


def test_orders_that_are_none(sandbox: Sandbox) -> None:
    """Numbers without orders are a 404."""
    for target in (_QUERY, f"{_PATH}/id/4200000000"):
        assert _call(sandbox, "GET", target).status == 404
    assert _close(sandbox, "part-one").status == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sub_orders": []}, "/sub_orders"),
        ({"sub_orders": [_sub_order("part-one", 1)]}, "/sub_orders"),
        ({"sub_orders": [_sub_order(f"part-{n:03}", 1) for n in range(11)]}, "/sub_orders"),
        ({"sub_orders": [_sub_order("part-one", 0)]}, "/sub_orders/0/amount/total_amount"),
        ({"sub_orders": [_sub_order("x y", 1)]}, "/sub_orders/0/out_trade_no"),
        ({"combine_out_trade_no": "1"}, "/combine_out_trade_no"),
        ({"combine_mchid": "1900000110"}, "/combine_mchid"),
        ({"combine_appid": None}, "/combine_appid"),
    ],
)
def test_wrong_parameter(sandbox: Sandbox, change: dict[str, Any], field: str) -> None:
    """A parameter that is missing or wrong is a 400 that points at it, and nothing is ordered."""
    _refused(_place(sandbox, **change), 400, "PARAM_ERROR", field)
    assert _call(sandbox, "GET", _QUERY).status == 404
