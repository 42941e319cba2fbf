"""Where an answer's body goes instead of into memory: a file that is whole or not there."""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO, Any, Union

from .._files import WholeFile, check_file, flush, write_all
from .._gzip import MAGIC, Gunzip
from ..errors import TransportError, VerificationError

Target = Union[str, "os.PathLike[str]", IO[bytes]]
"""A path, or a binary file object."""
Progress = Callable[[int, Union[int, None]], object]
"""Called with the bytes received so far, and how many there will be where that is known."""


def _can_rewind(file: Any) -> bool:
    seekable = getattr(file, "seekable", None)
    return bool(seekable()) if callable(seekable) else hasattr(file, "seek")


class Sink:
    """Takes a body in pieces, each try anew, and puts it in place at the end.

    To a path it writes under a temporary name in the same directory: nothing half done is ever
    found under the path itself. A file object is written to as the pieces come.

    Attributes:
        failure: What writing raised, if it failed: then it was not the network that failed.
    """

    def __init__(
        self, target: Target, *, unpack: bool = False, progress: Progress | None = None
    ) -> None:
        """Touch nothing yet.

        Args:
            target: A path, or a binary file object.
            unpack: Whether a body that is gzip is written uncompressed.
            progress: Told how far it is.

        Raises:
            TypeError: `target` is neither.
        """
        self.failure: BaseException | None = None
        self._path: Path | None = None
        self._whole: WholeFile | None = None
        self._file: Any = None
        if isinstance(target, (str, os.PathLike)):
            self._path = Path(target)
        else:
            check_file(target)
            self._file = target
        self._start = self._file.tell() if self._path is None and _can_rewind(target) else 0
        self._unpack = unpack
        self._progress = progress
        self._opened = False
        self._received = 0
        self._total: int | None = None
        self._hash = hashlib.sha1(usedforsecurity=False)
        self._unpacked = Unpacked(unpack=unpack)

    @property
    def sha1(self) -> str:
        """The SHA-1 of what was written, in lower-case hexadecimal."""
        return self._hash.hexdigest()

    def open(self) -> None:
        """Start from nothing, whatever an earlier try left; this comes before a request is sent.

        Raises:
            OSError: The file cannot be made, or a file object cannot go back to where it stood.
        """
        again, self._opened = self._opened, True
        self._received, self._total = 0, None
        self._hash = hashlib.sha1(usedforsecurity=False)
        self._unpacked = Unpacked(unpack=self._unpack)
        if self._path is not None:
            self.discard()
            self._whole = WholeFile(self._path)
            self._file = self._whole.file
        elif again:
            self._file.seek(self._start)
            self._file.truncate()

    def expect(self, length: str | None) -> None:
        """Take note of an answer's `Content-Length`."""
        self._total = int(length) if length and length.isdigit() else None

    def write(self, chunk: bytes) -> None:
        """Take the next piece.

        Raises:
            OSError: The file cannot be written.
        """
        self._received += len(chunk)
        for data in self._unpacked.feed(chunk):
            self._hash.update(data)
            with self._noted():
                write_all(self._file, data)
        with self._noted():
            if self._progress is not None:
                self._progress(self._received, self._total)

    def finish(self, sha1: str | None = None) -> None:
        """Put the file in its place: all of it is there, and it is what it should be.

        Args:
            sha1: What the SHA-1 of the uncompressed file has to be, if that is known.

        Raises:
            TransportError: What was packed ends too early.
            VerificationError: The file is not the one that was promised.
            OSError: The file cannot be put in its place.
        """
        rest = self._unpacked.end()
        self._hash.update(rest)
        if sha1 is not None and self.sha1 != sha1.lower():
            raise VerificationError(
                "the file's SHA-1 is not the one that was promised", outcome_unknown=False
            )
        write_all(self._file, rest)
        if self._whole is not None:
            self._whole.keep()
        else:
            flush(self._file)

    def discard(self) -> None:
        """Leave nothing beside the path; what was put in place, or a file object holds, stays."""
        if self._whole is not None:
            self._whole.discard()
            self._whole = None

    @contextlib.contextmanager
    def _noted(self) -> Generator[None, None, None]:
        """Remember what failed here, so that it is not taken for the network's fault."""
        try:
            yield
        except BaseException as error:
            self.failure = error
            raise


class Unpacked:
    """A body, uncompressed where it is gzip and that is wanted."""

    def __init__(self, *, unpack: bool) -> None:
        self._head: bytes | None = b"" if unpack else None
        self._gzip: Gunzip | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what another piece amounts to; the first may have to wait for the second.

        Raises:
            TransportError: It is damaged.
        """
        if self._head is not None:
            chunk, self._head = self._head + chunk, None
            if len(chunk) < len(MAGIC):
                self._head = chunk
                return
            if chunk.startswith(MAGIC):
                self._gzip = Gunzip()
        if self._gzip is None:
            yield chunk
            return
        try:
            yield from self._gzip.feed(chunk)
        except zlib.error:
            raise TransportError("the file is gzip and damaged", outcome_unknown=False) from None

    @property
    def rest(self) -> bytes:
        """What waits for more, at the very beginning."""
        return self._head or b""

    def end(self) -> bytes:
        """Return what is left.

        Raises:
            TransportError: More was to come.
        """
        if self._gzip is not None and not self._gzip.is_whole:
            raise TransportError(
                "the file is gzip and ends too early: it is not whole", outcome_unknown=False
            )
        return self._head or b""
