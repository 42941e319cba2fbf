"""Finding one's way in code with braces, without reading its comments or strings as code."""

from __future__ import annotations

import re

__all__ = ["blanked", "closing", "line_of"]

_NOT_CODE = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'|`[^`]*`", re.DOTALL
)


def blanked(text: str) -> str:
    """Return a text of the same length in which comments and strings are blanks."""
    return _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def closing(code: str, start: int) -> int:
    """Return where the brace or bracket at ``start`` closes, in blanked code.

    Raises:
        ValueError: It does not.
    """
    opening = code[start]
    other = {"{": "}", "(": ")", "[": "]", "<": ">"}[opening]
    depth = 0
    for at in range(start, len(code)):
        if code[at] == opening:
            depth += 1
        elif code[at] == other:
            depth -= 1
            if not depth:
                return at
    raise ValueError(f"{opening} does not close")


def line_of(text: str, at: int) -> int:
    """Return the number of the line of a position."""
    return text.count("\n", 0, at) + 1
