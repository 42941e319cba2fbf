"""What both ways of sending share: time limits, TLS contexts, proxies, and what a failure means."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Union
from urllib.request import getproxies, proxy_bypass

import httpx

if TYPE_CHECKING:
    from .merchant import Merchant

Limit = Union[float, httpx.Timeout, None]
Origin = tuple[bytes, bytes, bool]
"""Scheme, host with port, and whether mutual TLS is wanted: what one pool of connections serves."""

KEEPALIVE = 5.0
"""Seconds a connection may lie idle; WeChat Pay closes it after eight."""
DEFAULT_LIMITS: Mapping[str, float | None] = {
    "connect": 5.0,
    "read": 30.0,
    "write": 30.0,
    "pool": None,
}

# By name, for they may be httpx's, those of its fork, or aiohttp's as a cause.
_NEVER_SENT = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}
)
_NEVER_SENT_BY_AIOHTTP = frozenset({"ClientConnectorError", "ConnectionTimeoutError"})
_NETWORK_ERRORS = frozenset({"RequestError", "InvalidURL", "OSError"})


class Network:
    """Settings of a client's own connections.

    Attributes:
        limits: The time limits of a call that sets none, as httpx names them.
        has_merchant_certificate: Whether there is one to show.
    """

    def __init__(self, timeout: Limit, merchant: Merchant | None, mchid: str = "") -> None:
        if merchant is not None:
            from .merchant import check_shape

            check_shape(merchant)
        self.limits: Mapping[str, float | None] = (
            DEFAULT_LIMITS if timeout is None else limits(timeout)
        )
        self.has_merchant_certificate: bool = merchant is not None
        self._merchant = merchant
        self._mchid = mchid
        self._contexts: dict[object, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def context(self, origin: Origin) -> ssl.SSLContext:
        """Return the TLS context for an origin; making one takes 20 ms, so it is made once.

        Raises:
            ConfigurationError: The merchant's certificate cannot be loaded; see `load_into`.
        """
        scheme, _, mutual_tls = origin
        kind = "plain" if scheme == b"http" else "mutual" if mutual_tls else "tls"
        with self._lock:
            if kind not in self._contexts:
                self._contexts[kind] = self._make_context(kind)
            return self._contexts[kind]

    def _make_context(self, kind: str) -> ssl.SSLContext:
        if kind == "plain":
            # Never used, and it trusts nobody; loading the roots would be for nothing.
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context = httpx.create_ssl_context()
        if kind == "mutual" and self._merchant is not None:
            from .merchant import load_into

            load_into(context, self._merchant, self._mchid)
        return context


def limits(timeout: float | httpx.Timeout) -> Mapping[str, float | None]:
    """Return time limits as httpx's transports take them; a number is each step's, in seconds."""
    as_dict = getattr(timeout, "as_dict", None) or httpx.Timeout(timeout).as_dict
    steps: dict[str, Any] = as_dict()
    if not all(
        one is None or (isinstance(one, (int, float)) and one > 0) for one in steps.values()
    ):
        raise TypeError("timeout must be seconds, above zero, or an httpx.Timeout of such")
    return steps


def proxy_for(origin: Origin) -> str | None:
    """Return the proxy that the environment names for an origin (`HTTPS_PROXY`, `NO_PROXY`, …)."""
    scheme, host = origin[0].decode(), origin[1].decode()
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    return proxy if proxy and not proxy_bypass(host) else None


def new_request(
    network: Network,
    client: httpx.Client | httpx.AsyncClient | None,
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: bytes,
    timeout: Limit,
) -> httpx.Request:
    """Return a request; a user's client builds it with its own headers, cookies and time limits."""
    if client is not None:
        request = client.build_request(method, url, headers=headers, content=content or None)
        if timeout is not None:
            request.extensions["timeout"] = limits(timeout)
        return request
    return httpx.Request(
        method,
        _url(url),
        headers=headers,
        content=content or None,
        extensions={"timeout": network.limits if timeout is None else limits(timeout)},
    )


# Parsing costs httpx a tenth of a signature, and most calls go to the same few URLs.
_url = lru_cache(maxsize=256)(httpx.URL)


def origin_of(request: httpx.Request, *, mutual_tls: bool) -> Origin:
    """Return what decides which connections may carry a request."""
    return request.url.raw_scheme, request.url.netloc, mutual_tls


def is_network_error(error: Exception) -> bool:
    """Tell whether the network, or the library that speaks to it, failed; else it is a bug."""
    return any(kind.__name__ in _NETWORK_ERRORS for kind in type(error).__mro__)


def may_have_been_sent(error: Exception) -> bool:
    """Tell whether the other side may have got any of a request that failed with `error`.

    httpx-aiohttp calls a reset connection a `ConnectTimeout`, so aiohttp's own error decides where
    there is one.
    """
    cause = error.__cause__
    names = {kind.__name__ for kind in type(error).__mro__}
    if cause is not None and type(cause).__module__.partition(".")[0] == "aiohttp":
        names = {kind.__name__ for kind in type(cause).__mro__}
        return not names & _NEVER_SENT_BY_AIOHTTP
    return not names & _NEVER_SENT


def closed() -> RuntimeError:
    """Return the error of a call on a client that was closed."""
    return RuntimeError("this WeChatPay client is closed; make a new one")
