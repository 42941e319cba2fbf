"""What the tools say of the catalogue, and of a body that is held against it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from ...errors import ConfigurationError

if TYPE_CHECKING:
    from ...api import Endpoint, Field

__all__ = ["Language", "checked", "documented", "found", "shown"]

Language = str
_Groups = tuple[tuple[str, ...], ...]
_MOST = 20
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "binary": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
}


def found(words: str) -> list[dict[str, str]]:
    """Return the endpoints that some words are likely to mean, the likeliest first."""
    from ...api import search

    keys = ("verb", "path", "name")
    return [{key: getattr(each, key) for key in keys} for each in search(words)[:_MOST]]


def documented(verb: str, path: str) -> Endpoint:
    """Return an endpoint.

    Raises:
        ConfigurationError: None is documented there; it says which one may be meant.
    """
    from ..._chain import meant
    from ...api import endpoint

    each = endpoint(verb, path)
    if each is None:
        hint = meant(verb.upper(), path) or "no such path is documented"
        raise ConfigurationError(f"{verb.upper()} {path}: {hint}")
    return each


def shown(endpoint: Endpoint, language: Language) -> dict[str, Any]:
    """Return what is documented of an endpoint, and how it is called."""
    from ..._chain import attribute

    names = ".".join(map(attribute, endpoint.path.split("/")))
    kind = endpoint.body.kind
    values = [f"{one.name}=…" for one in endpoint.placeholders]
    options = ["params={…}"] if endpoint.query else []
    options += [f"{kind}={{…}}"] if kind in ("json", "xml") else []
    facts: dict[str, Any] = {
        "verb": endpoint.verb,
        "path": endpoint.path,
        "name": endpoint.name,
        "call": f"wxpay.{names}.{endpoint.verb}({', '.join((*values, *options))})",
        "placeholders": _tree(endpoint.placeholders, language),
        "query": _tree(endpoint.query, language),
        "body": _tree(endpoint.body.fields, language),
        "one_of": [list(group) for group in endpoint.body.one_of],
        "answer": _tree(endpoint.reply.fields, language),
        "refusals": [_refusal(one) for one in endpoint.errors],
        "only_asks": endpoint.is_query,
        "the_same_call_again_by": endpoint.idempotency_key,
        "lifecycle": [" ".join(filter(None, step[:2])) for step in endpoint.lifecycle],
        "official": list(endpoint.docs),
    }
    return {name: value for name, value in facts.items() if value or name == "only_asks"}


def _refusal(error: Any) -> str:
    return f"{error.status or ''} {error.code}{' (may be repeated)' * error.repeatable}".strip()


def _tree(fields: tuple[Field, ...], language: Language) -> dict[str, Any]:
    return {one.name: _field(one, language) for one in fields}


def _field(field: Field, language: Language) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "type": field.type,
        "required": field.required,
        "required_of_service_providers": field.partners,
        "meaning": field.meaning.get(language),
        "example": None if field.enum else field.example,
        "values": list(field.enum),
        "longest": field.max_length,
        "pattern": field.pattern,
        "encrypted": bool(field.encrypted),
        "fields": _tree(field.fields, language),
        "variants": [{"where": when, **_tree(tree, language)} for when, tree in field.variants],
    }
    return {name: value for name, value in facts.items() if value}


def checked(endpoint: Endpoint, body: Mapping[str, Any], query: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a call's body and query, a sentence each; none if all is well."""
    content = endpoint.body
    told = [f"query: {one}" for one in _wrong(endpoint.query, (), query, "")]
    return told + [f"body: {one}" for one in _wrong(content.fields, content.one_of, body, "")]


def _wrong(
    fields: tuple[Field, ...], groups: _Groups, values: Mapping[str, Any], above: str
) -> Iterator[str]:
    from difflib import get_close_matches

    known = {one.name: one for one in fields}
    # Of some objects nothing is documented: anything may be in them.
    for name in sorted(values.keys() - known.keys()) if known else ():
        near = get_close_matches(name, known, 1)
        yield f"{above}{name} is not documented{f'; did you mean {near[0]}?' if near else ''}"
    for name, field in known.items():
        value = values.get(name)
        if value is not None:
            yield from _wrong_value(field, field.type, value, f"{above}{name}")
        elif field.required:
            weak = " (by a single unofficial source)" if field.grade == "one" else ""
            yield f"{above}{name} is required{weak}{_about(field)}"
    for group in groups:
        if not set(group) & set(values):
            yield f"{above}({' or '.join(group)}) is required"


def _wrong_value(field: Field, kind: str, value: Any, place: str) -> Iterator[str]:
    if kind.startswith("array<"):
        if not isinstance(value, list):
            yield f"{place} has to be a list{_about(field)}"
            return
        items = cast("list[object]", value)
        for number, each in enumerate(items):
            yield from _wrong_value(field, kind[6:-1], each, f"{place}[{number}]")
    elif not isinstance(value, _TYPES[kind]) or isinstance(value, bool) != (kind == "boolean"):
        yield f"{place} has to be of type {kind}{_about(field)}"
    elif kind == "object":
        inner = cast("dict[str, Any]", value)
        yield from _wrong(field.fields, field.one_of, inner, f"{place}.")
    elif field.enum and value not in field.enum:
        closed = "has to be" if field.closed else "is usually"
        yield f"{place} {closed} one of {', '.join(map(str, field.enum))}"
    elif isinstance(value, str) and not field.encrypted:
        if field.max_length and len(value) > field.max_length:
            yield f"{place} is longer than {field.max_length} characters"
        if field.pattern and not re.fullmatch(field.pattern, value):
            yield f"{place} does not match {field.pattern}"


def _about(field: Field) -> str:
    meaning = field.meaning.get("en")
    return f": {meaning}" if meaning else ""
