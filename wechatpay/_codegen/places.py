"""Where fields are in a tree, and what a path is without its values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wechatpay.api import Field

__all__ = ["FieldPlace", "places", "wild"]

_PLACEHOLDER = re.compile(r"\{[^/]*\}")


class FieldPlace(NamedTuple):
    """A field, and its way from the top.

    Attributes:
        path: Names, joined by ``/``; ``*`` stands for each item of a list.
        field: The field.
    """

    path: str
    field: Field


def places(fields: Iterable[Field], above: str = "") -> Iterator[FieldPlace]:
    """Yield some fields and all that are in them, those of every variant too.

    Args:
        fields: The fields of an object.
        above: The object's own way from the top, with a ``/`` at its end.
    """
    for field in fields:
        path = f"{above}{field.name}" + "/*" * field.type.startswith("array<")
        yield FieldPlace(path, field)
        for tree in (field.fields, *(fields for _, fields in field.variants)):
            yield from places(tree, f"{path}/")


def wild(path: str) -> str:
    """Return a path with ``*`` in place of each placeholder."""
    return _PLACEHOLDER.sub("*", path)
