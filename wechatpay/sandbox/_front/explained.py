"""A request that was signed elsewhere, looked at as the sandbox looks at its own."""

from __future__ import annotations

from .._base import PublicKey, Refusal, Text, covers, scheme_of
from .._endpoint import Request, joined
from . import authorization
from .diagnosis import Diagnosis, diagnose
from .words import MISTAKES

__all__ = ["explain_signature"]


def explain_signature(key: PublicKey, method: str, url: str, header: str, body: bytes) -> Diagnosis:
    """Find out what a request's signature covers, with the key that should have made it.

    Nothing is guessed: a mistake is named only if the signature proves it.

    Args:
        key: The merchant's public key.
        method: The verb, in upper case.
        url: The URL, or its path and query, as it was sent.
        header: The value of `Authorization`.
        body: The body's bytes.

    Returns:
        What was found; its `text` says so where the signature is right, too.
    """
    scheme, _, rest = url.partition("://")
    target = f"/{rest.partition('/')[2]}" if rest else scheme
    host = rest.partition("/")[0]
    lines_of = Request(method, target.encode(), ((b"host", host.encode()),), body)
    try:
        claim = authorization.parse(header, scheme_of(key))
    except Refusal as refusal:
        zh, en = refusal.message, str(refusal.detail.get("issue", refusal.code))
        return Diagnosis(Text(zh, en))
    lines = lines_of.lines(claim.timestamp, claim.nonce_str, body)
    if covers(key, joined(lines), claim.signature):
        return Diagnosis(MISTAKES["none"])
    return diagnose(key, claim.signature, lines, lines_of)
