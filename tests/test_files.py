"""`wechatpay._files`: paths that a file system can be asked for."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from wechatpay._files import WholeFile, flush, path_to, write_all


@pytest.mark.parametrize("place", ["a\0b", "a\udc00\ud800b"])
def test_impossible_paths_are_an_os_error(place: str) -> None:
    """What no file system can be asked for is the error that every file may be."""
    with pytest.raises(OSError, match="Invalid argument"):
        path_to(place)


def test_a_path_without_a_name_is_no_file() -> None:
    """A root is a directory, and is not written to."""
    with pytest.raises(IsADirectoryError):
        WholeFile(Path("/"))


def test_a_file_that_takes_less_at_a_time() -> None:
    """A raw file says how much it took, and is given the rest."""

    class Slow(io.RawIOBase):
        got = b""

        def write(self, data: Any, /) -> int:
            self.got += bytes(data[:3])
            return len(data[:3])

    slow: Any = Slow()
    for data in (b"", b"ab", b"abcdefgh"):
        write_all(slow, data)
    assert slow.got == b"ababcdefgh"


def test_a_file_that_takes_no_more() -> None:
    """A raw file that would have to be waited for is an error: what it has is not all of it."""

    class Full(io.RawIOBase):
        def write(self, _: Any, /) -> None:
            """Take nothing, as a pipe that is full and does not block."""

    full: Any = Full()
    with pytest.raises(BlockingIOError):
        write_all(full, b"data")


def test_a_file_that_is_only_written_to() -> None:
    """An object with `write` alone is good enough."""

    class Plain:
        def __init__(self) -> None:
            self.got: list[bytes] = []
            self.write = self.got.append

    plain: Any = Plain()
    write_all(plain, b"whole")
    flush(plain)
    assert plain.got == [b"whole"]
