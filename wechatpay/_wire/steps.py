"""What an exchange asks of a wire, and how the wire says that it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import httpx

    from .sink import Sink


class Send(NamedTuple):
    """Send this request and give back the reply, its body read, or if it is 2xx in the sink."""

    request: httpx.Request
    mutual_tls: bool
    sink: Sink | None


class Pause(NamedTuple):
    """Wait, then go on."""

    seconds: float


class Failure(Exception):
    """Thrown in by a driver: no whole reply came. Its `__cause__` is the network library's error.

    Attributes:
        sent: Whether any of the request may have reached the other side.
    """

    def __init__(self, *, sent: bool) -> None:
        super().__init__()
        self.sent = sent
