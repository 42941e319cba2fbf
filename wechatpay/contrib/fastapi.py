"""Notifications in FastAPI, and in Starlette alone.

    from wechatpay.contrib.fastapi import notified

    @app.post("/wechatpay/notify")
    @notified(wxpay, guard=MemoryGuard())
    async def paid(notification: Notification) -> None:
        await orders.paid(notification.resource["out_trade_no"])

The notification comes first. FastAPI fills in any further parameter, `Depends` and all; a failure
reaches such dependencies, so that they can roll back. Needs the extra `fastapi`, or just Starlette.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from ..notification import SUCCESS, Notification, Reply
from ._handling import AnyGuard, Client, client_of, serve

try:
    from starlette.concurrency import run_in_threadpool
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import Response
except ImportError as _error:
    raise ImportError(
        'wechatpay.contrib.fastapi needs Starlette: pip install "wechatpay-openapi[fastapi]"'
    ) from _error

__all__ = ["notified"]


def notified(
    wxpay: Client[Request], *, guard: AnyGuard | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Awaitable[Any]]]:
    """Make an endpoint of a function that takes a `Notification`.

    The function may be `async` or not; one that is not runs in a thread. It returns nothing when
    all is well, or a response of its own. When it returns, its work is done: what is left to a
    dependency to commit is lost if that fails.

    Args:
        wxpay: The client; or, for several merchants, a function that finds it for a request.
        guard: Remembers which notifications were handled, so that the function runs once for each.
            Leave it out where a repeat needs the function's own response.
    """

    def decorate(handler: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        signature, wants_request = _signature(handler)

        @wraps(handler)
        async def endpoint(request: Request, **values: Any) -> Any:
            async def read() -> Notification:
                body = await request.body()
                return await client_of(wxpay, request).notification_async(request.headers, body)

            def handle(notification: Notification) -> Any:
                more = {"request": request, **values} if wants_request else values
                if inspect.iscoroutinefunction(handler):
                    return handler(notification, **more)
                return run_in_threadpool(handler, notification, **more)

            return await serve(
                request.method,
                read=read,
                handle=handle,
                respond=_respond,
                fail=_raise if values else _respond,
                guard=guard,
            )

        # Frameworks are to see these parameters, and not to look at the function behind them.
        endpoint.__dict__["__signature__"] = signature
        del endpoint.__dict__["__wrapped__"]
        return endpoint

    return decorate


def _signature(handler: Callable[..., Any]) -> tuple[inspect.Signature, bool]:
    """The parameters that the framework fills in, and whether the handler wants the request."""
    _, *others = inspect.signature(handler).parameters.values()
    if others:  # the framework asks for their types, and could not look them up itself
        _, *others = inspect.signature(handler, eval_str=True).parameters.values()
    keyword, request = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    filled = [each.replace(kind=keyword) for each in others if each.name != "request"]
    first = inspect.Parameter("request", request, annotation=Request)
    return inspect.Signature([first, *filled]), len(filled) < len(others)


def _respond(result: Any) -> Any:
    reply = SUCCESS if result is None else result
    if not isinstance(reply, Reply):
        return reply
    return Response(reply.body, reply.status, dict(reply.headers))


def _raise(reply: Reply) -> Any:
    """Fail in the sight of dependencies; the framework makes a response of the status."""
    raise HTTPException(reply.status, reply.body.decode(), dict(reply.headers))
