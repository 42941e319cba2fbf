"""The lines of a bill, read piece by piece from any kind of source."""

from __future__ import annotations

import codecs
import os
import zlib
from collections.abc import Generator, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Union, cast

from .._files import path_to
from .._gzip import MAGIC, Gunzip
from ._columns import BillError

if TYPE_CHECKING:
    from ..crypto.digest import Readable

Source = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, "Readable", Iterable[bytes]]
"""A path, the bytes themselves, a file open in binary mode, or any iterable of chunks."""

_CHUNK = 256 * 1024
_LONGEST_LINE = 64 * 1024


def pieces(source: Source) -> Generator[bytes, None, None]:
    """Yield a source's bytes. What is opened here is closed with the generator.

    Raises:
        TypeError: It gives text and not bytes, or cannot be read.
    """
    if isinstance(source, (str, os.PathLike)):
        with path_to(source).open("rb") as file:
            yield from _read(file)
    elif isinstance(source, (bytes, bytearray, memoryview)):
        view = memoryview(source).cast("B")
        yield from (bytes(view[at : at + _CHUNK]) for at in range(0, len(view), _CHUNK))
    else:
        given = cast("Any", source)
        chunks: Any = _read(given) if callable(getattr(given, "read", None)) else given
        if not isinstance(chunks, Iterable):
            raise TypeError(
                "a bill is read from a path, bytes, a binary file or chunks of bytes, not from "
                f"{type(given).__name__}"
            )
        yield from map(_checked, cast("Any", chunks))


def lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of a bill, compressed or not, without their ends and without empty ones.

    Raises:
        BillError: The data is damaged, or is not text in UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    rest = ""
    try:
        for chunk in _unpacked(chunks):
            text = rest + decoder.decode(chunk)
            *whole, rest = text.replace("\r\n", "\n").split("\n")
            yield from filter(None, whole)
            if len(rest) > _LONGEST_LINE:
                raise BillError("a line is too long to be a bill's")
        rest += decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise BillError(
            "the bill is not text in UTF-8; an encrypted one is opened by WeChatPay.download"
        ) from None
    except zlib.error:
        raise BillError("the bill's compressed data is damaged") from None
    if rest := rest.rstrip("\r"):
        yield rest


def _read(file: Readable) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _checked(chunk: Any) -> bytes:
    if not isinstance(chunk, bytes):
        raise TypeError(
            f"a bill is read from bytes, not from {type(chunk).__name__}: open the file in binary "
            "mode, or pass chunks of bytes"
        )
    return chunk


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    chunks, head = iter(chunks), b""
    while len(head) < len(MAGIC) and (chunk := next(chunks, None)) is not None:
        head += chunk
    whole = chain([head], chunks)
    return _gunzipped(whole) if head.startswith(MAGIC) else whole


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    gunzip = Gunzip()
    for chunk in chunks:
        yield from gunzip.feed(chunk)
    if not gunzip.is_whole:
        raise BillError("the bill's compressed data ends early")
