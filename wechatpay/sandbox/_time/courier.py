"""Delivers notifications: over a socket to this machine, or to a shop in this process.

Whatever is neither, nor at a host that the sandbox's owner allows by name, is never requested: an
order may name the `notify_url` of a real shop.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from typing import NamedTuple

import httpx

from .delivery import AttemptOutcome
from .listener import Listener
from .mounted import within

LIMIT = 5.0
"""Seconds that a merchant may take to answer."""
_SHOWN = 2000  # bytes of the merchant's reply

Judge = Callable[[int, bytes], bool]
"""Tells by status and body whether a reply acknowledges the notification."""


class Received(NamedTuple):
    """What came of one request.

    Attributes:
        outcome: The judgement.
        status: The HTTP status, if there was one.
        seconds: How long the merchant took.
        reply: How the reply begins.
    """

    outcome: AttemptOutcome
    status: int | None
    seconds: float
    reply: str = ""


class Courier:
    """Delivers each notification: to a shop of this process, to a listener, or over a socket.

    Attributes:
        allowed: Hosts that are called beside this machine, by name or address.
        listener: Takes all that goes to no shop of this process, while a process listens.
    """

    def __init__(self) -> None:
        self.allowed: frozenset[str] = frozenset()
        self.listener: Listener = Listener()
        self._shops: dict[str, httpx.BaseTransport] = {}

    def mount(self, url: str, shop: httpx.BaseTransport) -> None:
        """Bring to a shop in this process what goes to URLs that begin so."""
        self._shops = {**self._shops, url: _Patient(shop)}

    @property
    def mounted(self) -> str:
        """Where the last shop that was mounted is; empty if there is none."""
        return next(reversed(self._shops), "")

    def reaches(self, url: str) -> bool:
        """Tell whether anything is sent there."""
        return self._shop(url) is not None or self._is_called(url)

    def bring(self, url: str, headers: dict[str, str], body: bytes, judge: Judge) -> Received:
        """Make one request, and judge the reply: what it says, and the time it took."""
        shop = self._shop(url)
        started = time.monotonic()
        if shop is None and not self._is_called(url):  # it was mounted in another process
            return Received("unreachable", None, 0.0)
        # Without TLS, no authorities need to be loaded; a mounted shop needs none either.
        tls = shop is None and httpx.URL(url).scheme == "https"
        reply = b""
        try:
            with (
                httpx.Client(timeout=LIMIT, trust_env=False, verify=tls, transport=shop) as client,
                client.stream("POST", url, headers=headers, content=body) as response,
            ):
                for part in response.iter_raw():
                    reply += part[: _SHOWN - len(reply)]
                    if time.monotonic() > started + LIMIT:
                        break
        except httpx.TimeoutException:
            return Received("timed out", None, time.monotonic() - started)
        except httpx.HTTPError:
            return Received("unreachable", None, time.monotonic() - started)
        return _judged(response.status_code, reply, time.monotonic() - started, judge)

    def _is_called(self, url: str) -> bool:
        """Tell whether a URL leads to this machine, or to a host that is allowed, by exact name."""
        return on_loopback(url) or (bool(self.allowed) and host_of(url) in self.allowed)

    def _shop(self, url: str) -> httpx.BaseTransport | None:
        """Return the shop at a URL: of two, the one that is named more exactly."""
        found = [prefix for prefix in self._shops if url.startswith(prefix)]
        if found:
            return self._shops[max(found, key=len)]
        return self.listener if self.listener.active else None


class _Patient(httpx.BaseTransport):
    """A shop in this process, which has no more time than one on the network."""

    def __init__(self, shop: httpx.BaseTransport) -> None:
        self._shop = shop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        return within(LIMIT, lambda: self._shop.handle_request(request))


def _judged(status: int, reply: bytes, seconds: float, judge: Judge) -> Received:
    shown = reply[:_SHOWN].decode("utf-8", "replace")
    if seconds > LIMIT:
        return Received("timed out", status, seconds, shown)
    outcome: AttemptOutcome = "acknowledged" if judge(status, reply[:_SHOWN]) else "refused"
    return Received(outcome, status, seconds, shown)


def host_of(url: str) -> str:
    """Return the host of an `http` or `https` URL, in lower case; empty for anything else."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return ""
    return parsed.host.lower() if parsed.scheme in ("http", "https") else ""


def on_loopback(url: str) -> bool:
    """Tell whether a URL leads to this machine, whatever any name server says."""
    host = host_of(url)
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback
    except ValueError:
        return False
