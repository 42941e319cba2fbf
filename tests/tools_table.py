"""Which tool sees the calls of which transport: `test_tools` shows it, docs/testing.md says it."""

from __future__ import annotations

from typing import Any

import httpx

TRANSPORTS = ("httpx", "httpx2", "aiohttp", "pycurl", "http_client")
"""A client's `transport=`; `http_client` is a client of httpx of the user's own."""
_HTTPX = ("httpx", "http_client")
SEES: dict[str, tuple[str, ...]] = {
    "respx": _HTTPX,
    "pytest-httpx": _HTTPX,
    "VCR.py": ("httpx", "httpx2", "aiohttp", "http_client"),
    "OpenTelemetry": _HTTPX,
    "Sentry": ("aiohttp", "http_client"),
    "freezegun": TRANSPORTS,
    "time-machine": TRANSPORTS,
}
"""By the tool's name, the transports whose calls it sees, blocking and awaited."""


def is_awaited(transport: str) -> tuple[bool, bool]:
    """Tell of two calls whether they are awaited: one of each kind, if a transport makes both."""
    return transport == "aiohttp", transport != "pycurl"


def arguments_of(transport: str) -> dict[str, Any]:
    """Return the arguments with which a client uses a transport of the table."""
    if transport == "http_client":
        # Nothing is kept, so that nothing is left open when an event loop ends.
        none_kept = httpx.Limits(max_keepalive_connections=0)
        return {
            "http_client": httpx.Client(limits=none_kept),
            "async_http_client": httpx.AsyncClient(limits=none_kept),
        }
    return {"transport": transport}
