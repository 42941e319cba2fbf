"""One call, without I/O: generators that say what to send next and are given what came back.

A driver (`wechatpay._client.engine` has two, one sync and one async) runs an exchange: it performs
each `Send` or `Pause` that the generator yields, gives it the reply, or throws `Failure` into it.
"""

from __future__ import annotations

import platform
import random
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, NamedTuple

from .._version import __version__
from .._wire import Failure, Pause, Send
from ..errors import ConfigurationError, TransportError
from .refusal import QUERY_FIRST, retry_after

if TYPE_CHECKING:
    import httpx

    from .._wire import Sink
    from .call import Call
    from .hosts import Hosts

BACKOFF = 0.5
"""Seconds before the second try; twice as long before each further one, less up to a half."""
MOST_DOUBLINGS = 6
"""After so many tries the pauses grow no more."""
LONGEST_PAUSE = 60.0
"""A `Retry-After` beyond these seconds is the caller's to wait out."""


Steps = Generator[Send | Pause, Any, "httpx.Response"]
Errand = Generator[Send | Pause, Any, None]
Sign = Callable[["httpx.Request"], None]


class Line(NamedTuple):
    """The client as an exchange sees it.

    Attributes:
        hosts: Where to send.
        retries: How often to try again.
        build: Makes a request of a method, a URL, headers, a body and a time limit, without I/O.
        mutual_tls: Whether there is a merchant's certificate to show.
    """

    hosts: Hosts
    retries: int
    build: Callable[[str, str, dict[str, str], bytes, Any], httpx.Request]
    mutual_tls: bool


_COMMON = {
    # How a signature and compression go together is not documented: without, there is no question.
    "Accept-Encoding": "identity",
    "User-Agent": f"wechatpay-openapi/{__version__} Python/{platform.python_version()}",
}


def deliver(
    line: Line, call: Call, headers: dict[str, str], content: bytes, sign: Sign | None
) -> Steps:
    """Send one signed request, again where that is harmless, and return the last reply.

    A query is repeated after a lost connection, a 5xx or a 429; anything else only when it was
    never sent. Each try is signed anew; the hosts within one try get the same signature.

    Raises:
        TransportError: No whole reply came.
    """
    tried = 0
    while True:
        last = tried == line.retries
        try:
            reply = yield from _over_hosts(line, call, headers, content, sign)
        except Failure as failure:
            if last or (failure.sent and not call.is_safe):
                raise _transport_error(call, failure) from failure.__cause__
            wait = None
        else:
            if last or not call.is_safe or not (reply.status_code == 429 or reply.is_server_error):
                return reply
            wait = retry_after(reply)
            if wait is not None and wait > LONGEST_PAUSE:
                return reply
        longest = BACKOFF * 2 ** min(tried, MOST_DOUBLINGS)
        yield Pause(max(wait or 0.0, longest * random.uniform(0.5, 1)))  # noqa: S311
        tried += 1


def _over_hosts(
    line: Line, call: Call, headers: dict[str, str], content: bytes, sign: Sign | None
) -> Steps:
    """One try: the backup hosts come in only while nothing was sent, with the same signature."""
    first, *others = line.hosts.of(call)
    mutual_tls = shows_certificate(line, call, first)
    headers = _merged({**_COMMON, **headers}, call.headers)
    request = line.build(call.method, first + call.target, headers, content, call.timeout)
    if sign is not None:
        sign(request)
    while True:
        if call.stream is not None:
            call.stream.open()
        call.tries += 1
        try:
            reply: httpx.Response = yield Send(request, mutual_tls, call.stream)
            return reply
        except Failure as failure:
            if failure.sent or not others:
                raise
        signed = request.headers
        url = others.pop(0) + call.target
        request = line.build(call.method, url, headers, content, call.timeout)
        if "Authorization" in signed:
            request.headers["Authorization"] = signed["Authorization"]


def into_sink(call: Call, sink: Sink, steps: Steps) -> Steps:
    """Carry out an exchange whose answer goes into a sink: as it comes, or once it is judged."""
    try:
        reply = yield from steps
        if call.stream is None:
            sink.open()
            sink.write(reply.content)
        sink.finish()
    finally:
        sink.discard()
    return reply


def shows_certificate(line: Line, call: Call, url: str) -> bool:
    """Tell whether the merchant's certificate is to be shown to a call's host.

    Raises:
        ConfigurationError: It is, and there is none.
    """
    mutual_tls = call.rule.mutual_tls if call.security is None else call.security
    if mutual_tls and not line.mutual_tls and url.startswith("https:"):
        raise ConfigurationError(
            f"{call.spoken} needs mutual TLS: pass merchant=(apiclient_cert.pem, apiclient_key.pem)"
            ", or merchant=apiclient_cert.p12"
        )
    return mutual_tls


def _merged(headers: dict[str, str], own: dict[str, str]) -> dict[str, str]:
    """Return the headers with the caller's own in place of those of the same name."""
    if not own:
        return headers
    names = {name.lower() for name in own}
    return {**{k: v for k, v in headers.items() if k.lower() not in names}, **own}


def _transport_error(call: Call, failure: Failure) -> TransportError:
    unknown = failure.sent and not call.is_safe
    reason = type(failure.__cause__).__name__
    if not failure.sent:
        what = "was never sent, nothing happened"
    elif unknown:
        what = f"was sent but no whole answer came. {QUERY_FIRST}"
    else:
        what = "got no whole answer; a query changes nothing, so ask again"
    tries = f"{call.tries} {'try' if call.tries == 1 else 'tries'}"
    return TransportError(
        f"{call.method} {call.spoken} {what} ({reason}, {tries})", outcome_unknown=unknown
    )
