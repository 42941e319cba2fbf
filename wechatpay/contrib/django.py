"""Notifications in Django.

    from wechatpay.contrib.django import notified

    @notified(wxpay, guard=RedisGuard(redis.Redis()))
    def paid(request, notification):
        Order.objects.filter(number=notification.resource["out_trade_no"]).update(paid=True)

    urlpatterns = [path("wechatpay/notify", paid)]

The notification comes after the request, and the arguments of the URL after both. WeChat Pay has no
CSRF token, so that none is asked for. Needs the extra `django`.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from importlib import import_module
from typing import Any

from ..notification import SUCCESS, Notification, Reply
from ._handling import AnyGuard, Client, client_of, run, serve

try:  # Django has no types: what is taken from it is `Any`
    _db: Any = import_module("django.db")
    _http: Any = import_module("django.http")
except ImportError as _error:
    raise ImportError(
        'wechatpay.contrib.django needs Django: pip install "wechatpay-openapi[django]"'
    ) from _error

__all__ = ["notified"]


def notified(
    wxpay: Client[Any], *, guard: AnyGuard | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a view of a function that takes a request and a `Notification`.

    The function returns nothing when all is well, or an `HttpResponse` of its own; if it is
    `async`, so is the view. With `ATOMIC_REQUESTS`, what it has written is rolled back when it
    fails.

    Args:
        wxpay: The client; or, for several merchants, a function that finds it for a request.
        guard: Remembers which notifications were handled, so that the function runs once for each.
            Leave it out where a repeat needs the function's own response.
    """

    def decorate(handler: Callable[..., Any]) -> Callable[..., Any]:
        awaits = inspect.iscoroutinefunction(handler)

        def steps(request: Any, *args: Any, **values: Any) -> Coroutine[Any, Any, Any]:
            def read() -> Notification | Awaitable[Notification]:
                client = client_of(wxpay, request)
                ask = client.notification_async if awaits else client.notification
                return ask(request.META, request.body)

            return serve(
                request.method,
                read=read,
                handle=lambda notification: handler(request, notification, *args, **values),
                respond=_respond,
                fail=_fail,
                guard=guard,
            )

        def view(*args: Any, **values: Any) -> Any:
            return run(steps(*args, **values))

        async def async_view(*args: Any, **values: Any) -> Any:
            return await steps(*args, **values)

        made = wraps(handler)(async_view if awaits else view)
        made.__dict__["csrf_exempt"] = True
        return made

    return decorate


def _respond(result: Any) -> Any:
    reply = SUCCESS if result is None else result
    if not isinstance(reply, Reply):
        return reply
    return _http.HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))


def _fail(reply: Reply) -> Any:
    """Answer, and have an ATOMIC_REQUESTS transaction rolled back: Django sees no exception."""
    for connection in _db.connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            connection.set_rollback(True)
    return _respond(reply)
