"""The ways in which a program may make calls, so that a test can be run for each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import httpx
import pytest
import trio
from gateway import (
    MCHID,
    MERCHANT_SERIAL,
    PUBLIC_KEY_ID,
    Gateway,
    public_pem,
    rsa_key,
)

from wechatpay import WeChatPay

T = TypeVar("T")


class Ask(NamedTuple):
    """A call to be made: a node, a verb, and its arguments."""

    node: Any
    verb: str = "get"
    arguments: dict[str, Any] = {}  # noqa: RUF012


class Way(NamedTuple):
    """Blocking, or on an event loop of one of two kinds; and what opens the connections.

    Attributes:
        name: What it is called among a test's parameters.
        loop: `asyncio` or `trio`, or nothing where calls are blocking.
        transport: What `transport=` is for clients that a test makes with this way as a parameter.
    """

    name: str
    loop: str = ""
    transport: str = "httpx"

    @property
    def is_async(self) -> bool:
        """Whether it needs an event loop."""
        return bool(self.loop)

    def call(self, node: Any, verb: str = "get", **arguments: Any) -> httpx.Response:
        """Make one call."""
        return self.send(Ask(node, verb, arguments))

    def send(self, *asks: Ask) -> httpx.Response:
        """Make calls in turn, all in one event loop, and return the last answer."""
        answers: list[httpx.Response] = []
        if not self.is_async:
            answers += [getattr(one.node, one.verb)(**one.arguments) for one in asks]
            return answers[-1]

        async def in_turn() -> None:
            for one in asks:
                answers.append(await getattr(one.node, f"{one.verb}_async")(**one.arguments))

        self.run(in_turn)
        return answers[-1]

    def run(self, main: Callable[[], Awaitable[T]]) -> T:
        """Run a coroutine function in an event loop of this kind."""
        if self.loop == "trio":
            return trio.run(main)

        async def awaited() -> T:
            return await main()

        return asyncio.run(awaited())


SYNC, ASYNCIO, TRIO = Way("sync"), Way("asyncio", "asyncio"), Way("trio", "trio")
AIOHTTP = Way("aiohttp", "asyncio", "aiohttp")
SYNC2, ASYNCIO2 = Way("sync2", "", "httpx2"), Way("asyncio2", "asyncio", "httpx2")
CURL = Way("curl", "", "pycurl")
ALL = [SYNC, ASYNCIO, AIOHTTP, TRIO, SYNC2, ASYNCIO2, CURL]
each_way = pytest.mark.parametrize("way", ALL, ids=lambda way: way.name)
each_async_way = pytest.mark.parametrize(
    "way", [way for way in ALL if way.is_async], ids=lambda way: way.name
)


class IdleSigner:
    """A signer that saves time where the signature is not verified."""

    serial = "AB12"

    def sign(self, message: bytes) -> str:
        """Sign nothing."""
        return f"{len(message)}"


IDLE: dict[str, Any] = {"serial": None, "private_key": IdleSigner()}
"""Arguments for a client that spends no time on signing."""


def client_of(gateway: Gateway | str, **more: Any) -> WeChatPay:
    """Return a merchant's client of a gateway (or base URL); `more` are arguments that win."""
    arguments: dict[str, Any] = {
        "mchid": MCHID,
        "serial": MERCHANT_SERIAL,
        "private_key": rsa_key("merchant"),
        "certs": {PUBLIC_KEY_ID: public_pem(rsa_key("platform"))},
        "base_url": gateway if isinstance(gateway, str) else gateway.url,
        **more,
    }
    return WeChatPay(**arguments)
