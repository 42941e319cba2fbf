"""Connections on aiohttp: on asyncio a call takes two thirds of the CPU of one on httpx.

It is used directly and not by way of httpx-aiohttp, which lets aiohttp spell the signed path anew
(`%21` becomes `!`) and calls a connection lost after sending a `ConnectTimeout`.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import socket
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
from yarl import URL

from .attempt import Attempt
from .clock import uptime
from .lazy_http import LazyResponse, address_of, body_of, fields_of
from .readable import watch
from .route import KEEPALIVE, MOST_CONNECTIONS, Route, login_of

if TYPE_CHECKING:
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
"""The first that fits; anything else broke while writing or reading."""
_NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, errno.EADDRNOTAVAIL})
_CLOSED = (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError)
_TLS = (aiohttp.ClientConnectorSSLError, aiohttp.ClientConnectorCertificateError)
_PROXY = (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError)
_NO_BODY = (204, 304)
_SOON = 0.01
_MOST_TIMEOUTS = 100
"""How many different limits are kept ready: a program may compute one for each call."""
_LENT = "wechatpay_lent"
"""What notes on a connection when it was lent last."""


class _Sending:
    """An attempt, and the connection that aiohttp gave it.

    Attributes:
        attempt: The attempt.
        transport: The connection that it got, until it has its answer.
        protocol: What reads from it.
        is_late: Whether it was ended for taking too long as a whole.
    """

    __slots__ = ("attempt", "is_late", "protocol", "transport")

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.transport: asyncio.Transport | None = None
        self.protocol: Any = None
        self.is_late = False

    def is_cut(self, reply: aiohttp.ClientResponse) -> bool:
        """Tell whether the answer only looks whole, for its end is that of its connection.

        aiohttp takes such a body for whole, however the connection ended.
        """
        headers = reply.headers
        if "Content-Length" in headers or "Transfer-Encoding" in headers:
            return False
        broke = self.is_late or isinstance(self.protocol.exception(), aiohttp.ClientOSError)
        return broke and reply.status not in _NO_BODY

    def left(self) -> float | None:
        """Return the seconds that are left; end it if there are none, and it has a connection."""
        left = self.attempt.seconds(None)
        if left is not None and left < _SOON and self.transport is not None:
            self.is_late = True
            self.transport.abort()
            return None
        return left


_sending: ContextVar[_Sending] = ContextVar("wechatpay_sending")


class _Connector(aiohttp.TCPConnector):
    """Says when the request itself may begin to leave, and does not lend what is stale."""

    async def connect(
        self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        """Return a connection to send a request on."""
        sending = _sending.get()
        attempt = sending.attempt
        if attempt.sent:
            # aiohttp sends a GET, PUT or DELETE again by itself when a kept connection breaks.
            # The exchange decides whether to send again.
            raise aiohttp.ServerDisconnectedError
        attempt.reach("connect")
        while True:
            connection = await super().connect(req, traces, timeout)
            # The head is written next, and aiohttp has no public event right before that.
            attempt.is_told = attempt.sent = True
            attempt.stage = "write"
            transport = sending.transport = connection.transport
            # The note is on the connection itself: nothing else lasts exactly as long.
            protocol, now = connection.protocol, uptime()
            sending.protocol = protocol
            known: _LentConnection | None = getattr(protocol, _LENT, None)
            if known is None and transport is not None:
                has_more = watch(transport.get_extra_info("socket"))
                setattr(protocol, _LENT, _LentConnection(now, has_more))
                return connection
            if known is not None and protocol is not None and known.is_usable(now, protocol):
                return connection
            attempt.sent, sending.transport = False, None
            connection.close()


class _LentConnection:
    """What is noted on a connection that was lent.

    Attributes:
        last: When it was, on the clock that runs while the machine sleeps.
        has_more: Tells whether it gave one answer and has said nothing since.
    """

    __slots__ = ("has_more", "last")

    def __init__(self, last: float, has_more: Callable[[], object]) -> None:
        self.last = last
        self.has_more = has_more

    def is_usable(self, now: float, protocol: Any) -> bool:
        """Tell whether the connection may carry another request, and note that it is lent."""
        last, self.last = self.last, now
        return now - last < KEEPALIVE and not protocol.should_close and not self.has_more()


class AiohttpPool:
    """Connections of one route for awaited calls, in one asyncio loop."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._proxy = route.proxy_place
        self._proxy_url, login = _login_apart(route.proxy)
        is_tunnel = route.origin.startswith("https:")
        # A tunnel is told the login in `CONNECT`; a proxy that passes requests on, in each of them.
        self._connect_headers = login if is_tunnel else None
        self._under_way: set[_Sending] = set()
        self._watch: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._last: tuple[object, aiohttp.ClientTimeout] = (None, aiohttp.ClientTimeout())
        self._timeouts: dict[tuple[float | None, ...], aiohttp.ClientTimeout] = {}
        # aiohttp has one context for both; where WeChat Pay is not reached by TLS, the proxy's.
        tls = route.tls if is_tunnel else route.proxy_tls or True
        connector = _Connector(limit=MOST_CONNECTIONS, keepalive_timeout=KEEPALIVE, ssl=tls)
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=None if is_tunnel else login,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_AUTOMATIC,
            auto_decompress=False,
        )

    async def send(self, request: httpx.Request, attempt: Attempt) -> httpx.Response:
        """Send a request; see `Pool.send`."""
        attempt.proxy = self._proxy
        sending = _Sending(attempt)
        token = _sending.set(sending)
        self._under_way.add(sending)
        if attempt.budget is not None and (self._watch is None or attempt.deadline < self._due):
            self._look_again(attempt.budget)
        try:
            async with self._session.request(
                request.method,
                URL(address_of(request), encoded=True),
                headers=fields_of(request),
                data=body_of(request) or None,
                allow_redirects=False,
                timeout=self._timeout(attempt),
                proxy=self._proxy_url,
                proxy_headers=self._connect_headers,
            ) as reply:
                attempt.stage = "read"
                if attempt.sink is None and "Content-Encoding" not in reply.headers:
                    # The usual case: it is handed on as it is.
                    parts: list[bytes] = []
                    while chunk := await reply.content.readany():
                        attempt.receive(len(chunk))
                        parts.append(chunk)
                    answer: httpx.Response = LazyResponse(
                        reply.status, reply.raw_headers, b"".join(parts), request, {}
                    )
                else:
                    attempt.body.begin(reply.status, httpx.Headers(reply.raw_headers))
                    while chunk := await reply.content.readany():
                        attempt.feed(chunk)
                    answer = attempt.answer(request, {})
                if sending.is_cut(reply):
                    raise aiohttp.ClientPayloadError
                sending.transport = None
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError) as error:
            if attempt.failed_in_sink(error):
                raise
            if sending.is_late:
                raise httpx.ReadTimeout("the answer takes too long", request=request) from None
            # aiohttp's own errors show the request's headers and URL; the system's do not.
            # Older versions have another name for it where a certificate is not trusted.
            cause = getattr(error, "os_error", None) or getattr(error, "certificate_error", None)
            raise _as_httpx(error, attempt, request, self._route) from cause
        finally:
            if sending.transport is not None:
                # Closing TLS in an orderly way takes an answer that may not come, and the loop's
                # time, of which there may be none left.
                sending.transport.abort()
            self._under_way.discard(sending)
            _sending.reset(token)
        return answer

    def _look_again(self, seconds: float) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._due = time.monotonic() + seconds
        self._watch = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        """End what takes too long as a whole; aiohttp's own limit for that costs a timer a call."""
        self._watch = None
        left = [one.left() for one in self._under_way]
        known = [one for one in left if one is not None]
        if known:
            self._look_again(max(min(known), _SOON))

    def _timeout(self, attempt: Attempt) -> aiohttp.ClientTimeout:
        limits = attempt.limits
        if limits is self._last[0]:
            return self._last[1]
        pool, connect = limits.get("pool"), limits.get("connect")
        if self._route.proxy is not None and connect is not None:
            # Nothing else limits how long a proxy may think about CONNECT.
            pool = 2 * connect + (pool or 0.0)
        key = (pool, connect, limits.get("read"))
        made = self._timeouts.get(key)
        if made is None:
            made = aiohttp.ClientTimeout(
                total=None, connect=pool, sock_connect=connect, sock_read=key[2]
            )
            if len(self._timeouts) < _MOST_TIMEOUTS:
                self._timeouts[key] = made
        self._last = limits, made
        return made

    async def aclose(self) -> None:
        """Close every connection."""
        if self._watch is not None:
            self._watch.cancel()
        await self._session.close()


def _login_apart(proxy: str | None) -> tuple[str | None, dict[str, str] | None]:
    """Return a proxy's URL without its login, and the login as a header.

    aiohttp takes no login with a colon in its name, or in letters beyond Latin-1; httpx does.
    """
    login = None if proxy is None else login_of(proxy)
    if proxy is None or login is None:
        return proxy, None
    words = base64.b64encode(":".join(login).encode()).decode()
    bare = httpx.URL(proxy).copy_with(userinfo=b"")
    return str(bare), {"Proxy-Authorization": f"Basic {words}"}


def _stage(error: BaseException, route: Route) -> Stage:
    """Return the step that failed before there was a connection: aiohttp does not report steps."""
    if isinstance(error, _TLS):
        at: Any = error
        return "proxy" if (at.host, at.port) == route.proxy_address else "tls"
    if not isinstance(error, aiohttp.ClientConnectorError):
        # Before there is a connection, all errors but a proxy's answer are the connector's.
        return "connect" if route.proxy is None else "proxy"
    if isinstance(error, _PROXY):
        return "proxy"
    if isinstance(error.os_error, socket.gaierror):
        # Where there is a proxy, its name is the only one that is looked up here.
        return "connect" if route.proxy is None else "proxy"
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
