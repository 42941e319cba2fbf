"""The documentation's pages, taken apart."""

from __future__ import annotations

import re
from typing import NamedTuple

from docs.builder.staging import pages
from docs.builder.words import Language

_FENCE = re.compile(r"^```(\{[\w-]+\} ?\w*|\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """One fence: what stands behind its mark, its text, and how many lines are above it."""

    kind: str
    text: str
    line: int


def text(language: Language, name: str) -> str:
    """Return a page."""
    return pages(language)[name].read_text("utf-8")


def blocks(source: str) -> list[Block]:
    """Return the fences of a page's text."""
    return [
        Block(found[1], found[2], source[: found.start(2)].count("\n"))
        for found in _FENCE.finditer(source)
    ]


def code(source: str, kind: str = "python") -> list[str]:
    """Return what stands in the fences of a kind."""
    return [one.text for one in blocks(source) if one.kind == kind]


def prose(source: str) -> str:
    """Return a page's text without its fences."""
    return _FENCE.sub("", source)
