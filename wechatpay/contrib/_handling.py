"""What becomes of a notification, in any framework: read, handled once, answered, logged.

The one coroutine here serves blocking frameworks too: where nothing has to be waited for, it runs
through in one go.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar, Union, cast

from .. import WeChatPay
from ..errors import SignatureProbe, VerificationError, WeChatPayError
from ..notification import SUCCESS, Notification, Reply, reply_to
from ..replay import AsyncGuard, BeingHandled, Guard, once_async

__all__ = ["AnyGuard", "Client", "client_of", "run", "serve"]

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")

AnyGuard = Union[Guard, AsyncGuard]
"""What remembers which notifications were handled."""
Client = Union[WeChatPay, Callable[[_Request], WeChatPay]]
"""The client, or a function that finds the one that a request is for."""

LIMIT = 5.0
"""Seconds after which WeChat Pay hangs up, and sends the notification again."""
_ACKNOWLEDGED = (200, 204)
_NOT_POST = Reply(405, {"Allow": "POST"}, b"")

_logger = logging.getLogger("wechatpay.contrib")


class _DeclinedError(Exception):
    """A handler's own response has WeChat Pay send the notification again."""


def client_of(wxpay: Client[_Request], request: _Request) -> WeChatPay:
    """Return the client that a request is for."""
    return wxpay if isinstance(wxpay, WeChatPay) else wxpay(request)


async def serve(
    method: str | None,
    *,
    read: Callable[[], Notification | Awaitable[Notification]],
    handle: Callable[[Notification], Any],
    respond: Callable[[Any], _Response],
    fail: Callable[[Reply], _Response],
    guard: AnyGuard | None,
) -> _Response:
    """Answer one request of WeChat Pay's.

    Args:
        method: The request's verb.
        read: Verifies and decrypts the request.
        handle: The shop's work; its result may have to be awaited.
        respond: Makes the framework's response of a `Reply`, of `None` for success, or of whatever
            else a handler may return there.
        fail: Answers with a `Reply` after the work was begun and something was raised.
        guard: Remembers which notifications were handled.
    """
    if method != "POST":
        return respond(_NOT_POST)
    started = time.monotonic()
    about, answer = "a notification", respond
    try:
        notification: Notification = await _settled(read())
        about, answer = f"notification {notification.id} ({notification.event_type})", fail
        return await _once(notification, handle, respond, guard)
    except Exception as error:  # noqa: BLE001 - whatever it is, WeChat Pay has to be told
        _log(about, error)
        return answer(reply_to(error))
    finally:
        if (seconds := time.monotonic() - started) > LIMIT:
            _logger.warning("%s took %.1f s; WeChat Pay waits %.0f s", about, seconds, LIMIT)


def run(steps: Coroutine[Any, Any, _Response]) -> _Response:
    """Run `serve` where nothing can be awaited.

    Raises:
        TypeError: Something has to be: the guard.
    """
    try:
        steps.send(None)
    except StopIteration as end:
        return cast("_Response", end.value)
    steps.close()
    raise TypeError("a view that cannot await needs a guard that is not awaited")


async def _once(
    notification: Notification,
    handle: Callable[[Notification], Any],
    respond: Callable[[Any], _Response],
    guard: AnyGuard | None,
) -> _Response:
    if guard is None:
        return respond(await _settled(handle(notification)))
    try:
        async with once_async(guard, notification.id) as first:
            response = respond(await _settled(handle(notification)) if first else SUCCESS)
            _check(response)  # before the guard takes it for handled
    except _DeclinedError as declined:
        (response,) = declined.args
    return response


def _check(response: Any) -> None:
    if getattr(response, "status_code", 200) not in _ACKNOWLEDGED:
        raise _DeclinedError(response)


async def _settled(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


def _log(about: str, error: Exception) -> None:
    """Say what went wrong; of an error that is not ours only where, for its text may be secret."""
    if isinstance(error, (SignatureProbe, BeingHandled)):
        _logger.info("%s refused: %s", about, error)
    elif isinstance(error, VerificationError):
        _logger.warning("%s refused: %s", about, error)
    elif isinstance(error, WeChatPayError):
        _logger.error("%s not processed: %s: %s", about, type(error).__name__, error)
    else:
        where = "".join(traceback.format_tb(error.__traceback__))
        _logger.error("%s not processed: %s\n%s", about, type(error).__name__, where)
