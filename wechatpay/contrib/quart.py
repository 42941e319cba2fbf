"""Notifications in Quart.

    from wechatpay.contrib.quart import notified

    @app.post("/wechatpay/notify")
    @notified(wxpay, guard=MemoryGuard())
    async def paid(notification: Notification) -> None:
        await orders.paid(notification.resource["out_trade_no"])

The notification comes first, and the variables of the URL after it, by name. `notified_v2` does the
same for APIv2. Needs the extra `quart`.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from importlib import import_module
from typing import Any, TypeVar

from ..notification import Notification, Reply
from ._handling import (
    BODY,
    V2,
    V3,
    AnyGuard,
    Client,
    NotificationKind,
    Steps,
    TooLarge,
    check_length,
    client_of,
)

try:  # Quart may not be installed where types are checked, so what is imported is `Any`
    _quart: Any = import_module("quart")
    _utils: Any = import_module("quart.utils")
    _errors: Any = import_module("werkzeug.exceptions")
except ImportError as _error:
    raise ImportError(
        'wechatpay.contrib.quart needs Quart: pip install "wechatpay-openapi[quart]"'
    ) from _error

__all__ = ["notified", "notified_v2"]

_Message = TypeVar("_Message")
_Decorator = Callable[[Callable[..., Any]], Callable[..., Awaitable[Any]]]


def notified(wxpay: Client[Any], *, guard: AnyGuard | None = None, limit: int = BODY) -> _Decorator:
    """Make a view of a function that takes a `Notification`.

    The function may be `async` or not; one that is not runs in a thread. It returns nothing when
    all is well, or whatever Quart takes for a response.

    Args:
        wxpay: The client; or, for several merchants or for one that is made later, a function that
            finds it for a request. An `HTTPException` that it raises, as `abort` does, is the
            answer.
        guard: Remembers which notifications were handled, so that the function runs once for each.
            Leave it out where a repeat needs the function's own response.
        limit: Bytes of a body that are read at most.
    """

    async def read(request: Any) -> Notification:
        client = await client_of(wxpay, request)
        return await client.notification_async(request.headers, lambda: _body(request, limit))

    return lambda handler: _view(handler, V3, read, guard)


def notified_v2(
    wxpay: Client[Any], *, guard: AnyGuard | None = None, limit: int = BODY
) -> _Decorator:
    """Make a view of a function that takes the fields of an APIv2 notification.

    Args:
        wxpay: As for `notified`.
        guard: As for `notified`; `wechatpay.notification_v2.identity` tells notifications apart.
        limit: As for `notified`.
    """

    async def read(request: Any) -> dict[str, Any]:
        client = await client_of(wxpay, request)
        return client.notification_v2(await _body(request, limit))

    return lambda handler: _view(handler, V2, read, guard)


def _view(
    handler: Callable[..., Any],
    kind: NotificationKind[_Message],
    read: Callable[[Any], Awaitable[_Message]],
    guard: AnyGuard | None,
) -> Callable[..., Awaitable[Any]]:
    work: Any = handler if inspect.iscoroutinefunction(handler) else _utils.run_sync(handler)

    @wraps(handler)
    async def view(**values: Any) -> Any:
        request = _quart.request

        def handle(message: _Message) -> Any:
            return work(message, **values)

        steps = Steps(
            kind,
            request.method,
            read=lambda: read(request),
            handle=handle,
            respond=_respond,
            fail=_respond,
            own=(_errors.HTTPException,),
        )
        return await steps.serve(guard)

    return view


async def _body(request: Any, limit: int) -> bytes:
    """Read the body as far as it may go, and leave it for the handler to read again."""
    check_length(request.content_length, limit)
    body = b""
    async for chunk in request.body:
        body += chunk
        if len(body) > limit:
            raise TooLarge(limit)
    request.body.set_result(body)
    return body


async def _respond(reply: Any) -> Any:
    if not isinstance(reply, Reply):
        return await _quart.make_response(reply)
    return _quart.Response(reply.body, reply.status, dict(reply.headers))
