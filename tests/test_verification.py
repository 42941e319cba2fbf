"""What the client believes: a 2xx that WeChat Pay signed, and the few documented exceptions."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from gateway import (
    PUBLIC_KEY_ID,
    Answer,
    Gateway,
    Identity,
    certificate_identity,
    public_key_identity,
    rsa_key,
)
from gateway.answers import signature_headers
from hypothesis import example, given, settings
from hypothesis import strategies as st
from soak import runs
from ways import Way, client_of, each_way

from wechatpay import (
    APIError,
    ClockSkew,
    SignatureProbe,
    UnknownPlatformKey,
    VerificationError,
    WeChatPay,
)
from wechatpay._call import Verdict
from wechatpay._v3 import Keyring, PlatformKey, verify
from wechatpay._v3.verification import quick_to_read

BODY = b'{"code_url":"weixin://wxpay/bizpayurl?pr=1"}'
RING = Keyring([PlatformKey(PUBLIC_KEY_ID, rsa_key("platform").public_key())])
STRANGER = Identity(PUBLIC_KEY_ID, rsa_key("stranger"))
NAMES = ("Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature")
FILE = "交易时间,公众账号ID\n".encode()
SHA1 = hashlib.sha1(FILE).hexdigest()


def signed(body: bytes = BODY, skew: int = 0) -> dict[str, str]:
    """Return the headers of an answer that holds."""
    now = str(int(time.time()) + skew)
    headers = signature_headers(public_key_identity(), body, now)
    return {name: str(headers[name]) for name in NAMES}


def judge(headers: Mapping[str, str], body: bytes = BODY) -> str:
    """Verify as the client does."""
    return verify(headers, body, RING).id


@pytest.mark.parametrize("body", [b"", BODY, "撤销".encode(), bytes(range(256))])
@pytest.mark.parametrize("skew", [-300, 0, 300])
@pytest.mark.usefixtures("still")
def test_right_signature_holds(body: bytes, skew: int) -> None:
    """A signature over the raw bytes, not more than five minutes off, gives the id of its key."""
    assert judge(signed(body, skew), body) == PUBLIC_KEY_ID


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("name", NAMES)
def test_missing_header_is_named(name: str, value: str | None) -> None:
    """Each of the four headers is needed, and the error names the one that is not there."""
    headers = {key: text for key, text in {**signed(), name: value}.items() if text is not None}
    with pytest.raises(
        VerificationError, match=rf"no header {name}\. A proxy or gateway"
    ) as caught:
        judge(headers)
    assert caught.value.serial == (value if name == NAMES[2] else PUBLIC_KEY_ID)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Timestamp", "1e9"),
        ("Timestamp", "-1"),
        ("Timestamp", "١٢٣"),
        ("Timestamp", "9" * 5000),
        ("Signature", "!"),
        ("Signature", "QUJD"),
        ("Signature", "签名"),
        ("Nonce", "another"),
        ("Nonce", "\udc80"),
    ],
)
def test_malformed_header_is_refused(name: str, value: str) -> None:
    """A header that cannot be right makes a verification error, not a crash."""
    with pytest.raises(VerificationError) as caught:
        judge({**signed(), f"Wechatpay-{name}": value})
    assert type(caught.value) is VerificationError


@pytest.mark.parametrize("skew", [-301, 301, -86400, 10**9])
@pytest.mark.usefixtures("still")
def test_skew_is_told(skew: int) -> None:
    """Beyond five minutes the error says by how much the local clock is ahead (+) or behind (-)."""
    word = "behind" if skew > 0 else "ahead of"
    with pytest.raises(ClockSkew, match=f"local clock is \\d+ s {word} WeChat Pay's") as caught:
        judge(signed(skew=skew))
    assert caught.value.skew == -skew
    assert caught.value.serial == PUBLIC_KEY_ID


def test_probe_is_refused_by_name() -> None:
    """WeChat Pay's deliberate wrong signature is told apart, though it is not base64."""
    probe = {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/zX1vB=" + signed()["Wechatpay-Signature"]}
    with pytest.raises(SignatureProbe, match="refusing it is right"):
        judge({**signed(), **probe})


def test_unknown_key_names_both_sides() -> None:
    """The error for an id that is not held names it, and those that are held."""
    with pytest.raises(UnknownPlatformKey, match=f"'5157F09EFDC0'.*{PUBLIC_KEY_ID}") as caught:
        judge({**signed(), "Wechatpay-Serial": "5157F09EFDC0"})
    assert caught.value.serial == "5157F09EFDC0"
    with pytest.raises(UnknownPlatformKey, match="none"):
        verify(signed(), BODY, Keyring())
    with pytest.raises(UnknownPlatformKey, match="signed with an id of 8 characters"):
        judge({**signed(), "Wechatpay-Serial": "no id/=+"})


def test_ids_are_text_whatever_their_case() -> None:
    """`0AB1` and `0ab1` are one id; `0AB1` and `AB1` are two, though one number."""
    identity = Identity("0AB1", rsa_key("platform"))
    ring = Keyring([PlatformKey("0AB1", identity.key.public_key())])
    now = str(int(time.time()))
    for name, held in {"0AB1": True, "0ab1": True, "AB1": False, "2737": False}.items():
        headers = signature_headers(identity._replace(id=name), BODY, now)
        sent = {key: str(value) for key, value in headers.items()}
        if held:
            assert verify(sent, BODY, ring).id == "0AB1"
        else:
            with pytest.raises(UnknownPlatformKey):
                verify(sent, BODY, ring)


def mutations(text: bytes) -> list[bytes]:
    """Return every text that one changed, lost or doubled byte makes of `text`."""
    found: list[bytes] = []
    for at in range(len(text)):
        head, tail = text[:at], text[at + 1 :]
        changed = [bytes([text[at] ^ flip]) for flip in (1, 0x20, 0x80)]
        found += [head + one + tail for one in (*changed, b"", text[at : at + 1] * 2)]
    return [one for one in found if one != text]


def test_no_mutation_of_an_answer_holds() -> None:
    """Whichever byte of body or headers is changed, the answer is refused, and by the right type.

    Two changes are none: the case of an id, and the unused last bits of the base64.
    """
    headers, tried = signed(), 0
    for name, value in headers.items():
        for mutation in {one.decode("latin-1") for one in mutations(value.encode())}:
            if name == "Wechatpay-Serial" and mutation.upper() == value.upper():
                continue
            with pytest.raises(VerificationError):
                verify({**headers, name: mutation}, BODY, RING)
            tried += 1
    for body in mutations(BODY):
        with pytest.raises(VerificationError, match="were changed on the way"):
            judge(headers, body)
        tried += 1
    assert tried > 2000


_TEXT = st.text(st.characters(), min_size=1)  # halves of surrogate pairs too


@given(
    st.dictionaries(st.sampled_from(NAMES), _TEXT | st.sampled_from(["1", PUBLIC_KEY_ID])),
    st.binary(),
)
@settings(max_examples=runs(60))
def test_arbitrary_answers_are_refused(headers: dict[str, str], body: bytes) -> None:
    """Nothing that was not signed holds, and nothing but a verification error comes of it."""
    with pytest.raises(VerificationError):
        verify({**headers}, body, RING)


@given(st.dictionaries(st.sampled_from(NAMES), _TEXT, min_size=1), st.binary())
@settings(max_examples=runs(60))
def test_arbitrary_changes_are_refused(changed: dict[str, str], body: bytes) -> None:
    """An answer that was right, with other headers or another body, holds no more."""
    with pytest.raises(VerificationError):
        verify({**signed(), **changed}, body, RING)


def test_verdict_is_a_mapping_with_attributes() -> None:
    """What an answer's extensions hold is read as a mapping or by attribute."""
    verdict = Verdict(verified=True, serial="AB", request_id="R")
    assert verdict == {"verified": True, "serial": "AB", "request_id": "R"}
    assert (verdict.verified, verdict.serial, verdict.request_id) == (True, "AB", "R")


FAULTS: dict[str, tuple[Answer, type[VerificationError]]] = {
    "body": (Answer(body=BODY, covers=BODY + b" "), VerificationError),
    "unsigned": (Answer(body=BODY, signed=False), VerificationError),
    "unsigned 204": (Answer(204, b"", signed=False), VerificationError),
    "other key": (Answer(body=BODY, signer=STRANGER), VerificationError),
    "unknown id": (Answer(signer=Identity("AB12", rsa_key("platform"))), UnknownPlatformKey),
    "past": (Answer(skew=-400), ClockSkew),
    "future": (Answer(skew=400), ClockSkew),
    "probe": (
        Answer(headers={"Wechatpay-Signature": "WECHATPAY/SIGNTEST/1"}),
        SignatureProbe,
    ),
    "bad base64": (Answer(headers={"Wechatpay-Signature": "=a=b"}), VerificationError),
    **{f"no {name}": (Answer(headers={name: None}), VerificationError) for name in NAMES},
}


@pytest.mark.untraced
@each_way
@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_answer_is_refused(gateway: Gateway, way: Way, fault: str) -> None:
    """An answer to a query that does not prove itself is an error that holds it, and no more."""
    gateway.default, kind = FAULTS[fault]
    with client_of(gateway) as wxpay, pytest.raises(VerificationError) as caught:
        way.call(wxpay.v3.certificates)
    assert type(caught.value) is kind
    assert not caught.value.outcome_unknown
    assert caught.value.response is not None
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_answer_leaves_the_outcome_unknown(gateway: Gateway, verb: str, fault: str) -> None:
    """After anything but a query the error says so, and that querying comes first."""
    gateway.default, kind = FAULTS[fault]
    with client_of(gateway) as wxpay, pytest.raises(kind, match="unknown: query it") as caught:
        getattr(wxpay.v3.pay.transactions.native, verb)()
    assert caught.value.outcome_unknown
    assert len(gateway.requests) == 1


@each_way
@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=BODY),
        Answer(201, BODY),
        Answer(202, b""),
        Answer(204, b""),
        Answer(body="撤销".encode()),
        Answer(headers={"wechatpay-serial": PUBLIC_KEY_ID.lower(), "Wechatpay-Serial": None}),
    ],
    ids=lambda answer: f"{answer.status}",
)
def test_signed_answer_is_given(gateway: Gateway, way: Way, answer: Answer) -> None:
    """A signed 2xx is returned as it came, and tells who signed it."""
    gateway.default = answer
    with client_of(gateway) as wxpay:
        reply = way.call(wxpay.v3.pay.transactions.native, "post", json={"a": "撤销"})
    assert (reply.status_code, reply.content) == (answer.status, answer.content)
    assert reply.extensions["wechatpay"] == {
        "verified": True,
        "serial": PUBLIC_KEY_ID,
        "request_id": reply.headers["Request-ID"],
    }
    assert gateway.requests[0].is_signed_by(rsa_key("merchant"))


def test_certificates_and_public_keys_stand_side_by_side(gateway: Gateway) -> None:
    """Answers signed by either kind hold, and each names its own key."""
    certificate = certificate_identity(
        0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1, "second platform"
    )
    certs = {
        certificate.id: certificate.certificate,
        PUBLIC_KEY_ID: rsa_key("platform").public_key(),
    }
    with client_of(gateway, certs=certs) as wxpay:
        for signer in (public_key_identity(), certificate):
            gateway.script(Answer(signer=signer))
            assert wxpay["v3/x"].get().extensions["wechatpay"].serial == signer.id


@pytest.mark.parametrize("status", [300, 304, 400, 404, 500])
def test_refusals_are_never_verified(gateway: Gateway, status: int) -> None:
    """Outside 2xx WeChat Pay often does not sign: that is an API error, signed or not."""
    gateway.default = Answer(status, {"code": "X"}, headers={"Wechatpay-Signature": "no"})
    with client_of(gateway, retries=0) as wxpay, pytest.raises(APIError) as caught:
        wxpay["v3/x"].get()
    assert caught.value.status_code == status


UNSIGNED = [
    "v3/billdownload/file",
    "v3/merchant-service/images/{media_id}",
    "v3/global/merchant-service/images/{media_id}",
    "v3/transferdownload/elecvoucherfile",
    "v3/transferdownload/signfile",
    "v3/new-tax-control-fapiao/download",
]


@pytest.mark.parametrize("template", UNSIGNED)
@pytest.mark.parametrize("concrete", [False, True])
def test_documented_unsigned_answers_are_taken(
    gateway: Gateway, template: str, concrete: bool
) -> None:
    """The endpoints that do not sign give their answer, marked as not verified."""
    gateway.default = Answer(body=FILE, signed=False)
    values: dict[str, Any] = {} if concrete or "{" not in template else {"media_id": "a=/b"}
    path = template.replace("{media_id}", "ChsyMDAy") if concrete else template
    with client_of(gateway) as wxpay:
        reply = wxpay[path].get(**values, params={"token": "t"})
    assert reply.content == FILE
    assert reply.extensions["wechatpay"].verified is False
    assert reply.extensions["wechatpay"].serial is None
    assert gateway.requests[0].is_signed_by(rsa_key("merchant"))


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("post", "v3/billdownload/file"),
        ("get", "v3/billdownload/file/x"),
        ("post", "v3/merchant-service/images/upload"),
        ("get", "v3/merchant-service/images"),
    ],
)
def test_their_neighbours_are_verified(gateway: Gateway, verb: str, path: str) -> None:
    """The exception is the endpoint's alone: another verb or path beside it must be signed."""
    gateway.default = Answer(signed=False)
    with client_of(gateway) as wxpay, pytest.raises(VerificationError):
        getattr(wxpay[path], verb)()


def statement(content: bytes = FILE, digest: str = SHA1) -> Answer:
    """Return a statement whose signature covers its digest."""
    return Answer(
        body=content,
        headers={"Wechatpay-Statement-Sha1": digest},
        covers=f'{{"sha1":"{digest}"}}'.encode(),
    )


@pytest.fixture(params=["v3/statements", "v3/global/statements", "hk/v3/statements", "prefix"])
def overseas(request: pytest.FixtureRequest, gateway: Gateway) -> tuple[WeChatPay, str]:
    """A client and the path by which it reaches the statements."""
    if request.param == "prefix":
        return client_of(gateway.url + "hk/"), "v3/statements"
    return client_of(gateway), request.param


def test_statement_is_verified_by_its_digest(
    gateway: Gateway, overseas: tuple[WeChatPay, str]
) -> None:
    """A statement's signature covers its SHA-1, which is then compared with the file's."""
    client, path = overseas
    gateway.default = statement()
    with client as wxpay:
        reply = wxpay[path].get(params={"date": "20261122"})
    assert reply.content == FILE
    assert reply.extensions["wechatpay"].verified is True


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (statement(FILE + b"1"), "the file's SHA-1 is not the one that"),
        (statement(digest="0" * 40), "the file's SHA-1 is not the one that"),
        (Answer(body=FILE, headers={"Wechatpay-Statement-Sha1": SHA1}), "signature is not"),
        (Answer(body=FILE, headers={"Wechatpay-Statement-Sha1": ""}), "signature is not"),
        (Answer(body=FILE, signed=False), "not signed"),
        (Answer(body=FILE, covers=f'{{"sha1":"{SHA1}"}}'.encode()), "signature is not"),
    ],
)
def test_wrong_statement_is_refused(
    gateway: Gateway, overseas: tuple[WeChatPay, str], answer: Answer, words: str
) -> None:
    """Another file, another digest, a signature over something else: none is believed."""
    client, path = overseas
    gateway.default = answer
    with client as wxpay, pytest.raises(VerificationError, match=words):
        wxpay[path].get()


def test_statement_without_digest_is_an_ordinary_answer(
    gateway: Gateway, overseas: tuple[WeChatPay, str]
) -> None:
    """Without the digest's header the body itself must be signed, and that holds."""
    client, path = overseas
    gateway.default = Answer(body=FILE)
    with client as wxpay:
        assert wxpay[path].get().content == FILE
    assert base64.b64decode(gateway.requests[0].claims["signature"])


@pytest.mark.parametrize("serial", ["\x1b]0;owned\x07", "a\u202eb", "\ud800", "\x9b31m"])
def test_id_that_is_received_cannot_hurt(serial: str) -> None:
    """The id that an unsigned message names can be printed wherever the error is shown."""
    headers = {**signed(), "Wechatpay-Serial": serial}
    for changed in (headers, {**headers, "Wechatpay-Nonce": ""}):
        with pytest.raises(VerificationError) as caught:
            judge(changed)
        assert (caught.value.serial or "").isprintable()
        assert str(caught.value).isprintable()


READ = [
    "Request-ID",
    *(f"Wechatpay-{one}" for one in ("Timestamp", "Nonce", "Serial", "Signature")),
]
pieces = st.binary(max_size=6).map(lambda text: bytes(one for one in text if one not in b"\r\n"))


@example([(b"wechatpay-SERIAL", b"A"), (b"Wechatpay-Serial", b"B")])
@example([(b"Wechatpay-Serial", "é".encode())])
@example([])
@given(st.lists(st.tuples(st.sampled_from([*(n.encode() for n in READ), b"x-y", b"X-Y"]), pieces)))
def test_headers_that_are_quick_to_read_say_the_same(pairs: list[tuple[bytes, bytes]]) -> None:
    """Whatever came, however often and in any encoding, is what httpx has under that name."""
    headers = httpx.Headers(pairs)
    quick = quick_to_read(httpx.Response(200, headers=headers))
    assert [quick.get(name) for name in READ] == [headers.get(name) for name in READ]
