"""The manuals of `wechatpay-apiv3/wechatpay-skills`: what the number behind a Request-ID means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

__all__ = ["Code", "read"]

_ROW = re.compile(r"^\|\s*(\d{8,})\s*\|\s*(.*?)\s*\|", re.MULTILINE)
_REMARK = re.compile(r"（服务商）$")


class Code(NamedTuple):
    """One internal code.

    Attributes:
        number: The code.
        message: The official words.
        products: The manuals that have it, such as ``payscore``.
    """

    number: int
    message: str
    products: tuple[str, ...]


def read(top: Path) -> list[Code]:
    """Return every code of the manuals' tables, sorted.

    Args:
        top: The top of the checkout.
    """
    found: dict[int, tuple[str, dict[str, None]]] = {}
    for path in sorted(top.glob("*/references/*/问题排查/排障手册.md")):
        product = path.relative_to(top).parts[0].removeprefix("wechatpay-")
        for number, message in _ROW.findall(path.read_text("utf-8")):
            first = (_REMARK.sub("", message), dict[str, None]())
            found.setdefault(int(number), first)[1][product] = None
    return [Code(number, text, tuple(names)) for number, (text, names) in sorted(found.items())]
