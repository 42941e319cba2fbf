"""A file that is whole or not there: written under another name, then moved to its path.

Also: what can be a path at all.
"""

from __future__ import annotations

import errno
import inspect
import os
from contextlib import suppress
from io import RawIOBase, TextIOBase
from pathlib import Path
from typing import IO
from urllib.request import url2pathname

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_LONGEST_NAME = 200
"""Bytes of the path's own name in that of the part file: a file system takes 255 in all."""


def path_to(place: str | os.PathLike[str]) -> Path:
    """Return a path that a file system can be asked for.

    Raises:
        OSError: There is a NUL in it, or half of a surrogate pair, for which Python itself raises
            errors of other kinds.
    """
    path = Path(place)
    try:
        is_possible = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        is_possible = False
    if not is_possible:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), repr(os.fspath(path)))
    return path


def local_path(place: str) -> str:
    """Return the path that a `file://` URL means; any other text is returned as it is."""
    if not place.startswith("file://"):
        return place
    path = place.removeprefix("file://")
    return url2pathname(path.removeprefix("localhost") if path.startswith("localhost/") else path)


def check_file(target: object) -> None:
    """Check that something is a binary file object to write to.

    Raises:
        TypeError: It has no `write`, or one that has to be awaited, or it takes text.
    """
    write = getattr(target, "write", None)
    if not callable(write) or inspect.iscoroutinefunction(write) or isinstance(target, TextIOBase):
        raise TypeError(
            f"where a file goes is a path or a binary file object, not {type(target).__name__}"
        )


def write_all(file: IO[bytes], data: bytes) -> None:
    """Write all of it: a file without a buffer, as a pipe or a socket, may take less at a time.

    Raises:
        OSError: It cannot be written, or not without waiting.
    """
    taken = file.write(data)
    while isinstance(file, RawIOBase) and taken != len(data):
        if not taken:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        data = data[taken:]
        taken = file.write(data)


def flush(file: IO[bytes]) -> None:
    """Flush a file, if that is a thing that it can do."""
    if hasattr(file, "flush"):
        file.flush()


class WholeFile:
    """A file on its way to a path; until it is kept, it lies in the same directory.

    Nobody else can have put a link there: its name is random, and the system is asked for a new
    file. A link at the path itself is replaced and not followed either.

    Attributes:
        file: What to write to, in binary mode.
    """

    def __init__(self, path: Path, *, mode: int = 0o666) -> None:
        """Make the file.

        Args:
            path: Where it is to be.
            mode: Who may read and write it, less what the process's umask takes away.

        Raises:
            OSError: It cannot be made.
        """
        path = path_to(path)
        if not path.name:
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
        name = os.fsencode(path.name)[:_LONGEST_NAME].decode(errors="ignore")
        self._path = path
        self._part = path.with_name(f".{name}.{os.urandom(6).hex()}.part")
        self.file: IO[bytes] = os.fdopen(os.open(self._part, _FLAGS, mode), "w+b")

    def keep(self) -> None:
        """Put it in its place, replacing what is there, once the disk has all of it.

        Raises:
            OSError: The disk is full, or the path cannot be written to.
        """
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        self._part.replace(self._path)

    def discard(self) -> None:
        """Leave nothing of it, unless it was kept."""
        # On a full disk, closing fails once more for what is still in the buffer.
        with suppress(OSError):
            self.file.close()
        self._part.unlink(missing_ok=True)
