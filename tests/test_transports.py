"""What opens a client's connections: chosen by name, never by what is installed."""

from __future__ import annotations

import asyncio
import http.client
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest
from gateway import Gateway, rsa_key
from ways import ALL, SYNC, TRIO, Way, client_of, each_way

from wechatpay import ConfigurationError, TransportError, WeChatPay
from wechatpay._wire import AsyncHTTPClient, HTTPClient, chosen, transports
from wechatpay.transport import Attempt, Pool, Route, Transport, register


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers goes with it."""
    monkeypatch.setattr(transports, "_registered", dict(transports._registered))


@each_way
def test_each_transport_carries_signed_calls(gateway: Gateway, way: Way) -> None:
    """Whatever carries it, the answer is one of httpx's, verified, with its request."""
    with client_of(gateway) as wxpay:
        reply = way.call(wxpay["v3/x"], "post", params={"a": "1"}, json={"b": "撤销"})
    assert isinstance(reply, httpx.Response)
    assert isinstance(reply.request, httpx.Request)
    assert type(reply) is httpx.Response  # somebody has looked
    assert reply.request.content == '{"b":"撤销"}'.encode()
    assert type(reply.request) is httpx.Request
    assert reply.extensions["wechatpay"].verified
    assert reply.elapsed.total_seconds() > 0
    assert reply.http_version == "HTTP/1.1"
    (asked,) = gateway.requests
    assert asked.is_signed_by(rsa_key("merchant"))
    assert asked.target == "/v3/x?a=1"
    assert asked.body == '{"b":"撤销"}'.encode()


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (None, ("httpx", "httpx")),
        ("httpx", ("httpx", "httpx")),
        ("httpx2", ("httpx2", "httpx2")),
        ("aiohttp", ("httpx", "aiohttp")),
        (("httpx2", "aiohttp"), ("httpx2", "aiohttp")),
        (("httpx", "httpx2"), ("httpx", "httpx2")),
        ("pycurl", ("pycurl", "httpx")),
        (("pycurl", "aiohttp"), ("pycurl", "aiohttp")),
    ],
)
def test_what_a_name_means(choice: Any, names: tuple[str, str]) -> None:
    """One for blocking calls and one for awaited ones; nothing is chosen by itself."""
    assert tuple(one.name for one in chosen(choice)) == names


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        ("requests", "there is none named 'requests'; there are httpx, httpx2, aiohttp, pycurl"),
        ("", "there is none named ''"),
        (("httpx",), "must be a name, or a pair of names"),
        (("httpx", 1), "must be a name, or a pair of names"),
        (7, "must be a name, or a pair of names"),
        (("aiohttp", "httpx"), "aiohttp makes no blocking calls"),
        (("httpx", "blocking"), "blocking makes no awaited calls"),
    ],
)
def test_what_is_no_transport(choice: Any, why: str) -> None:
    """It is said when the client is made."""
    register(Transport("blocking", open=Plain))
    with pytest.raises(ConfigurationError, match="transport") as caught:
        client_of("http://127.0.0.1:9/", transport=choice)
    assert why in str(caught.value)


@pytest.mark.parametrize("name", ["httpx2", "aiohttp", "pycurl"])
def test_package_that_is_missing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra that brings it is named."""
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigurationError) as caught:
        client_of("http://127.0.0.1:9/", transport=name)
    hint = f"pip install wechatpay-openapi[{name}]"
    assert str(caught.value) == f"transport {name} needs {name}: {hint}"


def test_package_of_a_registered_transport_that_is_missing() -> None:
    """What brings that is not known here."""
    register(Transport("mine", "no_such_package", open=Plain))
    with pytest.raises(ConfigurationError) as caught:
        chosen("mine")
    assert str(caught.value) == "transport mine needs no_such_package"


def test_own_client_and_transport_exclude_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client of the user's own brings its connections; the variable is named as well."""
    with (
        httpx.Client() as own,
        pytest.raises(ConfigurationError, match=r"leave transport .or WECHATPAY_TRANSPORT. out"),
    ):
        client_of("http://127.0.0.1:9/", transport="httpx", http_client=own)


def test_transport_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name, or two with a comma in between; arguments win."""
    monkeypatch.setenv("WECHATPAY_MCHID", "1900000109")
    monkeypatch.setenv("WECHATPAY_SECRET", "s" * 32)
    for value, shown in (
        ("httpx2", "over httpx2>"),
        ("httpx2, aiohttp", "over httpx2 and aiohttp>"),
        ("aiohttp", "over httpx and aiohttp>"),
    ):
        monkeypatch.setenv("WECHATPAY_TRANSPORT", value)
        assert repr(WeChatPay.from_env()).endswith(shown)
        assert repr(WeChatPay.from_env(transport="httpx")).endswith("over httpx>")
    monkeypatch.setenv("WECHATPAY_TRANSPORT", "curl")
    with pytest.raises(ConfigurationError, match="there is none named 'curl'"):
        WeChatPay.from_env()


def test_repr_names_the_users_own_client() -> None:
    """Whose connections they are, for each kind of calls."""
    own = httpx2.Client()
    wxpay = client_of("http://127.0.0.1:9/", http_client=own)
    assert repr(wxpay).endswith("over your own httpx2 and httpx>")
    own.close()


def test_clients_that_type_checkers_take() -> None:
    """Those of httpx and of its fork, each where it belongs; the other way round is an error."""
    blocking: list[HTTPClient] = [httpx.Client(), httpx2.Client()]
    awaited: list[AsyncHTTPClient] = [httpx.AsyncClient(), httpx2.AsyncClient()]
    for one in blocking:
        assert "your own" in repr(WeChatPay("1900000109", secret="s" * 32, http_client=one))
        one.close()
    for other in awaited:
        assert "your own" in repr(WeChatPay("1900000109", secret="s" * 32, async_http_client=other))
        asyncio.run(other.aclose())
    if TYPE_CHECKING:
        WeChatPay("1", http_client=httpx.AsyncClient())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        WeChatPay("1", async_http_client=httpx2.Client())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_aiohttp_runs_on_asyncio_only() -> None:
    """On trio that is said, and nothing takes its place."""
    with (
        client_of("http://127.0.0.1:9/", transport="aiohttp") as wxpay,
        pytest.raises(ConfigurationError, match="this event loop is not asyncio's"),
    ):
        TRIO.call(wxpay["v3/x"])


class Plain:
    """A transport on the standard library's `http.client`, as a user would write it."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.closed = False

    def send(self, request: httpx.Request, attempt: Attempt) -> httpx.Response:
        """Send a request on a connection of its own."""
        limit = attempt.seconds(attempt.limits["connect"])
        url = request.url
        connection = http.client.HTTPConnection(url.host, url.port, timeout=limit)
        attempt.reach("connect")
        try:
            connection.connect()
            attempt.send()
            connection.putrequest(
                request.method,
                url.raw_path.decode(),
                skip_host=True,
                skip_accept_encoding=True,
            )
            for name, value in request.headers.raw:
                connection.putheader(name.decode(), value.decode())
            connection.endheaders(request.content)
            attempt.reach("read")
            reply = connection.getresponse()
            attempt.body.begin(reply.status, httpx.Headers(reply.getheaders()))
            while chunk := reply.read(1 << 16):
                attempt.feed(chunk)
        except http.client.HTTPException as error:
            raise httpx.RemoteProtocolError(type(error).__name__, request=request) from error
        finally:
            connection.close()
        return attempt.answer(request, {})

    def close(self) -> None:
        """Have nothing to close."""
        self.closed = True


def test_a_transport_of_ones_own(gateway: Gateway) -> None:
    """It is registered, chosen by its name, shown, closed, and told apart when it fails."""
    made: list[Plain] = []

    def open_one(route: Route) -> Pool:
        made.append(Plain(route))
        return made[-1]

    register(Transport("plain", open=open_one))
    with client_of(gateway, transport="plain") as wxpay:
        assert repr(wxpay).endswith("over plain and httpx>")
        reply = SYNC.call(wxpay["v3/x"], "post", json={"a": 1})
        assert reply.extensions["wechatpay"].verified
    (pool,) = made
    assert pool.closed
    assert pool.route.origin == gateway.url.rstrip("/")
    assert pool.route.proxy is None
    with (
        client_of("http://127.0.0.1:9/", transport="plain", retries=0) as wxpay,
        pytest.raises(TransportError, match="was never sent"),
    ):
        wxpay["v3/x"].post()


@pytest.mark.parametrize("name", ["httpx", "httpx2", "aiohttp", "pycurl"])
def test_our_own_names_are_taken(name: str) -> None:
    """Built-in names cannot be registered again, nor can a transport that opens nothing."""
    with pytest.raises(ValueError, match="one of this package's own"):
        register(Transport(name, open=Plain))
    with pytest.raises(ValueError, match="transport mine opens no pool"):
        register(Transport("mine"))


@pytest.mark.skipif(not hasattr(httpx2, "alias_httpx"), reason="its first versions have no alias")
def test_under_the_alias_of_the_fork(gateway: Gateway) -> None:
    """A program that has `httpx2` stand in for httpx is served by it."""
    program = """
import sys
sys.path[:0] = sys.argv[2:]
import httpx2
httpx2.alias_httpx()
import httpx
assert httpx.__name__ == "httpx2"
from test_sent_or_not import send
from ways import ASYNCIO, SYNC, TRIO
for way in (SYNC, ASYNCIO, TRIO):
    one, two = send(way, ("GET", sys.argv[1]), ("POST", sys.argv[1]))
    one.headers
    print(type(one).__module__, one.status_code, two.status_code)
"""
    command = [sys.executable, "-c", program, f"{gateway.url}v3/x", *sys.path]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout == "httpx2 200 200\n" * 3, done.stderr
    assert gateway.connections == 3


def test_every_way_is_a_transport_here() -> None:
    """The tests' ways cover the transports that there are."""
    assert {way.transport for way in ALL} == {"httpx", "httpx2", "aiohttp", "pycurl"}
