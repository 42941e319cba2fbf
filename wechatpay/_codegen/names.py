"""How paths and fields are named in Python."""

from __future__ import annotations

import keyword
import re
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = re.compile(r"[^A-Z]+|[A-Z][^A-Z]*")

__all__ = ["camel", "common", "identifier"]


def camel(text: str) -> str:
    """Return a segment, a field or an event as the name of a class, or a part of it."""
    return "".join(map(_capital, "".join(c if c.isalnum() else " " for c in text).split()))


def common(names: Sequence[str]) -> str:
    """Return the words with which some names of classes begin and end, all of them.

    A type that several endpoints share gets this name, so that none is named after another
    endpoint. ``PayPartnerOrderPostBodyPayer`` and ``PayOrderPostBodyPayer`` are
    ``PayOrderPostBodyPayer``.
    """
    split = [_WORD.findall(name) for name in names]
    start = _same(split)
    end = _same([words[len(start) :][::-1] for words in split])
    return "".join((*start, *reversed(end)))


def identifier(name: str) -> bool:
    """Tell whether a field's name can be written as an attribute in a class."""
    return name.isidentifier() and not keyword.iskeyword(name)


def _same(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the words with which all rows begin."""
    return [
        words[0] for words in takewhile(lambda words: len({*words}) == 1, zip(*rows, strict=False))
    ]


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
