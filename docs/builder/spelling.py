"""How a documented call is written in Python: its path in three spellings, its arguments once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

from wechatpay._codegen.names import attribute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wechatpay.api import Endpoint, Field

__all__ = ["Code", "calls", "code_of", "paths"]

Value: TypeAlias = "Union[str, int, dict[str, Value], list[Value]]"
"""What an example is made of."""

_WIDTH = 88
_SOMETHING = "…"
_NUMBERS = ("integer", "number")
_BY_THE_CLIENT = frozenset({"mch_id", "nonce_str", "sign", "sign_type"})
"""Fields that the client adds to an APIv2 message."""


class Code(NamedTuple):
    """A call as it is written.

    Attributes:
        body: An assignment that the calls refer to, or nothing.
        calls: The call in three spellings.
        awaited: The same, asynchronous.
    """

    body: str
    calls: tuple[str, ...]
    awaited: tuple[str, ...]


def paths(path: str) -> tuple[str, str, str]:
    """Return the three spellings of a path's node.

    Args:
        path: A template of the catalogue.
    """
    names = map(attribute, path.split("/"))
    angles = path.replace("{", "<").replace("}", ">")
    return f"wxpay.{'.'.join(names)}", f'wxpay.chain("{path}")', f'wxpay["{angles}"]'


def code_of(endpoint: Endpoint) -> Code:
    """Return the calls of an endpoint, with its required fields."""
    arguments = [f'{one.name}="{_SOMETHING}"' for one in endpoint.placeholders]
    query = _required(endpoint.query)
    if query:
        arguments.append(f"params={_written(query)}")
    body = ""
    if endpoint.body.kind in ("json", "xml"):
        fields = _required(endpoint.body.fields)
        if endpoint.body.kind == "xml":
            fields = {name: fields[name] for name in fields if name not in _BY_THE_CLIENT}
        body = f"body = {_written(fields, 7)}"
        arguments.append(f"{endpoint.body.kind}=body")
    elif endpoint.body.kind == "multipart":
        arguments.append('media="file.jpg"')
    return Code(
        body,
        calls(endpoint, ", ".join(arguments)),
        calls(endpoint, ", ".join(arguments), awaited=True),
    )


def calls(endpoint: Endpoint, arguments: str, *, awaited: bool = False) -> tuple[str, ...]:
    """Return an endpoint's call in each spelling.

    Args:
        endpoint: What is called.
        arguments: What stands between the parentheses.
        awaited: Whether it is the asynchronous verb.
    """
    before, after = ("await ", "_async") if awaited else ("", "")
    return tuple(
        f"response = {before}{path}.{endpoint.verb}{after}({arguments})"
        for path in paths(endpoint.path)
    )


def _required(fields: Iterable[Field]) -> dict[str, Value]:
    return {one.name: _example(one) for one in fields if one.required}


def _example(field: Field) -> Value:
    if field.type.startswith("array<"):
        return [_of_type(field, field.type[6:-1])]
    return _of_type(field, field.type)


def _of_type(field: Field, kind: str) -> Value:
    if kind == "object":
        return _required(field.fields)
    if kind == "boolean":
        return True
    known = next(
        (one for one in (field.const, field.default, *field.enum) if one is not None), None
    )
    if kind in _NUMBERS:
        return int(known) if known is not None and str(known).isdigit() else 1
    return _SOMETHING if known is None else str(known)


def _written(value: Value, taken: int = 0, depth: int = 0) -> str:
    """Return a value as Python code, over several lines where one is too short."""
    flat = _flat(value)
    if taken + len(flat) + 4 * depth <= _WIDTH or isinstance(value, (str, int)) or not value:
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
