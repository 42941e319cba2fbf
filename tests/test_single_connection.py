"""One connection as a transport; what it sends and how it fails is in the tests of calls."""

from __future__ import annotations

import ssl

import httpx
import pytest
from gateway import Answer, Gateway, closed_port
from ways import Way, each_async_way

from wechatpay._wire.single_connection import SingleConnection


def request(url: str) -> httpx.Request:
    """Return a request with the time limits that a transport expects."""
    limits = {"connect": 1.0, "read": 0.05, "write": 1.0, "pool": None}
    return httpx.Request("GET", url, extensions={"timeout": limits})


def transport() -> SingleConnection:
    """Return a connection that is not made yet."""
    return SingleConnection(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


@each_async_way
def test_closing_what_was_never_opened_does_nothing(way: Way) -> None:
    """A connection that was never needed may be closed, more than once."""

    async def main() -> None:
        connection = transport()
        await connection.aclose()
        await connection.aclose()

    way.run(main)


@each_async_way
def test_errors_are_those_that_httpx_has(gateway: Gateway, way: Way) -> None:
    """A refused connection and a silent server raise httpx's errors, with httpcore's as cause."""
    gateway.default = Answer(fault="hang")

    async def main(url: str, kind: type[Exception]) -> None:
        connection = transport()
        with pytest.raises(kind) as caught:
            await connection.handle_async_request(request(url))
        assert type(caught.value.__cause__).__module__.startswith("httpcore")
        await connection.aclose()

    with closed_port() as refused:
        way.run(lambda: main(refused, httpx.ConnectError))
    way.run(lambda: main(gateway.url, httpx.ReadTimeout))
