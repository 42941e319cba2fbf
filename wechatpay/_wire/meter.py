"""What counts the bytes of a connection that httpx opened, and how long it may wait for them.

httpx's documented trace event of a new connection hands over its stream. Its `read` and `write` are
put behind those of a meter: the same for httpx and its fork, blocking or not, and for a client of
the user's own.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from .attempt import Attempt
from .framing import Framing
from .readable import watch

_MOST_SEEN = 32 << 10
"""Bytes of an answer over TLS between buffers in memory, up to which nothing behind it is missed.

anyio reads up to 256 KiB from a socket at once, and hands 64 KiB of that to TLS. What is left waits
where nobody outside of anyio can see it: it may be an answer to nothing. So the end of what came
must not be near the end of those 64 KiB, a record of TLS (16 KiB) and what TLS adds before it.
"""


class Meter:
    """Stands between an HTTP library and one connection's stream.

    Attributes:
        attempt: Who uses the connection now, if that is known.
        framing: What has come since the last request.
    """

    def __init__(self, stream: Any, attempt: Attempt) -> None:
        self.attempt: Attempt | None = attempt
        self._stream = stream
        self._read = stream.read
        self._write = stream.write
        tls = stream.get_extra_info("ssl_object")
        self._socket = stream.get_extra_info("socket")
        self._is_openssls = isinstance(self._socket, ssl.SSLSocket)
        self._has_more = watch(self._socket)
        self._port = _port(stream.get_extra_info("client_addr"))
        self._tls = tls if isinstance(tls, ssl.SSLObject) else None
        self.framing: Framing = Framing()
        is_async = hasattr(stream, "aclose")
        stream.read = self.read_async if is_async else self.read
        stream.write = self.write_async if is_async else self.write

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read, for no longer than the whole call may take."""
        try:
            data: bytes = self._read(max_bytes, self._patience(timeout))
        except Exception:
            self._forget()
            raise
        self._count(data, max_bytes)
        return data

    async def read_async(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As `read`, without blocking."""
        data: bytes = await self._read(max_bytes, self._patience(timeout))
        self._count(data, max_bytes)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write; what comes from now on has to be the answer."""
        if buffer:  # a request without a body ends with an empty write
            try:
                self._write(buffer, self._begin(timeout))
            except Exception:
                self._forget()
                raise

    async def write_async(self, buffer: bytes, timeout: float | None = None) -> None:
        """As `write`, without blocking."""
        if buffer:
            await self._write(buffer, self._begin(timeout))

    def _forget(self) -> None:
        """Have OpenSSL forget what went wrong with this connection, so that no other is blamed.

        OpenSSL keeps a thread's last error until somebody clears it. Python 3.14 and 3.15 may leave
        that of a broken connection there, and then take it for the next connection's when that has
        nothing to read yet: a call under way would seem to have failed. A handshake clears it.
        """
        if self._is_openssls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            with suppress(OSError):  # there is nobody on the other side
                context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), True).do_handshake()

    def _begin(self, timeout: float | None) -> float | None:
        self.framing = Framing()
        attempt = self.attempt
        if attempt is None:
            return timeout
        if attempt.stage == "pool":
            attempt.send()  # no step came before: the connection was there
        return attempt.seconds(timeout)

    def _patience(self, timeout: float | None) -> float | None:
        attempt = self.attempt
        if attempt is None:
            return timeout
        if attempt.sent:
            attempt.stage = "read"
        else:
            # Getting through a proxy is part of connecting; for SOCKS, httpx sets no limit at all.
            timeout = attempt.limits.get("connect")
        return attempt.seconds(timeout)

    def _count(self, data: bytes, max_bytes: int) -> None:
        size, attempt = len(data), self.attempt
        # A read that fills its buffer may leave more in one that cannot be seen from here.
        self.framing.feed(data, is_full=size >= max_bytes)
        if attempt is not None and attempt.sent:
            attempt.receive(size)

    @property
    def is_stale(self) -> bool:
        """Whether something came since the last answer: a surplus, or the connection's end."""
        # Once it is closed, its number is soon another connection's, which says nothing of it.
        return self._socket.fileno() < 0 or bool(self._has_more())

    def is_exact(self, framing: Framing) -> bool:
        """Tell whether all that came for a request is one whole answer, and no more lies ready."""
        if self._tls is None or not framing.is_whole:
            return framing.is_whole
        # Where the next request is being written already, what lies ready is its answer.
        return framing.size < _MOST_SEEN and (
            framing is not self.framing or not _holds_more(self._tls)
        )

    def close(self) -> None:
        """Close the stream itself."""
        self._stream.close()

    async def close_async(self) -> None:
        """As `close`, without blocking."""
        await self._stream.aclose()

    def spoil(self) -> None:
        """End the connection, so that its owner finds it closed and does not use it again.

        Its owner is a pool that cannot be told. Closing the stream under it would make trio's
        raise; a socket that is shut down is one that the other side closed, to everybody.
        """
        with suppress(OSError, ValueError, AttributeError):
            own = self._socket
            with socket.fromfd(own.fileno(), own.family, own.type) as same:
                # Its owner may have closed it, and uvloop would not tell: then it is another's.
                if _port(same.getsockname()) == self._port:
                    same.shutdown(socket.SHUT_RDWR)


def _port(address: Any) -> object:
    """Return what is this connection's alone in an address of this side."""
    return cast("tuple[object, ...]", address)[1] if isinstance(address, tuple) else address


def _holds_more(tls: ssl.SSLObject) -> bool:
    """Tell whether TLS, between buffers in memory, has more that it has not handed on.

    What a socket holds is seen before the connection is used again; what was read from it and is
    still encrypted, only here.
    """
    try:
        tls.read(1)
    except ssl.SSLWantReadError:
        return False
    except (OSError, ValueError):
        return True
    return True


def meter_of(stream: Any) -> Meter | None:
    """Return what counts a connection's bytes, if anything does."""
    found = getattr(getattr(stream, "read", None), "__self__", None)
    return found if isinstance(found, Meter) else None


def trace(attempt: Attempt, name: str, info: Mapping[str, Any]) -> None:
    """Report to an attempt an event of httpx's documented `trace` extension."""
    note = _EVENTS.get(name.partition(".")[2])
    if note is not None:
        note(attempt, info)


async def trace_async(attempt: Attempt, name: str, info: Mapping[str, Any]) -> None:
    """As `trace`, for a client that awaits it."""
    trace(attempt, name, info)


def _connects(attempt: Attempt, _: Mapping[str, Any]) -> None:
    attempt.reach("connect")


def _encrypts(attempt: Attempt, _: Mapping[str, Any]) -> None:
    # TLS comes after the proxy, unless it is TLS with the proxy itself.
    attempt.reach("proxy" if attempt.proxy and attempt.stage == "connect" else "tls")


def _meets_proxy(attempt: Attempt, _: Mapping[str, Any]) -> None:
    attempt.reach("proxy")


def _is_connected(attempt: Attempt, info: Mapping[str, Any]) -> None:
    attempt.meter = Meter(info["return_value"], attempt)


def _sends(attempt: Attempt, info: Mapping[str, Any]) -> None:
    if info["request"].method == b"CONNECT":
        attempt.reach("proxy")
    else:
        attempt.send()


def _did_not_send(attempt: Attempt, info: Mapping[str, Any]) -> None:
    # HTTP/1.1 checks a whole head before the first of its bytes is written.
    if type(info["exception"]).__name__ == "LocalProtocolError":
        attempt.sent = False


def _receives(attempt: Attempt, _: Mapping[str, Any]) -> None:
    if attempt.sent:
        attempt.reach("read")


_EVENTS: Mapping[str, Callable[[Attempt, Mapping[str, Any]], None]] = {
    "connect_tcp.started": _connects,
    "connect_tcp.complete": _is_connected,
    "connect_unix_socket.started": _connects,
    "connect_unix_socket.complete": _is_connected,
    "setup_socks5_connection.started": _meets_proxy,
    "start_tls.started": _encrypts,
    "start_tls.complete": _is_connected,
    "send_request_headers.started": _sends,
    "send_request_headers.failed": _did_not_send,
    "receive_response_headers.started": _receives,
}
