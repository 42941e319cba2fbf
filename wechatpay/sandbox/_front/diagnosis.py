"""What was signed instead? A signature tells: it holds the digest of the message it was made for.

The usual mistakes are made over again until one has that digest. Nothing is guessed: a mistake is
named only if the merchant's own signature proves it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from .._base import PublicKey, SMPublicKey, Text
from .._endpoint import Lines, Request, joined
from .words import MISTAKES

_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017: DER, SHA-256
_OTHER_DIGESTS = {
    bytes.fromhex("3021300906052b0e03021a05000414"): "SHA-1",
    bytes.fromhex("3020300c06082a864886f70d020505000410"): "MD5",
    bytes.fromhex("3041300d060960864801650304020205000430"): "SHA-384",
    bytes.fromhex("3051300d060960864801650304020305000440"): "SHA-512",
}
_LINES = ("method", "path", "timestamp", "nonce", "body")
_SECONDS_OFF = 10
_MOST = 1 << 16  # bytes; a longer body would take too long to hash in so many ways

Candidate = tuple[Text, bytes]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong with a signature.

    Attributes:
        text: In a few words, in both languages.
        signed: What was signed; `None` if that cannot be told.
        line: Where it begins to differ from what arrived, from 1; 0 if that cannot be told.
        column: The same within the line, in characters, from 1.
    """

    text: Text
    signed: bytes | None = field(default=None, repr=False)
    line: int = 0
    column: int = 0

    @property
    def mistake(self) -> str:
        """The same in English, such as `the query was left out`."""
        return self.text.en


def diagnose(key: PublicKey, signature: str, arrived: Lines, request: Request) -> Diagnosis:
    """Find out what a wrong signature covers.

    Args:
        key: The merchant's key.
        signature: The signature, in base64.
        arrived: The lines that had to be signed.
        request: The request.
    """
    message = joined(arrived)
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return Diagnosis(MISTAKES["not base64"])
    if isinstance(key, SMPublicKey):
        return Diagnosis(MISTAKES["SM2"])
    size = (key.key_size + 7) // 8
    if len(raw) != size:
        return Diagnosis(MISTAKES["wrong size"].filled(length=len(raw), size=size))
    try:
        info = key.recover_data_from_signature(raw, padding.PKCS1v15(), None)
    except (InvalidSignature, ValueError):
        return Diagnosis(_by_whom(key, raw, message))
    for prefix, name in _OTHER_DIGESTS.items():
        if info.startswith(prefix):
            return Diagnosis(MISTAKES["another digest"].filled(digest=name))
    if not info.startswith(_PREFIX):
        return Diagnosis(MISTAKES["not SHA-256"])
    wanted = info.removeprefix(_PREFIX)
    for mistake, signed in _candidates(arrived, request):
        if hashlib.sha256(signed).digest() == wanted:
            return Diagnosis(mistake, signed, *difference(signed, message))
    return Diagnosis(MISTAKES["something else"])


def difference(signed: bytes, arrived: bytes) -> tuple[int, int]:
    """Return the line and the column, from 1, at which two messages begin to differ."""
    mine, other = signed.decode("utf-8", "replace"), arrived.decode("utf-8", "replace")
    pairs = itertools.zip_longest(mine, other)
    same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    before = other[:same]
    return before.count("\n") + 1, same - (before.rfind("\n") + 1) + 1


def _by_whom(key: RSAPublicKey, raw: bytes, message: bytes) -> Text:
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
    try:
        key.verify(raw, message, pss, hashes.SHA256())
    except InvalidSignature:
        return MISTAKES["another key"]
    return MISTAKES["PSS"]


def _candidates(lines: Lines, request: Request) -> Iterator[Candidate]:
    """Make the usual mistakes: in one line, in the form of the whole, then in path and body."""
    method, target, timestamp, nonce, body = lines
    paths, bodies = list(_targets(target, request.header("host"))), list(_bodies(body))
    if request.body != body:
        bodies.append((MISTAKES["upload"], request.body))
    for words, path in paths:
        yield words, joined((method, path, timestamp, nonce, body))
    for words, text in bodies:
        yield words, joined((method, target, timestamp, nonce, text))
    if len(body) > _MOST:
        return
    for words, verb in (
        (MISTAKES["small verb"], method.lower()),
        (MISTAKES["capital verb"], method.capitalize()),
        *((MISTAKES["another verb"].filled(verb=verb.decode()), verb) for verb in _VERBS),
    ):
        yield words, joined((verb, target, timestamp, nonce, body))
    for words, stamp in _stamps(timestamp):
        yield words, joined((method, target, stamp, nonce, body))
    for words, text in (
        (MISTAKES["small nonce"], nonce.lower()),
        (MISTAKES["capital nonce"], nonce.upper()),
        (MISTAKES["no nonce"], b""),
    ):
        yield words, joined((method, target, timestamp, text, body))
    yield from _forms(lines)
    for (first, path), (second, text) in itertools.product(paths, bodies):
        both = MISTAKES["both"].filled(first=first, second=second)
        yield both, joined((method, path, timestamp, nonce, text))


_VERBS = (b"GET", b"POST", b"PUT", b"PATCH", b"DELETE")


def _forms(lines: tuple[bytes, ...]) -> Iterator[Candidate]:
    """The right lines, put together wrongly."""
    whole = joined(lines)
    yield MISTAKES["no newline"], whole[:-1]
    yield MISTAKES["two newlines"], whole + b"\n"
    yield MISTAKES["CR LF"], whole.replace(b"\n", b"\r\n")
    yield MISTAKES["backslash n"], whole.replace(b"\n", rb"\n")
    yield MISTAKES["no newlines"], b"".join(lines)
    yield MISTAKES["digest"], hashlib.sha256(whole).digest()
    yield MISTAKES["digest"], hashlib.sha256(whole).hexdigest().encode()
    for index, name in enumerate(_LINES):
        left = (*lines[:index], *lines[index + 1 :])
        yield MISTAKES["no line"].filled(line=name), joined(left)
    for order in itertools.permutations(range(len(lines))):
        names = ", ".join(_LINES[index] for index in order)
        yield MISTAKES["another order"].filled(lines=names), joined(lines[i] for i in order)


def _targets(target: bytes, host: str) -> Iterator[Candidate]:
    """The path and query, written otherwise."""
    path, mark, query = target.decode("latin-1").partition("?")
    rest = mark + query
    for words, text in (
        (MISTAKES["no query"], path),
        (MISTAKES["decoded path"], unquote(path) + rest),
        (MISTAKES["decoded query"], path + mark + unquote(query)),
        (MISTAKES["decoded"], unquote(path + rest)),
        (MISTAKES["path encoded twice"], quote(path, safe="/%") + rest),
        (MISTAKES["path encoding"], quote(unquote(path), safe="/") + rest),
        (MISTAKES["path encoding"], quote(unquote(path), safe="/:@!$&'()*+,;=") + rest),
        (MISTAKES["path encoding"], quote(unquote(path), safe="/").lower() + rest),
        (MISTAKES["sorted query"], path + mark + "&".join(sorted(query.split("&")))),
        (MISTAKES["query encoding"], path + mark + _query(query, plus=True)),
        (MISTAKES["query encoding"], path + mark + _query(query, plus=False)),
        (MISTAKES["question mark"], path + "?"),
        (MISTAKES["no slash before"], target.decode("latin-1").removeprefix("/")),
        (MISTAKES["slash after"], f"{path}/{rest}"),
        (MISTAKES["no slash after"], path.removesuffix("/") + rest),
        (MISTAKES["two slashes"], f"/{path}{rest}"),
        (MISTAKES["no v3"], path.removeprefix("/v3") + rest),
        (MISTAKES["URL"], f"https://{host}{path}{rest}"),
        (MISTAKES["URL"], f"http://{host}{path}{rest}"),
        (MISTAKES["host"], f"{host}{path}{rest}"),
    ):
        for encoding in ("latin-1", "utf-8"):
            try:
                written = text.encode(encoding)
            except UnicodeEncodeError:
                continue
            if written != target:
                yield words, written


def _query(query: str, *, plus: bool) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(pairs) if plus else urlencode(pairs, quote_via=quote)


def _bodies(body: bytes) -> Iterator[Candidate]:
    """The body, left out or written otherwise."""
    if body:
        yield MISTAKES["no body"], b""
    else:
        for wrong in ("{}", "null", "[]", '""', "None", "undefined"):
            yield MISTAKES["made-up body"].filled(body=wrong), wrong.encode()
    if not body or len(body) > _MOST:
        return
    yield MISTAKES["body with newline"], body + b"\n"
    yield MISTAKES["stripped body"], body.strip()
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return
    yield MISTAKES["GBK"], text.encode("gbk", "replace")
    yield MISTAKES["no BOM"], text.removeprefix("\ufeff").encode()
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return
    for ascii_only, ordered, layout in itertools.product((False, True), (False, True), _LAYOUTS):
        written = json.dumps(value, ensure_ascii=ascii_only, sort_keys=ordered, **layout)
        again = written.encode("utf-8", "surrogatepass")
        yield MISTAKES["JSON rewritten"], again
        yield MISTAKES["JSON rewritten"], again.replace(b"/", rb"\/")
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        form = urlencode([(name, str(each)) for name, each in pairs], errors="surrogatepass")
        yield MISTAKES["form"], form.encode()


_LAYOUTS: tuple[dict[str, Any], ...] = (
    {"separators": (",", ":")},
    {"separators": (", ", ": ")},
    {"separators": (",", ": "), "indent": 2},
    {"separators": (",", ": "), "indent": 4},
    {"separators": (",", ": "), "indent": "\t"},
)


def _stamps(timestamp: bytes) -> Iterator[Candidate]:
    now = int(timestamp)
    yield MISTAKES["no timestamp"], b""
    for off in range(-_SECONDS_OFF, _SECONDS_OFF + 1):
        yield MISTAKES["another timestamp"].filled(off=off), str(now + off).encode()
    for thousandth in range(1000):
        yield MISTAKES["milliseconds"], b"%d%03d" % (now, thousandth)
