"""No error, log line, `repr` or pickle shows a key, a header or a body."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from gateway import (
    APIV3_KEY,
    MERCHANT_SERIAL,
    PUBLIC_KEY_ID,
    Answer,
    Gateway,
    Identity,
    Request,
    certificate_identity,
    certificate_list,
    certificate_pem,
    private_pem,
    public_key_identity,
    public_pem,
    rsa_key,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from patience import LONG, until
from ways import Way, client_of, each_way

from wechatpay import (
    APIError,
    CallRecord,
    ClockSkew,
    ConfigurationError,
    DecryptionError,
    PathError,
    SignatureProbe,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
    WeChatPay,
    WeChatPayError,
    notification,
    notification_v2,
)
from wechatpay._client import from_environment
from wechatpay.contrib.opentelemetry import Tracing
from wechatpay.crypto import rsa

PEM = private_pem(rsa_key("merchant"))
SECRET_V2 = "v2-SECRET-v2-SECRET-v2-SECRET-v2"
BODY, HEADER, VALUE, ANSWER = (f"SECRET-{name}-1F3A" for name in ("body", "header", "id", "answer"))
STRANGER = certificate_identity(0x51, "stranger")
SECRETS = [*PEM.splitlines()[1:-1], APIV3_KEY, SECRET_V2, BODY, HEADER, VALUE, ANSWER]


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    """The client's own logger tells all it has to tell, the others what they tell at `INFO`."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, "wechatpay")


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those it came of, as far as a traceback shows them."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def told(error: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    """Return all that an error and the log tell."""
    texts = [text for one in chain(error) for text in (str(one), repr(one), str(one.args))]
    records = [f"{one.getMessage()} {one.args} {vars(one)}" for one in caplog.records]
    return "\n".join([*texts, *traceback.format_exception(error), *records, caplog.text])


def assert_discreet(text: str, gateway: Gateway | None = None) -> None:
    """Assert that no secret is in a text, nor anything that went out as a credential."""
    sent = gateway.requests if gateway else []
    claims = [one.claims[name] for one in sent for name in ("signature", "nonce_str")]
    shown = [one for one in [*SECRETS, *claims, "Authorization: ", "WECHATPAY2-"] if one in text]
    assert shown == []


def echo(request: Request) -> Answer:
    """Refuse a signature as WeChat Pay does, and say again what came."""
    sign = request.headers["authorization"]
    detail = {"field": "signature", "sign_information": {"sign": sign}, "value": BODY}
    body = {"code": "SIGN_ERROR", "message": f"{sign} {BODY}", "detail": detail}
    return Answer(401, body, {"Request-ID": sign, "X-Echo": sign}, signed=False)


def page(request: Request) -> Answer:
    """Answer like a proxy that shows what it was asked."""
    return Answer(502, request.body + request.headers["authorization"].encode(), signed=False)


REPLIES: dict[str, tuple[Answer | Callable[[Request], Answer], type[WeChatPayError]]] = {
    "reset": (Answer(fault="reset"), TransportError),
    "close": (Answer(fault="close"), TransportError),
    "truncate": (Answer(body=ANSWER.encode() * 2, fault="truncate"), TransportError),
    "garbage": (Answer(fault="garbage"), TransportError),
    "hang": (Answer(fault="hang"), TransportError),
    "echo": (echo, APIError),
    "page": (page, APIError),
    "answer": (Answer(500, {"code": "SYSTEM_ERROR", "more": ANSWER}), APIError),
    "redirect": (Answer(302, headers={"Location": f"/{ANSWER}"}), APIError),
    "unsigned": (Answer(body=ANSWER.encode(), signed=False), VerificationError),
    "tampered": (Answer(body=ANSWER.encode(), covers=b"-"), VerificationError),
    "skew": (Answer(body=ANSWER.encode(), skew=999), ClockSkew),
    "unknown": (Answer(body=ANSWER.encode(), signer=STRANGER), UnknownPlatformKey),
    "probe": (
        Answer(
            body=ANSWER.encode(),
            headers={"Wechatpay-Signature": f"WECHATPAY/SIGNTEST/{ANSWER}"},
        ),
        SignatureProbe,
    ),
}


def patience_for(reply: str) -> httpx.Timeout:
    """Return a call's time limits: short only for the reply that never comes."""
    return httpx.Timeout(LONG, read=0.05 if reply == "hang" else LONG)


@each_way
@pytest.mark.parametrize("reply", REPLIES)
def test_failed_call_is_discreet(
    gateway: Gateway, way: Way, reply: str, caplog: pytest.LogCaptureFixture
) -> None:
    """However a call fails, nothing that went out or came back is shown, its causes included.

    Nor is it in what the log's records carry beside their text, in what `on_call` is told, and in
    a span.
    """
    gateway.default, kind = REPLIES[reply]
    exporter, provider, seen = InMemorySpanExporter(), TracerProvider(), list[object]()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = Tracing(provider)

    def observe(record: CallRecord) -> None:
        seen.append(record)
        tracing(record)

    client = client_of(gateway, secret=SECRET_V2, on_call=observe)
    with client as wxpay, pytest.raises(kind) as caught:
        way.call(
            wxpay["v3/x/{id}"],
            "post",
            id=VALUE,
            json={"remark": BODY},
            params={"token": VALUE},
            headers={"X-Own": HEADER},
            timeout=patience_for(reply),
        )
    until(lambda: gateway.requests)
    assert HEADER in gateway.requests[0].headers["x-own"]
    assert VALUE in gateway.requests[0].target
    spans = [one.to_json() for one in exporter.get_finished_spans()]
    assert len(spans) == 1
    assert_discreet("\n".join([told(caught.value, caplog), repr(seen), *spans]), gateway)


@pytest.mark.parametrize("reply", [one for one in REPLIES if one != "echo"])
def test_pickled_error_is_discreet(gateway: Gateway, reply: str) -> None:
    """What travels to another process is what the error tells, and not its answer."""
    gateway.default, kind = REPLIES[reply]
    with client_of(gateway) as wxpay, pytest.raises(kind) as caught:
        wxpay["v3/x/{id}"].post(id=VALUE, json={"remark": BODY}, timeout=patience_for(reply))
    pickled = pickle.dumps(caught.value)
    assert_discreet(pickled.decode("latin-1"), gateway)
    back = pickle.loads(pickled)
    assert type(back) is kind
    assert str(back) == str(caught.value)
    shown = {**vars(caught.value), "response": None}
    assert {**vars(back), "response": None} == shown
    assert getattr(back, "response", None) is None


@each_way
@pytest.mark.parametrize(
    ("listed", "kind"),
    [
        (certificate_list([STRANGER], "another-SECRET-another-SECRET-32"), DecryptionError),
        (certificate_list([STRANGER], signer=Identity("AB", STRANGER.key)), UnknownPlatformKey),
        (Answer(403, {"code": "NO_AUTH", "message": "no"}), APIError),
        (Answer(404, {"code": "RESOURCE_NOT_EXISTS", "message": "no"}), ConfigurationError),
    ],
)
def test_failed_download_is_discreet(
    gateway: Gateway,
    way: Way,
    listed: Answer,
    kind: type[WeChatPayError],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What opens the certificates is not shown when it does not."""
    gateway.routes["/v3/certificates"] = listed
    with (
        client_of(gateway, certs=None, apiv3_key=APIV3_KEY) as wxpay,
        pytest.raises(kind) as caught,
    ):
        way.call(wxpay["v3/x"], "post", json={"remark": BODY})
    assert_discreet(told(caught.value, caplog), gateway)


@pytest.mark.parametrize(
    "wrong",
    [
        {"private_key": PEM.replace("MII", "AAA")},
        {"private_key": PEM[:400]},
        {"private_key": PEM.splitlines()[3]},
        {"private_key": BODY.encode()},
        {"serial": PEM},
        {"serial": APIV3_KEY + "x"},
        {"certs": {PUBLIC_KEY_ID: PEM}},
        {"certs": {PEM: public_pem(rsa_key("platform"))}},
        {"certs": {MERCHANT_SERIAL: public_pem(rsa_key("platform"))}},
        {"certs": PEM},
        {"apiv3_key": APIV3_KEY + "x"},
        {"apiv3_key": PEM},
        {"mchid": PEM},
        {"base_url": f"https://{BODY}@host/"},
        {"base_url": f"https://host/?{BODY}"},
        {"retries": PEM},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_wrong_configuration_is_discreet(
    wrong: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A secret in the wrong place, or a damaged one, is not shown by the error about it."""
    with pytest.raises(ConfigurationError) as caught:
        client_of("http://127.0.0.1:9/", **wrong)
    assert_discreet(told(caught.value, caplog))


def test_wrong_certificate_for_mutual_tls_is_discreet(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Neither the key nor its password is shown."""
    encrypted = private_pem(rsa_key("merchant"), b"right")
    (tmp_path / "key.pem").write_text(encrypted)
    with (
        client_of("https://127.0.0.1:9/", merchant=(encrypted, (encrypted, BODY))) as wxpay,
        pytest.raises(ConfigurationError) as caught,
    ):
        wxpay["v3/x"].get(security=True)
    assert_discreet(told(caught.value, caplog))
    assert encrypted.splitlines()[3] not in told(caught.value, caplog)


@pytest.mark.parametrize(
    "arguments",
    [
        {"id": ""},
        {"id": ["SECRET-id-1F3A"]},
        {"id": 1, "jsno": BODY},
        {"id": 1, "json": {"amount": [BODY, Decimal(1)]}},
        {"id": 1, "json": {"a": BODY, "b": float("nan")}},
        {"id": 1, "json": BODY, "content": BODY},
        {"id": 1, "content": [BODY]},
        {"id": 1, "headers": {"Authorization": HEADER}},
        {"id": 1, "headers": {"X": f"{HEADER}\r\n"}},
        {"id": 1, "headers": [HEADER]},
        {"id": 1, "params": f"{VALUE} #"},
        {"id": 1, "base_url": f"https://{BODY}@host/"},
        {"id": 1, "xml": {"a": BODY}},
        {},
    ],
    ids=str,
)
def test_wrong_argument_is_discreet(
    arguments: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """What a call was given is not shown when it cannot be."""
    with (
        client_of("http://127.0.0.1:9/", retries=0) as wxpay,
        pytest.raises((PathError, ConfigurationError, TypeError, ValueError)) as caught,
    ):
        wxpay["v3/x/{id}"].post(**arguments)
    assert_discreet(told(caught.value, caplog))


def test_objects_are_discreet(gateway: Gateway) -> None:
    """A client, a node and an answer show where they are at, and no key."""
    with client_of(gateway, apiv3_key=APIV3_KEY, secret=SECRET_V2) as wxpay:
        node = wxpay["v3/x/{id}"]
        reply = node.post(id=VALUE, json={"remark": BODY})
        shown = [repr(wxpay), str(wxpay), repr(node), repr(node.post), repr(node.post_async)]
        shown += [repr(reply.extensions["wechatpay"]), json.dumps(dir(wxpay))]
    assert_discreet("\n".join(shown), gateway)


def der(password: bytes | None = None) -> bytes:
    """Return the merchant's key as DER, or in a PKCS#12 file."""
    key = rsa_key("merchant")
    if password is None:
        return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    own = x509.load_pem_x509_certificate(certificate_pem(key, 0xAB).encode())
    return pkcs12.serialize_key_and_certificates(
        b"x", key, own, None, BestAvailableEncryption(password)
    )


LINES = PEM.splitlines()[1:-1]
WRONG_FORMS: dict[str, str | bytes] = {
    "base64 cut short": "".join(LINES)[:-200],
    "base64 with a stranger": "".join(LINES)[:200] + "!" + "".join(LINES)[200:],
    "base64 twice": "".join(LINES) * 2,
    "base64 of PEM cut short": b64encode(PEM.encode()[:800]).decode(),
    "escaped and cut short": PEM.replace("\n", "\\\\r\\\\n")[:900],
    "DER cut short": der()[:900],
    "DER and more": der() + b"SECRET",
    "another password": der(b"SECRET-body-1F3A"),
    "another label": PEM.replace("PRIVATE KEY", "CERTIFICATE")[:1000],
    "as JSON": json.dumps({"key": PEM.replace("-", "_")}),
    "as a path": f"/{LINES[3]}.pem/{LINES[4]}",
    "encrypted": private_pem(rsa_key("merchant"), b"right"),
}


@pytest.mark.parametrize("form", WRONG_FORMS.values(), ids=list(WRONG_FORMS))
@pytest.mark.parametrize("place", ["private_key", "certs", "merchant", "environment"])
def test_a_key_in_a_wrong_form_is_discreet(
    place: str, form: str | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever was done to a key, and wherever it was given, no line of it is shown."""
    whole = {"certs": {PUBLIC_KEY_ID: form}, "merchant": (form, form)}.get(place, form)
    given: dict[str, Any] = {place: whole}
    with pytest.raises((ConfigurationError, TypeError)) as caught:
        if place == "environment":
            text = form if isinstance(form, str) else form.decode("latin-1")
            environ = {"MCHID": "1", "SERIAL": "AB", "PRIVATE_KEY": text, "CERTS_DIR": text}
            named = {f"WECHATPAY_{name}": value for name, value in environ.items()}
            WeChatPay(**from_environment(named, {}))
        with client_of("https://127.0.0.1:9/", **given) as wxpay:
            wxpay["v3/x"].get(security=True)
    shown = told(caught.value, caplog)
    assert_discreet(shown)
    lines = form.split("\n") if isinstance(form, str) else []
    assert not [line for line in lines if len(line) == 64 and line in shown]


@each_way
@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("host", ["[::1", "a..b", "127.0.0.1:abc", "127.0.0.1:9", "", "x:1:2"])
def test_a_proxy_s_password_is_discreet(
    way: Way,
    name: str,
    host: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is wrong with a proxy, or with reaching it, is said without what it is reached with."""
    for other in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, f"http://user:{BODY}@{host}")
    with (
        client_of("http://shop.invalid/", retries=0) as wxpay,
        pytest.raises((ConfigurationError, TransportError)) as caught,
    ):
        way.call(wxpay["v3/x"])
    assert_discreet(told(caught.value, caplog))


@each_way
def test_a_bill_that_does_not_open_is_discreet(
    gateway: Gateway, way: Way, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Neither the key that came with it, nor its nonce, nor what is in it is shown."""
    key, nonce = b"SECRET-body-1F3A-SECRET-body-1F3", "SECRET-id-1F3A00"
    cases = [(key, ANSWER.encode() * 3), (b"short-SECRET-body-1F3A", ANSWER.encode() * 3)]
    for own, body in cases:
        gateway.routes["/v3/billdownload/file"] = Answer(body=body, signed=False)
        entry = {
            "download_url": f"{gateway.url}v3/billdownload/file?token={VALUE}",
            "encrypt_key": rsa.encrypt(own, rsa_key("merchant").public_key()),
            "nonce": nonce,
            "hash_value": "0" * 40,
        }
        with client_of(gateway) as wxpay, pytest.raises(WeChatPayError) as caught:
            if way.is_async:
                way.run(lambda: wxpay.download_async(entry, tmp_path / "bill.csv"))  # noqa: B023
            else:
                wxpay.download(entry, tmp_path / "bill.csv")
        shown = told(caught.value, caplog)
        assert_discreet(shown, gateway)
        assert entry["encrypt_key"] not in shown
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["resource", "sealed", "event_type", "text"])
def test_a_notification_that_is_not_understood_is_discreet(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What was signed and cannot be read is told by its parts, and nothing of it is shown."""
    ciphertext = AESGCM(APIV3_KEY.encode()).encrypt(b"n" * 12, ANSWER.encode(), b"")
    sealed = {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": "n" * 12,
        "ciphertext": b64encode(ciphertext).decode(),
    }
    body = json.dumps(
        {
            "resource": {"id": BODY, "resource": BODY},
            "sealed": {"event_type": BODY, "resource": {**sealed, "nonce": VALUE}},
            "event_type": {"event_type": [BODY], "resource": sealed},
            "text": {"event_type": BODY, "resource": sealed},
        }[kind]
    ).encode()
    headers = Answer(body=body).all_headers(public_key_identity())
    with (
        client_of("http://127.0.0.1:9/", apiv3_key=APIV3_KEY) as wxpay,
        pytest.raises(WeChatPayError) as caught,
    ):
        wxpay.notification(headers, body)
    reply = notification.reply_to(caught.value)
    assert_discreet(told(caught.value, caplog) + str(reply))


def test_a_failed_handler_is_discreet(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its type and frames are told, and neither its words nor what it had in its hands."""

    def handler(paid: str) -> None:
        raise ValueError(f"{paid} {BODY}")

    for room in (notification, notification_v2):
        with pytest.raises(ValueError, match=BODY) as caught:
            handler(ANSWER)
        reply = room.reply_to(caught.value, "notification EV-1")
        assert_discreet(str(reply) + caplog.text + "".join(capsys.readouterr()))
    assert "ValueError" in caplog.text


def test_an_error_that_travels_is_discreet(gateway: Gateway) -> None:
    """What Celery, a copy and a rebuilt error carry is what the error tells."""
    gateway.default = REPLIES["answer"][0]
    with client_of(gateway) as wxpay, pytest.raises(APIError) as caught:
        wxpay["v3/x/{id}"].post(id=VALUE, json={"remark": BODY})
    error = caught.value
    celery: Any = pytest.importorskip("celery", reason="the package celery is not installed")
    backend: Any = celery.Celery("x", broker="memory://", backend="cache+memory://").backend
    prepared = backend.prepare_exception(error)
    rebuilt = type(error)(*error.args)
    assert_discreet(f"{json.dumps(prepared)} {rebuilt!r} {vars(rebuilt)} {pickle.dumps(error)!r}")


@pytest.mark.parametrize(
    "long", ["".join(LINES).replace("/", "+"), "x" * 5000], ids=["key", "long"]
)
def test_a_key_in_place_of_a_directory_is_discreet(long: str) -> None:
    """What is too long to name a directory may be a key, beside a public key too."""
    key = public_pem(rsa_key("platform"))
    environ = {"MCHID": "1", "PUBLIC_KEY_ID": PUBLIC_KEY_ID, "PUBLIC_KEY": key, "CERTS_DIR": long}
    with pytest.raises(ConfigurationError, match=r"certs: a path of \d+ characters") as caught:
        from_environment({f"WECHATPAY_{name}": value for name, value in environ.items()}, {})
    assert long[:20] not in str(caught.value)
