"""What goes to the terminal, and what goes into pipes: there it is plain, and byte for byte."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, TextIO

from ..errors import WeChatPayError
from ._exits import exit_of
from ._layout import definitions, grid, padded, width
from .words import text

if TYPE_CHECKING:
    from .._wire import Progress

EXPECTED = (WeChatPayError, OSError)
"""What may go wrong without anything being wrong with the program."""


def prepare() -> None:
    """Let what a terminal's encoding does not know be escaped, where it would be an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def is_terminal(stream: TextIO | None = None) -> bool:
    """Tell whether a stream, standard output by default, is a terminal that can do things."""
    return (stream or sys.stdout).isatty() and os.environ.get("TERM") != "dumb"


def is_colored(stream: TextIO | None = None) -> bool:
    """Tell whether color may be used on a stream; `NO_COLOR` forbids it."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def put(line: str = "") -> None:
    """Print a line of the result."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def say(line: str) -> None:
    """Print a line that is not the result, on standard error."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def error(message: str) -> None:
    """Print what went wrong, in one line."""
    say(f"wechatpay: {' '.join(message.split())}")


def words(failure: Exception) -> str:
    """Return what an error says, after what it means."""
    if isinstance(failure, OSError):
        where = f"{failure.filename}: " if failure.filename else ""
        message = f"{where}{failure.strerror or failure}"
    else:
        message = str(failure)
    return text(f"error.{exit_of(failure).name.lower()}", message=message)


def raw(data: bytes) -> None:
    """Write bytes as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def document(data: bytes, *, pretty: bool) -> None:
    """Write a body: indented if it is JSON and that is wanted, else byte for byte."""
    try:
        value = json.loads(data) if pretty else None
    except (ValueError, RecursionError):
        value = None
    if value is not None:
        dump(value, pretty=True)
        return
    raw(data)
    if is_terminal() and data and not data.endswith(b"\n"):
        put()


def dump(value: Any, *, pretty: bool) -> None:
    """Write a value as JSON: indented, and in color on a terminal, or on one line."""
    if not pretty:
        put(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))
        return
    dumped = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    if not is_colored():
        put(dumped)
        return
    from rich.console import Console
    from rich.highlighter import JSONHighlighter

    Console(soft_wrap=True).print(JSONHighlighter()(dumped))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows: under their heads on a terminal, with tabs between the cells in a pipe."""
    found = list(rows)
    if not is_terminal():
        for row in found:
            put("\t".join(row))
    else:
        for line in _fitting(head, found):
            put(line)


def _fitting(head: Sequence[str], rows: list[Sequence[str]]) -> Iterable[str]:
    """The rows as a grid; where that is too wide, with the last column below the others."""
    lines = list(grid([head, *rows]))
    if max(map(width, lines)) < shutil.get_terminal_size().columns:
        return lines
    # What stands before the last column but one lines up all the same.
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)][:-2]
    lefts = ([*map(padded, row, widths), row[-2]] if len(row) > 1 else [] for row in rows)
    return definitions([("  ".join(left), row[-1]) for left, row in zip(lefts, rows, strict=True)])


@contextmanager
def progress(label: str) -> Generator[Progress | None]:
    """Give a download something to tell how far it is: a bar on a terminal, nothing elsewhere."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    shown = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda received, total: bar.update(task, completed=received, total=total)
