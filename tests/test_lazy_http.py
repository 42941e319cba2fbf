"""Requests and answers that nobody has looked at: to whoever looks, they are httpx's own."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay._wire import place_of, raw_headers_of, raw_path_of, set_header
from wechatpay._wire.lazy_http import (
    LazyHeaders,
    LazyRequest,
    LazyResponse,
    address_of,
    body_of,
    fields_of,
)

BASES = (
    "https://api.mch.weixin.qq.com/",
    "http://127.0.0.1:8080/gate/way/",
    "https://例子.cn:443/",
)
TARGETS = ("v3/x", "v3/x?a=%E5%BC%A0&b=1~2", "v3/张/x", "v3/a:b@c?d=[1]", "v3/x/", "")
FIELDS: list[dict[str, str]] = [
    {"Accept": "*/*", "X-A": "1"},
    {"host": "pay.example", "Accept": "a"},
    {},
]


def request(**more: Any) -> LazyRequest:
    """Return a request that differs from a usual one."""
    parts: dict[str, Any] = {
        "method": "POST",
        "base": BASES[0],
        "target": "v3/x",
        "fields": {"Accept": "application/json"},
        "body": b"{}",
        "extensions": {"timeout": {}},
    }
    return LazyRequest(**{**parts, **more})


def response(**more: Any) -> LazyResponse:
    """Return an answer that differs from a usual one."""
    headers = [
        (b"Content-Type", b"application/json; charset=gbk"),
        (b"Request-ID", b"1"),
        (b"Set-Cookie", b"a=b"),
        (b"Link", b'<https://pay.example/>; rel="next"'),
        (b"Content-Length", b"8"),
    ]
    parts: dict[str, Any] = {
        "status_code": 200,
        "headers": headers,
        "content": b'{"a":1} ',
        "request": request(),
        "extensions": {"http_version": b"HTTP/1.1"},
    }
    return LazyResponse(**{**parts, **more})


def plain(lazy: LazyResponse) -> httpx.Response:
    """Return httpx's own answer of the same parts."""
    return httpx.Response(
        lazy.status_code,
        headers=raw_headers_of(lazy),
        content=lazy.content,
        request=lazy.request,
        extensions=lazy.extensions,
    )


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("body", [b"", b'{"a":1}'])
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("fields", FIELDS)
def test_a_request_is_httpx_own(
    method: str, body: bytes, base: str, target: str, fields: dict[str, str]
) -> None:
    """Line, headers and body are those of the request that httpx makes."""
    own = httpx.Request(method, base + target, headers=fields, content=body or None)

    def lazy() -> LazyRequest:
        return request(method=method, base=base, target=target, fields=dict(fields), body=body)

    assert isinstance(lazy(), httpx.Request)
    assert raw_path_of(lazy()) == raw_path_of(own) == own.url.raw_path
    assert address_of(lazy()) == address_of(own) == str(own.url)
    assert body_of(lazy()) == body_of(own) == own.content == lazy().content
    assert lazy().url == own.url
    assert sorted(lazy().headers.raw) == sorted(own.headers.raw)
    assert lazy().headers == own.headers
    assert lazy().read() == own.read()
    assert b"".join(lazy().stream) == body  # type: ignore[arg-type]
    assert place_of(lazy()).netloc == place_of(own).netloc
    assert repr(lazy()) != ""
    whole = lazy()
    assert whole.content == body
    assert (sorted(whole.headers.raw), whole.url) == (sorted(own.headers.raw), own.url)


@given(
    st.text("azAZ09._~-", min_size=1).filter(lambda one: one not in (".", "..")),
    st.text("azAZ09._~-%20=&?/", max_size=30),
)
def test_what_is_taken_as_it_stands_httpx_sends_so(segment: str, query: str) -> None:
    """A plain path and query are not spelled anew by httpx."""
    percent = query.replace("%", "%20")
    target = f"v3/{segment}?{percent}" if percent else f"v3/{segment}"
    lazy = request(target=target)
    assert raw_path_of(lazy) == httpx.URL(BASES[0] + target).raw_path


def test_headers_are_set_before_and_after_a_look() -> None:
    """A header that is set is sent, whether somebody has looked at the headers or not."""
    unseen, seen = request(), request()
    assert seen.headers["accept"] == "application/json"
    for one in (unseen, seen):
        set_header(one, "Authorization", "signed")
        assert dict(fields_of(one))["Authorization"] == "signed"
        assert one.headers["authorization"] == "signed"
        assert (b"Authorization", b"signed") in one.headers.raw
    own = httpx.Request("GET", BASES[0], headers={"A": "b"})
    set_header(own, "C", "d")
    assert ("C", "d") in list(fields_of(own))


def test_headers_that_were_changed_stay_so() -> None:
    """Whatever is looked at next does not bring the first headers back."""
    lazy = request()
    lazy.headers["X"] = "1"
    del lazy.headers["accept"]
    assert lazy.content == b"{}"
    assert lazy.headers["x"] == "1"
    assert "accept" not in lazy.headers
    copied = LazyHeaders([(b"A", b"b")])
    assert copied.copy() == httpx.Headers({"a": "b"})
    assert copied.raw == [(b"A", b"b")]


LOOKS: dict[str, Callable[[httpx.Response], Any]] = {
    "headers": lambda one: (one.headers, one.headers.raw),
    "content": lambda one: one.content,
    "read": lambda one: one.read(),
    "text": lambda one: one.text,
    "json": lambda one: one.json(),
    "encoding": lambda one: one.encoding,
    "is": lambda one: (one.is_success, one.is_error, one.is_redirect, one.has_redirect_location),
    "closed": lambda one: (one.is_closed, one.is_stream_consumed, one.num_bytes_downloaded),
    "reason": lambda one: (one.reason_phrase, one.http_version, repr(one)),
    "request": lambda one: (one.request.method, str(one.url), one.request.headers),
    "cookies": lambda one: dict(one.cookies),
    "links": lambda one: one.links,
    "pieces": lambda one: (list(one.iter_bytes()), list(one.iter_lines()), list(one.iter_text())),
    "history": lambda one: (one.history, one.next_request),
    "raised": lambda one: one.raise_for_status() is one,
    "extensions": lambda one: one.extensions,
}


def test_two_threads_may_look_at_once() -> None:
    """A thread that finds it made while it looks makes nothing again, and gets what it wants."""
    lazy = response()
    headers = lazy.headers
    LazyResponse._make_whole(lazy)
    assert lazy.headers is headers
    assert type(lazy) is httpx.Response
    # As far as a thread is that began before the other one ended.
    assert LazyResponse.__getattr__(lazy, "headers") is headers
    for name in ("came_with", "content", "elapsed"):
        held: property = LazyResponse.__dict__[name]
        assert held.__get__(lazy) == getattr(lazy, name.replace("came_with", "headers"))


def test_an_answer_that_holds_nothing_says_so() -> None:
    """What a copy begins with, an answer without parts, has no attribute, and does not recurse."""
    empty = LazyResponse.__new__(LazyResponse)
    for name in ("headers", "content", "elapsed", "came_with"):
        with pytest.raises(AttributeError, match="LazyResponse has no"):
            getattr(empty, name)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("again", LOOKS)
def test_an_answer_is_httpx_own(look: str, again: str) -> None:
    """Whatever is looked at, first or second, it is what httpx says of such an answer."""
    lazy = response()
    own = plain(response())
    assert isinstance(lazy, httpx.Response)
    assert LOOKS[look](lazy) == LOOKS[look](own)
    assert LOOKS[again](lazy) == LOOKS[again](own)


def test_what_is_set_on_an_answer_stays() -> None:
    """The first look takes nothing back that was set before it."""
    other = httpx.Request("GET", "https://pay.example/")
    lazy = response()
    lazy.elapsed = timedelta(seconds=3)
    assert lazy.elapsed == timedelta(seconds=3)
    lazy.history = [httpx.Response(302)]
    lazy.request = other
    lazy.extensions["wechatpay"] = "verdict"
    lazy.encoding = "utf-8"
    assert lazy.headers["request-id"] == "1"
    assert (lazy.elapsed, lazy.request, len(lazy.history)) == (timedelta(seconds=3), other, 1)
    assert lazy.extensions["wechatpay"] == "verdict"
    assert lazy.encoding == "utf-8"


def pickled(one: Any) -> Any:
    """Return what another process would get."""
    return pickle.loads(pickle.dumps(one))


@pytest.mark.parametrize("looked", [False, True])
@pytest.mark.parametrize("again", [pickled, copy.copy, copy.deepcopy])
def test_copies_are_httpx_own(looked: bool, again: Callable[[Any], Any]) -> None:
    """Pickled or copied, they are httpx's alone, and hold what they held."""
    asked, answered = request(), response()
    answered.elapsed = timedelta(seconds=2)
    if looked:
        assert asked.headers
        assert answered.headers
    twice_asked, twice_answered = again(asked), again(answered)
    assert type(twice_asked) is httpx.Request
    assert (twice_asked.method, twice_asked.url) == (asked.method, asked.url)
    assert twice_asked.headers == asked.headers
    assert twice_asked.read() == b"{}"
    assert type(twice_answered) is httpx.Response
    assert twice_answered.json() == {"a": 1}
    assert twice_answered.elapsed == timedelta(seconds=2)
    assert twice_answered.headers == answered.headers


@pytest.mark.parametrize("lazy", [request(), response(), LazyHeaders([])], ids=["q", "a", "h"])
def test_what_httpx_does_not_have_is_missing(lazy: Any) -> None:
    """An unknown name is an AttributeError, before and after the first look."""
    for name in ("__array__", "nothing", "nothing"):
        with pytest.raises(AttributeError, match=name):
            getattr(lazy, name)
    empty: Any = object.__new__(cast("type[object]", type(lazy)))
    with pytest.raises(AttributeError):
        empty.anything  # noqa: B018  a copy that holds nothing yet
