"""Connections on pycurl, that is libcurl: the least CPU for a blocking call.

Each connection has handles of its own. libcurl tells right before a request leaves
that it does (`PREREQFUNCTION`), which is what "sent" needs. It is driven by its socket interface
and not by `perform()`, for only so is a time limit kept to the millisecond, and an interrupt heard
at once.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from functools import lru_cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import httpx

from .clock import uptime
from .connections import Connections
from .lazy_http import LazyResponse, body_of, fields_of, raw_path_of
from .pycurl_errors import raised_for, timed_out
from .pycurl_head import Head
from .readable import wait, watch
from .roots import roots
from .route import DEFAULT_PORTS, KEEPALIVE, login_of

if TYPE_CHECKING:
    from .attempt import Attempt
    from .route import Route

# Its types say nothing, so what is imported is `Any`.
_curl: Any = import_module("pycurl")
_GO_ON, _ABORT = _curl.PREREQFUNC_OK, _curl.PREREQFUNC_ABORT
_REFUSED = -1
"""What a callback returns that wants no more."""
_RUN_OUT = _curl.SOCKET_TIMEOUT

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_AUTOMATIC = ("Accept", "Content-Type", "Expect", "User-Agent")
"""What libcurl sends by itself unless it is told not to."""
_ILLEGAL = re.compile(r"[\r\n\0]")
_BUFFER = 64 << 10
_ENDLESS = 1 << 31
_MOST_SOCKETS = 1


@lru_cache(maxsize=64)
def _not_wanted(names: tuple[str, ...]) -> list[str]:
    """Return the headers that libcurl is not to send by itself, beside those of these names."""
    given = {name.lower() for name in names}
    return [f"{name}:" for name in _AUTOMATIC if name.lower() not in given]


def _settings(route: Route) -> list[tuple[int, Any]]:
    """Return the options that every handle of a route has."""
    settings: list[tuple[int, Any]] = [
        (_curl.URL, f"{route.origin}/"),
        (_curl.HTTP_VERSION, _curl.CURL_HTTP_VERSION_1_1),
        (_curl.HTTP09_ALLOWED, 0),
        (_curl.HTTP_CONTENT_DECODING, 0),
        (_curl.NETRC, _curl.NETRC_IGNORED),
        (_curl.NOSIGNAL, 1),
        (_curl.BUFFERSIZE, _BUFFER),
        # The call's own limits apply; libcurl's default is five minutes for connecting.
        (_curl.CONNECTTIMEOUT_MS, _ENDLESS - 1),
        # An empty text means none, whatever the environment says: that was read already.
        (_curl.PROXY, ""),
        (_curl.NOPROXY, ""),
    ]
    file, folder = roots()
    trusted = [(_curl.CAINFO, file)] if file else [(_curl.CAPATH, folder)]
    if route.origin.startswith("https:"):
        settings += trusted
    if route.proxy is not None:
        settings += [*_proxy(route.proxy), (_curl.HEADEROPT, _curl.HEADER_SEPARATE)]
        if route.proxy_tls is not None:
            options = {_curl.CAINFO: _curl.PROXY_CAINFO, _curl.CAPATH: _curl.PROXY_CAPATH}
            settings += [(options[name], value) for name, value in trusted]
    if route.certificate is not None:
        certificate, key = route.certificate.pem()
        settings += [(_curl.SSLCERT_BLOB, certificate), (_curl.SSLKEY_BLOB, key)]
    return settings


def _proxy(proxy: str) -> list[tuple[int, Any]]:
    """Return the options for a proxy, its URL read as httpx reads it and not as libcurl does.

    libcurl takes an `@` in a password for the end of the login, no letters beyond ASCII, and port
    1080 for any proxy without a port.
    """
    url = httpx.URL(proxy)
    host = url.raw_host.decode()
    port = url.port or DEFAULT_PORTS[url.scheme]
    # A SOCKS proxy looks every name up, whatever the spelling.
    scheme = "socks5h" if url.scheme == "socks5" else url.scheme
    place = f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
    settings: list[tuple[int, Any]] = [(_curl.PROXY, place)]
    login = login_of(proxy)
    if login is not None:
        name, password = login
        settings += [(_curl.PROXYUSERNAME, name.encode()), (_curl.PROXYPASSWORD, password.encode())]
    return settings


class _PycurlConnection:
    """The handles of one connection, and the call that they carry now.

    Attributes:
        since: When it was last used, on the clock that runs while the machine sleeps.
        is_good: Whether the connection gave one whole answer, and may be used again.
    """

    def __init__(self, settings: list[tuple[int, Any]], *, is_tls: bool) -> None:
        self.since = 0.0
        self._is_tls = is_tls
        self.is_good = True
        self._attempt: Any = None
        self._head = Head()
        self._parts: list[bytes] = []
        self._is_plain = False
        self._failure: BaseException | None = None
        self._mode = ""
        self._number = -1
        self._has_more: Callable[[], object] = bool
        self._sockets: dict[int, int] = {}
        self._due: float | None = None
        self._multi = _curl.CurlMulti()
        self._multi.setopt(_curl.M_MAXCONNECTS, _MOST_SOCKETS)
        self._multi.setopt(_curl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(_curl.M_TIMERFUNCTION, self._wake)
        self._easy = _curl.Curl()
        for name, value in settings:
            self._easy.setopt(name, value)
        self._easy.setopt(_curl.PREREQFUNCTION, self._about_to_send)
        self._easy.setopt(_curl.HEADERFUNCTION, self._head.lines.append)
        self._easy.setopt(_curl.WRITEFUNCTION, self._receive)
        _open.add(self)

    @property
    def is_stale(self) -> bool:
        """Whether the connection is not to be used again, for it is old or has said something."""
        # libcurl looks too, but not every time.
        return self.since < uptime() - KEEPALIVE or bool(self._has_more())

    def send(self, request: httpx.Request, attempt: Attempt, target: bytes) -> httpx.Response:
        """Send a request and return its answer; the connection is not to be used if that fails."""
        self._attempt, self._failure, self._is_plain = attempt, None, False
        self._head.clear()
        self._parts.clear()
        self._ask(request, target)
        attempt.reach("connect")
        easy, multi = self._easy, self._multi
        multi.add_handle(easy)
        if multi.socket_action(_RUN_OUT, 0)[1]:
            self._run()
        failed = multi.info_read()[2]
        number = easy.getinfo(_curl.ACTIVESOCKET)
        holds_more = self._is_tls and not failed and self._holds_more()
        multi.remove_handle(easy)
        if self._failure is not None:
            raise self._failure
        if failed:
            _, number, words = failed[0]
            raise raised_for(number, words, easy, attempt, request)
        answer = self._answer(request)
        self._parts.clear()
        if number != self._number and number >= 0:
            self._has_more = watch(number)
        self._number = number
        self.is_good = number >= 0 and self._head.is_plain and not holds_more
        self.since = uptime()
        self._attempt = None
        return answer

    def _ask(self, request: httpx.Request, target: bytes) -> None:
        method, body = request.method, body_of(request)
        fields = fields_of(request)
        pairs = fields if isinstance(fields, list) else fields.items()
        # "name:" takes a header out, "name;" sends one that is empty.
        lines = [f"{name}: {value}" if value else f"{name};" for name, value in pairs]
        text = "".join(lines)
        if _ILLEGAL.search(text):
            self._attempt.reach("write")
            raise httpx.LocalProtocolError("illegal header", request=request)
        lines += _not_wanted(tuple([name for name, _ in pairs]))
        easy = self._easy
        mode = method + " with a body" if body or method in _WITH_BODY else method
        if mode != self._mode:
            self._mode = mode
            easy.setopt(_curl.HTTPGET, 1)
            easy.setopt(_curl.NOBODY, method == "HEAD")
            easy.setopt(_curl.CUSTOMREQUEST, method)
        if mode is not method:
            easy.setopt(_curl.POSTFIELDS, body)
        easy.setopt(_curl.REQUEST_TARGET, target)
        # It takes text only if that is ASCII.
        easy.setopt(_curl.HTTPHEADER, lines if text.isascii() else [one.encode() for one in lines])

    def _run(self) -> None:
        """Drive the transfer to its end, within its time limits."""
        attempt, sockets, multi = self._attempt, self._sockets, self._multi
        left = 1
        until = self._until()
        while left:
            due = until if self._due is None else min(until, self._due)
            ready = wait(sockets, max(0.0, due - time.monotonic()))
            for number, _ in ready:
                left = multi.socket_action(number, 0)[1]  # what it is ready for, libcurl looks
            if ready:
                until = self._until()
            elif time.monotonic() >= until:
                raise timed_out(self._easy, attempt)
            else:
                self._due = None
                left = multi.socket_action(_RUN_OUT, 0)[1]

    def _holds_more(self) -> bool:
        """Tell whether TLS has read more than was asked for, which its socket does not show.

        libcurl lets a handle look only if it is to connect and no more. In doubt there is more.
        """
        easy = self._easy
        easy.setopt(_curl.CONNECT_ONLY, 1)
        try:
            easy.recv(1)
        except (BlockingIOError, _curl.error) as error:
            return not isinstance(error, BlockingIOError)
        finally:
            easy.setopt(_curl.CONNECT_ONLY, 0)
        return True

    def _until(self) -> float:
        """Return when the step is over that is under way."""
        attempt = self._attempt
        step = "connect"
        if attempt.sent:
            # It is being sent as long as anything waits for room to write.
            is_read = all(what == _curl.POLL_IN for what in self._sockets.values())
            step = attempt.stage = "read" if is_read else "write"
        limit = attempt.seconds(attempt.limits.get(step))
        return time.monotonic() + (_ENDLESS if limit is None else limit)

    def _watch(self, what: int, number: int, *_: object) -> None:
        """Take note of what to wait for, as libcurl says."""
        if what == _curl.POLL_REMOVE:
            self._sockets.pop(number, None)
        else:
            self._sockets[number] = what

    def _wake(self, milliseconds: int) -> None:
        """Take note of when libcurl wants to be called though nothing happens."""
        self._due = None if milliseconds < 0 else time.monotonic() + milliseconds / 1000

    def _about_to_send(self, *_: object) -> int:
        """Report that the request is sent: libcurl calls this right before it writes it."""
        attempt = self._attempt
        if attempt.sent:
            # libcurl sends again by itself when a kept connection breaks. The exchange decides
            # whether to.
            attempt.has_ended = True
            return int(_ABORT)
        # What a proxy answered before is not the answer.
        self._head.clear()
        attempt.send()
        return int(_GO_ON)

    def _receive(self, chunk: bytes) -> int | None:
        """Take a piece of the body."""
        attempt = self._attempt
        try:
            if not self._head.is_read:
                self._begin()
            if self._is_plain:
                attempt.receive(len(chunk))
                self._parts.append(chunk)
            else:
                attempt.feed(chunk)
        except BaseException as error:  # noqa: BLE001  nothing may pass through C; it is raised later
            self._failure = error
            return _REFUSED
        return None

    def _begin(self) -> None:
        head, attempt = self._head, self._attempt
        head.read()
        if not head.is_whole:
            attempt.has_ended = head.status > 0
            raise httpx.RemoteProtocolError("the head breaks off, or is not HTTP's")
        self._is_plain = attempt.sink is None and not head.is_packed
        if not self._is_plain:
            attempt.body.begin(head.status, httpx.Headers(head.fields))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        head = self._head
        if not head.is_read:
            self._begin()
        if not self._is_plain:
            answer: httpx.Response = self._attempt.answer(request, {})
            return answer
        return LazyResponse(head.status, head.fields, b"".join(self._parts), request, {})

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        _open.discard(self)
        # In this order: where a transfer is under way, this ends its connection.
        self._easy.close()
        self._multi.close()

    def disown(self, nowhere: int) -> None:
        """Have the connection lead nowhere in this process, and stay as it is in the parent.

        Closing TLS says so to the other side, and would end the parent's connection with that.
        """
        # Where another thread was sending, which is not in this process, what it waited for.
        numbers = [self._number] if self._attempt is None else [*self._sockets]
        for number in filter((0).__le__, numbers):
            os.dup2(nowhere, number)


class PycurlPool:
    """Connections of one route for blocking calls."""

    def __init__(self, route: Route) -> None:
        is_tls = route.origin.startswith("https:")
        self._connections = Connections(partial(_PycurlConnection, _settings(route), is_tls=is_tls))
        self._proxy = route.proxy_place
        # Where a proxy passes requests on that are not encrypted, it wants the whole URL.
        is_passed_on = route.proxy is not None and route.proxy.startswith("http")
        self._is_passed_on = is_passed_on and not is_tls

    def send(self, request: httpx.Request, attempt: Attempt) -> httpx.Response:
        """Send a request; see `Pool.send`."""
        attempt.proxy = self._proxy
        target = str(request.url).encode() if self._is_passed_on else raw_path_of(request)
        connection = self._connections.take(attempt.limits.get("pool"))
        try:
            answer = connection.send(request, attempt, target)
        except BaseException:
            # Whatever state it is in, nobody else may use it.
            connection.close()
            raise
        if connection.is_good:
            self._connections.give_back(connection)
        else:
            connection.close()
        return answer

    def close(self) -> None:
        """Close every idle connection; the others are closed by those who use them."""
        self._connections.close()


_open: WeakSet[_PycurlConnection] = WeakSet()


def _disown() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for connection in list(_open):
        connection.disown(nowhere)
    os.close(nowhere)


if hasattr(os, "register_at_fork"):  # pragma: no branch  Windows has no fork
    os.register_at_fork(after_in_child=_disown)
