"""What the number at the end of a Request-ID means, as far as official manuals tell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

__all__ = ["InternalCode", "internal_code", "internal_codes"]


class InternalCode(NamedTuple):
    """Why a call was refused, in more detail than its `code`.

    Attributes:
        number: What follows the last ``-`` of the answer's ``Request-ID``.
        message: The official words.
        meaning: The same in English, in this project's words.
        products: Whose manuals have it: ``basic-payment``, ``payscore``, ``product-coupon``,
            ``medical-insurance-payment``.
    """

    number: int
    message: str
    meaning: str
    products: tuple[str, ...]


def internal_code(request_id: str | int) -> InternalCode | None:
    """Return what a ``Request-ID``, or the number at its end, tells of a refusal.

    Args:
        request_id: Such as ``08E6…CF05-268578704``, or ``268578704``.

    Returns:
        `None` if no manual has the number; most are in none.
    """
    return _table().get(str(request_id).rpartition("-")[2])


def internal_codes() -> tuple[InternalCode, ...]:
    """Return all that is known, sorted by number."""
    return tuple(_table().values())


@cache
def _table() -> Mapping[str, InternalCode]:
    text = (files("wechatpay.api") / "data" / "codes.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {
        number: InternalCode(int(number), message, meaning, tuple(products.split()))
        for number, message, meaning, products in rows
    }
