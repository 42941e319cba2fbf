"""The front without a socket: an httpx transport, for sync and async clients alike."""

from __future__ import annotations

import httpx

from ._gateway import Gateway


class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands requests to a gateway, whatever their host."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a `httpx.Client`."""
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a `httpx.AsyncClient`."""
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        answer = self._gateway.handle(
            request.method, request.url.raw_path, request.headers.raw, body
        )
        return httpx.Response(
            answer.status, headers=list(answer.headers), stream=httpx.ByteStream(answer.body)
        )
