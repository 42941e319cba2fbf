"""The format of the catalogue's files, and the reader that refuses anything else.

Three files in ``data/`` are JSON lines in UTF-8. The first line is ``{"schema":1,"kind":…}``; the
others are objects. What is generated is sorted by path and verb, or by version and event type:

* ``endpoints.jsonl``: ``path verb name`` (always, in this order), then where there is something to
  say ``tags groups roles modes placeholders query headers body reply error errors options lifecycle
  is_query idempotency_key idempotency_period docs updated``.
* ``notifications.jsonl``: ``version event_type name`` (always, in this order), then ``event_types
  original_types encrypted_field resource variants body reply docs``.
* ``overlay.jsonl``: this project's own corrections: ``path verb why patch``, where ``patch`` is a
  JSON merge patch (RFC 7386) for one endpoint; `null` removes it, and one that is not in
  ``endpoints.jsonl`` is added, for which the patch has to have a ``name``.

A *tree* (``placeholders query headers resource``, and ``fields`` in any field) maps a field's name,
with ``!`` behind it if it is required, to its type or to an object with ``type`` (left out, it is
``object`` if there are ``fields`` or ``variants`` and ``string`` otherwise) and any of `Field`'s
other attributes. ``variants`` is a list of ``[what it depends on, tree]``.

``placeholders`` lists only those that are not ``"…!":"string"``. ``body``, ``reply`` and ``error``
have `Content`'s attributes, but of a notification they are trees. ``options`` has `Options`'
attributes, ``lifecycle`` is a list of ``[flag, date, other path, …]``, ``errors`` of ``[code,
status, repeatable]``, ``one_of`` of lists of names. Defaults are left out.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any, NamedTuple, cast

from ._glossary import PlaceMeanings, fits, glossary
from ._records import CatalogueError, Content, ErrorCode, Field, Lifecycle, Options

__all__ = ["SCHEMA", "DataLine", "Reader", "merge", "read"]

SCHEMA = 1

_TYPE = re.compile(r"(array<)?(?:string|integer|number|boolean|object|binary)(?(1)>)")
_TEXT = (
    *("json", "encrypted", "format", "const", "padding", "item_name", "signed", "source"),
    *("pattern", "unit", "example"),
)
_FLAGS = ("cdata", "sensitive", "closed", "partners")
_LENGTHS = ("min_length", "max_length")
_GRADES = ("person", "official", "two", "one")
_CONST = (str, int)
_WRITTEN = tuple(one for one in Field._fields[3:] if one != "words")
"""What a field's record may have; what it means is in the glossary."""


class DataLine(NamedTuple):
    """One line of a file, not yet parsed, and what the overlay says about it."""

    file: str
    number: int
    text: str
    patch: Any = None


def read(file: str, text: str) -> list[DataLine]:
    """Split a file into its lines and check the first.

    Raises:
        CatalogueError: The file is empty or of another schema.
    """
    head, *rest = text.removesuffix("\n").split("\n")
    header = Reader(DataLine(file, 1, head)).record
    if header.get("schema") != SCHEMA:
        raise CatalogueError(file, 1, "schema", f"must be {SCHEMA}, not {header.get('schema')!r}")
    return [DataLine(file, number, line) for number, line in enumerate(rest, 2)]


def merge(target: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7386), and return the result."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(cast("dict[str, Any]", target)) if isinstance(target, dict) else {}
    for key, value in cast("dict[str, Any]", patch).items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


class Reader:
    """Turns one line into records, and says where in the line something is wrong."""

    def __init__(self, line: DataLine) -> None:
        self._line = line
        try:
            record = json.loads(line.text)
        except ValueError as error:
            raise self._error("", f"is not JSON: {error}") from None
        self.record: dict[str, Any] = self._check(merge(record, line.patch or {}), dict, "")
        place = self.record.get("path") or f"event:{self.record.get('event_type')}"
        self._place = str(place)
        self._by_hand = self._place.startswith("v2/")

    @cached_property
    def _meanings(self) -> PlaceMeanings:
        # Only fields have any: the lines' heads are read without the glossary.
        return glossary().at(self._place)

    def finish(self, known: tuple[str, ...]) -> None:
        """Refuse keys that no reader has asked for.

        Raises:
            CatalogueError: The line has another key.
        """
        self._only(self.record, known, "")

    def text(self, key: str) -> str:
        """Return a string, empty if it is not there."""
        return str(self._check(self.record.get(key, ""), str, key))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings."""
        return self._texts(self.record.get(key, []), key)

    def tree(self, key: str) -> tuple[Field, ...]:
        """Return the fields of a tree."""
        return self._tree(self.record.get(key, {}), key)

    def placeholders(self, key: str, path: str) -> tuple[Field, ...]:
        """Return the fields of a path's placeholders; ``key`` has those that are not ordinary."""
        special = {field.name: field for field in self.tree(key)}
        names = re.findall(r"\{(.*?)\}", path)
        for name in special:
            if name not in names:
                raise self._error(f"{key}/{name}", "is not a placeholder of the path")
        return tuple(
            special.get(name) or self._field(f"{name}!", "string", key, "") for name in names
        )

    def content(self, key: str) -> Content | None:
        """Return a body, an answer or an error: `None` if it is not there."""
        if key not in self.record:
            return None
        found = self._check(self.record[key], dict, key)
        self._only(found, Content._fields, key)
        fields = self._tree(found.get("fields", {}), key)
        return Content(
            self._check(found.get("kind"), str, f"{key}/kind"),
            fields,
            self._check(found.get("status", 0), int, f"{key}/status"),
            self._one_of(found.get("one_of", []), fields, key),
        )

    def variants(self, key: str) -> tuple[tuple[str, tuple[Field, ...]], ...]:
        """Return alternatives to a tree."""
        return self._variants(self.record.get(key, []), key)

    def options(self, key: str) -> Options:
        """Return what is special about calling the endpoint."""
        found = dict(self._check(self.record.get(key, {}), dict, key))
        self._only(found, Options._fields, key)
        for name, value in found.items():
            default: object = Options._field_defaults[name]
            if isinstance(default, tuple):
                found[name] = self._texts(value, f"{key}/{name}")
            else:
                self._check(value, type(default), f"{key}/{name}")
        return Options(**found)

    def lifecycle(self, key: str) -> tuple[Lifecycle, ...]:
        """Return what became of the endpoint."""
        steps: list[Lifecycle] = []
        for step in self._check(self.record.get(key, []), list, key):
            flag, date, *others = (*self._texts(step, key), "", "")
            steps.append(Lifecycle(flag, date, tuple(filter(None, others))))
        return tuple(steps)

    def errors(self, key: str) -> tuple[ErrorCode, ...]:
        """Return the documented refusals."""
        found: list[ErrorCode] = []
        for number, each in enumerate(self._check(self.record.get(key, []), list, key)):
            place = f"{key}/{number}"
            self._check(each, list, place)
            if len(each) > len(ErrorCode._fields):
                raise self._error(place, "must be [code, status, repeatable]")
            for value, kind in zip(each, (str, int, bool), strict=False):
                self._check(value, kind, place)
            found.append(ErrorCode(*each))
        return tuple(found)

    def flag(self, key: str) -> bool:
        """Return whether something holds; it does not if it is not there."""
        return bool(self._check(self.record.get(key, False), bool, key))

    def _one_of(
        self, value: Any, fields: tuple[Field, ...], where: str
    ) -> tuple[tuple[str, ...], ...]:
        place = f"{where}/one_of"
        groups = tuple(self._texts(each, place) for each in self._check(value, list, place))
        known = {field.name for field in fields}
        for name in (name for group in groups for name in group if name not in known):
            raise self._error(place, f"is of {name}, which is not a field there")
        return groups

    def _tree(self, tree: Any, where: str, parent: str = "") -> tuple[Field, ...]:
        fields = self._check(tree, dict, where).items()
        return tuple(self._field(key, value, f"{where}/{key}", parent) for key, value in fields)

    def _field(self, key: str, value: Any, where: str, parent: str) -> Field:
        name = key.removesuffix("!")
        if not name or name != name.strip():
            raise self._error(where, "is not a name")
        required = name != key
        if isinstance(value, str):
            found: dict[str, Any] = {"type": self._type(value, where)}
            return Field(name, required=required, **self._explained(found, parent, name))
        found = dict(self._check(value, dict, where))
        self._only(found, (*_WRITTEN, "type"), where)
        nested = "fields" in found or "variants" in found
        found["type"] = self._type(
            found.get("type", "object" if nested and "json" not in found else "string"), where
        )
        if "json" in found:
            self._type(found["json"], where)
        if "fields" in found:
            found["fields"] = self._tree(found["fields"], where, name)
        if "variants" in found:
            found["variants"] = self._variants(found["variants"], where, name)
        if "enum" in found:
            found["enum"] = tuple(self._check(found["enum"], list, where))
            for item in found["enum"]:
                self._check(item, _CONST, where)
        for extra in _TEXT:
            self._check(found.get(extra, ""), str, f"{where}/{extra}")
        for extra in _FLAGS:
            self._check(found.get(extra, False), bool, f"{where}/{extra}")
        self._check(found.get("default", ""), _CONST, f"{where}/default")
        for extra in _LENGTHS:
            self._check(found.get(extra, 0), int, f"{where}/{extra}")
        if found.get("grade", "one") not in _GRADES:
            raise self._error(f"{where}/grade", f"has no such grade as {found['grade']!r}")
        if "one_of" in found:
            found["one_of"] = self._one_of(found["one_of"], found.get("fields", ()), where)
        return Field(name, required=required, **self._explained(found, parent, name))

    def _explained(self, found: dict[str, Any], parent: str, name: str) -> dict[str, Any]:
        """Add what the field means, and an example of its value."""
        meaning = self._meanings.of(parent, name)
        if meaning is None:
            return found
        examples = (found.get("example"), meaning.example)
        fitting = next((one for one in examples if one and fits(one, found)), None)
        words = meaning.of(found, by_hand=self._by_hand)
        return {**found, "words": words, "example": fitting or found.get("example")}

    def _variants(
        self, value: Any, where: str, parent: str = ""
    ) -> tuple[tuple[str, tuple[Field, ...]], ...]:
        variants: list[tuple[str, tuple[Field, ...]]] = []
        for number, variant in enumerate(self._check(value, list, where)):
            place = f"{where}/{number}"
            if len(self._check(variant, list, place)) != 2:
                raise self._error(place, "must be [what it depends on, tree]")
            variants.append(
                (self._check(variant[0], str, place), self._tree(variant[1], place, parent))
            )
        return tuple(variants)

    def _texts(self, value: Any, where: str) -> tuple[str, ...]:
        return tuple(self._check(item, str, where) for item in self._check(value, list, where))

    def _type(self, value: Any, where: str) -> str:
        if not (isinstance(value, str) and _TYPE.fullmatch(value)):
            raise self._error(where, f"has no such type as {value!r}")
        return value

    def _only(self, found: dict[str, Any], known: tuple[str, ...], where: str) -> None:
        unknown = [key for key in found if key not in known]
        if unknown:
            raise self._error(where, f"has an unknown key {unknown[0]!r}")

    def _check(self, value: Any, kind: type | tuple[type, ...], where: str) -> Any:
        if not isinstance(value, kind):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            names = " or ".join(each.__name__ for each in kinds)
            raise self._error(where, f"must be {names}, not {type(value).__name__}")
        return value

    def _error(self, where: str, problem: str) -> CatalogueError:
        return CatalogueError(self._line.file, self._line.number, where, problem)
