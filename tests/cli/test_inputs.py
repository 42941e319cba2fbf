"""`NAME=VALUE`, `Name: value`: what options and header files are taken for."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.cli import _inputs

NAMES = st.text("abcdefgh-", min_size=1, max_size=8)
VALUES = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=20).map(
    str.strip
)


@given(st.dictionaries(NAMES, st.text() | st.lists(st.text(), min_size=2, max_size=4)))
def test_pairs_are_a_mapping(mapping: dict[str, str | list[str]]) -> None:
    """Values may hold anything, and names that are repeated have a list."""
    given = [
        f"{name}={value}"
        for name, values in mapping.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    assert _inputs.pairs(given, "--query") == mapping


@given(
    headers=st.dictionaries(NAMES, VALUES, min_size=1),
    crlf=st.booleans(),
    started=st.booleans(),
)
def test_headers_are_read_as_they_are_saved(
    headers: dict[str, str], crlf: bool, started: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """By curl, a proxy or a program: with a status line or without, as lines or as JSON."""
    file = tmp_path_factory.getbasetemp() / "headers.txt"
    end = "\r\n" if crlf else "\n"
    start = f"HTTP/1.1 200 OK{end}" if started else ""
    lines = end.join(f"{name}: {value}" for name, value in headers.items())
    for content in (f"{start}{lines}{end}{end}a body: that is none", json.dumps(headers)):
        file.write_text(content, newline="")
        assert _inputs.saved_headers(str(file), []) == headers
    first = next(iter(headers))
    assert _inputs.saved_headers(str(file), [f"{first}: won"])[first] == "won"


@pytest.mark.parametrize(
    ("start", "count"),
    [("POST /notify HTTP/1.1\n", 1), ("HTTP/2 200\n", 1), ("Via: HTTP/1.1\n", 2)],
)
def test_a_start_line_is_told_from_a_header(start: str, count: int, tmp_path: Path) -> None:
    """A header whose value names HTTP is not taken for the line before the headers."""
    file = tmp_path / "headers.txt"
    file.write_text(f"{start}Request-ID: 1")
    assert len(_inputs.saved_headers(str(file), [])) == count


@given(content=st.binary(max_size=200))
def test_any_file_of_headers_is_read_or_refused(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """By the one error that is for the command line."""
    file = Path(tmp_path_factory.getbasetemp()) / "any.txt"
    file.write_bytes(content)
    with contextlib.suppress(typer.BadParameter):
        assert isinstance(_inputs.saved_headers(str(file), []), dict)
