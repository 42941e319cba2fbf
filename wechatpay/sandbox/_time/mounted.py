"""Shops in this process, as transports: whatever they answer, and however long they take.

A function answers as people write it for their framework: with a status, with bytes or text, with
an object for JSON, with what `wechatpay.notification` calls a reply, with a response of Flask,
Django, Starlette, aiohttp or httpx, or with a tuple, as in Flask. What it raises is printed, and is
an answer with status 500, as in a server.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, cast

import httpx

Function = Callable[[Mapping[str, str], bytes], Any]
"""A shop as a function: given headers and body, it returns its answer, or something awaitable."""

_LOG = logging.getLogger("wechatpay.sandbox")
_ERROR, _OK, _NOTHING = 500, 200, 204
_HTTP = range(100, 600)
_STATUSES = ("status_code", "status")
_BODIES = ("body", "content", "data")
_WAYS = "a status, None for 204, bytes, text, a dict, a response, or (body, status)"


class _Said(NamedTuple):
    """An answer.

    Attributes:
        status: The HTTP status.
        body: The body's bytes.
    """

    status: int
    body: bytes = b""


def shop(function: Function | None, wsgi: Any, asgi: Any) -> httpx.BaseTransport:
    """Make a shop of a function, of a WSGI application or of an ASGI application.

    Raises:
        TypeError: Not one of the three was given.
    """
    if [function, wsgi, asgi].count(None) != 2:
        raise TypeError("mount takes a function, or wsgi=, or asgi=")
    if asgi is not None:
        return _Guarded(_Asgi(asgi))
    if function is None:
        return _Guarded(httpx.WSGITransport(wsgi))
    called = function

    def answer(request: httpx.Request) -> httpx.Response:
        said = called(request.headers, request.content)
        if inspect.isawaitable(said):
            said = asyncio.run(_awaited(said))
        status, body = _read(said)
        return httpx.Response(status, stream=httpx.ByteStream(body))

    return _Guarded(httpx.MockTransport(answer))


def within(seconds: float, call: Callable[[], httpx.Response]) -> httpx.Response:
    """Return what a call returns, or stop waiting for it.

    A function cannot be interrupted, so it has a thread of its own: one that never returns lives on
    until the program ends, and holds up nothing.

    Raises:
        httpx.ReadTimeout: It takes longer.
    """
    answers: list[httpx.Response] = []
    thread = threading.Thread(
        target=lambda: answers.append(call()), name="mounted shop", daemon=True
    )
    thread.start()
    thread.join(seconds)
    if not answers:
        raise httpx.ReadTimeout("the shop did not answer in time")
    return answers[0]


class _Asgi(httpx.BaseTransport):
    """An ASGI application, which has an event loop of its own for each request."""

    def __init__(self, application: Any) -> None:
        self._transport = httpx.ASGITransport(application)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        return asyncio.run(self._ask(request))

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        client = httpx.AsyncClient(transport=self._transport, trust_env=False)
        async with client:
            sent = client.build_request(
                "POST", request.url, headers=request.headers, content=request.content
            )
            response = await client.send(sent)
        return httpx.Response(response.status_code, stream=httpx.ByteStream(response.content))


class _Guarded(httpx.BaseTransport):
    """A shop whose exceptions are its own: they are printed, and a server would answer 500."""

    def __init__(self, shop: httpx.BaseTransport) -> None:
        self._shop = shop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        try:
            return self._shop.handle_request(request)
        except Exception as error:  # noqa: BLE001
            name = type(error).__name__
            where = request.url.copy_with(query=None)
            _LOG.error("the shop mounted at %s raised %s: that is a 500", where, name)
            traceback.print_exception(error, file=sys.stderr)
            return httpx.Response(_ERROR, stream=httpx.ByteStream(name.encode()))


async def _awaited(said: Awaitable[Any]) -> Any:
    return await said


def _read(said: Any) -> _Said:
    """Return status and body of what a function answered, in any of the ways.

    Raises:
        TypeError: It is not one.
    """
    if said is None:
        return _Said(_NOTHING)
    if isinstance(said, int) and not isinstance(said, bool):
        return _Said(_status(said))
    if isinstance(said, (bytes, bytearray, str)):
        return _Said(_OK, _bytes(said))
    status = next((value for name in _STATUSES if (value := getattr(said, name, None))), None)
    if status is not None:
        return _Said(_status(status), _body_of(said))
    if isinstance(said, (dict, list)):
        return _Said(_OK, json.dumps(said, ensure_ascii=False).encode())
    if isinstance(said, tuple) and said:
        parts: tuple[Any, ...] = cast("Any", said)
        statuses = [each for each in parts if isinstance(each, int)]
        others = [each for each in parts if not isinstance(each, int)]
        body = _read(others[0]).body if others else b""
        return _Said(_status(statuses[0]) if statuses else _OK, body)
    kind = type(cast("object", said)).__name__
    raise TypeError(f"a shop answers with {_WAYS}, not with {kind}")


def _status(status: Any) -> int:
    """Return an HTTP status; some frameworks have it as text, such as `204 NO CONTENT`."""
    number = int(status.split()[0]) if isinstance(status, str) else int(status)
    if number not in _HTTP:
        raise ValueError(f"{number} is not an HTTP status")
    return number


def _body_of(response: Any) -> bytes:
    """Return the body of a response of any framework."""
    if callable(read := getattr(response, "get_data", None)):  # Flask
        return _bytes(read())
    found = (getattr(response, name, None) for name in _BODIES)
    return next((_bytes(each) for each in found if isinstance(each, (bytes, bytearray, str))), b"")


def _bytes(text: Any) -> bytes:
    return text.encode() if isinstance(text, str) else bytes(text)
