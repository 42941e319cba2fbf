"""Refusals on demand: every documented code can be had, before or after the call took effect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from wechatpay import APIError
from wechatpay.sandbox import Answer, FaultRule, Sandbox
from wechatpay.sandbox._endpoint import documents
from wechatpay.sandbox._front import refusals

from .merchant import BY_NUMBER, NATIVE, ORDER, Merchant, read
from .old_shop import Till, refused

_BY = f"{BY_NUMBER}?mchid=1900000109"
_TRANSFER: dict[str, Any] = {
    "appid": ORDER["appid"],
    "out_bill_no": "refused1",
    "transfer_scene_id": "1000",
    "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    "transfer_amount": 100,
    "transfer_remark": "新会员开通有礼",
    "transfer_scene_report_infos": [
        {"info_type": "活动名称", "info_content": "有礼"},
        {"info_type": "奖励说明", "info_content": "注册"},
    ],
}


@pytest.fixture(scope="module")
def shop() -> Iterator[Sandbox]:
    """A sandbox for all of these."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def no_faults(shop: Sandbox) -> None:
    """Nothing is refused that the test did not ask for."""
    shop.faults.clear()


def _call(shop: Sandbox, method: str, target: str, payload: object = None) -> Answer:
    return Merchant(shop.config).call(shop.gateway, method, target, payload)


def _place(shop: Sandbox, number: str) -> Answer:
    return _call(shop, "POST", NATIVE, {**ORDER, "out_trade_no": number})


@pytest.mark.parametrize(
    ("path", "code", "status"),
    [
        *(
            (NATIVE, code, status)
            for code, status in {
                "PARAM_ERROR": 400,
                "INVALID_REQUEST": 400,
                "APPID_MCHID_NOT_MATCH": 400,
                "MCH_NOT_EXISTS": 400,
                "ORDER_CLOSED": 400,
                "SIGN_ERROR": 401,
                "ACCOUNT_ERROR": 403,
                "NO_AUTH": 403,
                "NOT_ENOUGH": 403,
                "OUT_TRADE_NO_USED": 403,
                "RULE_LIMIT": 403,
                "TRADE_ERROR": 403,
                "ORDER_NOT_EXIST": 404,
                "FREQUENCY_LIMITED": 429,
                "BANK_ERROR": 500,
                "INVALID_TRANSACTIONID": 500,
                "OPENID_MISMATCH": 500,
                "SYSTEM_ERROR": 500,
            }.items()
        ),
        *(
            ("/v3/combine-transactions/native", code, status)
            for code, status in {
                "USERPAYING": 202,
                "ACCOUNTERROR": 403,
                "NOAUTH": 403,
                "RULELIMIT": 403,
                "ORDERNOTEXIST": 404,
                "BANKERROR": 500,
                "SYSTEMERROR": 500,
            }.items()
        ),
        ("/v3/refund/domestic/refunds", "USER_ACCOUNT_ABNORMAL", 403),
        ("/v3/refund/domestic/refunds", "NOT_ENOUGH", 403),
        ("/v3/refund/domestic/refunds", "RESOURCE_NOT_EXISTS", 404),
        ("/v3/fund-app/mch-transfer/transfer-bills", "NOT_ENOUGH", 403),
        ("/v3/fund-app/mch-transfer/transfer-bills", "NO_AUTH", 403),
        ("/v3/fund-app/mch-transfer/transfer-bills", "FREQUENCY_LIMIT_EXCEED", 429),
        ("/v3/fund-app/mch-transfer/transfer-bills", "RATELIMIT_EXCEEDED", 429),
    ],
)
def test_every_code_of_the_pages(shop: Sandbox, path: str, code: str, status: int) -> None:
    """Each documented code comes with its status, its words and a right signature, and once."""
    asked: dict[str, Any] = {**ORDER, "out_trade_no": f"refused-{code}"[:32]}
    if "combine" in path:
        subs = [
            {
                "mchid": "1900000109",
                "attach": "a",
                "amount": {"total_amount": 1, "currency": "CNY"},
                "out_trade_no": f"sub-{code}-{each}"[:32],
                "description": "商品",
            }
            for each in range(2)
        ]
        asked = {"combine_appid": ORDER["appid"], "combine_mchid": "1900000109"}
        asked |= {"combine_out_trade_no": code, "notify_url": ORDER["notify_url"]}
        asked["sub_orders"] = subs
    elif "refund" in path:
        amount = {"refund": 1, "total": 100, "currency": "CNY"}
        asked = {"out_trade_no": ORDER["out_trade_no"], "out_refund_no": "1", "amount": amount}
    elif "transfer" in path:
        asked = _TRANSFER
    fault = shop.refuse("post", path, code, times=1)
    answer = _call(shop, "POST", path, asked)
    assert (answer.status, read(answer)["code"]) == (status, code)
    assert re.search("[\u4e00-\u9fff]", read(answer)["message"])
    assert fault.struck == 1
    assert fault.spent
    merchant = Merchant(shop.config)
    assert merchant.verify(dict(answer.headers), answer.body) == shop.world.keys.public_key_id
    assert f"code={code}" in shop.exchanges[-1].fault


def test_words_of_the_endpoint(shop: Sandbox) -> None:
    """Some endpoints word a code in their own way, and the client says so."""
    bills: Any = shop.client().v3.fundApp.mchTransfer.transferBills
    shop.refuse("post", "v3/fund-app/**", "NOT_ENOUGH", times=1)
    with pytest.raises(APIError, match="商户运营账户资金不足") as caught:
        bills.post(json=_TRANSFER)
    assert (caught.value.status_code, caught.value.code) == (403, "NOT_ENOUGH")
    assert bills.post(json=_TRANSFER).status_code == 200


def test_before_and_after(shop: Sandbox) -> None:
    """A refusal is instead of the call, or after it took effect."""
    shop.refuse("post", "v3/pay/transactions/{way}", "SYSTEM_ERROR", times=1)
    assert _place(shop, "refused-before").status == 500
    assert _call(shop, "GET", _BY.format("refused-before")).status == 404
    shop.refuse("*", "v3/pay/transactions/native", "SYSTEM_ERROR", times=1, after=True)
    assert _place(shop, "refused-after").status == 500
    assert _call(shop, "GET", _BY.format("refused-after")).status == 200


def test_what_is_wrong_is_told_as_ever(shop: Sandbox) -> None:
    """A request that is wrong by itself is refused for that, and not on demand."""
    shop.refuse("post", "v3/pay/**", "NOT_ENOUGH")
    answer = _call(shop, "POST", NATIVE, {**ORDER, "amount": {"total": 0}})
    assert read(answer)["code"] == "PARAM_ERROR"
    assert _call(shop, "GET", _BY.format("nobodys-9")).status == 404


def test_an_endpoint_without_the_code_is_spared(shop: Sandbox) -> None:
    """Of the endpoints that a pattern means, those refuse that document the code."""
    fault = shop.refuse("post", "v3/**", "USERPAYING")
    assert _place(shop, "spared-1").status == 200
    assert fault.matched == 0
    shop.faults.clear()


@pytest.mark.words
@pytest.mark.parametrize(
    ("verb", "path", "code", "message"),
    [
        (
            "post",
            "v3/pay/transactions/native",
            "NO_SUCH",
            "no documented code NO_SUCH; it has .*TRADE_",
        ),
        ("post", "v3/refund/domestic/refunds", "OPENID_MISMATCH", "it has FREQUENCY_LIMITED"),
        ("post", "v3/nowhere", "NO_AUTH", "no documented endpoint matches v3/nowhere"),
        ("patch", "v3/pay/**", "NO_AUTH", "no documented endpoint"),
        ("get", "v3/combine-transactions/id/1", "NOT_ENOUGH", "ACCOUNTERROR, "),
    ],
)
def test_an_undocumented_code(shop: Sandbox, verb: str, path: str, code: str, message: str) -> None:
    """A code that is not documented is a mistake, which tells what is documented."""
    with pytest.raises(ValueError, match=message):
        shop.refuse(verb, path, code)


def test_as_text(shop: Sandbox) -> None:
    """A refusal is a fault: it is written as text, for the command and the page."""
    rule = FaultRule.parse("post v3/pay/** refusal code=NO_AUTH times=2")
    assert str(rule) == "post v3/pay/** refusal times=2 code=NO_AUTH"
    assert str(shop.refuse("POST", "/v3/pay/**", "NO_AUTH", times=2).rule) == str(rule)
    for text in ("post v3/pay/** refusal", "post v3/pay/** 500 code=NO_AUTH"):
        with pytest.raises(ValueError, match="code"):
            FaultRule.parse(text)


@pytest.mark.untraced
def test_every_endpoint_can_refuse() -> None:
    """Each code that the catalogue has of an endpoint can be had of it, with a status."""
    for each in documents():
        known = refusals.codes(each)
        assert {error.code for error in each.endpoint.errors} <= known.keys()
        assert "SYSTEM_ERROR" in known
        assert set(known.values()) <= {200, 202, 400, 401, 403, 404, 429, 500, 503}


def test_a_shaped_endpoint(shop: Sandbox) -> None:
    """An endpoint that is only shaped refuses on demand as any other."""
    shop.refuse("get", "v3/capital/capitallhh/areas/{kind}", "RESOURCE_NOT_EXISTS", times=1)
    target = "/v3/capital/capitallhh/areas/provinces"
    assert _call(shop, "GET", target).status == 404
    assert _call(shop, "GET", target).status == 200


def test_the_old_dialect(shop: Sandbox) -> None:
    """APIv2 refuses with a status of 200, in XML, before or after."""
    till = Till(shop)
    shop.refuse("post", "v2/pay/unifiedorder", "NOAUTH", times=1, after=True)
    assert refused(till.place(out_trade_no="old-refused")) == ("NOAUTH", "商户无权限")
    assert till.query(out_trade_no="old-refused")["trade_state"] == "NOTPAY"
