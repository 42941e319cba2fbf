"""What a user's own client has to have: one of httpx, of its fork, or one that behaves alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

import httpx

from .attempt import Attempt
from .meter import meter_of, trace, trace_async
from .route import DEFAULT_PORTS


class HTTPClient(Protocol):
    """What `http_client=` takes: an `httpx.Client` or an `httpx2.Client`."""

    def build_request(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None
    ) -> Any:
        """Return a request with the client's own headers, cookies and time limits."""
        ...

    def send(self, request: Any, *, stream: bool, follow_redirects: bool) -> Any:
        """Send it and return the answer, its body still to be read."""
        ...

    def close(self) -> None:
        """Close its connections; never called from here."""
        ...


class AsyncHTTPClient(Protocol):
    """What `async_http_client=` takes: an `httpx.AsyncClient` or an `httpx2.AsyncClient`."""

    def build_request(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None
    ) -> Any:
        """Return a request with the client's own headers, cookies and time limits."""
        ...

    async def send(self, request: Any, *, stream: bool, follow_redirects: bool) -> Any:
        """Send it and return the answer, its body still to be read."""
        ...

    async def aclose(self) -> None:
        """Close its connections; never called from here."""
        ...


def lend(client: HTTPClient, request: Any, attempt: Attempt) -> httpx.Response:
    """Have a user's client send a request, and return the answer."""
    _follow(request, attempt, trace)
    try:
        reply = client.send(request, stream=True, follow_redirects=False)
    except BaseException:
        attempt.leave()
        raise
    try:
        answer = _LentAnswer(reply)
        read = begin(reply, attempt)
        if read is not None:
            attempt.feed(read)
        else:
            for chunk in reply.iter_raw():
                attempt.feed(chunk)
    finally:
        attempt.leave()
        reply.close()
    answer.end_unless_exact()
    return attempt.answer(as_httpx(reply.request), reply.extensions)


async def lend_async(client: AsyncHTTPClient, request: Any, attempt: Attempt) -> httpx.Response:
    """As `lend`, without blocking."""
    _follow(request, attempt, trace_async)
    chunks: AsyncIterator[bytes] | None = None
    try:
        reply = await client.send(request, stream=True, follow_redirects=False)
    except BaseException:
        attempt.leave()
        raise
    try:
        answer = _LentAnswer(reply)
        read = begin(reply, attempt)
        if read is not None:
            attempt.feed(read)
        else:
            pieces: AsyncIterator[bytes] = reply.aiter_raw()
            chunks = pieces
            async for chunk in pieces:
                attempt.feed(chunk)
    finally:
        attempt.leave()
        await reply.aclose()
        await finish(chunks)
    answer.end_unless_exact()
    return attempt.answer(as_httpx(reply.request), reply.extensions)


def begin(reply: Any, attempt: Attempt) -> bytes | None:
    """Give an answer's head to an attempt; return its body if that was read already.

    A hook of the user's may have read it, or a mock made the answer of a text. What was read is not
    compressed any more.
    """
    headers = reply.headers
    if reply.is_stream_consumed:
        headers = [(k, v) for k, v in headers.raw if k.lower() != b"content-encoding"]
    elif not isinstance(headers, httpx.Headers):
        headers = headers.raw
    attempt.body.begin(
        reply.status_code,
        headers if isinstance(headers, httpx.Headers) else httpx.Headers(headers),
    )
    if reply.is_stream_consumed:
        content: bytes = reply.content
        return content
    return None


def _follow(request: Any, attempt: Attempt, listener: Callable[..., Any]) -> None:
    """Listen to a request's events, unless a listener of the user's own does."""
    url = request.url

    def listen(name: str, info: Mapping[str, Any]) -> Any:
        if name == "connection.connect_tcp.started":
            # What is connected to in place of the host is a proxy; no other event tells of it.
            host, port = info["host"], info["port"]
            if (host, port) != (url.host, url.port or DEFAULT_PORTS.get(url.scheme)):
                attempt.proxy = f"{host}:{port}"
        return listener(attempt, name, info)

    request.extensions.setdefault("trace", listen)


async def finish(chunks: AsyncIterator[bytes] | None) -> None:
    """Have what yields a body end, now that its connection is closed.

    It is an asynchronous generator around others. One that was left before its end stays behind for
    the event loop to finalise, and trio warns of it; asked for more, it finds that there is none.
    """
    if chunks is not None:
        with suppress(Exception):
            while True:
                await anext(chunks)


class _LentAnswer:
    """An answer on a connection that goes back to the user's client once it is read.

    Another thread may use the connection before this one has judged it. So what is judged is kept
    from the start: the bytes that came for this answer.
    """

    def __init__(self, reply: Any) -> None:
        extensions: Mapping[str, Any] = reply.extensions
        is_http_1 = extensions.get("http_version") != b"HTTP/2"
        self._meter = meter_of(extensions.get("network_stream")) if is_http_1 else None
        self._framing = None if self._meter is None else self._meter.framing

    def end_unless_exact(self) -> None:
        """End the connection if it gave anything but one whole answer."""
        if (
            self._meter is not None
            and self._framing is not None
            and not self._meter.is_exact(self._framing)
        ):
            self._meter.spoil()


def as_httpx(request: Any) -> httpx.Request:
    """Return a request as one of httpx's, should it be its fork's."""
    if isinstance(request, httpx.Request):
        return request
    return httpx.Request(
        request.method, str(request.url), headers=request.headers.raw, content=request.content
    )
