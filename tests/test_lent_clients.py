"""Clients of the user's own: what they send, what their mocks and hooks do, and how they fail."""

from __future__ import annotations

import gzip
from collections import deque
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import httpx
import httpx2
import pytest
from gateway import Answer, Authority, Gateway
from ways import ASYNCIO, IDLE, SYNC, TRIO, Way, client_of, each_way

from wechatpay import ConfigurationError, TransportError
from wechatpay._call import exchange
from wechatpay._wire.connections import expired
from wechatpay._wire.failures import _chain

BODY = b'{"out_trade_no":"20261127"}'
UNSIGNED = "v3/x"
libraries = pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda one: one.__name__)
loops = pytest.mark.parametrize("way", [SYNC, ASYNCIO, TRIO], ids=lambda way: way.name)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once."""
    monkeypatch.setattr(exchange, "BACKOFF", 0.001)


def made(way: Way, library: ModuleType, **options: Any) -> dict[str, Any]:
    """Return the argument that passes a client of that library for a way."""
    if way.is_async:
        return {"async_http_client": library.AsyncClient(**options)}
    return {"http_client": library.Client(**options)}


def close(way: Way, arguments: dict[str, Any]) -> None:
    """Close such a client."""
    (client,) = arguments.values()
    if way.is_async:
        way.run(client.aclose)
    else:
        client.close()


@loops
@libraries
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_mock_that_answers(gateway: Gateway, way: Way, library: ModuleType, packed: bool) -> None:
    """Its answer, which is read and unpacked already, is verified like any other."""
    gateway.default = Answer(body=BODY)
    with client_of(gateway, **IDLE) as real:
        reply = real["v3/x"].get()
    headers = [(k, v) for k, v in reply.headers.raw if k.lower() != b"content-length"]
    if packed:
        headers.append((b"Content-Encoding", b"gzip"))

    def handler(_: Any) -> Any:
        content = gzip.compress(BODY) if packed else BODY
        return library.Response(200, headers=headers, content=content)

    own = made(way, library, transport=library.MockTransport(handler))
    with client_of("http://127.0.0.1:9/", **IDLE, **own) as wxpay:
        answer = way.call(wxpay["v3/x"], "post", json={"a": 1})
    close(way, own)
    assert type(answer) is httpx.Response
    assert answer.extensions["wechatpay"].verified
    assert answer.content == BODY


@loops
@libraries
def test_a_mock_that_fails(way: Way, library: ModuleType) -> None:
    """A mock reports nothing, and nothing follows from that: in doubt it was sent."""
    for name, sent in (("ConnectError", False), ("ReadError", True), ("WriteTimeout", True)):

        def handler(_: Any, name: str = name) -> Any:
            raise getattr(library, name)("no")

        own = made(way, library, transport=library.MockTransport(handler))
        with (
            client_of("http://127.0.0.1:9/", **IDLE, **own) as wxpay,
            pytest.raises(TransportError) as caught,
        ):
            way.call(wxpay["v3/x"], "post", json={"a": 1})
        close(way, own)
        assert caught.value.outcome_unknown is sent


@loops
def test_a_mock_without_an_answer(way: Way) -> None:
    """One that is at the end of its list fails the call, which would else return nothing at all."""
    answers: Iterator[httpx.Response] = iter(())
    own = made(way, httpx, transport=httpx.MockTransport(lambda _: next(answers)))
    with (
        client_of("http://127.0.0.1:9/", **IDLE, **own) as wxpay,
        pytest.raises(RuntimeError, match="raised StopIteration"),
    ):
        way.call(wxpay["v3/x"], "post", json={"a": 1})
    close(way, own)


@loops
@libraries
def test_a_header_that_cannot_be_sent(gateway: Gateway, way: Way, library: ModuleType) -> None:
    """It is the client's own, no trying makes it better, and nothing was sent."""
    own = made(way, library, headers={"X Y": "1"})
    with (
        client_of(gateway, **IDLE, **own) as wxpay,
        pytest.raises(ConfigurationError, match="has a header that cannot be sent"),
    ):
        way.call(wxpay["v3/x"], "post", json={"a": 1})
    close(way, own)
    assert gateway.requests == []


@loops
@libraries
def test_a_listener_of_the_users_own(gateway: Gateway, way: Way, library: ModuleType) -> None:
    """Whoever listens to a request's events already goes on to."""
    seen: list[str] = []

    def listen(name: str, _: Any) -> None:
        seen.append(name)

    async def listen_async(name: str, _: Any) -> None:
        seen.append(name)

    class Listened:
        def __init__(self, client: Any) -> None:
            self._client = client

        def __getattr__(self, name: str) -> Any:
            return getattr(self._client, name)

        def build_request(self, *arguments: Any, **options: Any) -> Any:
            request = self._client.build_request(*arguments, **options)
            request.extensions["trace"] = listen_async if way.is_async else listen
            return request

    own = made(way, library, limits=library.Limits(max_keepalive_connections=0))
    ((name, client),) = own.items()
    with client_of(gateway, **IDLE, **{name: Listened(client)}) as wxpay:
        assert way.call(wxpay["v3/x"], "post", json={"a": 1}).status_code == 200
    close(way, own)
    assert "http11.send_request_headers.started" in seen


@loops
@libraries
def test_a_client_that_opened_the_connection_before(
    gateway: Gateway, way: Way, library: ModuleType
) -> None:
    """What it opened for others is used, and not watched."""
    if way.is_async:

        async def main() -> int:
            async with library.AsyncClient() as own:
                await own.get(gateway.url)
                async with client_of(gateway, async_http_client=own, **IDLE) as wxpay:
                    node: Any = wxpay["v3/x"]
                    return int((await node.post_async(json={"a": 1})).status_code)

        assert way.run(main) == 200
    else:
        with library.Client() as own, client_of(gateway, http_client=own, **IDLE) as wxpay:
            own.get(gateway.url)
            node: Any = wxpay["v3/x"]
            assert node.post(json={"a": 1}).status_code == 200
    assert gateway.connections == 1


@each_way
def test_a_proxy_that_is_reached_by_tls(
    way: Way, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has to be trusted as WeChat Pay's own servers are, however its scheme is spelled."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    with Gateway(tls=Authority().server_context(tmp_path)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("https", "HTTPS"))
        with client_of("http://127.0.0.1:9/", **IDLE) as wxpay:
            assert way.call(wxpay["v3/x"], "post", json={"a": 1}).status_code == 200
    assert proxy.requests[0].target == "http://127.0.0.1:9/v3/x"


def test_errors_that_lead_to_each_other() -> None:
    """However they are chained, looking for a cause comes to an end."""
    error = ValueError()
    error.__cause__ = error
    assert 1 < len(list(_chain(error))) < 20


def test_nothing_idle_is_nothing_expired() -> None:
    """Another thread may have taken the last connection meanwhile."""
    idle: deque[Any] = deque()
    assert expired(idle) is None
