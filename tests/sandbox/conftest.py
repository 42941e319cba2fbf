"""What the sandbox's tests share."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from wechatpay.sandbox import Gateway, Sandbox
from wechatpay.sandbox._families.refunds import refunds
from wechatpay.sandbox._families.sharing import sharing

from .asked import watch
from .asker import Asker
from .merchant import Merchant

watch()


_ours: set[threading.Thread] = set()
_of_others: set[threading.Thread] = set()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Tell the threads of these tests from those of others that the same process runs."""
    _of_others.update(each for each in threading.enumerate() if each not in _ours)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Note whose threads are there."""
    _ours.update(each for each in threading.enumerate() if each not in _of_others)


@pytest.fixture(scope="session", autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """When all is over, no sandbox of these tests has left a thread behind."""
    yield
    names = [each.name for each in _ours if each.is_alive()]
    assert not [name for name in names if name.startswith("wechatpay-")]


@pytest.fixture(autouse=True)
def closed_in_the_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every sandbox that a test makes is closed: what waits for its time is a thread."""
    made: list[Sandbox] = []
    start = Sandbox.__init__

    def remembered(sandbox: Sandbox, **options: Any) -> None:
        start(sandbox, **options)
        made.append(sandbox)

    monkeypatch.setattr(Sandbox, "__init__", remembered)
    yield
    for sandbox in made:
        sandbox.close()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits a minute to share a payment or to refund more of it, and all can be shared.

    For tests of something else, which would have to move the clock between their steps.
    """
    for name in ("SETTLED", "SETTLED_OF_A_PLATFORM"):
        monkeypatch.setattr(sharing, name, 0)
    monkeypatch.setattr(sharing, "RATIO", 10_000)
    monkeypatch.setattr(refunds, "BETWEEN", 0)


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox in process."""
    return Sandbox()


@pytest.fixture
def gateway(sandbox: Sandbox) -> Gateway:
    """Its gateway."""
    return sandbox.gateway


@pytest.fixture
def merchant(sandbox: Sandbox) -> Merchant:
    """Its merchant."""
    return Merchant(sandbox.config)


@pytest.fixture
def asker(sandbox: Sandbox) -> Asker:
    """The merchant of the test's sandbox, a platform if it wants to be one."""
    return Asker(sandbox)
