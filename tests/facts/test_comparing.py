"""The finished catalogue beside each source: what differs, and who settles it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from catalogue.comparing import Compared, compare
from catalogue.decisions import Decision, Decisions
from catalogue.judge import SourcedModel
from catalogue.models import Item, Model, Place
from catalogue.sources import Source

GO = Source("go", "o/go", "c", "MIT", "official", "go")
JAVA = Source("java", "o/java", "c", "MIT", "official", "java")
SAMPLE = Source("samples", "o/s", "c", "MIT", "official", "samples", sampled=True)
BROAD = Source("skit", "o/k", "c", "MIT", "other", "skit")
INDEX = Source("website", "o/w", "c", "none", "other", "index")


def says(
    source: Source, item: Item | None, place: Place = "body", path: str = "v3/a"
) -> SourcedModel:
    """Return a model of one call with the field `x`, or with another one."""
    tree = {"other": Item()} if item is None else {"x": item, "other": Item()}
    return SourcedModel(source, Model("post", path, {place: tree}))


def held(ours: Mapping[str, Any], *said: SourcedModel, decided: str = "") -> Compared:
    """Return the comparison of a catalogue with one call, whose body has these fields."""
    fields = {**ours, "other": "string"}
    entry = {"verb": "post", "path": "v3/a", "body": {"kind": "json", "fields": fields}}
    hand = [Decision("post", "v3/a", "body", "x", decided, True)] if decided else []
    return compare(said, [entry], [], Decisions(hand))


@pytest.mark.parametrize(
    ("ours", "theirs", "kind"),
    [
        ({}, Item(), "missing"),
        ({"x!": "string"}, Item(required=False), "required"),
        ({"x!": "string"}, Item(shown=False), "required"),
        ({"x!": "string"}, None, "required"),
        ({"x": "string"}, Item(required=True), "optional"),
        ({"x": "integer"}, Item("boolean"), "type"),
        ({"x": "string"}, Item(sealed=True), "clear"),
        ({"x": {"encrypted": "k"}}, Item(shown=True), "sealed"),
        ({"x": {"enum": ["A"], "closed": True}}, Item(values=("B",)), "values"),
    ],
)
def test_what_an_official_source_settles(
    ours: Mapping[str, Any], theirs: Item | None, kind: str
) -> None:
    """Each kind of difference is found; official it is settled, unofficial or by hand it is not."""
    (found,) = held(ours, says(GO, theirs)).against
    assert (found.kind, found.field, found.source) == (kind, "x", "go")
    unofficial = held(ours, says(BROAD, theirs))
    assert [each.kind for each in unofficial.differences] == [kind]
    assert not unofficial.against
    assert not held(ours, says(GO, theirs), decided="why").differences


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"x": "number"}, Item("integer")),
        ({"x": {"enum": ["A", "B"], "closed": True}}, Item(values=("B",))),
        ({"x": {"enum": ["A"]}}, Item(values=("B",))),
        ({"x!": "string"}, Item(required=True)),
        ({"x!": {"encrypted": "k"}}, Item(required=True, shown=True, sealed=True)),
    ],
)
def test_what_is_no_difference(ours: Mapping[str, Any], theirs: Item) -> None:
    """A number may be more exact, a list longer, and a list that is not closed refuses nothing."""
    found = held(ours, says(GO, theirs))
    assert (found.calls, found.alike, found.differences) == (1, 1, [])


def test_official_sources_that_contradict_each_other() -> None:
    """Where one official source agrees with the catalogue, a weaker duty or type is not settled."""
    optional = {"x": "string"}
    assert held(optional, says(GO, Item(required=True))).against
    assert not held(optional, says(GO, Item(required=True)), says(JAVA, Item())).against
    assert not held(optional, says(GO, Item(required=True)), says(SAMPLE, None)).against
    assert not held(optional, says(GO, Item("integer")), says(JAVA, Item())).against
    sealed = says(GO, Item(sealed=True)), says(JAVA, Item())
    assert held(optional, *sealed).against


def test_what_binds_nobody() -> None:
    """What only partners give may be optional, and so may what an answer promises."""
    entry: dict[str, Any] = {
        "verb": "post",
        "path": "v3/a",
        "body": {"kind": "json", "fields": {"sub_mchid": "string"}},
        "reply": {"kind": "json", "fields": {"x": "string"}},
    }
    partner = Model("post", "v3/a", {"body": {"sub_mchid": Item(required=True)}})
    promised = says(GO, Item(required=True), "reply")
    found = compare([SourcedModel(GO, partner), promised], [entry], [], Decisions())
    assert {each.kind for each in found.differences} == {"optional", "missing"}
    assert [each.field for each in found.against] == ["other"]


def test_what_is_compared() -> None:
    """An index is not a model of its own; twins of one shape, forms and alternatives are out."""
    twins = [{"verb": "post", "path": f"v3/a/{{{name}}}"} for name in ("b", "c")]
    said = SourcedModel(GO, Model("post", "v3/a/{b}", {"query": {"x": Item()}}))
    found = compare([said, says(INDEX, Item())], twins, [], Decisions())
    assert [(each.path, each.kind) for each in found.against] == [("v3/a/{b}", "missing")]
    form = {
        "verb": "post",
        "path": "v3/a",
        "body": {"kind": "multipart", "fields": {"x": "binary"}},
    }
    assert not compare([says(GO, Item())], [form], [], Decisions()).differences


def test_notifications_and_what_is_nested() -> None:
    """A notification is compared as a call is, and an object's fields one by one."""
    item = Item("object", fields={"y": Item(required=False)})
    event = SourcedModel(GO, Model("event", "v3/E", {"event": {"x": item}}))
    known: dict[str, Any] = {"version": "v3", "event_type": "E"}
    fields = {"x": {"fields": {"y!": "string"}}}
    (found,) = compare([event], [], [{**known, "resource": fields}], Decisions()).against
    assert (found.path, found.place, found.field) == ("v3/E", "event", "x/y")
    assert not compare([event], [], [{**known, "variants": [1]}], Decisions()).differences


def test_the_committed_catalogue() -> None:
    """The report of the last run says that no official source settles anything against it."""
    report = (Path(__file__).parents[2] / "catalogue" / "REPORT.md").read_text("utf-8")
    line = "| differences that an official source settles against the catalogue | 0 |"
    assert line in report.splitlines()
