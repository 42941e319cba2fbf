"""Trees as the catalogue's files have them, read as items and written from decided facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from .models import Item

__all__ = ["Raw", "find", "items", "key", "without", "written"]

Raw: TypeAlias = Mapping[str, Any]
"""A tree in the files' form: names with ``!`` behind the required ones, types or objects."""

KEPT = (
    "json",
    "format",
    "const",
    "default",
    "padding",
    "item_name",
    "cdata",
    "sensitive",
    "signed",
)
"""What only the compiled table has, and no source contradicts."""

OUR_KEYS = {"query": "wechatpay-public-key", "body": "wechatpay-public-key"}
THEIR_KEY = "merchant-certificate"


def items(tree: Raw) -> dict[str, Item]:
    """Return a tree of a file as items."""
    return {name.removesuffix("!"): _item(name, value) for name, value in tree.items()}


def _item(name: str, value: Any) -> Item:
    required = name.endswith("!")
    if isinstance(value, str):
        return Item(value, required)
    if value.get("source") == "yaml":
        # The index's page lacks it: there it is one of several, of which one is enough.
        required = False
    fields = items(value.get("fields", {}))
    for _, tree in value.get("variants", []):
        fields = {**fields, **items(tree)}
    nested = bool(fields) or "variants" in value
    return Item(
        value.get("type", "object" if nested and "json" not in value else "string"),
        required,
        tuple(value.get("enum", ())),
        closed=bool(value.get("closed")),
        sealed="encrypted" in value,
        max_length=value.get("max_length"),
        format=value.get("format"),
        fields=fields,
    )


def find(tree: Raw, name: str) -> Any:
    """Return a field of a tree, whether it is required there or not; `None` if it is not there."""
    return tree.get(f"{name}!", tree.get(name))


def key(name: str, needed: bool) -> str:
    """Return a field's name as the files have it."""
    return f"{name}!" if needed else name


def written(extras: dict[str, Any]) -> Any:
    """Return a field as the files have it: its type alone, if there is no more to say."""
    kind = extras.get("type", "string")
    nested = "fields" in extras or "variants" in extras
    if kind == ("object" if nested and "json" not in extras else "string"):
        extras.pop("type", None)
    if not extras:
        return kind
    if extras.keys() == {"type"}:
        return kind
    return extras


def without(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry without what says nothing."""
    return {name: value for name, value in entry.items() if value not in ({}, [], "", None, ())}
