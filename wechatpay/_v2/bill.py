"""APIv2's bills on their way to a file: what is refused comes as XML, and stays out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import xml
from .._wire import Sink
from .answer import BLANK

if TYPE_CHECKING:
    import httpx

    from .._wire import Target


class BillSink(Sink):
    """A sink for a bill, which is text or gzip; XML in its place is kept in memory.

    Attributes:
        is_bill: Whether what came is a bill, and went where it was to go.
    """

    def __init__(self, target: Target) -> None:
        """Touch nothing yet."""
        super().__init__(target)
        self.is_bill = False
        self._held = bytearray()

    def open(self) -> None:
        """Start from nothing, as any sink does."""
        super().open()
        self.is_bill = False
        self._held.clear()

    def write(self, chunk: bytes) -> None:
        """Take the next piece; it is held until there is something to tell a bill by.

        Raises:
            OSError: The file cannot be written.
        """
        if self.is_bill:
            super().write(chunk)
            return
        if len(self._held) <= xml.MAX_SIZE:  # whatever is longer is not read anyway
            self._held += chunk
        if bytes(self._held.lstrip(BLANK)[:1]) not in (b"", b"<"):
            self.is_bill = True
            super().write(bytes(self._held))
            self._held.clear()

    def with_body(self, reply: httpx.Response) -> httpx.Response:
        """Return a reply whose body went into this sink, with the body that was held."""
        return type(reply)(
            reply.status_code,
            headers=reply.headers,
            content=bytes(self._held),
            request=reply.request,
        )
