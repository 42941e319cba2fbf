"""No error, log line, `repr` or pickle shows a key, a header or a body."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
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
    private_pem,
    public_pem,
    rsa_key,
)
from patience import LONG, until
from ways import Way, client_of, each_way

from wechatpay import (
    APIError,
    ClockSkew,
    ConfigurationError,
    DecryptionError,
    PathError,
    SignatureProbe,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
    WeChatPayError,
)

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
    records = [f"{one.getMessage()} {one.args}" for one in caplog.records]
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
    """However a call fails, nothing that went out or came back is shown, its causes included."""
    gateway.default, kind = REPLIES[reply]
    with client_of(gateway, secret=SECRET_V2) as wxpay, pytest.raises(kind) as caught:
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
    assert_discreet(told(caught.value, caplog), gateway)


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
