"""One connection as a transport: what httpx's own does, without the pool in between."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterator, Generator
from typing import Any, Protocol, cast

import anyio
import httpcore
import httpx

from .network import KEEPALIVE

_ERRORS = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


class SingleConnection(httpx.AsyncBaseTransport):
    """A connection to one origin that is made when needed, and made anew when it has expired."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._connection: httpcore.AsyncHTTPConnection | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the reply's body is still to be read."""
        url = request.url
        sent = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.content,
            extensions=request.extensions,
        )
        with as_httpx(request):
            connection = self._connection
            if connection is not None and (connection.is_closed() or connection.has_expired()):
                await self.aclose()
                connection = None
            if connection is None:
                connection = self._connection = httpcore.AsyncHTTPConnection(
                    sent.url.origin, ssl_context=self._context, keepalive_expiry=KEEPALIVE
                )
            reply = await connection.handle_async_request(sent)
        return httpx.Response(
            reply.status,
            headers=reply.headers,
            stream=_Body(cast("_Stream", reply.stream), request),
            extensions=dict(cast("Any", reply).extensions),
        )

    async def aclose(self) -> None:
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # A loop that ends, as trio's does, cancels what closes its connections.
            with anyio.CancelScope(shield=True):
                await connection.aclose()


class _Stream(Protocol):
    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: _Stream, request: httpx.Request) -> None:
        self._stream = stream
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with as_httpx(self._request):
            async for part in self._stream:
                yield part

    async def aclose(self) -> None:
        with as_httpx(self._request):
            await self._stream.aclose()


@contextlib.contextmanager
def as_httpx(request: httpx.Request) -> Generator[None, None, None]:
    """Raise what httpcore raises as the error of the same name that httpx has."""
    try:
        yield
    except _ERRORS as error:
        raise getattr(httpx, type(error).__name__)(str(error), request=request) from error
