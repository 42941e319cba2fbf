"""What WeChat Pay sends: trusted only when verified, and answered correctly."""

from __future__ import annotations

import base64
import copy
import dataclasses
import json
import pickle
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from email.message import Message
from pathlib import Path
from typing import Any

import httpx
import multidict
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from gateway import APIV3_KEY, PUBLIC_KEY_ID, Identity, certificate_identity, rsa_key
from hypothesis import given, settings
from hypothesis import strategies as st
from soak import runs, share
from starlette.datastructures import Headers as StarletteHeaders

from wechatpay import (
    APIError,
    ClockSkew,
    ConfigurationError,
    DecryptionError,
    MalformedNotification,
    SignatureProbe,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
    WeChatPayError,
    notification_v2,
    xml,
)
from wechatpay._v3 import Keyring, PlatformKey
from wechatpay.notification import (
    SUCCESS,
    Notification,
    Reply,
    admit,
    answer,
    failure,
    read,
    reply_to,
)
from wechatpay.replay import BeingHandled

KEY = APIV3_KEY.encode()
PLATFORM = Identity(PUBLIC_KEY_ID, rsa_key("platform"))
CERTIFICATE = certificate_identity(0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1, "second platform")
RING = Keyring(PlatformKey(one.id, one.key.public_key()) for one in (PLATFORM, CERTIFICATE))
NAMES = ("Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature")
RESOURCE = {
    "mchid": "1900000109",
    "out_trade_no": "1217752501201407033233368018",
    "trade_state": "SUCCESS",
    "trade_state_desc": "支付成功",
    "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
    "amount": {"total": 100, "currency": "CNY"},
}


def sealed(plaintext: str, associated_data: str | None = "transaction") -> dict[str, Any]:
    """Encrypt a resource as WeChat Pay does, with nothing of ours."""
    nonce = "fdasflkja484"
    secret = AESGCM(KEY).encrypt(
        nonce.encode(), plaintext.encode(), (associated_data or "").encode()
    )
    resource = {
        "original_type": "transaction",
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(secret).decode(),
        "associated_data": associated_data,
        "nonce": nonce,
    }
    return {name: value for name, value in resource.items() if value is not None}


def envelope(**changes: Any) -> dict[str, Any]:
    """Return a payment's notification but for what is changed; `None` takes a field out."""
    fields = {
        "id": "EV-2018022511223320873",
        "create_time": "2015-05-20T13:29:35+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": sealed(json.dumps(RESOURCE, ensure_ascii=False)),
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def signed(body: bytes, who: Identity = PLATFORM, *, skew: int = 0) -> dict[str, str]:
    """Return the headers that WeChat Pay would send with `body`, with nothing of ours."""
    now, nonce = str(int(time.time()) + skew), "593BEC0C930BF1AFEB40B4A08C8FB242"
    message = f"{now}\n{nonce}\n".encode() + body + b"\n"
    signature = base64.b64encode(who.key.sign(message, PKCS1v15(), SHA256())).decode()
    return dict(zip(NAMES, (now, nonce, who.id, signature), strict=True))


def written(fields: object) -> bytes:
    """Return JSON as WeChat Pay writes it."""
    return json.dumps(fields, ensure_ascii=False).encode()


BODY = written(envelope())


def received(body: bytes, who: Identity = PLATFORM) -> Notification:
    """Read a correctly signed body."""
    return read(signed(body, who), body, RING, KEY)


# What is read


@pytest.mark.parametrize("who", [PLATFORM, CERTIFICATE], ids=["public key", "certificate"])
def test_notification_is_verified_and_opened(who: Identity) -> None:
    """A notification that either kind of key signed gives its envelope and what was encrypted."""
    headers = {**signed(BODY, who), "Request-ID": "08F7AB4E-1", "Content-Type": "application/json"}
    notification = read(headers, BODY, RING, KEY)
    assert notification == Notification(
        id="EV-2018022511223320873",
        create_time=datetime(2015, 5, 20, 13, 29, 35, tzinfo=timezone(timedelta(hours=8))),
        event_type="TRANSACTION.SUCCESS",
        resource_type="encrypt-resource",
        summary="支付成功",
        original_type="transaction",
        resource=RESOURCE,
        raw=BODY,
        serial=who.id,
        request_id="08F7AB4E-1",
    )


def test_notification_is_a_value_that_tells_no_secret() -> None:
    """It is frozen, hashable, copied and pickled as a whole, and shows nothing decrypted."""
    notification = received(BODY)
    with pytest.raises(dataclasses.FrozenInstanceError):
        notification.id = "EV-2"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    assert pickle.loads(pickle.dumps(notification)) == copy.deepcopy(notification) == notification
    assert len({notification, received(BODY)}) == 1
    for word in ("EV-2018022511223320873", "TRANSACTION.SUCCESS", PUBLIC_KEY_ID):
        assert word in repr(notification)
    for word in ("1900000109", "openid", "ciphertext", "1217752501201407033233368018"):
        assert word not in repr(notification)


def test_notification_by_event() -> None:
    """What it carries is under its own event alone; shared profit is never under a payment's."""
    paid = received(BODY).by_event
    assert paid["TRANSACTION.SUCCESS"].get("out_trade_no") == RESOURCE["out_trade_no"]
    with pytest.raises(KeyError):
        paid["REFUND.SUCCESS"]
    shared = {**sealed('{"order_id": "1"}'), "original_type": "profitsharing"}
    for event in ("TRANSACTION.SUCCESS", "PROFITSHARING.SUCCESS"):
        found = received(written(envelope(event_type=event, resource=shared))).by_event
        assert [*found] == ["PROFITSHARING.SUCCESS"]
        assert found["PROFITSHARING.SUCCESS"].get("order_id") == "1"
    returned = envelope(event_type="PROFITSHARING.RETURN", resource=shared)
    assert [*received(written(returned)).by_event] == ["PROFITSHARING.RETURN"]


@pytest.mark.parametrize(
    "resource",
    [sealed("{}", ""), sealed("{}", None), {**sealed("{}"), "original_type": None}],
    ids=["empty", "missing", "no type"],
)
def test_optional_parts_of_a_resource_may_be_missing(resource: dict[str, Any]) -> None:
    """Neither associated data nor an original type has to be there."""
    notification = received(written(envelope(resource=resource)))
    assert notification.resource == {}
    assert notification.original_type == resource.get("original_type")


@pytest.mark.parametrize(
    ("text", "offset", "microseconds"),
    [
        ("2015-05-20T13:29:35+08:00", 8, {0}),
        ("2015-05-20T05:29:35Z", 0, {0}),
        ("2015-05-20T13:29:35.12+08:00", 8, {0, 120000}),
        ("2015-05-20T13:29:35.120+08:00", 8, {120000}),
        ("2015-05-20T13:29:35.123456789+08:00", 8, {0, 123456}),
    ],
)
def test_creation_time_is_aware(text: str, offset: int, microseconds: set[int]) -> None:
    """Every spelling of RFC 3339 is read; Python 3.10 may lose a fraction of unusual length."""
    moment = received(written(envelope(create_time=text))).create_time
    assert moment is not None
    assert moment.utcoffset() == timedelta(hours=offset)
    assert moment.replace(microsecond=0).timestamp() == 1432099775
    assert moment.microsecond in microseconds


@pytest.mark.parametrize(
    "body", [BODY, bytearray(BODY), memoryview(BODY)], ids=lambda b: type(b).__name__
)
def test_raw_is_kept_as_bytes(body: bytes) -> None:
    """What the signature covers is kept as it came, whichever kind of bytes it came in."""
    notification = read(signed(BODY), body, RING, KEY)
    assert type(notification.raw) is bytes
    assert notification.raw == BODY


def test_layout_of_the_json_is_free() -> None:
    """White space around and inside the envelope changes nothing but the signature."""
    body = b"\r\n " + json.dumps(envelope(), indent=2).encode() + b"\n"
    assert received(body).resource == RESOURCE


@pytest.mark.parametrize("body", [BODY.decode(), json.loads(BODY), None, [BODY]], ids=repr)
def test_anything_but_bytes_is_refused(body: Any) -> None:
    """Text or a parsed body is a mistake in the program, and the error says where the bytes are."""
    with pytest.raises(TypeError, match="raw bytes, not") as caught:
        read(signed(BODY), body, RING, KEY)
    for word in ("await request.body()", "Django", "get_data()", "never verifies"):
        assert word in str(caught.value)
    assert "1900000109" not in str(caught.value)


# Headers


class FlaskHeaders:
    """Behaves as Werkzeug's headers do: `items()`, but iterated it gives pairs."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._pairs = list(headers.items())

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def items(self) -> Iterable[tuple[str, str]]:
        """Return the pairs."""
        return iter(self._pairs)


def as_message(headers: dict[str, str]) -> Message:
    """Return headers as `http.server` has them."""
    message = Message()
    for name, value in headers.items():
        message[name] = value
    return message


def as_asgi(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as an ASGI scope has them."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


def as_environ(headers: dict[str, str]) -> dict[str, Any]:
    """Return headers as WSGI has them, and Django's META, with what else stands there."""
    environ = {f"HTTP_{n.upper().replace('-', '_')}": value for n, value in headers.items()}
    return {"wsgi.version": (1, 0), "wsgi.input": object(), "REQUEST_METHOD": "POST", **environ}


FORMS: dict[str, Callable[[dict[str, str]], Any]] = {
    "dict": dict,
    "lower case": lambda headers: {name.lower(): value for name, value in headers.items()},
    "upper case": lambda headers: {name.upper(): value for name, value in headers.items()},
    "pairs": lambda headers: list(headers.items()),
    "generator": lambda headers: (pair for pair in headers.items()),
    "doubled": lambda headers: [*headers.items(), *headers.items()],
    "bytes": lambda headers: dict(as_asgi(headers)),
    "ASGI": as_asgi,
    "WSGI": as_environ,
    "WSGI and HTTP": lambda headers: {**as_environ(headers), **headers},
    "http.server": as_message,
    "httpx": httpx.Headers,
    "Starlette": lambda headers: StarletteHeaders(raw=as_asgi(headers)),
    "aiohttp": lambda headers: multidict.CIMultiDictProxy(multidict.CIMultiDict(headers)),
    "Flask": FlaskHeaders,
}


@pytest.mark.parametrize("form", FORMS)
def test_headers_of_any_framework_are_understood(form: str) -> None:
    """However a framework holds the headers, the notification is read."""
    headers = {"Host": "shop.example", "Request-ID": "R-1", **signed(BODY)}
    notification = read(FORMS[form](headers), BODY, RING, KEY)
    assert (notification.resource, notification.request_id) == (RESOURCE, "R-1")


@pytest.mark.parametrize("name", NAMES)
def test_headers_that_conflict_are_refused(name: str) -> None:
    """Two values for one of the signature's headers are refused, whichever comes first."""
    right = list(signed(BODY).items())
    for pairs in ([*right, (name.lower(), "x")], [(name.upper(), "x"), *right]):
        with pytest.raises(VerificationError, match=f"two headers {name} that differ"):
            read(pairs, BODY, RING, KEY)
    with pytest.raises(VerificationError, match="that differ"):
        read({**as_environ(dict(right)), name: "x"}, BODY, RING, KEY)


def test_a_proxys_request_id_is_no_conflict() -> None:
    """Nothing hangs on the request id: of two, the first is kept."""
    pairs = [("Request-ID", "first"), *signed(BODY).items(), ("request-id", "second")]
    assert read(pairs, BODY, RING, KEY).request_id == "first"


@pytest.mark.parametrize(
    "headers", [None, 5, "text", b"bytes", [1, 2], [("a", "b", "c")], [(1, 2)]]
)
def test_headers_that_are_none_are_a_mistake(headers: Any) -> None:
    """What is neither a mapping nor pairs is a mistake in the program, and said to be one."""
    with pytest.raises(TypeError, match="headers must be the request's: a mapping, or pairs"):
        read(headers, BODY, RING, KEY)


def test_headers_may_have_lists_of_values() -> None:
    """Some gateways and frameworks give each header's values as a list."""
    right = signed(BODY)
    assert read({name: [value] for name, value in right.items()}, BODY, RING, KEY).id
    assert read({name: (value.encode(),) for name, value in right.items()}, BODY, RING, KEY).id
    with pytest.raises(VerificationError, match="two headers Wechatpay-Nonce that differ"):
        read({**right, "Wechatpay-Nonce": ["a", "b"]}, BODY, RING, KEY)
    with pytest.raises(VerificationError, match="no header Wechatpay-Nonce"):
        read({**right, "Wechatpay-Nonce": []}, BODY, RING, KEY)


@pytest.mark.parametrize("value", [None, 5, [None], [["x"]]])
def test_header_that_is_no_text_is_a_mistake(value: Any) -> None:
    """A header whose value is neither text nor bytes is a mistake in the program, and named."""
    with pytest.raises(TypeError, match="header Wechatpay-Nonce must be text or bytes"):
        read({**signed(BODY), "Wechatpay-Nonce": value}, BODY, RING, KEY)


CASES: list[Callable[[str], str]] = [str, str.lower, str.upper, str.title]


@pytest.mark.untraced
@given(st.lists(st.sampled_from(NAMES), unique=True), st.data())
@settings(max_examples=runs(50))
def test_right_headers_hold_in_any_order_and_company(first: list[str], data: st.DataObject) -> None:
    """Whatever stands beside them, in whichever order and case, the right four headers hold."""
    right = signed(BODY)
    noise = data.draw(st.lists(st.tuples(st.from_regex(r"\AX-[A-Za-z_-]{0,9}\Z"), st.text())))
    names = [*first, *(name for name in NAMES if name not in first)]
    pairs = [(data.draw(st.sampled_from(CASES))(name), right[name]) for name in names]
    assert read([*noise, *pairs, *noise], BODY, RING, KEY).resource == RESOURCE


_NAME = st.sampled_from([case(name) for name in (*NAMES, "Request-ID", "Host") for case in CASES])


@given(
    st.lists(st.tuples(_NAME | st.text(), st.text(st.characters()) | st.binary())),
    st.binary() | st.just(BODY),
)
@settings(max_examples=runs(50))
def test_arbitrary_headers_are_refused(pairs: list[tuple[str, Any]], body: bytes) -> None:
    """Nothing that was not signed holds, and nothing but a verification error comes of it."""
    with pytest.raises(VerificationError):
        read(pairs, body, RING, KEY)


# What is refused


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        (lambda: {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + "a" * 325}, SignatureProbe),
        (lambda: signed(BODY, skew=-400), ClockSkew),
        (lambda: signed(BODY, skew=400), ClockSkew),
        (lambda: {"Wechatpay-Serial": "5157F09EFDC0"}, UnknownPlatformKey),
        (lambda: signed(BODY, Identity(PUBLIC_KEY_ID, rsa_key("stranger"))), VerificationError),
        (lambda: signed(BODY + b" "), VerificationError),
        (lambda: {"Wechatpay-Nonce": ""}, VerificationError),
    ],
    ids=["probe", "past", "future", "unknown", "stranger", "other body", "no nonce"],
)
def test_what_is_not_proven_is_refused_unopened(
    changed: Callable[[], dict[str, str]], kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notification that does not verify is refused by the right type, and never decrypted."""
    opened: list[object] = []
    monkeypatch.setattr("wechatpay.crypto.aes.decrypt", opened.append)
    monkeypatch.setattr("wechatpay.notification._object", opened.append)
    with pytest.raises(VerificationError) as caught:
        read({**signed(BODY), **changed()}, BODY, RING, KEY)
    assert type(caught.value) is kind
    assert opened == []


ODD: list[object] = [None, 5, 1.5, {}, ["x"], True, ""]


def without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """Return fields without one of them."""
    return {key: value for key, value in fields.items() if key != name}


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize("name", ["create_time", "resource_type", "summary"])
def test_side_field_costs_no_notification(name: str, value: object) -> None:
    """What stands beside the resource may be missing or odd: it is delivered, and says `None`."""
    for fields in (envelope(**{name: value}), without(envelope(), name)):
        notification = received(written(fields))
        assert notification.resource == RESOURCE
        assert not getattr(notification, name)
        assert received(BODY).id == notification.id


@pytest.mark.parametrize(
    "text",
    [
        "20180225112233",
        "yesterday",
        "2015-05-20T13:29:35",
        "2015-05-20",
        "2015-02-30T13:29:35Z",
        "99999999999999999999-01-01T00:00:00Z",
        "٢",
    ],
)
def test_time_without_an_offset_is_none(text: str) -> None:
    """A time that is none, or leaves its offset open as the official sample does, is `None`."""
    notification = received(written(envelope(create_time=text)))
    assert (notification.create_time, notification.resource) == (None, RESOURCE)


@pytest.mark.parametrize("name", ["original_type", "associated_data", "algorithm"])
def test_side_field_of_the_resource(name: str) -> None:
    """The same for what stands in the resource, if that opens."""
    for fields in (
        {**sealed(json.dumps(RESOURCE), None), name: None},
        without(sealed(json.dumps(RESOURCE), None), name),
    ):
        notification = received(written(envelope(resource=fields)))
        assert notification.resource == RESOURCE
    odd = {**sealed(json.dumps(RESOURCE), None), "original_type": 5, "associated_data": 5}
    assert received(written(envelope(resource=odd))).original_type is None


def test_id_is_always_the_same() -> None:
    """An id may be a number; where there is none, what was encrypted tells it from others."""
    assert received(written(envelope(id=7))).id == "7"
    for value in ODD[3:]:
        ids = {
            received(written(envelope(id=value, resource=sealed(json.dumps(each))))).id
            for each in (RESOURCE, RESOURCE, {"out_trade_no": "2"})
        }
        assert len(ids) == 2
        assert all(each.startswith("sha256-") for each in ids)


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_event_that_is_missing_is_named(value: object) -> None:
    """Without its event nothing can be done, and to acknowledge it would lose it: an error."""
    with pytest.raises(MalformedNotification, match="its event_type is missing") as caught:
        received(written(envelope(event_type=value)))
    assert caught.value.serial == PUBLIC_KEY_ID


@pytest.mark.parametrize("body", [b"<xml><return_code>SUCCESS</return_code></xml>", b"\n <xml/>"])
def test_notification_of_the_other_version(body: bytes) -> None:
    """What APIv2 has sent is told by its having no headers, and goes to another function."""
    with pytest.raises(VerificationError, match=r"It is XML.*wxpay\.notification_v2\(body\)"):
        read({"Content-Type": "text/xml", "Request-ID": "1"}, body, RING, KEY)
    for refuse in (
        lambda: read({}, b"{}", RING, KEY),
        lambda: admit({}, RING),
    ):
        with pytest.raises(VerificationError, match=r"If it is XML.*notification_v2") as caught:
            refuse()
        assert caught.value.outcome_unknown is False


def test_headers_alone_refuse_what_they_can() -> None:
    """Before a body is read, everything is refused that its headers prove wrong."""
    right = signed(BODY)
    admit(right, RING)
    admit(list(right.items()), RING)
    for changed, kind in (
        ({"Wechatpay-Signature": "WECHATPAY/SIGNTEST/x"}, SignatureProbe),
        (signed(BODY, skew=-400), ClockSkew),
        ({"Wechatpay-Serial": "5157F09EFDC0"}, UnknownPlatformKey),
        ({"Wechatpay-Nonce": ""}, VerificationError),
    ):
        with pytest.raises(kind):
            admit({**right, **changed}, RING)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"text"',
        b"{",
        b"{}",
        BODY + b"{}",
        b"\xff" + BODY,
        b"[" * 100_000,
        BODY.decode().encode("utf-16"),
        written(envelope(resource="x")),
        written(envelope(resource=["x"])),
        written(envelope(resource=None)),
    ],
    ids=range(12),
)
def test_signed_body_that_is_no_notification_is_refused(body: bytes) -> None:
    """What is signed but has no resource, or is not JSON object at all, is not understood."""
    with pytest.raises(MalformedNotification, match=r"not a JSON object|its resource is missing"):
        received(body)


@pytest.mark.parametrize("value", [None, 5, {}, ""])
@pytest.mark.parametrize("name", ["ciphertext", "nonce"])
def test_part_of_the_resource_that_is_missing_is_named(name: str, value: object) -> None:
    """A resource without a ciphertext or a nonce is not understood, and the error names it."""
    with pytest.raises(MalformedNotification, match=f"its {name} is missing or malformed"):
        received(written(envelope(resource={**sealed("{}"), name: value})))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"algorithm": "AEAD_SM4_GCM"}, "not encrypted with AEAD_AES_256_GCM"),
        ({"algorithm": {}}, "not encrypted with AEAD_AES_256_GCM"),
        ({"associated_data": "refund"}, "does not open"),
        ({"nonce": "fdasflkja48"}, "nonce must be 12 bytes"),
        ({"nonce": "\ud800"}, "nonce must be 12 bytes"),
        ({"ciphertext": "签"}, "not base64"),
    ],
    ids=str,
)
def test_resource_that_does_not_open_is_a_decryption_error(
    changes: dict[str, Any], words: str
) -> None:
    """Of a resource that cannot be opened the error says why, and shows nothing of it."""
    resource = {**sealed(json.dumps(RESOURCE)), **changes}
    body = json.dumps(envelope(resource=resource)).encode()
    with pytest.raises(DecryptionError, match=words) as caught:
        received(body)
    assert resource["ciphertext"] not in str(caught.value) or resource["ciphertext"] == ""


@pytest.mark.parametrize("plaintext", ["[]", "{", "<xml/>", "", "7"])
def test_resource_that_is_no_object(plaintext: str) -> None:
    """A resource that opens, and is something else than an object, is not understood."""
    with pytest.raises(MalformedNotification, match="its resource opens, but is not") as caught:
        received(written(envelope(resource=sealed(plaintext))))
    assert plaintext not in str(caught.value) or len(plaintext) < 2


def test_another_merchants_key_opens_nothing() -> None:
    """A service that tries its merchants in turn learns from the error whose it is not."""
    with pytest.raises(DecryptionError):
        read(signed(BODY), BODY, RING, b"f" * 32)


def test_key_of_the_wrong_length_is_a_configuration_error() -> None:
    """An APIv3 key that cannot be one says so by the right type."""
    with pytest.raises(ConfigurationError):
        read(signed(BODY), BODY, RING, b"short")


def mutations(text: bytes) -> Iterator[bytes]:
    """Yield what becomes of a text when any one of its bytes is changed, lost or doubled."""
    flips = sorted({*range(1, 256, 3), 0x02, 0x20, 0x80})
    for at in range(len(text)):
        head, byte, tail = text[:at], text[at], text[at + 1 :]
        yield from (head + bytes([byte ^ flip]) + tail for flip in flips)
        yield head + tail
        yield head + bytes([byte, byte]) + tail


def says_the_same(name: bytes, old: bytes, new: bytes) -> bool:
    """Tell whether a changed header is none: another case of an id, unused bits of the base64."""
    if name == b"Wechatpay-Signature":
        try:
            return base64.b64decode(new, validate=True) == base64.b64decode(old)
        except ValueError:
            return False
    return name == b"Wechatpay-Serial" and new.upper() == old.upper()


@pytest.mark.soak
@pytest.mark.untraced
def test_no_mutation_of_a_notification_holds() -> None:
    """Of 100,000 mutations, at every byte of body and headers, none holds and none crashes."""
    headers = [(name.encode(), value.encode()) for name, value in signed(BODY).items()]
    mutants: list[tuple[list[tuple[bytes, bytes]], bytes]] = [
        (headers, body) for body in mutations(BODY)
    ]
    for at, (name, value) in enumerate(headers):
        others = headers[:at] + headers[at + 1 :]
        mutants += [
            ([*others, (name, mutant)], BODY)
            for mutant in mutations(value)
            if not says_the_same(name, value, mutant)
        ]
        mutants += [
            ([*others, (mutant, value)], BODY)
            for mutant in mutations(name)
            if mutant.lower() != name.lower()
        ]
    refused, tried = 0, share(mutants)
    for pairs, body in tried:
        try:
            read(pairs, body, RING, KEY)
        except VerificationError:
            refused += 1
    assert refused == len(tried)
    assert len(mutants) > 100_000


def test_no_mutation_that_is_signed_crashes() -> None:
    """Even where WeChat Pay itself signed a broken envelope, only documented errors come of it."""
    chosen = random.Random(1).sample(list(mutations(BODY)), 400)
    for body in chosen:
        try:
            notification = received(body)
        except (MalformedNotification, DecryptionError):
            continue
        assert notification.resource == RESOURCE


# Replies


def test_success_is_an_empty_204() -> None:
    """That a notification is dealt with is said by the status alone."""
    assert Reply(204, {}, b"") == SUCCESS


def test_question_is_answered_in_json() -> None:
    """What was asked for goes out as it is, with a code that says that it is an answer."""
    reply = answer({"total_amount": 100, "parking_state": "PARKING_STATE_ENTERED", "车牌": "粤B"})
    assert (reply.status, reply.headers) == (200, {"Content-Type": "application/json"})
    assert json.loads(reply.body) == {
        "code": "SUCCESS",
        "total_amount": 100,
        "parking_state": "PARKING_STATE_ENTERED",
        "车牌": "粤B",
    }
    assert json.loads(answer({"code": "FAIL"}).body) == {"code": "FAIL"}


@pytest.mark.parametrize(("value", "kind"), [(float("nan"), ValueError), (KEY, TypeError)])
def test_answer_is_json_or_nothing(value: object, kind: type[Exception]) -> None:
    """A value that JSON does not have is a mistake in the program."""
    with pytest.raises(kind):
        answer({"total_amount": value})


@pytest.mark.parametrize("status", [400, 500, 599])
def test_failure_tells_why_in_json(status: int) -> None:
    """A failure is WeChat Pay's JSON, whatever characters the message has."""
    reply = failure('库存"不足\n\ud800', status)
    assert (reply.status, dict(reply.headers)) == (status, {"Content-Type": "application/json"})
    assert json.loads(reply.body) == {"code": "FAIL", "message": '库存"不足\n\ud800'}


@pytest.mark.parametrize("status", [200, 204, 302, 399, 600])
def test_failure_cannot_sound_like_success(status: int) -> None:
    """A status that would stop the retries is refused."""
    with pytest.raises(ValueError, match="from 400 to 599"):
        failure("x", status)


def test_failure_takes_no_exception() -> None:
    """An error's text may hold a secret, so an error is not a message."""
    with pytest.raises(TypeError, match="text of your own, not ValueError"):
        failure(ValueError("secret"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (VerificationError("secret"), 401),
        (SignatureProbe("secret"), 401),
        (ClockSkew("secret", skew=400.0), 401),
        (UnknownPlatformKey("secret", serial="secret"), 401),
        (VerificationError("secret", response=httpx.Response(200)), 503),
        (MalformedNotification("secret"), 500),
        (DecryptionError("secret"), 500),
        (ConfigurationError("secret"), 500),
        (TransportError("secret"), 503),
        (APIError("secret", status_code=200), 503),
        (RuntimeError("secret"), 500),
        (TypeError("secret"), 500),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_is_answered_with_a_failure(error: Exception, status: int) -> None:
    """Whatever went wrong, the reply makes WeChat Pay send it again, and tells nothing."""
    reply = reply_to(error)
    assert reply.status == status
    assert json.loads(reply.body)["code"] == "FAIL"
    assert b"secret" not in reply.body
    again = notification_v2.reply_to(error)
    assert again.status == status
    assert xml.loads(again.body)["return_code"] == "FAIL"
    assert b"secret" not in again.body


def test_forged_and_not_understood_are_two_replies() -> None:
    """Whether WeChat Pay sent it is told apart in what is answered, and in both versions."""
    errors = (VerificationError("x", outcome_unknown=False), MalformedNotification("x"))
    for reply in (reply_to, notification_v2.reply_to):
        forged, strange = map(reply, errors)
        assert forged.status == 401
        assert strange.status == 500
        assert forged.body != strange.body


_SECRET = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    """Raise an error from another and return it."""

    def in_a_helper(openid: str) -> None:
        try:
            if cause is not None:
                raise cause
        except OSError as reason:
            raise error from reason
        raise error

    try:
        in_a_helper(_SECRET)
    except (KeyError, WeChatPayError) as caught:
        return caught
    raise AssertionError


def test_reply_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What a view of one's own replies to is said: type, cause and frames, no text, no locals."""
    reply_to(raised(KeyError(_SECRET), OSError(_SECRET)), "notification 7")
    [record] = caplog.records
    assert (record.name, record.levelname) == ("wechatpay.contrib", "ERROR")
    text = record.getMessage()
    assert text.startswith("notification 7 not processed: KeyError\n")
    assert "caused by OSError\n" in text
    assert text.count("in in_a_helper") == 2
    assert _SECRET not in text


def test_own_errors_keep_their_text_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """The library's own texts hold no secret, so they are said; where, of all but refusals."""
    caplog.set_level("INFO")
    reply_to(raised(TransportError("no connection")))
    reply_to(raised(VerificationError("an answer", response=httpx.Response(200))))
    for error in (VerificationError("forged"), SignatureProbe("probe"), BeingHandled("busy")):
        reply_to(raised(error))
    said = [(record.levelname, record.getMessage().partition("\n")[0]) for record in caplog.records]
    assert said == [
        ("ERROR", "a notification not processed: TransportError: no connection"),
        ("ERROR", "a notification not processed: VerificationError: an answer"),
        ("WARNING", "a notification refused: forged"),
        ("INFO", "a notification refused: probe"),
        ("INFO", "a notification refused: busy"),
    ]
    assert ["in_a_helper" in record.getMessage() for record in caplog.records] == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_a_chain_of_errors_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """However many errors led to one, the log has a few of them."""
    error = OSError("0")
    for number in range(1, 50):
        later = OSError(str(number))
        later.__cause__ = error
        error = later
    reply_to(error)
    assert caplog.text.count("OSError") == 5


LOUD = """
import logging
{setup}
from wechatpay.notification import reply_to
try:
    {{}}["openid"]
except Exception as error:
    reply_to(error)
"""


@pytest.mark.parametrize(
    ("setup", "where"),
    [
        ("", "stderr"),
        ("logging.getLogger('other').addHandler(logging.StreamHandler())", "stderr"),
        ("logging.basicConfig(filename='log')", "log"),
        ("logging.getLogger('wechatpay').addHandler(logging.FileHandler('log'))", "log"),
        ("logging.getLogger('wechatpay.contrib').addHandler(logging.FileHandler('log'))", "log"),
        ("logging.getLogger('wechatpay.contrib').propagate = False", "stderr"),
        ("logging.getLogger('wechatpay.contrib').setLevel(logging.CRITICAL)", "nowhere"),
        ("logging.disable(logging.ERROR)", "nowhere"),
        ("logging.lastResort = None", "nowhere"),
    ],
)
def test_without_logging_it_is_on_stderr(setup: str, where: str, tmp_path: Path) -> None:
    """Where nobody has configured logging a failure is seen, and where somebody has, once."""
    done = subprocess.run(
        [sys.executable, "-c", LOUD.format(setup=setup)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    log = tmp_path / "log"
    said = {"stderr": done.stderr, "log": log.read_text() if log.exists() else ""}
    for place, text in said.items():
        assert text.count("a notification not processed: KeyError") == (place == where)


def test_a_probe_is_not_on_stderr() -> None:
    """A probe is logged where logging is configured, and is not written to stderr."""
    code = "from wechatpay import SignatureProbe; from wechatpay.notification import reply_to; "
    code += "reply_to(SignatureProbe('x'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr == b""
