"""Sending without blocking, from any number of event loops, on asyncio or trio.

Connections belong to the loop they were opened in. They are closed when that loop ends, by an
asynchronous generator that the loop itself finalises, so `asyncio.run` may come again and again.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Protocol

import anyio
import httpx

from .loops import finish_soon, is_asyncio, is_over, running_loop
from .network import (
    Network,
    Origin,
    closed,
    is_network_error,
    may_have_been_sent,
    origin_of,
    proxy_for,
)
from .sink import Sink, is_failure_of, receive_async
from .stack_pool import StackPool
from .steps import Failure, Pause, Send


class Pool(Protocol):
    """Connections to one origin, in one event loop."""

    def __init__(self, context: ssl.SSLContext, proxy: str | None) -> None: ...

    async def send(self, request: httpx.Request, sink: Sink | None) -> httpx.Response:
        """Send a request and return the reply, its body read, or if it is 2xx in the sink."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class AsyncWire:
    """Carries out what an exchange asks for, without blocking."""

    def __init__(self, network: Network, client: httpx.AsyncClient | None) -> None:
        self._network = network
        self._client = client
        self._homes: dict[object, Home] = {}
        self._lock = threading.Lock()
        self._closed = False

    @property
    def is_open(self) -> bool:
        """Whether there are connections that ought to be closed."""
        return bool(self._homes)

    async def perform(self, step: Send | Pause) -> httpx.Response | None:
        """Send a request and return the reply, its body read; or wait.

        Raises:
            Failure: No whole reply came.
        """
        if isinstance(step, Pause):
            await anyio.sleep(step.seconds)
            return None
        if self._closed:
            raise closed()
        try:
            if self._client is None:
                return await self._send(step)
            return await self._lend(self._client, step)
        except Exception as error:
            if not is_network_error(error) or is_failure_of(step.sink, error):
                raise
            raise Failure(sent=may_have_been_sent(error)) from error

    async def _send(self, step: Send) -> httpx.Response:
        started = time.perf_counter()
        loop = running_loop()
        home = self._homes.get(loop) or await self._settle(loop)
        origin = origin_of(step.request, mutual_tls=step.mutual_tls)
        reply = await (home.pools.get(origin) or home.open(origin)).send(step.request, step.sink)
        reply.elapsed = timedelta(seconds=time.perf_counter() - started)
        return reply

    async def _lend(self, client: httpx.AsyncClient, step: Send) -> httpx.Response:
        if step.sink is None:
            return await client.send(step.request, follow_redirects=False)
        reply = await client.send(step.request, follow_redirects=False, stream=True)
        try:
            return await receive_async(reply, step.sink)
        finally:
            await reply.aclose()

    async def _settle(self, loop: object) -> Home:
        home = Home(self._network, on_asyncio=is_asyncio(loop))
        with self._lock:
            for other in [one for one in self._homes if is_over(one)]:
                del self._homes[other]
            self._homes[loop] = home
        home.guard = self._until_the_loop_ends(loop, home)
        await home.guard.__anext__()
        return home

    async def _until_the_loop_ends(self, loop: object, home: Home) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self._homes.pop(loop, None)
            await home.aclose()

    async def aclose(self) -> None:
        """Close every connection of the client's own, those of other running loops in those."""
        self._closed = True
        home = self._homes.get(running_loop())
        if home is not None and home.guard is not None:
            await home.guard.aclose()
        self.close()

    def close(self) -> None:
        """Have each loop that still runs close its connections."""
        self._closed = True
        while self._homes:
            loop, home = self._homes.popitem()
            if home.guard is not None and not is_over(loop):
                finish_soon(loop, home.guard)


class Home:
    """The pools of one event loop."""

    def __init__(self, network: Network, *, on_asyncio: bool) -> None:
        self.pools: dict[Origin, Pool] = {}
        self.guard: AsyncGenerator[None, None] | None = None
        self._network = network
        self._on_asyncio = on_asyncio

    def open(self, origin: Origin) -> Pool:
        """Return a new pool for an origin; aiohttp's where that is installed and can serve."""
        make = aiohttp_pool() if self._on_asyncio else None
        pool = self.pools[origin] = (make or StackPool)(
            self._network.context(origin), proxy_for(origin)
        )
        return pool

    async def aclose(self) -> None:
        """Close every pool."""
        while self.pools:
            await self.pools.popitem()[1].aclose()


def aiohttp_pool() -> type[Pool] | None:
    """Return the pool on aiohttp, if aiohttp is installed."""
    try:
        from .aiohttp_pool import AiohttpPool
    except ImportError:
        return None
    return AiohttpPool
