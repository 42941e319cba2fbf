"""Examples that need not be written: the glossary has the same for every field of that name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wechatpay.api._glossary import Glossary, PlaceMeanings, fits, glossary

from .plain import is_object
from .raw import written

__all__ = ["unsaid"]


def unsaid(entry: Mapping[str, Any], place: str, said: Glossary | None = None) -> dict[str, Any]:
    """Return an entry without the examples that its fields have anyway.

    Args:
        entry: The entry, as in the files.
        place: What the glossary knows it by.
        said: The glossary. Default: the package's.
    """
    meanings = (said or glossary()).at(place)
    left = dict(entry)
    for part in ("query", "resource"):
        if part in entry:
            left[part] = _tree(entry[part], "", meanings)
    for part in ("body", "reply"):
        if is_object(entry.get(part)) and "fields" in entry[part]:
            left[part] = {**entry[part], "fields": _tree(entry[part]["fields"], "", meanings)}
    return left


def _tree(tree: Mapping[str, Any], parent: str, meanings: PlaceMeanings) -> dict[str, Any]:
    return {
        name: _field(value, parent, name.removesuffix("!"), meanings) if is_object(value) else value
        for name, value in tree.items()
    }


def _field(field: Mapping[str, Any], parent: str, name: str, meanings: PlaceMeanings) -> Any:
    left = dict(field)
    meaning = meanings.of(parent, name)
    example = field.get("example")
    if meaning is not None and example and meaning.example == example and fits(example, field):
        del left["example"]
    if "fields" in field:
        left["fields"] = _tree(field["fields"], name, meanings)
    return written(left) if left != field else field
