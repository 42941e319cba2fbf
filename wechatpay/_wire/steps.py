"""What an exchange asks of a wire, and how the wire says that it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import httpx

    from .sink import Sink


Stage = Literal["pool", "connect", "proxy", "tls", "write", "read"]
"""What a try does, in this order; through a proxy, TLS comes after it."""
Reason = Literal["resolve", "connect", "tls", "proxy", "timeout", "closed", "protocol"]
"""What a try fails by; where a step took too long it is `timeout`, whichever step it was."""


class Send(NamedTuple):
    """Send this request and give back the reply, its body read, or if it is 2xx in the sink."""

    request: httpx.Request
    mutual_tls: bool
    sink: Sink | None


class Pause(NamedTuple):
    """Wait, then go on."""

    seconds: float


class Wait(NamedTuple):
    """Wait for another caller, then go on; it fails at once if that would never end.

    Attributes:
        seconds: How long.
        thread: The thread in which the other caller goes on. If it is this one, a blocking wait
            would never end.
    """

    seconds: float
    thread: int | None


class Failure(Exception):
    """Thrown in by a driver: no whole reply came. Its `__cause__` is the network library's error.

    Attributes:
        sent: Whether any of the request may have reached the other side.
        stage: The step that was begun last.
        reason: What failed.
        is_final: Whether another try would fail in the same way.
        why: What there is to say beyond that, as half a sentence.
    """

    def __init__(
        self,
        *,
        sent: bool,
        stage: Stage = "pool",
        reason: Reason = "connect",
        is_final: bool = False,
        why: str = "",
    ) -> None:
        super().__init__()
        self.sent = sent
        self.stage: Stage = stage
        self.reason: Reason = reason
        self.is_final = is_final
        self.why = why
