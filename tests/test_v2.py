"""APIv2: fields that carry their own signature, both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from gateway import MCHID, Answer, Gateway
from old_messages import NOWHERE, answer, at, fields_of, old, sign
from ways import Way, each_way

from wechatpay import APIError, ConfigurationError, VerificationError, WeChatPay


@each_way
def test_the_number_and_the_secret_are_enough(gateway: Gateway, way: Way) -> None:
    """`mchid` and `secret` alone sign a call and verify its answer."""
    gateway.default = answer(result_code="SUCCESS", trade_state="SUCCESS")
    with old(gateway) as wxpay:
        reply = way.call(
            at(wxpay, "v2/pay/orderquery"), "post", xml={"out_trade_no": "1", "none": None}
        )
    request = gateway.requests[-1]
    fields = fields_of(request)
    assert request.target == "/pay/orderquery"
    assert fields.pop("sign") == sign(fields)
    assert fields.pop("nonce_str")
    assert fields == {"out_trade_no": "1", "mch_id": MCHID}
    verdict = reply.extensions["wechatpay"]
    assert (verdict.verified, verdict["serial"]) == (True, None)


@pytest.mark.parametrize("kind", ["MD5", "HMAC-SHA256"])
def test_the_signature_is_of_the_kind_that_is_named(gateway: Gateway, kind: str) -> None:
    """`sign_type` picks MD5 or HMAC-SHA256; an answer's kind is told by its length."""
    gateway.default = answer(kind, result_code="SUCCESS")
    with old(gateway) as wxpay:
        at(wxpay, "v2/pay/orderquery").post(xml={"out_trade_no": "1", "sign_type": kind})
    fields = fields_of(gateway.requests[-1])
    assert fields["sign"] == sign(fields, kind)


def test_an_endpoint_that_takes_one_kind_gets_it(gateway: Gateway) -> None:
    """Where the catalogue knows the only kind, the caller need not name it."""
    gateway.default = answer(result_code="SUCCESS")
    with old(gateway) as wxpay:
        at(wxpay, "v2/applyment/micro/getstate").post(xml={"version": "1.0"})
    fields = fields_of(gateway.requests[-1])
    assert fields["sign_type"] == "HMAC-SHA256"
    assert fields["sign"] == sign(fields, "HMAC-SHA256")


def test_a_query_is_signed_where_there_is_no_body(gateway: Gateway) -> None:
    """A GET's parameters carry merchant number, nonce and signature."""
    gateway.default = answer(result_code="SUCCESS")
    with old(gateway) as wxpay:
        at(wxpay, "v2/papay/h5entrustweb").get(params={"appid": "wx1"}, nonceless=True)
    fields = fields_of(gateway.requests[-1])
    assert fields.pop("sign") == sign(fields, "HMAC-SHA256")
    assert fields == {"appid": "wx1", "mch_id": MCHID, "sign_type": "HMAC-SHA256"}


@pytest.mark.parametrize("name", ["mch_id", "mchid", "combine_mch_id"])
def test_a_merchant_number_under_another_name_is_kept(gateway: Gateway, name: str) -> None:
    """The client's own number in any of its three fields is not doubled by another."""
    gateway.default = answer(result_code="SUCCESS")
    with old(gateway) as wxpay:
        at(wxpay, "v2/any/thing").post(xml={name: MCHID}, nonceless=True)
    assert set(fields_of(gateway.requests[-1])) == {name, "sign"}


def test_other_bodies_are_the_callers_own(gateway: Gateway) -> None:
    """`content` is sent as it is, and a call without anything has an empty body."""
    gateway.default = answer(result_code="SUCCESS")
    with old(gateway) as wxpay:
        at(wxpay, "v2/any/thing").post(content=b"<xml/>")
        at(wxpay, "v2/any/thing").post()
    assert [one.body for one in gateway.requests] == [b"<xml/>", b""]


@pytest.mark.parametrize("name", ["mch_id", "mchid", "combine_mch_id"])
def test_another_merchants_number_is_refused(name: str) -> None:
    """Fields that name another merchant are never signed with this one's key."""
    with old(NOWHERE) as wxpay, pytest.raises(ConfigurationError, match=name):
        at(wxpay, "v2/pay/orderquery").post(xml={name: "999"})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"json": {}}, "json= is for v3"),
        ({"xml": "<xml/>"}, "xml must be a mapping, not str"),
        ({"xml": {"detail": {"goods": 1}}}, "'detail' must be text.*, not dict; .* json.dumps it"),
        ({"params": "a=b"}, "pass params as a mapping"),
        ({"params": [("a", "b")]}, "pass params as a mapping"),
        ({"content": b"<xml/>", "agent_secret": "s"}, "agent_secret= signs fields of xml="),
        ({"xml": {}, "agent_secret": b"s"}, "agent_secret must be text, not bytes"),
    ],
)
def test_bodies_of_the_other_dialect_are_refused(arguments: dict[str, Any], says: str) -> None:
    """What APIv2 cannot carry is a `TypeError`, before anything is sent."""
    with old(NOWHERE) as wxpay, pytest.raises(TypeError, match=says):
        at(wxpay, "v2/pay/orderquery").post(**arguments)


def test_a_call_without_the_secret_is_refused(make_client: Callable[..., WeChatPay]) -> None:
    """An APIv2 call says that it needs the APIv2 key."""
    with pytest.raises(ConfigurationError, match="pass secret"):
        at(make_client(), "v2/pay/orderquery").post(xml={})


@pytest.mark.parametrize(
    ("reply", "code", "unknown"),
    [
        (answer(signed=False, return_code="FAIL", return_msg="签名错误"), "FAIL", False),
        (answer(result_code="FAIL", err_code="ORDERNOTEXIST"), "ORDERNOTEXIST", False),
        (answer(signed=False, result_code="FAIL", err_code="PARAM_ERROR"), "PARAM_ERROR", False),
        (
            answer(result_code="FAIL", err_code="SYSTEMERROR", err_code_des="系统"),
            "SYSTEMERROR",
            True,
        ),
        (answer(signed=False, result_code="FAIL"), None, True),
    ],
)
def test_a_refusal_is_an_api_error(
    gateway: Gateway, reply: Answer, code: str | None, *, unknown: bool
) -> None:
    """`return_code` and `result_code` other than SUCCESS raise, with the code and the words."""
    gateway.default = reply
    with old(gateway) as wxpay, pytest.raises(APIError) as caught:
        at(wxpay, "v2/pay/micropay").post(xml={"out_trade_no": "1"})
    assert (caught.value.code, caught.value.outcome_unknown) == (code, unknown)
    assert ("query it" in str(caught.value)) is unknown


@pytest.mark.parametrize("status", [302, 404, 502])
def test_a_status_other_than_2xx_is_an_api_error(gateway: Gateway, status: int) -> None:
    """APIv2 answers with 200: a page with another status is somebody else's and decides nothing."""
    gateway.default = Answer(status, b"<html>", signed=False)
    with old(gateway) as wxpay, pytest.raises(APIError) as caught:
        at(wxpay, "v2/pay/micropay").post(xml={"out_trade_no": "1"})
    assert (caught.value.status_code, caught.value.outcome_unknown) == (status, True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"plain text",
        b"<xml><return_code>SUCCESS</return_code></xml>",
        b"<xml><return_code>SUCCESS</return_code><sign>%b</sign></xml>" % (b"A" * 32),
        b"<xml><return_code>SUCCESS</xml>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>',
    ],
)
def test_what_is_not_provably_theirs_is_refused(gateway: Gateway, body: bytes) -> None:
    """No signature, a wrong one, or no XML: a typed error that says to query first."""
    gateway.default = Answer(200, body, signed=False)
    with old(gateway) as wxpay, pytest.raises(VerificationError, match="query it") as caught:
        at(wxpay, "v2/pay/micropay").post(xml={"out_trade_no": "1"})
    assert caught.value.outcome_unknown


def test_a_wrong_answer_to_a_query_leaves_nothing_open(gateway: Gateway) -> None:
    """A GET changes nothing, so nothing is unknown after it."""
    gateway.default = Answer(200, b"?", signed=False)
    with old(gateway) as wxpay, pytest.raises(VerificationError) as caught:
        at(wxpay, "v2/papay/h5entrustweb").get(params={})
    assert not caught.value.outcome_unknown


def test_documented_exceptions_pass_unverified(gateway: Gateway) -> None:
    """An unsigned answer of a documented endpoint, and a bill in text, are marked as such."""
    gateway.script(
        answer(signed=False, result_code="SUCCESS"), Answer(200, b"a,b\r\n", signed=False)
    )
    with old(gateway) as wxpay:
        reply = at(wxpay, "v2/mmpaymkttransfers/sendredpack").post(xml={}, security=False)
        assert reply.extensions["wechatpay"].verified is False
        bill = at(wxpay, "v2/pay/downloadbill").post(xml={"bill_date": "20140603"})
    assert (bill.text, bill.extensions["wechatpay"].verified) == ("a,b\r\n", False)


def test_an_error_in_place_of_a_bill_raises(gateway: Gateway) -> None:
    """XML where text was expected is read as the error that it is."""
    gateway.default = answer(signed=False, return_code="FAIL", return_msg="No Bill Exist")
    with old(gateway) as wxpay, pytest.raises(APIError, match="No Bill Exist"):
        at(wxpay, "v2/pay/downloadbill").post(xml={"bill_date": "20140603"})


def test_only_the_documented_fields_are_covered(gateway: Gateway) -> None:
    """Where the catalogue names the fields that are signed, the others stay out."""
    gateway.default = answer(result_code="SUCCESS")
    fields = {"media_hash": "h", "sign_type": "HMAC-SHA256", "extra": "x"}
    with old(gateway) as wxpay:
        at(wxpay, "v2/secapi/mch/uploadmedia").post(xml=fields, security=False)
    sent = fields_of(gateway.requests[-1])
    covered = {name: sent[name] for name in ("mch_id", "media_hash", "sign_type")}
    assert sent["sign"] == sign(covered, "HMAC-SHA256")
