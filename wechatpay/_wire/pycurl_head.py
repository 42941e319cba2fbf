"""The head of an answer, as libcurl hands it on line by line."""

from __future__ import annotations

import re

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r\n]")
_NO_BODY = (204, 304)
_FRAMING = (b"content-length", b"transfer-encoding")


class Head:
    """Takes the lines of an answer's head, and reads them when its body begins.

    Attributes:
        lines: As they came, with their ends: those of interim answers (1xx) before those of the
            answer itself, and what comes after a body in chunks behind an empty one.
        is_read: Whether they were read.
        status: The status.
        fields: The headers as they came, in pairs.
        is_packed: Whether the body is compressed.
        is_whole: Whether the head came to its end: libcurl takes one that breaks off as well,
            and a status with junk behind it, which is 0 here.
    """

    __slots__ = (
        "_count",
        "_is_plain",
        "fields",
        "is_packed",
        "is_read",
        "is_whole",
        "lines",
        "status",
    )

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.clear()

    def clear(self) -> None:
        """Forget all of it, for another answer comes."""
        self.lines.clear()
        self.is_read = False
        self.is_packed = False
        self.is_whole = False
        self.status = 0
        self.fields: list[tuple[bytes, bytes]] = []
        self._is_plain = False
        self._count = 0

    def read(self) -> None:
        """Read the lines, which are all there."""
        self.is_read = True
        lines, self._count = self.lines, len(self.lines)
        # libcurl takes any case for this, and calls what begins otherwise no HTTP.
        begin = max(at for at, line in enumerate(lines) if line[:5].upper() == b"HTTP/")
        status = _STATUS.match(lines[begin])
        self.status = int(status[1]) if status else 0
        self.is_whole = status is not None and not lines[-1].strip(b"\r\n")
        lengths, has_length, ends = 0, False, lines[-1] == b"\r\n"
        fields: list[tuple[bytes, bytes]] = []
        for line in lines[begin + 1 : -1]:
            name, _, value = line.partition(b":")
            fields.append((name, value.strip()))
            lower = name.lower()
            if lower in _FRAMING:
                lengths += 1
                has_length = has_length or lower == b"content-length"
            elif lower == b"content-encoding":
                self.is_packed = True
            ends = ends and line[-2:] == b"\r\n"
        self.fields = fields
        one_end = lengths == 1 and has_length
        self._is_plain = ends and (one_end or (self.status in _NO_BODY and not lengths))

    @property
    def is_plain(self) -> bool:
        """Whether there was nothing about it that two readers of HTTP could take differently.

        Two lengths, none, line feeds alone, headers behind the body: where libcurl sees the end
        of such an answer, somebody else may see none. Its connection is not used again. Neither is
        one that gave a body in chunks, for libcurl drops what it read behind the last of them and
        does not say so.
        """
        return self._is_plain and len(self.lines) == self._count
