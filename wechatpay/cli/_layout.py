"""Lines that fit the terminal, where a Chinese character takes two columns."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

_WIDEST = 100
_NARROWEST = 30
_COLUMN = 34
_GAP = 2
_CLOSING = "，。；：、！？）」》”"
_OPENING = "（「《“"


def columns() -> int:
    """Return how many columns text may take."""
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns - 1))


def width(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(map(_width, text))


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, room: int) -> str:
    """Return a text with spaces behind it, up to a number of columns."""
    return text + " " * (room - width(text))


def wrapped(text: str, room: int) -> list[str]:
    """Break a text into lines: between words, or between Chinese characters.

    Only a word that is longer than a line is broken itself.
    """
    lines, line = list[str](), ""
    for word in _words(text):
        if line and width(line + word) > room:
            lines.append(line.rstrip(" "))
            line = ""
        line += word.lstrip(" ") if not line else word
        while width(line) > room:
            end = next(at for at in range(1, len(line) + 1) if width(line[: at + 1]) > room)
            lines.append(line[:end])
            line = line[end:]
    return [*lines, line.rstrip(" ")]


def _words(text: str) -> Iterator[str]:
    """Yield pieces that are not broken, each with the space before it."""
    word = ""
    for each in " ".join(text.split()):
        last = word[-1:]
        joined = each in _CLOSING or last in _OPENING or (_width(each) == _width(last or " ") == 1)
        if word and (each == " " or not joined) and word != " ":
            yield word
            word = ""
        word += each
    yield word


def paragraph(text: str) -> str:
    """Return a text broken to the terminal's width; one whose lines are indented stays as it is."""
    return text if text.startswith(" ") else "\n".join(wrapped(text, columns()))


def definitions(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield lines with terms on the left and what they mean beside, or below them, on the right."""
    room = columns() - _GAP
    indent = min(_COLUMN, room // 2, max(width(left) for left, _ in rows) + _GAP)
    for left, right in rows:
        first, *rest = wrapped(right, room - indent)
        if width(left) + _GAP > indent:
            yield left
            yield (" " * indent + first).rstrip()
        else:
            yield (padded(left, indent) + first).rstrip()
        yield from (" " * indent + line for line in rest)


def grid(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield lines in which the columns of rows stand under each other."""
    whole = [list(row) for row in rows]
    widths = [max(map(width, column)) for column in zip(*whole, strict=True)]
    for row in whole:
        yield (" " * _GAP).join(map(padded, row, widths)).rstrip()
