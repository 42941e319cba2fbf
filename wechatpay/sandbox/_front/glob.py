"""Patterns of paths: `*` within a segment, `**` for any number of them."""

from __future__ import annotations

import re
from functools import lru_cache

from .._base import Text
from . import words

_BESIDE_A_PATH = re.compile(r"[\s?#\\]|\*\*\*")


class WrongRule(ValueError):
    """A fault, or its path, that cannot be; the message is in English.

    Attributes:
        text: Why, in both languages.
    """

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def checked(pattern: str) -> str:
    """Return a pattern without its leading slash.

    Raises:
        ValueError: It is not one.
    """
    pattern = pattern.removeprefix("/")
    if not pattern or _BESIDE_A_PATH.search(pattern):
        raise WrongRule(words.NOT_A_PATTERN)
    if any("**" in segment and segment != "**" for segment in pattern.split("/")):
        raise WrongRule(words.NOT_ALONE)
    return pattern


def matches(pattern: str, path: str) -> bool:
    """Tell whether a path is of a pattern.

    Args:
        pattern: As `checked` returns it; `**` stands for none, one or many segments.
        path: As it was sent, percent-encoding and all; a leading slash does not matter.
    """
    return _compiled(pattern).fullmatch(f"/{path.removeprefix('/')}") is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(map(_expression, pattern.split("/"))))


def _expression(segment: str) -> str:
    if segment == "**":
        return "(?:/[^/]*)*"
    return "/" + "[^/]*".join(map(re.escape, segment.split("*")))
