"""Pools of connections, in the cases that are rare when clients run."""

from __future__ import annotations

import asyncio
import ssl
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import httpx
import pytest
from gateway import Answer, Gateway
from ways import IDLE, client_of

from wechatpay._wire import Attempt, Route, connections, httpx_pool
from wechatpay._wire.aiohttp_pool import AiohttpPool, _Sending, _stage
from wechatpay._wire.clock import uptime
from wechatpay._wire.environment import tls_context
from wechatpay._wire.meter import trace

LIMITS = {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": None}
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
DIRECT, PROXIED = Route("https://x", TLS, None), Route("https://x", TLS, "http://p:1")
KEY: Any = SimpleNamespace(host="x", port=443, ssl=True, is_ssl=True)


def test_a_client_that_is_closed_while_it_is_used(gateway: Gateway) -> None:
    """Whoever has a connection then is answered, and closes it."""
    gateway.default = Answer(asked=2)
    wxpay = client_of(gateway, **IDLE)
    answers: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: answers.append(wxpay["v3/x"].get()))
    thread.start()
    assert gateway.wait_until(lambda gateway: len(gateway.requests) == 1)
    wxpay.close()
    gateway.requests.append(gateway.requests[0])
    thread.join()
    assert answers[0].status_code == 200
    assert gateway.wait_until(lambda gateway: gateway.open == 0)


@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "asyncio"])
def test_idle_connections_below_the_one_that_is_used(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, awaited: bool
) -> None:
    """They are closed once they are old, though nobody takes them."""
    now = [1000.0]
    for module in (httpx_pool, connections):
        monkeypatch.setattr(module, "uptime", lambda: now[0])
    gateway.default = Answer(asked=2)
    with client_of(gateway, **IDLE) as wxpay:
        node: Any = wxpay["v3/x"]

        def once_more() -> None:
            assert gateway.open == 2
            now[0] += 60

        async def in_a_loop() -> None:
            await asyncio.gather(node.get_async(), node.get_async())
            once_more()
            assert (await node.get_async()).status_code == 200
            assert gateway.wait_until(lambda gateway: gateway.open == 1)

        if awaited:
            asyncio.run(in_a_loop())
        else:
            threads = [threading.Thread(target=node.get) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            once_more()
            assert node.get().status_code == 200
            assert gateway.wait_until(lambda gateway: gateway.open == 1)
    assert gateway.connections == 3


class Transport:
    """A connection that is ended."""

    def __init__(self) -> None:
        self.aborted = False

    def abort(self) -> None:
        """Note that it was."""
        self.aborted = True


def test_what_takes_too_long_over_aiohttp() -> None:
    """It is ended; what has time left is looked at again, and so is what has no connection yet."""

    async def main() -> None:
        pool = AiohttpPool(DIRECT)
        late, early, unlimited = (_Sending(Attempt(one)) for one in (LIMITS, LIMITS, {}))
        transport: Any = Transport()
        late.transport = transport
        late.attempt.deadline -= 1000
        pool._under_way |= {late, early, unlimited}
        pool._look()
        assert transport.aborted
        assert late.is_late
        assert not early.is_late
        assert pool._watch is not None
        pool._under_way -= {late, early}
        pool._look()
        assert pool._watch is None
        await pool.aclose()

    asyncio.run(main())


def test_time_limits_that_are_the_same() -> None:
    """They are made once, though each call brings its own."""

    async def main() -> None:
        pool = AiohttpPool(DIRECT)
        first, second = (pool._timeout(Attempt(dict(LIMITS))) for _ in range(2))
        assert first is second
        await pool.aclose()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("error", "route", "stage"),
    [
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "no")), DIRECT, "tls"),
        (aiohttp.ClientProxyConnectionError(KEY, OSError(111, "no")), PROXIED, "proxy"),
        (aiohttp.ServerDisconnectedError(), PROXIED, "proxy"),
        (aiohttp.ServerDisconnectedError(), DIRECT, "connect"),
        (aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(111, "no")), DIRECT, "connect"),
        (aiohttp.ClientConnectorError(KEY, ConnectionResetError(104, "no")), DIRECT, "tls"),
    ],
)
def test_the_step_that_failed_over_aiohttp(error: Exception, route: Route, stage: str) -> None:
    """The kind of its error tells, for there is nothing else."""
    assert _stage(error, route) == stage


def test_a_head_that_could_not_be_written() -> None:
    """Only one that was refused before its first byte was not sent."""
    attempt = Attempt(LIMITS)
    request = {"request": SimpleNamespace(method=b"POST")}
    trace(attempt, "http11.send_request_headers.started", request)
    trace(attempt, "http11.send_request_headers.failed", {"exception": OSError()})
    assert attempt.sent
    refused = type("LocalProtocolError", (Exception,), {})()
    trace(attempt, "http11.send_request_headers.failed", {"exception": refused})
    assert not attempt.sent


def test_a_directory_of_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is taken as it is; OpenSSL looks into it when it needs to."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert tls_context().verify_mode is ssl.CERT_REQUIRED


class Idle:
    """A connection of which a test says whether it may be used again."""

    def __init__(self, *, is_stale: bool = False) -> None:
        self.since: float = uptime()
        self.is_stale = is_stale
        self.is_closed = False

    def close(self) -> None:
        """Note that it was closed."""
        self.is_closed = True


def test_a_connection_given_back_is_looked_at_before_it_is_lent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also to a thread that waits for one: what it said since is nobody's answer."""
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 2)
    pool = connections.Connections(Idle)
    good, bad = pool.take(None), pool.take(None)

    def others_are_done(_: float) -> None:
        bad.is_stale = True
        pool.give_back(good)
        pool.give_back(bad)

    monkeypatch.setattr("wechatpay._wire.connections.time.sleep", others_are_done)
    assert pool.take(None) is good
    assert bad.is_closed
    assert not good.is_closed
