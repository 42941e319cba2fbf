"""Notifications in Django.

    from wechatpay.contrib.django import notified

    @notified(wxpay, guard=RedisGuard(redis.Redis()))
    def paid(request, notification):
        Order.objects.filter(number=notification.resource["out_trade_no"]).update(paid=True)

    urlpatterns = [path("wechatpay/notify", paid)]

The notification comes after the request, and the arguments of the URL after both. WeChat Pay has no
CSRF token, so the views are exempt. `notified_v2` does the same for APIv2. Needs the extra
`django`.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine
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
    run,
)

try:  # Django has no types: what is taken from it is `Any`
    _db: Any = import_module("django.db")
    _errors: Any = import_module("django.core.exceptions")
    _http: Any = import_module("django.http")
except ImportError as _error:
    raise ImportError(
        'wechatpay.contrib.django needs Django: pip install "wechatpay-openapi[django]"'
    ) from _error

__all__ = ["notified", "notified_v2"]

_Message = TypeVar("_Message")
_OWN: tuple[type[Exception], ...] = (
    _http.Http404,
    _errors.PermissionDenied,
    _errors.SuspiciousOperation,
    _errors.BadRequest,
)


def notified(
    wxpay: Client[Any], *, guard: AnyGuard | None = None, limit: int = BODY
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a view of a function that takes a request and a `Notification`.

    The function returns nothing when all is well, or an `HttpResponse` of its own; if it is
    `async`, so is the view. With `ATOMIC_REQUESTS`, what it has written is rolled back when it
    fails, or asks by its response for the notification to come again.

    Args:
        wxpay: The client; or, for several merchants, a function that finds it for a request. An
            `Http404` that it raises is the answer.
        guard: Remembers which notifications were handled, so that the function runs once for each.
            Leave it out where a repeat needs the function's own response.
        limit: Bytes of a body that are read at most.
    """

    async def read(request: Any, awaits: bool) -> Notification:
        client = await client_of(wxpay, request)
        if awaits:
            return await client.notification_async(request.META, lambda: _body(request, limit))
        return client.notification(request.META, lambda: _body(request, limit))

    return lambda handler: _view(handler, V3, read, guard)


def notified_v2(
    wxpay: Client[Any], *, guard: AnyGuard | None = None, limit: int = BODY
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a view of a function that takes a request and the fields of an APIv2 notification.

    Args:
        wxpay: As for `notified`.
        guard: As for `notified`; `wechatpay.notification_v2.identity` tells notifications apart.
        limit: As for `notified`.
    """

    async def read(request: Any, _: bool) -> dict[str, Any]:
        client = await client_of(wxpay, request)
        return client.notification_v2(_body(request, limit))

    return lambda handler: _view(handler, V2, read, guard)


def _view(
    handler: Callable[..., Any],
    kind: NotificationKind[_Message],
    read: Callable[[Any, bool], Awaitable[_Message]],
    guard: AnyGuard | None,
) -> Callable[..., Any]:
    awaits = inspect.iscoroutinefunction(handler)

    def serve(request: Any, *args: Any, **values: Any) -> Coroutine[Any, Any, Any]:
        def handle(message: _Message) -> Any:
            return handler(request, message, *args, **values)

        steps = Steps(
            kind,
            request.method,
            read=lambda: read(request, awaits),
            handle=handle,
            respond=_respond,
            fail=_respond,
            own=_OWN,
            undo=_roll_back,
        )
        return steps.serve(guard)

    def view(*args: Any, **values: Any) -> Any:
        return run(serve(*args, **values))

    async def async_view(*args: Any, **values: Any) -> Any:
        return await serve(*args, **values)

    made = wraps(handler)(async_view if awaits else view)
    made.__dict__["csrf_exempt"] = True
    return made


def _body(request: Any, limit: int) -> bytes:
    """Read the body as far as it may go, and leave it for the handler to read again."""
    length = request.META.get("CONTENT_LENGTH")
    check_length(length, limit)
    if not length and "_body" not in vars(request):
        # It came in chunks, and nobody but the server knows how many.
        request._body = request.read(limit + 1)
    body: bytes = request.body
    if len(body) > limit:
        raise TooLarge(limit)
    return body


def _respond(reply: Any) -> Any:
    if not isinstance(reply, Reply):
        return reply
    return _http.HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))


def _roll_back() -> None:
    """Roll an ATOMIC_REQUESTS transaction back: Django sees no exception."""
    for connection in _db.connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            connection.set_rollback(True)
