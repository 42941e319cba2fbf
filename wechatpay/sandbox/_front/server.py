"""The front with a socket: an ASGI application, and a thread that serves it.

It needs the extra `sandbox`, so it is imported only when a server starts.
"""

from __future__ import annotations

import asyncio
import http
import socket
import ssl
import struct
import threading
import time
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .._endpoint import Answer
from .admission import MOST, from_home, is_named
from .gateway import Gateway
from .served import Page
from .tls import serial_of

_OWN = b"/sandbox/"
_FOREIGN = (
    "The sandbox answers programs and its own page, but no page of another origin, and no request "
    "for a name that it does not know. Use its address, or start it with --public-url.\n"
)
_TOO_LONG = f"The sandbox takes bodies of up to {MOST >> 20} MiB.\n"
_KEEP_ALIVE = 8  # seconds; as WeChat Pay's servers do
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: what is closed is reset
_uptime = (
    partial(time.clock_gettime, time.CLOCK_MONOTONIC)
    if hasattr(time, "clock_gettime")
    else time.monotonic
)
"""A clock that tools for tests do not stop, as they do `time.monotonic`, where there is one."""


class Connection(NamedTuple):
    """What ASGI does not show of a connection.

    Attributes:
        transport: The connection itself, to be broken.
        lost: Set when it is closed.
    """

    transport: asyncio.Transport
    lost: asyncio.Event


Connections = dict[tuple[str, int], Connection]
"""What is open, by the client's address."""


def application(
    gateway: Gateway, connections: Connections, page: Page, host: str, public_url: str = ""
) -> ASGIApp:
    """Make an ASGI application of a gateway, and of the page where people look at it.

    Args:
        gateway: What answers.
        connections: What is open.
        page: Where people look at it.
        host: Where it was told to listen.
        public_url: How others reach it; empty if that is not different.
    """
    public = urlsplit(public_url)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in page:
            await page(scope, receive, send)
            return
        seen = Request(scope, receive)
        if not _is_admitted(seen, host, public):
            await Response(_FOREIGN, 403, media_type="text/plain")(scope, receive, send)
            return
        query: bytes = scope["query_string"]
        target: bytes = scope["raw_path"] + (b"?" + query if query else b"")
        try:
            connection = connections[scope["client"]]
            body = await _body(seen)
        except (KeyError, ClientDisconnect):  # it is gone already, or goes now
            return
        if body is None:
            await Response(_TOO_LONG, 413, media_type="text/plain")(scope, receive, send)
            return
        handle = partial(
            gateway.handle,
            scope["method"],
            target,
            scope["headers"],
            body,
            certificate=_certificate(connection.transport),
            secure=scope["scheme"] == "https",
        )
        # Who tells the sandbox something may wait for a shop, and that one may ask meanwhile.
        is_told = target.startswith(_OWN)
        answer = await run_in_threadpool(handle) if is_told else handle()
        await asyncio.sleep(answer.delay)
        if answer.fate != "whole":
            _break(connection.transport, answer)
            await connection.lost.wait()
            return
        response = Response(answer.body, answer.status)
        response.raw_headers = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers
        ]
        await response(scope, receive, send)

    return serve


def _is_admitted(request: Request, host: str, public: SplitResult) -> bool:
    if not is_named(request.headers.get("host", ""), host, public.netloc):
        return False
    return from_home(request.headers, request.scope["scheme"], f"{public.scheme}://{public.netloc}")


async def _body(request: Request) -> bytes | None:
    """Read a body; `None` if it is too long, of which no more is read than that takes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST:
            return None
    return bytes(body)


def _certificate(connection: asyncio.Transport) -> str | None:
    """Return the serial number of the certificate that a client showed, if it did by TLS."""
    tls: ssl.SSLObject | None = connection.get_extra_info("ssl_object")
    return serial_of(tls.getpeercert(binary_form=True) or b"") if tls else None


def _break(connection: asyncio.Transport, answer: Answer) -> None:
    """Do to a connection what is to happen to an answer on its way."""
    if answer.fate == "reset":
        raw: socket.socket = connection.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        connection.abort()
        return
    if answer.fate == "truncated":
        phrase = http.HTTPStatus(answer.status).phrase
        head = [f"HTTP/1.1 {answer.status} {phrase}"]
        head += [f"{name}: {value}" for name, value in answer.headers]
        whole = "\r\n".join([*head, "", ""]).encode("latin-1")
        half = len(answer.body) // 2
        connection.write(whole + answer.body[:half] if answer.body else whole[: len(whole) // 2])
    connection.close()


class Server:
    """Serves a gateway from a thread of its own, until it is stopped.

    Args:
        gateway: What answers.
        page: Where people look at it.
        host: The address to listen at, of IPv4 or IPv6.
        port: The port; 0 takes a free one.
        tls: The TLS context; `None` for none.
        public_url: How others reach it; empty if that is not different.

    Attributes:
        url: Where it listens.
    """

    def __init__(
        self,
        gateway: Gateway,
        page: Page,
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
        *,
        public_url: str = "",
    ) -> None:
        self._page = page
        # The socket listens from here on: who connects before the thread is ready just waits.
        self._socket = _listening(host, port)
        # Connections inherit it; asyncio does not see to it for a socket that it has not made, and
        # without it every reply with a body waits 40 ms for an acknowledgement.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://{_reached(host)}:{self._socket.getsockname()[1]}"
        connections: Connections = {}
        config = uvicorn.Config(
            application(gateway, connections, page, host, public_url),
            http=_protocol(connections),
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # a client is who it is, whatever it says
            date_header=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=1,
        )
        config.load()
        config.ssl = tls
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
        self._page.close()


def _listening(host: str, port: int) -> socket.socket:
    """Listen at an address of either kind; at `::` for both, where the system can."""
    if ":" not in host:
        return socket.create_server((host, port))
    both = host == "::" and socket.has_dualstack_ipv6()
    return socket.create_server((host, port), family=socket.AF_INET6, dualstack_ipv6=both)


def _reached(host: str) -> str:
    """Return the host for a URL: who listens at every address is reached at this machine's own."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{host}]" if ":" in host else host


def _protocol(connections: Connections) -> type[asyncio.Protocol]:
    class Protocol(H11Protocol):
        """Keeps what is open by the client's address."""

        def connection_made(self, transport: Any) -> None:
            self._address = transport.get_extra_info("peername")[:2]
            self._lost = asyncio.Event()
            connections[self._address] = Connection(transport, self._lost)
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            del connections[self._address]
            super().connection_lost(exc)
            self._lost.set()

    return Protocol


class _Server(uvicorn.Server):
    """Tells when it has started: only from then on does it shut down in good order."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # What waits while the time of a test stands still would wait for ever, and the end with it.
        asyncio.get_running_loop().time = _uptime  # type: ignore[method-assign]
        await super().startup(sockets)
        self.ready.set()
