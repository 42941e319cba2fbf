"""Notifications in Flask.

    from wechatpay.contrib.flask import notified

    @app.post("/wechatpay/notify")
    @notified(wxpay, guard=MemoryGuard())
    def paid(notification: Notification) -> None:
        orders.paid(notification.resource["out_trade_no"])

The notification comes first, and the variables of the URL after it, by name. Where Flask-WTF
protects the application, exempt the view: WeChat Pay has no CSRF token. Needs the extra `flask`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ..notification import SUCCESS, Notification, Reply
from ..replay import Guard
from ._handling import Client, client_of, run, serve

try:
    from flask import Request, Response, current_app, make_response, request
except ImportError as _error:
    raise ImportError(
        'wechatpay.contrib.flask needs Flask: pip install "wechatpay-openapi[flask]"'
    ) from _error

__all__ = ["notified"]


def notified(
    wxpay: Client[Request], *, guard: Guard | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a view of a function that takes a `Notification`.

    The function returns nothing when all is well, or whatever Flask takes for a response. An
    `async` one runs as Flask runs such views.

    Args:
        wxpay: The client; or, for several merchants, a function that finds it for a request.
        guard: Remembers which notifications were handled, so that the function runs once for each.
            Leave it out where a repeat needs the function's own response.
    """

    def decorate(handler: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(handler)
        def view(**values: Any) -> Response:
            def read() -> Notification:
                return client_of(wxpay, request).notification(request.headers, request.get_data())

            def handle(notification: Notification) -> Any:
                return current_app.ensure_sync(handler)(notification, **values)

            steps = serve(
                request.method,
                read=read,
                handle=handle,
                respond=_respond,
                fail=_respond,
                guard=guard,
            )
            return run(steps)

        return view

    return decorate


def _respond(result: Any) -> Response:
    reply = SUCCESS if result is None else result
    if not isinstance(reply, Reply):
        return make_response(reply)
    return Response(reply.body, reply.status, dict(reply.headers))
