"""What the loader refuses."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from wechatpay.api import CatalogueError, Field
from wechatpay.api._catalogue import Catalogue
from wechatpay.api._format import merge

HEADER = '{"schema":1}\n'
HEAD: dict[str, Any] = {"path": "v3/a/{id}", "verb": "get", "name": "A"}


def dump(record: object) -> str:
    """Return a record as the files have it."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def catalogue(line: str = "", overlay: str = "", event: str = "") -> Catalogue:
    """Return a catalogue of one endpoint, one correction and one notification."""
    files = {
        "endpoints.jsonl": f"{HEADER}{line}",
        "overlay.jsonl": f"{HEADER}{overlay}",
        "notifications.jsonl": f"{HEADER}{event}",
    }
    return Catalogue(files.__getitem__)


@pytest.mark.parametrize(
    ("line", "field", "problem"),
    [
        ("nonsense", "", "does not begin as the format says"),
        (dump(HEAD)[:-1] + ",", "", "is not JSON"),
        (dump({**HEAD, "x": 1}), "", "unknown key 'x'"),
        (dump({**HEAD, "tags": "x"}), "tags", "must be list, not str"),
        (dump({**HEAD, "tags": [1]}), "tags", "must be str, not int"),
        (dump({**HEAD, "updated": 1}), "updated", "must be str, not int"),
        (dump({**HEAD, "query": []}), "query", "must be dict, not list"),
        (dump({**HEAD, "query": {"a": "text"}}), "query/a", "no such type as 'text'"),
        (dump({**HEAD, "query": {"a": "array<string"}}), "query/a", "no such type"),
        (dump({**HEAD, "query": {"a": {"type": 1}}}), "query/a", "no such type as 1"),
        (dump({**HEAD, "query": {"!": "string"}}), "query/!", "is not a name"),
        (dump({**HEAD, "query": {" a": "string"}}), "query/ a", "is not a name"),
        (dump({**HEAD, "query": {"a": 1}}), "query/a", "must be dict, not int"),
        (dump({**HEAD, "query": {"a": {"b": 1}}}), "query/a", "unknown key 'b'"),
        (dump({**HEAD, "query": {"a": {"enum": "x"}}}), "query/a", "must be list"),
        (dump({**HEAD, "query": {"a": {"enum": [None]}}}), "query/a", "must be str or int"),
        (dump({**HEAD, "query": {"a": {"json": "x"}}}), "query/a", "no such type as 'x'"),
        (dump({**HEAD, "query": {"a": {"cdata": 1}}}), "query/a/cdata", "must be bool"),
        (dump({**HEAD, "query": {"a": {"format": 1}}}), "query/a/format", "must be str"),
        (dump({**HEAD, "query": {"a": {"default": []}}}), "query/a/default", "must be str or"),
        (dump({**HEAD, "query": {"a": {"max_length": ""}}}), "query/a/max_length", "must be int"),
        (dump({**HEAD, "query": {"a": {"fields": {"b": 1}}}}), "query/a/b", "must be dict"),
        (dump({**HEAD, "query": {"a": {"variants": [["x"]]}}}), "query/a/0", "must be [what"),
        (dump({**HEAD, "placeholders": {"x": "string"}}), "placeholders/x", "is not a placeholder"),
        (dump({**HEAD, "body": []}), "body", "must be dict, not list"),
        (dump({**HEAD, "body": {}}), "body/kind", "must be str, not NoneType"),
        (dump({**HEAD, "body": {"kind": "json", "x": 1}}), "body", "unknown key 'x'"),
        (dump({**HEAD, "reply": {"kind": "json", "status": "200"}}), "reply/status", "must be int"),
        (dump({**HEAD, "options": {"x": 1}}), "options", "unknown key 'x'"),
        (dump({**HEAD, "options": {"stream": 1}}), "options/stream", "must be bool, not int"),
        (dump({**HEAD, "options": {"signed_fields": ""}}), "options/signed_fields", "be list"),
        (dump({**HEAD, "lifecycle": [""]}), "lifecycle", "must be list, not str"),
        (dump({**HEAD, "errors": [["A", 1, True, 2]]}), "errors/0", "must be [code, status"),
        (dump({**HEAD, "errors": [["A", "1"]]}), "errors/0", "must be int, not str"),
        (dump({**HEAD, "is_query": 1}), "is_query", "must be bool, not int"),
        (dump({**HEAD, "query": {"a": {"grade": "x"}}}), "query/a/grade", "no such grade as 'x'"),
        (
            dump({**HEAD, "query": {"a": {"fields": {"b": "string"}, "one_of": [["b", "c"]]}}}),
            "query/a/one_of",
            "is of c, which is not a field there",
        ),
    ],
)
def test_bad_data_is_refused(line: str, field: str, problem: str) -> None:
    """A bad line is refused with the file, the line and the field at fault."""
    with pytest.raises(CatalogueError) as caught:
        catalogue(line).check()
    assert (caught.value.file, caught.value.line) == ("endpoints.jsonl", 2)
    assert caught.value.field == field
    assert problem in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("head", ["", "{}", '{"schema":2}', "[]"])
def test_another_schema_is_refused(head: str) -> None:
    """A file that does not begin with this schema's number is refused."""
    with pytest.raises(CatalogueError, match=r"overlay\.jsonl, line 1"):
        Catalogue(lambda _: head)


def test_order_is_checked() -> None:
    """Lines that are not sorted, or twice there, are refused."""
    with pytest.raises(CatalogueError, match="line 3, line: is not sorted"):
        catalogue(f"{dump(HEAD)}\n{dump(HEAD)}")


def test_the_overlay_corrects_adds_and_removes() -> None:
    """A correction is merged into its endpoint, adds one that is missing, or removes one."""
    patch = {"name": "B", "query": {"a": {"format": "date"}, "b": None}}
    line = dump({**HEAD, "query": {"a": {"enum": ["x"]}, "b": "string"}})
    key = {"path": HEAD["path"], "verb": "get", "why": "test"}
    (each,) = catalogue(line, dump({**key, "patch": patch})).endpoints
    assert each.name == "B"
    assert each.query == (Field("a", "string", enum=("x",), format="date"),)
    assert catalogue(line, dump({**key, "patch": None})).endpoints == ()
    added = {"path": "v3/0", "verb": "post", "why": "test", "patch": {"name": "C"}}
    first, second = catalogue(line, dump(added)).endpoints
    assert (first.verb, first.path, first.name) == ("post", "v3/0", "C")
    assert first.tags == ()
    assert second.name == "A"


@pytest.mark.parametrize("patch", [None, {}, {"tags": []}])
def test_a_correction_of_nothing_is_refused(patch: object) -> None:
    """A correction that neither fits an endpoint nor makes one is refused."""
    correction = {"path": "v3/0", "verb": "post", "why": "test", "patch": patch}
    with pytest.raises(CatalogueError, match=r"overlay\.jsonl, line 2, path"):
        catalogue("", dump(correction))


def test_merging_is_rfc_7386() -> None:
    """Objects are merged, null removes, anything else replaces."""
    assert merge({"a": {"b": 1, "c": 2}}, {"a": {"b": None, "d": 3}}) == {"a": {"c": 2, "d": 3}}
    assert merge([1], {"a": {"b": None}}) == {"a": {}}
    assert merge({"a": 1}, [1]) == [1]


def test_everything_a_line_may_say() -> None:
    """A line with everything in it becomes a record with everything in it."""
    field = {"type": "number", "enum": [1], "format": "f", "default": 0, "max_length": 9}
    line = {
        **HEAD,
        "placeholders": {"id": {"const": "x"}},
        "body": {"kind": "json", "fields": {"a!": field, "o": {"fields": {"b": "binary"}}}},
        "reply": {"kind": "json", "status": 200},
        "error": {"kind": "xml"},
        "options": {"signed_fields": ["a"], "stream": True},
        "lifecycle": [["offline"], ["private", "2021.11.10", "v3/b", "v3/c"]],
    }
    event = {"version": "v3", "event_type": "E", "name": "N", "variants": [["X", {"a": "string"}]]}
    found = catalogue(dump(line), "", dump(event))
    found.check()
    (each,) = found.endpoints
    assert each.placeholders == (Field("id", "string", const="x"),)
    assert each.body.fields == (
        Field("a", "number", True, (1,), format="f", default=0, max_length=9),
        Field("o", "object", fields=(Field("b", "binary"),)),
    )
    assert each.reply.status == 200
    assert each.error is not None
    assert each.error.kind == "xml"
    assert each.options.signed_fields == ("a",)
    assert [(step.flag, step.date, step.superseded_by) for step in each.lifecycle] == [
        ("offline", "", ()),
        ("private", "2021.11.10", ("v3/b", "v3/c")),
    ]
    (event_,) = found.events
    assert event_.variants == (("X", (Field("a", "string"),)),)
