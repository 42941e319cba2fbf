"""The front with a socket: an ASGI application, and a thread that serves it over loopback.

This is the one module that needs the extra `sandbox`; it is imported when a server starts.
"""

from __future__ import annotations

import socket
import threading

import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ._gateway import Gateway

_KEEP_ALIVE = 8  # seconds; as WeChat Pay's servers do


def application(gateway: Gateway) -> ASGIApp:
    """Make an ASGI application of a gateway."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        query: bytes = scope["query_string"]
        target: bytes = scope["raw_path"] + (b"?" + query if query else b"")
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            return
        answer = gateway.handle(scope["method"], target, scope["headers"], body)
        response = Response(answer.body, answer.status)
        response.raw_headers = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers
        ]
        await response(scope, receive, send)

    return serve


class Server:
    """Serves a gateway from a thread of its own, until it is stopped.

    Args:
        gateway: What answers.
        host: The address to listen at.
        port: The port; 0 takes a free one.

    Attributes:
        url: Where it listens.
    """

    def __init__(self, gateway: Gateway, host: str, port: int) -> None:
        # The socket listens from here on: who connects before the thread is ready just waits.
        self._socket = socket.create_server((host, port))
        # Connections inherit it; asyncio does not see to it for a socket that it has not made, and
        # without it every reply with a body waits 40 ms for an acknowledgement.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            application(gateway),
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        run = self._server.run
        name = "wechatpay-sandbox"
        self._thread = threading.Thread(target=run, args=([self._socket],), name=name, daemon=True)
        self._thread.start()
        self._server.ready.wait()

    def stop(self) -> None:
        """Close every connection and the socket, and wait for the thread to end."""
        self._server.should_exit = True
        self._thread.join()


class _Server(uvicorn.Server):
    """Tells when it has started: only from then on does it shut down in good order."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()
