"""Sending without blocking, from any number of event loops, on asyncio or trio.

Connections belong to the loop they were opened in. They are closed when that loop ends, by an
asynchronous generator that the loop itself finalises, so `asyncio.run` may be called again and
again.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
import httpx

from .._locks import Lock
from ..errors import ConfigurationError
from .clients import AsyncHTTPClient, lend_async
from .failures import raised
from .lazy_http import place_of
from .loops import finish_soon, is_asyncio, is_over, running_loop
from .network import Network, Origin, attempt_of, closed, origin_of
from .steps import Pause, Send, Wait

if TYPE_CHECKING:
    from .attempt import Attempt
    from .transports import AsyncPool


class AsyncWire:
    """Carries out what an exchange asks for, without blocking."""

    def __init__(self, network: Network, client: AsyncHTTPClient | None) -> None:
        self._network = network
        self._client = client
        self._by_loop: dict[object, LoopPools] = {}
        self._lock = Lock()
        self._closed = False

    @property
    def is_open(self) -> bool:
        """Whether there are connections that ought to be closed."""
        return bool(self._by_loop)

    async def perform(self, step: Send | Pause | Wait) -> httpx.Response | None:
        """Send a request and return the reply, its body read; or wait.

        Raises:
            Failure: No whole reply came.
            ConfigurationError: None ever will: the environment or the user's client is wrong.
        """
        if not isinstance(step, Send):
            await anyio.sleep(step.seconds)
            return None
        if self._closed:
            raise closed()
        started, attempt = time.perf_counter(), attempt_of(step)
        try:
            reply = await self._send(step, attempt)
        except Exception as error:
            found = raised(error, attempt, step)
            if found is error:
                raise
            raise found from error
        reply.elapsed = timedelta(seconds=time.perf_counter() - started)
        return reply

    async def _send(self, step: Send, attempt: Attempt) -> httpx.Response:
        if self._client is not None:
            return await lend_async(self._client, step.request, attempt)
        loop = running_loop()
        own = self._by_loop.get(loop) or await self._begin_in(loop)
        origin = origin_of(step.request, mutual_tls=step.mutual_tls)
        pool = own.pools.get(origin) or own.open(origin, place_of(step.request))
        return await pool.send(step.request, attempt)

    async def _begin_in(self, loop: object) -> LoopPools:
        """Return new pools for a loop, and have them closed when it ends."""
        own = LoopPools(self._network, on_asyncio=is_asyncio(loop))
        # Each loop runs in a thread of its own. The lock sees to it that none begins once the wire
        # is closed; awaiting under it would block another loop. Pools are taken out of the table
        # without it, by whichever loop ends: so what is iterated over is a copy, and may be gone.
        with self._lock.now:
            if self._closed:
                raise closed()
            for other in list(self._by_loop):
                if is_over(other):
                    self._by_loop.pop(other, None)
            self._by_loop[loop] = own
        own.guard = self._until_the_loop_ends(loop, own)
        await own.guard.__anext__()
        return own

    async def _until_the_loop_ends(
        self, loop: object, own: LoopPools
    ) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self._by_loop.pop(loop, None)
            await own.aclose()

    async def aclose(self) -> None:
        """Close this loop's connections, and have each other loop that runs close its own."""
        own = self._by_loop.get(running_loop())
        if own is not None and own.guard is not None:
            await own.guard.aclose()
        self.close()

    def close(self) -> None:
        """Have each loop that still runs close its connections."""
        with self._lock.now:
            self._closed = True
        while self._by_loop:
            loop, pools = self._by_loop.popitem()
            if pools.guard is not None and not is_over(loop):
                finish_soon(loop, pools.guard)


class LoopPools:
    """The pools of one event loop."""

    def __init__(self, network: Network, *, on_asyncio: bool) -> None:
        self.pools: dict[Origin, AsyncPool] = {}
        self.guard: AsyncGenerator[None, None] | None = None
        self._network = network
        self._on_asyncio = on_asyncio

    def open(self, origin: Origin, url: httpx.URL) -> AsyncPool:
        """Return a new pool for an origin.

        Raises:
            ConfigurationError: The client's transport does not run in this kind of event loop.
        """
        transport = self._network.transport.awaited
        if transport.only_asyncio and not self._on_asyncio:
            raise ConfigurationError(
                f"transport {transport.name} runs on asyncio, and this event loop is not asyncio's"
            )
        pool = self.pools[origin] = transport.async_opener(self._network.route(origin, url))
        return pool

    async def aclose(self) -> None:
        """Close every pool."""
        while self.pools:
            await self.pools.popitem()[1].aclose()
