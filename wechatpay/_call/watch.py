"""What `on_call` is told of a call and of its tries: facts about it, and never a value in it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .._alarm import alarm
from ..errors import APIError, TransportError
from .refusal import looks_like_request_id, quotable

if TYPE_CHECKING:
    import httpx

    from .call import Call

Moment = Literal["call begins", "try begins", "try ends", "call ends"]
OnCall = Callable[["CallRecord"], object]

PROPAGATED = frozenset({"traceparent", "tracestate", "baggage"})
"""The headers that an observer may add to a request: those that carry a trace on."""

logger = alarm("wechatpay.on_call")
_numbers = itertools.count(1)


class CallRecord(NamedTuple):
    """One moment of a call. It has no value, header or body in it, so it may go anywhere.

    Attributes:
        moment: `"call begins"`, `"try begins"`, `"try ends"` or `"call ends"`.
        number: Which call of this process it is: the same in all its moments.
        method: The HTTP method, in capitals.
        template: The path with its placeholders; a segment that may be a value is `…`.
        transport: What carries it: `httpx`, `httpx2`, `aiohttp`, `pycurl`, or `http_client` for
            your own.
        host: Where this try goes, without a port; empty for the call as a whole.
        tries: How many tries were begun.
        seconds: How long the call, or this try, took; 0 where it begins.
        status: The HTTP status of the answer, or `None`.
        code: WeChat Pay's error code, or `None`.
        request_id: WeChat Pay's `Request-ID`, or `None`.
        error: The type of what was raised, or `None`.
        reason: Why no answer came, as `TransportError.reason`, or `None`.
        outcome_unknown: Whether the call may have been carried out although it failed.
    """

    moment: Moment
    number: int
    method: str
    template: str
    transport: str
    host: str = ""
    tries: int = 0
    seconds: float = 0.0
    status: int | None = None
    code: str | None = None
    request_id: str | None = None
    error: str | None = None
    reason: str | None = None
    outcome_unknown: bool = False


class Watch:
    """Tells one observer of one call. What the observer raises is logged; the call goes on."""

    __slots__ = ("_begun", "_call", "_first", "_observer", "_only_asks", "_tried", "_tries")

    def __init__(self, observer: OnCall, call: Call, transport: str) -> None:
        self._observer = observer
        self._only_asks = call.only_asks
        self._call = CallRecord(
            "call begins", next(_numbers), call.method, call.shown_path, transport
        )
        self._tries = 0
        self._begun = time.perf_counter()
        self._tried = 0.0
        self._first = self._call
        self._tell(self._call)

    def begin_try(self, host: str) -> dict[str, str]:
        """Tell that a try begins, and return the headers that carry a trace on, if any."""
        self._tries += 1
        self._tried = time.perf_counter()
        self._first = self._call._replace(moment="try begins", host=host, tries=self._tries)
        self._tell(self._first)
        headers = getattr(self._observer, "headers", None)
        if headers is None:
            return {}
        try:
            given: Mapping[str, str] = headers(self._first)
            return {name: given[name] for name in given if name.lower() in PROPAGATED}
        except Exception as error:  # noqa: BLE001 - it is not the call's
            self._failed(error)
            return {}

    def end_try(self, reply: httpx.Response | None, reason: str | None = None) -> None:
        """Tell how a try ended: with an answer, whatever it says, or with none."""
        ended = self._first._replace(
            moment="try ends", seconds=time.perf_counter() - self._tried, reason=reason
        )
        if reply is not None:
            ended = ended._replace(status=reply.status_code, request_id=_request_id(reply.headers))
        self._tell(ended)

    def end(self, reply: httpx.Response | None, error: BaseException | None) -> None:
        """Tell how the call ended."""
        self._tell(
            self._call._replace(
                moment="call ends",
                tries=self._tries,
                seconds=time.perf_counter() - self._begun,
                **facts(reply, error, only_asks=self._only_asks),
            )
        )

    def _tell(self, record: CallRecord) -> None:
        try:
            self._observer(record)
        except Exception as error:  # noqa: BLE001 - it is not the call's
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        logger.error("on_call failed: %s", type(error).__name__)


def facts(
    reply: httpx.Response | None, error: BaseException | None, *, only_asks: bool
) -> dict[str, Any]:
    """Return what is known of how a call ended, by a `CallRecord`'s names: all of them, always.

    A call that its caller abandons may have been sent, so its outcome is unknown unless it only
    asks.
    """
    found: dict[str, Any] = {
        "status": None,
        "code": None,
        "request_id": None,
        "error": None,
        "reason": None,
        "outcome_unknown": False,
    }
    if reply is not None:
        found["status"], found["request_id"] = reply.status_code, _request_id(reply.headers)
        return found
    if isinstance(error, GeneratorExit):
        found["error"], found["outcome_unknown"] = "abandoned", not only_asks
        return found
    found["error"] = type(error).__name__
    found["outcome_unknown"] = bool(getattr(error, "outcome_unknown", False))
    if isinstance(error, APIError):
        request_id = error.request_id
        found["status"] = error.status_code
        found["code"] = quotable(error.code) if error.code else None
        found["request_id"] = request_id if looks_like_request_id(request_id) else None
    if isinstance(error, TransportError):
        found["reason"] = error.reason
    return found


def _request_id(headers: Mapping[str, str]) -> str | None:
    value = headers.get("Request-ID")
    return value if looks_like_request_id(value) else None
