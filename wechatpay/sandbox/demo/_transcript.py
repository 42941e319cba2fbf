"""What the demo prints, in a hundred columns, and whether all was as it should be."""

from __future__ import annotations

import ast
import inspect
import textwrap
import unicodedata
from collections.abc import Callable, Iterable
from io import TextIOWrapper
from typing import Any, TextIO

from .._base import Text
from .._terminal import say
from . import words

_COLUMNS = 100
_INDENT = 2
_LABEL = 10


class Transcript:
    """Prints the demo and counts what was checked.

    Attributes:
        checks: How many expectations were checked.
        failures: How many were not met.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        if isinstance(out, TextIOWrapper):
            out.reconfigure(errors="backslashreplace")  # a terminal may know no Chinese
        self.checks: int = 0
        self.failures: int = 0

    def heading(self, text: Text | str) -> None:
        """Print the title of a part."""
        title = _said(text)
        self._print(f"\n{title}\n{'─' * width(title)}")

    def blank(self) -> None:
        """Print an empty line."""
        self._print()

    def code(self, text: str, depth: int = 0) -> None:
        """Print a piece of Python."""
        self._print()
        for line in text.splitlines():
            self._print(" " * _INDENT * depth + line)

    def field(self, label: Text | str, *lines: Text | str, depth: int = 2) -> None:
        """Print a label, and lines beside it; lines that are too long go on below themselves."""
        indent = _INDENT * depth
        name = _said(label)
        room = _COLUMNS - indent - _LABEL
        for piece in (piece for line in lines for piece in fold(_said(line), room)):
            self._print(f"{' ' * indent}{name}{' ' * (_LABEL - width(name))}{piece}")
            name = ""

    def check(self, what: str, right: bool) -> None:
        """Check an expectation; print it if it is not met."""
        self.checks += 1
        if not right:
            self.failures += 1
            self.field(words.WRONG, what)

    def summary(self) -> int:
        """Print what became of the expectations, and return the exit status."""
        verdict = say(words.NOT_FINE, count=self.failures) if self.failures else say(words.FINE)
        self._print("\n" + say(words.CHECKED, count=self.checks, verdict=verdict))
        return 1 if self.failures else 0

    def _print(self, text: str = "") -> None:
        print(text, file=self._out)


def _said(text: Text | str) -> str:
    return say(text) if isinstance(text, Text) else text


def source(function: Callable[..., Any]) -> str:
    """Return the source of what a function returns, as it is written there."""
    text = textwrap.dedent(inspect.getsource(function))
    returned = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Return))
    segment = ast.get_source_segment(text, returned) or ""
    lines = segment.removeprefix("return ").splitlines()
    return "\n".join(line.removeprefix(" " * returned.col_offset) for line in lines)


def width(text: str) -> int:
    """Return how many columns a terminal needs: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def fold(text: str, room: int) -> Iterable[str]:
    """Break a line into pieces that fit, without a change: together they are the line."""
    piece = ""
    for each in text:
        if width(piece + each) > room:
            yield piece
            piece = ""
        piece += each
    yield piece
