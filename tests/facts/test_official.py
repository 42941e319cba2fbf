"""What official sources show, held against the library: by who says what in ``witnesses.jsonl``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from sandbox.documented import Caller, ask

from wechatpay import api
from wechatpay._call import rule_of
from wechatpay.api import Endpoint, Field
from wechatpay.sandbox import Sandbox

OFFICIAL = ("go", "java", "samples")
WITNESSES = Path(__file__).parents[2] / "catalogue" / "witnesses.jsonl"


@cache
def witnesses() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Return who says what of each field, by call."""
    lines = map(json.loads, WITNESSES.read_text("utf-8").splitlines())
    return {(each["verb"], each["path"]): each["fields"] for each in lines}


def marked() -> Iterator[tuple[Endpoint, str, str]]:
    """Yield every field that an official source encrypts: whose, in what part, and where."""
    for (verb, path), fields in witnesses().items():
        endpoint = api.endpoint(verb, path) if verb != "event" else None
        for name, said in fields.items():
            sealing = {word[1:-1] for word in said.split() if word.endswith("*")}
            if endpoint is not None and sealing & {*OFFICIAL}:
                place, _, field = name.partition("/")
                yield endpoint, place, field


def at(fields: tuple[Field, ...], path: str) -> Field:
    """Return the field of a path of names."""
    head, _, rest = path.partition("/")
    field = next(each for each in fields if each.name == head)
    return at(field.fields, rest) if rest else field


def test_what_official_sources_encrypt_is_encrypted() -> None:
    """Every such field leaves encrypted, or is opened in an answer, lists included."""
    found = 0
    for endpoint, place, path in marked():
        fields = {
            "query": endpoint.query,
            "body": endpoint.body.fields,
            "reply": endpoint.reply.fields,
        }[place]
        field = at(fields, path)
        if not field.type.endswith(("string", "string>")):
            continue
        where = "response" if place == "reply" else place
        key = "merchant" if place == "reply" else "platform"
        rule = rule_of(endpoint.verb, endpoint.path)
        ours = {
            re.sub(r"/\*", "", each.path)
            for each in rule.encrypted
            if (each.place, each.key) == (where, key)
        }
        assert path in ours, (endpoint, place, path)
        found += 1
    assert found > 40


def sampled(endpoint: Endpoint, place: str) -> set[str]:
    """Return the paths of what official samples set."""
    said = witnesses().get((endpoint.verb, endpoint.path), {})
    return {
        name.partition("/")[2]
        for name, words in said.items()
        if name.startswith(f"{place}/") and {"!samples", "!samples*"} & {*words.split()}
    }


def pruned(values: Mapping[str, Any], kept: set[str], above: str = "") -> dict[str, Any]:
    """Return values without what the samples do not set."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        path = f"{above}{name}"
        if path not in kept:
            continue
        found[name] = _pruned(value, kept, f"{path}/")
    return found


def _pruned(value: Any, kept: set[str], above: str) -> Any:
    if isinstance(value, dict):
        return pruned(cast("dict[str, Any]", value), kept, above)
    if isinstance(value, list):
        items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return [_pruned(each, kept, above) for each in items]
    return value


SAMPLED = [
    each
    for each in api.endpoints()
    if each.body.kind == "json" and sampled(each, "body") and not each.path.startswith("v2/")
]


@pytest.mark.untraced
@pytest.mark.parametrize("endpoint", SAMPLED, ids=lambda each: f"{each.verb} {each.path}")
def test_what_official_samples_set_is_enough(endpoint: Endpoint) -> None:
    """The sandbox asks for no more than an official sample of the call sets."""
    call = ask(endpoint, everything=True)
    body = pruned(call.body, sampled(endpoint, "body"))
    with Sandbox() as sandbox:
        response = Caller(sandbox).send(call.__class__(endpoint, call.path, call.query, body))
    said: dict[str, Any] = response.json() if response.content else {}
    detail: dict[str, Any] = said.get("detail") or {}
    assert detail.get("issue") != "required", said
