"""What WeChat Pay sends: believed when it is provably its own, and answered rightly."""

from __future__ import annotations

import base64
import copy
import dataclasses
import json
import pickle
import random
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from email.message import Message
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
from soak import runs
from starlette.datastructures import Headers as StarletteHeaders

from wechatpay import (
    APIError,
    ClockSkew,
    ConfigurationError,
    DecryptionError,
    SignatureProbe,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
)
from wechatpay._v3 import Keyring, PlatformKey
from wechatpay.notification import (
    SUCCESS,
    Notification,
    Reply,
    answer,
    failure,
    read,
    reply_to,
)

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
    """Read a rightly signed body."""
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


@pytest.mark.parametrize("value", [None, 5, ["x"]])
def test_header_that_is_no_text_is_a_mistake(value: Any) -> None:
    """A header whose value is neither text nor bytes is a mistake in the program, and named."""
    with pytest.raises(TypeError, match="header Wechatpay-Nonce must be text or bytes"):
        read({**signed(BODY), "Wechatpay-Nonce": value}, BODY, RING, KEY)


CASES: list[Callable[[str], str]] = [str, str.lower, str.upper, str.title]


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


@pytest.mark.parametrize("value", [None, 5, {}, ["x"], True])
@pytest.mark.parametrize("name", ["id", "create_time", "event_type", "resource_type", "summary"])
def test_field_that_is_no_text_is_named(name: str, value: object) -> None:
    """A signed envelope without one of its fields is a verification error that names it."""
    with pytest.raises(VerificationError, match=f"its {name} is missing or malformed") as caught:
        received(written(envelope(**{name: value})))
    assert caught.value.serial == PUBLIC_KEY_ID


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2015-05-20T13:29:35", "2015-05-20", "2015-02-30T13:29:35Z", "٢"]
)
def test_time_without_an_offset_is_refused(text: str) -> None:
    """A creation time that is none, or leaves its offset open, is malformed."""
    with pytest.raises(VerificationError, match="its create_time is"):
        received(written(envelope(create_time=text)))


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
    """What is signed but has no resource, or is no JSON object at all, is a verification error."""
    with pytest.raises(VerificationError, match="its resource is missing or malformed"):
        received(body)


@pytest.mark.parametrize("value", [None, 5, {}])
@pytest.mark.parametrize("name", ["ciphertext", "nonce"])
def test_part_of_the_resource_that_is_missing_is_named(name: str, value: object) -> None:
    """A resource without a ciphertext or a nonce is a verification error that names it."""
    with pytest.raises(VerificationError, match=f"its {name} is missing or malformed"):
        received(written(envelope(resource={**sealed("{}"), name: value})))


@pytest.mark.parametrize("name", ["original_type", "associated_data"])
def test_optional_part_of_the_wrong_type_is_named(name: str) -> None:
    """What may be missing must still be text where it is there."""
    with pytest.raises(VerificationError, match=f"its {name} is missing or malformed"):
        received(written(envelope(resource={**sealed("{}"), name: 5})))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"algorithm": "AEAD_SM4_GCM"}, "not encrypted with AEAD_AES_256_GCM"),
        ({"algorithm": None}, "not encrypted with AEAD_AES_256_GCM"),
        ({"algorithm": {}}, "not encrypted with AEAD_AES_256_GCM"),
        ({"associated_data": "refund"}, "does not open"),
        ({"nonce": "fdasflkja48"}, "nonce must be 12 bytes"),
        ({"nonce": "\ud800"}, "nonce must be 12 bytes"),
        ({"ciphertext": "签"}, "not base64"),
        ({"ciphertext": ""}, "too few"),
        (sealed("[]"), "not a JSON object"),
        (sealed("{"), "not a JSON object"),
        (sealed("<xml/>"), "not a JSON object"),
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
    refused = 0
    for pairs, body in mutants:
        try:
            read(pairs, body, RING, KEY)
        except VerificationError:
            refused += 1
    assert refused == len(mutants) > 100_000


def test_no_mutation_that_is_signed_crashes() -> None:
    """Even where WeChat Pay itself signed a broken envelope, only documented errors come of it."""
    chosen = random.Random(1).sample(list(mutations(BODY)), 400)
    for body in chosen:
        try:
            notification = received(body)
        except (VerificationError, DecryptionError):
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
    """An error's text may hold a secret, so an error is no message."""
    with pytest.raises(TypeError, match="text of your own, not ValueError"):
        failure(ValueError("secret"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (VerificationError("secret"), 401),
        (SignatureProbe("secret"), 401),
        (ClockSkew("secret", skew=400.0), 401),
        (UnknownPlatformKey("secret", serial="secret"), 401),
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
