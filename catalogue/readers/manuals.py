"""The manuals of `wechatpay-apiv3/wechatpay-skills`: what the number behind a Request-ID means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from catalogue.models import Model
from catalogue.refusals import Refusal, row

__all__ = ["Code", "read", "refusals"]

_ROW = re.compile(r"^\|\s*(\d{8,})\s*\|\s*(.*?)\s*\|", re.MULTILINE)
_REMARK = re.compile(r"（服务商）$")


_CREATED = re.compile(r"^\|\s*创建商品券[^|]*\|\s*`POST /(\S+)`", re.MULTILINE)
_ERROR = re.compile(r"^\|\s*(\d{3}\s*\|\s*[A-Z_]+\s*\|.*?)\|\s*$", re.MULTILINE)


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


def refusals(top: Path) -> Iterator[Model]:
    """Yield the error codes that a manual's table has of the call that its chapter is about.

    Args:
        top: The top of the checkout.
    """
    for path in sorted(top.glob("*/references/*/接入指南/API接口清单.md")):
        text = path.read_text("utf-8")
        created = _CREATED.search(text)
        rows = (row(cells.split("|")) for cells in _ERROR.findall(text))
        errors: tuple[Refusal, ...] = tuple(each for each in rows if each is not None)
        if created is not None and errors:
            says = path.relative_to(top).as_posix()
            yield Model("post", created[1], {}, errors=errors, says=says)
