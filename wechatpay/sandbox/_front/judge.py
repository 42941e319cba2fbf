"""Is this request really the merchant's? Worked out from the bytes that were received."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from .._base.keys import Keys, covers
from .._base.refusal import Refusal
from .._endpoint import wording as _wording
from .._endpoint.messages import Request, joined
from . import authorization as _authorization
from .diagnosis import Diagnosis, diagnose

WINDOW = 300
"""Seconds that a request's clock may be off, either way."""


@dataclass(frozen=True, slots=True)
class Verdict:
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

    def judge(self, request: Request, covered: bytes) -> Verdict:
        """Judge one request.

        Args:
            request: The request.
            covered: What of its body the signature has to cover.
        """
        message, diagnosis = b"", None
        try:
            claim = _authorization.parse(request.header("authorization"))
            lines = request.lines(claim.timestamp, claim.nonce_str, covered)
            message = joined(lines)
            now = self._clock()
            if claim.mchid != self._keys.mchid:
                raise _wording.unknown_merchant()
            if claim.serial_no.upper() != self._keys.merchant_serial:
                raise _wording.unknown_certificate()
            skew = int(claim.timestamp) - int(now)
            if abs(skew) > WINDOW:
                raise _wording.clock_skew(skew)
            if not covers(self._merchant, message, claim.signature):
                diagnosis = diagnose(self._merchant, claim.signature, lines, request)
                target = request.target.decode("utf-8", "replace")
                raise _wording.wrong_signature(request.method, target, message)
            if not self._fresh(claim.nonce_str, now):
                raise _wording.replay()
        except Refusal as refusal:
            return Verdict(message, refusal, diagnosis)
        return Verdict(message, None)

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
