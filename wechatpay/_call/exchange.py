"""One call, without I/O: generators that say what to send next and are given what came back.

A driver (`wechatpay._client.engine` has two, one sync and one async) runs an exchange: it performs
each `Send` or `Pause` that the generator yields, gives it the reply, or throws `Failure` into it.
"""

from __future__ import annotations

import platform
import random
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .. import _wire
from .._version import __version__
from .._wire import Failure, Pause, Send, Wait
from ..errors import ConfigurationError, TransportError
from .refusal import OUTCOME_UNKNOWN, retry_after

if TYPE_CHECKING:
    import httpx

    from .._wire import Sink
    from .call import Call
    from .hosts import Hosts
    from .watch import OnCall, Watch

BACKOFF = 0.5
"""Seconds before the second try; twice as long before each further one, less up to a half."""
MOST_DOUBLINGS = 6
"""After so many tries the pauses no longer grow."""
LONGEST_PAUSE = 60.0
"""If `Retry-After` asks for more seconds, the answer is returned, and the caller decides."""


T = TypeVar("T")
Steps = Generator[Send | Pause | Wait, Any, T]
"""What asks a driver to send or to wait, and returns something at its end."""
Sign = Callable[["httpx.Request"], None]


class ClientRoute(NamedTuple):
    """How a client's calls go out, as an exchange sees it.

    Attributes:
        hosts: Where to send.
        retries: How often to try again.
        build: Makes a request of a method, a URL, headers, a body and a time limit, without I/O.
        has_certificate: Whether there is a merchant's certificate to show; `True` for a client of
            the user's own, which cannot be asked.
        transport: What carries requests, by its name.
        on_call: What is told of each call and each try, or `None`.
    """

    hosts: Hosts
    retries: int
    build: Callable[[str, str, str, dict[str, str], bytes, Any], httpx.Request]
    has_certificate: bool
    transport: str = "httpx"
    on_call: OnCall | None = None


class Outgoing(NamedTuple):
    """What is sent for a call. It never changes: each request is made of it anew.

    Attributes:
        base_urls: Where it may go, in the order in which to try.
        target: The path and query below a base URL.
        headers: What the request says of itself, but for `Authorization`.
        body: The bytes of its body.
        mutual_tls: Whether the merchant's certificate is shown.
        signed: What of the body an APIv3 signature covers: all, or an upload's `meta`.
        sink: Where a body goes that no signature covers, as it comes; `None` for memory.
    """

    base_urls: tuple[str, ...]
    target: str
    headers: Mapping[str, str]
    body: bytes
    mutual_tls: bool
    signed: bytes = b""
    sink: Sink | None = None


class Exchange:
    """One call under way, and what changes about it: how often it was sent, and who watches.

    Attributes:
        call: What was asked.
        route: How calls of the client go out.
        tries: How many requests it took.
        watch: What tells of it, or `None`.
    """

    __slots__ = ("call", "route", "tries", "watch")

    def __init__(self, call: Call, route: ClientRoute) -> None:
        self.call = call
        self.route = route
        self.tries = 0
        self.watch: Watch | None = None


_COMMON = {
    # Whether a signature covers a body before or after compression is not documented. Without
    # compression it makes no difference.
    "Accept-Encoding": "identity",
    "User-Agent": f"wechatpay-openapi/{__version__} Python/{platform.python_version()}",
}


def transmit(exchange: Exchange, outgoing: Outgoing, sign: Sign | None) -> Steps[httpx.Response]:
    """Send one request, again where that is harmless, and return the last reply.

    A query (a GET, or a POST of APIv2 that only asks) is repeated after a lost connection, a 5xx
    or a 429; anything else only when it was never sent. Each try is signed anew, with its own time
    and nonce; the hosts within one try get the same signature, for the next is asked only when
    nothing reached the one before.

    Raises:
        TransportError: No whole reply came.
    """
    call, retries, tried = exchange.call, exchange.route.retries, 0
    while True:
        last = tried == retries
        try:
            reply = yield from _over_hosts(exchange, outgoing, sign)
        except Failure as failure:
            if last or failure.is_final or (failure.sent and not call.only_asks):
                raise _transport_error(exchange, failure) from failure.__cause__
            wait = None
        else:
            status = reply.status_code
            if not (status == 429 or 500 <= status < 600) or last or not call.only_asks:
                return reply
            wait = retry_after(reply)
            if wait is not None and wait > LONGEST_PAUSE:
                return reply
        # With a random part: clients that failed at the same moment shall not return at the same
        # moment.
        longest = BACKOFF * 2 ** min(tried, MOST_DOUBLINGS)
        yield Pause(max(wait or 0.0, longest * random.uniform(0.5, 1)))  # noqa: S311
        tried += 1


def _over_hosts(exchange: Exchange, outgoing: Outgoing, sign: Sign | None) -> Steps[httpx.Response]:
    """One try: the backup hosts come in only while nothing was sent, with the same signature."""
    call, build = exchange.call, exchange.route.build
    first, *others = outgoing.base_urls
    if outgoing.mutual_tls:
        check_certificate(exchange.route, call, first)
    headers = {**_COMMON, **outgoing.headers}
    if call.headers:
        headers = _merged(headers, call.headers)
    target, body = outgoing.target, outgoing.body
    request = build(call.method, first, target, headers, body, call.timeout)
    if sign is not None:
        # Over the request as it was built: a user's own client may have spelled its URL anew.
        sign(request)
    while True:
        if outgoing.sink is not None:
            outgoing.sink.open()
        # Counted before it is sent: a try that is broken off in the middle, by a signal or by being
        # cancelled, counts too.
        exchange.tries += 1
        watch = exchange.watch
        if watch is not None:
            for name, value in watch.begin_try(_wire.place_of(request).host).items():
                _wire.set_header(request, name, value)
        try:
            reply: httpx.Response = yield Send(request, outgoing.mutual_tls, outgoing.sink)
        except Failure as failure:
            if watch is not None:
                watch.end_try(None, failure.reason)
            if failure.sent or not others:
                raise
        except BaseException:
            if watch is not None:
                watch.end_try(None)
            raise
        else:
            if watch is not None:
                watch.end_try(reply)
            return reply
        signed = request.headers.get("Authorization")
        request = build(call.method, others.pop(0), target, headers, body, call.timeout)
        if signed is not None:
            _wire.set_header(request, "Authorization", signed)


def into_sink(
    sink: Sink, steps: Steps[httpx.Response], *, as_it_comes: bool
) -> Steps[httpx.Response]:
    """Carry out an exchange whose answer goes into a sink: as it comes, or once it is verified."""
    try:
        reply = yield from steps
        if not as_it_comes:
            sink.open()
            sink.write(reply.content)
        sink.finish()
    finally:
        # Also when the driver closes this generator in the middle: no half of a file stays.
        sink.discard()
    return reply


def check_certificate(route: ClientRoute, call: Call, url: str) -> None:
    """Check that there is a merchant's certificate to show, for a call that needs mutual TLS.

    Raises:
        ConfigurationError: There is none.
    """
    if not route.has_certificate and url.startswith("https:"):
        raise ConfigurationError(
            f"{call.shown_path} needs mutual TLS: pass merchant=(apiclient_cert.pem, "
            "apiclient_key.pem), or merchant=apiclient_cert.p12"
        )


def _merged(headers: dict[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with the caller's own in place of those of the same name."""
    names = {name.lower() for name in own}
    return {**{k: v for k, v in headers.items() if k.lower() not in names}, **own}


def _transport_error(exchange: Exchange, failure: Failure) -> TransportError:
    call, tries = exchange.call, exchange.tries
    unknown = failure.sent and not call.only_asks
    if not failure.sent:
        what = "was never sent, nothing happened"
    elif unknown:
        what = f"may have been sent, and no whole answer came. {OUTCOME_UNKNOWN}"
    else:
        what = "got no whole answer; a query changes nothing, so ask again"
    why = failure.why or type(failure.__cause__).__name__
    often = f"{tries} {'try' if tries == 1 else 'tries'}"
    return TransportError(
        f"{call.method} {call.shown_path} {what} ({why}, {often})",
        outcome_unknown=unknown,
        reason=failure.reason,
    )
