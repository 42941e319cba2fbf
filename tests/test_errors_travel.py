"""How errors cross processes: whole, and where that cannot be, with "unknown" for what is lost."""

from __future__ import annotations

import contextlib
import importlib
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay import (
    APIError,
    ClockSkew,
    ConfigurationError,
    DecryptionError,
    MalformedNotification,
    PathError,
    SignatureProbe,
    TransportError,
    UnknownPlatformKey,
    VerificationError,
    WeChatPayError,
)
from wechatpay.bill import BillError
from wechatpay.replay import BeingHandled
from wechatpay.xml import XMLError

KINDS: dict[str, type[WeChatPayError]] = {
    kind.__name__: kind
    for kind in (
        WeChatPayError,
        ConfigurationError,
        PathError,
        VerificationError,
        UnknownPlatformKey,
        ClockSkew,
        SignatureProbe,
        DecryptionError,
        TransportError,
        APIError,
        MalformedNotification,
        BillError,
        BeingHandled,
        XMLError,
    )
}
KNOWN: dict[str, dict[str, Any]] = {
    "PathError": {"template": "v3/{a}", "missing": ("a",), "unexpected": ("b", "c")},
    "VerificationError": {"serial": "PUB_KEY_ID_1", "outcome_unknown": False},
    "UnknownPlatformKey": {"serial": "PUB_KEY_ID_1", "outcome_unknown": True},
    "ClockSkew": {"serial": "PUB_KEY_ID_1", "outcome_unknown": False, "skew": -301.5},
    "SignatureProbe": {"serial": "PUB_KEY_ID_1", "outcome_unknown": True},
    "TransportError": {"outcome_unknown": False},
    "APIError": {
        "status_code": 400,
        "code": "PARAM_ERROR",
        "message": "参数错误",
        "detail": {"field": "/amount/total", "issue": ["a", None, 1.5, True]},
        "request_id": "08F7AB4E",
        "outcome_unknown": False,
    },
    "MalformedNotification": {"serial": "PUB_KEY_ID_1"},
    "BillError": {"line": 7},
}
MONEY = [kind for kind in KINDS.values() if hasattr(kind, "outcome_unknown")]
kinds = pytest.mark.parametrize("name", KINDS)


def make(name: str) -> WeChatPayError:
    """Make an error of a kind that knows all that it can know."""
    known: dict[str, Any] = dict(KNOWN.get(name, {}))
    if hasattr(KINDS[name], "response"):
        known["response"] = httpx.Response(400, request=httpx.Request("POST", "https://x.example"))
    return KINDS[name]("wrong", **known)


def fail(name: str) -> None:
    """Raise one, in another process."""
    raise make(name)


def check(name: str, error: object) -> None:
    """Compare an error that has come from somewhere with the one that was sent."""
    assert type(error) is KINDS[name]
    assert isinstance(error, WeChatPayError)
    assert str(error) == str(make(name))
    assert repr(error) == repr(make(name))
    assert "response" not in vars(error) or vars(error)["response"] is None
    for attribute, value in KNOWN.get(name, {}).items():
        assert getattr(error, attribute) == value, attribute


def rebuilt(error: WeChatPayError) -> WeChatPayError:
    """Rebuild an error as a queue does that writes `args` as JSON and calls the class."""
    return type(error)(*json.loads(json.dumps(error.args)))


@kinds
def test_args_rebuild_an_error(name: str) -> None:
    """What JSON makes of `args` makes the same error of its class, once or many times."""
    again = rebuilt(rebuilt(make(name)))
    check(name, again)
    assert again.args == rebuilt(again).args
    assert again.args[0] == str(again)


@kinds
def test_the_message_alone_is_enough(name: str) -> None:
    """An error that is rebuilt from its text says "unknown" of all the rest."""
    error = KINDS[name](str(make(name)))
    assert str(error) == str(make(name))
    for attribute in KNOWN.get(name, {}):
        unknown = True if attribute == "outcome_unknown" else getattr(KINDS[name], attribute)
        assert getattr(error, attribute) == unknown, attribute


@pytest.mark.parametrize("kind", MONEY)
@pytest.mark.parametrize("lost", ["{'outcome_unknown': Fal...", None, {}, [], 7])
def test_attributes_that_were_lost_on_the_way(kind: type[WeChatPayError], lost: object) -> None:
    """Whatever a queue hands over in place of the attributes, the outcome is then unknown."""
    untyped: Any = kind
    assert untyped("wrong", lost).outcome_unknown is True
    assert untyped("wrong", {"outcome_unknown": None}).outcome_unknown is True
    assert untyped("wrong", {"outcome_unknown": False}).outcome_unknown is False


@pytest.mark.parametrize("kind", MONEY)
def test_a_pickle_of_an_older_version(kind: type[WeChatPayError]) -> None:
    """An error that was pickled before an attribute was there has the unknown value for it."""
    error: Any = kind("wrong")
    error.__dict__ = {}
    assert pickle.loads(pickle.dumps(error)).outcome_unknown is True


def test_an_attribute_of_tomorrow_travels() -> None:
    """What is set later, or by somebody else, travels too; what JSON cannot say stays behind."""
    error = TransportError("wrong", outcome_unknown=False)
    deep: Any = []
    for _ in range(2000):
        deep = [deep]
    vars(error).update(reason="connect", order=7, context=object(), deep=deep, odd={1: 2})
    again = rebuilt(error)
    assert {**vars(again)} == {"outcome_unknown": False, "reason": "connect", "order": 7}


def test_what_travels_is_not_shown() -> None:
    """The arguments show the names of what else is known, and no value."""
    error = APIError("wrong", detail={"value": "SECRET"}, message="SECRET")
    assert "SECRET" not in f"{error.args} {error!r} {error}"
    assert "detail" in str(error.args)
    assert json.loads(json.dumps(error.args))[1]["message"] == "SECRET"


def test_args_can_be_set() -> None:
    """Code that rewrites `args`, as one does to add to a message, keeps what is known."""
    error = TransportError("wrong", outcome_unknown=False)
    error.args = ("order 7: wrong", *error.args[1:])
    assert (str(error), error.outcome_unknown) == ("order 7: wrong", False)
    error.args = ("again",)
    assert (str(error), error.outcome_unknown) == ("again", False)
    error.args = ()
    assert (str(error), error.outcome_unknown) == ("", False)
    again = TransportError("wrong")
    again.args = error.args
    assert again.outcome_unknown is False


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.text(), st.dictionaries(st.text(), json_values), st.booleans(), st.none() | st.text())
def test_any_api_error_travels(
    text: str, detail: dict[str, Any], unknown: bool, code: str | None
) -> None:
    """Whatever WeChat Pay has said, the error says it again at the other end, by either way."""
    error = APIError(text, detail=detail, outcome_unknown=unknown, code=code)
    copies: list[Any] = [rebuilt(error), pickle.loads(pickle.dumps(error))]
    for again in copies:
        assert (str(again), again.detail, again.code) == (text, detail, code)
        assert again.outcome_unknown is unknown


def test_processes() -> None:
    """A pool of processes raises in the parent what was raised in a child."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for name in KINDS:
            with pytest.raises(KINDS[name]) as caught:
                pool.apply(fail, (name,))
            check(name, caught.value)
        pool.close()
        pool.join()


@kinds
def test_dramatiq(name: str) -> None:
    """Its results are a type's name and a text: rebuilt from these, the outcome is unknown."""
    result = import_module("dramatiq.results.result")
    encoder = import_module("dramatiq.encoder").JSONEncoder()
    stored = encoder.decode(encoder.encode(result.wrap_exception(make(name))))
    with pytest.raises(import_module("dramatiq.results").ResultFailure) as caught:
        result.unwrap_result(stored)
    failure: Any = caught.value
    again = KINDS[failure.orig_exc_type](failure.orig_exc_msg)
    assert str(again) == str(make(name))
    assert getattr(again, "outcome_unknown", True) is True


TASKS = """
import celery
import test_errors_travel as here

app = celery.Celery("errors", broker=URL, backend=URL)
app.conf.update(SETTINGS)


@app.task(name="fail")
def fail(name):
    here.fail(name)
"""


@pytest.fixture
def celery(redis_port: int, tmp_path: Path) -> Iterator[Any]:
    """A Celery application whose worker is a process of its own, on Redis."""
    module = pytest.importorskip("celery", reason="the package celery is not installed")
    url = f"redis://127.0.0.1:{redis_port}/1"
    settings = {
        "worker_hijack_root_logger": False,
        "broker_connection_retry_on_startup": True,
    }
    source = TASKS.replace("URL", repr(url)).replace("SETTINGS", repr(settings))
    (tmp_path / "errors_tasks.py").write_text(source, "utf-8")
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parent), *sys.path])
    command = [sys.executable, "-m", "celery", "-A", "errors_tasks", "worker", "-P", "solo"]
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(
            [*command, "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO"],
            env={**os.environ, "PYTHONPATH": path},
            cwd=tmp_path,
            stdout=log,
            stderr=log,
        )
    app = module.Celery("errors", broker=url, backend=url)
    app.conf.update(settings)
    try:
        yield app
    finally:
        worker.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(20)
        worker.kill()
        worker.wait()
        # Closing an application leaves its connections to Redis to the collector, which would find
        # them during another test.
        app.backend.result_consumer.stop()
        app.backend.client.connection_pool.disconnect()
        kombu: Any = importlib.import_module("kombu.pools")
        kombu.reset()
        app.close()


def test_a_celery_worker(celery: Any) -> None:
    """What a task raises in a worker is raised whole where its result is awaited."""
    results = {name: celery.send_task("fail", (name,)) for name in KINDS}
    for name, result in results.items():
        with pytest.raises(KINDS[name]) as caught:
            result.get(timeout=120)
        check(name, caught.value)
