"""What a failed try means: what failed, whether anything was sent, whether another try can help."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import ConfigurationError
from .body import Refused
from .explain import explained
from .lazy_http import place_of
from .steps import Failure

if TYPE_CHECKING:
    import httpx

    from .attempt import Attempt
    from .steps import Reason, Send

# What a transport did not report is told by the error's name: it may be httpx's or its fork's.
_NEVER_SENT = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}
)
_NEVER_SENT_BY_AIOHTTP = frozenset({"ClientConnectorError", "ConnectionTimeoutError"})
_NETWORK_ERRORS = frozenset({"RequestError", "InvalidURL", "OSError"})
_NETWORK_PACKAGES = frozenset(
    {"httpcore", "httpcore2", "h11", "h2", "hpack", "socksio", "anyio", "trio", "aiohttp", "pycurl"}
)
_LONGEST_CHAIN = 12
"""How many errors of a chain are looked at: `__context__` may lead back to an earlier one."""


def raised(error: Exception, attempt: Attempt, step: Send) -> Exception:
    """Return what to raise for a try that ended with `error`: `error` itself if it is a bug.

    Args:
        error: What was raised.
        attempt: What is known of the try.
        step: What was to be sent.
    """
    if isinstance(error, ConfigurationError) or attempt.failed_in_sink(error):
        return error
    found = _outcome(error, attempt, place_of(step.request))
    return error if found is None else found


def _outcome(
    error: Exception, attempt: Attempt, url: httpx.URL
) -> Failure | ConfigurationError | None:
    if isinstance(error, Refused):
        return Failure(sent=True, stage="read", reason="protocol", is_final=True, why=str(error))
    sent = attempt.sent if attempt.is_told else may_have_been_sent(error)
    if not sent and attempt.stage == "write" and _is_named(error, "LocalProtocolError"):
        return ConfigurationError(
            f"the request to {url.host} has a header that cannot be sent: see the http client's own"
        )
    # A proxy's malformed answer and a name that cannot be looked up raise errors of other kinds;
    # they came of connecting all the same.
    of_connecting = not sent and (attempt.stage == "proxy" or isinstance(error, UnicodeError))
    if not of_connecting and not is_network_error(error):
        return None
    reason = _reason(error, attempt, sent=sent)
    why = explained(reason, attempt.stage, _chain(error), url.host, url.port, attempt.proxy)
    return Failure(sent=sent, stage=attempt.stage, reason=reason, why=why)


def is_network_error(error: BaseException) -> bool:
    """Tell whether the network, or the library that speaks to it, failed; else it is a bug."""
    return any(
        kind.__name__ in _NETWORK_ERRORS or kind.__module__.partition(".")[0] in _NETWORK_PACKAGES
        for kind in type(error).__mro__
    )


def may_have_been_sent(error: Exception) -> bool:
    """Tell by the error alone whether the other side may have got any of the request.

    httpx-aiohttp calls a reset connection a `ConnectTimeout`, so aiohttp's own error decides where
    there is one.
    """
    cause = error.__cause__
    names = {kind.__name__ for kind in type(error).__mro__}
    if cause is not None and type(cause).__module__.partition(".")[0] == "aiohttp":
        names = {kind.__name__ for kind in type(cause).__mro__}
        return not names & _NEVER_SENT_BY_AIOHTTP
    return not names & _NEVER_SENT


def _is_named(error: BaseException, name: str) -> bool:
    return any(kind.__name__ == name for kind in type(error).__mro__)


def _reason(error: Exception, attempt: Attempt, *, sent: bool) -> Reason:
    """Return what failed, by the step that was begun and by the system's own errors."""
    chain = list(_chain(error))
    if any(_is_named(one, "TimeoutException") or isinstance(one, TimeoutError) for one in chain):
        return "timeout"
    if not sent:
        at_proxy = attempt.stage == "connect" and attempt.proxy
        if at_proxy or attempt.stage == "proxy" or _is_named(error, "ProxyError"):
            return "proxy"
        if any(isinstance(one, (socket.gaierror, UnicodeError)) for one in chain):
            return "resolve"
        if attempt.stage == "tls" or any(isinstance(one, ssl.SSLError) for one in chain):
            return "tls"
        return "connect"
    if attempt.has_ended or any(
        isinstance(one, ConnectionError) or _is_named(one, "NetworkError") for one in chain
    ):
        return "closed"
    return "protocol"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what led to it; libraries hide the system's own error behind several."""
    for _ in range(_LONGEST_CHAIN):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
