"""One line a call, under the logger `wechatpay`: never a value, a header or a body."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from ..errors import APIError
from .refusal import quotable
from .watch import Watch, facts

if TYPE_CHECKING:
    import httpx

    from .exchange import Exchange, Steps

logger = logging.getLogger("wechatpay")
logger.addHandler(logging.NullHandler())  # the application decides where logs go


def logged(exchange: Exchange, steps: Steps[httpx.Response]) -> Steps[httpx.Response]:
    """Run an exchange and log how it ended: `INFO` if it succeeded, else `WARNING`.

    One that its caller abandons, by cancelling or interrupting it, is logged too: it may have been
    sent.
    """
    started = time.perf_counter()
    route = exchange.route
    if route.on_call is not None:
        exchange.watch = Watch(route.on_call, exchange.call, route.transport)
    try:
        reply = yield from steps
    except (Exception, GeneratorExit) as error:
        _log(logging.WARNING, exchange, None, error, started)
        if exchange.watch is not None:
            exchange.watch.end(None, error)
        raise
    _log(logging.INFO, exchange, reply, None, started)
    if exchange.watch is not None:
        exchange.watch.end(reply, None)
    return reply


def _outcome(error: BaseException) -> str:
    if isinstance(error, GeneratorExit):
        return "abandoned"
    name = type(error).__name__
    if not isinstance(error, APIError):
        return name
    return f"{error.status_code} {quotable(error.code or name)}"


def _log(
    level: int,
    exchange: Exchange,
    reply: httpx.Response | None,
    error: BaseException | None,
    started: float,
) -> None:
    if not logger.isEnabledFor(level):
        return
    call, tries = exchange.call, exchange.tries
    seconds, known = time.perf_counter() - started, facts(reply, error, only_asks=call.only_asks)
    logger.log(
        level,
        "%s %s %s %s %.0f ms, %d %s",
        call.method,
        call.shown_path,
        _outcome(error) if error is not None else str(known["status"]),
        known["request_id"] or "-",
        seconds * 1e3,
        tries,
        "try" if tries == 1 else "tries",
        extra={
            "wechatpay": {
                "method": call.method,
                "template": call.shown_path,
                "transport": exchange.route.transport,
                "tries": tries,
                "seconds": seconds,
                **known,
            }
        },
    )
