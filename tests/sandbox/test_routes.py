"""Paths: which endpoint answers, and what is said when none does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from wechatpay.sandbox import Gateway, Refusal
from wechatpay.sandbox._messages import Request
from wechatpay.sandbox._routes import Call, Route, Router

from .merchant import BY_NUMBER, NATIVE, TERMINATE, Merchant, read


def _nothing(call: Call) -> Mapping[str, Any] | None:
    return call.body


_ROUTER = Router(
    [
        Route("GET", "v3/orders/{number}", _nothing),
        Route("GET", "v3/orders/latest", _nothing),
        Route("POST", "v3/orders/latest/close", _nothing),
        Route("POST", "v3/orders/{number}/refunds/{refund}", _nothing),
        Route("GET", "v3/applyment/", _nothing),
    ]
)


def _find(path: str, method: str = "GET") -> tuple[str, list[str]]:
    route, values = _ROUTER.find(Request(method, path.encode(), (), b""))
    return route.template, values


def test_placeholders_take_values() -> None:
    """A placeholder stands for one segment, decoded; the query is no part of the path."""
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
    """A target that is no absolute path is a 404."""
    with pytest.raises(Refusal, match="404"):
        _find(target)


@pytest.mark.parametrize("path", ["/v3/no-such-endpoint", "/", "/v3/certificates/"])
def test_unknown_path(gateway: Gateway, merchant: Merchant, path: str) -> None:
    """A path that no endpoint has is a 404 in WeChat Pay's shape."""
    answer = merchant.call(gateway, "GET", path)
    assert answer.status == 404
    assert read(answer)["code"] == "RESOURCE_NOT_EXISTS"


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
