"""No exception but the documented ones leaves a public function, whatever it is given.

A documented exception is one that the library raises itself, with words of its own: one that comes
out of a conversion or of a package further down says nothing of what was wrong.
"""

from __future__ import annotations

import base64
import copy
import gzip
import io
import json
import linecache
import os
import pickle
import random
import string
import time
import traceback
import unicodedata
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import load_pem_x509_certificate
from gateway import (
    APIV3_KEY,
    MCHID,
    MERCHANT_SERIAL,
    PUBLIC_KEY_ID,
    certificate_pem,
    private_pem,
    public_pem,
    rsa_key,
)
from gateway.answers import signature_headers
from gateway.keys import public_key_identity
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from soak import runs

import wechatpay
from wechatpay import (
    WeChatPay,
    WeChatPayError,
    bill,
    errors,
    notification,
    notification_v2,
    replay,
    xml,
)
from wechatpay._call import Call
from wechatpay._client import from_environment
from wechatpay.cli import _assignments, _envfile
from wechatpay.crypto import aes, digest, rsa
from wechatpay.media import Media

PACKAGE = str(Path(wechatpay.__file__).parent)
SECRET = "0123456789abcdef0123456789abcdeF"
KEY, THEIRS = rsa_key("merchant"), rsa_key("platform")
SHARE = settings(
    max_examples=runs(10),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def is_documented(error: BaseException) -> bool:
    """Tell whether the library raised this itself, or passes on what a file system says."""
    if isinstance(error, (WeChatPayError, bill.BillError)) or type(error) in (OSError,):
        return True
    if isinstance(error, OSError):
        return not isinstance(error, (ConnectionError, TimeoutError))
    if type(error) not in (TypeError, ValueError, xml.XMLError, _assignments.AssignmentError):
        return False
    frame = traceback.extract_tb(error.__traceback__)[-1]
    line = linecache.getline(frame.filename, frame.lineno or 0).strip()
    return frame.filename.startswith(PACKAGE) and line.startswith("raise ")


@contextmanager
def only_documented() -> Generator[None]:
    """Let documented errors pass, as long as they can be shown, copied and sent elsewhere."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception as error:
        if not is_documented(error):
            raise
        check_that_it_travels(error)


def check_that_it_travels(error: Exception) -> None:
    """Check that an error can be printed, pickled, copied, and made of its own arguments."""
    assert not [
        one for one in str(error) if unicodedata.category(one) in ("Cc", "Cs") and one != "\n"
    ]
    if isinstance(error, WeChatPayError):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), repr(again)) == (type(error), str(error), repr(error))
        assert type(copy.copy(error)) is type(error)
        assert str(type(error)(*error.args)) == str(error)


TEXT = st.one_of(
    st.text(max_size=20),
    st.text(string.printable, max_size=40),
    st.sampled_from(
        ["", " ", "\0", "\n", "\ud800", "é", "张三", "%", "%zz", "{", "}", "..", "a\r\nb"]
    ),
)
NUMBER = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([10**400, -1, 0, True, Decimal("1.5"), Decimal("NaN"), float("inf")]),
)
ODD: st.SearchStrategy[Any] = st.one_of(
    TEXT,
    NUMBER,
    st.none(),
    st.binary(max_size=20),
    st.builds(object),
    st.just(wechatpay.NULL),
    st.datetimes(),
    st.builds(bytearray),
    st.sampled_from([int, len, ..., frozenset({1}), Path("/nonexistent")]),
)
TREE: st.SearchStrategy[Any] = st.recursive(
    ODD,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(
            st.one_of(TEXT, ODD.filter(lambda one: not isinstance(one, bytearray))),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=15,
)


@st.composite
def mangled(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Bytes that are right but for a few changes."""
    data = bytearray(draw(whole))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        change = draw(st.sampled_from(["flip", "cut", "insert", "drop", "double", "head"]))
        if change == "flip" and data:
            data[at % len(data)] ^= draw(st.integers(1, 255))
        elif change == "cut":
            del data[at:]
        elif change == "head":
            del data[:at]
        elif change == "drop":
            del data[at : at + draw(st.integers(1, 40))]
        elif change == "double":
            data[at:at] = data[at : at + 200]
        else:
            data[at:at] = draw(st.binary(max_size=12))
    return bytes(data)


@cache
def key_forms() -> tuple[bytes, ...]:
    """The files that a merchant has, and forms that they come in."""
    own, theirs = private_pem(KEY).encode(), public_pem(THEIRS).encode()
    pem = certificate_pem(THEIRS, 0xABC).encode()
    certificate = load_pem_x509_certificate(pem)
    own_certificate = load_pem_x509_certificate(
        certificate_pem(KEY, int(MERCHANT_SERIAL, 16)).encode()
    )
    packed = serialize_key_and_certificates(
        b"x", KEY, own_certificate, None, BestAvailableEncryption(MCHID.encode())
    )
    raw = KEY.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    sealed = KEY.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"x")
    )
    spki = THEIRS.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return (
        *(own, theirs, pem, packed, raw, sealed, spki, certificate.public_bytes(Encoding.DER)),
        *("".join(one.decode().splitlines()[1:-1]).encode() for one in (own, theirs, pem)),
        *(one.replace(b"\n", b"\\n") for one in (own, theirs)),
        base64.b64encode(own),
        own + b"\n" + pem,
        own.replace(b"PRIVATE KEY", b"CERTIFICATE"),
    )


KEYS = mangled(st.sampled_from(key_forms()))
ANY_KEY = st.one_of(KEYS, KEYS.map(lambda one: one.decode("latin-1")), ODD, TEXT)


@SHARE
@given(
    private_key=ANY_KEY,
    certs=st.one_of(
        st.dictionaries(st.one_of(st.just(PUBLIC_KEY_ID), TEXT), ANY_KEY, max_size=2), TREE
    ),
    other=st.fixed_dictionaries(
        {},
        optional={
            "mchid": st.one_of(st.just(MCHID), ODD),
            "serial": st.one_of(st.just(MERCHANT_SERIAL), ODD, st.from_regex("[0-9A-F]{38,50}")),
            "apiv3_key": st.one_of(st.just(APIV3_KEY), ODD),
            "secret": ODD,
            "brand_id": ODD,
            "base_url": st.one_of(TEXT, ODD, TEXT.map(lambda one: f"https://{one}/")),
            "backup_urls": TREE,
            "timeout": TREE,
            "retries": ODD,
            "encrypt": ODD,
            "transport": TREE,
            "trust": ODD,
            "signed_prefix": ODD,
        },
    ),
)
def test_a_client_s_arguments(private_key: Any, certs: Any, other: dict[str, Any]) -> None:
    """A client is made, or its configuration is refused."""
    given: dict[str, Any] = {"mchid": MCHID, "serial": MERCHANT_SERIAL, **other}
    with only_documented():
        WeChatPay(private_key=private_key, certs=certs, **given).close()
    with only_documented():
        WeChatPay(MCHID, MERCHANT_SERIAL, private_key, {PUBLIC_KEY_ID: public_pem(THEIRS)}).close()


@SHARE
@given(merchant=st.one_of(TREE, st.tuples(ANY_KEY, ANY_KEY), ANY_KEY), mutual=st.booleans())
def test_a_merchant_s_certificate(merchant: Any, mutual: bool) -> None:
    """A certificate for mutual TLS is loaded, or what is wrong with it is said before a call."""
    with only_documented():
        client = WeChatPay(MCHID, secret=SECRET, merchant=merchant, base_url="http://127.0.0.1:9/")
        with client:
            cast("Any", client)["v2/secapi/pay/refund"].post(
                xml={"out_refund_no": "1"}, security=mutual
            )


NAMES = tuple(f"WECHATPAY_{name}" for name in _envfile.NAMES)
FOUND = {
    "WECHATPAY_MCHID": MCHID,
    "WECHATPAY_SERIAL": MERCHANT_SERIAL,
    "WECHATPAY_PRIVATE_KEY": private_pem(KEY),
    "WECHATPAY_PUBLIC_KEY_ID": PUBLIC_KEY_ID,
    "WECHATPAY_PUBLIC_KEY": public_pem(THEIRS),
}


@SHARE
@given(
    changes=st.dictionaries(
        st.sampled_from(NAMES),
        st.one_of(TEXT, KEYS.map(lambda one: one.decode("latin-1"))),
        max_size=4,
    )
)
def test_our_variables(changes: dict[str, str]) -> None:
    """A client is made of the environment, or the variable's argument is named."""
    with only_documented():
        WeChatPay(**from_environment({**FOUND, **changes}, {})).close()


NETWORK = (
    *("HTTP_PROXY", "http_proxy", "ALL_PROXY", "NO_PROXY", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"),
)
PROXY = st.one_of(
    TEXT.filter(lambda one: "\0" not in one and one.isascii()),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "http://", "https://", "socks5://", "socks://", "//", "x:"]),
        st.sampled_from(["127.0.0.1", "[::1]", "[", "u:p@127.0.0.1", "\x7f", "*", "a b"]),
        st.sampled_from(["", ":9", ":abc", ":99999", "/", ":9/x?y#z", ",,"]),
    ),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a file is written that a variable names."""
    return tmp_path_factory.mktemp("network")


@SHARE
@given(variables=st.dictionaries(st.sampled_from(NETWORK), PROXY, max_size=3))
def test_variables_of_the_network(folder: Path, variables: dict[str, str]) -> None:
    """A call fails with an error of this library, whatever proxies and roots are set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in NETWORK:
            patch.delenv(name, raising=False)
        for name, value in variables.items():
            patch.setenv(name, value.replace("\ud800", ""))
        with (
            only_documented(),
            WeChatPay(MCHID, secret=SECRET, base_url="http://127.0.0.1:9/", retries=0) as wxpay,
        ):
            cast("Any", wxpay)["v2/pay/orderquery"].post(xml={"out_trade_no": "1"})


class Canned:
    """WeChat Pay answers what a test wants next, without a socket."""

    def __init__(self) -> None:
        self.answer: Callable[[], httpx.Response] = lambda: httpx.Response(204)
        self.listed: Callable[[], httpx.Response] = lambda: httpx.Response(404)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        listed = request.url.path == "/v3/certificates"
        return self.listed() if listed else self.answer()

    def client(self, **more: Any) -> WeChatPay:
        """Return a client that is answered so."""
        given: dict[str, Any] = {
            "certs": {PUBLIC_KEY_ID: THEIRS.public_key()},
            "apiv3_key": APIV3_KEY,
            "secret": SECRET,
            "retries": 0,
            **more,
        }
        lent = httpx.Client(transport=httpx.MockTransport(self), trust_env=False)
        return WeChatPay(MCHID, MERCHANT_SERIAL, KEY, http_client=lent, **given)


CANNED = Canned()
CLIENT: Any = CANNED.client()
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "json": TREE,
    "xml": TREE,
    "content": TREE,
    "media": st.one_of(ODD, st.builds(io.BytesIO, st.binary()), st.builds(io.StringIO)),
    "params": st.one_of(TREE, st.dictionaries(TEXT, TREE)),
    "headers": st.one_of(TREE, st.dictionaries(TEXT, TREE)),
    "timeout": ODD,
    "base_url": st.one_of(TEXT, ODD),
    "security": ODD,
    "nonceless": ODD,
    "encrypt": ODD,
    "sink": ODD,
    "agent_secret": ODD,
}
PATHS = st.sampled_from(
    [
        *("v3/pay/transactions/native", "v3/applyment4sub/applyment/", "v3/x"),
        *("v3/merchant/media/upload", "v2/pay/micropay", "v2/secapi/pay/refund", "v2/x"),
        *("v3/marketing/favor/media/image-upload", "v2/secapi/mch/uploadmedia"),
    ]
)


@SHARE
@given(PATHS, st.fixed_dictionaries({}, optional=OPTIONS), st.sampled_from(["get", "post", "put"]))
def test_a_call_s_options(path: str, options: dict[str, Any], verb: str) -> None:
    """A call is sent, or what cannot be sent is named."""
    CANNED.answer = lambda: httpx.Response(400, json={"code": "PARAM_ERROR"})
    with only_documented():
        getattr(CLIENT[path], verb)(**options)


@SHARE
@given(st.dictionaries(st.sampled_from(sorted(OPTIONS)), TREE, min_size=1, max_size=2))
def test_what_was_asked(options: dict[str, Any]) -> None:
    """The same, without anything being sent."""
    with only_documented():
        Call.asked("POST", "v3/x", options)


@SHARE
@given(
    st.one_of(TEXT, st.text("v3/{}+#.;?&*:,<>ab1_-%$ ", max_size=30), ODD),
    st.dictionaries(st.sampled_from(["a", "b", "ab", "v3"]), TREE, max_size=3),
)
def test_a_path_and_its_values(template: Any, values: dict[str, Any]) -> None:
    """A path is one, or is refused; so is a value."""
    CANNED.answer = lambda: httpx.Response(404, json={"code": "NOT_FOUND"})
    with only_documented():
        node = CLIENT.chain(template)
        assert str(node)
        repr(node)
        with only_documented():
            node.get(**values)


HEADER = st.one_of(
    st.text(string.printable.strip(), max_size=30),
    st.sampled_from(
        [
            *("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "1e400", "-5", "9" * 400, "NaN"),
            *("Thu, 32 Foo 2026 99:99:99 +9999", "gzip", "gzip, gzip", "text/xml; charset=\x00x"),
            *("application/json; charset=utf-16", "\x1b]0;owned\x07", "\xe9\xff", "attachment"),
        ]
    ),
)
ANSWER_HEADERS = st.dictionaries(
    st.sampled_from(
        [
            *("Date", "Retry-After", "Content-Type", "Content-Encoding", "Request-ID", "Digest"),
            *("Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Content-Length"),
            *("Wechatpay-Signature", "Wechatpay-Signature-Type", "Wechatpay-Statement-Sha1"),
            *("Location", "X", "Content-Disposition"),
        ]
    ),
    HEADER,
    max_size=4,
)
BODY = st.one_of(
    st.binary(max_size=40),
    JSON.map(lambda one: json.dumps(one).encode()),
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("code", "message", "detail", "data", "retcode"), JSON)
    ).map(lambda one: json.dumps(one).encode()),
    mangled(st.just(b"<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>")),
    mangled(
        st.just(b'{"code":"PARAM_ERROR","message":"bad \\ud800 value","detail":{"field":"/a"}}')
    ),
    st.just(b"[" * 3_000),
    st.binary(max_size=100).map(gzip.compress),
)


def signed(body: bytes) -> dict[str, str]:
    """WeChat Pay's headers over a body."""
    headers = signature_headers(public_key_identity(), body, str(int(time.time())))
    return {name: value or "" for name, value in headers.items()}


@SHARE
@given(
    path=st.sampled_from(
        ["v3/x", "v2/pay/unifiedorder", "v2/pay/downloadbill", "hk/v3/statements"]
    ),
    status=st.sampled_from([200, 201, 202, 204, 302, 400, 401, 403, 404, 418, 429, 500, 502, 503]),
    headers=ANSWER_HEADERS,
    body=BODY,
    is_signed=st.booleans(),
    sink=st.booleans(),
)
def test_an_answer(
    path: str, status: int, headers: dict[str, str], body: bytes, is_signed: bool, sink: bool
) -> None:
    """An answer is believed, or becomes an error of this library that can be shown anywhere."""
    proof = signed(body) if is_signed else {}
    CANNED.answer = lambda: httpx.Response(
        status,
        headers=[
            (name.encode(), value.encode("latin-1")) for name, value in {**proof, **headers}.items()
        ],
        stream=httpx.ByteStream(body),
    )
    options: dict[str, Any] = {"sink": io.BytesIO()} if sink else {}
    with only_documented():
        node = CLIENT[path]
        if path.startswith("v2"):
            answer = node.post(xml={"a": "1", "bill_date": "20260101"}, **options)
        else:
            answer = node.get(**options)
        CLIENT.decrypt_fields(answer)


@SHARE
@given(
    entries=st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "serial_no": st.one_of(JSON, st.just("ABC")),
                "effective_time": st.one_of(JSON, st.just("2020-01-01T00:00:00+08:00")),
                "expire_time": JSON,
                "encrypt_certificate": st.one_of(
                    JSON,
                    st.fixed_dictionaries(
                        {"ciphertext": TEXT, "nonce": TEXT, "associated_data": TEXT}
                    ),
                    mangled(st.just(certificate_pem(THEIRS, 0xABC).encode())).map(
                        lambda pem: {
                            "algorithm": "AEAD_AES_256_GCM",
                            "nonce": "n" * 12,
                            "associated_data": "certificate",
                            "ciphertext": base64.b64encode(
                                AESGCM(APIV3_KEY.encode()).encrypt(b"n" * 12, pem, b"certificate")
                            ).decode(),
                        }
                    ),
                ),
            },
        ),
        max_size=2,
    ),
    other=st.one_of(st.none(), BODY),
    status=st.sampled_from([200, 200, 200, 403, 404, 500]),
)
def test_a_list_of_certificates(entries: Any, other: bytes | None, status: int) -> None:
    """A list is taken, or refused for what it is."""
    body = json.dumps({"data": entries}).encode() if other is None else other
    CANNED.listed = lambda: httpx.Response(status, headers=signed(body), content=body)
    with only_documented(), CANNED.client(certs=None) as wxpay:
        wxpay["v3/x"].get()
    with only_documented(), CANNED.client(trust="download") as wxpay:
        wxpay.notification({**signed(b"{}"), "Wechatpay-Serial": "ABC"}, b"{}")


def sealed(plaintext: bytes, nonce: str = "n" * 12, associated: str = "x") -> dict[str, Any]:
    """A notification's resource."""
    ciphertext = AESGCM(APIV3_KEY.encode()).encrypt(nonce.encode(), plaintext, associated.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": nonce,
        "associated_data": associated,
        "ciphertext": base64.b64encode(ciphertext).decode(),
    }


RESOURCE = st.one_of(
    JSON,
    st.binary(max_size=30).map(sealed),
    JSON.map(lambda one: sealed(json.dumps(one).encode())),
    st.fixed_dictionaries({"algorithm": JSON, "nonce": JSON, "ciphertext": JSON}),
)
ENVELOPE = st.fixed_dictionaries(
    {"resource": RESOURCE},
    optional={
        "id": JSON,
        "create_time": st.one_of(JSON, TEXT, st.datetimes().map(str)),
        "event_type": st.one_of(JSON, st.just("TRANSACTION.SUCCESS")),
        "resource_type": JSON,
        "summary": JSON,
        "original_type": JSON,
    },
)


@SHARE
@given(
    envelope=st.one_of(ENVELOPE, JSON),
    raw=st.one_of(st.none(), st.none(), BODY),
    headers=st.dictionaries(
        st.sampled_from(
            [f"Wechatpay-{one}" for one in ("Timestamp", "Nonce", "Serial", "Signature")]
        ),
        st.one_of(ODD, st.lists(ODD, max_size=2)),
        max_size=1,
    ),
)
def test_a_notification(envelope: Any, raw: bytes | None, headers: dict[str, Any]) -> None:
    """A notification is read, or refused for what it is."""
    body = json.dumps(envelope).encode() if raw is None else raw
    with only_documented():
        read = CLIENT.notification({**signed(body), **headers}, body)
        assert read.id
        assert repr(read)
        assert isinstance(read.resource, dict)
        notification.reply_to(ValueError())
        CLIENT.decrypt_fields(read)
        read.by_event  # noqa: B018


@SHARE
@given(st.one_of(TREE, st.lists(st.tuples(ODD, ODD))), st.one_of(ODD, BODY))
def test_a_notification_s_arguments(headers: Any, body: Any) -> None:
    """What is not a notification is refused, whatever it is."""
    with only_documented():
        CLIENT.notification(headers, body)
    with only_documented():
        CLIENT.notification_v2(body)


XML_NAME = st.sampled_from(
    [
        *("mch_id", "sign", "sign_type", "return_code", "result_code", "req_info", "event_type"),
        *("event_ciphertext", "event_nonce", "event_associated_data", "event_algorithm", "a"),
        *("mchid", "appid", "out_trade_no"),
    ]
)


@SHARE
@given(
    st.dictionaries(XML_NAME, st.one_of(st.text(max_size=30), st.just("SUCCESS"), st.just(MCHID))),
    st.booleans(),
    st.sampled_from(["MD5", "HMAC-SHA256"]),
)
def test_a_notification_of_apiv2(fields: dict[str, str], is_signed: bool, kind: Any) -> None:
    """A notification of APIv2 is read, or refused for what it is."""
    with only_documented():
        if is_signed:
            fields["sign"] = digest.sign(fields, SECRET, kind)
        if "req_info" in fields:
            fields["req_info"] = aes.ecb_encrypt(fields["req_info"], SECRET)
        read = CLIENT.notification_v2(xml.dumps(fields))
        notification_v2.identity(read)


@SHARE
@given(
    mangled(
        st.sampled_from(
            [
                "<xml><a><![CDATA[张三]]></a><b>1</b></xml>".encode(),
                b'<?xml version="1.0" encoding="UTF-8"?><xml><a><b><c>1</c></b></a></xml>',
                b"<!DOCTYPE x [<!ENTITY y 'z'>]><xml>&y;</xml>",
                "<xml><a>张</a></xml>".encode("gbk"),
                b"<a>" * 200,
            ]
        )
    )
)
def test_a_document(data: bytes) -> None:
    """XML is read, or refused."""
    for form in (data, data.decode("latin-1")):
        with only_documented():
            read = xml.loads(form, lists=["a"])
            with only_documented():
                xml.dumps(read)


@SHARE
@given(TREE, TEXT)
def test_a_document_s_fields(fields: Any, root: str) -> None:
    """XML is made, or what cannot be XML is named."""
    if isinstance(fields, Mapping):
        with only_documented():
            xml.dumps(cast("Mapping[str, object]", fields))
        with only_documented():
            digest.sign(cast("Mapping[str, object]", fields), SECRET)
        with only_documented():
            digest.verify(cast("Mapping[str, object]", fields), SECRET)


COLUMNS = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,应结订单金额,手续费\n"
BILLS = (
    (
        f"{COLUMNS}`2026-11-01 00:00:00,`wx,`1,`0,`,`42,`7,`1.00,`0.00600\n"
        "总交易单数,应结订单总金额\n`1,`1.00\n"
    ).encode(),
    (
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,"
        "账户结余（元）,资金变更提交申请人,备注,业务凭证号\n"
        "`2026-11-01 00:00:00,`4,`1,`交易,`交易,`收入,`0.01,`0.46,`system,`,`REF\n"
        "资金流水总笔数,收入笔数\n`45.0,`45.0\n"
    ).encode(),
    "分账时间,微信订单号,订单金额,分账接收方,分账金额\n2026-11-01,1,1.00,a,0.50\n".encode(),
)


@SHARE
@given(mangled(st.sampled_from([*BILLS, *map(gzip.compress, BILLS)])), st.integers(1, 50))
def test_a_bill(data: bytes, size: int) -> None:
    """A bill's rows come, or a `BillError` tells the line."""
    for read in (bill.rows, bill.trades, bill.refunds, bill.fund_flows):
        with only_documented(), read(data) as found:
            for row in found:
                dict(row)
                repr(row)
                for name in dir(row):
                    with suppress(AttributeError, KeyError):
                        getattr(row, name)
            found.summary  # noqa: B018
    with only_documented():
        list(bill.rows(data[at : at + size] for at in range(0, len(data), size)))
    with only_documented():
        list(bill.rows(io.BytesIO(data)))


@SHARE
@given(TREE)
def test_a_bill_s_source(source: Any) -> None:
    """What is not a bill is refused."""
    if isinstance(source, (str, os.PathLike)):
        return  # a path, and nobody knows to what
    with only_documented():
        list(bill.rows(source))


@SHARE
@given(
    entry=st.one_of(
        TREE,
        st.fixed_dictionaries(
            {
                "download_url": st.one_of(
                    TEXT, st.just("https://api.mch.weixin.qq.com/v3/billdownload/file?token=1")
                )
            },
            optional={
                "encrypt_key": st.one_of(
                    JSON, st.binary(max_size=40).map(lambda one: rsa.encrypt(one, KEY.public_key()))
                ),
                "nonce": JSON,
                "hash_type": JSON,
                "hash_value": JSON,
                "bill_sequence": JSON,
                "algorithm": JSON,
                "download_bill_list": st.one_of(
                    JSON, st.lists(st.fixed_dictionaries({"bill_sequence": JSON}), max_size=2)
                ),
            },
        ),
    ),
    body=st.one_of(BODY, mangled(st.sampled_from(BILLS))),
    sha1=st.one_of(st.none(), ODD),
)
def test_a_download(entry: Any, body: bytes, sha1: Any) -> None:
    """A file comes whole, or it is said why not."""
    CANNED.answer = lambda: httpx.Response(200, content=body)
    with only_documented():
        CLIENT.download(entry, io.BytesIO(), sha1=sha1)


@SHARE
@given(TEXT, st.one_of(TEXT, st.binary(max_size=40)), st.binary(max_size=40), ODD)
def test_what_is_encrypted(text: str, key: Any, data: bytes, odd: Any) -> None:
    """What is sealed opens again; what does not open is a `DecryptionError`."""
    nonce = data[:12]
    tries: list[Callable[[], object]] = [
        lambda: aes.decrypt(text, key, nonce),
        lambda: aes.decrypt(data, APIV3_KEY, nonce),
        lambda: aes.encrypt(text, key, nonce),
        lambda: aes.ecb_decrypt(text, SECRET),
        lambda: aes.ecb_decrypt(data, text),
        lambda: rsa.decrypt(text, KEY),
        lambda: rsa.verify(data, text, THEIRS.public_key()),
        lambda: CLIENT.decrypt(odd),
        lambda: CLIENT.encrypt(odd),
        lambda: CLIENT.decrypt_fields(odd),
        lambda: digest.workwx_sign({"mch_billno": text, "a": odd}, SECRET),
    ]
    for one in tries:
        with only_documented():
            one()


@SHARE
@given(st.data())
def test_what_a_page_is_given(data: st.DataObject) -> None:
    """Parameters are signed, or what is wrong with them is named."""
    names = ["jsapi", "choose_wxpay", "miniprogram", "app"]
    name = data.draw(st.sampled_from([*names, "merchant_transfer", "merchant_transfer_app"]))
    options = {"timestamp": ODD, "nonce": ODD, "sign_type": ODD} if name in names else {}
    more = data.draw(st.fixed_dictionaries({}, optional=options))
    with only_documented():
        getattr(CLIENT.paysign, name)(data.draw(ODD), data.draw(ODD), **more)


@SHARE
@given(
    st.binary(max_size=60),
    st.lists(st.text("a=:.[]0123456789\"{}', -_b张", max_size=14), max_size=4),
)
def test_what_the_command_line_reads(content: bytes, given: list[str]) -> None:
    """A settings file and fields are read, or refused with the place."""
    path = Path(os.environ.get("PYTEST_TMP", "/tmp")) / f"settings-{os.getpid()}.env"
    path.write_bytes(content)
    try:
        with only_documented():
            _envfile.read(path)
    finally:
        path.unlink()
    with only_documented():
        _assignments.build(given)


@SHARE
@given(st.lists(st.one_of(TEXT, ODD), max_size=3))
def test_what_was_dealt_with(ids: list[Any]) -> None:
    """An id is remembered, or is none."""
    guard = replay.MemoryGuard()
    for one in ids:
        with only_documented(), replay.once(guard, one):
            pass


KINDS = sorted(
    {
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, WeChatPayError)
    },
    key=lambda one: one.__name__,
)


@SHARE
@given(st.sampled_from(KINDS), TEXT, TREE)
def test_an_error_that_is_built_anew(kind: type[WeChatPayError], words: str, known: Any) -> None:
    """An error's text alone makes one, and whatever else it is given makes one too."""
    for args in ((words,), (words, known)):
        error = kind(*args)
        assert str(kind(*error.args)) == str(error)
        assert getattr(error, "outcome_unknown", True) in (True, False)


@SHARE
@given(
    TREE, st.one_of(ODD, PATHS), st.fixed_dictionaries({}, optional={"every": ODD, "within": ODD})
)
def test_a_payment_by_code(fields: Any, path: Any, timing: dict[str, Any]) -> None:
    """A payment is made ready, or what is missing is said."""
    with only_documented():
        CLIENT.micropay(fields, path, **timing)


@SHARE
@given(st.one_of(ODD, st.builds(io.BytesIO, st.binary())), st.one_of(st.none(), ODD), TREE)
def test_a_file_to_upload(file: Any, filename: Any, meta: Any) -> None:
    """A file is sent, or what is wrong with it is said before."""
    CANNED.answer = lambda: httpx.Response(204, headers=signed(b""))
    with only_documented():
        media = Media(file, filename=filename, meta=meta)
        CLIENT.v3.merchant.media.upload.post(media=media)


def test_what_is_tried_finds_what_it_should() -> None:
    """An error of Python's own, and one of a package's, are not documented ones."""
    for undocumented in (
        lambda: cast("Any", 5).items(),
        lambda: len(cast("Any", 5)),
        lambda: int("x"),
        lambda: "\ud800".encode(),
        lambda: random.choice(cast("Any", 5)),
    ):
        with pytest.raises(Exception) as caught, only_documented():
            cast("Callable[[], object]", undocumented)()
        assert not is_documented(caught.value)
    with only_documented():
        xml.loads(b"<")
