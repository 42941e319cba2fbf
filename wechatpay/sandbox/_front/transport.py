"""The front without a socket: an httpx transport, for sync and async clients alike.

What happens to an answer on its way is raised as httpx raises it where a real connection breaks.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import anyio
import httpx

from .._endpoint import Answer
from .gateway import Gateway


class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands requests to a gateway, whatever their host."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a `httpx.Client`."""
        answer = self._ask(request, request.read())
        wait = _wait(request, answer)
        if wait:  # sleeping for nothing gives the processor away
            time.sleep(wait)
        return _brought(request, answer, wait)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a `httpx.AsyncClient`."""
        answer = self._ask(request, await request.aread())
        wait = _wait(request, answer)
        await anyio.sleep(wait)
        return _brought(request, answer, wait)

    def _ask(self, request: httpx.Request, body: bytes) -> Answer:
        return self._gateway.handle(request.method, request.url.raw_path, request.headers.raw, body)


def _wait(request: httpx.Request, answer: Answer) -> float:
    """Return how long the client waits: until the answer comes, or its own timeout."""
    patience: float | None = request.extensions.get("timeout", {}).get("read")
    return answer.delay if patience is None else min(answer.delay, patience)


def _brought(request: httpx.Request, answer: Answer, waited: float) -> httpx.Response:
    """Return an answer as far as it came."""
    if waited < answer.delay:
        raise httpx.ReadTimeout("The read operation timed out", request=request)
    if answer.fate == "refused":
        raise httpx.ConnectError("[Errno 111] Connection refused", request=request)
    if answer.fate == "reset":
        raise httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
    stream: httpx.SyncByteStream | httpx.AsyncByteStream = httpx.ByteStream(answer.body)
    if answer.fate == "truncated":
        if not answer.body:
            message = "Server disconnected without sending a response."
            raise httpx.RemoteProtocolError(message, request=request)
        stream = _Half(answer.body, request)
    return httpx.Response(answer.status, headers=list(answer.headers), stream=stream)


class _Half(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of which only the first half comes."""

    def __init__(self, body: bytes, request: httpx.Request) -> None:
        self._came = body[: len(body) // 2]
        message = f"received {len(self._came)} bytes, expected {len(body)}"
        self._error = httpx.RemoteProtocolError(
            f"peer closed connection without sending complete message body ({message})",
            request=request,
        )

    def __iter__(self) -> Iterator[bytes]:
        yield self._came
        raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._came
        raise self._error
