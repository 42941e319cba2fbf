"""Merchants' own coupons: stocks, codes, and what becomes of the coupons of users."""

from __future__ import annotations

from typing import Any

import pytest

from wechatpay.sandbox import Refusal, Sandbox

from .asker import NOON, OWN, Asker
from .merchant import NATIVE, ORDER

_BASE = "v3/marketing/busifavor"
_STOCKS = f"{_BASE}/stocks"
_COUPONS = f"{_BASE}/coupons"
_URL = "https://shop.example/coupons"
_DAY = 86400
_END = "2026-01-31T00:00:00+08:00"
_NOW = "2026-01-01T12:00:00+08:00"
_STOCK: dict[str, Any] = {
    "stock_name": "八月一日活动券",
    "belong_merchant": OWN,
    "goods_name": "填充物",
    "stock_type": "NORMAL",
    "out_request_no": "stock1",
    "coupon_code_mode": "WECHATPAY_MODE",
    "coupon_use_rule": {
        "coupon_available_time": {
            "available_begin_time": "2025-12-01T00:00:00+08:00",
            "available_end_time": _END,
        },
        "fixed_normal_coupon": {"discount_amount": 100, "transaction_minimum": 200},
        "use_method": "OFF_LINE",
    },
    "stock_send_rule": {"max_coupons": 3, "max_coupons_per_user": 2},
}


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox at noon."""
    return Sandbox(clock=lambda: NOON)


def _stock(asker: Asker, **change: object) -> str:
    stock_id: str = asker.post(_STOCKS, {**_STOCK, **change})["stock_id"]
    return stock_id


def _gift(stock_id: str, number: str = "g1", **change: object) -> dict[str, Any]:
    return {"openid": "o1", "appid": "wx", "stock_id": stock_id, "out_request_no": number, **change}


def _send(asker: Asker, stock_id: str, number: str = "g1", **change: object) -> str:
    said = asker.post(f"{_COUPONS}/send", _gift(stock_id, number, **change))
    code: str = said["send_coupon_result"]["coupon_code"]
    return code


def _coupon(asker: Asker, code: str) -> Any:
    return asker.get(f"{_BASE}/users/o1/coupons/{code}/appids/wx")


def _use(code: str, number: str = "u1", **change: object) -> dict[str, Any]:
    body = {"coupon_code": code, "appid": "wx", "use_time": _NOW, "use_request_no": number}
    return {**body, **change}


def test_coupon_is_used_given_back_and_made_void(asker: Asker) -> None:
    """Each step is taken once by its number, and from where it can be taken only."""
    stock_id = _stock(asker)
    code = _send(asker, stock_id)
    assert _coupon(asker, code)["coupon_state"] == "SENDED"
    which = {"coupon_code": code, "stock_id": stock_id}
    back = {**which, "return_request_no": "r1"}
    assert asker.refused("POST", f"{_COUPONS}/return", back) == "400 INVALID_REQUEST"
    used = asker.post(f"{_COUPONS}/use", _use(code))
    assert asker.post(f"{_COUPONS}/use", _use(code)) == used
    assert used["openid"] == "o1"
    assert asker.refused("POST", f"{_COUPONS}/use", _use(code, "u2")) == "400 INVALID_REQUEST"
    void = {**which, "deactivate_request_no": "d1", "deactivate_reason": "错发"}
    assert asker.refused("POST", f"{_COUPONS}/deactivate", void) == "400 INVALID_REQUEST"
    assert _coupon(asker, code)["use_request_no"] == "u1"
    said = asker.post(f"{_COUPONS}/return", back)
    assert asker.post(f"{_COUPONS}/return", back) == said
    assert _coupon(asker, code)["coupon_state"] == "SENDED"
    said = asker.post(f"{_COUPONS}/deactivate", void)
    assert asker.post(f"{_COUPONS}/deactivate", void) == said
    found = _coupon(asker, code)
    assert (found["coupon_state"], found["deactivate_reason"]) == ("DEACTIVATED", "错发")
    assert asker.refused("POST", f"{_COUPONS}/use", _use(code, "u3")) == "400 INVALID_REQUEST"


def test_payment_does_not_see_it(asker: Asker) -> None:
    """The merchant orders the lower sum: nothing is taken off it."""
    _send(asker, _stock(asker), openid="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
    asker.post(NATIVE[1:], {**ORDER, "amount": {"total": 300, "currency": "CNY"}})
    paid = asker.sandbox.pay(ORDER["out_trade_no"])
    assert (paid["promotion_detail"], paid["amount"]["payer_total"]) == ([], 300)


def test_coupon_has_its_time(asker: Asker) -> None:
    """Too early it cannot be used, too late it is expired, and nothing of the stock is sent."""
    times = {"available_begin_time": "2026-01-02T00:00:00+08:00", "available_end_time": _END}
    rule = {**_STOCK["coupon_use_rule"], "coupon_available_time": times}
    stock_id = _stock(asker, coupon_use_rule=rule)
    code = _send(asker, stock_id)
    assert asker.refused("POST", f"{_COUPONS}/use", _use(code)) == "400 INVALID_REQUEST"
    asker.sandbox.advance(30 * _DAY)
    assert _coupon(asker, code)["coupon_state"] == "EXPIRED"
    assert asker.get(f"{_STOCKS}/{stock_id}")["stock_state"] == "STOPED"
    late = _gift(stock_id, "g2")
    assert asker.refused("POST", f"{_COUPONS}/send", late) == "403 REQUEST_BLOCKED"


def test_coupons_are_sent_within_limits(asker: Asker) -> None:
    """Once for each number, two for each user, three in all; then the budget is raised."""
    stock_id = _stock(asker)
    assert _send(asker, stock_id) == _send(asker, stock_id)
    _send(asker, stock_id, "g2")
    send = f"{_COUPONS}/send"
    assert asker.refused("POST", send, _gift(stock_id, "g3")) == "403 RULE_LIMIT"
    _send(asker, stock_id, "g4", openid="o2")
    fifth = _gift(stock_id, "g5", openid="o3")
    assert asker.refused("POST", send, fifth) == "403 NOT_ENOUGH"
    budget = f"{_STOCKS}/{stock_id}/budget"
    change = {"target_max_coupons": 4, "current_max_coupons": 9, "modify_budget_request_no": "m"}
    assert asker.refused("PATCH", budget, change) == "400 INVALID_REQUEST"
    change["current_max_coupons"] = 3
    assert asker.ask("PATCH", budget, change)["max_coupons"] == 4
    asker.post(send, fifth)
    assert asker.get(f"{_STOCKS}/{stock_id}")["send_count_information"]["total_send_num"] == 4
    assert asker.refused("POST", send, _gift("nothing")) == "404 RESOURCE_NOT_EXISTS"


def test_user_receives_one_and_the_merchant_is_told(asker: Asker) -> None:
    """What users receive is told where the merchant said, and nowhere before."""
    path = f"{_BASE}/callbacks"
    assert asker.refused("GET", path) == "404 RESOURCE_NOT_EXISTS"
    stock_id = _stock(asker)
    asker.sandbox.receive_voucher(stock_id)
    assert asker.told("COUPON.SEND") == []
    asker.post(path, {"mchid": OWN, "notify_url": _URL})
    assert asker.get(f"{path}?mchid={OWN}")["notify_url"] == _URL
    code = asker.sandbox.receive_voucher(stock_id)
    (told,) = asker.told("COUPON.SEND")
    assert (told["coupon_code"], told["stock_id"]) == (code, stock_id)
    with pytest.raises(Refusal, match="RULE_LIMIT"):
        asker.sandbox.receive_voucher(stock_id)


def test_codes_are_uploaded(asker: Asker) -> None:
    """Each code is given once; what nobody has can be deleted; without codes nothing is sent."""
    stock_id = _stock(asker, coupon_code_mode="MERCHANT_UPLOAD")
    codes = f"{_STOCKS}/{stock_id}/couponcodes"
    body = {"coupon_code_list": ["c1", "c2", "c1"], "upload_request_no": "up1"}
    said = asker.post(codes, body)
    assert (said["success_codes"], said["exist_codes"]) == (["c1", "c2"], [])
    assert asker.post(codes, body)["exist_codes"] == ["c1", "c2"]
    assert _send(asker, stock_id) == "c1"
    found = asker.get(f"{codes}/c1")
    assert found["code_information"]["code_status"] == "DISPATCHED"
    assert found["coupon_information"]["coupon_state"] == "SENDED"
    assert "coupon_information" not in asker.get(f"{codes}/c2")
    free = asker.get(f"{codes}?status=AVAILABLE&offset=0&limit=9")
    assert [each["code"] for each in free["data"]] == ["c2"]
    delete = "?delete_request_no=del1"
    assert asker.refused("DELETE", f"{codes}/c1{delete}") == "400 INVALID_REQUEST"
    asker.ask("DELETE", f"{codes}/c2{delete}")
    assert asker.refused("GET", f"{codes}/c2") == "404 RESOURCE_NOT_EXISTS"
    refused = asker.refused("POST", f"{_COUPONS}/send", _gift(stock_id, "g2"))
    assert refused == "403 NOT_ENOUGH"
    assert asker.get(f"{_STOCKS}/{stock_id}")["coupon_code_count"]["total_count"] == 1
    others = f"{_STOCKS}/{_stock(asker, out_request_no='s2')}/couponcodes"
    assert asker.refused("POST", others, body) == "400 INVALID_REQUEST"


def test_codes_are_the_merchants(asker: Asker) -> None:
    """Where the merchant makes the codes, each has to be there, and to be new."""
    stock_id = _stock(asker, coupon_code_mode="MERCHANT_API")
    send = f"{_COUPONS}/send"
    assert asker.refused("POST", send, _gift(stock_id)) == "400 PARAM_ERROR"
    assert _send(asker, stock_id, coupon_code="mine") == "mine"
    again = _gift(stock_id, "g2", coupon_code="mine")
    assert asker.refused("POST", send, again) == "400 PARAM_ERROR"


def test_stock_says_something_else(asker: Asker) -> None:
    """What it says of itself can be changed, in parts; it is the same stock by its number."""
    stock_id = _stock(asker)
    assert _stock(asker) == stock_id
    other = {**_STOCK, "goods_name": "x"}
    assert asker.refused("POST", _STOCKS, other) == "400 RESOURCE_ALREADY_EXISTS"
    change: dict[str, Any] = {"out_request_no": "c1", "stock_name": "新名字"}
    change |= {"stock_send_rule": {"max_coupons_per_user": 3}}
    asker.ask("PATCH", f"{_STOCKS}/{stock_id}", change)
    found = asker.get(f"{_STOCKS}/{stock_id}")
    assert found["stock_name"] == "新名字"
    assert found["stock_send_rule"] == {"max_coupons": 3, "max_coupons_per_user": 3}
    assert asker.refused("GET", f"{_STOCKS}/7") == "404 RESOURCE_NOT_EXISTS"


def test_coupon_is_for_an_order(asker: Asker) -> None:
    """It may be said for which order it is going to be used, and taken back."""
    stock_id = _stock(asker)
    code = _send(asker, stock_id)
    body = {"stock_id": stock_id, "coupon_code": code, "out_trade_no": "order-1"}
    body["out_request_no"] = "x"
    asker.post(f"{_COUPONS}/associate", body)
    assert _coupon(asker, code)["associate_out_trade_no"] == "order-1"
    asker.post(f"{_COUPONS}/disassociate", body)
    assert "associate_out_trade_no" not in _coupon(asker, code)


def test_coupons_of_a_user_are_listed(asker: Asker) -> None:
    """By state, stock and owner."""
    stock_id = _stock(asker)
    code = _send(asker, stock_id)
    _send(asker, stock_id, "g2")
    asker.post(f"{_COUPONS}/use", _use(code, stock_id=stock_id, openid="o1"))
    path = f"{_BASE}/users/o1/coupons?appid=wx"
    counts = {
        "": 2,
        "&coupon_state=USED": 1,
        f"&stock_id={stock_id}": 2,
        "&stock_id=7": 0,
        f"&belong_merchant={OWN}": 2,
        "&creator_merchant=1": 0,
    }
    for query, count in counts.items():
        assert asker.get(f"{path}{query}")["total_count"] == count, query
    wrong = _use(code, "u2", openid="o2")
    assert asker.refused("POST", f"{_COUPONS}/use", wrong) == "404 RESOURCE_NOT_EXISTS"


@pytest.mark.parametrize("moment", ["2026-01-01", "tomorrow"])
def test_times_are_times(asker: Asker, moment: str) -> None:
    """What is not a time with an offset is refused."""
    times = {"available_begin_time": moment, "available_end_time": _END}
    rule = {**_STOCK["coupon_use_rule"], "coupon_available_time": times}
    body = {**_STOCK, "coupon_use_rule": rule}
    assert asker.refused("POST", _STOCKS, body) == "400 PARAM_ERROR"
