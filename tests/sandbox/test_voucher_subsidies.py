"""Subsidies of merchants' own coupons: what one merchant pays another for them, and takes back."""

from __future__ import annotations

from typing import Any

import pytest

from wechatpay.sandbox import Sandbox

from .asker import NOON, OPENING, OWN, SUB, Asker
from .merchant import ORDER

pytestmark = pytest.mark.usefixtures("at_once")

_BASE = "v3/marketing/busifavor"
_PAID, _RETURNED = f"{_BASE}/subsidy/pay-receipts", f"{_BASE}/subsidy/return-receipts"
_URL = "https://www.weixin.qq.com/wxpay/pay.php"


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox at noon."""
    return Sandbox(clock=lambda: NOON)


def _used(asker: Asker, *, used: bool = True) -> dict[str, Any]:
    """Use a coupon, and return which it is."""
    stock = {"stock_name": "x", "belong_merchant": OWN, "goods_name": "x", "stock_type": "NORMAL"}
    stock |= {"out_request_no": "stock1", "coupon_code_mode": "WECHATPAY_MODE"}
    terms = {"discount_amount": 100, "transaction_minimum": 200}
    rules: dict[str, Any] = {"fixed_normal_coupon": terms, "use_method": "OFF_LINE"}
    begin, end = "2025-12-01T00:00:00+08:00", "2026-01-31T00:00:00+08:00"
    times = {"available_begin_time": begin, "available_end_time": end}
    rules["coupon_available_time"] = times
    limits = {"max_coupons": 3, "max_coupons_per_user": 2}
    body = {**stock, "coupon_use_rule": rules, "stock_send_rule": limits}
    stock_id = asker.post(f"{_BASE}/stocks", body)["stock_id"]
    gift = {"openid": "o1", "appid": "wx", "stock_id": stock_id, "out_request_no": "g1"}
    code = asker.post(f"{_BASE}/coupons/send", gift)["send_coupon_result"]["coupon_code"]
    use = {"coupon_code": code, "appid": "wx", "use_request_no": "u1"}
    if used:
        use_time = "2026-01-01T12:00:00+08:00"
        asker.post(f"{_BASE}/coupons/use", {**use, "use_time": use_time})
    return {"stock_id": stock_id, "coupon_code": code}


def _sold(asker: Asker, *, shared: bool = True) -> str:
    body = {name: ORDER[name] for name in ("description", "notify_url")}
    body |= {"sp_appid": "wx", "sp_mchid": OWN, "sub_mchid": SUB, "out_trade_no": "order-0001"}
    body |= {"amount": {"total": 1000, "currency": "CNY"}}
    body |= {"settle_info": {"profit_sharing": shared}}
    asker.post("v3/pay/partner/transactions/native", body)
    transaction_id: str = asker.sandbox.pay("order-0001")["transaction_id"]
    return transaction_id


def _subsidy(asker: Asker, coupon: dict[str, Any], **change: object) -> dict[str, Any]:
    paid = change.pop("transaction_id", None) or _sold(asker)
    body = {**coupon, "transaction_id": paid, "payer_merchant": OWN, "payee_merchant": SUB}
    return {**body, "amount": 100, "description": "x", "out_subsidy_no": "s1", **change}


def _back(body: dict[str, Any], number: str, fen: int) -> dict[str, Any]:
    kept = ("stock_id", "coupon_code", "transaction_id")
    its = {name: body[name] for name in kept}
    whose = {"payer_merchant": body["payee_merchant"], "payee_merchant": body["payer_merchant"]}
    more = {"refund_id": "r1", "description": "x", "out_subsidy_return_no": number}
    return {**its, **whose, **more, "amount": fen}


def test_coupon_is_paid_for_and_paid_back(asker: Asker) -> None:
    """The money moves once for each number; what was paid says how much of it came back."""
    coupon = _used(asker)
    body = _subsidy(asker, coupon)
    before = asker.balance(mchid=SUB)[0]
    made = asker.post(_PAID, body)
    assert made == asker.post(_PAID, body)
    assert (made["status"], asker.balance()[0]) == ("PAY_RECEIPT_SUCCESS", -100)
    assert asker.balance(mchid=SUB)[0] == before + 100
    assert asker.refused("POST", _PAID, {**body, "amount": 1}) == "400 RESOURCE_ALREADY_EXISTS"
    state = "PAY_RECEIPT_SUCCESS"
    for number, fen, after in (("b1", 40, "PARTIAL"), ("b2", 60, "FULL")):
        back = asker.post(_RETURNED, _back(body, number, fen))
        assert back == asker.post(_RETURNED, _back(body, number, fen))
        assert back["status"] == "RETURN_RECEIPT_SUCCESS"
        found = f"{_RETURNED}/{back['subsidy_return_receipt_id']}"
        assert asker.get(found) == back
        state = asker.get(f"{_PAID}/{made['subsidy_receipt_id']}")["status"]
        assert state == f"PAY_RECEIPT_{after}_RETURN"
        assert asker.refused("POST", _RETURNED, _back(body, "b3", 61)) == "400 INVALID_REQUEST"
    assert asker.balance()[0] == 0
    query = f"{_PAID}?stock_id={coupon['stock_id']}&coupon_code={coupon['coupon_code']}"
    assert [each["status"] for each in asker.get(query)["pay_receipt_list"]] == [state]
    assert asker.get(f"{query}&out_subsidy_no=other")["pay_receipt_list"] == []
    assert asker.refused("GET", f"{_PAID}/1") == "404 RESOURCE_NOT_EXISTS"
    assert asker.refused("GET", f"{_RETURNED}/1") == "404 RESOURCE_NOT_EXISTS"


def test_coupon_that_was_not_used_is_not_paid_for(asker: Asker) -> None:
    """A coupon has to be used before anybody pays for it."""
    body = _subsidy(asker, _used(asker, used=False))
    assert asker.refused("POST", _PAID, body) == "400 INVALID_REQUEST"


def test_subsidy_fails(asker: Asker) -> None:
    """It says why: the payment is not to be shared, or there is too little; so does a return."""
    coupon = _used(asker)
    paid = _sold(asker, shared=False)
    made = asker.post(_PAID, _subsidy(asker, coupon, transaction_id=paid))
    assert made["fail_reason"] == "PAY_RECEIPT_NOT_INCOMESPLIT_ORDER"
    back = _back(_subsidy(asker, coupon, transaction_id=paid), "b1", 1)
    assert asker.refused("POST", _RETURNED, back) == "404 RESOURCE_NOT_EXISTS"


def test_subsidy_fails_for_want_of_money(asker: Asker) -> None:
    """Who has too little pays nothing, neither there nor back."""
    coupon = _used(asker)
    body = _subsidy(asker, coupon)
    asker.sandbox.set_balance("BASIC", 99)
    failed = asker.post(_PAID, body)
    assert failed["fail_reason"] == "PAY_RECEIPT_INSUFFICIENT_BALANCE"
    asker.sandbox.top_up("BASIC", 1)
    asker.post(_PAID, {**body, "out_subsidy_no": "s2"})
    assert asker.balance()[0] == -OPENING
    asker.sandbox.set_balance("BASIC", 0, SUB)
    back = asker.post(_RETURNED, _back(body, "b1", 100))
    assert back["fail_reason"] == "RETURN_RECEIPT_INSUFFICIENT_BALANCE"
    asker.sandbox.set_balance("BASIC", 100, SUB)
    assert asker.post(_RETURNED, _back(body, "b2", 100))["status"] == "RETURN_RECEIPT_SUCCESS"
