"""Answers made ready to be sent: dated, numbered, and signed, or spoiled on demand."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate

from .._base import Keys, sign
from .._endpoint import Answer, EndpointReply, dump
from .faults import NO_FAULT, InjectedFault

PROBE = "WECHATPAY/SIGNTEST/"
"""How a signature begins that is wrong on purpose."""
_BAD_GATEWAY = b"<html>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An answer, and what is known of it only where it was made.

    Attributes:
        answer: The answer.
        message: What its signature covers; empty if it is not signed.
        signer: The id of the key that signed; empty if none did.
    """

    answer: Answer
    message: bytes = field(default=b"", repr=False)
    signer: str = ""


class Sealer:
    """Signs with WeChat Pay's keys.

    Args:
        keys: Who holds which key.
        clock: Seconds since 1970, as merchants' clocks tell them.
    """

    def __init__(self, keys: Keys, clock: Callable[[], float]) -> None:
        self._keys = keys
        self._clock = clock

    def seal(
        self,
        reply: EndpointReply,
        signer: str,
        *,
        internal: int = 0,
        injected: InjectedFault = NO_FAULT,
    ) -> Sealed:
        """Make an answer of what an endpoint says.

        Args:
            reply: What it says.
            signer: The id of the key that signs.
            internal: WeChat Pay's own number for the error, if it is one.
            injected: The fault to inject into the answer.
        """
        now = self._clock()
        if injected.rule is not None and injected.kind == "skewed-clock":
            now += injected.rule.seconds or 0.0
        headers = {
            "Date": formatdate(now, usegmt=True),
            "Request-ID": request_id(internal),
        }
        message, covered = b"", reply.body
        if reply.digest_header:
            digest = hashlib.sha1(reply.body).hexdigest()  # noqa: S324
            headers[reply.digest_header] = digest
            covered = dump({"sha1": digest})
        if reply.signed:
            stamp, message = self.stamp(covered, now, signer, injected)
            headers |= stamp
        if reply.location:
            headers["Location"] = reply.location
        if reply.content_type:
            headers["Content-Type"] = reply.content_type
            headers["Content-Length"] = str(len(reply.body))
        if injected.rule is not None and injected.kind == "missing-header":
            left_out = (injected.rule.header or "").lower()
            headers = {name: text for name, text in headers.items() if name.lower() != left_out}
        lines, fate = tuple(headers.items()), injected.effect.fate
        answer = Answer(reply.status, lines, reply.body, fate, injected.delay)
        return Sealed(answer, message, signer if reply.signed else "")

    def stamp(
        self, body: bytes, now: float, signer: str, injected: InjectedFault = NO_FAULT
    ) -> tuple[dict[str, str], bytes]:
        """Sign a body; return the headers that say so, and the message that the signature covers.

        Args:
            body: The bytes to sign.
            now: Seconds since 1970.
            signer: The id of the key that signs.
            injected: The fault to inject into the signature.
        """
        timestamp, nonce = str(int(now)), secrets.token_hex(16).upper()
        message = Answer.signed(timestamp, nonce, body)
        covered = b"something else" if injected.kind == "wrong-signature" else message
        signature = sign(self._keys.platform[signer], covered)
        named = secrets.token_hex(20).upper() if injected.kind == "unknown-key" else signer
        stamp = {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": named,
            "Wechatpay-Signature": PROBE + signature if injected.kind == "probe" else signature,
            "Wechatpay-Signature-Type": self._keys.scheme,
        }
        return stamp, message


def bad_gateway(injected: InjectedFault) -> Sealed:
    """Make the page of some proxy between the merchant and WeChat Pay, which nobody signs."""
    headers = {"Content-Type": "text/html", "Content-Length": str(len(_BAD_GATEWAY))}
    return Sealed(Answer(502, tuple(headers.items()), _BAD_GATEWAY, delay=injected.delay))


def no_answer(injected: InjectedFault) -> Sealed:
    """Make the answer that there is none: the request never came through."""
    return Sealed(Answer(0, (), b"", injected.effect.fate, injected.delay))


def request_id(code: int = 0) -> str:
    """Make a `Request-ID`; its ending is a number of WeChat Pay's own, 0 if all is well."""
    return f"{secrets.token_hex(20).upper()}-{code}"
