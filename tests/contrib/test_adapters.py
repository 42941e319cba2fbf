"""What is one framework's own, and what all adapters have in common without a framework."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import fastapi
import pytest

from wechatpay import Notification, WeChatPay
from wechatpay.contrib import django as for_django
from wechatpay.contrib import fastapi as for_fastapi
from wechatpay.contrib import flask as for_flask

from .conftest import Opener
from .servers import SYNC, asgi, django_app
from .test_frameworks import Awaited

_db: Any = import_module("django.db")
_conf: Any = import_module("django.conf")


told: list[str] = []


async def session() -> AsyncIterator[str]:
    """Give what a function needs, and remember how it went."""
    try:
        yield "session"
    except Exception as error:
        told.append(f"rolled back: {type(error).__name__}")
        raise
    told.append("committed")


@pytest.mark.parametrize("app", SYNC)
def test_guard_that_cannot_be_awaited(open_shop: Opener, app: Any) -> None:
    """A guard that has to be awaited, in a view that cannot, is an error; nothing is handled."""
    shop = open_shop(app, guard=Awaited())
    assert shop.post().status_code == 500
    assert shop.work.seen == []


def test_dependencies(open_shop: Opener) -> None:
    """FastAPI's dependencies are filled in; they see a failure, and none when all is well."""
    told.clear()

    def app(work: Any, wxpay: WeChatPay, guard: Any) -> Any:
        shop = fastapi.FastAPI()

        @for_fastapi.notified(wxpay)
        async def paid(
            notification: Notification,
            request: fastapi.Request,
            given: Annotated[str, fastapi.Depends(session)],
            mchid: str,
        ) -> dict[str, str]:
            work(notification, mchid)
            return {"session": given, "path": request.url.path}

        shop.add_api_route("/{mchid}", paid, methods=["POST"])
        return asgi(shop)

    opened = open_shop(app)
    answer = opened.post()
    assert answer.json() == {"session": "session", "path": "/1900000109"}

    def fail(_: Notification) -> int | None:
        raise KeyError("secret")

    opened.work.do = fail
    answer = opened.post()
    assert answer.status_code == 500
    assert "FAIL" in answer.json()["detail"]
    assert told == ["committed", "rolled back: HTTPException"]


def test_dependencies_are_documented() -> None:
    """The schema of a FastAPI application shows the other parameters, under the right name."""
    app = fastapi.FastAPI()

    @app.post("/{mchid}")
    @for_fastapi.notified(lambda _: pytest.fail("asked"))
    def paid(notification: Notification, mchid: int) -> None:
        """Fulfil it."""

    operation = app.openapi()["paths"]["/{mchid}"]["post"]
    assert operation["summary"] == "Paid"
    assert operation["description"] == "Fulfil it."
    assert [each["name"] for each in operation["parameters"]] == ["mchid"]


@pytest.mark.parametrize("atomic", [True, False])
def test_atomic_requests(
    open_shop: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, atomic: bool
) -> None:
    """With ATOMIC_REQUESTS, Django rolls back what a function wrote that failed."""
    settings = _db.connections.settings["default"]
    monkeypatch.setitem(settings, "ATOMIC_REQUESTS", atomic)
    monkeypatch.setitem(settings, "NAME", str(tmp_path / "shop.db"))
    _db.connections.close_all()
    with _db.connection.cursor() as cursor:
        cursor.execute("CREATE TABLE paid (id TEXT)")

    def write(notification: Notification) -> int | None:
        with _db.connection.cursor() as cursor:
            cursor.execute("INSERT INTO paid VALUES (%s)", [notification.id])
        if notification.id == "fails":
            raise KeyError
        return None

    shop = open_shop(django_app, write)
    assert shop.post("works").status_code == 204
    assert shop.post("fails").status_code == 500
    with _db.connection.cursor() as cursor:
        rows = cursor.execute("SELECT id FROM paid").fetchall()
    assert rows == ([("works",)] if atomic else [("works",), ("fails",)])
    _db.connections.close_all()


def test_no_csrf_token_is_asked_for(open_shop: Opener) -> None:
    """Django's middleware against forged requests is on in these tests, and lets WeChat Pay in."""
    assert any("Csrf" in name for name in _conf.settings.MIDDLEWARE)
    assert open_shop(django_app).post().status_code == 204


def test_views_keep_their_names() -> None:
    """A view has the name and the docstring of its function."""

    def paid(*_: object) -> None:
        """Fulfil it."""

    for notified in (for_django.notified, for_fastapi.notified, for_flask.notified):
        view = notified(lambda _: pytest.fail("asked"))(paid)
        assert (view.__name__, view.__doc__) == ("paid", "Fulfil it.")


@pytest.mark.parametrize(
    ("module", "missing", "extra"),
    [
        ("fastapi", "starlette.requests", "fastapi"),
        ("flask", "flask", "flask"),
        ("quart", "quart", "quart"),
        ("django", "django.http", "django"),
    ],
)
def test_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, module: str, missing: str, extra: str
) -> None:
    """Without its framework, a module says which extra to install."""
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, f"wechatpay.contrib.{module}", raising=False)
    with pytest.raises(ImportError, match=rf'pip install "wechatpay-openapi\[{extra}\]"'):
        importlib.import_module(f"wechatpay.contrib.{module}")


@pytest.mark.parametrize("module", ["fastapi", "flask", "django"])
def test_no_framework_is_another_modules(module: str) -> None:
    """A module imports its own framework; the client, none of them, nor these modules."""
    frameworks = {"django", "fastapi", "flask", "starlette"}
    own = {"fastapi": {"starlette"}}.get(module, {module})
    code = (
        "import sys, wechatpay; print(*(name for name in sys.modules if 'contrib' in name)); "
        f"import wechatpay.contrib.{module}; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = done.stdout.splitlines()
    assert before == ""
    assert frameworks & set(after.split()) == own
