"""What both ways of sending share: time limits, TLS contexts, proxies, requests and attempts."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Union, cast

import httpx

from .._locks import Lock
from ..errors import ConfigurationError
from .attempt import Attempt
from .environment import proxy_for, tls_context
from .lazy_http import LazyRequest, base_of
from .route import MerchantCertificate, Route
from .transports import Pair, chosen

if TYPE_CHECKING:
    from .clients import AsyncHTTPClient, HTTPClient
    from .merchant import Merchant
    from .steps import Send

Limit = Union[float, httpx.Timeout, None]
Origin = tuple[bytes, bytes, bool]
"""Scheme, host with port, and whether mutual TLS is wanted: what one pool of connections serves."""

DEFAULT_LIMITS: Mapping[str, float | None] = {
    "connect": 5.0,
    "read": 30.0,
    "write": 30.0,
    "pool": None,
}


class Network:
    """Settings of a client's own connections.

    Attributes:
        limits: The time limits of a call that sets none, as httpx names them.
        has_merchant_certificate: Whether there is one to show.
        transport: What opens connections.
    """

    def __init__(
        self,
        timeout: Limit,
        merchant: Merchant | None,
        mchid: str = "",
        transport: Pair | None = None,
    ) -> None:
        if merchant is not None:
            from .merchant import check_shape

            check_shape(merchant)
        self.limits: Mapping[str, float | None] = (
            DEFAULT_LIMITS if timeout is None else limits(timeout)
        )
        self.has_merchant_certificate: bool = merchant is not None
        self.transport: Pair = chosen(None) if transport is None else transport
        self._merchant = merchant
        self._mchid = mchid
        self._contexts: dict[object, ssl.SSLContext] = {}
        self._lock = Lock()

    def context(self, origin: Origin) -> ssl.SSLContext:
        """Return the TLS context for an origin; making one takes 20 ms, so it is made once.

        Raises:
            ConfigurationError: The merchant's certificate cannot be loaded; see `load_into`.
        """
        scheme, _, mutual_tls = origin
        kind = "plain" if scheme == b"http" else "mutual" if mutual_tls else "tls"
        # Held while one is made: threads that come at once wait for the same context, which is
        # quicker than if each made one.
        with self._lock.now:
            if kind not in self._contexts:
                self._contexts[kind] = self._make_context(kind)
            return self._contexts[kind]

    def route(self, origin: Origin, url: httpx.URL) -> Route:
        """Return where the connections for an origin lead, and how they are made.

        Raises:
            ConfigurationError: The environment or the merchant's certificate is wrong.
        """
        try:
            url.raw_host.decode().encode("idna")
        except UnicodeError:
            raise ConfigurationError(
                f"{url.host[:80]} is not a host that can be looked up"
            ) from None
        proxy = proxy_for(url)
        where = f"{origin[0].decode()}://{origin[1].decode()}"
        # A proxy is shown no certificate of the merchant's.
        by_tls = proxy is not None and proxy.startswith("https:")
        proxy_tls = self.context((b"https", b"", False)) if by_tls else None
        certificate = (
            MerchantCertificate(self._pem) if origin[2] and self._merchant is not None else None
        )
        return Route(where, self.context(origin), proxy, proxy_tls, certificate)

    def _pem(self) -> tuple[bytes, bytes]:
        from .merchant import as_pem_pair

        # Without a merchant's certificate no `MerchantCertificate` is made.
        return as_pem_pair(cast("Merchant", self._merchant), self._mchid)

    def _make_context(self, kind: str) -> ssl.SSLContext:
        if kind == "plain":
            # Never used, so it loads no roots and trusts nobody.
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context = tls_context()
        if kind == "mutual" and self._merchant is not None:
            from .merchant import load_into

            load_into(context, self._merchant, self._mchid)
        return context


def limits(timeout: float | httpx.Timeout) -> Mapping[str, float | None]:
    """Return time limits as httpx's transports take them; a number is each step's, in seconds."""
    as_dict = getattr(timeout, "as_dict", None) or httpx.Timeout(timeout).as_dict
    steps: dict[str, Any] = as_dict()
    if not all(one is None or _is_time(one) for one in steps.values()):
        raise TypeError(
            "timeout must be seconds, above zero and not endless, or an httpx.Timeout of such; "
            "httpx.Timeout(None) waits without end"
        )
    return steps


def _is_time(seconds: object) -> bool:
    """Tell whether it is a number of seconds above zero that a lock can wait; endless is `None`."""
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    return is_number and 0 < cast("float", seconds) <= threading.TIMEOUT_MAX


def new_request(
    network: Network,
    client: HTTPClient | AsyncHTTPClient | None,
    method: str,
    base: str,
    target: str,
    headers: dict[str, str],
    content: bytes,
    timeout: Limit,
) -> httpx.Request:
    """Return a request; a user's client builds it with its own headers, cookies and time limits."""
    if client is not None:
        lent: httpx.Request = client.build_request(
            method, base + target, headers=headers, content=content or None
        )
        if timeout is not None:
            lent.extensions["timeout"] = limits(timeout)
        return lent
    allowed = network.limits if timeout is None else limits(timeout)
    return LazyRequest(method, base, target, headers, content, {"timeout": allowed})


def origin_of(request: httpx.Request, *, mutual_tls: bool) -> Origin:
    """Return what decides which connections may carry a request."""
    if isinstance(request, LazyRequest):
        return (*base_of(request.base).place, mutual_tls)
    return request.url.raw_scheme, request.url.netloc, mutual_tls


def attempt_of(step: Send) -> Attempt:
    """Return a new attempt to do what an exchange asks for."""
    return Attempt(step.request.extensions.get("timeout", {}), step.sink)


def closed() -> RuntimeError:
    """Return the error of a call on a client that was closed."""
    return RuntimeError("this WeChatPay client is closed; make a new one")
