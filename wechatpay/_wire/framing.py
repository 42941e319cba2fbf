"""Whether the bytes that a connection gave are one answer, the whole of it, and nothing else.

An HTTP library reads what it needs of an answer and keeps what comes behind it, which it would take
for the answer to the *next* request: right signature, wrong call. So the bytes are looked at once
more on their way in. Nothing is decided about the answer here, only whether its connection may be
used again. In doubt it may not be: a new one costs milliseconds.
"""

from __future__ import annotations

import re
from enum import Enum, auto

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r]")
_FIELD = re.compile(rb"\n(content-length|transfer-encoding)[ \t]*:[ \t]*([^\r\n]*?)[ \t]*\r")
_CLOSES = re.compile(rb"\nconnection[ \t]*:[^\r\n]*\bclose\b")
_END_OF_HEAD = b"\r\n\r\n"
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
_NO_BODY = frozenset({b"204", b"304"})
_LONGEST_HEAD = 128 << 10
"""Bytes of a head that are kept until its end has come: the HTTP libraries take less."""
_LONGEST_LINE = 1024


class _At(Enum):
    HEAD = auto()
    LENGTH = auto()
    CHUNK_SIZE = auto()
    CHUNK = auto()
    LAST_CRLF = auto()
    END = auto()
    LOST = auto()


class Framing:
    """Follows one answer from the first byte after a request.

    It understands less than an HTTP library does, on purpose: trailers, bare line feeds, two
    lengths, an answer that ends with its connection, all these are as good as a surplus byte.

    Attributes:
        is_last: Whether the answer says that its connection ends with it.
        is_packed: Whether the body may be compressed; in doubt it is.
        size: How many bytes came.
    """

    __slots__ = ("_at", "_held", "_is_full", "_left", "is_last", "is_packed", "size")

    def __init__(self) -> None:
        self._at = _At.HEAD
        self._held = b""
        self._left = 0
        self._is_full = False
        self.is_last: bool = False
        self.is_packed: bool = True
        self.size: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether what came so far is exactly one answer, and no more may lie behind it."""
        return self._at is _At.END and not self._is_full

    def feed(self, data: bytes, *, is_full: bool = False) -> None:
        """Take the next bytes that came; `is_full` if there was room for no more."""
        self._is_full = is_full
        self.size += len(data)
        while data:
            if self._at is _At.LENGTH:
                # The usual case, and all there is to do for a body that comes in many pieces.
                self._left -= len(data)
                self._at = _At.END if not self._left else _At.LENGTH if self._left > 0 else _At.LOST
                return
            data = self._step(self._held + data) if self._held else self._step(data)

    def _step(self, data: bytes) -> bytes:
        """Take the next part of an answer off, and return what is left."""
        self._held = b""
        if self._at is _At.HEAD:
            return self._head(data)
        if self._at is _At.CHUNK_SIZE:
            return self._chunk_size(data)
        if self._at is _At.CHUNK:
            taken = min(self._left, len(data))
            self._left -= taken
            if not self._left:
                self._at = _At.CHUNK_SIZE
            return data[taken:]
        if self._at is _At.LAST_CRLF and len(data) < 2:
            self._held = data
            return b""
        self._at = _At.END if self._at is _At.LAST_CRLF and data == b"\r\n" else _At.LOST
        return b""

    def _head(self, data: bytes) -> bytes:
        end = data.find(_END_OF_HEAD)
        if end < 0 and len(data) < _LONGEST_HEAD:
            self._held = data
            return b""
        status = _STATUS.match(data)
        # To some, a line feed alone ends a line, and two of them a head: then it ended earlier.
        if end < 0 or status is None or _BARE_LINE_FEED.search(data, 0, end):
            self._at = _At.LOST
            return b""
        rest = data[end + len(_END_OF_HEAD) :]
        code = status[1]
        if code < b"200" and code != b"101":
            return rest  # 100 Continue and its like: the answer is still to come
        head = data[: end + 2].lower()
        fields = _FIELD.findall(head)
        self.is_last = _CLOSES.search(head) is not None or head[:8] == b"http/1.0"
        self.is_packed = b"\ncontent-encoding" in head
        if code in _NO_BODY:
            self._at = _At.END if not rest else _At.LOST
            return b""
        self._at = _At.LOST
        if len(fields) == 1:
            name, value = fields[0]
            if name == b"content-length" and value.isdigit():
                self._left = int(value)
                self._at = _At.LENGTH if self._left else _At.END
            elif value == b"chunked":
                self._at = _At.CHUNK_SIZE
        if self._at is _At.END and rest:
            self._at = _At.LOST
        return rest if self._at in (_At.LENGTH, _At.CHUNK_SIZE) else b""

    def _chunk_size(self, data: bytes) -> bytes:
        line, found, rest = data.partition(b"\r\n")
        if not found:
            if len(data) > _LONGEST_LINE:
                self._at = _At.LOST
            else:
                self._held = data
            return b""
        size = line.partition(b";")[0].strip()
        if b"\n" in line or not re.fullmatch(rb"[0-9a-fA-F]{1,15}", size):
            self._at = _At.LOST
            return b""
        self._left = int(size, 16)
        if not self._left:
            self._at = _At.LAST_CRLF
        else:
            self._left += 2
            self._at = _At.CHUNK
        return rest
