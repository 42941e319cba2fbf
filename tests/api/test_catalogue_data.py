"""The catalogue's data: names, types, counts, and that each path can be written as attributes."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING

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
        assert re.fullmatch(r"v[23](/(\{[a-z][a-z0-9_]*\}|[a-zA-Z0-9_-]+))+/?", each.path), each
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
    assert kinds == {
        "wechatpay-public-key": 284,
        "merchant-certificate": 71,
        "bank-transfer-rsa-public-key": 7,
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


def test_counts() -> None:
    """There is as much of everything as the sources have."""
    options = [each.options for each in endpoints()]
    assert len(endpoints()) == 1147
    assert Counter(each.path[:2] for each in endpoints()) == {"v3": 1018, "v2": 129}
    assert Counter(each.verb for each in endpoints()) == {
        "post": 690,
        "get": 409,
        "patch": 30,
        "delete": 13,
        "put": 5,
    }
    assert Counter(each.body.kind for each in endpoints()) == {
        "json": 567,
        "none": 443,
        "xml": 122,
        "multipart": 15,
    }
    assert sum(each.mutual_tls for each in options) == 57
    assert sum(each.nonceless for each in options) == 19 + 3  # and the overlay's redirects
    assert sum(each.unsigned for each in options) == 33
    assert sum(bool(each.signed_digest) for each in options) == 2
    assert sum(each.stream for each in options) == 9
    assert sum(bool(each.host) for each in options) == 106
    assert sum(each.host_required for each in options) == 30
    assert sum(each.browser_redirect for each in options) == 3
    assert len(notifications()) == 112
    assert Counter(each.version for each in notifications()) == {"v3": 102, "v2": 10}
    no_original = [each for each in notifications() if not each.original_types]
    assert sum(each.version == "v3" for each in no_original) == 36


def test_the_provenance_has_the_same_counts() -> None:
    """PROVENANCE.md says how many of everything there are."""
    text = (files("wechatpay.api") / "PROVENANCE.md").read_text("utf-8")
    for count in ("1,147: 1,018 APIv3, 129 APIv2", "112: 102 APIv3, 10 APIv2", "| 57 |", "| 33 |"):
        assert count in text


def test_there_are_no_descriptions() -> None:
    """No text in the catalogue is a sentence: titles and values only, however long."""
    for each in endpoints():
        for text in (each.name, *each.tags, *each.groups, *each.roles):
            assert "。" not in text, each
    for owner, field in every_field():
        for value in field.enum:
            assert "。" not in str(value), owner
