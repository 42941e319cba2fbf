"""Brings facts about WeChat Pay's API into the catalogue's own format.

The source is a folder with ``endpoints.jsonl`` and ``webhooks.jsonl``, as the two public indexes
named in ``PROVENANCE.md`` yield them. What can be derived from the rest is left out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wechatpay.api._format import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["convert"]

_PLAIN = {"type": "string", "required": True}
_OPTIONS = {
    "security": "mutual_tls",
    "nonceless": "nonceless",
    "unsigned_response": "unsigned",
    "signed_digest": "signed_digest",
    "signed_fields": "signed_fields",
    "stream": "stream",
    "base_uri": "host",
    "base_uri_required": "host_required",
    "browser_redirect": "browser_redirect",
    "fragment": "fragment",
    "timeout": "timeout",
}
# The kind of key already tells the algorithm, and `json` that the value is encoded.
_IMPLIED = ("type", "required", "encrypted", "encoded")
_RENAMED = {"encrypted_with": "encrypted", "encoded_type": "json"}


def convert(folder: Path) -> dict[str, str]:
    """Return the catalogue's files by name.

    Args:
        folder: Where ``endpoints.jsonl`` and ``webhooks.jsonl`` are.
    """
    return {
        "endpoints.jsonl": _file("endpoints", map(_endpoint, _lines(folder / "endpoints.jsonl"))),
        "notifications.jsonl": _file(
            "notifications", map(_event, _lines(folder / "webhooks.jsonl"))
        ),
    }


def dump(value: object) -> str:
    """Return a value as one line of compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text("utf-8").rstrip("\n").split("\n"))


def _file(kind: str, entries: Iterable[dict[str, Any]]) -> str:
    ordered = sorted(entries, key=lambda entry: list(entry.values())[:2])
    return "".join(f"{dump(each)}\n" for each in ({"schema": SCHEMA, "kind": kind}, *ordered))


def _endpoint(fact: dict[str, Any]) -> dict[str, Any]:
    # The sources spell a slash at the end so, for want of a segment's name.
    path = fact["path"].removesuffix("{empty}")
    placeholders = {
        name: field
        for name, field in fact["path_params"].items()
        if field != _PLAIN and f"{{{name}}}" in path
    }
    kind = fact["body_kind"]
    entry = {
        "path": path,
        "verb": fact["verb"],
        "name": fact["name"],
        **{key: fact[key] for key in ("tags", "groups", "roles", "modes")},
        "placeholders": _tree(placeholders),
        "query": _tree(fact["query"]),
        "headers": _tree(fact["headers"]),
        "body": {} if kind == "none" else _content(kind, fact["body"]),
        "reply": _content(fact["response_kind"], fact["response"], *fact["status"]),
        "error": _content(fact["error_kind"], fact["error"]) if "error" in fact else {},
        "options": {_OPTIONS[name]: value for name, value in fact["options"].items() if value},
        "lifecycle": [
            [step["flag"], *([step["date"]] if "date" in step else [""] if others else []), *others]
            for step in fact.get("lifecycle", [])
            for others in [step.get("superseded_by", [])]
        ],
        "docs": fact["docs"],
        "updated": fact.get("updated", ""),
    }
    return _without_empty(entry)


def _event(fact: dict[str, Any]) -> dict[str, Any]:
    entry = {
        "version": fact["version"],
        "event_type": fact["event_type"],
        "name": fact["name"],
        "event_types": fact["event_types"],
        "original_types": fact["original_types"],
        "encrypted_field": fact["encrypted_field"] or "",
        "resource": _tree(fact["resource"]),
        "variants": _variants(fact.get("resource_variants", [])),
        "body": _tree(fact["envelope"]["body"]["fields"]),
        "reply": _tree(fact["reply"]["body"].get("fields", {})),
        "docs": fact["docs"],
    }
    return _without_empty(entry)


def _content(kind: str, fields: dict[str, Any], status: int = 0) -> dict[str, Any]:
    return _without_empty({"kind": kind, "status": status, "fields": _tree(fields)})


def _without_empty(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value}


def _tree(fields: dict[str, Any]) -> dict[str, Any]:
    return {name + "!" * field["required"]: _field(field) for name, field in fields.items()}


def _variants(variants: list[dict[str, Any]]) -> list[Any]:
    return [[each.get("when", ""), _tree(each["fields"])] for each in variants]


def _field(field: dict[str, Any]) -> str | dict[str, Any]:
    kind: str = field["type"]
    nested = "fields" in field or "variants" in field
    extras: dict[str, Any] = {}
    if nested and kind == "string":
        # One notification does not say that a string with fields in it is JSON.
        extras["json"] = field.get("encoded_type", "object")
    if kind != ("object" if nested and "json" not in extras else "string"):
        extras["type"] = kind
    for key, value in field.items():
        if key == "fields":
            extras[key] = _tree(value)
        elif key == "variants":
            extras[key] = _variants(value)
        elif key not in _IMPLIED:
            extras[_RENAMED.get(key, key)] = value
    return kind if extras.keys() <= {"type"} and not nested else extras
