"""What commands read: files, standard input, and `NAME=VALUE` options."""

from __future__ import annotations

import getpass
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import typer

from ._output import is_terminal
from .words import text

STANDARD_INPUT = "-"
_LONGEST_HEADER_FILE = 64 * 1024
_START_LINE = re.compile(r"HTTP/|[A-Z]+ \S+ HTTP/")
"""How a status line or a request line begins; a header's value may well contain `HTTP/`."""


def data(source: str) -> bytes:
    """Read a file, or standard input for `-`.

    Raises:
        OSError: It cannot be read.
    """
    if source == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError:
        if source.lstrip()[:1] in ("{", "[", "<"):
            # Someone gave the content itself: no file has such a name.
            start = f"{source.lstrip()[:1]}…"
            raise typer.BadParameter(text("input.a_file", source=start)) from None
        raise


def secret_text(source: str, prompt: str) -> str:
    """Read a secret text: from a file, a pipe, or typed without being shown.

    One line end after it is not part of it.

    Raises:
        OSError: It cannot be read.
    """
    if source == STANDARD_INPUT and is_terminal(sys.stdin):
        return getpass.getpass(f"{prompt}: ")
    return decoded(data(source)).removesuffix("\n").removesuffix("\r")


def decoded(given: bytes) -> str:
    """Return text that is UTF-8, or say that it is not."""
    try:
        return given.decode("utf-8")
    except UnicodeDecodeError:
        raise typer.BadParameter(text("input.not_text")) from None


def document(source: str) -> Any:
    """Read JSON from a file or standard input.

    Raises:
        OSError: It cannot be read.
    """
    try:
        return json.loads(decoded(data(source)))
    except (ValueError, RecursionError):
        raise typer.BadParameter(text("input.not_json", source=source)) from None


def pairs(given: Sequence[str], option: str) -> dict[str, Any]:
    """Return `NAME=VALUE` options as a mapping; a name that is repeated has a list."""
    found: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not name or not equals:
            raise typer.BadParameter(text("input.no_pair", option=option))
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            cast("list[str]", found[name]).append(value)
        else:
            found[name] = [found[name], value]
    return found


def headers(given: Sequence[str]) -> dict[str, str]:
    """Return `Name: value` options as a mapping."""
    found: dict[str, str] = {}
    for one in given:
        name, colon, value = one.partition(":")
        if not name.strip() or not colon:
            raise typer.BadParameter(text("input.no_header"))
        found[name.strip()] = value.strip()
    return found


def saved_headers(file: str | None, given: Sequence[str]) -> dict[str, str]:
    """Return headers from a file and from options, which win.

    The file holds `Name: value` lines, as `curl -i` and proxies write them, or a JSON object. A
    status or request line before them is passed over, and so is everything from an empty line on.

    Raises:
        OSError: It cannot be read.
    """
    if file is None:
        return headers(given)
    content = decoded(data(file)[:_LONGEST_HEADER_FILE]).replace("\r\n", "\n").strip()
    if content.startswith("{"):
        return {**_object_of_texts(content, file), **headers(given)}
    first, *rest = content.partition("\n\n")[0].split("\n")
    lines = rest if _START_LINE.match(first) else [first, *rest]
    return {**headers(lines), **headers(given)}


def _object_of_texts(content: str, file: str) -> dict[str, str]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise typer.BadParameter(text("input.not_json", source=file)) from None
    values = cast("dict[str, Any]", found)
    if not all(isinstance(value, str) for value in values.values()):
        raise typer.BadParameter(text("input.no_header"))
    return values
