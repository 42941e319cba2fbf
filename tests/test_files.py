"""`wechatpay._files`: paths that a file system can be asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from wechatpay._files import WholeFile, path_to


@pytest.mark.parametrize("place", ["a\0b", "a\udc00\ud800b"])
def test_impossible_paths_are_an_os_error(place: str) -> None:
    """What no file system can be asked for is the error that every file may be."""
    with pytest.raises(OSError, match="Invalid argument"):
        path_to(place)


def test_a_path_without_a_name_is_no_file() -> None:
    """A root is a directory, and is not written to."""
    with pytest.raises(IsADirectoryError):
        WholeFile(Path("/"))
