"""`amount.total=1`: a body in pieces, each of the type that the catalogue documents.

`name=value` has the type that is documented for the field; a field that is not documented is
text. `name:=value` is JSON, whatever is documented. A number between dots is the place in a list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .words import text

if TYPE_CHECKING:
    from ..api import Field

_MOST_ITEMS = 10_000
_INTEGER = r"-?(?:0|[1-9][0-9]*)"
_NUMBER = rf"{_INTEGER}(?:\.[0-9]+)?"
_BOOLEANS = {"true": True, "false": False}
_CONTAINERS = {"object": dict, "array": list}


class AssignmentError(ValueError):
    """An assignment that is malformed, or does not fit the field or the others."""


class Assignment(NamedTuple):
    """One field of a body.

    Attributes:
        name: As it was written, for errors.
        path: The names and places that lead to it.
        value: What it is set to, as written.
        is_json: Whether that is JSON.
    """

    name: str
    path: tuple[str, ...]
    value: str
    is_json: bool


def read(given: str) -> Assignment:
    """Take an assignment apart.

    Raises:
        AssignmentError: It is malformed.
    """
    name, equals, value = given.partition("=")
    is_json = name.endswith(":")
    name = name.removesuffix(":")
    path = tuple(name.split("."))
    if not equals or "" in path:
        raise AssignmentError(text("assign.malformed", length=len(given)))
    return Assignment(name, path, value, is_json)


def build(
    given: Iterable[str], fields: Sequence[Field] | None = None, onto: Any = None
) -> dict[str, Any]:
    """Make a body of assignments.

    Args:
        given: The assignments, in any order but for the places in a list.
        fields: What is documented of the body; `None` leaves everything text but what is JSON.
        onto: A body that the assignments add to and win over. It is changed.

    Raises:
        AssignmentError: One is malformed, or does not fit its field or the others.
    """
    body: Any = {} if onto is None else onto
    seen: set[tuple[str, ...]] = set()
    for one in map(read, given):
        if one.path in seen:
            raise AssignmentError(text("assign.twice", name=one.name))
        seen.add(one.path)
        value = _json(one) if one.is_json else _typed(one, _find(one.path, fields))
        _put(body, one, value)
    return cast("dict[str, Any]", body)


def unknown(given: Iterable[str], fields: Sequence[Field]) -> Iterator[tuple[str, str]]:
    """Yield the names that are not documented, each with the one that may be meant, or nothing.

    Args:
        given: Assignments.
        fields: What is documented of the body.
    """
    for one in map(read, given):
        candidates = list(fields)
        for name in one.path:
            if name.isdecimal():
                continue
            found = [each for each in candidates if _is_called(each.name, name)]
            # Of some objects nothing is documented: anything may be in them.
            if candidates and not found:
                near = get_close_matches(name, [each.name for each in candidates], 1)
                yield one.name, near[0] if near else ""
                break
            candidates = _within(found)


def _within(fields: Iterable[Field]) -> list[Field]:
    """Return what is in some fields, in each of their variants."""
    return [
        inner
        for one in fields
        for inner in (*one.fields, *(each for _, variant in one.variants for each in variant))
    ]


def _find(path: tuple[str, ...], fields: Sequence[Field] | None) -> str | None:
    """Return the documented type of a field, or `None`."""
    kind: str | None = None
    candidates = list(fields or ())
    for name in path:
        if kind is not None and kind.startswith("array<") and name.isdecimal():
            kind = kind[len("array<") : -1]
            continue
        found = [one for one in candidates if _is_called(one.name, name)]
        if not found:
            return None
        kind = found[0].type
        candidates = _within(found)
    return kind


def _is_called(documented: str, name: str) -> bool:
    """Tell whether a field has that name; `$n` stands for a number."""
    pattern = re.sub(r"\\\$[nm]", "[0-9]+", re.escape(documented))
    return re.fullmatch(pattern, name) is not None


def _typed(one: Assignment, kind: str | None) -> Any:
    value = one.value
    if kind is None or kind in ("string", "binary"):
        return value
    if kind == "boolean" and value in _BOOLEANS:
        return _BOOLEANS[value]
    if kind == "integer" and re.fullmatch(_INTEGER, value):
        return int(value)
    if kind == "number" and re.fullmatch(_NUMBER, value):
        return json.loads(value)
    container = _CONTAINERS.get(kind.partition("<")[0])
    if container is not None and isinstance(found := _json(one), container):
        return cast("Any", found)
    raise AssignmentError(text("assign.mistyped", name=one.name, kind=kind))


def _json(one: Assignment) -> Any:
    try:
        return json.loads(one.value, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise AssignmentError(text("assign.not_json", name=one.name)) from None


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _put(body: Any, one: Assignment, value: Any) -> None:
    """Put a value into its place, making what leads there."""
    at = body
    for name, after in zip(one.path, (*one.path[1:], None), strict=True):
        fresh: Any = value if after is None else [] if after.isdecimal() else {}
        if isinstance(at, list):
            items: list[Any] = cast("Any", at)
            if not (name.isdecimal() and len(name) < len(str(_MOST_ITEMS))):
                raise AssignmentError(text("assign.conflict", name=one.name))
            place = int(name)
            if place > len(items):
                raise AssignmentError(text("assign.gap", name=one.name, place=len(items)))
            if place == len(items):
                items.append(fresh)
            elif after is None:
                items[place] = fresh
            at = items[place]
        elif isinstance(at, dict):
            fields = cast("dict[str, Any]", at)
            if after is None:
                fields[name] = fresh
            at = fields.setdefault(name, fresh)
        else:
            raise AssignmentError(text("assign.conflict", name=one.name))
