"""The catalogue's data: names, types, relations, and that paths can be written as attributes."""

from __future__ import annotations

import json
import keyword
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from wechatpay.api import Endpoint, Field, endpoints, notifications
from wechatpay.api._catalogue import load

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_ATTRIBUTES: set[str] = set()
"""Paths that attributes cannot spell: none, so far."""
VERBS = ("get", "post", "put", "patch", "delete")
NESTING = ("object", "array<object>")
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:_\$[nm])*")


def attribute(segment: str) -> str:
    """Return the attribute that spells a segment, by the contract's table read backwards."""
    if not segment:
        return "_empty_"
    if segment.startswith("{"):
        return f"_{segment[1:-1]}_"
    head, *rest = segment.split("-")
    name = head + "".join(each[:1].upper() + each[1:] for each in rest)
    return f"{name}_" if keyword.iskeyword(name) else name


def spelt(name: str) -> str:
    """Return the segment that an attribute spells, by the contract's table."""
    if name == "_empty_":
        return ""
    if name.startswith("_") and name.endswith("_"):
        return "{" + name[1:-1] + "}"
    name = name.removesuffix("_")
    words = re.split(r"(?=[A-Z])", name)
    return "-".join(words).lower() if len(words) > 1 else name


def every_field() -> Iterator[tuple[str, Field]]:
    """Yield every field of the catalogue, and whose it is."""
    for each in endpoints():
        error = each.error.fields if each.error else ()
        trees = (each.placeholders, each.query, each.headers, each.body.fields, each.reply.fields)
        for tree in (*trees, error):
            yield from ((f"{each.verb} {each.path}", field) for field in nested(tree))
    for event in notifications():
        for tree in (
            event.resource,
            event.body,
            event.reply,
            *(tree for _, tree in event.variants),
        ):
            yield from ((event.event_type, field) for field in nested(tree))


def nested(fields: tuple[Field, ...]) -> Iterator[Field]:
    """Yield fields and all that is in them."""
    for field in fields:
        yield field
        for tree in (field.fields, *(tree for _, tree in field.variants)):
            yield from nested(tree)


def test_every_line_is_well_formed() -> None:
    """Every line of every file reads without complaint."""
    load().check()


def test_every_path_can_be_written_as_attributes() -> None:
    """Every path is a chain of attributes that spell it back, or is a listed exception."""
    exceptions: set[str] = set()
    for each in endpoints():
        names = [attribute(segment) for segment in each.path.split("/")]
        legal = all(name.isidentifier() and not keyword.iskeyword(name) for name in names)
        if not legal or [spelt(name) for name in names] != each.path.split("/"):
            exceptions.add(each.path)
    assert exceptions == NOT_ATTRIBUTES


def test_no_attribute_stands_for_two_segments() -> None:
    """Two segments that lie side by side are never spelled with one attribute."""
    spelled: dict[tuple[str, str], str] = {}
    for each in endpoints():
        path = ""
        for segment in each.path.split("/"):
            assert spelled.setdefault((path, attribute(segment)), segment) == segment
            path = f"{path}/{segment}"


def test_segments_that_are_words_of_python() -> None:
    """The keywords and verbs among the segments are those that the chain knows about."""
    segments = {segment for each in endpoints() for segment in each.path.split("/")}
    assert {each for each in segments if keyword.iskeyword(each)} == {
        *("global", "import", "return", "try")
    }
    assert segments & {*VERBS, "chain"} == {"delete"}


def test_no_two_operations_collide() -> None:
    """No verb and path is there twice, and only two pairs differ in nothing but a name."""
    keys = Counter((each.verb, each.path) for each in endpoints())
    assert max(keys.values()) == 1
    shapes = Counter((each.verb, re.sub(r"\{.*?\}", "{}", each.path)) for each in endpoints())
    assert {shape for shape, count in shapes.items() if count > 1} == {
        ("post", "v2/secapi/mch/{}"),
        ("post", "v3/apply4subject/applyment/{}/cancel"),
    }


def test_paths_are_well_formed() -> None:
    """A path is a dialect and segments, each a name or one placeholder."""
    for each in endpoints():
        assert each.verb in VERBS
        path = r"(v[23]|brand)(/(\{[a-z][a-z0-9_]*\}|[a-zA-Z0-9_-]+))+/?"
        assert re.fullmatch(path, each.path), each
        assert [field.name for field in each.placeholders] == re.findall(r"\{(.*?)\}", each.path)
        assert len({field.name for field in each.placeholders}) == each.path.count("{")
        assert each.name == each.name.strip() != ""
        assert all(page.startswith("https://") for page in each.docs)


def test_contents_are_of_a_known_kind() -> None:
    """Bodies and answers are of the kinds that the records document."""
    assert {each.body.kind for each in endpoints()} == {"none", "json", "xml", "multipart"}
    assert {each.reply.kind for each in endpoints()} == {
        *("json", "xml", "empty", "csv", "binary", "redirect")
    }
    assert {each.reply.status for each in endpoints()} == {200, 202, 204, 302}
    for each in endpoints():
        assert each.body.kind != "none" or not each.body.fields
        assert each.path.startswith("v2/") or each.body.kind != "xml"


def test_fields_are_well_formed() -> None:
    """Names are names on the wire, enums are of their type and without doubles."""
    for owner, field in every_field():
        where = f"{owner} {field.name}"
        assert FIELD_NAME.fullmatch(field.name), where
        assert len(set(field.enum)) == len(field.enum), where
        if field.type in ("string", "array<string>"):
            assert all(isinstance(value, str) for value in field.enum), where
        if field.type in ("boolean", "object", "array<object>", "binary"):
            assert not field.enum, where
        if field.type not in NESTING:
            assert not field.fields or field.json in NESTING, where


def test_names_within_an_object_are_unique() -> None:
    """No object has a field twice, required and not."""
    for owner, field in every_field():
        names = [each.name for each in field.fields]
        assert len(set(names)) == len(names), owner
    for each in endpoints():
        for tree in (each.query, each.body.fields, each.reply.fields):
            assert len({field.name for field in tree}) == len(tree)


def test_encrypted_fields_have_a_known_key() -> None:
    """Whose key a field is encrypted with is one of five."""
    kinds = Counter(
        field.encrypted for each in endpoints() for field in all_of(each) if field.encrypted
    )
    assert kinds.keys() == {
        "wechatpay-public-key",
        "merchant-certificate",
        "bank-transfer-rsa-public-key",
    }
    assert {field.encrypted for _, field in every_field()} - kinds.keys() == {
        *("apiv3-key", "md5-of-apiv2-key", None)
    }


def all_of(each: Endpoint) -> list[Field]:
    """Return every field of an endpoint's query, body and answer."""
    return [
        field
        for tree in (each.query, each.body.fields, each.reply.fields)
        for field in nested(tree)
    ]


COMPILED = Path(__file__).parents[2] / "catalogue" / "compiled"


def compiled(name: str) -> list[dict[str, Any]]:
    """Return the entries that were compiled of the documentation in 2026-11."""
    lines = (COMPILED / name).read_text("utf-8").splitlines()[1:]
    return [json.loads(line) for line in lines]


def test_nothing_that_was_documented_is_lost() -> None:
    """Every endpoint and notification of the compiled table is there, with its options."""
    found = {(each.verb, each.path): each for each in endpoints()}
    for entry in compiled("endpoints.jsonl"):
        endpoint = found[entry["verb"], entry["path"]]
        for name, value in entry.get("options", {}).items():
            kept: Any = getattr(endpoint.options, name)
            assert json.loads(json.dumps(kept)) == value, endpoint
    events = {(each.version, each.event_type) for each in notifications()}
    assert events >= {
        (entry["version"], entry["event_type"]) for entry in compiled("notifications.jsonl")
    }


def test_what_is_of_a_dialect() -> None:
    """Mutual TLS, messages without a random string and redirects are APIv2's; a brand's is JSON."""
    for each in endpoints():
        options = each.options
        if each.path.startswith("v2/"):
            assert each.verb in ("get", "post")
        else:
            assert not any((options.nonceless, options.browser_redirect, options.signed_fields))
            assert each.body.kind in ("none", "json", "multipart")
        assert not options.host_required or options.host


def test_no_mark_of_personal_data_is_lost() -> None:
    """What the compiled table seals is sealed, but for what a person decided and linked."""
    decided = [
        json.loads(line)
        for line in (COMPILED.parent / "decisions.jsonl").read_text("utf-8").splitlines()
    ]
    free = {
        (path, field)
        for each in decided
        if each["what"] in ("sealed", "exists") and not each["value"]
        for path in each.get("paths", [each.get("path")])
        for field in each.get("fields", [each.get("field")])
    }
    assert all(each.get("pages") for each in decided if each["what"] == "sealed")
    found = {(each.verb, each.path): each for each in endpoints()}
    for entry in compiled("endpoints.jsonl"):
        endpoint = found[entry["verb"], entry["path"]]
        for place, fields in (
            ("query", endpoint.query),
            ("body", endpoint.body.fields),
            ("reply", endpoint.reply.fields),
        ):
            tree = entry.get(place, {})
            marks = set(sealed_in(tree if place == "query" else tree.get("fields", {})))
            kept = {path for path, field in paths_of(fields) if field.encrypted}
            lost = {path for path in marks - kept if (entry["path"], path) not in free}
            assert not lost, endpoint


def sealed_in(tree: dict[str, Any], above: str = "") -> Iterator[str]:
    """Yield the paths of the fields that a tree of a file marks as encrypted."""
    for key, given in tree.items():
        if isinstance(given, dict):
            value = cast("dict[str, Any]", given)
            path = f"{above}{key.removesuffix('!')}"
            if "encrypted" in value:
                yield path
            variants: list[list[Any]] = value.get("variants", [])
            for inner in (value.get("fields", {}), *(one[1] for one in variants)):
                yield from sealed_in(inner, f"{path}/")


def paths_of(fields: tuple[Field, ...], above: str = "") -> Iterator[tuple[str, Field]]:
    """Yield every field with its names from the top."""
    for field in fields:
        yield f"{above}{field.name}", field
        for tree in (field.fields, *(tree for _, tree in field.variants)):
            yield from paths_of(tree, f"{above}{field.name}/")


def test_lengths_units_and_grades_are_plausible() -> None:
    """A shortest length is no longer than the longest, a pattern compiles, a group has a choice."""
    for owner, field in every_field():
        where = f"{owner} {field.name}"
        assert (field.min_length or 0) <= (field.max_length or 10**9), where
        assert not field.closed or field.enum, where
        if field.pattern:
            re.compile(field.pattern)
        for group in field.one_of:
            assert len(group) > 1, where


def test_which_calls_only_ask() -> None:
    """A GET asks; a POST is only said to under APIv2. What makes two calls one is a field."""
    for each in endpoints():
        if each.is_query and each.verb != "get":
            assert each.path.startswith("v2/"), each
            assert not each.idempotency_key, each
        assert each.idempotency_key or not each.idempotency_period, each
        if each.idempotency_key:
            assert each.verb == "post", each
            names = {field.name for field in each.body.fields}
            assert each.idempotency_key in names, each


def test_there_are_no_descriptions() -> None:
    """No text in the catalogue is a sentence: titles and values only, however long."""
    for each in endpoints():
        for text in (each.name, *each.tags, *each.groups, *each.roles):
            assert "。" not in text, each
    for owner, field in every_field():
        for value in field.enum:
            assert "。" not in str(value), owner


def test_only_money_is_in_fen() -> None:
    """What has a unit of money is a number, or a text of a name that says money; never a count."""
    money = re.compile("amount|fee|price|total|quota|balance")
    counts = re.compile("quantity|_num|(^|_)(count|bonus|points?|ratio)(_|$)")
    for whose, field in every_field():
        if field.unit not in ("fen", "yuan"):
            continue
        assert not counts.search(field.name), (whose, field.name)
        assert field.json is None, (whose, field.name)
        if field.type not in ("integer", "number"):
            assert money.search(field.name), (whose, field.name)


def test_a_constant_in_a_path_tells_endpoints_apart() -> None:
    """A path with the constant written out is that endpoint's, and no other word is."""
    constant = [each for each in endpoints() if any(one.const for one in each.placeholders)]
    assert constant
    for each in constant:
        assert load().endpoint(each.verb, each.written) is each
        assert load().endpoint(each.verb, each.path) is each
        assert load().endpoint(each.verb, f"{each.written}x") is None
