"""The ways to pay, of direct merchants and of partners: placed, paid, expired, reversed."""

from __future__ import annotations

import contextlib
import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.sandbox import Answer, Refusal, Sandbox
from wechatpay.sandbox._families.payments.fields import _RFC3339, expires

from .merchant import ORDER, merchant_of, read

_DIRECT = "/v3/pay/transactions"
_PARTNER = "/v3/pay/partner/transactions"
_NUMBER = str(ORDER["out_trade_no"])
_SUB_ORDER: dict[str, Any] = {
    "sp_appid": "wxd678efh567hg6787",
    "sp_mchid": "1900000109",
    "sub_mchid": "1230000109",
    **{name: ORDER[name] for name in ("description", "out_trade_no", "notify_url", "amount")},
}
_STORE = {"store_info": {"id": "0001"}}
_SCENE = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
_EXTRAS: dict[str, dict[str, Any]] = {
    "jsapi": {"payer": {"openid": "o-customer"}},
    "app": {},
    "h5": {"scene_info": _SCENE},
    "native": {},
}
_HANDLES = {
    "jsapi": {"prepay_id": r"wx[0-9a-f]{34}"},
    "app": {"prepay_id": r"wx[0-9a-f]{34}"},
    "h5": {"h5_url": r"https://wx\.tenpay\.com/.+\?prepay_id=wx[0-9a-f]{34}&package=[0-9]+"},
    "native": {"code_url": r"weixin://wxpay/bizpayurl\?pr=.+"},
}
_TYPES = {"jsapi": "JSAPI", "app": "APP", "h5": "MWEB", "native": "NATIVE"}


def _call(sandbox: Sandbox, method: str, target: str, body: object = None) -> Answer:
    return merchant_of(sandbox).call(sandbox.gateway, method, target, body)


def _query(sandbox: Sandbox, number: str = _NUMBER) -> dict[str, Any]:
    answer = _call(sandbox, "GET", f"{_DIRECT}/out-trade-no/{number}?mchid=1900000109")
    assert answer.status == 200
    return read(answer)


def _ask_partner(sandbox: Sandbox, path: str, sub_mchid: str = "1230000109") -> Answer:
    query = f"sp_mchid=1900000109&sub_mchid={sub_mchid}"
    return _call(sandbox, "GET", f"{_PARTNER}/{path}?{query}")


def _refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, read(answer)["code"]) == (status, code)


def _charge(sandbox: Sandbox, last: int, **change: object) -> Answer:
    body = {name: ORDER[name] for name in ORDER if name != "notify_url"}
    shown = f"13{sum(str(change).encode()):015d}{last}"  # another order, another code
    body |= {"payer": {"auth_code": shown}, "scene_info": _STORE, **change}
    return _call(sandbox, "POST", f"{_DIRECT}/codepay", body)


def _reverse(sandbox: Sandbox, number: str = _NUMBER) -> Answer:
    body = {"appid": ORDER["appid"], "mchid": "1900000109"}
    return _call(sandbox, "POST", f"{_DIRECT}/out-trade-no/{number}/reverse", body)


@pytest.mark.parametrize("way", list(_EXTRAS))
def test_direct_order(sandbox: Sandbox, way: str) -> None:
    """Each way to pay is answered with what the customer's side needs, and named once paid."""
    body = {**ORDER, **_EXTRAS[way]}
    answer = _call(sandbox, "POST", f"{_DIRECT}/{way}", body)
    ((name, pattern),) = _HANDLES[way].items()
    assert read(answer).keys() == {name}
    assert re.fullmatch(pattern, read(answer)[name])
    assert read(_call(sandbox, "POST", f"{_DIRECT}/{way}", body)).keys() == {name}
    assert "trade_type" not in _query(sandbox)
    paid = sandbox.pay(_NUMBER)
    assert paid["trade_type"] == _TYPES[way]
    openid = "o-customer" if way == "jsapi" else "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
    assert paid["payer"] == {"openid": openid}
    assert _query(sandbox) == paid


def test_number_is_taken_by_another_way(sandbox: Sandbox) -> None:
    """The same order to be paid in another way is another order, which needs another number."""
    _call(sandbox, "POST", f"{_DIRECT}/native", ORDER)
    _refused(_call(sandbox, "POST", f"{_DIRECT}/app", ORDER), 403, "OUT_TRADE_NO_USED")


@pytest.mark.parametrize("way", list(_EXTRAS))
def test_partners_order(sandbox: Sandbox, way: str) -> None:
    """A partner's orders are placed and found with both merchants' numbers, and say both."""
    extra = {"payer": {"sp_openid": "o-sp", "sub_openid": "o-sub"}} if way == "jsapi" else {}
    body = {**_SUB_ORDER, **_EXTRAS[way], **extra}
    answer = _call(sandbox, "POST", f"{_PARTNER}/{way}", body)
    ((name, pattern),) = _HANDLES[way].items()
    assert re.fullmatch(pattern, read(answer)[name])
    paid = sandbox.pay(_NUMBER)
    assert paid["payer"] == (extra.get("payer") or {"sp_openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"})
    assert {name: paid[name] for name in ("sp_appid", "sp_mchid", "sub_mchid")} == {
        name: _SUB_ORDER[name] for name in ("sp_appid", "sp_mchid", "sub_mchid")
    }
    assert "mchid" not in paid
    for path in (f"out-trade-no/{_NUMBER}", f"id/{paid['transaction_id']}"):
        assert read(_ask_partner(sandbox, path)) == paid
        _refused(_ask_partner(sandbox, path, "1230000110"), 404, "ORDER_NOT_EXIST")


def test_partners_miniprogram(sandbox: Sandbox) -> None:
    """A partner's mini program has a path of its own, and pays as JSAPI does."""
    body = {**_SUB_ORDER, "payer": {"sub_openid": "o-sub"}}
    answer = _call(sandbox, "POST", f"{_PARTNER}/miniprogram", body)
    assert read(answer).keys() == {"prepay_id"}
    paid = sandbox.pay(_NUMBER)
    assert (paid["trade_type"], paid["payer"]) == ("JSAPI", {"sub_openid": "o-sub"})


def test_numbers_of_two_merchants(sandbox: Sandbox) -> None:
    """The merchant's own orders and those of a partner have nothing to do with each other.

    Below the partner a number is unique, sub-merchants included, none of whom is the partner.
    """
    _call(sandbox, "POST", f"{_DIRECT}/native", ORDER)
    assert _ask_partner(sandbox, f"out-trade-no/{_NUMBER}").status == 404
    assert _call(sandbox, "POST", f"{_PARTNER}/native", _SUB_ORDER).status == 200
    body = {"sp_mchid": "1900000109", "sub_mchid": "1230000109"}
    path = f"{_PARTNER}/out-trade-no/{_NUMBER}/close"
    assert _call(sandbox, "POST", path, body).status == 204
    assert read(_ask_partner(sandbox, f"out-trade-no/{_NUMBER}"))["trade_state"] == "CLOSED"
    assert _query(sandbox)["trade_state"] == "NOTPAY"
    another = {**_SUB_ORDER, "sub_mchid": "1230000110"}
    answer = _call(sandbox, "POST", f"{_PARTNER}/native", another)
    _refused(answer, 403, "OUT_TRADE_NO_USED")
    own = {**_SUB_ORDER, "sub_mchid": "1900000109", "out_trade_no": "own-number"}
    answer = _call(sandbox, "POST", f"{_PARTNER}/native", own)
    _refused(answer, 400, "PARAM_ERROR")
    assert answer.header("Request-ID").endswith("-268443705")


def test_customer_of_two_merchants(sandbox: Sandbox) -> None:
    """Of two orders with the same number, the customer pays the one that waits to be paid."""
    _call(sandbox, "POST", f"{_DIRECT}/native", ORDER)
    _call(sandbox, "POST", f"{_PARTNER}/native", _SUB_ORDER)
    assert "mchid" in sandbox.pay(_NUMBER)
    assert "sub_mchid" in sandbox.pay(_NUMBER)
    with pytest.raises(Refusal, match="ORDERPAID"):
        sandbox.pay(_NUMBER)


def test_partner_is_the_one_who_signed(sandbox: Sandbox) -> None:
    """An order for another partner than the one who signed is a 400, and so is a query."""
    foreign = {**_SUB_ORDER, "sp_mchid": "1900000110"}
    _refused(_call(sandbox, "POST", f"{_PARTNER}/native", foreign), 400, "PARAM_ERROR")
    target = f"{_PARTNER}/id/1?sp_mchid=1900000110&sub_mchid=1230000109"
    _refused(_call(sandbox, "GET", target), 400, "PARAM_ERROR")


def test_order_expires(sandbox: Sandbox) -> None:
    """What nobody pays within seven days is closed, and cannot be paid or placed again.

    docs/merchant/products/jsapi-payment/development.html (2025-06-27)
    """
    _call(sandbox, "POST", f"{_DIRECT}/native", ORDER)
    sandbox.advance(7 * 86400 - 1)
    assert _query(sandbox)["trade_state"] == "NOTPAY"
    sandbox.advance(1)
    assert _query(sandbox)["trade_state"] == "CLOSED"
    with pytest.raises(Refusal, match="ORDER_CLOSED"):
        sandbox.pay(_NUMBER)
    _refused(_call(sandbox, "POST", f"{_DIRECT}/native", ORDER), 400, "ORDER_CLOSED")


def test_time_expire(sandbox: Sandbox) -> None:
    """`time_expire` ends paying and closes nothing; it is moved to a minute from now at least.

    docs/merchant/products/jsapi-payment/development.html (2025-06-27): the order stays NOTPAY, the
    merchant closes it and takes another number; later than 90 days is moved to that day.
    """
    later = {"time_expire": "2035-12-31T10:00:00+08:00"}
    _call(sandbox, "POST", f"{_DIRECT}/native", {**ORDER, **later, "out_trade_no": "later-1"})
    _call(sandbox, "POST", f"{_DIRECT}/native", {**ORDER, **later, "out_trade_no": "later-2"})
    past = {"time_expire": "2018-06-08T02:34:56.123Z"}
    _call(sandbox, "POST", f"{_DIRECT}/native", {**ORDER, **past})
    assert _query(sandbox)["trade_state"] == "NOTPAY"
    sandbox.advance(61)
    assert _query(sandbox)["trade_state"] == "NOTPAY"
    with pytest.raises(Refusal, match="订单已超过商户设置的最晚支付成功时间，请重新发起支付"):
        sandbox.pay(_NUMBER)
    again = _call(sandbox, "POST", f"{_DIRECT}/native", {**ORDER, **past})
    _refused(again, 400, "ORDER_CLOSED")
    close = f"{_DIRECT}/out-trade-no/{_NUMBER}/close"
    assert _call(sandbox, "POST", close, {"mchid": "1900000109"}).status == 204
    sandbox.advance(86400)
    assert _query(sandbox, "later-1")["trade_state"] == "NOTPAY"
    sandbox.pay("later-2")
    sandbox.advance(88 * 86400)
    assert _query(sandbox, "later-1")["trade_state"] == "NOTPAY"
    sandbox.advance(86400)
    assert _query(sandbox, "later-1")["trade_state"] == "CLOSED"
    assert _query(sandbox, "later-2")["trade_state"] == "SUCCESS"


@pytest.mark.parametrize("time", ["2026-02-30T10:00:00+08:00", "2026-01-01T10:00:00+99:00"])
def test_time_that_is_none(sandbox: Sandbox, time: str) -> None:
    """A time that looks like one and is none is a 400 that points at it."""
    answer = _call(sandbox, "POST", f"{_DIRECT}/native", {**ORDER, "time_expire": time})
    _refused(answer, 400, "PARAM_ERROR")
    assert read(answer)["detail"]["field"] == "/time_expire"


@given(
    moment=st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)),
    minutes=st.integers(-14 * 60, 14 * 60),
    fraction=st.sampled_from(["", ".1", ".123", ".123456789"]),
)
def test_every_time_is_understood(moment: datetime, minutes: int, fraction: str) -> None:
    """Whatever its time zone and however fine it is, a time is read to the second."""
    there = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    text = there.isoformat()
    text = f"{text[:19]}{fraction}{'Z' if not minutes else text[19:]}"
    assert expires({"time_expire": text}) == there.timestamp()


@given(st.from_regex(_RFC3339, fullmatch=True))
def test_no_time_is_refused_in_good_order(text: str) -> None:
    """What is written as a time is a time, or it is refused."""
    with contextlib.suppress(Refusal):
        assert isinstance(expires({"time_expire": text}), float)


@pytest.mark.parametrize("path", ["close", "reverse"])
def test_partner_names_his_merchant(sandbox: Sandbox, path: str) -> None:
    """A partner's merchant without a number is refused as such."""
    body = {"sp_mchid": "1900000109", "sub_mchid": ""}
    target = f"/v3/pay/partner/transactions/out-trade-no/{_NUMBER}/{path}"
    answer = _call(sandbox, "POST", target, body)
    _refused(answer, 400, "PARAM_ERROR")
    assert read(answer)["detail"]["field"] == "/sub_mchid"


def test_customer_gives_up(sandbox: Sandbox) -> None:
    """A payment that fails, or is given up, leaves the order as it was: it can still be paid."""
    _call(sandbox, "POST", f"{_DIRECT}/native", ORDER)
    sandbox.fail(_NUMBER)
    assert _call(sandbox, "POST", f"/sandbox/fail/{_NUMBER}").status == 204
    assert _query(sandbox)["trade_state"] == "NOTPAY"
    sandbox.pay(_NUMBER)
    with pytest.raises(Refusal, match="ORDERPAID"):
        sandbox.fail(_NUMBER)


def test_payment_code_is_paid_at_once(sandbox: Sandbox) -> None:
    """With most payment codes the order is placed and paid by one request, once."""
    answer = _charge(sandbox, 6, attach="a")
    assert answer.status == 200
    paid = read(answer)
    assert (paid["trade_state"], paid["trade_type"]) == ("SUCCESS", "MICROPAY")
    assert paid == _query(sandbox)
    _refused(_charge(sandbox, 6, attach="a"), 400, "ORDERPAID")
    assert sandbox.settle() == []


def test_payment_code_asks_for_the_password(sandbox: Sandbox) -> None:
    """A code that ends in 0 asks the customer for the password, and no other does."""
    for _ in range(2):
        asked = read(_charge(sandbox, 0))
        assert (asked["trade_state"], "transaction_id" in asked) == ("USERPAYING", False)
    close = f"{_DIRECT}/out-trade-no/{_NUMBER}/close"
    _refused(_call(sandbox, "POST", close, {"mchid": "1900000109"}), 400, "INVALID_REQUEST")
    _refused(_charge(sandbox, 1), 403, "OUT_TRADE_NO_USED")
    sandbox.pay(_NUMBER)
    assert _query(sandbox)["trade_state"] == "SUCCESS"


def test_payment_code_is_good_once(sandbox: Sandbox) -> None:
    """A payment code pays one order; while its password is typed, that can be reversed.

    Page of codepay: "每个二维码仅限使用一次，请刷新再试", `AUTH_CODE_ERROR`.
    """
    _charge(sandbox, 0)
    code = f"13{sum(b'{}'):015d}0"
    again = _charge(sandbox, 0, out_trade_no="another-1", payer={"auth_code": code})
    _refused(again, 400, "AUTH_CODE_ERROR")
    target = f"{_DIRECT}/out-trade-no/another-1?mchid=1900000109"
    assert _call(sandbox, "GET", target).status == 404
    assert _reverse(sandbox).status == 200
    with pytest.raises(Refusal, match="ORDERREVERSED"):
        sandbox.pay(_NUMBER)


@pytest.mark.parametrize("how", ["a code", "the customer", "time"])
def test_payment_code_fails(sandbox: Sandbox, how: str) -> None:
    """A payment fails by its code, the customer, or waiting; it can be reversed then."""
    _charge(sandbox, 9 if how == "a code" else 0)
    if how == "the customer":
        sandbox.fail(_NUMBER)
    if how == "time":
        sandbox.advance(60)
    seen = _query(sandbox)
    assert (seen["trade_state"], seen["trade_state_desc"]) == ("PAYERROR", "支付失败")
    with pytest.raises(Refusal, match="ORDER_CLOSED"):
        sandbox.pay(_NUMBER)
    assert _reverse(sandbox).status == 200
    assert _query(sandbox)["trade_state"] == "REVOKED"


def test_payment_code_has_eighteen_digits(sandbox: Sandbox) -> None:
    """What is not a payment code of WeChat Pay's is a 400 that points at it."""
    for code in ("2" + "0" * 17, "13006109882800940", "13006109882800940x"):
        answer = _charge(sandbox, 0, payer={"auth_code": code})
        _refused(answer, 400, "PARAM_ERROR")
        assert read(answer)["detail"]["field"] == "/payer/auth_code"


def test_reversed_order(sandbox: Sandbox) -> None:
    """A reversed order's money is back, as often as it is reversed; nothing can be done with it."""
    paid = read(_charge(sandbox, 1))
    for _ in range(2):
        assert read(_reverse(sandbox)) == {
            "appid": ORDER["appid"],
            "mchid": "1900000109",
            "out_trade_no": _NUMBER,
        }
    seen = _query(sandbox)
    assert seen == {**paid, "trade_state": "REVOKED", "trade_state_desc": "订单已撤销"}
    amount = {"refund": 1, "total": 100, "currency": "CNY"}
    refund = {"out_trade_no": _NUMBER, "out_refund_no": "1", "amount": amount}
    answer = _call(sandbox, "POST", "/v3/refund/domestic/refunds", refund)
    _refused(answer, 400, "INVALID_REQUEST")
    _refused(_charge(sandbox, 1), 400, "ORDERREVERSED")
    close = f"{_DIRECT}/out-trade-no/{_NUMBER}/close"
    _refused(_call(sandbox, "POST", close, {"mchid": "1900000109"}), 400, "ORDERREVERSED")


def test_what_cannot_be_reversed(sandbox: Sandbox) -> None:
    """Other ways to pay, refunded and closed orders, and none at all, cannot be reversed."""
    _refused(_reverse(sandbox), 404, "ORDER_NOT_EXIST")
    _call(sandbox, "POST", f"{_DIRECT}/native", {**ORDER, "out_trade_no": "native"})
    _refused(_reverse(sandbox, "native"), 400, "INVALID_REQUEST")
    _charge(sandbox, 1)
    amount = {"refund": 1, "total": 100, "currency": "CNY"}
    refund = {"out_trade_no": _NUMBER, "out_refund_no": "1", "amount": amount}
    assert _call(sandbox, "POST", "/v3/refund/domestic/refunds", refund).status == 200
    _refused(_reverse(sandbox), 400, "INVALID_REQUEST")
    _charge(sandbox, 9, out_trade_no="failed")
    close = f"{_DIRECT}/out-trade-no/failed/close"
    answer = _call(sandbox, "POST", close, {"mchid": "1900000109"})
    _refused(answer, 400, "INVALID_REQUEST")
    assert answer.header("Request-ID").endswith("-268449641")
    assert _reverse(sandbox, "failed").status == 200
    _charge(sandbox, 1, out_trade_no="late-1")
    sandbox.advance(7 * 86400 + 1)
    _refused(_reverse(sandbox, "late-1"), 400, "INVALID_REQUEST")


def test_partners_payment_code(sandbox: Sandbox) -> None:
    """A partner takes payment codes for its merchants, and reverses what was paid."""
    body = {name: _SUB_ORDER[name] for name in _SUB_ORDER if name != "notify_url"}
    body |= {"payer": {"auth_code": "130061098828009406"}, "scene_info": _STORE}
    paid = read(_call(sandbox, "POST", f"{_PARTNER}/codepay", body))
    assert (paid["trade_state"], paid["sub_mchid"]) == ("SUCCESS", "1230000109")
    who = {"sp_mchid": "1900000109", "sub_mchid": "1230000109"}
    answer = _call(sandbox, "POST", f"{_PARTNER}/out-trade-no/{_NUMBER}/reverse", who)
    assert read(answer) == {"sp_appid": ORDER["appid"], **who, "out_trade_no": _NUMBER}
