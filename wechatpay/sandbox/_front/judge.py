"""Is this request really the merchant's? Worked out from the bytes that were received."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from .._base import Keys, Refusal, covers
from .._endpoint import Request, joined
from . import authorization, words
from .diagnosis import Diagnosis, diagnose

WINDOW = 300
"""Seconds that a request's clock may be off, either way."""
_SHOWN_OF_THE_BODY = 8  # characters; what live replies are seen to show


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge found.

    Attributes:
        message: What the signature has to cover; empty if the request did not come so far.
        refusal: Why the request is not let in; `None` if it is.
        diagnosis: What was signed instead, if the signature is wrong.
    """

    message: bytes
    refusal: Refusal | None
    diagnosis: Diagnosis | None = None


class Judge:
    """Checks `Authorization`: its form, merchant, certificate, clock, signature and freshness."""

    def __init__(self, keys: Keys, clock: Callable[[], float]) -> None:
        self._keys = keys
        self._merchant = keys.merchant.public_key()
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._forget: deque[tuple[float, str]] = deque()

    def judge(self, request: Request, covered: bytes) -> Judgement:
        """Judge one request.

        Args:
            request: The request.
            covered: What of its body the signature has to cover.
        """
        message, diagnosis = b"", None
        try:
            claim = authorization.parse(request.header("authorization"), self._keys.scheme)
            lines = request.lines(claim.timestamp, claim.nonce_str, covered)
            message = joined(lines)
            now = self._clock()
            if claim.mchid != self._keys.mchid:
                raise words.UNKNOWN_MERCHANT()
            if claim.serial_no.upper() != self._keys.merchant_serial:
                raise words.UNKNOWN_CERTIFICATE()
            skew = int(claim.timestamp) - int(now)
            if abs(skew) > WINDOW:
                raise words.CLOCK_SKEW(seconds=skew)
            if not covers(self._merchant, message, claim.signature):
                diagnosis = diagnose(self._merchant, claim.signature, lines, request)
                target = request.target.decode("utf-8", "replace")
                raise _not_covered(request.method, target, message)
            if not self._fresh(claim.nonce_str, now):
                raise words.REPLAY()
        except Refusal as refusal:
            return Judgement(message, refusal, diagnosis)
        return Judgement(message, None)

    def _fresh(self, nonce: str, now: float) -> bool:
        """Tell whether a random string is new, and remember it for as long as it could return."""
        with self._lock:
            while self._forget and self._forget[0][0] < now:
                self._seen.discard(self._forget.popleft()[1])
            if nonce in self._seen:
                return False
            self._seen.add(nonce)
            self._forget.append((now + 2 * WINDOW, nonce))
            return True


def _not_covered(method: str, target: str, message: bytes) -> Refusal:
    """Say that the signature does not cover what was received, and what that was."""
    *head, body = message.decode("utf-8", "replace").split("\n", 4)
    shown = "\n".join([*head, body[:-1][:_SHOWN_OF_THE_BODY], ""])
    refusal = words.WRONG_SIGNATURE()
    refusal.detail["sign_information"] = {
        "method": method,
        "url": target,
        "truncated_sign_message": shown,
        "sign_message_length": len(message),
    }
    return refusal
