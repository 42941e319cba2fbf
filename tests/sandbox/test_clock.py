"""The sandbox's time, and what happens when it comes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from patience import LONG, until

from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._time import Appointment
from wechatpay.sandbox._world import World

from .merchant import NATIVE, ORDER, Merchant

_NEW_YEAR = 1767196800.0  # 2026-01-01T00:00:00+08:00


@pytest.fixture
def world() -> Iterator[World]:
    """A world whose real time stands still."""
    world = World.open(source=lambda: _NEW_YEAR)
    yield world
    world.close()


_others: set[threading.Thread] = set()


@pytest.fixture(scope="module", autouse=True)
def threads_of_others() -> None:
    """Leave out what other tests of the same process have not closed yet."""
    _others.update(threading.enumerate())


def _threads() -> list[str]:
    found = [each for each in threading.enumerate() if each not in _others]
    return [each.name for each in found if each.name == "wechatpay-agenda"]


def test_clock_is_moved(world: World) -> None:
    """The clock is moved ahead by seconds or a timedelta; the real time is not."""
    clock = world.clock
    assert clock() == clock.wall() == _NEW_YEAR
    assert clock.advance(1.5) == _NEW_YEAR + 1.5
    clock.advance(timedelta(days=1))
    clock.advance(0)
    clock.reach(_NEW_YEAR)
    assert clock.ahead == 86401.5
    assert clock.wall() == _NEW_YEAR
    assert clock.moment().isoformat() == "2026-01-02T00:00:01+08:00"


@pytest.mark.parametrize("by", [-1, float("nan"), float("inf"), timedelta(seconds=-1)])
def test_clock_goes_ahead_only(world: World, by: float | timedelta) -> None:
    """A clock cannot be put back, nor to the end of time."""
    with pytest.raises(ValueError, match="only ahead"):
        world.clock.advance(by)
    assert world.clock.ahead == 0


def test_appointments_are_kept_in_turn(world: World) -> None:
    """Moving the clock, each appointment is kept at its time, and what it leads to as well."""
    kept: list[tuple[object, float]] = []

    def ring(appointment: Appointment) -> None:
        kept.append((appointment.payload["n"], world.clock() - _NEW_YEAR))
        if appointment.payload["n"] == 1:
            world.agenda.at(appointment.at + 5, "bell", n=4)

    world.agenda.do("bell", ring)
    world.agenda.at(_NEW_YEAR + 30, "bell", n=3)
    world.agenda.at(_NEW_YEAR + 10, "bell", n=1)
    cancelled = world.agenda.at(_NEW_YEAR + 11, "bell", n=2)
    for _ in range(2):
        world.agenda.cancel(cancelled)
    assert [each.payload["n"] for each in world.agenda.appointments] == [1, 3]
    world.clock.advance(29)
    assert kept == [(1, 10), (4, 15)]
    assert world.clock.ahead == 29
    world.clock.advance(1)
    assert kept[2:] == [(3, 30)]
    assert world.agenda.appointments == []


def test_somebody_has_to_do_it(world: World) -> None:
    """An appointment that nobody has promised to keep is not made."""
    with pytest.raises(LookupError, match="no function does 'bell'"):
        world.agenda.at(0, "bell")


def test_appointment_of_a_transaction_that_fails(world: World) -> None:
    """What is undone has made no appointment."""
    world.agenda.do("bell", print)
    with pytest.raises(KeyError), world.store.transaction():
        world.agenda.at(_NEW_YEAR + 10, "bell")
        raise KeyError
    assert world.agenda.appointments == []
    assert _threads() == []


def test_appointments_in_real_time() -> None:
    """What is due is done when the time comes, from a thread that ends when nothing is left."""
    world, rung = World.open(), threading.Event()
    world.agenda.do("bell", lambda _: rung.set())
    world.agenda.start()
    assert _threads() == []
    world.agenda.at(world.clock() + 0.05, "bell")
    assert _threads() == ["wechatpay-agenda"]
    assert rung.wait(LONG)
    until(lambda: not _threads())
    world.close()


def test_sooner_appointment_comes_first() -> None:
    """A thread that waits for the morning does not miss what is due tonight."""
    world, rung = World.open(), threading.Event()
    world.agenda.do("bell", lambda _: rung.set())
    world.agenda.at(world.clock() + 3600, "bell", n=1)
    world.agenda.at(world.clock() + 0.05, "bell", n=2)
    assert rung.wait(LONG)
    assert [each.payload["n"] for each in world.agenda.appointments] == [1]
    world.close()


def test_closing_ends_the_thread() -> None:
    """A closed world keeps no thread and does nothing more, until it is started again."""
    world, rung = World.open(), threading.Event()
    world.agenda.do("bell", lambda _: rung.set())
    world.agenda.at(world.clock() + 3600, "bell")
    for _ in range(2):
        world.close()
    assert _threads() == []
    world.agenda.at(world.clock(), "bell")
    assert _threads() == []
    assert not rung.is_set()
    world.agenda.start()
    assert rung.wait(LONG)
    world.close()


def test_closing_from_within() -> None:
    """What is done at its time may close the world that it is done in."""
    world, closed = World.open(), threading.Event()

    def close(_: Appointment) -> None:
        world.close()
        closed.set()

    world.agenda.do("curfew", close)
    world.agenda.at(world.clock(), "curfew")
    assert closed.wait(LONG)


def test_exception_is_not_the_end(caplog: pytest.LogCaptureFixture) -> None:
    """In real time an appointment that cannot be kept is logged, and the next one is kept."""
    world, rung = World.open(), threading.Event()

    def ring(appointment: Appointment) -> None:
        if appointment.payload["n"] == 1:
            raise ZeroDivisionError
        rung.set()

    world.agenda.do("bell", ring)
    with world.store.transaction():
        for n in (1, 2):
            world.agenda.at(world.clock(), "bell", n=n)
    assert rung.wait(LONG)
    world.close()
    [record] = caplog.records
    assert record.name == "wechatpay.sandbox"
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


def test_exception_while_the_clock_is_moved(world: World) -> None:
    """Who moves the clock gets the exception; the clock is as far as it came."""
    world.agenda.do("bell", lambda _: 1 / 0)
    world.agenda.at(_NEW_YEAR + 10, "bell")
    with pytest.raises(ZeroDivisionError):
        world.clock.advance(60)
    assert world.clock.ahead == 10
    assert not world.agenda.moving


def test_one_thread_however_often_it_ends() -> None:
    """A thread that has nothing left to wait for gives way to one other, of which none is lost."""
    world, rung = World.open(), threading.Semaphore(0)
    world.agenda.do("bell", lambda _: rung.release())
    for _ in range(200):
        world.agenda.at(world.clock(), "bell")
        assert rung.acquire(timeout=LONG)
        assert len(_threads()) <= 2  # one may be about to end
    world.close()
    assert _threads() == []


def test_agenda_outlives_a_restart(tmp_path: Path) -> None:
    """What became due while no sandbox ran is done when one starts."""
    path, rung = tmp_path / "state.db", threading.Event()
    first = World.open(state=path)
    first.agenda.do("bell", print)
    first.agenda.at(first.clock() + 3600, "bell")
    first.close()
    second = World.open(state=path)
    second.agenda.do("bell", lambda _: rung.set())
    second.agenda.start()
    assert not rung.wait(0.05)
    second.clock.advance(3600)
    assert rung.is_set()
    second.close()


def test_promise_of_another_version(tmp_path: Path) -> None:
    """An appointment that nobody keeps any longer is dropped when its time comes."""
    path = tmp_path / "state.db"
    first = World.open(state=path)
    first.agenda.do("bell", print)
    first.agenda.at(first.clock() + 60, "bell")
    first.close()
    second = World.open(state=path)
    second.clock.advance(61)
    assert second.agenda.appointments == []
    second.close()


def test_signatures_are_of_the_real_time() -> None:
    """However far the clock is moved, a merchant signs and verifies by its own."""
    with Sandbox() as sandbox:
        merchant = Merchant(sandbox.config)
        before = int(time.time())
        moment = sandbox.advance(timedelta(days=30))
        assert before <= moment.timestamp() - 30 * 86400 <= time.time()
        answer = merchant.call(sandbox.gateway, "POST", NATIVE, ORDER)
        assert answer.status == 200
        merchant.verify(dict(answer.headers), answer.body)
        assert sandbox.pay(ORDER["out_trade_no"])["success_time"][:10] == f"{moment:%Y-%m-%d}"
