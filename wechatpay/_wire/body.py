"""An answer's body as it comes in: into memory, within limits, or into a sink."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import httpx

from .._gzip import Gunzip, Surplus

if TYPE_CHECKING:
    from .sink import Sink

MOST_UNPACKED = 16 << 20
"""Bytes that a compressed answer may become in memory."""
MOST_PLAIN = 64 << 20
"""Bytes of an answer that is held in memory; `sink=` has no limit."""
_NONE = httpx.Headers()


class Refused(Exception):
    """An answer's body that is not taken: too much, damaged, or packed in a way not asked for."""


def too_long() -> Refused:
    """Return the error of an answer that does not fit into memory as it should."""
    return Refused(
        f"its body is longer than {MOST_PLAIN >> 20} MiB, or {MOST_UNPACKED >> 20} MiB unpacked; "
        "sink= takes any length"
    )


class Body:
    """Takes the body of one answer in pieces.

    The client asks for answers that are not compressed. One that is gzip all the same is unpacked,
    once and within a limit: a megabyte of it can become two gigabytes, twice over a terabyte.
    """

    __slots__ = ("_gzip", "_parts", "_room", "_sink", "headers", "status")

    def __init__(self, sink: Sink | None) -> None:
        self.status: int = 0
        self.headers: httpx.Headers = _NONE
        self._sink = sink
        self._gzip: Gunzip | None = None
        self._parts: list[bytes] = []
        self._room = MOST_PLAIN

    def begin(self, status: int, headers: httpx.Headers) -> None:
        """Take an answer's head.

        Raises:
            Refused: Its body is packed in a way that was not asked for.
        """
        self.status, self.headers = status, headers
        packed = headers.get("Content-Encoding")
        if packed is not None and packed.strip().lower() not in ("", "identity"):
            if packed.strip().lower() not in ("gzip", "x-gzip"):
                raise Refused("its body is compressed in a way that was not asked for")
            self._gzip = Gunzip(members=False)
            self._room = MOST_UNPACKED
        if self._sink is not None:
            if 200 <= status < 300:
                self._sink.expect(headers.get("Content-Length"))
            else:
                self._sink = None

    def feed(self, chunk: bytes) -> None:
        """Take the next piece, as it came over the wire.

        Raises:
            Refused: It is too much, or damaged.
            OSError: The sink cannot be written.
        """
        if self._gzip is None:
            self._take(chunk)
            return
        try:
            for data in self._gzip.feed(chunk):
                self._take(data)
        except Surplus:
            raise Refused("its body is gzip with something behind it") from None
        except zlib.error:
            raise Refused("its body is damaged gzip") from None

    def end(self) -> bytes:
        """Return the body, or nothing if it went into a sink.

        Raises:
            Refused: It is compressed and ends too early.
        """
        if self._gzip is not None and self._gzip.has_begun and not self._gzip.is_whole:
            raise Refused("its body is gzip and ends too early")
        return b"".join(self._parts)

    @property
    def end_headers(self) -> httpx.Headers:
        """The headers of the answer as it is handed on: what it says of packing is over."""
        if self._gzip is None:
            return self.headers
        drop = (b"content-encoding", b"content-length", b"transfer-encoding")
        return httpx.Headers([(k, v) for k, v in self.headers.raw if k.lower() not in drop])

    def _take(self, data: bytes) -> None:
        if self._sink is not None:
            self._sink.write(data)
            return
        self._room -= len(data)
        if self._room < 0:
            raise too_long()
        self._parts.append(data)
