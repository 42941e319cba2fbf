"""One line a call, under the logger `wechatpay`: never a value, a header or a body."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from ..errors import APIError
from .refusal import looks_like_request_id, quotable

if TYPE_CHECKING:
    import httpx

    from .call import Call
    from .exchange import Steps

logger = logging.getLogger("wechatpay")
logger.addHandler(logging.NullHandler())  # where logs go is the application's to say


def watched(call: Call, steps: Steps) -> Steps:
    """Run an exchange and log how it ended: `INFO` when well, else `WARNING`.

    One that its caller abandons, by cancelling or interrupting it, is logged too: it may be out.
    """
    started = time.perf_counter()
    try:
        reply = yield from steps
    except (Exception, GeneratorExit) as error:
        _log(logging.WARNING, call, _outcome(error), getattr(error, "request_id", None), started)
        raise
    _log(logging.INFO, call, str(reply.status_code), _request_id(reply), started)
    return reply


def _outcome(error: BaseException) -> str:
    if isinstance(error, GeneratorExit):
        return "abandoned"
    name = type(error).__name__
    if not isinstance(error, APIError):
        return name
    return f"{error.status_code} {quotable(error.code or name)}"


def _request_id(reply: httpx.Response) -> str | None:
    request_id: str | None = reply.headers.get("Request-ID")
    return request_id


def _log(level: int, call: Call, outcome: str, request_id: str | None, started: float) -> None:
    if logger.isEnabledFor(level):
        logger.log(
            level,
            "%s %s %s %s %.0f ms, %d %s",
            call.method,
            call.spoken,
            outcome,
            request_id if looks_like_request_id(request_id) else "-",
            (time.perf_counter() - started) * 1e3,
            call.tries,
            "try" if call.tries == 1 else "tries",
        )
