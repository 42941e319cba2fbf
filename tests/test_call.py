"""`wechatpay._call.call`: what a verb's arguments mean, settled before anything is signed."""

from __future__ import annotations

import copy
import enum
import json
import math
import pickle
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from gateway import MCHID, MERCHANT_SERIAL, PUBLIC_KEY_ID, rsa_key
from hypothesis import given
from hypothesis import strategies as st

from wechatpay import NULL, PathError, WeChatPay
from wechatpay._call import Call, serialise

ENDPOINTS = [
    json.loads(line)["path"]
    for line in (Path(__file__).parent / "conformance" / "chain.jsonl").read_text().splitlines()
]


class State(str, enum.Enum):
    PAID = "SUCCESS"


class Size(enum.IntEnum):
    SMALL = 20


texts = st.text(st.characters(exclude_categories=["Cs"]))


def call(template: str = "v3/x", **arguments: Any) -> Call:
    """Make a GET call."""
    return Call.asked("GET", template, arguments)


def test_a_plain_call_has_no_options() -> None:
    """Everything that was not given is `None` or empty, and the endpoint is an ordinary one."""
    plain = Call.asked("POST", "v3/x/{id}", {"id": "a/b"})
    assert (plain.method, plain.template, plain.path) == ("POST", "v3/x/{id}", "v3/x/a%2Fb")
    assert (plain.target(), plain.query, plain.headers) == ("v3/x/a%2Fb", "", {})
    for name in ("params", "json", "xml", "content", "timeout", "base_url"):
        assert getattr(plain, name) is None
    assert (plain.security, plain.nonceless) == (None, None)


def test_a_call_never_changes_and_shows_no_value() -> None:
    """A call is immutable: giving another target makes another call and leaves it unchanged."""
    secret = call("v3/x/{id}{?a}", id="oUpF8uMuAJO", a="1", params={"b": "S"}, headers={"X": "S"})
    with pytest.raises(AttributeError):
        secret.query = "c=3"  # type: ignore[misc]
    assert secret.target({"b": "T"}) == "v3/x/oUpF8uMuAJO?a=1&b=T"
    assert secret.target() == "v3/x/oUpF8uMuAJO?a=1&b=S"
    assert repr(secret) == "<Call GET v3/x/…>"


def test_each_option_arrives() -> None:
    """Options are kept as they were given."""
    options: dict[str, Any] = {
        "json": {"a": 1},
        "params": {"b": 2},
        "headers": {"X-C": 3},
        "timeout": 4.0,
        "base_url": "https://api.mch.weixin.qq.com/hk/",
        "security": True,
        "nonceless": False,
    }
    made = call(**options)
    for name in ("json", "params", "timeout", "base_url", "security", "nonceless"):
        assert getattr(made, name) == options[name]
    assert (made.headers, made.query) == ({"X-C": "3"}, "b=2")
    assert call(xml={"d": 5}).xml == {"d": 5}


@pytest.mark.parametrize(("alias", "name"), [("query", "params"), ("base_uri", "base_url")])
def test_an_option_may_go_by_its_alias(alias: str, name: str) -> None:
    """PHP's and Node's names do too, but not both at once."""
    value: Any = {"a": "1"} if name == "params" else "https://api.mch.weixin.qq.com/"
    assert getattr(call(**{alias: value}), name) == value
    with pytest.raises(TypeError, match=f"^{alias} and {name} are the same option"):
        call(**{alias: value, name: value})


def test_a_placeholder_wins_over_an_option() -> None:
    """A placeholder named like an option takes the value, and the option can still be had."""
    made = call("v3/{query}/{json}", query="a", json="b", params={"c": "d"})
    assert (made.target(), made.json) == ("v3/a/b?c=d", None)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ({"json": {}, "xml": {}}, "json and xml"),
        ({"json": {}, "content": b""}, "json and content"),
        ({"xml": {}, "content": ""}, "xml and content"),
        ({"json": [], "xml": {}, "content": b"x"}, "json and xml and content"),
    ],
)
def test_a_call_has_one_body(arguments: dict[str, Any], names: str) -> None:
    """Two bodies are a mistake, and a `None` is not a body."""
    with pytest.raises(TypeError, match=f"^{names} are bodies"):
        call(**arguments)
    assert Call.asked("GET", "v3/x", dict.fromkeys(arguments)).json is None


@pytest.mark.parametrize(
    ("params", "query"),
    [
        (None, ""),
        ({}, ""),
        ("", ""),
        ({"a": "1 2", "b": "中"}, "a=1%202&b=%E4%B8%AD"),
        ({"a": True, "b": False, "c": None, "d": 0}, "a=true&b=false&d=0"),
        ({"a": ["x", 1], "b": ("y",), "c": [], "d": None}, "a=x&a=1&b=y"),
        ({"a": date(2026, 11, 1), "b": 0.5}, "a=2026-11-01&b=0.5"),
        ({"a": State.PAID, "b": Size.SMALL, "c": Decimal("1.50")}, "a=SUCCESS&b=20&c=1.50"),
        ({"a&b": "c=d+e/f?g#h~"}, "a%26b=c%3Dd%2Be%2Ff%3Fg%23h~"),
        ([("a", 1), ("b", 2), ("a", 3)], "a=1&b=2&a=3"),
        ((pair for pair in (("a", "x y"),)), "a=x%20y"),
        ("?a=1%202&b=é", "a=1%202&b=%C3%A9"),
        ("a='\"<>", "a='%22%3C%3E"),
    ],
)
def test_a_query_is_percent_encoded(params: Any, query: str) -> None:
    """A mapping, pairs or text become one query; text keeps the encoding it has."""
    made = call(params=params)
    assert made.query == query
    assert made.target() == ("v3/x?" + query if query else "v3/x")


@given(st.lists(st.tuples(texts, texts)))
def test_a_query_can_be_read_back(pairs: list[tuple[str, str]]) -> None:
    """Whatever text is put into a query comes out of it."""
    assert parse_qsl(call(params=pairs).query, keep_blank_values=True) == pairs


@pytest.mark.parametrize("params", ["a b", "a=1\n", "a#b", "a\x00", "a\x7f", "\u3000"])
def test_a_query_that_is_none_is_refused(params: str) -> None:
    """White space, a fragment or a control character in a query given as text is a PathError."""
    with pytest.raises(PathError, match="pass a mapping") as caught:
        call(params=params)
    assert caught.value.template == "v3/x"


def test_a_template_s_query_comes_first() -> None:
    """A query from the template and one from `params` are one query; the path has none."""
    made = call("v3/x{?mchid}", mchid="1", params={"a": "b"})
    assert (made.path, made.target()) == ("v3/x", "v3/x?mchid=1&a=b")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"params": 1}, "params must be a mapping, pairs or text, not int"),
        ({"params": b"a=b"}, "params must be a mapping, pairs or text, not bytes"),
        ({"params": [("a", 1), "ab", 5]}, "params must be a mapping, pairs or text, not list"),
        ({"params": {"a": ["x", None]}}, "params: a/1 is None, and a list has no gaps"),
        ({"params": {"张三": [None]}}, "params: …/0 is None, and a list has no gaps"),
        ({"params": {"a": object()}}, "params: a must be text or a number, not a object"),
        ({"params": {"a": math.nan}}, "params: a must be text or a number, not nan"),
        ({"params": {"a": datetime(2026, 11, 1)}}, "params: a must be text or a number, not a dat"),
        ({"params": {"a": [["x"]]}}, "params: a must be text or a number, not a list"),
        ({"params": {None: 1}}, "params: a name is None, not text"),
        ({"security": "no"}, "security must be True or False, not str"),
        ({"encrypt": 0}, "encrypt must be True or False, not int"),
        ({"nonceless": []}, "nonceless must be True or False, not list"),
        ({"headers": {"X": {}}}, "the header 'X' must be text, not dict"),
        ({"headers": {"X": True}}, "the header 'X' must be text, not bool"),
        ({"headers": {"X": ["a", None]}}, "the header 'X' must be text, not NoneType"),
        ({"content": {}}, "content must be bytes or text, not dict"),
        ({"headers": "X: y"}, "headers must be a mapping, not str"),
        ({"headers": [("X", "y")]}, "headers must be a mapping, not list"),
        ({"headers": {"authorization": "x"}}, "Authorization is the signature"),
        ({"headers": {"X": "a\r\nY: b"}}, "a line break or a NUL in the header 'X'"),
        ({"headers": {"X\nY": "a"}}, r"a line break or a NUL in the header 'X\\nY'"),
        ({"headers": {"X": "a\x00"}}, "a line break or a NUL in the header 'X'"),
        ({"headers": {"X Y": "1"}}, "'X Y' is not the name of a header"),
        ({"headers": {"": "1"}}, "'' is not the name of a header"),
        ({"headers": {"X:": "1"}}, "'X:' is not the name of a header"),
        ({"headers": {"X": "值"}}, "the header X must be ASCII text"),
        ({"headers": {"X": " a"}}, "the header X must be ASCII text without spaces at its ends"),
        ({"headers": {"X": "a\x7f"}}, "the header X must be ASCII text"),
        ({"headers": {"content-length": "5"}}, "content-length is how long the body is"),
    ],
)
def test_an_option_of_the_wrong_type_is_refused(arguments: dict[str, Any], message: str) -> None:
    """What cannot be sent is a TypeError that names the option."""
    with pytest.raises(TypeError, match=message):
        call(**arguments)


@pytest.mark.parametrize(
    ("value", "sent"), [(["a", "b"], "a, b"), (("a",), "a"), (b"a", "a"), (5, "5"), (None, None)]
)
def test_a_header_may_have_several_values(value: Any, sent: str | None) -> None:
    """Several values of a header are one with commas, as HTTP has it; `None` is left out."""
    assert call(headers={"X": value}).headers.get("X") == sent


@pytest.mark.parametrize("content", [b"\x00a", bytearray(b"\x00a"), memoryview(b"\x00a"), "\x00a"])
def test_content_is_sent_as_it_is(content: Any) -> None:
    """Bytes of any kind, or text in UTF-8."""
    assert call(content=content).content == b"\x00a"


def test_json_is_compact_utf_8() -> None:
    """No space, no escape that UTF-8 does not need, the order as given."""
    body = {"reason": "撤销原因", "b": [1, NULL, True], "a": State.PAID}
    expected = '{"reason":"撤销原因","b":[1,null,true],"a":"SUCCESS"}'
    assert serialise(body) == expected.encode()


LEFT_OUT: list[tuple[Any, Any]] = [
    ({"a": None, "b": 1}, {"b": 1}),
    ({"a": {"b": None}, "c": [{"d": None}]}, {"a": {}, "c": [{}]}),
    ([{"a": None}, ({"b": None},)], [{}, [{}]]),
    ({"a": "null", "b": {}}, {"a": "null", "b": {}}),
    ({"a": NULL, "b": [NULL]}, {"a": None, "b": [None]}),
]


@pytest.mark.parametrize(("body", "sent"), LEFT_OUT)
def test_none_is_left_out(body: Any, sent: Any) -> None:
    """In a mapping at any level, as in `params`; `{}` stays, and `NULL` sends a null."""
    before = copy.deepcopy(body)
    assert json.loads(serialise(body)) == sent
    assert body == before


def test_null_is_itself() -> None:
    """Copied or pickled it is the same, it is false, and says what it is."""
    assert copy.deepcopy([NULL]) == [NULL] == pickle.loads(pickle.dumps([NULL]))
    assert not NULL
    assert repr(NULL) == "wechatpay.NULL"


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ({"a": [1, {"b": [None]}]}, TypeError, "json: a/1/b/0 is None, and a list has no gaps"),
        ([None], TypeError, "json: 0 is None"),
        ({"a": float("nan")}, ValueError, "json: a is nan"),
        ({"a": [0.5, float("inf")]}, ValueError, "json: a/1 is inf"),
        ({"a": "\ud800"}, TypeError, "json: a holds half of a surrogate pair"),
        ({"\ud800": 1}, TypeError, "json: the body holds half of a surrogate pair"),
        ({"amount": {"total": Decimal(1)}}, TypeError, "json: amount/total is a Decimal, .* fen"),
        ({"a": datetime(2026, 1, 1)}, TypeError, "json: a is a datetime, .*isoformat"),
        ({"a": date(2026, 1, 1)}, TypeError, "json: a is a date, .*isoformat"),
        ({"a": [True, 1.5, NULL, b"x"]}, TypeError, "json: a/3 is a bytes"),
        ({"a": {None: 1}}, TypeError, "json: a key in a is a NoneType, not text"),
        ({"张三": {"a": {1}}}, TypeError, "json: …/a is a set"),
        ({"a": {(1,): 1}}, TypeError, "json: a key in a is a tuple, not text"),
        (Decimal(1), TypeError, "json: the body is a Decimal"),
    ],
)
def test_what_json_cannot_say_is_refused(body: Any, error: type[Exception], words: str) -> None:
    """A value that JSON does not know raises before anything is signed, and names its field."""
    with pytest.raises(error, match=words) as caught:
        serialise(body)
    assert "张三" not in str(caught.value)


def test_a_body_in_itself_is_refused() -> None:
    """What never ends is a `ValueError` and no endless search for its field."""
    body: dict[str, Any] = {}
    body["a"] = body
    certs = {PUBLIC_KEY_ID: rsa_key("platform").public_key()}
    with pytest.raises(ValueError, match="Circular"):
        serialise(body)
    with (
        WeChatPay(MCHID, MERCHANT_SERIAL, rsa_key("merchant"), certs) as wxpay,
        pytest.raises(ValueError, match="nested too deeply, or contains itself"),
    ):
        wxpay.chain("v3/x").post(json=body)


@pytest.mark.parametrize(
    "arguments",
    [
        {"params": {"a": "\ud800"}},
        {"params": {"\ud800": "a"}},
        {"params": "a=\ud800"},
        {"content": "\ud800"},
    ],
)
def test_half_a_surrogate_pair_is_no_text(arguments: dict[str, Any]) -> None:
    """It is a `TypeError` wherever it stands."""
    with pytest.raises(TypeError, match="half of a surrogate pair"):
        Call.asked("POST", "v3/x", arguments)


def test_a_header_that_is_none_is_left_out() -> None:
    """As in a query and a body."""
    headers = Call.asked("GET", "v3/x", {"headers": {"A": None, "B": "c"}}).headers
    assert headers == {"B": "c"}


@pytest.mark.parametrize(
    ("method", "safe"),
    [("GET", True), ("POST", False), ("PUT", False), ("PATCH", False), ("DELETE", False)],
)
def test_only_a_query_only_asks(method: str, safe: bool) -> None:
    """Of what is not documented, nothing but a GET may be sent twice."""
    assert Call.asked(method, "v3/x", {}).only_asks is safe


def test_some_posts_only_ask() -> None:
    """Half of APIv2's POSTs change nothing, and are queries; an order is none."""
    assert Call.asked("POST", "v2/pay/orderquery", {}).only_asks
    assert not Call.asked("POST", "v2/pay/unifiedorder", {}).only_asks
    assert not Call.asked("POST", "v2/pay/nosuchquery", {}).only_asks


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("v2/pay/micropay", "pay/micropay"),
        ("v2/v2/x", "v2/x"),
        ("v3/v2/x", "v3/v2/x"),
        ("hk/v3/refunds", "hk/v3/refunds"),
    ],
)
def test_v2_picks_the_dialect_and_is_not_sent(path: str, target: str) -> None:
    """Only at the beginning of a path does `v2/` stand for the dialect."""
    assert call(path).target() == target


def test_a_call_knows_how_its_endpoint_differs() -> None:
    """The rule is found by verb and path, with values in it or not."""
    assert Call.asked("POST", "v2/secapi/pay/refund", {}).rule.mutual_tls
    assert not Call.asked("GET", "v2/secapi/pay/refund", {}).rule.mutual_tls
    images = "v3/merchant-service/images/{media_id}"
    assert Call.asked("GET", images, {"media_id": "a/b"}).rule.unsigned


@pytest.mark.untraced
@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_documented_path_is_shown_whole(path: str) -> None:
    """Logs and errors show every documented path as it is, a slash at its end as a slash."""
    names = [part.split("}")[0] for part in path.split("{")[1:]]
    assert call(path, **dict.fromkeys(names, "SECRET")).shown_path == path.removesuffix("{empty}")


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("v3/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons", "v3/users/…/coupons"),
        ("v3/orders/1217752501201407033233368018", "v3/orders/…"),
        ("v3/orders/a1217752501201407033233368018/close", "v3/orders/…/close"),
        ("v3/orders/fc5d8e98f00b24e9", "v3/orders/…"),
        ("v3/names/张三", "v3/names/…"),
        ("v3/ids/x%40y.example", "v3/ids/…"),
        ("v3/a{b}", "v3/…"),
        ("v3/x/", "v3/x/"),
    ],
)
def test_a_value_in_a_string_is_not_shown(template: str, shown: str) -> None:
    """A segment that looks like a number, an openid or a name is left out of logs and errors."""
    assert call(template, **({"b": "1"} if "{b}" in template else {})).shown_path == shown


def test_showing_takes_no_time() -> None:
    """A long segment that is almost a word is judged in linear time: else this would take hours."""
    size = 1_000_000
    assert call("v3/" + "a" + "1" * size + "X/" + "a1" * size + "X").shown_path == "v3/…/…"


class Counting:
    """A signer that counts."""

    serial = "3775B6A45ACD588826D15E583A95F5DD00000000"

    def __init__(self) -> None:
        self.signed = 0

    def sign(self, message: bytes) -> str:
        """Count a message."""
        self.signed += 1
        return "c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("template", "arguments", "error"),
    [
        ("v3/x/{id}", {}, PathError),
        ("v3/x/{id}", {"id": ""}, PathError),
        ("v3/x/{id}", {"id": ".."}, PathError),
        ("v3/x/{id}", {"id": True}, PathError),
        ("v3/x/{id}", {"id": "1", "idd": "2"}, PathError),
        ("v3/x", {"jsn": {}}, PathError),
        ("v3/x", {"params": "a b"}, PathError),
        ("v3/x", {"json": {"a": Decimal(1)}}, TypeError),
        ("v3/x", {"json": {"a": float("nan")}}, ValueError),
        ("v3/x", {"xml": {"a": "b"}}, TypeError),
    ],
)
def test_nothing_is_signed_before_a_mistake_is_found(
    make_client: Callable[..., WeChatPay],
    template: str,
    arguments: dict[str, Any],
    error: type[Exception],
) -> None:
    """A call that cannot be right never reaches the signer, let alone the network."""
    signer = Counting()
    node = make_client(serial=None, private_key=signer)[template]
    with pytest.raises(error):
        node.post(**arguments)
    with pytest.raises(error):
        node.post_async(**arguments).send(None)
    assert signer.signed == 0


@pytest.mark.parametrize("value", [b"x", {"a": 1}, {1}], ids=["bytes", "mapping", "set"])
def test_a_query_of_what_is_no_text_is_refused(value: object) -> None:
    """What would go out as Python's own spelling is a `TypeError` that names its type."""
    with pytest.raises(TypeError, match=type(value).__name__):
        Call.asked("GET", "v3/certificates", {"params": {"a": value}})
