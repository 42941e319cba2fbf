"""Connections on aiohttp: on asyncio two to three times as fast as httpx.

It is used directly and not by way of httpx-aiohttp, which lets aiohttp spell the signed path anew
(`%21` becomes `!`) and calls a connection lost after sending a `ConnectTimeout`.
"""

from __future__ import annotations

import asyncio
import errno
import select
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import aiohttp
import httpx
from yarl import URL

from .attempt import Attempt
from .clock import uptime
from .route import KEEPALIVE, MOST_CONNECTIONS, Route

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

    from .steps import Stage

# Every header is the client's own to set: what is not in the request is not sent.
_AUTOMATIC = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")

_KINDS: tuple[tuple[type[BaseException], type[httpx.TransportError]], ...] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (asyncio.TimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientHttpProxyError, httpx.ProxyError),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (aiohttp.ClientPayloadError, httpx.RemoteProtocolError),
    (aiohttp.ServerDisconnectedError, httpx.RemoteProtocolError),
)
"""The first that fits; what is none of these broke while writing or reading."""
_NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, errno.EADDRNOTAVAIL})
_CLOSED = (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError)
_TLS = (aiohttp.ClientConnectorSSLError, aiohttp.ClientConnectorCertificateError)
_PROXY = (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError)


class _Sending:
    """An attempt, and what it has of aiohttp.

    Attributes:
        attempt: The attempt.
        transport: The connection that it got, until it has its answer.
    """

    __slots__ = ("attempt", "transport")

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.transport: asyncio.Transport | None = None


_sending: ContextVar[_Sending] = ContextVar("wechatpay_sending")


class _Connector(aiohttp.TCPConnector):
    """Says when the request itself may begin to leave, and does not lend what is stale.

    Attributes:
        lent: When each connection was lent last.
    """

    lent: WeakKeyDictionary[ResponseHandler, float]

    async def connect(
        self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        """Return a connection to send a request on."""
        sending = _sending.get()
        attempt = sending.attempt
        if attempt.sent:
            # aiohttp sends a GET, PUT or DELETE again by itself when a kept connection breaks.
            # Whether to send again is the exchange's to say.
            raise aiohttp.ServerDisconnectedError
        attempt.reach("connect")
        while True:
            connection = await super().connect(req, traces, timeout)
            if self._is_fresh(connection):
                # The head is written next, and nothing public tells when.
                attempt.send()
                sending.transport = connection.transport
                return connection
            connection.close()

    def _is_fresh(self, connection: Connection) -> bool:
        """Tell whether a connection is new, or gave one answer and has said nothing since."""
        protocol, now = connection.protocol, uptime()
        if protocol is None:  # pragma: no cover  a connection just lent has one
            return False
        last, self.lent[protocol] = self.lent.get(protocol), now
        if last is None:
            return True
        transport = connection.transport
        return (
            transport is not None
            and now - last < KEEPALIVE
            and not protocol.should_close
            and not _is_readable(transport.get_extra_info("socket"))
        )


def _is_readable(socket: Any) -> bool:
    """Tell whether something came that the loop has not seen: a surplus, or the end.

    The loop sees it when it runs again, and that may be after the next request was written: so it
    is when the process was stopped meanwhile.
    """
    if not hasattr(select, "poll"):  # pragma: no cover  Windows
        return bool(select.select([socket], [], [], 0)[0])
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))


class AiohttpPool:
    """Connections of one route for awaited calls, in one asyncio loop."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._timeouts: dict[tuple[float | None, ...], aiohttp.ClientTimeout] = {}
        # It has one context for both; where WeChat Pay is not reached by TLS, the proxy's.
        tls = route.tls if route.origin.startswith("https:") else route.proxy_tls or True
        connector = _Connector(limit=MOST_CONNECTIONS, keepalive_timeout=KEEPALIVE, ssl=tls)
        connector.lent = WeakKeyDictionary()
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_AUTOMATIC,
            auto_decompress=False,
        )

    async def send(self, request: httpx.Request, attempt: Attempt) -> httpx.Response:
        """Send a request; see `Pool.send`."""
        sending = _Sending(attempt)
        token = _sending.set(sending)
        try:
            async with self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[(name.decode(), value.decode()) for name, value in request.headers.raw],
                data=request.content or None,
                allow_redirects=False,
                timeout=self._timeout(attempt),
                proxy=self._route.proxy,
            ) as reply:
                attempt.reach("read")
                attempt.body.begin(reply.status, httpx.Headers(reply.raw_headers))
                while chunk := await reply.content.readany():
                    attempt.feed(chunk)
                sending.transport = None
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError) as error:
            if attempt.failed_in_sink(error):
                raise
            # aiohttp's own errors show the request's headers and URL; the system's do not.
            raise _as_httpx(error, attempt, request, self._route) from getattr(
                error, "os_error", None
            )
        finally:
            if sending.transport is not None:
                # Closing TLS in an orderly way takes an answer that may not come, and the loop's
                # time, of which there may be none left.
                sending.transport.abort()
            _sending.reset(token)
        return attempt.answer(request, {})

    def _timeout(self, attempt: Attempt) -> aiohttp.ClientTimeout:
        limits = attempt.limits
        total = None if attempt.sink is not None else attempt.budget
        pool, connect = limits.get("pool"), limits.get("connect")
        if self._route.proxy is not None and connect is not None:
            # Nothing else limits how long a proxy may think about CONNECT.
            pool = 2 * connect + (pool or 0.0)
        key = (total, pool, connect, limits.get("read"))
        made = self._timeouts.get(key)
        if made is None:
            made = aiohttp.ClientTimeout(
                total=total, connect=pool, sock_connect=connect, sock_read=key[3]
            )
            if len(self._timeouts) < MOST_CONNECTIONS:
                self._timeouts[key] = made
        return made

    async def aclose(self) -> None:
        """Close every connection."""
        await self._session.close()


def _stage(error: BaseException, route: Route) -> Stage:
    """Return the step that failed before a connection stood, for aiohttp tells of none."""
    if isinstance(error, _TLS):
        return "tls"
    if not isinstance(error, aiohttp.ClientConnectorError):
        # Of what comes before a connection stands, only a proxy's answer is no connector's error.
        return "connect" if route.proxy is None else "proxy"
    if isinstance(error, _PROXY):
        return "proxy"
    no_port = isinstance(error.os_error, ConnectionRefusedError) or error.errno in _NO_ROUTE
    return "tls" if route.origin.startswith("https:") and not no_port else "connect"


def _as_httpx(
    error: BaseException, attempt: Attempt, request: httpx.Request, route: Route
) -> httpx.TransportError:
    """Return httpx's error for one of aiohttp's, and report what only its kind tells."""
    if isinstance(error, _CLOSED):
        attempt.has_ended = True
    if not attempt.sent:
        attempt.reach(_stage(error, route))
    kind = next((ours for theirs, ours in _KINDS if isinstance(error, theirs)), httpx.ReadError)
    said = str(error) if isinstance(error, aiohttp.ClientOSError) else type(error).__name__
    return kind(said, request=request)
