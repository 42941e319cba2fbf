"""Every framework with one endpoint, served over a real socket on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from importlib import import_module
from socketserver import ThreadingMixIn
from types import ModuleType
from typing import Any, Literal
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import fastapi
import flask
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from werkzeug.serving import make_server

from wechatpay import Notification
from wechatpay.contrib import django as for_django
from wechatpay.contrib import fastapi as for_fastapi
from wechatpay.contrib import flask as for_flask

# Django has no types.
_django: Any = import_module("django")
_conf: Any = import_module("django.conf")
_asgi: Any = import_module("django.core.handlers.asgi")
_http: Any = import_module("django.http")
_urls: Any = import_module("django.urls")
_wsgi: Any = import_module("django.core.handlers.wsgi")

_conf.settings.configure(
    SECRET_KEY="tests",
    ALLOWED_HOSTS=["127.0.0.1"],
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    LOGGING_CONFIG=None,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)
_django.setup()

ANY = ["GET", "POST", "PUT"]


@dataclass
class Work:
    """What a shop does with a notification; a test says what.

    Attributes:
        do: Does it; may return a status to answer with.
        seen: What it was given, and the merchant's number of the path.
    """

    do: Callable[[Notification], int | None]
    seen: list[tuple[Notification, str]]

    def __call__(self, notification: Notification, mchid: str) -> int | None:
        """Do it."""
        self.seen.append((notification, mchid))
        return self.do(notification)


def decorator(
    module: ModuleType, version: str
) -> Callable[..., Callable[[Callable[..., Any]], Callable[..., Any]]]:
    """Return the decorator of a framework for a version of notifications."""
    found: Callable[..., Callable[[Callable[..., Any]], Callable[..., Any]]]
    found = getattr(module, version)
    return found


def _said(status: int | None) -> Any:
    return None if status is None else PlainTextResponse("own", status)


def fastapi_app(work: Work, wxpay: Any, guard: Any, *, version: str = "notified") -> Any:
    """FastAPI with an `async` function."""
    app = fastapi.FastAPI()

    @decorator(for_fastapi, version)(wxpay, guard=guard)
    async def notified(notification: Notification, mchid: str) -> Any:
        return _said(await asyncio.to_thread(work, notification, mchid))

    app.add_api_route("/{mchid}", notified, methods=ANY)
    return asgi(app)


def fastapi_sync_app(work: Work, wxpay: Any, guard: Any, *, version: str = "notified") -> Any:
    """FastAPI with one that blocks."""
    app = fastapi.FastAPI()

    @decorator(for_fastapi, version)(wxpay, guard=guard)
    def notified(notification: Notification, mchid: str) -> Any:
        return _said(work(notification, mchid))

    app.add_api_route("/{mchid}", notified, methods=ANY)
    return asgi(app)


def starlette_app(work: Work, wxpay: Any, guard: Any, *, version: str = "notified") -> Any:
    """Starlette alone, with a function that asks for the request."""

    @decorator(for_fastapi, version)(wxpay, guard=guard)
    async def notified(notification: Notification, request: Request) -> Any:
        mchid: str = request.path_params["mchid"]
        return _said(await asyncio.to_thread(work, notification, mchid))

    return asgi(Starlette(routes=[Route("/{mchid}", notified, methods=ANY)]))


def flask_app(work: Work, wxpay: Any, guard: Any, *, version: str = "notified") -> Any:
    """Flask."""
    app = flask.Flask("shop")

    @decorator(for_flask, version)(wxpay, guard=guard)
    def notified(notification: Notification, mchid: str) -> Any:
        status = work(notification, mchid)
        return None if status is None else ("own", status)

    app.add_url_rule("/<mchid>", view_func=notified, methods=ANY)
    return werkzeug(app)


def flask_async_app(work: Work, wxpay: Any, guard: Any, *, version: str = "notified") -> Any:
    """Flask with an `async` function."""
    app = flask.Flask("shop")

    @decorator(for_flask, version)(wxpay, guard=guard)
    async def notified(notification: Notification, mchid: str) -> Any:
        status = await asyncio.to_thread(work, notification, mchid)
        return None if status is None else ("own", status)

    app.add_url_rule("/<mchid>", view_func=notified, methods=ANY)
    return werkzeug(app)


def django_app(work: Work, wxpay: Any, guard: Any, *, version: str = "notified") -> Any:
    """Django over WSGI."""

    @decorator(for_django, version)(wxpay, guard=guard)
    def notified(request: Any, notification: Notification, mchid: str) -> Any:
        assert request.method == "POST"
        status = work(notification, mchid)
        return None if status is None else _http.HttpResponse("own", status=status)

    _route(notified)
    return wsgi(_wsgi.WSGIHandler())


def django_async_app(work: Work, wxpay: Any, guard: Any, *, version: str = "notified") -> Any:
    """Django over ASGI, with an `async` view."""

    @decorator(for_django, version)(wxpay, guard=guard)
    async def notified(request: Any, notification: Notification, mchid: str) -> Any:
        assert request.method == "POST"
        status = await asyncio.to_thread(work, notification, mchid)
        return None if status is None else _http.HttpResponse("own", status=status)

    _route(notified)
    return asgi(_asgi.ASGIHandler())


def quart_app(work: Work, wxpay: Any, guard: Any, *, version: str = "notified") -> Any:
    """Quart with an `async` function."""
    quart: Any = pytest.importorskip("quart")
    app = quart.Quart("shop")

    @decorator(import_module("wechatpay.contrib.quart"), version)(wxpay, guard=guard)
    async def notified(notification: Any, mchid: str) -> Any:
        status = await asyncio.to_thread(work, notification, mchid)
        return None if status is None else ("own", status)

    app.add_url_rule("/<mchid>", view_func=notified, methods=ANY)
    return asgi(app)


def quart_sync_app(work: Work, wxpay: Any, guard: Any, *, version: str = "notified") -> Any:
    """Quart with one that blocks."""
    quart: Any = pytest.importorskip("quart")
    app = quart.Quart("shop")

    @decorator(import_module("wechatpay.contrib.quart"), version)(wxpay, guard=guard)
    def notified(notification: Any, mchid: str) -> Any:
        status = work(notification, mchid)
        return None if status is None else ("own", status)

    app.add_url_rule("/<mchid>", view_func=notified, methods=ANY)
    return asgi(app)


def quart_by_flask_app(work: Work, wxpay: Any, guard: Any, *, version: str = "notified") -> Any:
    """Quart with what is meant for Flask, which Quart's users know."""
    quart: Any = pytest.importorskip("quart")
    app = quart.Quart("shop")

    @decorator(for_flask, version)(wxpay, guard=guard)
    async def notified(notification: Any, mchid: str) -> Any:
        status = await asyncio.to_thread(work, notification, mchid)
        return None if status is None else ("own", status)

    app.add_url_rule("/<mchid>", view_func=notified, methods=ANY)
    return asgi(app)


def _route(view: Callable[..., Any]) -> None:
    urls = ModuleType("urls")
    urls.__dict__["urlpatterns"] = [_urls.path("<mchid>", view)]
    _conf.settings.ROOT_URLCONF = urls


@contextlib.contextmanager
def asgi(
    app: Callable[..., Awaitable[None]], lifespan: Literal["on", "off"] = "off"
) -> Generator[str]:
    """Serve with uvicorn."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan=lifespan, log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        while not server.started:
            time.sleep(0.01)
        server.should_exit = True
        thread.join()


class _Threads(ThreadingMixIn, WSGIServer):
    """wsgiref, with a thread for each request."""


class _Silent(WSGIRequestHandler):
    """A handler that logs nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def wsgi(app: Callable[..., Any]) -> Generator[str]:
    """Serve with wsgiref."""
    with _Threads(("127.0.0.1", 0), _Silent) as server:
        server.set_app(app)
        with _running(server):
            yield f"http://127.0.0.1:{server.server_port}"


@contextlib.contextmanager
def werkzeug(app: flask.Flask) -> Generator[str]:
    """Serve with Werkzeug."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with _running(server):
        yield f"http://127.0.0.1:{server.server_port}"
    server.server_close()


@contextlib.contextmanager
def _running(server: Any) -> Generator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


ASYNC = (
    fastapi_app,
    fastapi_sync_app,
    starlette_app,
    django_async_app,
    flask_async_app,
    quart_app,
    quart_sync_app,
    quart_by_flask_app,
)
SYNC = (flask_app, django_app)
