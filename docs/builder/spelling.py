"""How a documented call is written in Python: its path in three spellings, its arguments once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

from wechatpay._chain import attribute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wechatpay.api import Endpoint, Field

__all__ = ["Code", "code_of", "paths"]

Value: TypeAlias = "Union[str, int, float, dict[str, Value], list[Value]]"
"""What an example is made of."""

_WIDTH = 88
_SOMETHING = "…"
_NUMBERS = ("integer", "number")
_BY_THE_CLIENT = frozenset({"mch_id", "nonce_str", "sign", "sign_type"})
"""Fields that the client adds to an APIv2 message."""


class Code(NamedTuple):
    """A call as it is written.

    The body stands in the call: in a variable, a checker would ask for its type.

    Attributes:
        call: The call, its path as attributes.
        awaited: The same, asynchronous.
        strings: The path as a string, in both spellings.
    """

    call: str
    awaited: str
    strings: tuple[str, str]


def paths(path: str) -> tuple[str, str, str]:
    """Return the three spellings of a path's node.

    Args:
        path: A template of the catalogue.
    """
    names = map(attribute, path.split("/"))
    angles = path.replace("{", "<").replace("}", ">")
    return f"wxpay.{'.'.join(names)}", f'wxpay.chain("{path}")', f'wxpay["{angles}"]'


def code_of(endpoint: Endpoint) -> Code:
    """Return the calls of an endpoint, with its required fields and examples of what they hold."""
    arguments = {one.name: _flat(_of_type(one, one.type)) for one in endpoint.placeholders}
    query = _required(endpoint.query)
    if query:
        arguments["params"] = _written(query, 12, 1)
    body = endpoint.body
    if body.kind in ("json", "xml"):
        fields = _required(body.fields, body.one_of)
        if body.kind == "xml":
            fields = {name: fields[name] for name in fields if name not in _BY_THE_CLIENT}
        arguments[body.kind] = _written(fields, 9, 1)
    elif body.kind == "multipart":
        arguments["media"] = '"file.jpg"'
    attributes, *strings = paths(endpoint.path)
    return Code(
        _called(f"response = {attributes}.{endpoint.verb}", arguments),
        _called(f"response = await {attributes}.{endpoint.verb}_async", arguments),
        (strings[0], strings[1]),
    )


def _called(name: str, arguments: dict[str, str]) -> str:
    """Return a call, over several lines where one is too short."""
    written = [f"{key}={value}" for key, value in arguments.items()]
    flat = f"{name}({', '.join(written)})"
    if len(flat) <= _WIDTH and "\n" not in flat:
        return flat
    return f"{name}(\n{''.join(f'    {one},{chr(10)}' for one in written)})"


def _required(fields: Iterable[Field], one_of: Iterable[Iterable[str]] = ()) -> dict[str, Value]:
    """Return what must be there, and the first of those of which one must be."""
    chosen = {one.name for one in fields if one.required}
    chosen.update(first for first, *_ in one_of)
    return {_numbered(one.name): _example(one) for one in fields if one.name in chosen}


def _numbered(name: str) -> str:
    """Return the first of the fields that a name with a number stands for."""
    return name.replace("$n", "0").replace("$m", "0")


def _example(field: Field) -> Value:
    if field.type.startswith("array<"):
        return [_of_type(field, field.type[6:-1])]
    return _of_type(field, field.type)


def _of_type(field: Field, kind: str) -> Value:
    if kind == "object":
        return _required(field.fields, field.one_of)
    if kind == "boolean":
        return field.example != "false"
    candidates = (field.const, field.example, field.default, *field.enum)
    known = next((str(one).strip() for one in candidates if one is not None), None)
    if kind in _NUMBERS:
        return int(known) if known is not None and known.isdigit() else 1
    return _SOMETHING if known is None else known


def _written(value: Value, taken: int = 0, depth: int = 0) -> str:
    """Return a value as Python code, over several lines where one is too short."""
    flat = _flat(value)
    if taken + len(flat) + 4 * depth <= _WIDTH or isinstance(value, (str, int, float)) or not value:
        return flat
    inside, outside = "    " * (depth + 1), "    " * depth
    if isinstance(value, list):
        items = [_written(one, 1, depth + 1) for one in value]
        opening, closing = "[]"
    else:
        items = [
            f"{_flat(name)}: {_written(one, len(name) + 5, depth + 1)}"
            for name, one in value.items()
        ]
        opening, closing = "{}"
    lines = "".join(f"{inside}{one},\n" for one in items)
    return f"{opening}\n{lines}{outside}{closing}"


def _flat(value: Value) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flat(name)}: {_flat(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(value)
