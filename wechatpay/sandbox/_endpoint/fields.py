"""Parameters checked against a tree that describes them.

A tree maps a name to what WeChat Pay documents of it: its `type` (`string`, `binary`, `integer`,
`number`, `boolean`, `object`, `array<…>`), whether it is `required`, its `enum` and whether that is
`closed`, the `fields` of an object, the type `json` of what is inside a string, with whose key it
is `encrypted`, its `meaning`. `documented` makes trees of the catalogue. Limits go on top of a
tree: the `length` of a string (at least, at most), a `minimum` and a `pattern`; an `enum` among
them is closed.

A text that has to be there has to say something: WeChat Pay counts its characters.
"""

from __future__ import annotations

import ipaddress
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypedDict, cast

from .._base import No, Text
from . import words

_BEYOND_THREE_BYTES = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")


class _Typed(TypedDict):
    type: str


class Spec(_Typed, total=False):
    """What is documented of one parameter."""

    required: bool
    expected: bool  # one unofficial index alone says that it is required
    partners: bool  # service providers have to give it
    enum: Sequence[str | int]
    closed: bool
    fields: Mapping[str, Spec]
    json: str
    encrypted: str
    padding: str
    format: str
    length: tuple[int, int]
    minimum: int
    pattern: str
    meaning: Mapping[str, str]


class Limit(TypedDict, total=False):
    """What goes on top of a parameter's specification, or takes the place of a part of it."""

    type: str
    required: bool
    enum: Sequence[str | int]
    fields: Mapping[str, Limit]
    length: tuple[int, int]
    minimum: int
    pattern: str


Tree = Mapping[str, Spec]
Limits = Mapping[str, Limit]

_INT64 = 2**63
_WHOLE = re.compile(r"-?[0-9]{1,20}")
_DECIMAL = re.compile(r"-?[0-9]{1,20}\.[0-9]{1,20}")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "binary": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


def parse(body: bytes) -> dict[str, Any]:
    """Read a JSON object, in the characters that WeChat Pay takes.

    Raises:
        Refusal: 400 `PARAM_ERROR`.
    """
    try:
        value: Any = json.loads(body.decode(), parse_constant=_finite, parse_float=_finite)
        text = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError) as error:
        raise words.NOT_JSON("") from error
    if not isinstance(value, dict):
        raise words.NOT_AN_OBJECT("")
    if _BEYOND_THREE_BYTES.search(text):
        raise words.TOO_WIDE("")
    return cast("dict[str, Any]", value)


def merge(tree: Tree, limits: Limits) -> dict[str, Spec]:
    """Return a tree with limits on top of it.

    Args:
        tree: What is documented.
        limits: What else is known: for each name, the keys to add or to replace. A name that is not
            in the tree needs a `type`.

    Raises:
        ValueError: A limit is for a name that the tree does not have.
    """
    merged = dict(tree)
    for name, limit in limits.items():
        spec: dict[str, Any] = {**tree.get(name, {}), **limit}
        if "enum" in limit:
            spec["closed"] = True
        if "type" not in spec:
            raise ValueError(f"{name} has limits, but is not documented")
        if "fields" in limit:
            spec["fields"] = merge(
                tree[name].get("fields", {}) if name in tree else {}, limit["fields"]
            )
        merged[name] = cast("Spec", spec)
    return merged


def read(pairs: Iterable[tuple[str, str]], tree: Tree) -> dict[str, Any]:
    """Read parameters that came as text, each as the type that it is documented to have.

    What cannot be read as that type stays text, for `check` to refuse. A list is given by repeating
    its name; of anything else that is repeated, the last counts.
    """
    values: dict[str, Any] = {}
    for name, text in pairs:
        kind, _, item = tree[name]["type"].partition("<") if name in tree else ("string", "", "")
        if kind == "array":
            values.setdefault(name, []).append(_from_text(text, item.removesuffix(">")))
        else:
            values[name] = _from_text(text, kind)
    return values


def check(values: Mapping[str, Any], tree: Tree, location: str, pointer: str = "/") -> None:
    """Check parameters against their tree; names that it does not have are `undocumented.names`.

    Args:
        values: The parameters.
        tree: What is documented of them.
        location: Where they stand: `body`, `query` or `url`.
        pointer: Where in the body the object is that holds them, with a final slash.

    Raises:
        Refusal: 400 `PARAM_ERROR`, for the first parameter that is not as documented.
    """
    for name, spec in tree.items():
        place = _Place(name, location, pointer, spec.get("meaning"))
        value = values.get(name)
        if value is not None:
            _check_value(value, spec, place)
        elif spec.get("required"):
            place.refuse(words.REQUIRED, "")


def known(values: Mapping[str, Any], tree: Tree, *, inner: bool = False) -> dict[str, Any]:
    """Return an answer without what its page does not have, inside of objects.

    An answer repeats objects that were asked with, and a request's may have more fields.

    Args:
        values: The fields of an answer.
        tree: What is documented of them.
        inner: Whether they are an object's.
    """
    fields = {name: spec.get("fields") for name, spec in tree.items()}
    return {
        name: _known(value, its) if (its := fields.get(name)) else value
        for name, value in values.items()
        if name in fields or not inner
    }


def _known(value: Any, tree: Tree) -> Any:
    if isinstance(value, list):
        items: list[Any] = cast("Any", value)
        return [_known(item, tree) for item in items]
    held = cast("Mapping[str, Any]", value)
    return known(held, tree, inner=True) if isinstance(value, dict) else value


def _check_value(value: Any, spec: Spec, place: _Place) -> None:
    kind, _, item = spec["type"].partition("<")
    _check_type(value, kind, place)
    if kind == "object":
        check(value, spec.get("fields", {}), place.location, f"{place.field}/")
    elif kind == "array":
        of_items: Spec = {**spec, "type": item.removesuffix(">")}
        for index, each in enumerate(value):
            at = _Place(str(index), place.location, f"{place.field}/", place.meaning)
            _check_value(each, of_items, at)
    elif "encrypted" in spec:
        return  # what is documented, is documented of the plain text
    elif "json" in spec:
        inner: Spec = {**spec, "type": spec["json"]}
        del inner["json"]
        _check_value(_inside(value, place), inner, place)
    elif kind in ("string", "binary"):
        _check_text(value, spec, place)
    else:
        _check_number(value, spec, place)


def _check_type(value: Any, kind: str, place: _Place) -> None:
    right = isinstance(value, _TYPES[kind]) and isinstance(value, bool) == (kind == "boolean")
    if not right or (kind == "integer" and not -_INT64 <= value < _INT64):
        place.refuse(words.WRONG_TYPE, value, called=words.TYPES[kind])


def _check_text(value: str, spec: Spec, place: _Place) -> None:
    least, most = spec.get("length", (0, len(value)))
    least = max(least, 1) if spec.get("required") else least
    if len(value) < least:
        place.refuse(words.TOO_SHORT, value, length=len(value), least=least)
    if len(value) > most:
        place.refuse(words.TOO_LONG, value, length=len(value), most=most)
    _check_enum(value, spec, place, words.NO_SUCH_TEXT)
    if not re.fullmatch(pattern := spec.get("pattern", "(?s:.*)"), value):
        place.refuse(words.NO_MATCH, value, pattern=pattern)
    if value and spec.get("format") == "ip" and not _is_address(value):
        place.refuse(words.NOT_AN_ADDRESS, value)


def _check_number(value: float, spec: Spec, place: _Place) -> None:
    _check_enum(value, spec, place, words.NO_SUCH_NUMBER)
    if value < (least := spec.get("minimum", value)):
        place.refuse(words.TOO_SMALL, value, least=least)


def _check_enum(value: object, spec: Spec, place: _Place, no: No) -> None:
    values = spec.get("enum", ())
    if spec.get("closed") and value not in values:
        allowed = [str(each) for each in values]
        place.refuse(no, value, allowed=Text("、".join(allowed), ", ".join(allowed)))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _inside(text: str, place: _Place) -> Any:
    """Read the JSON in a string."""
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        place.refuse(words.NOT_JSON_INSIDE, text)


def _from_text(text: str, kind: str) -> Any:
    if kind == "boolean":
        # In capitals on APIv2's pages.
        return {"true": True, "TRUE": True, "false": False, "FALSE": False}.get(text, text)
    if kind in ("integer", "number") and _WHOLE.fullmatch(text):
        return int(text)
    if kind == "number" and _DECIMAL.fullmatch(text):
        return float(text)
    return text


class _Place:
    """Where a parameter stands, in WeChat Pay's two ways of saying so."""

    def __init__(
        self, name: str, location: str, pointer: str, meaning: Mapping[str, str] | None = None
    ) -> None:
        self._name = name
        self.meaning = meaning
        self.location = location
        self._pointer = f"{pointer}{name}"
        self.field = self._pointer if location == "body" else name

    def refuse(self, no: No, value: object, **values: object) -> NoReturn:
        refusal = no(
            value if isinstance(value, (str, int, float)) else "",
            at=self.field,
            location=self.location,
            place=self.location,
            pointer=self._pointer,
            name=self._name,
            **values,
        )
        if self.meaning:  # the sandbox's own: WeChat Pay leaves its readers to look it up
            refusal.detail["meaning"] = dict(self.meaning)
        raise refusal


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value
