"""What fails is seen, answered as it has to be, and rolled back, in each framework."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import fastapi
import flask
import httpx
import pytest
from starlette.exceptions import HTTPException

from wechatpay import Notification, VerificationError, WeChatPay, xml
from wechatpay.contrib import _handling
from wechatpay.contrib import django as for_django
from wechatpay.contrib import fastapi as for_fastapi
from wechatpay.contrib import flask as for_flask
from wechatpay.notification import Reply
from wechatpay.notification import failure as failure_v3
from wechatpay.notification_v2 import failure
from wechatpay.replay import MemoryGuard
from wechatpay.sandbox import Sandbox

from .conftest import PAYMENT, Opener, forged
from .servers import (
    ASYNC,
    SYNC,
    asgi,
    decorator,
    django_app,
    django_async_app,
    fastapi_app,
    flask_app,
)

_db: Any = import_module("django.db")
_http: Any = import_module("django.http")
_core: Any = import_module("django.core.exceptions")

_SECRET = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
every = pytest.mark.parametrize("app", [*ASYNC, *SYNC], ids=lambda app: str(app.__name__)[:-4])


def _fine(_: Any) -> int | None:
    return None


def _failing(_: Any) -> int | None:
    raise KeyError(_SECRET)


def _not_found(app: Any) -> Exception:
    """Return what the framework of an app raises for a 404."""
    name = app.__name__
    if "django" in name:
        error: Exception = _http.Http404()
        return error
    if "flask" in name or "quart" in name:
        missing: Exception = import_module("werkzeug.exceptions").NotFound()
        return missing
    return HTTPException(404)


# The framework's own errors


@every
def test_finder_answers_with_a_404(open_shop: Opener, app: Any) -> None:
    """A merchant that is not served here is a 404, as the function that finds clients says."""

    def find(_: Any) -> WeChatPay:
        raise _not_found(app)

    shop = open_shop(app, client=find)
    assert shop.post().status_code == 404
    assert shop.work.seen == []


@every
def test_handler_answers_with_a_404(
    open_shop: Opener, app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Such an error of the function's is its answer; it is seen, and the repeat is handled."""

    def refuse(_: Any) -> int | None:
        raise _not_found(app)

    shop = open_shop(app, refuse, guard=MemoryGuard())
    assert [shop.post().status_code for _ in range(2)] == [404, 404]
    assert len(shop.work.seen) == 2
    assert "in refuse" in caplog.text


@pytest.mark.parametrize("app", [fastapi_app, flask_app])
def test_error_that_sounds_like_success(open_shop: Opener, app: Any) -> None:
    """What was raised is not a success, whatever its status: WeChat Pay is to send it again."""

    def odd(_: Any) -> int | None:
        if app is fastapi_app:
            raise HTTPException(204)
        flask.abort(flask.Response(status=200))

    shop = open_shop(app, odd, guard=MemoryGuard())
    assert [shop.post().status_code for _ in range(2)] == [500, 500]


@every
def test_finder_that_finds_nothing(
    open_shop: Opener, app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """What a function finds that is not a client is named in the log."""
    shop = open_shop(app, client=_fine)
    assert shop.post().status_code == 500
    assert "TypeError" in caplog.text


@pytest.mark.parametrize("app", [*ASYNC, *SYNC])
def test_finder_that_is_awaited(open_shop: Opener, wxpay: WeChatPay, app: Any) -> None:
    """Where views are awaited, what finds the client may be too."""

    async def find(_: Any) -> WeChatPay:
        return wxpay

    status = open_shop(app, client=find).post().status_code
    assert status == (204 if app in (*ASYNC, *SYNC) else 500)


@every
def test_answer_that_cannot_be_trusted(open_shop: Opener, app: Any) -> None:
    """A query's answer that the function cannot trust makes its notification no forgery."""

    def ask(_: Any) -> int | None:
        raise VerificationError("an answer", response=httpx.Response(200))

    assert open_shop(app, ask).post().status_code == 503


@every
def test_not_understood(open_shop: Opener, sandbox: Sandbox, app: Any) -> None:
    """What is signed and not understood is answered otherwise than what is forged."""
    shop = open_shop(app)
    keys, body = sandbox.world.keys, b'{"id": "EV-1"}'
    from wechatpay.sandbox._front.seal import Sealer

    stamp, _ = Sealer(keys, sandbox.world.clock).stamp(body, sandbox.world.clock(), keys.signer)
    strange = shop.post(headers=stamp, content=body)
    assert (strange.status_code, strange.json()["message"]) == (500, "signed, but not understood")
    assert shop.post(content=body).json()["message"] == "signature not verified"
    assert shop.work.seen == []


# In FastAPI's lifespan


async def session() -> AsyncIterator[str]:
    """Give what a function needs."""
    yield "session"


def test_type_that_is_there_for_checkers_alone() -> None:
    """The notification's own type need not be known when the program runs, others' must be."""

    async def paid(notification: Notification, mchid: int) -> None:
        """Fulfil it."""

    notified = for_fastapi.notified(lambda _: pytest.fail("asked"))
    paid.__annotations__["notification"] = "Unknown"
    endpoint: Any = notified(paid)
    assert endpoint.__signature__.parameters["mchid"].annotation is int
    paid.__annotations__["mchid"] = str
    endpoint = notified(paid)
    assert endpoint.__signature__.parameters["mchid"].annotation is str
    paid.__annotations__["mchid"] = "Unknown"
    with pytest.raises(NameError, match="Unknown"):
        notified(paid)


@pytest.mark.parametrize("way", ["app.state", "state", "later"])
def test_client_of_the_lifespan(open_shop: Opener, wxpay: WeChatPay, way: str) -> None:
    """A client that is made when the application starts is found when a request comes."""
    made: dict[str, WeChatPay] = {}
    find: dict[str, Callable[[Any], Any]] = {
        "app.state": lambda request: request.app.state.wxpay,
        "state": lambda request: request.state.wxpay,
        "later": lambda _: made["wxpay"],
    }

    @contextlib.asynccontextmanager
    async def lifespan(app: fastapi.FastAPI) -> AsyncGenerator[dict[str, Any]]:
        app.state.wxpay = made["wxpay"] = wxpay
        yield {"wxpay": wxpay}

    def app(work: Any, _: WeChatPay, guard: Any) -> Any:
        shop = fastapi.FastAPI(lifespan=lifespan)

        @shop.post("/{mchid}")
        @for_fastapi.notified(find[way], guard=guard)
        async def paid(
            notification: Notification,
            mchid: str,
            given: Annotated[str, fastapi.Depends(session)],
        ) -> None:
            work(notification, given)

        return asgi(shop, "on")

    shop = open_shop(app, guard=MemoryGuard())
    assert shop.post().status_code == 204
    assert [given for _, given in shop.work.seen] == ["session"]


# APIv2


@every
def test_v2(open_shop: Opener, app: Any) -> None:
    """An APIv2 notification is verified, given to the function as fields, and acknowledged."""
    shop = open_shop(app, guard=MemoryGuard(), version="notified_v2")
    for _ in range(2):
        answer = shop.post_v2()
        assert answer.status_code == 200
        assert xml.loads(answer.content)["return_code"] == "SUCCESS"
    [(fields, _)] = shop.work.seen
    untyped: Any = fields
    assert {name: untyped[name] for name in PAYMENT} == PAYMENT
    forged = shop.post_v2(out_trade_no="1409811654")
    assert (forged.status_code, xml.loads(forged.content)["return_code"]) == (401, "FAIL")
    other = shop.post()
    assert other.status_code == 401
    assert len(shop.work.seen) == 1


@every
def test_v2_failure(open_shop: Opener, app: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A function that fails is seen, and its notification comes again."""
    shop = open_shop(app, _failing, guard=MemoryGuard(), version="notified_v2")
    answer = shop.post_v2()
    assert answer.status_code == 500
    assert "FAIL" in answer.text
    assert "notification 4200001-SUCCESS not processed: KeyError" in caplog.text
    assert "in _failing" in caplog.text
    assert _SECRET not in answer.text + caplog.text
    shop.work.do = _fine
    assert [shop.post_v2().status_code for _ in range(2)] == [200, 200]
    assert len(shop.work.seen) == 2


def declining(work: Any, wxpay: WeChatPay, guard: Any, *, reply: Reply, version: str) -> Any:
    """FastAPI with a function that returns a reply of the library's."""
    app = fastapi.FastAPI()

    @app.post("/{mchid}")
    @decorator(for_fastapi, version)(wxpay, guard=guard)
    async def notified(notification: Any) -> Reply:
        work(notification, "")
        return reply

    return asgi(app)


def test_failure_that_is_returned(open_shop: Opener) -> None:
    """A failure that the function returns is one, though APIv2's has the status of a success."""
    old = open_shop(declining, guard=MemoryGuard(), reply=failure("not now"), version="notified_v2")
    new = open_shop(declining, guard=MemoryGuard(), reply=failure_v3("no"), version="notified")
    for post, shop in ((old.post_v2, old), (new.post, new)):
        for _ in range(2):
            assert "FAIL" in post().text
        assert len(shop.work.seen) == 2


# Rolled back


@pytest.fixture
def shop_db(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A database with ATOMIC_REQUESTS; returns what it holds."""
    settings = _db.connections.settings["default"]
    monkeypatch.setitem(settings, "ATOMIC_REQUESTS", True)
    monkeypatch.setitem(settings, "NAME", str(tmp_path / "shop.db"))
    _db.connections.close_all()
    with _db.connection.cursor() as cursor:
        cursor.execute("CREATE TABLE paid (id TEXT)")

    def held() -> list[str]:
        with _db.connection.cursor() as cursor:
            return [row[0] for row in cursor.execute("SELECT id FROM paid").fetchall()]

    yield held
    _db.connections.close_all()


FAILURES: dict[str, Callable[[], int | None]] = {
    "error": lambda: _failing(None),
    "404": lambda: (_ for _ in ()).throw(_http.Http404()),
    "denied": lambda: (_ for _ in ()).throw(_core.PermissionDenied()),
    "declined": lambda: 503,
}


@pytest.mark.parametrize("version", ["notified", "notified_v2"])
@pytest.mark.parametrize("failing", FAILURES)
def test_atomic_requests(
    open_shop: Opener, shop_db: Callable[[], list[str]], version: str, failing: str
) -> None:
    """Whatever makes WeChat Pay send it again rolls back: the repeat would write it once more."""
    fails = [True]

    def write(_: Any) -> int | None:
        with _db.connection.cursor() as cursor:
            cursor.execute("INSERT INTO paid VALUES ('one')")
        return FAILURES[failing]() if fails else None

    shop = open_shop(django_app, write, guard=MemoryGuard(), version=version)
    post = shop.post if version == "notified" else shop.post_v2
    assert post().status_code >= 400
    assert shop_db() == []
    fails.clear()
    for _ in range(3):
        assert post().status_code in (200, 204)
    assert shop_db() == ["one"]


# Bounded


def send(url: str, headers: dict[str, str], body: bytes = b"") -> str:
    """Send the beginning of a request by hand, and return the status line of the answer."""
    where = urlsplit(url)
    lines = [f"POST {where.path} HTTP/1.1", f"Host: {where.netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection((where.hostname or "", where.port or 0), 30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return connection.makefile("rb").readline().decode()


ENDLESS = {"Content-Length": str(1 << 40)}
"""A terabyte is promised, and not a byte is sent: who waits for it never answers."""
# Django over ASGI, and Quart's own limit, take the body before any view is called.
LATE = (django_async_app,)


@pytest.mark.parametrize("app", [one for one in (*ASYNC, *SYNC) if one not in LATE])
def test_headers_come_first(open_shop: Opener, sandbox: Sandbox, app: Any) -> None:
    """What the headers prove wrong is refused before a byte of the body is read."""
    shop = open_shop(app)
    right, body = forged(sandbox, "EV-1", shop.url, 0)
    old, _ = forged(sandbox, "EV-1", shop.url, -400)
    for headers, status in (
        ({}, "401"),
        (old, "401"),
        ({**right, "Wechatpay-Signature": "WECHATPAY/SIGNTEST/x"}, "401"),
        ({**right, "Wechatpay-Serial": "PUB_KEY_ID_1"}, "401"),
        (right, "413"),
    ):
        if "quart" in app.__name__ and status == "401":
            assert status in send(shop.url, {**headers, "Content-Length": "1000"})
        else:
            assert status in send(shop.url, {**headers, **ENDLESS})
    assert shop.work.seen == []
    assert shop.post().status_code == 204
    assert body


@every
def test_body_in_chunks_is_bounded(open_shop: Opener, sandbox: Sandbox, app: Any) -> None:
    """A body without a length is read as far as it may go; a right one, however it comes."""
    shop = open_shop(app)
    headers, body = forged(sandbox, "EV-1", shop.url, 0)
    with httpx.Client(trust_env=False, timeout=30) as client:
        if app is not django_app:  # wsgiref does not know chunks, and gives Django nothing
            right = client.post(shop.url, headers=headers, content=iter([body[:9], body[9:]]))
            assert right.status_code == 204
        piece = b"x" * 65536
        with contextlib.suppress(httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError):
            # The server may hang up while it is sent more than it wants.
            long = client.post(shop.url, headers=headers, content=iter([piece] * 20))
            assert long.status_code == (401 if app is django_app else 413)
    assert len(shop.work.seen) == (0 if app is django_app else 1)


@every
@pytest.mark.parametrize("version", ["notified", "notified_v2"])
def test_limit_can_be_set(
    open_shop: Opener, monkeypatch: pytest.MonkeyPatch, app: Any, version: str
) -> None:
    """The limit is one mebibyte by default, for either version."""
    assert _handling.BODY == 1024 * 1024
    shop = open_shop(app, version=version)
    large = b"<" * (_handling.BODY + 1)
    answer = shop.post(content=large)
    assert answer.status_code == 413
    assert "FAIL" in answer.text


@pytest.mark.parametrize("length", ["9" * 50, "2", 2, "٣"])
def test_promised_length(length: int | str) -> None:
    """A length is compared as a number, however many digits it has."""
    with pytest.raises(_handling.TooLarge):
        _handling.check_length(length, 1)
    for fine in (None, "", "x", "-5", "1", 1, length):
        _handling.check_length(fine, 10**60 if fine == length else 1) if fine != "9" * 50 else None


def test_body_that_a_middleware_has_read(open_shop: Opener) -> None:
    """What was read before is not lost; the handler may read it again."""
    bodies: list[bytes] = []

    def app(work: Any, wxpay: WeChatPay, guard: Any) -> Any:
        shop = fastapi.FastAPI()

        async def early(request: fastapi.Request) -> None:
            bodies.append(await request.body())

        @shop.post("/{mchid}", dependencies=[fastapi.Depends(early)])
        @for_fastapi.notified(wxpay)
        async def paid(notification: Notification, request: fastapi.Request) -> None:
            bodies.append(await request.body())
            work(notification, "")

        return asgi(shop)

    shop = open_shop(app)
    assert shop.post().status_code == 204
    assert bodies[0] == bodies[1] == shop.work.seen[0][0].raw


# Async views, and Quart


def test_async_view_without_asgiref_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Flask could not run an async view, the decorator says so and names what to install."""

    async def paid(_: Notification) -> None:
        """Fulfil it."""

    monkeypatch.setattr(for_flask, "find_spec", _fine)
    monkeypatch.delitem(sys.modules, "quart", raising=False)
    with pytest.raises(ImportError, match=r"flask\[async\]"):
        for_flask.notified(lambda _: pytest.fail("asked"))(paid)


def test_blocking_view_of_flask_in_quart() -> None:
    """What Quart cannot be given says what to use."""

    def paid(_: Notification) -> None:
        """Fulfil it."""

    view = for_flask.notified(lambda _: pytest.fail("asked"))(paid)
    with pytest.raises(RuntimeError, match=r"wechatpay\.contrib\.quart"):
        view(mchid="1900000109")


# On stderr

PROGRAMS = {
    "fastapi": """
from fastapi import FastAPI
from fastapi.testclient import TestClient
from wechatpay.contrib.fastapi import notified
app = FastAPI()
@app.post("/notify")
@notified(WXPAY)
async def paid(notification): handle(notification)
client = TestClient(app)
status = client.post("/notify", headers=HEADERS, content=BODY).status_code
""",
    "flask": """
from flask import Flask
from wechatpay.contrib.flask import notified
app = Flask("shop")
@app.post("/notify")
@notified(WXPAY)
def paid(notification): handle(notification)
status = app.test_client().post("/notify", headers=HEADERS, data=BODY).status_code
""",
    "django": """
import django
from django.conf import settings
settings.configure(ALLOWED_HOSTS=["testserver"], ROOT_URLCONF="__main__", DATABASES={})
django.setup()
from django.test import Client
from django.urls import path
from wechatpay.contrib.django import notified
@notified(WXPAY)
def paid(request, notification): handle(notification)
urlpatterns = [path("notify", paid)]
status = Client().post(
    "/notify", BODY, content_type="application/json", headers=HEADERS
).status_code
""",
}
START = """
import json, sys
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._time.events import Event
from wechatpay.sandbox._front.writing import FORMS
from wechatpay.sandbox._front.seal import Sealer
sandbox = Sandbox()
WXPAY = sandbox.client()
event = Event("TRANSACTION.SUCCESS", "transaction", "x", {"openid": "SECRET"}, "x")
world = sandbox.world
BODY = FORMS["v3"].body(world, "EV-1", event)
HEADERS, _ = Sealer(world.keys, world.clock).stamp(BODY, world.clock(), world.keys.signer)
def handle(notification): raise KeyError(notification.resource["openid"])
"""


@pytest.mark.parametrize("framework", PROGRAMS)
def test_failing_handler_is_seen_on_stderr(framework: str) -> None:
    """With no logging configured, a failed handler's error and its frames are on stderr."""
    program = START + PROGRAMS[framework] + "\nprint(status)\nWXPAY.close()\nsandbox.close()\n"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "500\n"
    assert "notification EV-1 (TRANSACTION.SUCCESS) not processed: KeyError" in done.stderr
    assert "in handle" in done.stderr
    assert "SECRET" not in done.stderr


def test_views_of_both_versions_are_exempt() -> None:
    """Django asks WeChat Pay for no token of its own, in either version."""
    for notified in (for_django.notified, for_django.notified_v2):
        view: Any = notified(lambda _: pytest.fail("asked"))(_fine)
        assert view.csrf_exempt is True
