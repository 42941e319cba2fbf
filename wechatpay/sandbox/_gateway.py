"""WeChat Pay's front door, without I/O: a request's bytes in, a signed reply's bytes out."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from . import _wording
from ._authorization import SCHEME
from ._families import ROUTES
from ._judge import Judge, Verdict
from ._keys import Keys, Mode, sign
from ._messages import Answer, Headers, Request
from ._refusal import Refusal
from ._routes import Router
from ._state import World

_INTERNAL_CODES = {"SIGN_ERROR": 268443699}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply, as the sandbox saw them.

    Attributes:
        at: When, in seconds since 1970.
        method: The verb.
        target: Path and query, as sent.
        message: What the merchant's signature had to cover; empty if it was never looked at.
        verified: Whether it did.
        verdict: The same in words, or why it was not looked at.
        status: The reply's HTTP status.
        code: The reply's error code; empty if all is well.
        signer: The id of the key that signed the reply.
        reply_message: What the reply's signature covers.
        request_id: The reply's `Request-ID`.
    """

    at: float
    method: str
    target: str
    message: bytes = field(repr=False)
    verified: bool
    verdict: str
    status: int
    code: str
    signer: str
    reply_message: bytes = field(repr=False)
    request_id: str


class Gateway:
    """Answers requests as WeChat Pay does; any number of threads may ask at once.

    Args:
        keys: Who holds which key; throw-away ones by default.
        mode: The key that signs replies to a merchant whose request names none.
        clock: Seconds since 1970.
        history: How many exchanges are kept.

    Attributes:
        world: What it remembers.
    """

    def __init__(
        self,
        keys: Keys | None = None,
        *,
        mode: Mode = "public-key",
        clock: Callable[[], float] = time.time,
        history: int = 1000,
    ) -> None:
        keys = keys or Keys.throwaway("1900000109")
        self.world = World(keys, clock)
        self._signer = keys.signer(mode)
        self._judge = Judge(keys, clock)
        self._router = Router(ROUTES)
        self._lock = threading.Lock()
        self._exchanges: deque[Exchange] = deque(maxlen=history)

    @property
    def exchanges(self) -> list[Exchange]:
        """The latest exchanges, oldest first."""
        with self._lock:
            return list(self._exchanges)

    def handle(self, method: str, target: bytes, headers: Headers, body: bytes = b"") -> Answer:
        """Answer one request.

        Args:
            method: The verb.
            target: Path and query, exactly as sent.
            headers: The header lines, names and values, exactly as sent.
            body: The body, exactly as sent.

        Returns:
            The reply, signed; what is wrong with the request is a reply as well.
        """
        request = Request(method, target, tuple(headers), body)
        named = request.header("wechatpay-serial")
        known = self._known(named)
        signer = known or self._signer
        verdict: Verdict | None = None
        payload: Mapping[str, Any] | None
        try:
            route, values = self._router.find(request)
            if not (request.header("user-agent") and request.header("accept")):
                raise _wording.anonymous_client()
            verdict = self._judge.judge(request)
            if verdict.refusal:
                raise verdict.refusal
            if named and not known:
                raise _wording.unknown_platform_key(named)
            payload = route.handler(route.understand(request, values, self.world))
            status, code = (204, "") if payload is None else (200, "")
        except Refusal as refusal:
            status, code, payload = refusal.status, refusal.code, refusal.payload
        answer, reply_message = self._seal(status, code, payload, signer)
        exchange = Exchange(
            at=self.world.clock(),
            method=method,
            target=target.decode("utf-8", "replace"),
            message=verdict.message if verdict else b"",
            verified=verdict is not None and verdict.refusal is None,
            verdict=_in_words(verdict),
            status=status,
            code=code,
            signer=signer,
            reply_message=reply_message,
            request_id=answer.header("request-id"),
        )
        with self._lock:
            self._exchanges.append(exchange)
        return answer

    def _known(self, name: str) -> str | None:
        """Return the id of the platform key of this name, however its hexadecimals are written."""
        return next((key for key in self.world.keys.platform if key.upper() == name.upper()), None)

    def _seal(
        self, status: int, code: str, payload: Mapping[str, Any] | None, signer: str
    ) -> tuple[Answer, bytes]:
        body = b"" if payload is None else _dump(payload)
        timestamp, nonce = str(int(self.world.clock())), secrets.token_hex(16).upper()
        message = Answer.signed(timestamp, nonce, body)
        headers = {
            "Date": formatdate(self.world.clock(), usegmt=True),
            "Request-ID": f"{secrets.token_hex(20).upper()}-{_INTERNAL_CODES.get(code, 0)}",
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": signer,
            "Wechatpay-Signature": sign(self.world.keys.platform[signer], message),
            "Wechatpay-Signature-Type": SCHEME,
        }
        if payload is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
            headers["Content-Length"] = str(len(body))
        return Answer(status, tuple(headers.items()), body), message


def _dump(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _in_words(verdict: Verdict | None) -> str:
    if verdict is None:
        return "not looked at"
    return verdict.refusal.detail["issue"] if verdict.refusal else "signature right"
