"""Connections on httpx's own transports, or those of its fork `httpx2`: one connection each.

A transport's own pool looks at every connection for every request; at fifty at once that costs more
than the signature. Each transport here holds one connection, so there is nothing to look through,
and closing a transport closes its connection whatever state it is in. The one used last is lent
first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from functools import partial
from importlib import import_module
from typing import Any

import anyio
import httpx

from .attempt import Attempt, Counter
from .clients import begin, finish
from .clock import uptime
from .connections import Connections, expired
from .lazy_http import LazyResponse, body_of
from .meter import trace, trace_async
from .route import KEEPALIVE, MOST_CONNECTIONS, Route


class _HttpxConnection:
    """One transport, that is one connection at most.

    Attributes:
        transport: httpx's.
        since: When it was last used, on the clock that runs while the machine sleeps.
        meter: What counts the bytes of its connection.
    """

    __slots__ = ("__weakref__", "meter", "since", "transport")

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self.since: float = 0.0
        self.meter: Counter | None = None

    def lend(self, attempt: Attempt, request: Any, listener: Any) -> None:
        """Give the connection to an attempt."""
        if self.meter is None:
            request.extensions["trace"] = partial(listener, attempt)
        else:
            # A connection that exists has no events of connecting; its meter sees the request
            # begin.
            attempt.meter, self.meter.attempt = self.meter, attempt

    @property
    def is_stale(self) -> bool:
        """Whether the connection is not to be used again, for it is old or has said something."""
        # httpx looks too, and then connects anew, which nothing would be told of.
        return self.since < uptime() - KEEPALIVE or (self.meter is not None and self.meter.is_stale)

    def close(self) -> None:
        """Close the connection of a blocking transport, whatever state it is in."""
        self.transport.close()

    def take_back(self, attempt: Attempt) -> bool:
        """Take the connection back from an attempt that has its answer: is it still good?"""
        self.meter, self.since = attempt.meter, uptime()
        if self.meter is None:
            return True  # there is no connection: a mock took its place
        self.meter.attempt = None
        framing = self.meter.framing
        # If the meter did not see the request, it went out on a connection that httpx made anew.
        return attempt.sent and not framing.is_last and self.meter.is_exact(framing)


class _Content:
    """A body as one piece.

    httpx's own is an asynchronous generator. One that is not read to its end, for the connection
    broke, stays behind for the event loop to finalise, and trio warns of it.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __aiter__(self) -> _Content:
        return self

    async def __anext__(self) -> bytes:
        if not self._content:
            raise StopAsyncIteration
        content, self._content = self._content, b""
        return content

    async def aclose(self) -> None:
        """Have nothing to close."""


class _Library:
    """What is taken of httpx, or of its fork, which has the same names."""

    def __init__(self, name: str, route: Route) -> None:
        self.module: Any = import_module(name)
        self.is_httpx = self.module is httpx
        self._route = route
        kinds = (_Content, self.module.AsyncByteStream)
        self._kind_of_stream = type("Content", kinds, {})

    def request(self, request: httpx.Request) -> Any:
        """Return a request that the fork takes."""
        return self.module.Request(
            request.method,
            str(request.url),
            headers=request.headers.raw,
            content=request.content or None,
            extensions=request.extensions,
        )

    def retell(self, error: BaseException, request: httpx.Request) -> None:
        """Raise httpx's error in place of one of its fork's; the two are not related."""
        if self.is_httpx or not isinstance(error, self.module.TransportError):
            return
        kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
        raise kind(str(error), request=request) from error

    def stream_of(self, content: bytes) -> Any:
        """Return a body to be sent by an asynchronous transport."""
        return self._kind_of_stream(content)

    def options(self) -> dict[str, Any]:
        """Return the arguments of a transport that holds one connection."""
        proxy, module = self._route.proxy, self.module
        if proxy is not None and proxy.startswith("socks5h:"):
            # httpx has the proxy look every name up, and 0.27 knows the other spelling alone.
            proxy = proxy.replace("socks5h:", "socks5:", 1)
        if self._route.proxy_tls is not None:
            proxy = module.Proxy(proxy, ssl_context=self._route.proxy_tls)
        return {
            "verify": self._route.tls,
            "proxy": proxy,
            "limits": module.Limits(
                max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEPALIVE
            ),
        }


class HttpxPool:
    """Connections of one route for blocking calls."""

    def __init__(self, library: str, route: Route) -> None:
        self._library = _Library(library, route)
        self._proxy = route.proxy_place
        self._connections = Connections(self._new)

    def _new(self) -> _HttpxConnection:
        return _HttpxConnection(self._library.module.HTTPTransport(**self._library.options()))

    def send(self, request: httpx.Request, attempt: Attempt) -> httpx.Response:
        """Send a request; see `Pool.send`."""
        attempt.proxy = self._proxy
        connection = self._connections.take(attempt.limits.get("pool"))
        try:
            own = request if self._library.is_httpx else self._library.request(request)
            connection.lend(attempt, own, trace)
            reply = connection.transport.handle_request(own)
            if self._library.is_httpx and _is_plain(attempt):
                content = b"".join(reply.stream)
                reply.stream.close()
                answer: httpx.Response = LazyResponse(
                    reply.status_code, reply.headers, content, request, reply.extensions
                )
            else:
                begin(reply, attempt)
                for chunk in reply.stream:
                    attempt.feed(chunk)
                reply.stream.close()
                answer = attempt.answer(request, reply.extensions)
        except BaseException as error:
            # Whatever state it is in, nobody else may use it.
            connection.close()
            if attempt.meter is not None and not attempt.sent:
                attempt.meter.close()  # httpx forgets the one of a SOCKS proxy that fails
            self._library.retell(error, request)
            raise
        if connection.take_back(attempt):
            self._connections.give_back(connection)
        else:
            connection.close()
        return answer

    def close(self) -> None:
        """Close every idle connection; the others are closed by those who use them."""
        self._connections.close()


class AsyncHttpxPool:
    """Connections of one route for awaited calls, in one event loop."""

    def __init__(self, library: str, route: Route) -> None:
        self._library = _Library(library, route)
        self._proxy = route.proxy_place
        self._idle: deque[_HttpxConnection] = deque()
        self._slots = anyio.Semaphore(MOST_CONNECTIONS, fast_acquire=True)
        self._is_closed = False

    async def send(self, request: httpx.Request, attempt: Attempt) -> httpx.Response:
        """Send a request; see `Pool.send`."""
        attempt.proxy = self._proxy
        limit = attempt.limits.get("pool")
        if limit is None:
            await self._slots.acquire()
        else:
            await self._enter(limit)
        try:
            return await self._send(request, attempt)
        finally:
            self._slots.release()

    async def _send(self, request: httpx.Request, attempt: Attempt) -> httpx.Response:
        while len(self._idle) > 1 and (old := expired(self._idle)) is not None:
            await _close(old)
        connection = await self._connection()
        chunks: AsyncIterator[bytes] | None = None
        try:
            own = request if self._library.is_httpx else self._library.request(request)
            if content := body_of(request):
                own.stream = self._library.stream_of(content)
            connection.lend(attempt, own, trace_async)
            reply = await connection.transport.handle_async_request(own)
            if self._library.is_httpx and _is_plain(attempt):
                chunks = aiter(reply.stream)
                whole = b"".join([chunk async for chunk in chunks])
                await reply.stream.aclose()
                answer: httpx.Response = LazyResponse(
                    reply.status_code, reply.headers, whole, request, reply.extensions
                )
            else:
                begin(reply, attempt)
                chunks = aiter(reply.stream)
                async for chunk in chunks:
                    attempt.feed(chunk)
                await reply.stream.aclose()
                answer = attempt.answer(request, reply.extensions)
        except BaseException as error:
            await _close(connection)
            with anyio.CancelScope(shield=True):
                if attempt.meter is not None and not attempt.sent:
                    await attempt.meter.close_async()
                await finish(chunks)
            self._library.retell(error, request)
            raise
        if connection.take_back(attempt):
            self._idle.append(connection)
            if self._is_closed:
                await self.aclose()
        else:
            await _close(connection)
        return answer

    async def _enter(self, limit: float) -> None:
        """Wait until fewer than all connections are in use, for so many seconds."""
        with anyio.move_on_after(limit) as scope:
            await self._slots.acquire()
        if scope.cancelled_caught:
            raise httpx.PoolTimeout("every connection is in use")

    async def _connection(self) -> _HttpxConnection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_stale:
                return connection
            await _close(connection)
        return _HttpxConnection(self._library.module.AsyncHTTPTransport(**self._library.options()))

    async def aclose(self) -> None:
        """Close every idle connection; the others are closed by those who use them."""
        self._is_closed = True
        while self._idle:
            await _close(self._idle.pop())


async def _close(connection: _HttpxConnection) -> None:
    # A loop that ends, as trio's does, cancels what closes its connections.
    with anyio.CancelScope(shield=True):
        await connection.transport.aclose()


def _is_plain(attempt: Attempt) -> bool:
    """Tell whether an answer may be read and handed on as it is, which is the usual case.

    Its meter holds it to its limits then. Otherwise it is unpacked, goes into a sink, or is made
    anew as one of httpx's.
    """
    return (
        attempt.meter is not None and attempt.sink is None and not attempt.meter.framing.is_packed
    )
