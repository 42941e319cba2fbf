"""`amount.total=1`: what becomes of assignments."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay import api
from wechatpay.api import Field
from wechatpay.cli._assignments import AssignmentError, build

FIELDS = (
    Field("text", "string"),
    Field("count", "integer"),
    Field("rate", "number"),
    Field("flag", "boolean"),
    Field("names", "array<string>"),
    Field("coupon_$n", "integer"),
    Field(
        "inner",
        "object",
        fields=(Field("total", "integer"),),
        variants=(("when so", (Field("other", "boolean"),)),),
    ),
    Field("rows", "array<object>", fields=(Field("size", "integer"), Field("id", "string"))),
)
NAMES = st.text("abcdefgh_", min_size=1, max_size=6)


def test_the_documented_type_decides() -> None:
    """Numbers, booleans and lists where they are documented; text stays text, digits or not."""
    body = build(
        [
            *("text=1", "count=-2", "rate=1.50", "flag=true", "inner.total=3", "inner.other=false"),
            *("names.0=007", 'rows=[{"size":1}]', "rows.1.size=2", "rows.1.id=3", "coupon_12=4"),
            "unknown.deeper=5",
        ],
        FIELDS,
    )
    assert body == {
        "text": "1",
        "count": -2,
        "rate": 1.5,
        "flag": True,
        "inner": {"total": 3, "other": False},
        "names": ["007"],
        "rows": [{"size": 1}, {"size": 2, "id": "3"}],
        "coupon_12": 4,
        "unknown": {"deeper": "5"},
    }


def test_the_catalogue_is_what_decides() -> None:
    """An order's number stays text, and its amount becomes a number."""
    endpoint = api.endpoint("post", "v3/pay/transactions/native")
    assert endpoint is not None
    body = build(
        ["out_trade_no=0012", "amount.total=100", "detail.goods_detail.0.quantity=1"],
        endpoint.body.fields,
    )
    assert body["out_trade_no"] == "0012"
    assert body["amount"] == {"total": 100}
    assert body["detail"] == {"goods_detail": [{"quantity": 1}]}


def test_json_overrides_the_type() -> None:
    """`:=` sends what stands there, whatever is documented."""
    assert build(['count:="1"', "text:=1", "new:=[1,{}]", "n:=null"], FIELDS) == {
        "count": "1",
        "text": 1,
        "new": [1, {}],
        "n": None,
    }


def test_a_body_from_a_file_is_added_to() -> None:
    """Assignments win over what was there."""
    start = {"amount": {"total": 1, "currency": "CNY"}, "rows": [{"size": 1}], "k": ["a"]}
    body = build(["amount.total:=2", "rows.0.size:=9", "k.0=b"], FIELDS, start)
    assert body == {"amount": {"total": 2, "currency": "CNY"}, "rows": [{"size": 9}], "k": ["b"]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["no assignment"], "takes name=value"),
        (["a..b=1"], "takes name=value"),
        (["=1"], "takes name=value"),
        (["a=1", "a=2"], "sets a twice"),
        (["count=1.5"], "documented as integer"),
        (["count=01"], "documented as integer"),
        (["rate=1e5"], "documented as number"),
        (["flag=yes"], "documented as boolean"),
        (["rows={}"], "documented as array<object>"),
        (["inner=[]"], "documented as object"),
        (["inner=x"], "not JSON"),
        (["a:=NaN"], "not JSON"),
        (["a:={"], "not JSON"),
        (["a=1", "a.b=2"], "does not fit"),
        (["rows.0.size=1", "rows.x=2"], "does not fit"),
        (["rows.1.size=1"], "next place is 0"),
        (["rows.99999.size=1"], "does not fit"),
    ],
)
def test_what_does_not_fit_is_refused(given: list[str], message: str) -> None:
    """The message names the field and what was expected, and no value."""
    with pytest.raises(AssignmentError, match=message):
        build(given, FIELDS)


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
TREES: Any = st.dictionaries(
    NAMES,
    st.recursive(
        LEAVES,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(NAMES, inner, min_size=1, max_size=3)
        ),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


def flattened(tree: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every listed of a tree with the way to it."""
    inner: Any = getattr(tree, "items", lambda: enumerate(tree))()
    found: list[tuple[tuple[str, ...], Any]] = []
    for name, value in inner:
        where = (*path, str(name))
        found += flattened(value, where) if isinstance(value, (dict, list)) else [(where, value)]
    return found


@given(TREES)
def test_any_body_can_be_assigned(tree: Any) -> None:
    """Taken apart into assignments, a body is put together as it was."""
    assignments = [f"{'.'.join(path)}:={json.dumps(value)}" for path, value in flattened(tree)]
    assert build(assignments) == tree


@given(st.lists(st.text(max_size=30), max_size=4))
def test_nothing_but_its_own_error_comes_of_it(given: list[str]) -> None:
    """Whatever is written, it is a body or an AssignmentError."""
    try:
        body = build(given, FIELDS)
    except AssignmentError:
        return
    assert isinstance(body, dict)
    json.dumps(body)
