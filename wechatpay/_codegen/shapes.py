"""Turns trees of fields into the `TypedDict`s of a module."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from wechatpay._v2 import MERCHANT_FIELDS

from .names import camel, common, identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wechatpay.api import Field

__all__ = ["ADDED", "Shapes", "Use"]

Use: TypeAlias = Literal["json", "xml", "reply", "text"]
"""What a tree is for: an APIv3 or APIv2 request, an answer, or an answer that is all text."""

_SCALARS = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "object": "dict[str, Any]",
    "binary": "bytes",
}

ADDED = (*MERCHANT_FIELDS, "nonce_str", "sign", "sign_type")
"""What the client adds to an APIv2 message itself."""

_SHORT = 26
"""Characters of an example that is shown with a key: long numbers and addresses say little, and
make the wheel larger than it may be."""

_STANDS_FOR = re.compile("\0(\\d+)\0")


class _Item(NamedTuple):
    """One key of a `TypedDict`: its name, its type, and what is said of it."""

    key: str
    kind: str
    about: str


class _Nested(NamedTuple):
    """A nested shape: a token for its name, and the names that each of its users would give it."""

    token: str
    wanted: list[str]


class Shapes:
    """The classes of one module; nested objects of one name and shape are one `TypedDict`.

    Attributes:
        required: The names of those that cannot be empty.
    """

    def __init__(self) -> None:
        self._answers: list[list[str]] = []
        self._requests: list[list[str]] = []
        self._responses: list[list[str]] = []
        self.required: set[str] = set()
        self._nested: dict[str, _Nested] = {}
        self._taken: set[str] = set()

    def lines(self) -> list[str]:
        """Return their source, once all are added: only then is it known which are shared.

        Answers, requests and responses, each kind by itself and similar ones together, so that a
        wheel packs them a tenth smaller. A nested one comes before what it is in, for mypy's sake.
        """
        names = [self.name(common(one.wanted)) for one in self._nested.values()]
        kinds = (_alike(self._answers), _alike(self._requests), self._responses)
        lines = (line for kind in kinds for one in kind for line in one)
        return [_STANDS_FOR.sub(lambda found: names[int(found[1])], line) for line in lines]

    def name(self, wanted: str) -> str:
        """Return a class name that is not taken yet, and take it."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}{number}"
        self._taken.add(name)
        return name

    def append(self, *lines: str) -> None:
        """Add the source of a response's class."""
        self._responses.append([*lines])

    def add(self, wanted: str, fields: Iterable[Field], use: Use, nested: str | None = None) -> str:
        """Return the name of the `TypedDict` for some fields.

        Args:
            wanted: Its name; a nested one gets it only if no other has its shape.
            fields: What it is made of.
            use: What for. In an answer nothing is required, for the documentation promises too
                much; nor is what the client adds to an APIv2 message.
            nested: The key that it is under, if it is part of another. Then what is returned is
                a token, which `lines` replaces by its name.
        """
        items = [
            _Item(name, self._entry(wanted, field, use), self._about(field, use))
            for field in fields
            for name in _numbered(field)
        ]
        total = use not in ("reply", "text")
        if nested is None:
            name = self.name(wanted)
        else:
            shape = json.dumps([total, nested, items])
            number = len(self._nested)
            known = self._nested.setdefault(shape, _Nested(f"\0{number}\0", []))
            known.wanted.append(wanted)
            if len(known.wanted) > 1:
                return known.token
            name = known.token
        kind = self._requests if total else self._answers
        kind.append(_class(name, items, "" if total else ", total=False"))
        if total and not all(one.kind.startswith("NotRequired[") for one in items):
            self.required.add(name)
        return name

    def _entry(self, wanted: str, field: Field, use: Use) -> str:
        kind = self._kind(wanted, field, use)
        added = use == "xml" and field.name in ADDED
        optional = use in ("json", "xml") and (added or not field.required)
        return f"NotRequired[{kind} | None]" if optional else kind

    def _about(self, field: Field, use: Use) -> str:
        """Return what a key of a request means, as an editor shows it where the key is written.

        Editors show it on the keys of dictionaries that are written, so of requests alone.
        """
        if use not in ("json", "xml") or not field.words:
            return ""
        zh, en = field.words
        short = field.example is not None and len(field.example) <= _SHORT
        shown = field.example if short and not field.enum and field.const is None else ""
        return "\n\n".join(filter(None, (zh, en, f"`{shown}`" if shown else "")))

    def _kind(self, wanted: str, field: Field, use: Use) -> str:
        inner = field.type.removeprefix("array<").removesuffix(">")
        if inner == "object" and field.fields:
            kind = self.add(f"{wanted}{camel(field.name)}", field.fields, use, field.name)
        elif use == "text" and inner != "object":
            kind = "str"
        elif inner == "number" and use == "reply" and field.format != "float":
            kind = "int"
        else:
            kind = _SCALARS[inner]
        if field.enum and (use != "text" or isinstance(field.enum[0], str)):
            values = ", ".join(json.dumps(value, ensure_ascii=False) for value in field.enum)
            kind = f"Literal[{values}] | {kind}"
        if use == "xml" and kind.rpartition(" ")[2] in ("int", "float", "bool"):
            kind = f"{kind} | str"
        return f"list[{kind}]" if field.type != inner else kind


def _numbered(field: Field) -> Iterator[str]:
    """Yield a field's name, with numbers in place of ``$n`` and ``$m``."""
    # How many there may be is not documented; ten of each are enough for one order.
    if "$m" in field.name:
        names = [field.name.replace("$m", str(number)) for number in range(10)]
    else:
        names = [field.name]
    for name in names:
        if "$n" in name:
            yield from (name.replace("$n", str(number)) for number in range(10))
        else:
            yield name


def _alike(classes: list[list[str]]) -> list[list[str]]:
    """Return classes, each behind the nested ones of its own, and beside those it is most like."""
    keys = [{*one[1:]} for one in classes]
    places = {
        found[0]: place
        for place, one in enumerate(classes)
        if (found := _STANDS_FOR.search(one[0]))
    }
    needs = [
        {places[name] for line in one[1:] for name in re.findall("\0\\d+\0", line)}
        for one in classes
    ]
    left = dict.fromkeys(range(len(classes)))
    order: list[int] = []
    while left:
        last = keys[order[-1]] if order else set[str]()
        ready = (place for place in left if not needs[place] & left.keys())
        order.append(max(ready, key=lambda place: sum(map(len, keys[place] & last))))
        del left[order[-1]]
    return [classes[place] for place in order]


def _class(name: str, items: list[_Item], suffix: str) -> list[str]:
    if all(identifier(one.key) for one in items):
        lines = [
            line
            for one in items
            for line in (
                f"    {one.key}: {one.kind}",
                *([f"    {json.dumps(one.about, ensure_ascii=False)}"] if one.about else []),
            )
        ]
        return [f"class {name}(TypedDict{suffix}):", *(lines or ["    ..."])]
    pairs = ", ".join(f'"{one.key}": {one.kind}' for one in items)
    return [f'{name} = TypedDict("{name}", {{{pairs}}}{suffix})']
