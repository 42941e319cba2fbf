"""The one form in which every source says what it knows: models of calls and notifications."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Literal, TypeAlias

from .refusals import Refusal

__all__ = ["Item", "Mode", "Model", "Place", "Statement", "Tree", "shape", "statements"]

Mode: TypeAlias = Literal["", "direct", "partner", "brand"]
"""Whose page or sample it is; empty where the source does not say."""

Place: TypeAlias = Literal["path", "query", "body", "meta", "reply", "event"]

_PLACEHOLDER = re.compile(r"\{[^/]*\}")


@dataclass(frozen=True, slots=True)
class Item:
    """What one source says of one field.

    Attributes:
        type: As in the catalogue: ``string integer number boolean object binary``, ``array<…>``.
        required: Whether it has to be there; `None` where the source has no word for that.
        values: The values it lists.
        closed: Whether the list is a type of its own, so that others cannot be written.
        sealed: Whether its text is encrypted.
        choice: Names of which one is enough, this one included.
        max_length: In characters.
        min_length: In characters.
        pattern: What the characters have to match.
        unit: ``fen``, ``yuan``, ``second``, ….
        format: A hint such as ``rfc3339``.
        example: A value that the source gives.
        shown: Whether a sample sets it; `None` if there is no sample.
        fields: What an object, or an item of a list, is made of.
        says: Where it stands: the file, from the top of the checkout, and the line.
    """

    type: str = "string"
    required: bool | None = None
    values: tuple[str | int, ...] = ()
    closed: bool = False
    sealed: bool = False
    choice: tuple[str, ...] = ()
    max_length: int | None = None
    min_length: int | None = None
    pattern: str | None = None
    unit: str | None = None
    format: str | None = None
    example: str | None = None
    shown: bool | None = None
    fields: Tree = field(default_factory=dict[str, "Item"])
    says: str = ""

    @property
    def kind(self) -> str:
        """The type without ``array<…>``."""
        return self.type.removeprefix("array<").removesuffix(">")

    def having(self, **changes: object) -> Item:
        """Return a copy with some attributes changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


Tree: TypeAlias = Mapping[str, Item]


@dataclass(frozen=True, slots=True)
class Model:
    """What one source says of one call, or of one notification.

    Attributes:
        verb: In lower case; of a notification ``event``.
        path: A template with the leading ``v2/``, ``v3/`` or ``brand/``; of a notification, its
            version and event type, such as ``v3/TRANSACTION.SUCCESS``.
        parts: A tree for each part that the source describes.
        mode: Whose call it is.
        name: The title.
        docs: Official pages.
        errors: Error codes.
        says: Where it stands.
    """

    verb: str
    path: str
    parts: Mapping[Place, Tree]
    mode: Mode = ""
    name: str = ""
    docs: tuple[str, ...] = ()
    errors: tuple[Refusal, ...] = ()
    says: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The verb and the path without the names of placeholders."""
        return self.verb, shape(self.path)


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact of one source: the finest grain that the judge weighs.

    Attributes:
        source: The source's name in ``sources.json``.
        verb: As in `Model`.
        path: As in `Model`.
        mode: As in `Model`.
        place: The part of the call.
        field: Names from the top, joined by ``/``; lists are not marked.
        what: An attribute of `Item`.
        value: Its value.
        says: Where it stands.
    """

    source: str
    verb: str
    path: str
    mode: Mode
    place: Place
    field: str
    what: str
    value: object
    says: str


def shape(path: str) -> str:
    """Return a path without the names of its placeholders."""
    return _PLACEHOLDER.sub("{}", path)


_SAID = tuple(each.name for each in fields(Item) if each.name not in ("fields", "says"))


def statements(source: str, model: Model) -> Iterator[Statement]:
    """Yield everything that a model says, one fact at a time."""
    for place, tree in model.parts.items():
        for name, item in walk(tree):
            for what in _SAID:
                value = getattr(item, what)
                says_no = value is False and what in ("required", "shown")
                if value not in (None, (), False) or says_no:
                    where = (model.verb, model.path, model.mode, place, name)
                    yield Statement(source, *where, what, value, item.says)


def walk(tree: Tree, above: str = "") -> Iterator[tuple[str, Item]]:
    """Yield every item of a tree with its names from the top, joined by ``/``."""
    for name, item in tree.items():
        yield f"{above}{name}", item
        yield from walk(item.fields, f"{above}{name}/")
