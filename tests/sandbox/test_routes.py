"""Paths: which endpoint answers, and what is said when none does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from wechatpay.sandbox import Gateway, Refusal
from wechatpay.sandbox._endpoint import EndpointReply, EndpointRoute, IncomingCall, Request, Router

from .merchant import BY_NUMBER, NATIVE, TERMINATE, Merchant, read


def _nothing(call: IncomingCall) -> Mapping[str, Any] | None:
    return call.body


_ROUTER = Router(
    [
        EndpointRoute("GET", "v3/orders/{number}", _nothing),
        EndpointRoute("GET", "v3/orders/latest", _nothing),
        EndpointRoute("POST", "v3/orders/latest/close", _nothing),
        EndpointRoute("POST", "v3/orders/{number}/refunds/{refund}", _nothing),
        EndpointRoute("GET", "v3/applyment/", _nothing),
    ]
)


def _find(path: str, method: str = "GET") -> tuple[str, list[str]]:
    route, values = _ROUTER.find(Request(method, path.encode(), (), b""))
    return route.template, values


def test_placeholders_take_values() -> None:
    """A placeholder stands for one segment, decoded; the query is not part of the path."""
    template = "v3/orders/{number}/refunds/{refund}"
    assert _find("/v3/orders/a%2Fb/refunds/%E5%8D%95?x=/y", "POST") == (template, ["a/b", "单"])


def test_what_is_written_out_wins() -> None:
    """A literal segment comes before a placeholder, and a placeholder is tried after it."""
    assert _find("/v3/orders/latest") == ("v3/orders/latest", [])
    assert _find("/v3/orders/latest/refunds/1", "POST")[1] == ["latest", "1"]


def test_final_slash_counts() -> None:
    """A path with a final slash is another path."""
    assert _find("/v3/applyment/") == ("v3/applyment/", [])
    for path in ("/v3/applyment", "/v3/orders/", "/v3/orders/1/"):
        with pytest.raises(Refusal, match="404"):
            _find(path)


@pytest.mark.parametrize("target", ["", "*", "v3/orders/1", "https://a/v3/orders/1", "//v3/orders"])
def test_targets_that_are_no_path(target: str) -> None:
    """A target that is not an absolute path is a 404."""
    with pytest.raises(Refusal, match="404"):
        _find(target)


@pytest.mark.parametrize("path", ["/v3/no-such-endpoint", "/", "/v3/certificates/"])
def test_unknown_path(gateway: Gateway, merchant: Merchant, path: str) -> None:
    """A path that no endpoint has is a 404 in WeChat Pay's shape."""
    answer = merchant.call(gateway, "GET", path)
    assert answer.status == 404
    assert read(answer)["code"] == "RESOURCE_NOT_EXISTS"


@pytest.mark.words
@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("GET", NATIVE, "POST"),
        ("DELETE", BY_NUMBER.format("123456"), "GET"),
        ("GET", TERMINATE.format("1"), "POST"),
        ("post", NATIVE, "POST"),
    ],
)
def test_wrong_verb(
    gateway: Gateway, merchant: Merchant, verb: str, path: str, allowed: str
) -> None:
    """The right path with the wrong verb is a 405 that names the right one."""
    answer = merchant.call(gateway, verb, path)
    assert answer.status == 405
    assert read(answer)["detail"]["issue"] == f"use {allowed}"


@pytest.mark.words
def test_a_family_may_only_give_limits(gateway: Gateway) -> None:
    """What a route does not say is the catalogue's; limits go on top, whatever names it gives."""
    route = EndpointRoute(
        "POST",
        "v3/pay/transactions/out-trade-no/{number}/close",
        _nothing,
        limits={"mchid": {"length": (1, 3)}},
    )
    tree: Any = route.body_tree
    assert tree.keys() == {"mchid"}
    assert {key: value for key, value in tree["mchid"].items() if key != "meaning"} == {
        "type": "string",
        "required": True,
        "length": (1, 3),
    }
    assert route.query_tree == {}
    request = Request("POST", b"/", (), b'{"mchid":"1900000109"}')
    with pytest.raises(Refusal, match="大于最大值 3"):
        route.understand(request, ["1"], gateway.world)


def test_trees_of_ones_own_win() -> None:
    """A route's own trees take the place of the catalogue's; unknown paths have no parameters."""
    template = "v3/pay/transactions/id/{transaction_id}"
    own = EndpointRoute("GET", template, _nothing, query={"x": {"type": "string"}})
    assert own.query_tree == {"x": {"type": "string"}}
    assert "mchid" in EndpointRoute("GET", template, _nothing).query_tree
    unknown = EndpointRoute("POST", "sandbox/pay/{out_trade_no}", _nothing)
    assert (unknown.document, unknown.body_tree, unknown.query_tree) == (None, None, {})


@pytest.mark.words
def test_a_body_may_be_left_out(gateway: Gateway) -> None:
    """Where nothing in the body is required, no body is as good as an empty object."""
    route = EndpointRoute("POST", "sandbox/x", _nothing, body={"x": {"type": "string"}})
    for body in (b"", b"{}"):
        assert route.understand(Request("POST", b"/", (), body), [], gateway.world).body == {}
    needed = EndpointRoute(
        "POST", "sandbox/x", _nothing, body={"x": {"type": "string", "required": True}}
    )
    with pytest.raises(Refusal, match="JSON"):
        needed.understand(Request("POST", b"/", (), b""), [], gateway.world)


@pytest.mark.words
def test_only_families_mind_the_merchant(gateway: Gateway) -> None:
    """`mchid` is the merchant who signed, except where it may mean another one."""
    request = Request("GET", b"/?mchid=1230000109", (), b"")
    with pytest.raises(Refusal, match="mchid"):
        EndpointRoute("GET", "sandbox/x", _nothing).understand(request, [], gateway.world)
    shaped = EndpointRoute("GET", "sandbox/x", _nothing, simulated=False)
    assert shaped.understand(request, [], gateway.world).query == {"mchid": "1230000109"}


def test_placeholders_are_typed(gateway: Gateway) -> None:
    """A placeholder that is a number is checked like a parameter."""
    store = EndpointRoute("GET", "v3/merchant-store/stores/{store_id}", _nothing)
    request = Request("GET", b"/", (), b"")
    assert store.understand(request, ["42"], gateway.world).path == {"store_id": "42"}
    with pytest.raises(Refusal) as caught:
        store.understand(request, ["x"], gateway.world)
    assert caught.value.detail["field"] == "store_id"
    assert caught.value.detail["location"] == "url"


@pytest.mark.parametrize("said", [None, {"a": 1}, EndpointReply(201, b"x", "text/plain")])
def test_what_a_handler_says(gateway: Gateway, said: Any) -> None:
    """Nothing is a 204, a mapping a 200 in JSON, and an `EndpointReply` is what it is."""
    route = EndpointRoute("GET", "sandbox/x", lambda _: said)
    reply = route.respond(IncomingCall(gateway.world, {}, {}, {}))
    expected = {
        "NoneType": EndpointReply(204),
        "dict": EndpointReply(200, b'{"a":1}', "application/json; charset=utf-8"),
    }
    assert reply == expected.get(type(said).__name__, said)


def test_the_first_of_two_counts() -> None:
    """Of two routes for the same path and verb, the first is the one: families come first."""
    first, second = (EndpointRoute("GET", "v3/x/{a}", _nothing) for _ in range(2))
    assert Router([first, second]).find(Request("GET", b"/v3/x/1", (), b""))[0] is first


@pytest.mark.words
def test_another_verb_may_be_elsewhere() -> None:
    """A word written out does not hide what a placeholder in its place can do."""
    router = Router(
        [EndpointRoute("GET", "v3/x/all", _nothing), EndpointRoute("POST", "v3/x/{id}", _nothing)]
    )
    assert router.find(Request("POST", b"/v3/x/all", (), b""))[1] == ["all"]
    with pytest.raises(Refusal) as caught:
        router.find(Request("PUT", b"/v3/x/all", (), b""))
    assert caught.value.detail["issue"] == "use GET, POST"
