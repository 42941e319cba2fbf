"""Time limits, proxies, and what a failure of the network means."""

from __future__ import annotations

import math
import ssl
from types import SimpleNamespace
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
from gateway import Answer, Gateway, closed_port
from ways import Way, client_of, each_way

from wechatpay import TransportError
from wechatpay._wire import Attempt, Network, Route, new_request
from wechatpay._wire.aiohttp_pool import _as_httpx
from wechatpay._wire.environment import proxy_for
from wechatpay._wire.failures import is_network_error, may_have_been_sent
from wechatpay._wire.network import (
    DEFAULT_LIMITS,
    limits,
    origin_of,
)

PLAIN = (b"http", b"127.0.0.1:8080", False)
TLS = (b"https", b"api.mch.weixin.qq.com", False)
MUTUAL = (b"https", b"api.mch.weixin.qq.com", True)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the tests names no proxy but their own."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("timeout", "steps"),
    [
        (3, {"connect": 3, "read": 3, "write": 3, "pool": 3}),
        (0.5, {"connect": 0.5, "read": 0.5, "write": 0.5, "pool": 0.5}),
        (httpx.Timeout(3, read=None), {"connect": 3, "read": None, "write": 3, "pool": 3}),
        (httpx2.Timeout(3, read=None), {"connect": 3, "read": None, "write": 3, "pool": 3}),
    ],
)
def test_time_limits(timeout: Any, steps: dict[str, float | None]) -> None:
    """A number limits each step; httpx's own limits, and its fork's, are taken as they are."""
    assert limits(timeout) == steps


@pytest.mark.parametrize(
    "timeout",
    [0, -1, "5", True, math.inf, math.nan, 10**400, httpx.Timeout(0), httpx.Timeout(5, read=-1)],
)
def test_time_limit_that_is_none(timeout: Any) -> None:
    """Nothing can be done in no time, and text is not a number."""
    with pytest.raises(TypeError, match="timeout must be seconds, above zero"):
        limits(timeout)


def test_default_time_limits() -> None:
    """Five seconds to connect and thirty to read, unless the client or the call says otherwise."""
    plain, own = Network(None, None), Network(7, None)
    assert (DEFAULT_LIMITS["connect"], DEFAULT_LIMITS["read"]) == (5, 30)

    def limit_of(made_by: Network, timeout: float | None = None) -> Any:
        url = "https://api.mch.weixin.qq.com/v3/x"
        return new_request(made_by, None, "GET", url, "", {}, b"", timeout).extensions["timeout"]

    assert limit_of(plain) == DEFAULT_LIMITS
    assert limit_of(own)["read"] == 7
    assert limit_of(own, 2)["read"] == limit_of(plain, 2)["connect"] == 2


def test_origin() -> None:
    """Scheme, host with port and mutual TLS decide over which connections a request may go."""
    request = httpx.Request("GET", "https://api.mch.weixin.qq.com:8443/v3/x")
    assert origin_of(request, mutual_tls=True) == (b"https", b"api.mch.weixin.qq.com:8443", True)


def test_contexts_are_made_when_needed_and_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """One context each for plain, ordinary and mutual TLS; the roots are not loaded for nothing."""
    made: list[ssl.SSLContext] = []

    def make() -> ssl.SSLContext:
        made.append(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        return made[-1]

    monkeypatch.setattr(httpx, "create_ssl_context", make)
    network = Network(None, None)
    network.context(PLAIN)
    assert made == []
    assert network.context(TLS) is network.context((b"https", b"apihk.mch.weixin.qq.com", False))
    assert len(made) == 1
    assert network.context(MUTUAL) is network.context(MUTUAL) is not network.context(TLS)
    assert len(made) == 2


@pytest.mark.parametrize(
    ("environment", "origin", "proxy"),
    [
        ({}, TLS, None),
        ({"HTTPS_PROXY": "http://p:1"}, TLS, "http://p:1"),
        ({"https_proxy": "http://p:1"}, TLS, "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, PLAIN, None),
        ({"HTTP_PROXY": "http://p:1"}, PLAIN, "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, TLS, "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "HTTPS_PROXY": "http://q:1"}, TLS, "http://q:1"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "127.0.0.1"}, PLAIN, None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "127.0.0.1:8080"}, PLAIN, None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": ".weixin.qq.com,localhost"}, TLS, None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "*"}, TLS, None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "qq.cn"}, TLS, "http://p:1"),
    ],
)
def test_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    origin: tuple[bytes, bytes, bool],
    proxy: str | None,
) -> None:
    """The usual variables name a proxy, and the hosts that are reached without."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(httpx.URL(f"{origin[0].decode()}://{origin[1].decode()}/v3/x")) == proxy


@each_way
def test_proxy_gets_the_call(gateway: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a proxy it is asked for the whole URL, and its answer is verified like any other."""
    with closed_port() as url, client_of(url) as wxpay:
        monkeypatch.setenv("HTTP_PROXY", gateway.url)
        reply = way.call(wxpay["v3/x"], "post", params={"a": "1"}, json={"b": 2})
    assert reply.extensions["wechatpay"].verified
    assert gateway.requests[0].target == f"{url}v3/x?a=1"


@each_way
def test_host_that_needs_no_proxy(
    gateway: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host in `NO_PROXY` is reached directly."""
    with closed_port() as url, client_of(gateway) as wxpay:
        monkeypatch.setenv("HTTP_PROXY", url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert way.call(wxpay["v3/x"]).status_code == 200
    assert gateway.requests[0].target == "/v3/x"


@each_way
def test_proxy_that_cannot_be_reached(
    gateway: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing was sent, and the way around the proxy is not taken."""
    with (
        closed_port() as url,
        client_of(gateway) as wxpay,
        pytest.raises(TransportError, match="was never sent") as caught,
    ):
        monkeypatch.setenv("HTTP_PROXY", url)
        way.call(wxpay["v3/x"], "post")
    assert not caught.value.outcome_unknown
    assert gateway.requests == []


@each_way
def test_proxy_that_refuses_a_tunnel(
    gateway: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that makes no connection for TLS kept the call from being sent."""
    gateway.default = Answer(403, b"", signed=False)
    monkeypatch.setenv("HTTPS_PROXY", gateway.url)
    with (
        client_of("https://127.0.0.1:9/") as wxpay,
        pytest.raises(TransportError, match="was never sent") as caught,
    ):
        way.call(wxpay["v3/x"], "post")
    assert not caught.value.outcome_unknown
    assert {one.method for one in gateway.requests} == {"CONNECT"}
    assert not any("authorization" in one.headers for one in gateway.requests)


def caused(error: Exception, cause: Exception) -> Exception:
    """Return `error` as raised from `cause`."""
    error.__cause__ = cause
    return error


NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
KEY: Any = SimpleNamespace(host="api.mch.weixin.qq.com", port=443, ssl=True)
RESET = aiohttp.ClientOSError(104, "Connection reset by peer")
REFUSED = aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(111, "refused"))


@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)
@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("ConnectError", False),
        ("ConnectTimeout", False),
        ("PoolTimeout", False),
        ("ProxyError", False),
        ("UnsupportedProtocol", False),
        ("ReadError", True),
        ("ReadTimeout", True),
        ("WriteError", True),
        ("WriteTimeout", True),
        ("RemoteProtocolError", True),
        ("LocalProtocolError", True),
        ("DecodingError", True),
    ],
)
def test_what_a_failure_means(library: Any, name: str, sent: bool) -> None:
    """Only failures before a connection stands prove that nothing was sent."""
    error = getattr(library, name)("no")
    assert is_network_error(error)
    assert may_have_been_sent(error) is sent


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (caused(httpx.ConnectTimeout("no"), RESET), True),
        (caused(httpx.ConnectError("no"), REFUSED), False),
        (caused(httpx.ReadTimeout("no"), aiohttp.ConnectionTimeoutError()), False),
        (caused(httpx.ConnectError("no"), OSError()), False),
        (OSError(), True),
    ],
)
def test_aiohttps_own_error_decides(error: Exception, sent: bool) -> None:
    """httpx-aiohttp names some failures wrongly; what it made them of is trusted instead."""
    assert is_network_error(error)
    assert may_have_been_sent(error) is sent


@pytest.mark.parametrize("error", [ZeroDivisionError(), RuntimeError(), ValueError(), KeyError()])
def test_what_is_no_failure_of_the_network(error: Exception) -> None:
    """Mistakes in a program are not to be retried."""
    assert not is_network_error(error)


_RESET: Any = getattr(aiohttp, "ClientConnectionResetError", ConnectionResetError)  # not in 3.10.0


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (aiohttp.ConnectionTimeoutError("https://x/v3/secret"), httpx.ConnectTimeout),
        (aiohttp.SocketTimeoutError("secret"), httpx.ReadTimeout),
        (REFUSED, httpx.ConnectError),
        (aiohttp.ClientHttpProxyError(KEY, (), message="secret"), httpx.ProxyError),
        (aiohttp.ClientResponseError(KEY, (), message="secret"), httpx.RemoteProtocolError),
        (aiohttp.ClientPayloadError("secret"), httpx.RemoteProtocolError),
        (aiohttp.ServerDisconnectedError("secret"), httpx.RemoteProtocolError),
        (_RESET("secret"), httpx.ReadError),
        (RESET, httpx.ReadError),
        (BrokenPipeError("secret"), httpx.ReadError),
    ],
)
def test_aiohttps_errors_become_httpxs(error: Exception, kind: type[Exception]) -> None:
    """The cause of a `TransportError` is httpx's, and shows nothing of the request."""
    request = httpx.Request("GET", "https://x/v3/secret")
    ours = _as_httpx(error, Attempt({}), request, Route("https://x", NO_TLS, None))
    assert type(ours) is kind
    assert "secret" not in repr(ours)
    assert ours.request is request
