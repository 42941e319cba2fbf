"""What the sandbox remembers of each exchange: what was signed, and how it was judged."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .._base import Text
from .diagnosis import Diagnosis


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply, as the sandbox saw them.

    Attributes:
        at: When, in seconds since 1970.
        method: The verb.
        target: Path and query, as sent.
        headers: The request's header lines.
        body: The request's body.
        message: What the merchant's signature had to cover; empty if it was never looked at.
        verified: Whether it did.
        verdict: The same in words, or why it was not looked at.
        diagnosis: What was signed instead, if the signature is wrong and it could be found out.
        certificate: The serial number of the certificate shown for mutual TLS; empty without.
        status: The reply's HTTP status; 0 if none was sent.
        code: The reply's error code; empty if all is well.
        signer: The id of the key that signed the reply; empty if none did.
        reply_headers: The reply's header lines.
        reply_body: The reply's body.
        reply_message: What the reply's signature covers.
        request_id: The reply's `Request-ID`.
        fault: The fault that was injected, as text; empty if none was.
        number: Which one, counted from 1.
        warnings: What was accepted here, but may not be by WeChat Pay.
    """

    at: float
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    message: bytes = field(repr=False)
    verified: bool
    verdict: str
    diagnosis: Diagnosis | None = field(repr=False)
    certificate: str
    status: int
    code: str
    signer: str
    reply_headers: tuple[tuple[str, str], ...] = field(repr=False)
    reply_body: bytes = field(repr=False)
    reply_message: bytes = field(repr=False)
    request_id: str
    fault: str = ""
    number: int = 0
    warnings: tuple[Text, ...] = ()

    @property
    def size(self) -> int:
        """How many bytes its bodies have."""
        return len(self.body) + len(self.message) + len(self.reply_body)


_MOST_BYTES = 64 << 20
"""Bytes of the bodies that are kept; a thousand of the longest would fill a machine's memory."""


class History:
    """The latest exchanges, the last in any case; any number of threads may add to it at once.

    Args:
        most: How many are kept.
    """

    def __init__(self, most: int) -> None:
        self._lock = threading.Lock()
        self._most = most
        self._latest: deque[Exchange] = deque()
        self._bytes = 0
        self._added = 0
        self._watchers: tuple[Callable[[Exchange], object], ...] = ()

    def number(self) -> int:
        """Return the number of the next exchange."""
        with self._lock:
            self._added += 1
            return self._added

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange, and show it to those who watch."""
        with self._lock:
            self._latest.append(exchange)
            self._bytes += exchange.size
            while len(self._latest) > self._most or (
                self._bytes > _MOST_BYTES and len(self._latest) > 1
            ):
                self._bytes -= self._latest.popleft().size
        for watcher in self._watchers:
            watcher(exchange)

    def watch(self, watcher: Callable[[Exchange], object]) -> None:
        """Have each exchange shown to someone, from now on, in the thread that answers it."""
        self._watchers = (*self._watchers, watcher)

    def latest(self) -> list[Exchange]:
        """Return what is kept, oldest first."""
        with self._lock:
            return list(self._latest)
