"""Where connections lead, and the limits that every transport keeps."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from typing import NamedTuple

import httpx

KEEPALIVE = 5.0
"""Seconds a connection may be idle; WeChat Pay closes it after eight.

It is less, because the server may close while the next request is on its way.
"""
MOST_CONNECTIONS = 100
"""Connections of one pool at most: as many as httpx allows by default."""


DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


class MerchantCertificate:
    """The merchant's certificate, for what has a TLS of its own and takes no context of Python's.

    A class of its own, so that no `repr` of what has it shows the key.
    """

    __slots__ = ("_pem",)

    def __init__(self, pem: Callable[[], tuple[bytes, bytes]]) -> None:
        """Take what reads the certificate and its key, which is done when they are needed."""
        self._pem = pem

    def pem(self) -> tuple[bytes, bytes]:
        """Return the certificate, with what leads to its root, and its key.

        Raises:
            ConfigurationError: It cannot be read, or does not fit.
        """
        return self._pem()


class Route(NamedTuple):
    """Where the connections of one pool lead, and how they are made.

    Attributes:
        origin: The scheme, host and port, as `https://host:port`.
        tls: What TLS trusts, and shows where mutual TLS is wanted.
        proxy: The URL of a proxy to go through, with its login if it wants one, or `None`.
        proxy_tls: What TLS to a proxy trusts, if that is how it is reached.
        certificate: The merchant's certificate, where mutual TLS is wanted; `tls` has it loaded.
    """

    origin: str
    tls: ssl.SSLContext
    proxy: str | None
    proxy_tls: ssl.SSLContext | None = None
    certificate: MerchantCertificate | None = None

    @property
    def proxy_place(self) -> str:
        """The proxy's host and port, without its login; empty if there is none."""
        return "" if self.proxy is None else httpx.URL(self.proxy).netloc.decode()

    @property
    def proxy_address(self) -> tuple[str, int | None] | None:
        """The proxy's host and port to connect to, if there is one."""
        if self.proxy is None:
            return None
        url = httpx.URL(self.proxy)
        return url.host, url.port or DEFAULT_PORTS.get(url.scheme)


def login_of(proxy: str) -> tuple[str, str] | None:
    """Return the name and password that a proxy's URL has, as they are meant, if it has any."""
    url = httpx.URL(proxy)
    return (url.username, url.password) if url.username or url.password else None
