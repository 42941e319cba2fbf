"""One try to send one request: how far it came, told by what happened and not by how it ended."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from .body import MOST_PLAIN, Body, too_long

if TYPE_CHECKING:
    from .framing import Framing
    from .sink import Sink
    from .steps import Stage

SLOWEST = 16 << 10
"""Bytes a second that an answer's body has to come with, once its time is over.

So a long file gets the time that it needs, and a server that sends a byte now and then does not.
"""
MOST_RECEIVED = MOST_PLAIN + (128 << 10)
"""Bytes of an answer, its head with it, that is held in memory."""
_LEAST = 0.001
_PATIENCE = 2
"""How many times as long as its steps together a whole try may take."""


class Counter(Protocol):
    """What counts the bytes of the connection that an attempt has.

    Attributes:
        attempt: Who uses the connection now, if that is known.
        framing: What has come since the last request.
    """

    attempt: Attempt | None
    framing: Framing

    @property
    def is_stale(self) -> bool:
        """Whether something came since the last answer: a surplus, or the connection's end."""
        ...

    def is_exact(self, framing: Framing) -> bool:
        """Tell whether all that came for a request is one whole answer, and no more lies ready."""
        ...

    def close(self) -> None:
        """Close the stream itself."""
        ...

    async def close_async(self) -> None:
        """As `close`, without blocking."""
        ...


class Attempt:
    """What is known of one try.

    A transport reports to it, and `failures` judges a failed try by it. `stage` and `sent` change
    before a step begins: if the process is interrupted in between, it is in doubt whether something
    was sent, and the answer to that is yes. `sent` goes back to false only where it is certain that
    not a byte of the request was written: its head was refused, or the connection was found dead
    before it was used.

    Attributes:
        stage: The step that was begun last.
        sent: Whether a write of the request itself may have begun: not of `CONNECT`, not of TLS.
        is_told: Whether the transport reports at all. A mock does not, and then nothing follows
            from `sent` being false.
        has_ended: Whether the other side closed the connection before its answer was whole.
        budget: Seconds that all of it may take, whatever its steps may; `None` if a step has no
            limit.
        deadline: When that is over, on the monotonic clock, while nothing has been received.
        limits: Seconds for each step, as httpx names them: connect, read, write, pool.
        sink: Where the answer's body goes, if not into memory.
        proxy: Host and port of the proxy that leads there, if the pool says so.
        meter: What counts the bytes of the connection, if there is one.
    """

    __slots__ = (
        "_body",
        "_received",
        "budget",
        "deadline",
        "has_ended",
        "is_told",
        "limits",
        "meter",
        "proxy",
        "sent",
        "sink",
        "stage",
    )

    def __init__(self, limits: Mapping[str, float | None], sink: Sink | None = None) -> None:
        self.stage: Stage = "pool"
        self.sent: bool = False
        self.is_told: bool = False
        self.has_ended: bool = False
        self.limits: Mapping[str, float | None] = limits
        self.sink: Sink | None = sink
        self.proxy: str = ""
        self._body: Body | None = None
        self.meter: Counter | None = None
        self._received = 0
        connect, write, read = limits.get("connect"), limits.get("write"), limits.get("read")
        # The limits of the steps begin anew with every byte: a server that sends one now and then
        # would hold a caller for ever.
        self.budget: float | None = None
        self.deadline: float = 0.0
        if connect is not None and write is not None and read is not None:
            self.budget = _PATIENCE * (connect + write + read)
            self.deadline = time.monotonic() + self.budget

    @property
    def body(self) -> Body:
        """What takes the answer, where it is not taken as it is."""
        if self._body is None:
            self._body = Body(self.sink)
        return self._body

    def failed_in_sink(self, error: BaseException) -> bool:
        """Tell whether it was the sink that failed, and not the network."""
        return self.sink is not None and self.sink.failure is error

    def reach(self, stage: Stage) -> None:
        """Report that a step begins."""
        self.is_told = True
        self.stage = stage

    def send(self) -> None:
        """Report that from now on some of the request may have left this machine."""
        self.is_told = self.sent = True
        self.stage = "write"

    def seconds(self, limit: float | None) -> float | None:
        """Return how long a step with this limit may take now; never zero."""
        if self.budget is None:
            return limit
        left = self.deadline + self._received / SLOWEST - time.monotonic()
        if limit is not None and limit < left:
            return limit
        return left if left > _LEAST else _LEAST

    def receive(self, number: int) -> None:
        """Report that so many bytes of the answer came over the wire; zero means that it ended.

        Raises:
            Refused: It is too much.
        """
        if not number:
            self.has_ended = True
        self._received += number
        if self._received > MOST_RECEIVED and self.sink is None:
            raise too_long()

    def feed(self, chunk: bytes) -> None:
        """Take a piece of the answer's body.

        Raises:
            httpx.ReadTimeout: The answer takes too long as a whole.
            Refused: It is too much, or damaged.
            OSError: The sink cannot be written.
        """
        if self.meter is None:
            self._received += len(chunk)
        if self.budget is not None:
            late = time.monotonic() - self.deadline
            if late > self._received / SLOWEST:
                raise httpx.ReadTimeout("the answer comes too slowly")
        self.body.feed(chunk)

    def answer(self, request: httpx.Request, extensions: Mapping[str, Any]) -> httpx.Response:
        """Return the answer, which is whole.

        Raises:
            Refused: It is compressed and ends too early.
        """
        content = self.body.end()
        return httpx.Response(
            self.body.status,
            headers=self.body.end_headers,
            content=content,
            request=request,
            extensions=dict(extensions),
        )

    def leave(self) -> None:
        """Let go of the connection, which may be lent to another attempt from now on."""
        if self.meter is not None:
            self.meter.attempt = None
