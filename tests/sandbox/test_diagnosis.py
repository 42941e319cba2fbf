"""What was signed instead: each usual mistake is named, and where the messages differ."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.sandbox import Diagnosis, Sandbox
from wechatpay.sandbox._front.diagnosis import difference

from .merchant import NATIVE, ORDER, Merchant, read

_SANDBOX = Sandbox()
_MERCHANT = Merchant(_SANDBOX.config)
_BODY = json.dumps(ORDER, ensure_ascii=False, separators=(",", ":")).encode()
_GET = "/v3/pay/transactions/out-trade-no/%E5%8D%95-1?mchid=1900000109&a=%2F+b"
_HOST = "api.mch.weixin.qq.com"
_NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242"

Lines = list[bytes]


def _send(
    method: str,
    target: str,
    body: bytes,
    signed: Callable[[Lines], bytes],
    sign: Callable[[bytes], str] = _MERCHANT.sign,
) -> Diagnosis:
    """Sign something else than is sent, and return what the sandbox makes of it."""
    now, nonce = str(int(time.time())), secrets.token_hex(16)
    lines = [method.encode(), target.encode(), now.encode(), nonce.encode(), body]
    message = signed(lines)
    headers = _MERCHANT.headers(
        method, target, body, timestamp=now, nonce_str=nonce, signature=sign(message)
    )
    headers.append((b"Host", _HOST.encode()))
    answer = _SANDBOX.gateway.handle(method, target.encode(), headers, body)
    assert answer.status == 401
    assert read(answer)["detail"]["issue"] == "sign not match"
    diagnosis = _SANDBOX.exchanges[-1].diagnosis
    assert diagnosis is not None
    if diagnosis.signed is not None:
        assert diagnosis.signed == message
    return diagnosis


def _whole(lines: Lines) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def _with(index: int, change: Callable[[bytes], bytes]) -> Callable[[Lines], bytes]:
    """One line is another one."""
    return lambda lines: _whole([*lines[:index], change(lines[index]), *lines[index + 1 :]])


def _dumped(**how: Any) -> Callable[[bytes], bytes]:
    return lambda body: json.dumps(json.loads(body), **how).encode()


_OF_A_QUERY: list[tuple[Callable[[Lines], bytes], str, int | None, int | None]] = [
    (_with(1, lambda text: text.partition(b"?")[0]), "the query was left out", 2, 46),
    (
        _with(1, lambda text: unquote(text.partition(b"?")[0].decode()).encode()
              + b"?" + text.partition(b"?")[2]),
        "the path was signed percent-decoded", 2, 35,
    ),
    (_with(1, lambda text: unquote(text.decode()).encode()),
     "path and query were signed percent-decoded", 2, 35),
    (_with(1, lambda text: text.replace(b"%2F+b", b"/+b")),
     "the query was signed percent-decoded", 2, 66),
    (_with(1, lambda text: text.replace(b"%2F+b", b"%2F%20b")),
     "the query was percent-encoded differently", 2, 69),
    (_with(1, lambda text: text.replace(b"mchid=1900000109&a=%2F+b",
                                        b"a=%2F+b&mchid=1900000109")),
     "the query was sorted", 2, 47),
    (_with(1, lambda text: text.replace(b"%E5%8D%95", b"%e5%8d%95")),
     "the path was percent-encoded differently", 2, 36),
    (_with(1, lambda text: text[1:]), "the slash before the path was left out", 2, 1),
    (_with(1, lambda text: text.replace(b"?", b"/?")), "a slash was put after the path", 2, 46),
    (_with(1, lambda text: b"/" + text), "there is one slash too many before the path", 2, 2),
    (_with(1, lambda text: text[3:]), "v3 was left out of the path", 2, 2),
    (_with(1, lambda text: b"https://" + _HOST.encode() + text),
     "the whole URL was signed", 2, 1),
    (_with(1, lambda text: _HOST.encode() + text), "the host was signed with the path", 2, 1),
    (_with(0, bytes.lower), "the verb was written in lower case", 1, 1),
    (_with(0, lambda _: b"POST"), "another verb was signed, POST", 1, 1),
    (_with(2, lambda text: str(int(text) - 3).encode()),
     "another timestamp was signed, -3 s from the header's", 3, None),
    (_with(2, lambda text: text + b"123"), "the timestamp was signed in milliseconds", 3, 11),
    (_with(3, bytes.upper), "the random string was written in upper case", 4, None),
    (_with(3, lambda _: b""), "the random string was left out", 4, 1),
    (_with(4, lambda _: b"{}"), "{} was signed as the body, but none was sent", 5, 1),
    (_with(4, lambda _: b"null"), "null was signed as the body, but none was sent", 5, 1),
    (lambda lines: _whole(lines)[:-1], "the newline at the end is missing", 5, 1),
    (lambda lines: _whole(lines) + b"\n", "there is one newline too many at the end", 6, 1),
    (lambda lines: _whole(lines).replace(b"\n", b"\r\n"), "the lines end with CR LF", 1, 4),
    (lambda lines: _whole(lines).replace(b"\n", rb"\n"),
     "the lines end with a backslash and an n, not with newlines", 1, 4),
    (b"".join, "the lines were joined without newlines", 1, 4),
    (lambda lines: _whole(lines[:4]), "the newline at the end is missing", 5, 1),
    (lambda lines: _whole([lines[0], *lines[2:]]), "the line of the path is missing", 2, 1),
    (lambda lines: _whole([*lines[:2], lines[3], lines[2], lines[4]]),
     "the lines are in another order: method, path, nonce, timestamp, body", 3, None),
    (lambda lines: hashlib.sha256(_whole(lines)).digest(),
     "the digest was signed, not the message", None, None),
    (lambda lines: hashlib.sha256(_whole(lines)).hexdigest().encode(),
     "the digest was signed, not the message", 1, 1),
    (lambda lines: _whole([lines[0], lines[1].partition(b"?")[0], *lines[2:4], b"{}"]),
     "the query was left out, and {} was signed as the body, but none was sent", 2, 46),
]  # fmt: skip


@pytest.mark.words
@pytest.mark.parametrize(("change", "mistake", "line", "column"), _OF_A_QUERY)
def test_mistakes_of_a_query(
    change: Callable[[Lines], bytes], mistake: str, line: int | None, column: int | None
) -> None:
    """What went wrong with a GET is named, with the line and the column."""
    diagnosis = _send("GET", _GET, b"", change)
    assert diagnosis.mistake == mistake
    assert line in (diagnosis.line, None)
    assert column in (diagnosis.column, None)


_OF_A_BODY: list[tuple[Callable[[bytes], bytes], str]] = [
    (lambda _: b"", "the body was left out"),
    (_dumped(), "the body's JSON was serialized again"),
    (_dumped(indent=4, ensure_ascii=False), "the body's JSON was serialized again"),
    (_dumped(separators=(",", ":")), "the body's JSON was serialized again"),
    (
        _dumped(separators=(",", ":"), sort_keys=True, ensure_ascii=False),
        "the body's JSON was serialized again",
    ),
    (lambda body: body.replace(b"/", rb"\/"), "the body's JSON was serialized again"),
    (lambda body: body.decode().encode("gbk"), "the body was signed in GBK"),
    (lambda body: body + b"\n", "the body was signed with a newline at its end"),
]


@pytest.mark.parametrize(("change", "mistake"), _OF_A_BODY)
def test_mistakes_of_a_body(change: Callable[[bytes], bytes], mistake: str) -> None:
    """What went wrong with a body is named; the difference is in the fifth line or below."""
    diagnosis = _send("POST", NATIVE, _BODY, _with(4, change))
    assert diagnosis.mistake == mistake
    assert diagnosis.line >= 5


def test_where_the_body_differs() -> None:
    """The column counts characters, Chinese ones as well."""
    diagnosis = _send("POST", NATIVE, b'{"a":"\xe5\x8d\x95", "b":1}', _with(4, _dumped(
        ensure_ascii=False, separators=(",", ":"))))  # fmt: skip
    assert (diagnosis.line, diagnosis.column) == (5, 10)


_OF_ANY_BODY: list[tuple[bytes, Callable[[bytes], bytes], str]] = [
    (b" {}\n", bytes.strip, "the body was signed without the white space around it"),
    (
        b"\xef\xbb\xbf{}",
        lambda body: body[3:],
        "the body was signed without its byte order mark",
    ),
    (b"\xff", lambda body: body + b"\n", "the body was signed with a newline at its end"),
    (b"\xff", lambda _: b"{}", "something else was signed, with the right key"),
    (b"{", lambda _: b"{}", "something else was signed, with the right key"),
    (b"[1]", lambda _: b"[ 1 ]", "something else was signed, with the right key"),
    (b'{"a":1}', lambda _: b"a=1", "the body was signed as a form"),
    (b"[1,2]", lambda _: b"[1, 2]", "the body's JSON was serialized again"),
    (b'"' + b"x" * 2_000_000 + b'"', lambda body: body + b" ",
     "something else was signed, with the right key"),
    (b"x" * 2_000_000, lambda _: b"", "the body was left out"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "change", "mistake"), _OF_ANY_BODY)
def test_bodies_of_any_kind(body: bytes, change: Callable[[bytes], bytes], mistake: str) -> None:
    """A body may be anything; an unknown mistake is reported as such."""
    assert _send("POST", NATIVE, body, _with(4, change)).mistake == mistake


def _signer(**how: Any) -> Callable[[bytes], str]:
    given: dict[str, Any] = {"padding": padding.PKCS1v15(), "algorithm": hashes.SHA256(), **how}
    return lambda message: base64.b64encode(
        _MERCHANT.key.sign(message, given["padding"], given["algorithm"])
    ).decode()


def _by_another_key(message: bytes) -> str:
    key = generate_private_key(65537, 2048)
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


_OF_A_SIGNATURE: list[tuple[Callable[[bytes], str], str]] = [
    (_signer(algorithm=hashes.SHA1()), "it was signed with SHA-1, not with SHA-256"),
    (_signer(algorithm=hashes.SHA512()), "it was signed with SHA-512, not with SHA-256"),
    (_signer(algorithm=hashes.SHA224()), "what was signed is not a SHA-256 digest in PKCS #1"),
    (
        _signer(padding=padding.PSS(padding.MGF1(hashes.SHA256()), 32)),
        "it was padded as PSS, not as PKCS #1 v1.5",
    ),
    (_by_another_key, "it was made with another private key than this certificate's"),
    (lambda _: "é", "the signature is not base64"),
    (lambda _: "QUJD", "the signature has 3 bytes; one by this key has 256"),
]


@pytest.mark.words
@pytest.mark.parametrize(("sign", "words"), _OF_A_SIGNATURE)
def test_mistakes_of_the_signature(sign: Callable[[bytes], str], words: str) -> None:
    """A wrong key, digest or padding is told from a wrong message."""
    diagnosis = _send("POST", NATIVE, _BODY, _whole, sign)
    assert diagnosis.mistake.startswith(words)
    assert (diagnosis.signed, diagnosis.line, diagnosis.column) == (None, 0, 0)


def test_no_diagnosis_without_a_wrong_signature() -> None:
    """A right signature needs none, nor does what comes before it."""
    _MERCHANT.call(_SANDBOX.gateway, "POST", NATIVE, ORDER)
    assert _SANDBOX.exchanges[-1].diagnosis is None
    _MERCHANT.call(_SANDBOX.gateway, "POST", NATIVE, ORDER, serial_no="AB")
    assert _SANDBOX.exchanges[-1].diagnosis is None


def test_whole_upload_was_signed() -> None:
    """Of an upload, only the `meta` is to be signed."""
    meta = b'{"filename":"a.png","sha256":"0"}'
    body = b"".join(
        b"--x\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + part + b"\r\n"
        for head, part in (
            (b'name="meta"\r\nContent-Type: application/json', meta),
            (b'name="file"; filename="a.png"\r\nContent-Type: image/png', b"\x89PNG"),
        )
    )
    body += b"--x--\r\n"
    target = "/v3/merchant/media/upload"
    headers = _MERCHANT.headers("POST", target, body)
    headers.append((b"Content-Type", b"multipart/form-data; boundary=x"))
    assert _SANDBOX.gateway.handle("POST", target.encode(), headers, body).status == 401
    diagnosis = _SANDBOX.exchanges[-1].diagnosis
    assert diagnosis is not None
    assert diagnosis.mistake == "the whole upload was signed, not its meta"
    assert (diagnosis.line, diagnosis.column) == (5, 1)


@given(st.text("ab\n单"), st.text("ab\n单"), st.text("ab\n单"))
def test_difference_is_the_first(same: str, one: str, other: str) -> None:
    """Before the line and column all is the same; there, something is not."""
    line, column = difference((same + one).encode(), (same + other).encode())
    lines = (same + other).split("\n")
    before = "\n".join([*lines[: line - 1], lines[line - 1][: column - 1]])
    first, second = same + one, same + other
    assert first[: len(before)] == second[: len(before)] == before
    assert first == second or first[len(before) :][:1] != second[len(before) :][:1]


def test_repr_shows_no_message() -> None:
    """What a record shows of itself has no body in it."""
    diagnosis = _send("POST", NATIVE, _BODY, _with(4, _dumped()))
    assert "appid" not in repr(diagnosis)
    assert "appid" not in repr(_SANDBOX.exchanges[-1])
