"""The form of every bill: a heading and rows, a heading and sums, each value back-quoted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from ..._parts import RATE

_FINE = Decimal("0.00001")


def written(
    heading: str, rows: Sequence[Sequence[str]], sums_heading: str, sums: Iterable[str]
) -> bytes:
    """Return the file; empty if there are no rows."""
    if not rows:
        return b""
    lines = [heading, *map(_line, rows), sums_heading, _line([str(len(rows)), *sums])]
    return "\ufeff".encode() + "".join(f"{line}\r\n" for line in lines).encode()


def yuan(fen: int) -> str:
    """Write an amount."""
    return f"{Decimal(fen) / 100:.2f}"


def fee(fen: int) -> Decimal:
    """Return the fee of an amount in yuan, to hundred-thousandths."""
    return (Decimal(fen) / 100 * RATE).quantize(_FINE, ROUND_HALF_UP)


def clock(time: str) -> str:
    """Write a moment: bills have the time of Beijing, and do not say so."""
    return f"{datetime.fromisoformat(time):%Y-%m-%d %H:%M:%S}" if time else ""


def _line(values: Iterable[str]) -> str:
    # WeChat Pay escapes nothing: what would end a value or a line is left out of it.
    return ",".join("`" + value.translate(_ENDS) for value in values)


_ENDS = str.maketrans({",": " ", "`": "", "\r": " ", "\n": " "})
