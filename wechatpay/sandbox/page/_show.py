"""How things are written for people: money, times, bodies, and where two messages differ."""

from __future__ import annotations

import contextlib
import json
import math
import re
from datetime import datetime
from itertools import takewhile, zip_longest
from typing import NamedTuple

import segno
from markupsafe import Markup

from .._base import BEIJING

_MOST = 50_000  # characters of a body
_SIGNATURE = re.compile(r'(signature=")[^"]*|^([A-Za-z0-9+/=]{64,})$')
_NAMED = {"\ufeff": "⟨BOM⟩", "\x7f": "␡"}


class ComparedLine(NamedTuple):
    """A line of a message, and what of it is different in another one.

    Attributes:
        number: Which one, from 1.
        before: What is the same, at its beginning.
        differs: What is not.
        after: What is the same again, at its end.
        same: Whether all of it is.
        there: Whether the message has such a line at all.
    """

    number: int
    before: str
    differs: str = ""
    after: str = ""
    same: bool = True
    there: bool = True


def money(fen: int) -> str:
    """Write an amount of fen in yuan."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def moment(seconds: float | str) -> str:
    """Write a time of day in Beijing, of seconds since 1970 or of RFC 3339."""
    if isinstance(seconds, str):
        return f"{datetime.fromisoformat(seconds).astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    return f"{datetime.fromtimestamp(math.floor(seconds), BEIJING):%Y-%m-%d %H:%M:%S}"


def body(raw: bytes) -> str:
    """Write a body: JSON in many lines, other text as it is, of anything else how it begins."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return f"{len(raw)} B: {raw[:32].hex(' ')}…"
    with contextlib.suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    return text if len(text) <= _MOST else f"{text[:_MOST]}… ({len(text)})"


def header(value: str) -> str:
    """Write a header's value, without the signature that may be in it."""
    return _SIGNATURE.sub(lambda found: f"{found[1] or ''}…", value)


def message(raw: bytes) -> list[ComparedLine]:
    """Write what is signed line by line, with what is not to be seen otherwise."""
    return [ComparedLine(number, text) for number, text in enumerate(_lines(raw), 1)]


def compared(raw: bytes, with_: bytes) -> list[ComparedLine]:
    """Write a message line by line, with what is different in another one."""
    pairs = zip_longest(_lines(raw), _lines(with_))
    return [_line(number, mine, its) for number, (mine, its) in enumerate(pairs, 1)]


def qr(text: str) -> Markup:
    """Draw a QR code, as SVG that may stand within HTML."""
    drawn = segno.make(text, error="m", micro=False)
    return Markup(  # noqa: S704 - segno writes numbers only
        drawn.svg_inline(border=3, omitsize=True, light="#fff", svgclass="qr", lineclass=None)
    )


def _lines(raw: bytes) -> list[str]:
    text = raw.decode("utf-8", "replace")
    if len(text) > _MOST:
        text = f"{text[:_MOST]}… ({len(text)})"
    parts = re.findall(r"[^\n]*\n|[^\n]+", text)
    return ["".join(map(_visible, part)) for part in parts]


def _visible(character: str) -> str:
    if character == "\n":
        return "↵"
    return chr(0x2400 + ord(character)) if character < " " else _NAMED.get(character, character)


def _line(number: int, mine: str | None, its: str | None) -> ComparedLine:
    if mine is None:
        return ComparedLine(number, "", same=False, there=False)
    if its is None:
        return ComparedLine(number, "", mine, same=False)
    if mine == its:
        return ComparedLine(number, mine)
    start = _shared(mine, its)
    end = _shared(mine[start:][::-1], its[start:][::-1])
    stop = len(mine) - end
    return ComparedLine(number, mine[:start], mine[start:stop], mine[stop:], same=False)


def _shared(one: str, other: str) -> int:
    """Tell how many characters at the beginning of two texts are the same."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
