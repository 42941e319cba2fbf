"""What an APIv2 call sends: the merchant number, signatures, uploads, and URLs for browsers."""

from __future__ import annotations

import hashlib
import io
import logging
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from gateway import MCHID, Gateway, rsa_key
from old_messages import NOWHERE, answer, at, fields_of, fields_of_url, old, sign
from ways import Way, each_way

from wechatpay import ConfigurationError, Media, xml
from wechatpay.crypto import rsa

CONTRACT = {"appid": "wx1", "contract_display_account": "微信 代扣", "version": "1.0"}
AGENT_SECRET = "TheSecretOfTheWeChatWorkAppThatPays"
PART = re.compile(rb'name="(\w+)"(?:; filename="(.*?)")?\r\nContent-Type: (.*?)\r\n\r\n(.*?)\r\n--')


def sent(gateway: Gateway, path: str, fields: Mapping[str, Any], **more: Any) -> dict[str, str]:
    """Make a call and return the fields that arrived."""
    gateway.default = answer(result_code="SUCCESS")
    with old(gateway, **more) as wxpay:
        at(wxpay, path).post(xml=fields, security=False)
    return fields_of(gateway.requests[-1])


def test_the_official_example_is_sent(gateway: Gateway) -> None:
    """The message of the signature page gets the signature of the signature page."""
    fields = {"appid": "wxd930ea5d5a258f4f", "device_info": 1000, "body": "test"}
    fields |= {"nonce_str": "ibuaiVcKdpRxkhJA"}
    message = sent(gateway, "v2/pay/micropay", fields, mchid="10000100")
    assert message["mch_id"] == "10000100"
    assert message["sign"] == "9A0A8659F005D6984697E2CA0A9CF3B7"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("v2/pay/unifiedorder", "mch_id"),
        ("v2/mmpaymkttransfers/promotion/transfers", "mchid"),
        ("v2/pay/settlementquery", "mchid"),
        ("v2/pay/combinedorder", "combine_mch_id"),
        ("v2/no/such/path", "mch_id"),
    ],
)
def test_the_number_goes_where_it_is_documented(gateway: Gateway, path: str, name: str) -> None:
    """The merchant number is filled in under the very name that the endpoint has for it."""
    for given in ({}, {name: None}, {name: MCHID}, {name: int(MCHID)}):
        fields = sent(gateway, path, given)
        assert {key: fields[key] for key in fields if "mch" in key} == {name: MCHID}


def test_other_merchants_of_a_call_are_the_callers_to_name(gateway: Gateway) -> None:
    """A service provider's sub-merchant, a receiver or a brand is not a number of the client's."""
    others = {
        "sub_mch_id": "1230000109",
        "brand_mch_id": "1",
        "contract_mchid": "2",
        "sub_order_list": '[{"mchid": "3"}]',
    }
    fields = sent(gateway, "v2/pay/profitsharingmerchantratioquery", others)
    assert others.items() < fields.items()
    assert fields["mch_id"] == MCHID


@pytest.mark.parametrize(
    ("path", "given", "kind"),
    [
        ("v2/pay/unifiedorder", {}, None),
        ("v2/pay/unifiedorder", {"sign_type": "HMAC-SHA256"}, "HMAC-SHA256"),
        ("v2/pay/profitsharingquery", {}, "HMAC-SHA256"),
        ("v2/risk/getpublickey", {}, "MD5"),
        ("v2/risk/getpublickey", {"sign_type": "HMAC-SHA256"}, "HMAC-SHA256"),
    ],
)
def test_the_kind_of_signature_is_named_where_it_must_be(
    gateway: Gateway, path: str, given: dict[str, str], kind: str | None
) -> None:
    """The only kind, or a required name of it, is filled in; the caller's choice wins."""
    fields = sent(gateway, path, given)
    assert fields.get("sign_type") == kind
    assert fields["sign"] == sign(fields, kind or "MD5")


@pytest.mark.parametrize("nonceless", [True, False])
def test_the_caller_decides_about_the_nonce(gateway: Gateway, *, nonceless: bool) -> None:
    """`nonceless=` wins over what the catalogue says; a nonce of the caller's own is kept."""
    gateway.default = answer(result_code="SUCCESS")
    with old(gateway) as wxpay:
        for path in ("v2/pay/unifiedorder", "v2/papay/querycontract"):
            at(wxpay, path).post(xml={}, nonceless=nonceless)
            assert ("nonce_str" in fields_of(gateway.requests[-1])) is not nonceless
        at(wxpay, "v2/pay/unifiedorder").post(xml={"nonce_str": "mine"})
    assert fields_of(gateway.requests[-1])["nonce_str"] == "mine"


def test_a_query_is_signed_as_it_is_sent(gateway: Gateway) -> None:
    """Numbers, booleans and what XML could not carry are the same text in query and signature."""
    given = {"a": Decimal("1E+3"), "b": 1e-7, "c": True, "d": "x\x00 &=中", "e": None, "f": ""}
    gateway.default = answer(result_code="SUCCESS")
    with old(gateway) as wxpay:
        at(wxpay, "v2/papay/h5entrustweb").get(params=given)
    fields = fields_of(gateway.requests[-1])
    assert fields["sign"] == sign(fields, "HMAC-SHA256")
    assert list(fields.values())[:5] == ["1000", "0.0000001", "true", "x &=中", ""]


# URLs for browsers


@each_way
@pytest.mark.parametrize(
    ("path", "fragment"),
    [("v2/papay/entrustweb", "#wechat_redirect"), ("v2/papay/partner/entrustweb", "")],
)
def test_a_signed_url_for_a_browser_is_made(way: Way, path: str, fragment: str) -> None:
    """What a browser is to open is answered at once, as the redirect to it; nothing is sent."""
    with old(NOWHERE) as wxpay:
        reply = way.call(at(wxpay, path), "get", params=CONTRACT)
    url = reply.headers["Location"]
    fields = fields_of_url(url)
    assert url.startswith(f"{NOWHERE}{path[3:]}?appid=wx1&contract_display_account=%E5%BE%AE")
    assert url.endswith(f"{fields['sign']}{fragment}")
    assert fields == {**CONTRACT, "mch_id": MCHID, "sign": sign(fields)}
    assert isinstance(reply, httpx.Response)
    assert (reply.status_code, reply.content, str(reply.url)) == (302, b"", url)
    assert reply.extensions["wechatpay"] == {"verified": False, "serial": None, "request_id": None}


def test_the_url_to_ask_for_consent_has_no_signature() -> None:
    """OAuth's first step is documented without `sign` and `nonce_str`, and on a host of its own."""
    given = {"appid": "wx1", "redirect_uri": "https://example.com/?a=1", "response_type": "code"}
    with old("https://api.mch.weixin.qq.com/") as wxpay:
        url = at(wxpay, "v2/appauth/authindex").get(params=given).headers["Location"]
    assert url == (
        "https://payapp.weixin.qq.com/appauth/authindex?appid=wx1"
        "&redirect_uri=https%3A%2F%2Fexample.com%2F%3Fa%3D1&response_type=code"
        f"&mch_id={MCHID}#wechat_redirect"
    )


def test_a_url_of_nothing_is_signed_too(caplog: pytest.LogCaptureFixture) -> None:
    """A query that the caller left out has what the client adds; the log shows none of it."""
    with caplog.at_level(logging.DEBUG), old(NOWHERE) as wxpay:
        url = at(wxpay, "v2/papay/entrustweb").get().headers["Location"]
    fields = fields_of_url(url)
    assert fields == {"mch_id": MCHID, "sign": sign(fields)}
    assert "GET v2/papay/entrustweb 302" in caplog.text
    assert fields["sign"] not in caplog.text


def test_a_url_of_another_merchant_is_refused() -> None:
    """The client's number is checked in a query as it is in XML."""
    with old(NOWHERE) as wxpay, pytest.raises(ConfigurationError, match="mch_id is not"):
        at(wxpay, "v2/papay/entrustweb").get(params={"mch_id": "1"})


def test_a_url_fills_no_file(tmp_path: Path) -> None:
    """There is no body to go into a file, so `sink=` is refused."""
    with old(NOWHERE) as wxpay, pytest.raises(TypeError, match="URL for a browser"):
        at(wxpay, "v2/papay/entrustweb").get(sink=tmp_path / "x")


@pytest.mark.parametrize("body", [{"xml": CONTRACT}, {"content": b"x"}, {"media": b"x"}])
def test_a_url_has_no_body(body: dict[str, Any]) -> None:
    """Fields that would not get into the URL are refused, and not left out in silence."""
    with old(NOWHERE) as wxpay, pytest.raises(TypeError, match="pass its fields as params="):
        at(wxpay, "v2/papay/entrustweb").get(**body)


# WeChat Work


@pytest.mark.parametrize(
    ("path", "given", "covered"),
    [
        (
            "v2/mmpaymkttransfers/sendworkwxredpack",
            {"mch_billno": "1", "wxappid": "wx1", "re_openid": "o", "total_amount": 100,
             "act_name": "活动", "wishing": "好", "agentid": "1", "remark": "r"},
            {"act_name", "mch_billno", "mch_id", "nonce_str", "re_openid", "total_amount",
             "wxappid"},
        ),
        (
            "v2/mmpaymkttransfers/promotion/paywwsptrans2pocket",
            {"partner_trade_no": "1", "appid": "wx1", "openid": "o", "amount": 100, "desc": "d",
             "ww_msg_type": "NORMAL_MSG", "check_name": "NO_CHECK", "spbill_create_ip": "::1"},
            {"amount", "appid", "desc", "mch_id", "nonce_str", "openid", "partner_trade_no",
             "ww_msg_type"},
        ),
    ],
)  # fmt: skip
def test_wechat_works_signature_is_made_first(
    gateway: Gateway,
    caplog: pytest.LogCaptureFixture,
    path: str,
    given: dict[str, Any],
    covered: set[str],
) -> None:
    """`agent_secret` signs the documented few fields, and `sign` covers that signature too."""
    gateway.default = answer(result_code="SUCCESS")
    with caplog.at_level(logging.DEBUG), old(gateway) as wxpay:
        at(wxpay, path).post(xml=given, agent_secret=AGENT_SECRET, security=False)
    fields = fields_of(gateway.requests[-1])
    pairs = "&".join(f"{name}={fields[name]}" for name in sorted(covered))
    expected = hashlib.md5(f"{pairs}&secret={AGENT_SECRET}".encode()).hexdigest().upper()
    assert fields["workwx_sign"] == expected
    assert fields["sign"] == sign(fields)
    assert AGENT_SECRET not in caplog.text + gateway.requests[-1].body.decode()


@pytest.mark.parametrize(
    ("given", "secret", "error"),
    [({}, AGENT_SECRET, ValueError), ({"mch_billno": "1"}, "", ConfigurationError)],
)
def test_wechat_works_signature_can_fail(
    given: dict[str, str], secret: str, error: type[Exception]
) -> None:
    """A message that is neither red packet nor payment, or an empty secret, is refused unsent."""
    with old(NOWHERE) as wxpay, pytest.raises(error) as caught:
        at(wxpay, "v2/any/thing").post(xml=given, agent_secret=secret)
    assert AGENT_SECRET not in repr(caught.value)


# Uploads


@each_way
def test_an_upload_is_a_form_of_fields(gateway: Gateway, way: Way, tmp_path: Path) -> None:
    """The file's MD5, the number and the kind are fields, signed as documented; others are not."""
    gateway.default = answer(result_code="SUCCESS", media_id="m")
    file = tmp_path / "照 片.png"
    file.write_bytes(b"\x89PNG\r\n--\x00")
    with old(gateway) as wxpay:
        node = at(wxpay, "v2/secapi/mch/uploadmedia")
        media = Media(file, meta={"extra": 1})
        reply = way.call(node, "post", media=media, security=False)
    request = gateway.requests[-1]
    parts = {part[0].decode(): part[1:] for part in re.findall(PART, request.body)}
    fields = {name: value.decode() for name, (_, _, value) in parts.items() if name != "media"}
    signed = {"mch_id": MCHID, "media_hash": hashlib.md5(file.read_bytes()).hexdigest()}
    signed |= {"sign_type": "MD5"}
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert "nonce_str" not in fields
    assert fields == {**signed, "extra": "1", "sign": sign(signed)}
    assert b'name="media"; filename="%b"' % file.name.encode() in request.body
    assert b"Content-Type: image/png\r\n\r\n" + file.read_bytes() + b"\r\n--" in request.body
    assert xml.fields(reply)["media_id"] == "m"


class Pipe(io.BytesIO):
    """A file that cannot be read twice."""

    def seekable(self) -> bool:
        """Tell that it is none of those that can."""
        return False


def test_an_undocumented_upload_is_as_the_documented_one(gateway: Gateway) -> None:
    """A path that the catalogue does not know gets `media` and `media_hash`, and all is signed."""
    gateway.default = answer(result_code="SUCCESS")
    with old(gateway) as wxpay:
        at(wxpay, "v2/any/upload").post(media=Pipe(b"abc"), nonceless=True)
    parts = {name.decode(): value.decode() for name, _, _, value in
             re.findall(PART, gateway.requests[-1].body)}  # fmt: skip
    assert parts.pop("media") == "abc"
    assert parts["media_hash"] == hashlib.md5(b"abc").hexdigest()
    assert parts["sign"] == sign(parts)


# Encryption with the bank's key


def test_the_banks_key_encrypts_a_card_number(gateway: Gateway) -> None:
    """What `risk/getpublickey` answers is a key; a field encrypted with it opens with its other."""
    bank = rsa_key("bank")
    pem = bank.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
    gateway.script(
        answer(signed=False, result_code="SUCCESS", pub_key=pem),
        answer(signed=False, result_code="SUCCESS"),
    )
    with old(gateway) as wxpay:
        reply = at(wxpay, "v2/risk/getpublickey").post(xml={}, security=False)
        key = rsa.load_public_key(xml.fields(reply)["pub_key"])
        fields = {"enc_bank_no": rsa.encrypt("6222000000000000", key), "bank_code": "1002"}
        at(wxpay, "v2/mmpaysptrans/pay_bank").post(xml=fields, security=False)
    arrived = fields_of(gateway.requests[-1])
    assert rsa.decrypt(arrived["enc_bank_no"], bank) == "6222000000000000"
    assert arrived["sign"] == sign(arrived)
