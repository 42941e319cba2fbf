"""The front with a socket, for those who do not know yet whether there is the extra `sandbox`."""

from __future__ import annotations

import ssl

from .gateway import Gateway
from .served import Front, Page


def serve(
    gateway: Gateway,
    page: Page,
    host: str,
    port: int,
    tls: ssl.SSLContext | None = None,
    *,
    public_url: str = "",
) -> Front:
    """Serve a gateway and its page.

    Raises:
        ImportError: The extra `sandbox` is not installed.
        OSError: The port is taken.
    """
    from .server import Server

    return Server(gateway, page, host, port, tls, public_url=public_url)
