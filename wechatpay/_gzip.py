"""gzip, unpacked piece by piece: bills, downloaded files, and answers that come compressed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

MAGIC = b"\x1f\x8b"
"""What a gzip file begins with."""
_STEP = 256 * 1024
"""Bytes that are unpacked at once at most: a few packed bytes may become a thousand times more."""
_FORMAT = 31


class Surplus(zlib.error):
    """Something follows the end of a stream that has to end there."""


class Gunzip:
    """Unpacks what comes in pieces.

    Args:
        members: Whether one gzip file may follow another, as in files, or nothing, as in answers.
    """

    def __init__(self, *, members: bool = True) -> None:
        self._members = members
        self._inflater = zlib.decompressobj(_FORMAT)
        self._begun = False

    @property
    def is_whole(self) -> bool:
        """Whether what came so far ends where a gzip file ends."""
        return self._inflater.eof

    @property
    def has_begun(self) -> bool:
        """Whether anything came at all."""
        return self._begun

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what another piece unpacks to.

        Raises:
            zlib.error: It is damaged.
            Surplus: It follows the end.
        """
        self._begun = self._begun or bool(chunk)
        while chunk:
            if self._inflater.eof:
                if not self._members:
                    raise Surplus
                self._inflater = zlib.decompressobj(_FORMAT)
            yield self._inflater.decompress(chunk, _STEP)
            chunk = self._inflater.unconsumed_tail or self._inflater.unused_data
