"""Parameters: what is documented of them is checked, and a refusal says where and why."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.sandbox import Refusal
from wechatpay.sandbox._endpoint import Limits, Tree
from wechatpay.sandbox._endpoint.fields import Spec, check, merge, parse, read

_TREE: Tree = {
    "name": {"type": "string", "required": True, "length": (2, 4), "pattern": "[a-z]+"},
    "kind": {"type": "string", "enum": ("A", "B"), "closed": True},
    "count": {"type": "integer", "minimum": 1},
    "ratio": {"type": "number"},
    "flag": {"type": "boolean"},
    "file": {"type": "binary"},
    "kinds": {"type": "array<string>", "enum": ("A", "B"), "closed": True},
    "item": {"type": "object", "fields": {"id": {"type": "string", "required": True}}},
    "items": {"type": "array<object>", "fields": {"id": {"type": "string", "required": True}}},
    "free": {"type": "object"},
    "level": {"type": "integer", "enum": (1, 2), "closed": True},
    "text": {
        "type": "string",
        "json": "object",
        "fields": {"id": {"type": "string", "required": True}},
    },
    "secret": {"type": "string", "encrypted": "wechatpay-public-key", "length": (1, 2)},
}
_GOOD: dict[str, Any] = {
    "name": "abc",
    "kind": "A",
    "count": 1,
    "ratio": 0.5,
    "flag": False,
    "file": "",
    "kinds": ["A", "B"],
    "item": {"id": "1"},
    "items": [{"id": "1"}, {"id": "2", "more": None}],
    "free": {"any": [1, {}]},
    "unknown": None,
    "level": 2,
    "text": '{"id":"1"}',
    "secret": "longer than two",
}


def test_right_parameters_pass() -> None:
    """Parameters as documented pass; those that are not documented are not looked at here."""
    check(_GOOD, _TREE, "body")
    check({"name": "abc"}, _TREE, "body")


@pytest.mark.parametrize(
    ("change", "field", "value", "issue"),
    [
        ({"name": None}, "/name", "", "required"),
        ({"name": 5}, "/name", 5, "not string"),
        ({"name": ["abc"]}, "/name", "", "not string"),
        ({"name": "a"}, "/name", "a", "shorter than 2"),
        ({"name": "abcde"}, "/name", "abcde", "longer than 4"),
        ({"name": "ABC"}, "/name", "ABC", "does not match [a-z]+"),
        ({"kind": "C"}, "/kind", "C", "none of A, B"),
        ({"count": 0}, "/count", 0, "less than 1"),
        ({"count": "1"}, "/count", "1", "not integer"),
        ({"count": True}, "/count", True, "not integer"),
        ({"count": 1.0}, "/count", 1.0, "not integer"),
        ({"count": 2**63}, "/count", 2**63, "not integer"),
        ({"ratio": "0.5"}, "/ratio", "0.5", "not number"),
        ({"flag": 1}, "/flag", 1, "not boolean"),
        ({"kinds": "A"}, "/kinds", "A", "not array"),
        ({"kinds": ["A", "C"]}, "/kinds/1", "C", "none of A, B"),
        ({"kinds": [None]}, "/kinds/0", "", "not string"),
        ({"level": 3}, "/level", 3, "none of 1, 2"),
        ({"level": "1"}, "/level", "1", "not integer"),
        ({"text": "{"}, "/text", "{", "not JSON"),
        ({"text": "NaN"}, "/text", "NaN", "not JSON"),
        ({"text": "[]"}, "/text", "", "not object"),
        ({"text": "{}"}, "/text/id", "", "required"),
        ({"secret": 5}, "/secret", 5, "not string"),
        ({"item": []}, "/item", "", "not object"),
        ({"item": {}}, "/item/id", "", "required"),
        ({"items": [{"id": "1"}, {}]}, "/items/1/id", "", "required"),
    ],
)
def test_wrong_parameter_is_named(
    change: dict[str, Any], field: str, value: object, issue: str
) -> None:
    """A parameter that is missing or wrong is a 400 that points at it, in the body by pointer."""
    with pytest.raises(Refusal) as caught:
        check({**_GOOD, **change}, _TREE, "body")
    refusal = caught.value
    assert (refusal.status, refusal.code) == (400, "PARAM_ERROR")
    assert refusal.detail == {"field": field, "value": value, "issue": issue, "location": "body"}
    assert f"输入源“/body{field}”" in refusal.message


def test_it_is_said_what_a_parameter_is() -> None:
    """Where the catalogue says what a field means, so does the refusal, for each item of a list."""
    spec: Spec = {"type": "integer", "meaning": {"zh": "金额，单位分", "en": "Sum, in fen"}}
    items: Spec = {**spec, "type": "array<integer>"}
    for tree, value in (({"amount": spec}, "1"), ({"amount": items}, ["1"])):
        with pytest.raises(Refusal) as caught:
            check({"amount": value}, tree, "body")
        assert caught.value.detail["meaning"] == spec["meaning"]


@pytest.mark.words
def test_query_parameter_is_named() -> None:
    """In the query, the detail gives the parameter's name instead of a pointer."""
    with pytest.raises(Refusal, match="输入源“/query/name”映射到字段“name”必填性规则") as caught:
        check({}, _TREE, "query")
    assert caught.value.detail["field"] == "name"
    assert caught.value.detail["location"] == "query"


@given(
    st.dictionaries(
        st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])),
        st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans(),
    )
)
def test_json_is_read(value: dict[str, Any]) -> None:
    """Any JSON object in characters of up to three bytes is read, escaped or not."""
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        '{"a":"😀"}'.encode(),
        b'{"a":"\\ud83d\\ude00"}',
        b'{"\\ud800":1}',
        b'{"a":' + b"[" * 100_000,
    ],
    ids=repr,
)
def test_anything_else_is_refused(body: bytes) -> None:
    """A body that is not JSON object, or has other characters, is a 400 `PARAM_ERROR`."""
    with pytest.raises(Refusal) as caught:
        parse(body)
    assert (caught.value.status, caught.value.code) == (400, "PARAM_ERROR")


@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No bytes lead to another exception than a refusal."""
    with contextlib.suppress(Refusal):
        assert parse(body) == json.loads(body)


def test_a_refusal_without_detail_has_none() -> None:
    """The payload of a refusal leaves out an empty detail."""
    assert Refusal(500, "SYSTEM_ERROR", "系统异常").payload == {
        "code": "SYSTEM_ERROR",
        "message": "系统异常",
    }


def test_limits_go_on_top() -> None:
    """Limits are added to what is documented, or take its place, at any depth."""
    limits: Limits = {
        "count": {"minimum": 5},
        "item": {"fields": {"id": {"length": (1, 3)}, "new": {"type": "boolean"}}},
        "more": {"type": "object", "fields": {"x": {"type": "string"}}},
    }
    merged = merge(_TREE, limits)
    assert merged["count"] == {"type": "integer", "minimum": 5}
    assert merged["item"] == {
        "type": "object",
        "fields": {
            "id": {"type": "string", "required": True, "length": (1, 3)},
            "new": {"type": "boolean"},
        },
    }
    assert merged["more"] == {"type": "object", "fields": {"x": {"type": "string"}}}
    assert merged["name"] is _TREE["name"]


def test_a_limit_for_nothing_is_an_error() -> None:
    """A limit for a name that is not documented is a mistake of the family's."""
    with pytest.raises(ValueError, match="nmae has limits"):
        merge(_TREE, {"nmae": {"length": (1, 2)}})


def test_text_is_read_as_what_it_should_be() -> None:
    """What comes as text is read as its documented type; what cannot be so read stays text."""
    pairs = [
        ("name", "5"),
        ("count", "-5"),
        ("ratio", "0.5"),
        ("ratio", "7"),
        ("flag", "true"),
        ("kinds", "A"),
        ("kinds", "B"),
        ("level", "one"),
        ("unknown", "1"),
    ]
    assert read(pairs, _TREE) == {
        "name": "5",
        "count": -5,
        "ratio": 7,
        "flag": True,
        "kinds": ["A", "B"],
        "level": "one",
        "unknown": "1",
    }
    assert read([("ratio", "1.25"), ("count", "1.25"), ("flag", "1")], _TREE) == {
        "ratio": 1.25,
        "count": "1.25",
        "flag": "1",
    }


@given(st.text(), st.sampled_from(sorted(_TREE)))
def test_any_text_is_read_and_checked(text: str, name: str) -> None:
    """No text in any parameter leads to another exception than a refusal."""
    with contextlib.suppress(Refusal):
        check({"name": "abc", **read([(name, text)], _TREE)}, _TREE, "query")
