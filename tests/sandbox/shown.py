"""Calls with the values that documented pages show as examples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wechatpay.api import Endpoint, Field

from .asker import OWN, SUB
from .documented import Ask, ask, least

_OURS = ("mchid", "sp_mchid", "belong_merchant", "stock_creator_mchid", "creator_mchid")


def shown(endpoint: Endpoint) -> Ask:
    """Make a call with what a page shows, and with what it must have beside that."""
    made, query = ask(endpoint), _shown(endpoint.query)
    path = {each.name: str(each.example or made.path[each.name]) for each in endpoint.placeholders}
    names = {*made.query, *({"sub_mchid"} & query.keys())}
    known: Mapping[str, Any] = {name: query[name] for name in names & query.keys()}
    body = {**made.body, **_shown(endpoint.body.fields)}
    return Ask(endpoint, path, {**made.query, **known}, body)


def filled(asked: Ask, known: Mapping[str, Any]) -> Ask:
    """Return a call with other values of some names, wherever those stand."""
    path = {name: str(known.get(name, value)) for name, value in asked.path.items()}
    query: dict[str, Any] = _filled(asked.query, known)
    body: dict[str, Any] = _filled(asked.body, known)
    return replace(asked, path=path, query=query, body=body)


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        items: Mapping[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return {
            name: known[name] if name in known else _filled(each, known)
            for name, each in items.items()
        }
    if isinstance(value, list):
        many: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return [_filled(each, known) for each in many]
    return value


def _example(spec: Field) -> Any:
    """Make a value of what is shown; `None` where nothing is."""
    many, kind = spec.type.startswith("array"), spec.type.removeprefix("array<").removesuffix(">")
    if spec.fields:
        shown = _shown(spec.fields)
        whole = {**least(spec.fields), **shown} if shown or spec.required else {}
        return [whole] if many else whole
    value: Any = spec.example
    if value is None:
        return None
    if many and str(value).startswith('["'):
        return json.loads(value)
    if kind in ("integer", "number") and str(value).isdigit():
        value = int(value)
    if kind == "boolean":
        value = value in (True, "true")
    one = not isinstance(value, list)
    return [value] if many and one else value  # pyright: ignore[reportUnknownVariableType]


def _shown(fields: tuple[Field, ...]) -> dict[str, Any]:
    own = {**dict.fromkeys(_OURS, OWN), "sub_mchid": SUB}
    made = {each.name: own.get(each.name, _example(each)) for each in fields}
    return {name: value for name, value in made.items() if value not in (None, {}, [{}])}
