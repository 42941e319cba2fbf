"""`wxpay.notification_v2`: what an APIv2 `notify_url` is sent, genuine, forged and damaged."""

from __future__ import annotations

import hashlib
import hmac
import pickle
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB
from gateway import APIV3_KEY, MCHID
from hypothesis import given
from hypothesis import strategies as st

from wechatpay import (
    APIError,
    ConfigurationError,
    DecryptionError,
    MalformedNotification,
    TransportError,
    VerificationError,
    WeChatPay,
    WeChatPayError,
    api,
    notification_v2,
)
from wechatpay.notification_v2 import read, reply_to

SECRET = "192006250b4c09247ec02edce69f6a2d"
NONCE = "nonce0000001"


def sign(fields: Mapping[str, str], kind: str = "MD5", secret: str = SECRET) -> str:
    """Sign fields as APIv2's page says, without the library."""
    pairs = "&".join(f"{k}={fields[k]}" for k in sorted(fields) if k != "sign" and fields[k])
    message = f"{pairs}&key={secret}".encode()
    if kind == "MD5":
        return hashlib.md5(message).hexdigest().upper()
    return hmac.new(secret.encode(), message, "sha256").hexdigest().upper()


def as_xml(fields: Mapping[str, str], root: str = "xml") -> bytes:
    """Return XML as WeChat Pay writes it."""
    inner = "\n".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<{root}>\n{inner}\n</{root}>".encode()


def signed(fields: Mapping[str, str], kind: str = "MD5", secret: str = SECRET) -> bytes:
    """Return a signed notification."""
    return as_xml({**fields, "sign": sign(fields, kind, secret)})


def ecb(plaintext: bytes, secret: str = SECRET) -> str:
    """Encrypt as a refund's notification is, without the library."""
    key = hashlib.md5(secret.encode()).hexdigest().encode()
    missing = 16 - len(plaintext) % 16
    encryptor = Cipher(AES256(key), ECB()).encryptor()
    return b64encode(encryptor.update(plaintext + bytes([missing]) * missing)).decode()


def gcm(plaintext: bytes, key: str = APIV3_KEY, associated_data: bytes = b"pay") -> str:
    """Encrypt as an event is, without the library."""
    sealed = AESGCM(key.encode()).encrypt(NONCE.encode(), plaintext, associated_data)
    return b64encode(sealed).decode()


PAYMENT = {
    "appid": "wx2421b1c4370ec43b",
    "attach": "支付测试 & <more>",
    "bank_type": "CFT",
    "is_subscribe": "Y",
    "mch_id": MCHID,
    "nonce_str": "5d2b6c2a8db53831f7eda20af46e531c",
    "openid": "oUpF8uMEb4qRXf22hE3X68TekukE",
    "out_trade_no": "1409811653",
    "result_code": "SUCCESS",
    "return_code": "SUCCESS",
    "time_end": "20140903131540",
    "total_fee": "1",
    "trade_type": "JSAPI",
    "transaction_id": "1004400740201409030005092168",
}
REFUND = {
    "out_refund_no": "131811191610442717309",
    "out_trade_no": "71106718111915575302817",
    "refund_account": "REFUND_SOURCE_RECHARGE_FUNDS",
    "refund_fee": "3960",
    "refund_id": "50000408942018111907145868882",
    "refund_recv_accout": "支付用户零钱",
    "refund_request_source": "API",
    "refund_status": "SUCCESS",
    "transaction_id": "4200000215201811190261405420",
}
ENVELOPE = {
    "return_code": "SUCCESS",
    "appid": "wx2421b1c4370ec43b",
    "mch_id": MCHID,
    "nonce_str": "TeqClE3i0mvn3DrK",
}
ORDER = {"state": "USER_ACCEPTED", "out_order_no": "1234323JKHDFE1243252", "goods_name": "房间"}
EVENT = {
    "mch_id": MCHID,
    "appid": "wx2421b1c4370ec43b",
    "algorithm": "HMAC-SHA256",
    "nonce_str": "5d2b6c2a8db53831f7eda20af46e531c",
    "event_id": "EV-2018022511223320873",
    "event_create_time": "20180225112233",
    "event_type": "CHECK.SUCCESS",
    "event_algorithm": "AEAD_AES_256_GCM",
    "event_nonce": NONCE,
    "event_associated_data": "pay",
    "event_ciphertext": gcm(as_xml(ORDER)),
}
EVENT_OUTSIDE = {name: value for name, value in EVENT.items() if name[:7] != "event_a"}
for _name in ("event_nonce", "event_ciphertext"):
    del EVENT_OUTSIDE[_name]


def refund(inside: Mapping[str, str] = REFUND, secret: str = SECRET, **outside: str) -> bytes:
    """Return a refund's notification."""
    req_info = ecb(as_xml(inside, "root"), secret)
    return as_xml({**ENVELOPE, "req_info": req_info, **outside})


def event(kind: str = "HMAC-SHA256", **changed: str) -> bytes:
    """Return an event's notification."""
    return signed({**EVENT, **changed}, kind)


def opened(body: bytes, **changed: Any) -> dict[str, Any]:
    """Read a notification as the merchant that it is for."""
    arguments: dict[str, Any] = {"mchid": MCHID, "secret": SECRET, "apiv3_key": APIV3_KEY}
    return read(body, **{**arguments, **changed})


@pytest.mark.parametrize("kind", ["MD5", "HMAC-SHA256"])
def test_a_signed_notification_is_its_fields(kind: str) -> None:
    """Whichever digest signs, every field comes back as text, the sign too."""
    assert opened(signed(PAYMENT, kind)) == {**PAYMENT, "sign": sign(PAYMENT, kind)}


def test_a_failed_payment_is_as_genuine() -> None:
    """`result_code` FAIL is what the notification says, not a fault of it."""
    fields = {**PAYMENT, "result_code": "FAIL", "trade_state": "PAY_FAIL"}
    assert opened(signed(fields))["trade_state"] == "PAY_FAIL"


def test_fields_that_nobody_has_documented_are_covered() -> None:
    """An unknown field is part of what is signed, and of what is returned."""
    assert opened(signed({**PAYMENT, "brand_new": "1"}))["brand_new"] == "1"


def test_a_refund_is_opened() -> None:
    """The fields of `req_info` stand beside those outside, in place of it."""
    assert opened(refund()) == {**ENVELOPE, **REFUND}
    more = {"return_msg": "OK", "sub_appid": "wx1", "sub_mch_id": "1900000110"}
    assert opened(refund(REFUND, SECRET, **more)) == {**ENVELOPE, **more, **REFUND}


def test_a_refund_outside_says_no_more_than_is_documented() -> None:
    """What anybody could have added to an unsigned message is dropped, and never wins."""
    forged = refund(result_code="SUCCESS", trade_state="SUCCESS", refund_status="CHANGE")
    assert opened(forged) == {**ENVELOPE, **REFUND}


def test_a_nested_field_outside_a_refund_is_dropped() -> None:
    """All that is returned is text."""
    body = refund().replace(b"<![CDATA[wx2421b1c4370ec43b]]>", b"<a>1</a>")
    assert "appid" not in opened(body)


def test_a_signed_refund_is_opened_too() -> None:
    """Should a refund's notification ever be signed, the sign counts."""
    fields = {**ENVELOPE, "req_info": ecb(as_xml(REFUND, "root"))}
    assert opened(signed(fields)) == {**ENVELOPE, "sign": sign(fields), **REFUND}
    with pytest.raises(VerificationError, match="sign"):
        opened(as_xml({**fields, "sign": sign(PAYMENT)}))


def test_an_event_is_opened() -> None:
    """The fields of `event_ciphertext` stand in place of the five that it came in."""
    given_sign = {"sign": sign(EVENT, "HMAC-SHA256")}
    assert opened(event()) == {**EVENT_OUTSIDE, **given_sign, **ORDER}


def test_an_event_without_associated_data() -> None:
    """That field is optional."""
    fields = {k: v for k, v in EVENT.items() if k != "event_associated_data"}
    fields["event_ciphertext"] = gcm(as_xml(ORDER), associated_data=b"")
    assert opened(signed(fields, "HMAC-SHA256"))["state"] == "USER_ACCEPTED"


@pytest.mark.parametrize(
    "documented",
    [one for one in api.notifications() if one.version == "v2"],
    ids=lambda one: one.event_type,
)
def test_every_documented_notification_is_read(documented: api.Event) -> None:
    """All ten of the catalogue, made of the fields that are documented for each."""
    fields = {one.name: str(one.enum[0]) if one.enum else "1" for one in documented.body}
    fields = {name: value for name, value in fields.items() if "$" not in name and name != "sign"}
    for name in ("mch_id", "combine_mch_id"):
        if name in fields:
            fields[name] = MCHID
    inside = {one.name: str(one.enum[0]) if one.enum else "1" for one in documented.resource}
    inside = {name: value for name, value in inside.items() if "$" not in name and name != "sign"}
    inside |= {name: MCHID for name in ("mch_id", "combine_mch_id") if name in inside}
    if documented.encrypted_field == "body.req_info":
        fields |= {"return_code": "SUCCESS", "req_info": ecb(as_xml(inside, "root"))}
        body = as_xml(fields)
    else:
        if documented.encrypted_field:
            fields |= {"event_nonce": NONCE, "event_ciphertext": gcm(as_xml(inside))}
            fields["event_associated_data"] = "pay"
        declared = fields.get("sign_type", fields.get("algorithm", "MD5"))
        if declared not in ("MD5", "HMAC-SHA256"):
            declared = fields["sign_type"] = "MD5"
        body = signed(fields, declared)
    read_fields = opened(body)
    # What is not encrypted is in both lists, and may have been changed to be signed rightly.
    expected = inside if documented.encrypted_field else {name: fields[name] for name in inside}
    assert {name: read_fields[name] for name in inside} == expected
    assert all(isinstance(value, str) for value in read_fields.values())


def test_a_client_reads_with_its_own_keys(make_client: Callable[..., WeChatPay]) -> None:
    """`wxpay.notification_v2` takes the client's number, secret and APIv3 key."""
    wxpay = make_client(secret=SECRET, apiv3_key=APIV3_KEY)
    assert wxpay.notification_v2(signed(PAYMENT))["total_fee"] == "1"
    assert wxpay.notification_v2(refund())["refund_fee"] == "3960"
    assert wxpay.notification_v2(event())["goods_name"] == "房间"


def test_the_secret_alone_is_enough() -> None:
    """`mchid` and `secret` read whatever has no event in it."""
    with WeChatPay(MCHID, secret=SECRET) as wxpay:
        assert wxpay.notification_v2(signed(PAYMENT))["total_fee"] == "1"
        assert wxpay.notification_v2(memoryview(refund()).tobytes())["refund_fee"] == "3960"
        with pytest.raises(ConfigurationError, match="event_ciphertext opens with the APIv3 key"):
            wxpay.notification_v2(event())


def test_without_the_secret_nothing_is_read(wxpay: WeChatPay) -> None:
    """A client that could not verify says which key it needs."""
    with pytest.raises(ConfigurationError, match="pass secret"):
        wxpay.notification_v2(signed(PAYMENT))


@pytest.mark.parametrize("body", ["<xml/>", {"a": "b"}, None, 7], ids=repr)
def test_only_raw_bytes_are_read(body: Any) -> None:
    """Text and parsed fields are refused with where the bytes are to be had."""
    with pytest.raises(TypeError, match=r"raw bytes, not .*request.get_data\(\)"):
        opened(body)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_of_any_kind_are_read(kind: Callable[[bytes], Any]) -> None:
    """A framework may keep them in a buffer."""
    assert opened(kind(signed(PAYMENT)))["mch_id"] == MCHID


NOT_THEIRS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not an APIv2 notification"),
    "json": (b"{}", "not an APIv2 notification"),
    "dtd": (b'<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>', "document type"),
    "no sign": (as_xml(PAYMENT), "has no sign"),
    "empty sign": (as_xml({**PAYMENT, "sign": ""}), "sign is not the APIv2 key's"),
    "nested sign": (as_xml(PAYMENT).replace(b"</xml>", b"<sign><a>1</a></sign></xml>"), "sign is"),
    "another's sign": (signed(PAYMENT, secret="x" * 32), "sign is not the APIv2 key's"),
    "two payments": (as_xml(PAYMENT).replace(b"</xml>", b"<total_fee>2</total_fee></xml>"), "only"),
    "a lesser sign than it says": (
        signed({**PAYMENT, "sign_type": "HMAC-SHA256"}),
        "not of the kind that it names",
    ),
    "a lesser sign of an event": (event("MD5"), "not of the kind that it names"),
    "unsigned failure": (as_xml({"return_code": "FAIL", "return_msg": "签名失败"}), "has no sign"),
    "unsigned event": (as_xml(EVENT), "has no sign"),
    "unsigned event with a refund": (
        as_xml({**EVENT, "return_code": "SUCCESS", "req_info": "x", "mch_id": "1230000109"}),
        "another merchant",
    ),
    "failed refund": (refund(return_code="FAIL"), "has no sign"),
    "refund of nobody": (
        as_xml({"return_code": "SUCCESS", "req_info": ecb(as_xml(REFUND))}),
        "neither a sign nor a merchant number",
    ),
    "refund of another": (refund(mch_id="1230000109"), f"mch_id is not {MCHID}"),
    "refund of several": (refund(mchid="1230000109"), f"mchid is not {MCHID}"),
    "payment of another": (signed({**PAYMENT, "mch_id": "1230000109"}), f"mch_id is not {MCHID}"),
    "combined payment of another": (
        signed({"combine_mch_id": "1230000109"}),
        f"combine_mch_id is not {MCHID}",
    ),
    "event of another inside": (
        event(event_ciphertext=gcm(as_xml({**ORDER, "mch_id": "1230000109"}))),
        f"mch_id is not {MCHID}",
    ),
    "nested refund": (
        as_xml(ENVELOPE).replace(b"</xml>", b"<req_info><a>1</a></req_info></xml>"),
        "req_info is missing or malformed",
    ),
}


@pytest.mark.parametrize("case", NOT_THEIRS)
def test_what_is_not_provably_theirs_is_refused(case: str) -> None:
    """Unsigned, wrongly signed, for another merchant, or no notification at all."""
    body, words = NOT_THEIRS[case]
    with pytest.raises(VerificationError, match=words) as caught:
        opened(body)
    assert SECRET not in repr(pickle.loads(pickle.dumps(caught.value)))
    assert "1230000109" not in str(caught.value)


def test_a_shop_of_a_service_provider() -> None:
    """The provider's number is the client's; the shop's stands beside it."""
    fields = {**PAYMENT, "sub_mch_id": "1230000109"}
    assert opened(signed(fields))["sub_mch_id"] == "1230000109"
    assert opened(refund(sub_mch_id="1230000109"))["sub_mch_id"] == "1230000109"


DOES_NOT_OPEN: dict[str, tuple[bytes, str]] = {
    "another secret": (refund(secret="x" * 32), "does not open"),
    "no base64": (refund(req_info="!"), "not base64"),
    "half a block": (refund(req_info=b64encode(b"x" * 20).decode()), "does not open"),
    "no xml": (refund(req_info=ecb(b"SECRET-1")), "is not XML"),
    "no text": (refund(req_info=ecb(b"<root>SECRET-1\x07</root>")), "is not text"),
    "no refund": (refund(inside={"a": "SECRET-1"}), "lacks refund_id or out_refund_no or"),
    "another APIv3 key": (event(event_ciphertext=gcm(as_xml(ORDER), "x" * 32)), "does not open"),
    "other associated data": (event(event_associated_data="x"), "does not open"),
    "a nonce of another length": (event(event_nonce="x"), "12 bytes"),
    "another algorithm": (event(event_algorithm="NONE"), "not encrypted with AEAD_AES_256_GCM"),
}


@pytest.mark.parametrize("case", DOES_NOT_OPEN)
def test_what_does_not_open_is_refused(case: str) -> None:
    """A wrong key, or something else inside, is a `DecryptionError` that shows nothing of it."""
    body, words = DOES_NOT_OPEN[case]
    with pytest.raises(DecryptionError, match=words) as caught:
        opened(body)
    assert "SECRET" not in f"{caught.value!r} {caught.value.__cause__!r}"


def without(name: str, **changes: str) -> bytes:
    """Return a signed event without one of its fields."""
    return signed({k: v for k, v in {**EVENT, **changes}.items() if k != name}, "HMAC-SHA256")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (without("event_nonce"), "event_nonce is missing"),
        (event(event_ciphertext=gcm(b"<SECRET-1>")), "opens, but is not XML"),
    ],
)
def test_what_is_signed_but_not_understood(body: bytes, words: str) -> None:
    """What WeChat Pay has signed is not a forgery, though there be nothing to act on in it."""
    with pytest.raises(MalformedNotification, match=words) as caught:
        opened(body)
    assert "SECRET" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_side_field_costs_no_event() -> None:
    """An event that opens is delivered, whatever is missing beside it."""
    assert opened(without("event_algorithm"))["state"] == "USER_ACCEPTED"
    assert opened(event(event_algorithm=""))["state"] == "USER_ACCEPTED"
    bare = without("event_associated_data", event_ciphertext=gcm(as_xml(ORDER), APIV3_KEY, b""))
    assert opened(bare)["state"] == "USER_ACCEPTED"


@pytest.mark.parametrize("body", [b"{}", b'\n {"id": "EV-1"}'])
def test_notification_of_the_other_version(body: bytes) -> None:
    """What APIv3 has sent goes to another function, and the error says to which."""
    with pytest.raises(VerificationError, match=r"wxpay\.notification\(headers, body\)") as caught:
        opened(body)
    assert caught.value.outcome_unknown is False


def test_identity_is_the_same_for_repeats_alone() -> None:
    """A notification and its repeat are one; of one number, two states are two."""
    one = [
        PAYMENT,
        REFUND,
        {**REFUND, "refund_status": "CHANGE"},
        EVENT,
        {"contract_id": "7", "change_type": "ADD", "nonce_str": "a"},
        {"contract_id": "7", "change_type": "DELETE", "nonce_str": "a"},
        {"plate_number": "粤B888888", "nonce_str": "a"},
        {"plate_number": "粤B888889", "nonce_str": "a"},
    ]
    first = [notification_v2.identity(fields) for fields in one]
    again = [notification_v2.identity({**fields, "nonce_str": "b", "sign": "c"}) for fields in one]
    assert first == again
    assert len(set(first)) == len(one)


@pytest.mark.parametrize("secret", [SECRET, ""])
def test_a_forger_without_the_key_gets_nowhere(secret: str) -> None:
    """An empty key, with which anybody could sign, verifies nothing."""
    with pytest.raises((VerificationError, ConfigurationError)):
        opened(signed(PAYMENT, secret=""), secret=secret)


@pytest.mark.untraced
@pytest.mark.parametrize(
    "genuine", [signed(PAYMENT), refund(), event()], ids=["payment", "refund", "event"]
)
def test_no_changed_byte_is_accepted(genuine: bytes) -> None:
    """Whichever byte is changed, the notification is refused or says the very same.

    The same: where bytes carry nothing, as the name of the root. A refund is not signed, so that
    what is outside its `req_info` proves nothing, except whom it is for.
    """
    expected = opened(genuine)
    unproven = {"appid", "nonce_str", "return_msg"} if b"req_info" in genuine else set[str]()
    accepted = 0
    for place in range(len(genuine)):
        for byte in {genuine[place] ^ 1, genuine[place] ^ 32, 0, 60, 65} - {genuine[place]}:
            changed = genuine[:place] + bytes([byte]) + genuine[place + 1 :]
            try:
                found = opened(changed)
            except WeChatPayError:
                continue
            accepted += 1
            for name in unproven:
                found[name] = expected.get(name)
                found = {k: v for k, v in found.items() if v is not None}
            assert found == expected, place
    assert accepted < len(genuine)


@pytest.mark.untraced
@pytest.mark.parametrize(
    "genuine", [signed(PAYMENT), refund(), event()], ids=["payment", "refund", "event"]
)
def test_no_piece_is_accepted(genuine: bytes) -> None:
    """A notification that lacks its end, or its beginning, is refused."""
    for end in range(len(genuine)):
        for piece in (genuine[:end], genuine[end + 1 :]):
            with pytest.raises(VerificationError):
                opened(piece)


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    """Whatever comes, it is refused with a typed error."""
    with pytest.raises(VerificationError):
        opened(body)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (VerificationError("x"), 401, "signature not verified"),
        (VerificationError("x", response=httpx.Response(200)), 503, "try again later"),
        (MalformedNotification("x"), 500, "signed, but not understood"),
        (TransportError("x"), 503, "try again later"),
        (APIError("x"), 503, "try again later"),
        (ValueError("x"), 500, "not processed"),
    ],
)
def test_each_error_has_its_reply(error: Exception, status: int, words: str) -> None:
    """What was forged, what was not understood and what failed are told apart, as in APIv3."""
    reply = reply_to(error)
    assert reply.status == status
    assert words in reply.body.decode()
    assert b"FAIL" in reply.body


NAMES = st.sampled_from([*PAYMENT, *EVENT, "req_info", "sign", "mchid", "return_msg"])


@given(st.dictionaries(NAMES, st.text("<>&]x1", max_size=40) | st.just(MCHID)))
def test_any_fields_without_the_key(fields: dict[str, str]) -> None:
    """No unsigned or wrongly signed message of known fields passes."""
    from wechatpay import xml

    with pytest.raises(WeChatPayError):
        opened(xml.dumps(fields))


def reply_of(reply: notification_v2.Reply) -> dict[str, str | None]:
    """Return what a reply says, having seen that it is what APIv2 takes."""
    assert reply.status == 200
    assert reply.headers == {"Content-Type": "text/xml; charset=utf-8"}
    root = ElementTree.fromstring(reply.body)
    assert root.tag == "xml"
    return {one.tag: one.text for one in root}


def test_the_reply_that_ends_it() -> None:
    """`SUCCESS` is the documented XML."""
    said = reply_of(notification_v2.SUCCESS)
    assert said == {"return_code": "SUCCESS", "return_msg": "OK"}


def test_the_reply_that_asks_for_it_again() -> None:
    """`failure` says FAIL and why, in XML whatever the words are."""
    said = reply_of(notification_v2.failure("库存 <不足> & ]]>"))
    assert said == {"return_code": "FAIL", "return_msg": "库存 <不足> & ]]>"}


def test_an_errors_text_is_no_reply() -> None:
    """An exception, which may tell about the system, is not sent out."""
    error: Any = ValueError("secret")
    with pytest.raises(TypeError, match="text of your own, not ValueError"):
        notification_v2.failure(error)
