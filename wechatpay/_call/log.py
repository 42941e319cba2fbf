"""One line a call, under the logger `wechatpay`: never a value, a header or a body."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from ..errors import APIError
from .refusal import looks_like_request_id, quotable

if TYPE_CHECKING:
    import httpx

    from .exchange import Exchange, Steps

logger = logging.getLogger("wechatpay")
logger.addHandler(logging.NullHandler())  # where logs go is the application's to say


def logged(exchange: Exchange, steps: Steps[httpx.Response]) -> Steps[httpx.Response]:
    """Run an exchange and log how it ended: `INFO` when well, else `WARNING`.

    One that its caller abandons, by cancelling or interrupting it, is logged too: it may be out.
    """
    started = time.perf_counter()
    try:
        reply = yield from steps
    except (Exception, GeneratorExit) as error:
        _log(
            logging.WARNING, exchange, _outcome(error), getattr(error, "request_id", None), started
        )
        raise
    _log(logging.INFO, exchange, str(reply.status_code), _request_id(reply), started)
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


def _log(
    level: int, exchange: Exchange, outcome: str, request_id: str | None, started: float
) -> None:
    if logger.isEnabledFor(level):
        call, tries = exchange.call, exchange.tries
        logger.log(
            level,
            "%s %s %s %s %.0f ms, %d %s",
            call.method,
            call.shown_path,
            outcome,
            request_id if looks_like_request_id(request_id) else "-",
            (time.perf_counter() - started) * 1e3,
            tries,
            "try" if tries == 1 else "tries",
        )
