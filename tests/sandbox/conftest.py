"""What the sandbox's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from wechatpay.sandbox import Gateway, Sandbox
from wechatpay.sandbox._families.refunds import refunds
from wechatpay.sandbox._families.sharing import sharing
from wechatpay.sandbox._time.agenda import Agenda

from .asked import watch
from .asker import Asker
from .merchant import Merchant

watch()


@pytest.fixture(autouse=True)
def closed_in_the_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every sandbox that a test makes is closed, and leaves no thread that waits for its time.

    Other sandboxes may have such threads meanwhile: those that all tests of the command line share.
    """
    made: list[Sandbox] = []
    agendas: list[Agenda] = []
    start, plan = Sandbox.__init__, Agenda.__init__

    def remembered(sandbox: Sandbox, **options: Any) -> None:
        start(sandbox, **options)
        made.append(sandbox)

    def planned(agenda: Agenda, *arguments: Any) -> None:
        plan(agenda, *arguments)
        agendas.append(agenda)

    monkeypatch.setattr(Sandbox, "__init__", remembered)
    monkeypatch.setattr(Agenda, "__init__", planned)
    yield
    for sandbox in made:
        sandbox.close()
    assert not [agenda for agenda in agendas if vars(agenda)["_thread"]]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Payments can be shared and refunded at once, and in full.

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
