"""WeChat Pay's signature over an answer or a notification: the one place that judges it.

The key that a message names decides the algorithm, whatever `Wechatpay-Signature-Type` says: an RSA
merchant holds RSA keys alone, so that nothing signed with SM2 verifies, and the other way round.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from .._call import cleaned, skew_in_words
from .._wire import raw_headers_of
from ..errors import ClockSkew, SignatureProbe, UnknownPlatformKey, VerificationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from .keyring import Keyring, PlatformKey

WINDOW = 300
"""Seconds that a signature's time may differ from the local clock."""
PROBE = "WECHATPAY/SIGNTEST/"
_PARTS = ("Timestamp", "Nonce", "Serial", "Signature")
_OFFICIAL = [
    (name.lower().encode(), name)
    for name in ("Request-ID", *(f"Wechatpay-{one}" for one in _PARTS))
]
_TIMESTAMP = re.compile(r"[0-9]{1,14}")
_ID = r"[0-9A-Za-z_]{1,80}"


def quick_to_read(reply: httpx.Response) -> Mapping[str, str]:
    """Return the headers that a signature is in, and `Request-ID`, as a plain mapping.

    httpx goes through all headers for each name. Where each header came once, going through them
    once is enough; where one came twice, httpx decides what that means.
    """
    raw = raw_headers_of(reply)
    names, values = zip(*raw, strict=True) if raw else ((), ())
    found = dict(zip(b"\n".join(names).lower().split(b"\n"), values, strict=False))
    if len(found) < len(raw):
        return reply.headers
    try:
        return {one: found[name].decode("ascii") for name, one in _OFFICIAL if name in found}
    except UnicodeDecodeError:
        return reply.headers


def verify(
    headers: Mapping[str, str], body: bytes, ring: Keyring, window: float = WINDOW
) -> PlatformKey:
    """Check a signature and return the key that made it.

    The cheap checks come first, so that a forged message costs little and fetches nothing. What is
    raised says `outcome_unknown=False`, for a message does not know what it answers: of the answer
    to a POST, `V3.answer` sets it.

    Args:
        headers: With case-insensitive names; `Wechatpay-Timestamp`, `-Nonce`, `-Serial` and
            `-Signature` are read.
        body: The raw bytes, before any parser saw them.
        ring: The keys that are held.
        window: Seconds that the signature's time may differ from the local clock. Another than
            WeChat Pay's is for messages that were saved: no configuration of a client reaches it.

    Raises:
        VerificationError: A header is missing or malformed, or the signature is wrong.
        SignatureProbe: It is WeChat Pay's deliberate wrong one.
        ClockSkew: It was made outside the window.
        UnknownPlatformKey: It names a key that is not in the ring.
    """
    key, start, signature = check_headers(headers, ring, window)
    if not key.suite.verify(b"%b%b\n" % (start, body), signature, key.key):
        raise VerificationError(
            f"the signature is not {key.id}'s over these {len(body)} bytes: they were changed on "
            "the way, or the key held under that id is not the right one",
            serial=key.id,
            outcome_unknown=False,
        )
    return key


def check_headers(
    headers: Mapping[str, str], ring: Keyring, window: float = WINDOW
) -> tuple[PlatformKey, bytes, str]:
    """Check what the headers alone tell, which verifies nothing yet and costs next to nothing.

    Args:
        headers: As for `verify`.
        ring: As for `verify`.
        window: As for `verify`.

    Returns:
        The key that they name, the bytes before the body that the signature covers, the signature.

    Raises:
        VerificationError: As `verify`, but for the signature itself.
    """
    timestamp, nonce = headers.get("Wechatpay-Timestamp"), headers.get("Wechatpay-Nonce")
    serial, signature = headers.get("Wechatpay-Serial"), headers.get("Wechatpay-Signature")
    if serial and not serial.isprintable():
        serial = str(cleaned(serial))  # no key has such an id, but an error shows it
    if not (timestamp and nonce and serial and signature):
        raise VerificationError(_missing(headers), serial=serial, outcome_unknown=False)
    if signature.startswith(PROBE):
        raise SignatureProbe(
            "a deliberate wrong signature (WECHATPAY/SIGNTEST/): refusing it is right",
            serial=serial,
            outcome_unknown=False,
        )
    if not _TIMESTAMP.fullmatch(timestamp):
        raise VerificationError(
            "Wechatpay-Timestamp is not a number of seconds", serial=serial, outcome_unknown=False
        )
    skew = time.time() - int(timestamp)
    if not -window <= skew <= window:
        raise ClockSkew(
            f"the signature's time is off: the local clock is {skew_in_words(skew)} WeChat Pay's, "
            f"and {window} s are allowed. Set the clock right (NTP), or this is a replay",
            skew=skew,
            serial=serial,
            outcome_unknown=False,
        )
    key = ring.find(serial)
    if key is None:
        raise UnknownPlatformKey(_unknown(serial, ring), serial=serial, outcome_unknown=False)
    # A server may have decoded a header to halves of surrogate pairs; they are wrong, not a crash.
    start = b"%b\n%b\n" % (timestamp.encode(), nonce.encode("utf-8", "surrogatepass"))
    return key, start, signature


def _missing(headers: Mapping[str, str]) -> str:
    names = [f"Wechatpay-{name}" for name in _PARTS]
    missing = [name for name in names if not headers.get(name)]
    return (
        f"not signed by WeChat Pay: no header {', '.join(missing)}. A proxy or gateway on the way "
        "may drop such headers, or have answered itself"
    )


def _unknown(serial: str, ring: Keyring) -> str:
    held = ", ".join(one.id for one in ring.keys.values()) or "none"
    named = repr(serial) if re.fullmatch(_ID, serial) else f"an id of {len(serial)} characters"
    return (
        f"signed with {named}, which is not among the keys held ({held}). If it is WeChat Pay's, "
        "add it to certs"
    )
