"""Single connections in a stack, the last used on top.

httpcore's own pool looks at every connection for every request; at fifty at once that costs more
than the signature. Each transport here holds one connection, so there is nothing to look through,
and one caller after another uses the same one.
"""

from __future__ import annotations

import ssl
import time
from collections import deque

import anyio
import httpx

from .blocking_wire import MOST_CONNECTIONS
from .network import KEEPALIVE
from .single_connection import SingleConnection
from .sink import Sink, receive_async

_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEPALIVE)


class StackPool:
    """Connections to one origin, in one event loop, on httpx."""

    def __init__(self, context: ssl.SSLContext, proxy: str | None) -> None:
        self._context = context
        self._proxy = proxy
        self._idle: deque[tuple[float, httpx.AsyncBaseTransport]] = deque()
        self._slots = anyio.Semaphore(MOST_CONNECTIONS, fast_acquire=True)
        self._closed = False

    async def send(self, request: httpx.Request, sink: Sink | None) -> httpx.Response:
        """Send a request and return the reply, its body read, or if it is 2xx in the sink."""
        async with self._slots:
            await self._drop_expired()
            transport = self._idle.pop()[1] if self._idle else self._make()
            try:
                reply = await transport.handle_async_request(request)
                reply.request = request
                reply = await receive_async(reply, sink)
            except BaseException:
                # Whatever state it is in, nobody else shall have it.
                with anyio.CancelScope(shield=True):
                    await transport.aclose()
                raise
            self._idle.append((time.monotonic(), transport))
            if self._closed:
                await self.aclose()
        return reply

    def _make(self) -> httpx.AsyncBaseTransport:
        if self._proxy is None:
            return SingleConnection(self._context)
        return httpx.AsyncHTTPTransport(verify=self._context, proxy=self._proxy, limits=_ONE)

    async def _drop_expired(self) -> None:
        """Close connections that lay idle too long; httpcore does so only on their next use."""
        while self._idle and self._idle[0][0] + KEEPALIVE < time.monotonic():
            await self._idle.popleft()[1].aclose()

    async def aclose(self) -> None:
        """Close every idle connection; the others are closed by those who use them."""
        self._closed = True
        while self._idle:
            await self._idle.popleft()[1].aclose()
