"""Encrypted bills: a file that memory does not hold is verified, then opened and unpacked.

What AES-GCM decrypts may be anybody's until the tag at the end has been compared. So a file is read
twice: the first pass compares the tag, and what it decrypts is thrown away.

Official pages: https://pay.weixin.qq.com/doc/v3/partner/4014314390 and
https://pay.weixin.qq.com/doc/v3/merchant/4013394586
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from cryptography.exceptions import InvalidTag

from .._files import WholeFile, check_file, flush, write_all
from .._wire import Pause, Unpacked
from ..crypto import aes
from ..errors import DecryptionError, VerificationError

if TYPE_CHECKING:
    from .._wire import Target
    from .downloadable import FilePart

_CHUNK = 32 * 1024
_TURN = 4 * 1024 * 1024
"""Bytes after which an event loop gets its turn."""
_SM4_KEY = 16


def open_into(
    sealed: IO[bytes], key: bytes, part: FilePart, into: IO[bytes]
) -> Generator[Pause, object, None]:
    """Write what a sealed file holds, unpacked.

    Args:
        sealed: The file as it came.
        key: What it was encrypted with: 32 bytes for AES, 16 for SM4.
        part: The nonce and the hash that go with it.
        into: Where to.

    Raises:
        DecryptionError: It does not open.
        VerificationError: What it holds is not what the hash promises.
        TransportError: What was packed is damaged.
        OSError: There is no room.
    """
    length = sealed.seek(0, os.SEEK_END) - aes.TAG_LENGTH
    if length < 0:
        raise DecryptionError("the file is too short to be an encrypted bill")
    sealed.seek(length)
    tag = sealed.read()
    opening, nonce = _opening(key), part.nonce.encode(errors="replace")
    first = opening(key, nonce, tag)
    for chunk in _chunks(sealed, length):
        first.update(chunk)
        yield from _turn(sealed)
    try:
        first.finalize()
    except InvalidTag:
        raise DecryptionError(
            "the bill does not open: it is not what encrypt_key and nonce were made for"
        ) from None
    second, unpacked = opening(key, nonce, tag), Unpacked(unpack=True)
    digest = hashlib.sha1(usedforsecurity=False)
    for chunk in _chunks(sealed, length):
        for plain in unpacked.feed(second.update(chunk)):
            digest.update(plain)
            into.write(plain)
        yield from _turn(sealed)
    rest = unpacked.end()
    digest.update(rest)
    into.write(rest)
    if part.sha1 is not None and digest.hexdigest() != part.sha1.lower():
        raise VerificationError(
            "the bill's SHA-1 is not the hash_value that was promised", outcome_unknown=False
        )


def _opening(key: bytes) -> Callable[[bytes, bytes, bytes], aes.Opening]:
    """What opens a bill: its key's length tells the one algorithm from the other."""
    if len(key) == _SM4_KEY:
        from ..crypto import sm4

        return sm4.opening
    return aes.opening


def _chunks(file: IO[bytes], length: int) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(min(_CHUNK, length - file.tell())):
        yield chunk


def _turn(file: IO[bytes]) -> Iterator[Pause]:
    if file.tell() % _TURN == 0:
        yield Pause(0)


class JoinedFile:
    """Where parts become one file, which is put in place when it has all of them.

    Attributes:
        file: What to write to.
    """

    def __init__(self, target: Target) -> None:
        """Make a file beside the path, or a temporary one for a file object.

        Raises:
            OSError: It cannot be made.
            TypeError: The target is neither a path nor a binary file object.
        """
        self._whole: WholeFile | None = None
        self._target: IO[bytes] | None = None
        if isinstance(target, (str, os.PathLike)):
            self._folder: Path | None = Path(target).parent
            self._whole = WholeFile(Path(target))
            self.file: IO[bytes] = self._whole.file
        else:
            check_file(target)
            self._folder, self._target = None, target
            self.file = tempfile.TemporaryFile()  # noqa: SIM115  it is closed by `discard`

    def scratch(self) -> IO[bytes]:
        """Return a temporary file for a part, where the whole will have to find room too.

        Raises:
            OSError: It cannot be made.
        """
        return tempfile.TemporaryFile(dir=self._folder)

    def keep(self) -> None:
        """Put it in place.

        Raises:
            OSError: There is no room.
        """
        if self._whole is not None:
            self._whole.keep()
        if self._target is not None:
            self.file.seek(0)
            while piece := self.file.read(_CHUNK):
                write_all(self._target, piece)
            flush(self._target)

    def discard(self) -> None:
        """Leave nothing of it, unless it was kept."""
        if self._whole is not None:
            self._whole.discard()
        else:
            self.file.close()
