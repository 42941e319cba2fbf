"""Notifications in FastAPI, and in Starlette alone.

    from wechatpay.contrib.fastapi import notified

    @app.post("/wechatpay/notify")
    @notified(wxpay, guard=MemoryGuard())
    async def paid(notification: Notification) -> None:
        await orders.paid(notification.resource["out_trade_no"])

The notification comes first. FastAPI fills in any further parameter, `Depends` and all; a failure
reaches such dependencies, so that they can roll back. Where the client is made in the application's
lifespan, a function finds it when a request comes:

    @notified(lambda request: request.app.state.wxpay)

`notified_v2` does the same for APIv2. Needs the extra `fastapi`, or just Starlette.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar

from ..notification import SUCCESS, Notification, Reply
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

try:
    from starlette.concurrency import run_in_threadpool
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import Response
except ImportError as _error:
    raise ImportError(
        'wechatpay.contrib.fastapi needs Starlette: pip install "wechatpay-openapi[fastapi]"'
    ) from _error

__all__ = ["notified", "notified_v2"]

_Message = TypeVar("_Message")
_Decorator = Callable[[Callable[..., Any]], Callable[..., Awaitable[Any]]]


def notified(
    wxpay: Client[Request], *, guard: AnyGuard | None = None, limit: int = BODY
) -> _Decorator:
    """Make an endpoint of a function that takes a `Notification`.

    The function may be `async` or not; one that is not runs in a thread. It returns nothing when
    all is well, or a response of its own. When it returns, its work is done: what is left to a
    dependency to commit is lost if that fails.

    Args:
        wxpay: The client; or, for several merchants or for one that is made later, a function that
            finds it for a request. An `HTTPException` that it raises is the answer.
        guard: Remembers which notifications were handled, so that the function runs once for each.
            Leave it out where a repeat needs the function's own response.
        limit: Bytes of a body that are read at most.
    """

    async def read(request: Request) -> Notification:
        client = await client_of(wxpay, request)
        return await client.notification_async(request.headers, lambda: _body(request, limit))

    return lambda handler: _endpoint(handler, V3, read, guard)


def notified_v2(
    wxpay: Client[Request], *, guard: AnyGuard | None = None, limit: int = BODY
) -> _Decorator:
    """Make an endpoint of a function that takes the fields of an APIv2 notification.

    Args:
        wxpay: As for `notified`.
        guard: As for `notified`; `wechatpay.notification_v2.identity` tells notifications apart.
        limit: As for `notified`.
    """

    async def read(request: Request) -> dict[str, Any]:
        client = await client_of(wxpay, request)
        return client.notification_v2(await _body(request, limit))

    return lambda handler: _endpoint(handler, V2, read, guard)


def _endpoint(
    handler: Callable[..., Any],
    kind: NotificationKind[_Message],
    read: Callable[[Request], Awaitable[_Message]],
    guard: AnyGuard | None,
) -> Callable[..., Awaitable[Any]]:
    signature, wants_request = _signature(handler)

    @wraps(handler)
    async def endpoint(request: Request, **values: Any) -> Any:
        def handle(message: _Message) -> Any:
            more = {"request": request, **values} if wants_request else values
            if inspect.iscoroutinefunction(handler):
                return handler(message, **more)
            return run_in_threadpool(handler, message, **more)

        steps = Steps(
            kind,
            request.method,
            read=lambda: read(request),
            handle=handle,
            respond=_respond,
            fail=_raise if values else _respond,
            own=(HTTPException,),
        )
        return await steps.serve(guard)

    # Frameworks have to see these parameters, and not those of the function that is wrapped.
    endpoint.__dict__["__signature__"] = signature
    del endpoint.__dict__["__wrapped__"]
    return endpoint


async def _body(request: Request, limit: int) -> bytes:
    """Read the body as far as it may go, and leave it for the handler to read again."""
    check_length(request.headers.get("content-length"), limit)
    chunks, length = list[bytes](), 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > limit:
            raise TooLarge(limit)
        chunks.append(chunk)
    body = b"".join(chunks)
    vars(request)["_body"] = body
    return body


def _signature(handler: Callable[..., Any]) -> tuple[inspect.Signature, bool]:
    """The parameters that the framework fills in, and whether the handler wants the request."""
    _, *others = inspect.signature(handler).parameters.values()
    # The framework asks for their types, and could not look them up itself.
    others = [each.replace(annotation=_type(handler, each.annotation)) for each in others]
    keyword, request = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    filled = [each.replace(kind=keyword) for each in others if each.name != "request"]
    first = inspect.Parameter("request", request, annotation=Request)
    return inspect.Signature([first, *filled]), len(filled) < len(others)


def _type(handler: Callable[..., Any], annotation: Any) -> Any:
    """Look up a type that is written as text, as all are with `annotations` from `__future__`."""
    if not isinstance(annotation, str):
        return annotation
    names: dict[str, Any] = getattr(inspect.unwrap(handler), "__globals__", {})
    return eval(annotation, names)  # noqa: S307 - the program's own text, as `inspect` does


def _respond(result: Any) -> Any:
    reply = SUCCESS if result is None else result
    if not isinstance(reply, Reply):
        return reply
    return Response(reply.body, reply.status, dict(reply.headers))


def _raise(reply: Reply) -> Any:
    """Fail in the sight of dependencies; the framework makes a response of the status."""
    raise HTTPException(reply.status, reply.body.decode(), dict(reply.headers))
