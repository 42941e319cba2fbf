"""`wechatpay._chain.path`: how a chain spells a path, and what may stand in one."""

from __future__ import annotations

import contextlib
import enum
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wechatpay import PathError
from wechatpay._chain import fill, literal, segment
from wechatpay._chain.path import join

OPTIONS = frozenset({"json", "params", "headers"})
ENCODING = Path(__file__).parent / "conformance" / "encoding.jsonl"


class Number(enum.IntEnum):
    ONE = 1


texts = st.text(st.characters(exclude_categories=["Cs"]))
tricky = texts | st.text(st.sampled_from("./%2eE\\?#:@{}<> \nx"))
names = st.sampled_from(["a", "b", "empty", "json"])


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ("native", "native"),
        ("video_upload", "video_upload"),
        ("v3", "v3"),
        ("applyment4sub", "applyment4sub"),
        ("merchantService", "merchant-service"),
        ("MerchantService", "merchant-service"),
        ("complaintsV2", "complaints-v2"),
        ("outTradeNo", "out-trade-no"),
        ("queryABTest", "query-a-b-test"),
        ("global_", "global"),
        ("import_", "import"),
        ("return_", "return"),
        ("try_", "try"),
        ("delete_", "delete"),
        ("outTradeNo_", "out-trade-no"),
        ("chain_", "chain"),
        ("twice__", "twice_"),
        ("_transaction_id_", "{transaction_id}"),
        ("_id_", "{id}"),
        ("_outTradeNo_", "{outTradeNo}"),
        ("_empty_", "{empty}"),
        ("_x2_", "{x2}"),
        ("_mime_type_", "{mime_type}"),
        ("_display_name_", "{display_name}"),
    ],
)
def test_an_attribute_is_a_segment(attribute: str, expected: str) -> None:
    """Each row of the contract's table, and what follows from it."""
    assert segment(attribute) == expected


@pytest.mark.parametrize(
    "attribute",
    [
        *("__len__", "__wrapped__", "__class_getitem__", "__id__", "_x", "_", "__", "___"),
        *("_repr_html_", "_repr_mimebundle_", "_ipython_display_", "_as_parameter_"),
        *("_ipython_canary_method_should_not_exist_", "_mime_", "_display_"),
        *("_id__", "__id_", "_é_", "_a-b_", "_ab_cd", "_a__b_"),
        *("", "out-trade-no", "支付", "a/b", "a.b", "a b", "{a}"),
    ],
)
def test_a_name_that_tools_ask_for_is_no_segment(attribute: str) -> None:
    """A dunder, a private name, a probe or what is not a name at all is an AttributeError."""
    with pytest.raises(AttributeError, match="not part of a path"):
        segment(attribute)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v3/pay/transactions/id/{transaction_id}", "v3/pay/transactions/id/{transaction_id}"),
        ("v3/pay/transactions/id/<transaction_id>", "v3/pay/transactions/id/{transaction_id}"),
        ("/v3/certificates", "v3/certificates"),
        ("v3/applyment4sub/applyment/", "v3/applyment4sub/applyment/"),
        ("/v3/x/", "v3/x/"),
        ("merchantService/video_upload/V2", "merchantService/video_upload/V2"),
        ("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
        ("_transaction_id_", "_transaction_id_"),
        ("global_", "global_"),
        ("<a.b>/<c_D>", "{a.b}/{c_D}"),
        ("a{+b}{/c*,d:3}{?e,f}{&g}{;h}{.i}", "a{+b}{/c*,d:3}{?e,f}{&g}{;h}{.i}"),
        ("订单/100%25", "订单/100%25"),
        ("a.b/...", "a.b/..."),
        ("v3/order:1", "v3/order:1"),
        ("v3/a@b,c;d=e!f$g&h'i(j)k*l+m~n", "v3/a@b,c;d=e!f$g&h'i(j)k*l+m~n"),
    ],
)
def test_a_string_is_taken_literally(text: str, expected: str) -> None:
    """Case and underscores stay, `<name>` is `{name}`, and one leading slash goes."""
    assert literal(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://api.mch.weixin.qq.com/v3/x", "no scheme"),
        ("v3/https://api.mch.weixin.qq.com", "no scheme"),
        ("http:v3/x", "no scheme"),
        ("javascript:alert", "no scheme"),
        ("{scheme}://host", "no scheme"),
        ("{scheme}:host", "no scheme"),
        ("//evil.example/v3", "empty segment"),
        ("", "must not be empty"),
        ("/", "must not be empty"),
        ("v3//x", "empty segment"),
        ("v3/x//", "empty segment"),
        ("v3/x?a=1", r"'\?' is not allowed"),
        ("v3/x#top", "'#' is not allowed"),
        ("v3/{#top}", "fragment"),
        ("..", "segments '.' and '..'"),
        ("v3/../x", "segments '.' and '..'"),
        ("v3/./x", "segments '.' and '..'"),
        ("v3/x/..", "segments '.' and '..'"),
        ("v3/%2e%2E/x", "segments '.' and '..'"),
        ("v3/.%2e/x", "segments '.' and '..'"),
        ("v3\\x", "is not allowed"),
        ("v3/a b", "' ' is not allowed"),
        ("v3/a\u3000b", "is not allowed"),
        ("v3/a\u00a0b", "is not allowed"),
        ("v3/x\n", "is not allowed"),
        ("\tv3/x", "is not allowed"),
        ("v3/\x00", "is not allowed"),
        ("v3/\x7f", "is not allowed"),
        ("v3/\x85", "is not allowed"),
        ("v3/\x9b1m", "is not allowed"),
        ("v3/{", "unbalanced '{'"),
        ("v3/{a b}", r"\{a b\} is not a placeholder"),
        ("v3/<a b>", "is not allowed"),
        ("v3/<a", "'<' is not allowed"),
        ("v3/50%", "'%' is not allowed"),
        ("v3/\ud800", "surrogate"),
    ],
)
def test_a_string_is_a_path_and_nothing_else(text: str, reason: str) -> None:
    """A scheme, a query, a dot segment, white space and their like are PathErrors that say so."""
    with pytest.raises(PathError, match=reason):
        literal(text)


@pytest.mark.parametrize("thing", [0, None, b"v3/x", ["v3"], slice(None)])
def test_only_text_is_a_path(thing: Any) -> None:
    """A number or bytes in brackets is a TypeError that says what was given."""
    with pytest.raises(TypeError, match=f"not {type(thing).__name__}"):
        literal(thing)


@pytest.mark.parametrize(
    ("base", "addition", "expected"),
    [
        ("", "v3", "v3"),
        ("v3", "pay", "v3/pay"),
        ("v3/pay/", "transactions", "v3/pay/transactions"),
        ("v3/pay", "transactions/", "v3/pay/transactions/"),
        ("v3/pay", "{id}", "v3/pay/{id}"),
        ("v3/pay", "{/id}", "v3/pay{/id}"),
        ("v3/pay", "{?id}", "v3/pay{?id}"),
        ("v3/pay", "{&id}", "v3/pay{&id}"),
        ("v3/pay", "{;id}", "v3/pay{;id}"),
        ("v3/pay", "{.id}", "v3/pay{.id}"),
        ("v3/pay", "{+id}", "v3/pay/{+id}"),
    ],
)
def test_two_parts_meet_at_one_slash(base: str, addition: str, expected: str) -> None:
    """Where neither part brings a separator, a slash is put, and never two."""
    assert join(base, addition) == expected


@pytest.mark.parametrize("case", [json.loads(line) for line in ENCODING.read_text().splitlines()])
def test_values_are_encoded_as_measured(case: dict[str, Any]) -> None:
    """A value goes on the wire as the official SDK sends it, but where that SDK goes astray."""
    template, values = "v3/pay/transactions/id/{transaction_id}", {"transaction_id": case["value"]}
    if "error" in case:
        with pytest.raises(PathError, match="would reach another endpoint") as caught:
            fill(template, values, frozenset())
        assert caught.value.missing == ("transaction_id",)
    else:
        assert fill(template, values, frozenset()) == f"v3/pay/transactions/id/{case['encoded']}"


@pytest.mark.parametrize(
    ("template", "arguments", "expected"),
    [
        ("v3/{a}/{b}", {"a": "1", "b": 2}, "v3/1/2"),
        ("v3/{a}/{a}", {"a": 0}, "v3/0/0"),
        ("v3/{json}", {"json": "x"}, "v3/x"),
        ("v3/{a}", {"a": Number.ONE}, "v3/1"),
        ("v3/{a}", {"a": "..."}, "v3/..."),
        ("v3/{a}", {"a": ".x"}, "v3/.x"),
        ("v3/{a}", {"a": "%2e"}, "v3/%252e"),
        ("v3/x/{empty}", {}, "v3/x/"),
        ("v3/x/{empty}", {"empty": ""}, "v3/x/"),
        ("v3/x/{empty}", {"empty": "y"}, "v3/x/y"),
        ("v3/{+a}", {"a": "b/c;d"}, "v3/b/c;d"),
        ("v3{/a*}", {"a": ["b/c", 1]}, "v3/b%2Fc/1"),
        ("v3{/a*}", {"a": {"b": 1}}, "v3/b=1"),
        ("v3/x{?a,b}", {"a": "1/2", "b": ".5"}, "v3/x?a=1%2F2&b=.5"),
        ("v3/x{?a*}", {"a": {"b": 1, "c": "d"}}, "v3/x?b=1&c=d"),
        ("v3/x{?a*}", {"a": ["b", 2]}, "v3/x?a=b&a=2"),
        ("v3/x{?a}", {"a": ["b,c", 2]}, "v3/x?a=b%2Cc,2"),
        ("v3/x{?a,b}", {"a": {"k": "v", "l": 1}, "b": "c"}, "v3/x?a=k,v,l,1&b=c"),
        ("v3/x?y=1{&a}".replace("?y=1", ""), {"a": ("b",)}, "v3/x&a=b"),
        ("v3/x{;a}", {"a": ["b", "c"]}, "v3/x;a=b,c"),
        ("v3/x{/a}", {"a": ["b", "c"]}, "v3/x/b,c"),
        ("v3/x{.a}", {"a": ["b", "c"]}, "v3/x.b,c"),
        ("v3/{a:2}", {"a": "abc"}, "v3/ab"),
    ],
)
def test_values_fill_placeholders(template: str, arguments: dict[str, Any], expected: str) -> None:
    """Text and whole numbers go where their names stand, whatever level the template is."""
    assert fill(template, arguments, OPTIONS) == expected
    assert arguments == {}


def test_options_are_left_over() -> None:
    """What is not a placeholder's value stays in the arguments."""
    arguments: dict[str, Any] = {"a": 1, "json": {"x": 1}}
    fill("v3/{a}", arguments, OPTIONS)
    assert arguments == {"json": {"x": 1}}


@pytest.mark.parametrize(
    ("template", "value", "reason"),
    [
        *[("v3/{a}", bad, "must be text or a whole number") for bad in (True, None, 1.5, b"x")],
        *[("v3/{a}", bad, "must be text or a whole number") for bad in ([], ["x"], {"x": 1})],
        *[(f"v3/{{{form}}}", "", "is empty") for form in ("a", "+a", "a:3", "?a", ";a", "a*")],
        *[(f"v3/{{{form}}}", "..", "must not be") for form in ("a", "+a", "/a", "?a", "a*")],
        ("v3/{a,a}", ".", "must not be"),
        ("v3/{+a}", ["x"], "not list"),
        ("v3{/a*}", [], "is empty"),
        ("v3{/a*}", {}, "is empty"),
        ("v3{/a*}", ["x", ".."], "must not be"),
        ("v3{/a*}", {"x": ""}, "is empty"),
        ("v3{/a*}", {"x", "y"}, "not set"),
        ("v3{?a*}", ["x", False], "not bool"),
        ("v3/x{?a}", [], "is empty"),
        ("v3/x{?a}", ["x", True], "not bool"),
        ("v3/x{?a}/{a}", ["x"], "not list"),
    ],
)
def test_a_value_that_cannot_be_one_is_refused(template: str, value: Any, reason: str) -> None:
    """Neither a bool nor nothing nor a dot segment is a value, and the error names the culprit."""
    with pytest.raises(PathError, match=rf"^a {reason}|^a must .* {reason}") as caught:
        fill(template, {"a": value}, OPTIONS)
    assert (caught.value.template, caught.value.missing) == (template, ("a",))


@pytest.mark.parametrize(
    ("template", "values", "reason"),
    [
        ("v3/{+a}/x", {"a": "b/../c"}, "'.' and '..'"),
        ("v3/{+a}/x", {"a": "%2e%2e"}, "'.' and '..'"),
        ("v3/{+a}/x", {"a": "b//c"}, "empty segment"),
        ("v3/{+a}/x", {"a": "b/"}, "empty segment"),
        ("v3/{+a}", {"a": "b#c"}, "fragment"),
        ("v3/{+a}", {"a": "b?c#d"}, "fragment"),
        ("v3/{a:1}/x", {"a": ".b"}, "'.' and '..'"),
        ("v3/{empty}/x", {}, "empty segment"),
        ("v3/.{empty}", {}, "'.' and '..'"),
    ],
)
def test_values_together_make_a_path(template: str, values: dict[str, str], reason: str) -> None:
    """A value that is harmless by itself may not make a segment that reaches another endpoint."""
    with pytest.raises(PathError, match=reason):
        fill(template, values, OPTIONS)


@pytest.mark.parametrize(
    ("arguments", "message", "missing", "unexpected"),
    [
        (
            {"out_trade_no": "1"},
            "v3/{mchid}/{out_trade_no} needs a value for mchid; "
            "its placeholders are mchid, out_trade_no",
            ("mchid",),
            (),
        ),
        (
            {},
            "v3/{mchid}/{out_trade_no} needs a value for mchid, out_trade_no; "
            "its placeholders are mchid, out_trade_no",
            ("mchid", "out_trade_no"),
            (),
        ),
        (
            {"mchid": "1", "out_trade_no": "1", "jsn": {}},
            "v3/{mchid}/{out_trade_no} does not know jsn (did you mean json?); "
            "its placeholders are mchid, out_trade_no",
            (),
            ("jsn",),
        ),
        (
            {"mchid": "1", "out_trade_n": "1", "zzz": 1},
            "v3/{mchid}/{out_trade_no} needs a value for out_trade_no and does not know "
            "out_trade_n (did you mean out_trade_no?) and does not know zzz; "
            "its placeholders are mchid, out_trade_no",
            ("out_trade_no",),
            ("out_trade_n", "zzz"),
        ),
    ],
)
def test_arguments_that_do_not_fit_are_named(
    arguments: dict[str, Any], message: str, missing: tuple[str, ...], unexpected: tuple[str, ...]
) -> None:
    """The error says what was expected, what was not, and what may have been meant."""
    with pytest.raises(PathError) as caught:
        fill("v3/{mchid}/{out_trade_no}", arguments, OPTIONS)
    error = caught.value
    assert str(error) == message
    assert (error.template, error.missing, error.unexpected) == (
        "v3/{mchid}/{out_trade_no}",
        missing,
        unexpected,
    )


def test_a_path_without_placeholders_knows_no_value() -> None:
    """An argument too many is named even where none was expected."""
    with pytest.raises(PathError, match=r"^v3/certificates does not know mchid$"):
        fill("v3/certificates", {"mchid": "1"}, frozenset())


def test_a_call_needs_a_path() -> None:
    """The empty template is not an endpoint."""
    with pytest.raises(PathError, match="has no path"):
        fill("", {}, frozenset())


@given(st.text() | st.text(st.sampled_from("ABCabc019_")))
@example("_" * 10_000)
@example("_" + "a_" * 10_000 + "!")
def test_any_name_is_a_segment_or_an_attribute_error(name: str) -> None:
    """An attribute never becomes more than one segment, and its spelling is WeChat Pay's."""
    with contextlib.suppress(AttributeError):
        assert re.fullmatch(r"[a-z0-9_-]+|\{[A-Za-z0-9_]+\}", segment(name))


@given(st.text() | st.text(st.sampled_from("/.{}<>%2e:?#\\ ax+*,")))
def test_any_text_is_a_template_or_a_path_error(text: str) -> None:
    """What a string becomes can be used again and stays the same; else it is a PathError."""
    with contextlib.suppress(PathError):
        template = literal(text)
        assert literal("/" + template) == template


@given(
    st.lists(st.sampled_from(["{a}", "{b}", "{empty}", "x", ".", "-", "%2e", "/"])),
    st.dictionaries(names, tricky | st.integers() | st.none() | st.booleans()),
)
@example(["{a}", "/", "{empty}", "/", "x"], {"a": "1"})
@example([".", "{empty}", "/x"], {})
def test_no_values_reach_another_endpoint(parts: list[str], values: dict[str, Any]) -> None:
    """Filled in, a simple template has as many segments as before, and no empty or dot segment."""
    with contextlib.suppress(PathError):
        template = literal("v3/" + "".join(parts))
        path = fill(template, dict(values), OPTIONS)
        segments = path.split("/")
        assert len(segments) == len(template.split("/"))
        assert all(segments[:-1])
        assert not {unquote(one) for one in segments} & {".", ".."}
        assert re.fullmatch(r"[A-Za-z0-9._~%/-]*", path)
