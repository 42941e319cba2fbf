"""What of a body is not documented: unknown names, and nulls; and fields that may be missing.

WeChat Pay refuses both, with pointers to them in `detail`, where merchants have tried it; that a
null is always refused is the stricter choice of two that were seen. In a query nothing is known to
be refused.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, cast

from .._base import Refusal, Text
from . import words
from .fields import Tree

_MOST_TOLD = 10
_LONGEST_NAME = 64
_PARTNERS = ("sp_mchid", "sp_appid", "sub_mchid", "sub_appid", "sub_mch_id", "sub_openid")
"""What only service providers give."""


def names(values: Mapping[str, Any], tree: Tree, above: str = "") -> Iterator[str]:
    """Return pointers to the fields that a tree does not know, such as `/payer/openid`.

    An object of which no field is documented may have any.
    """
    for name, value in values.items():
        spec = tree.get(name)
        if spec is None:
            yield f"{above}/{name}"
        elif fields := spec.get("fields"):
            for pointer, inner in _objects(value, f"{above}/{name}"):
                yield from names(inner, fields, pointer)


def nulls(values: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Return pointers to what is null, but for the items of lists, which have a type."""
    for name, value in values.items():
        if value is None:
            yield f"{above}/{name}"
        else:
            for pointer, inner in _objects(value, f"{above}/{name}"):
                yield from nulls(inner, pointer)


def lacking(values: Mapping[str, Any], tree: Tree, above: str = "") -> Iterator[str]:
    """Return pointers to what is missing and may be refused.

    That is what one unofficial index requires, and what service providers have to give, if the
    object has something else that only they give.
    """
    partner = any(values.get(name) for name in _PARTNERS)
    for name, spec in tree.items():
        if values.get(name) in (None, ""):
            if spec.get("expected") or (partner and spec.get("partners")):
                yield f"{above}/{name}"
        elif fields := spec.get("fields"):
            for pointer, inner in _objects(values[name], f"{above}/{name}"):
                yield from lacking(inner, fields, pointer)


def doubt(place: str, pointers: list[str]) -> Text:
    """Tell of fields whose absence may be refused.

    Args:
        place: `body` or `query`.
        pointers: The fields.
    """
    shown = [f"/{place}{each}" for each in pointers[:_MOST_TOLD]]
    return words.LACKING.filled(names=", ".join(shown))


def refuse(pointers: list[str]) -> Refusal:
    """Say no to fields of a body, as merchants report it."""
    refusal = words.UNDOCUMENTED()
    refusal.detail |= {"location": None, "value": [f"/body{each}" for each in pointers]}
    return refusal


def warning(place: str, pointers: list[str], tree: Tree) -> Text:
    """Tell of fields that may be refused, and which ones may have been meant.

    Args:
        place: `body` or `query`.
        pointers: The fields.
        tree: What is documented there.
    """
    shown = [f"/{place}{each}"[:_LONGEST_NAME] for each in pointers[:_MOST_TOLD]]
    meant = [near for each in pointers[:_MOST_TOLD] for near in _near(each, tree)]
    text = words.NOT_KNOWN.filled(names=", ".join(shown))
    if not meant:
        return text
    also = words.MEANT.filled(names=", ".join(meant))
    return Text(text.zh + also.zh, text.en + also.en)


def _near(pointer: str, tree: Tree) -> list[str]:
    *above, name = pointer[1:].split("/")
    for each in above:
        if not each.isdigit():
            tree = tree.get(each, {"type": "object"}).get("fields", {})
    return difflib.get_close_matches(name, tree, n=1)


def _objects(value: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return a value's objects: itself, or its items."""
    if isinstance(value, dict):
        yield pointer, cast("dict[str, Any]", value)
    elif isinstance(value, list):
        items: list[Any] = cast("Any", value)
        for index, item in enumerate(items):
            if isinstance(item, dict):
                yield f"{pointer}/{index}", cast("dict[str, Any]", item)
