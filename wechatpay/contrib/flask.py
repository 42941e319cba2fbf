"""Notifications in Flask.

    from wechatpay.contrib.flask import notified

    @app.post("/wechatpay/notify")
    @notified(wxpay, guard=MemoryGuard())
    def paid(notification: Notification) -> None:
        orders.paid(notification.resource["out_trade_no"])

The notification comes first, and the variables of the URL after it, by name. Where Flask-WTF
protects the application, exempt the view: WeChat Pay has no CSRF token. `notified_v2` does the same
for APIv2. Needs the extra `flask`; for Quart, see `wechatpay.contrib.quart`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from importlib.util import find_spec
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
    run,
)

try:
    from flask import Request, Response, has_request_context, make_response, request
    from werkzeug.exceptions import HTTPException
except ImportError as _error:
    raise ImportError(
        'wechatpay.contrib.flask needs Flask: pip install "wechatpay-openapi[flask]"'
    ) from _error

__all__ = ["notified", "notified_v2"]

_Message = TypeVar("_Message")


def notified(
    wxpay: Client[Request], *, guard: AnyGuard | None = None, limit: int = BODY
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a view of a function that takes a `Notification`.

    The function returns nothing when all is well, or whatever Flask takes for a response. If it is
    `async`, so is the view, which takes the extra `flask[async]`.

    Args:
        wxpay: The client; or, for several merchants or for one that is made later, a function that
            finds it for a request. An `HTTPException` that it raises, as `abort` does, is the
            answer.
        guard: Remembers which notifications were handled, so that the function runs once for each.
            Leave it out where a repeat needs the function's own response.
        limit: Bytes of a body that are read at most.

    Raises:
        ImportError: The function is `async`, and Flask cannot run such a view here.
    """

    async def read(awaits: bool) -> Notification:
        client = await client_of(wxpay, request)
        if awaits:
            return await client.notification_async(request.headers, lambda: _body(limit))
        return client.notification(request.headers, lambda: _body(limit))

    def in_quart(handler: Callable[..., Any]) -> Callable[..., Any]:
        from . import quart

        return quart.notified(wxpay, guard=guard, limit=limit)(handler)

    return lambda handler: _view(handler, V3, read, guard, in_quart)


def notified_v2(
    wxpay: Client[Request], *, guard: AnyGuard | None = None, limit: int = BODY
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a view of a function that takes the fields of an APIv2 notification.

    Args:
        wxpay: As for `notified`.
        guard: As for `notified`; `wechatpay.notification_v2.identity` tells notifications apart.
        limit: As for `notified`.

    Raises:
        ImportError: As `notified`.
    """

    async def read(_: bool) -> dict[str, Any]:
        client = await client_of(wxpay, request)
        return client.notification_v2(_body(limit))

    def in_quart(handler: Callable[..., Any]) -> Callable[..., Any]:
        from . import quart

        return quart.notified_v2(wxpay, guard=guard, limit=limit)(handler)

    return lambda handler: _view(handler, V2, read, guard, in_quart)


def _view(
    handler: Callable[..., Any],
    kind: NotificationKind[_Message],
    read: Callable[[bool], Awaitable[_Message]],
    guard: AnyGuard | None,
    in_quart: Callable[[Callable[..., Any]], Callable[..., Any]],
) -> Callable[..., Any]:
    awaits = inspect.iscoroutinefunction(handler)
    if awaits and find_spec("asgiref") is None and "quart" not in sys.modules:
        raise ImportError('Flask runs an async view with asgiref: pip install "flask[async]"')

    def serve(values: dict[str, Any]) -> Coroutine[Any, Any, Response]:
        def handle(message: _Message) -> Any:
            return handler(message, **values)

        steps = Steps(
            kind,
            request.method,
            read=lambda: read(awaits),
            handle=handle,
            respond=_respond,
            fail=_respond,
            own=(HTTPException,),
        )
        return steps.serve(guard)

    @wraps(handler)
    def view(**values: Any) -> Any:
        if not has_request_context():
            raise RuntimeError(
                "this view is not called by Flask; for Quart, decorate it with "
                "wechatpay.contrib.quart"
            )
        return run(serve(values))

    @wraps(handler)
    async def async_view(**values: Any) -> Any:
        # Quart takes what Flask takes, and has a request of its own.
        return await (serve(values) if has_request_context() else in_quart(handler)(**values))

    return async_view if awaits else view


def _body(limit: int) -> bytes:
    """Read the body as far as it may go."""
    check_length(request.content_length, limit)
    if request.content_length is not None:
        return request.get_data()
    body = b""
    while len(body) <= limit and (chunk := request.stream.read(limit + 1 - len(body))):
        body += chunk
    if len(body) > limit:
        raise TooLarge(limit)
    return body


def _respond(reply: Any) -> Response:
    if not isinstance(reply, Reply):
        return make_response(reply)
    return Response(reply.body, reply.status, dict(reply.headers))
