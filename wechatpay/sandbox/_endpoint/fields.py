"""Parameters checked against a tree that describes them.

A tree maps a name to what WeChat Pay documents of it: its `type` (`string`, `binary`, `integer`,
`number`, `boolean`, `object`, `array<…>`), whether it is `required`, its `enum`, the `fields` of an
object, the type `json` of what is inside a string, with whose key it is `encrypted`. `_documented`
makes trees of the catalogue. Limits, which the catalogue does not have, go on top of a tree: the
`length` of a string (at least, at most), a `minimum` and a `pattern`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypedDict, cast

from . import wording as _wording

_BEYOND_THREE_BYTES = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")


class _Typed(TypedDict):
    type: str


class Spec(_Typed, total=False):
    """What is documented of one parameter."""

    required: bool
    enum: Sequence[str | int]
    fields: Mapping[str, Spec]
    json: str
    encrypted: str
    padding: str
    format: str
    length: tuple[int, int]
    minimum: int
    pattern: str


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
_RULES = "字符串规则校验失败，"
_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "字符串"),
    "binary": ((str,), "字符串"),
    "integer": ((int,), "64 位有符号整数"),
    "number": ((int, float), "数值"),
    "boolean": ((bool,), "布尔值"),
    "object": ((dict,), "对象"),
    "array": ((list,), "数组"),
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
        raise _wording.not_json("not JSON in UTF-8") from error
    if not isinstance(value, dict):
        raise _wording.not_json("not a JSON object")
    if _BEYOND_THREE_BYTES.search(text):
        raise _wording.not_json("a character of more than three bytes, such as an emoji")
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
    """Check parameters against their tree; names that the tree does not know are let through.

    Args:
        values: The parameters.
        tree: What is documented of them.
        location: Where they stand: `body`, `query` or `url`.
        pointer: Where in the body the object is that holds them, with a final slash.

    Raises:
        Refusal: 400 `PARAM_ERROR`, for the first parameter that is not as documented.
    """
    for name, spec in tree.items():
        place = _Place(name, location, pointer)
        value = values.get(name)
        if value is not None:
            _check_value(value, spec, place)
        elif spec.get("required"):
            place.refuse("字段", "必填性规则校验失败，此字段为必填项", "", "required")


def _check_value(value: Any, spec: Spec, place: _Place) -> None:
    kind, _, item = spec["type"].partition("<")
    _check_type(value, kind, place)
    if kind == "object":
        check(value, spec.get("fields", {}), place.location, f"{place.field}/")
    elif kind == "array":
        of_items: Spec = {**spec, "type": item.removesuffix(">")}
        for index, each in enumerate(value):
            _check_value(each, of_items, _Place(str(index), place.location, f"{place.field}/"))
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
    types, called = _TYPES[kind]
    right = isinstance(value, types) and isinstance(value, bool) == (kind == "boolean")
    if not right or (kind == "integer" and not -_INT64 <= value < _INT64):
        place.refuse("目标字段", f"中，此字段需要一个合法的{called}", value, f"not {kind}")


def _check_text(value: str, spec: Spec, place: _Place) -> None:
    least, most = spec.get("length", (0, len(value)))
    if len(value) < least:
        rule = f"{_RULES}字符数 {len(value)}，小于最小值 {least}"
        place.refuse("值字段", rule, value, f"shorter than {least}")
    if len(value) > most:
        rule = f"{_RULES}字符数 {len(value)}，大于最大值 {most}"
        place.refuse("值字段", rule, value, f"longer than {most}")
    _check_enum(value, spec, place, "值字段", _RULES)
    if not re.fullmatch(pattern := spec.get("pattern", "(?s:.*)"), value):
        rule = f"{_RULES}字符串必须匹配正则表达式“{pattern}”"
        place.refuse("值字段", rule, value, f"does not match {pattern}")


def _check_number(value: float, spec: Spec, place: _Place) -> None:
    _check_enum(value, spec, place, "数值字段", "规则校验失败，")
    if value < (least := spec.get("minimum", value)):
        rule = f"规则校验失败，值低于最小值 {least}"
        place.refuse("数值字段", rule, value, f"less than {least}")


def _check_enum(value: object, spec: Spec, place: _Place, target: str, rules: str) -> None:
    if "enum" in spec and value not in spec["enum"]:
        allowed = [str(each) for each in spec["enum"]]
        rule = f"{rules}取值必须为 {'、'.join(allowed)}"
        place.refuse(target, rule, value, f"none of {', '.join(allowed)}")


def _inside(text: str, place: _Place) -> Any:
    """Read the JSON in a string."""
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        place.refuse("值字段", f"{_RULES}字符串必须是合法的JSON", text, "not JSON")


def _from_text(text: str, kind: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind in ("integer", "number") and _WHOLE.fullmatch(text):
        return int(text)
    if kind == "number" and _DECIMAL.fullmatch(text):
        return float(text)
    return text


class _Place:
    """Where a parameter stands, in WeChat Pay's two ways of saying so."""

    def __init__(self, name: str, location: str, pointer: str) -> None:
        self._name = name
        self.location = location
        self._pointer = f"{pointer}{name}"
        self.field = self._pointer if location == "body" else name

    def refuse(self, target: str, rule: str, value: object, issue: str) -> NoReturn:
        raise _wording.wrong_parameter(
            f"输入源“/{self.location}{self._pointer}”映射到{target}“{self._name}”{rule}",
            field=self.field,
            value=value if isinstance(value, (str, int, float)) else "",
            issue=issue,
            location=self.location,
        )


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value
