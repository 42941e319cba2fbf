"""What a front end hands to WeChat Pay: the documented keys, signed line by line."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from gateway import MCHID, MERCHANT_SERIAL, rsa_key
from hypothesis import given
from hypothesis import strategies as st

from wechatpay import ConfigurationError, WeChatPay
from wechatpay._v3 import KeySigner
from wechatpay.paysign import BusinessView, PaySign

APPID = "wx2421b1c4370ec43b"
PREPAY_ID = "wx201410272009395522657a690389285100"
TIMESTAMP = 1554208460
NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242"
SECRET = "qazwsxedcrfvtgbyhnujmikolp111111"
PAYSIGN = PaySign(KeySigner(MERCHANT_SERIAL, rsa_key("merchant")), SECRET, MCHID)
FIXED: dict[str, Any] = {"timestamp": TIMESTAMP, "nonce": NONCE}


def assert_signed(signature: str, *lines: str) -> None:
    """The merchant's key signed these lines, each with a newline at its end."""
    message = "".join(f"{line}\n" for line in lines).encode()
    public = rsa_key("merchant").public_key()
    public.verify(base64.b64decode(signature), message, PKCS1v15(), SHA256())


def message_of(fields: Mapping[str, str]) -> bytes:
    """Return what the APIv2 key signs, put together by hand."""
    pairs = [f"{name}={fields[name]}" for name in sorted(fields) if name not in ("sign", "paySign")]
    return "&".join([*pairs, f"key={SECRET}"]).encode()


def hmac_of(fields: Mapping[str, str]) -> str:
    """Sign with HMAC-SHA256 and the APIv2 key, with nothing of ours."""
    return hmac.new(SECRET.encode(), message_of(fields), hashlib.sha256).hexdigest().upper()


# Payments


def test_jsapi_parameters_are_the_documented_ones() -> None:
    """A page gets six texts; its signature covers the four lines of the official example."""
    parameters = PAYSIGN.jsapi(APPID, PREPAY_ID, **FIXED)
    signature = parameters.pop("paySign")
    assert parameters == {
        "appId": APPID,
        "timeStamp": "1554208460",
        "nonceStr": NONCE,
        "package": f"prepay_id={PREPAY_ID}",
        "signType": "RSA",
    }
    assert_signed(signature, APPID, "1554208460", NONCE, f"prepay_id={PREPAY_ID}")


def test_miniprogram_parameters_are_a_pages_without_the_appid() -> None:
    """A mini program gets what `wx.requestPayment` takes; its id is signed but not given."""
    parameters = PAYSIGN.miniprogram(APPID, PREPAY_ID, **FIXED)
    signature = parameters.pop("paySign")
    assert parameters == {
        "timeStamp": "1554208460",
        "nonceStr": NONCE,
        "package": f"prepay_id={PREPAY_ID}",
        "signType": "RSA",
    }
    assert_signed(signature, APPID, "1554208460", NONCE, f"prepay_id={PREPAY_ID}")


def test_miniprogram_can_bring_its_id_along() -> None:
    """With its id the parameters are a page's, and signed alike."""
    parameters = PAYSIGN.miniprogram(APPID, PREPAY_ID, with_appid=True, **FIXED)
    assert parameters.pop("appId") == APPID
    without = PAYSIGN.miniprogram(APPID, PREPAY_ID, **FIXED)
    assert {**parameters, "paySign": ""} == {**without, "paySign": ""}


@pytest.mark.parametrize("sign_type", ["RSA", "MD5", "HMAC-SHA256"])
def test_choose_wxpay_spells_the_time_small(sign_type: Any) -> None:
    """The JS-SDK gets the lower-case spelling, over a signature of the same lines as ever."""
    parameters = PAYSIGN.choose_wxpay(APPID, PREPAY_ID, sign_type=sign_type, **FIXED)
    page = PAYSIGN.jsapi(APPID, PREPAY_ID, sign_type=sign_type, **FIXED)
    assert sorted(parameters) == ["nonceStr", "package", "paySign", "signType", "timestamp"]
    assert parameters["timestamp"] == page["timeStamp"] == "1554208460"
    if sign_type == "RSA":
        assert_signed(parameters["paySign"], APPID, "1554208460", NONCE, f"prepay_id={PREPAY_ID}")
    else:
        assert parameters["paySign"] == page["paySign"]


# Transfers

PACKAGE = "ABBQO+oYAAABAAAAAAAk/0HIbnRPeThZl3/5aCnXHdpA=="


def test_transfer_is_accepted_by_a_page() -> None:
    """A page and a mini program get the package as it is, and nothing is signed or needs a key."""
    keyless = PaySign(None, None, MCHID)
    assert keyless.merchant_transfer(APPID, PACKAGE) == {
        "mchId": MCHID,
        "appId": APPID,
        "package": PACKAGE,
    }
    assert keyless.merchant_transfer(
        APPID, PACKAGE, mchid="1900007291", openid="o1", sub_mchid="1230000109", sub_appid="wx1"
    ) == {
        "mchId": "1900007291",
        "appId": APPID,
        "package": PACKAGE,
        "openId": "o1",
        "subMchId": "1230000109",
        "subAppId": "wx1",
    }


def test_transfer_is_accepted_by_an_app() -> None:
    """An app gets a query, in which the package is percent-encoded."""
    parameters = PAYSIGN.merchant_transfer_app(APPID, PACKAGE)
    assert parameters == {
        "businessType": "requestMerchantTransfer",
        "query": f"mchId={MCHID}&appId={APPID}&package="
        "ABBQO%2BoYAAABAAAAAAAk%2F0HIbnRPeThZl3%2F5aCnXHdpA%3D%3D",
    }
    assert dict(parse_qsl(parameters["query"]))["package"] == PACKAGE


@pytest.mark.parametrize("name", ["appid", "package_info", "mchid", "openid", "sub_mchid"])
@pytest.mark.parametrize("value", ["", "a b", "a\nb", 7])
def test_transfer_of_what_cannot_be_right(name: str, value: Any) -> None:
    """Neither white space nor nothing is an id or a package."""
    given = {"appid": APPID, "package_info": PACKAGE, name: value}
    for make in (PAYSIGN.merchant_transfer, PAYSIGN.merchant_transfer_app):
        with pytest.raises(ConfigurationError, match="must be text"):
            make(**given)


@pytest.mark.parametrize("partnerid", [None, "1900007291"])
def test_app_parameters_are_the_documented_ones(partnerid: str | None) -> None:
    """An app gets seven texts, and the fourth line of what is signed is the bare id."""
    parameters = PAYSIGN.app(APPID, PREPAY_ID, partnerid=partnerid, **FIXED)
    signature = parameters.pop("sign")
    assert parameters == {
        "appid": APPID,
        "partnerid": partnerid or MCHID,
        "prepayid": PREPAY_ID,
        "package": "Sign=WXPay",
        "noncestr": NONCE,
        "timestamp": "1554208460",
    }
    assert_signed(signature, APPID, "1554208460", NONCE, PREPAY_ID)


def test_official_apiv2_vector_is_reproduced() -> None:
    """The official example for a mini program and an MD5 comes out digit for digit."""
    parameters = PAYSIGN.miniprogram(
        "wxd678efh567hg6787",
        "wx2017033010242291fcfe0db70013231072",
        sign_type="MD5",
        timestamp=1490840662,
        nonce="5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
    )
    assert parameters == {
        "timeStamp": "1490840662",
        "nonceStr": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
        "package": "prepay_id=wx2017033010242291fcfe0db70013231072",
        "signType": "MD5",
        "paySign": "22D9B4E54AB1950F51E0649E8810ACD6",
    }


def test_apiv2_orders_are_signed_as_they_were_made() -> None:
    """For an order of APIv2 the APIv2 key signs every field, and a page is told with what."""
    page = PAYSIGN.jsapi(APPID, PREPAY_ID, sign_type="HMAC-SHA256", **FIXED)
    assert page["signType"] == "HMAC-SHA256"
    assert page["paySign"] == hmac_of(page)
    app = PAYSIGN.app(APPID, PREPAY_ID, sign_type="MD5", **FIXED)
    assert app["sign"] == hashlib.md5(message_of(app)).hexdigest().upper()
    assert "signType" not in app


PAYMENTS: list[Callable[..., dict[str, str]]] = [PAYSIGN.jsapi, PAYSIGN.miniprogram, PAYSIGN.app]


@pytest.mark.parametrize("make", PAYMENTS)
def test_time_and_nonce_are_fresh(make: Callable[..., dict[str, str]]) -> None:
    """Without being told, parameters bear the present time in seconds and a nonce of their own."""
    before = int(time.time())
    first, second = make(APPID, PREPAY_ID), make(APPID, PREPAY_ID)
    stamp = first.get("timeStamp") or first["timestamp"]
    assert before <= int(stamp) <= time.time()
    nonces = {one.get("nonceStr") or one["noncestr"] for one in (first, second)}
    assert len(nonces) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", nonce) for nonce in nonces)


@pytest.mark.parametrize("make", PAYMENTS)
@pytest.mark.parametrize("bad", ["", "a b", "wx\n1", " wx", "wx\t", "\ud800", None, 5, b"wx"])
def test_id_that_cannot_be_right_is_named(make: Callable[..., Any], bad: Any) -> None:
    """An id that would break the lines that are signed is refused before anything is."""
    with pytest.raises(ConfigurationError, match="appid must be text"):
        make(bad, PREPAY_ID)
    with pytest.raises(ConfigurationError, match="prepay_id must be text"):
        make(APPID, bad)


@pytest.mark.parametrize("make", PAYMENTS)
def test_prepay_id_is_taken_bare(make: Callable[..., Any]) -> None:
    """An id that has its prefix already would be signed with two, so it is refused."""
    with pytest.raises(ConfigurationError, match="without `prepay_id=`"):
        make(APPID, f"prepay_id={PREPAY_ID}")


# Pay score


def test_payscore_confirmation_is_signed_with_the_apiv2_key() -> None:
    """The page where an order is confirmed is told the order's package, signed with HMAC-SHA256."""
    view = PAYSIGN.payscore_confirm("AAQTnZoAAAAB_-8m2b", **FIXED)
    expected = {
        "mch_id": MCHID,
        "package": "AAQTnZoAAAAB_-8m2b",
        "timestamp": "1554208460",
        "nonce_str": NONCE,
        "sign_type": "HMAC-SHA256",
    }
    assert view == BusinessView("wxpayScoreUse", {**expected, "sign": hmac_of(expected)})
    assert list(view.fields) == [*expected, "sign"]


def test_payscore_detail_is_signed_with_the_apiv2_key() -> None:
    """The page of an order's details is told the order's number, signed with HMAC-SHA256."""
    view = PAYSIGN.payscore_detail("88888888000011", "1234323JKHDFE1243252", **FIXED)
    expected = {
        "mch_id": MCHID,
        "service_id": "88888888000011",
        "out_order_no": "1234323JKHDFE1243252",
        "timestamp": "1554208460",
        "nonce_str": NONCE,
        "sign_type": "HMAC-SHA256",
    }
    assert view == BusinessView("wxpayScoreDetail", {**expected, "sign": hmac_of(expected)})


def test_payscore_authorisation_needs_no_key() -> None:
    """The page where a service is authorised is told a token, and nothing is signed."""
    view = PaySign(None, None, MCHID).payscore_enable("AAQTnZoA-_8")
    assert view == BusinessView("wxpayScoreEnable", {"apply_permissions_token": "AAQTnZoA-_8"})


def test_each_front_end_gets_its_own_form() -> None:
    """A jump is an object to a mini program, an encoded query to a page and to an app."""
    view = BusinessView("wxpayScoreUse", {"mch_id": MCHID, "package": "a+b/c=&中"})
    query = f"mch_id={MCHID}&package=a%2Bb%2Fc%3D%26%E4%B8%AD"
    assert view.miniprogram() == {
        "businessType": "wxpayScoreUse",
        "extraData": {"mch_id": MCHID, "package": "a+b/c=&中"},
    }
    assert view.jsapi() == {"businessType": "wxpayScoreUse", "queryString": query}
    app = view.app()
    assert json.loads(app.pop("extInfo")) == {"miniProgramType": 0}
    assert app == {"businessType": "wxpayScoreUse", "query": query}


_WORD = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1)


@given(_WORD, _WORD)
def test_what_a_page_decodes_is_what_was_signed(service_id: str, out_order_no: str) -> None:
    """Whatever characters an id has, the query decodes to the fields that the signature covers."""
    fields = dict(
        parse_qsl(PAYSIGN.payscore_detail(service_id, out_order_no).jsapi()["queryString"])
    )
    assert fields["service_id"] == service_id
    assert fields["sign"] == hmac_of(fields)


# Coupons


@pytest.mark.parametrize("coupon_code", [None, "asdsada"])
@pytest.mark.parametrize("merchant", [None, "10016226"])
def test_coupon_page_is_signed(coupon_code: str | None, merchant: str | None) -> None:
    """The coupon page's address has the documented fields, their signature and its fragment."""
    address = PAYSIGN.coupon_url(
        "1234567890000000",
        "2019|11_28*0000-",
        "oiSF/D+I",
        coupon_code=coupon_code,
        merchant=merchant,
    )
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == (
        "https://action.weixin.qq.com/busifavor/getcouponinfo"
    )
    assert parts.fragment == "wechat_pay&wechat_redirect"
    fields = dict(parse_qsl(parts.query))
    sign = fields.pop("sign")
    assert fields == {
        "stock_id": "1234567890000000",
        "out_request_no": "2019|11_28*0000-",
        "send_coupon_merchant": merchant or MCHID,
        "open_id": "oiSF/D+I",
        **({"coupon_code": coupon_code} if coupon_code else {}),
    }
    assert sign == hmac_of(fields)


def test_coupon_plugin_is_signed_by_numbered_fields() -> None:
    """Of several coupons the signature covers each one's fields with its number, as documented."""
    coupons = [
        {"stock_id": "1234567", "out_request_no": "abc123", "coupon_code": "asdsada"},
        {"stock_id": "2345678", "out_request_no": "123abc"},
    ]
    properties = PAYSIGN.coupon_plugin(coupons, merchant="10016226")
    message = (
        "coupon_code0=asdsada&out_request_no0=abc123&out_request_no1=123abc&"
        f"send_coupon_merchant=10016226&stock_id0=1234567&stock_id1=2345678&key={SECRET}"
    )
    sign = hmac.new(SECRET.encode(), message.encode(), hashlib.sha256).hexdigest().upper()
    assert properties == {
        "send_coupon_params": coupons,
        "sign": sign,
        "send_coupon_merchant": "10016226",
    }
    assert PAYSIGN.coupon_plugin(coupons)["send_coupon_merchant"] == MCHID


@pytest.mark.parametrize(
    "coupon",
    [
        {},
        {"stock_id": "1"},
        {"stock_id": "1", "out_request_no": "2", "customize_send_time": "3"},
        {"stock_id": "1", "out_request_no": ""},
        {"stock_id": "1", "out_request_no": 2},
    ],
    ids=str,
)
def test_coupon_that_cannot_be_right_is_refused(coupon: Any) -> None:
    """A coupon without its fields, or with one that may not be signed, is refused."""
    with pytest.raises(ConfigurationError):
        PAYSIGN.coupon_plugin([coupon])


@pytest.mark.parametrize("count", [0, 11])
def test_number_of_coupons_is_limited(count: int) -> None:
    """The plugin takes one to ten coupons."""
    with pytest.raises(ConfigurationError, match=f"{count} coupons: give 1 to 10"):
        PAYSIGN.coupon_plugin([{"stock_id": "1", "out_request_no": "2"}] * count)


# Keys


def test_missing_private_key_is_named() -> None:
    """A client of APIv2 alone cannot sign for APIv3, and the error says what to pass."""
    paysign = PaySign(None, SECRET, MCHID)
    for make in (paysign.jsapi, paysign.miniprogram, paysign.app):
        with pytest.raises(ConfigurationError, match="private_key and serial"):
            make(APPID, PREPAY_ID)
    assert paysign.jsapi(APPID, PREPAY_ID, sign_type="MD5")["signType"] == "MD5"


def test_missing_apiv2_key_is_named() -> None:
    """A client of APIv3 alone cannot sign what takes the APIv2 key, and the error says so."""
    paysign = PaySign(KeySigner(MERCHANT_SERIAL, rsa_key("merchant")), None, MCHID)
    calls: list[Callable[[], object]] = [
        lambda: paysign.jsapi(APPID, PREPAY_ID, sign_type="MD5"),
        lambda: paysign.app(APPID, PREPAY_ID, sign_type="HMAC-SHA256"),
        lambda: paysign.payscore_confirm("p"),
        lambda: paysign.payscore_detail("s", "o"),
        lambda: paysign.coupon_url("s", "o", "u"),
        lambda: paysign.coupon_plugin([{"stock_id": "1", "out_request_no": "2"}]),
    ]
    for call in calls:
        with pytest.raises(ConfigurationError, match="APIv2 key"):
            call()


def test_it_shows_no_key() -> None:
    """Shown, it names the merchant and nothing else."""
    assert repr(PAYSIGN) == f"<PaySign {MCHID}>"


def test_what_is_for_tests_is_checked_too(make_client: Callable[..., WeChatPay]) -> None:
    """A line break in a nonce would sign something else; a time is a number of seconds."""
    sign = make_client(secret="s" * 32).paysign
    for odd in ("a\nb", "a b", "\ud800", b"a", 5):
        with pytest.raises(ConfigurationError, match="nonce must be text, not empty"):
            sign.jsapi("wx1", "wx2", nonce=cast("Any", odd))
    for wrong in ("\ud800", "1", 1.5, True, b"1"):
        with pytest.raises(ConfigurationError, match="timestamp must be Unix seconds, not"):
            sign.app("wx1", "wx2", timestamp=cast("Any", wrong))
