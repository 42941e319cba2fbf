"""What is going to happen at a certain time: notifications sent again, refunds that are done."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .._base import Document, Store
from .clock import Clock

Handler = Callable[["Appointment"], object]

_LOG = logging.getLogger("wechatpay.sandbox")
_KIND = "appointment"
_LONGEST_WAIT = 60.0  # seconds; the real clock may be set meanwhile


@dataclass(frozen=True)
class Appointment:
    """One thing that is to happen.

    Attributes:
        id: Its number.
        at: When, in seconds since 1970 by the sandbox's clock.
        name: What, such as `refund`: who promised to `do` it is called.
        payload: What JSON can hold.
    """

    id: str
    at: float
    name: str
    payload: Mapping[str, Any]


class Agenda:
    """Appointments, kept when each is due: on the clock's way when it is moved, or in real time.

        agenda.do("refund", refunds.finish)                  # once, when the sandbox is put up
        agenda.at(clock() + 3, "refund", out_refund_no="1")  # kept in the state: it outlives us

    What depends only on how late it is (has an order expired?) needs none: look at the clock.

    A function is called when its appointment is off the agenda already and outside of transactions,
    and may make other appointments. If it raises, the appointment is lost: while the clock is moved
    the caller gets the exception, in real time it is logged. While the clock is moved it shows the
    time of each appointment in turn.

    Args:
        store: Where appointments are kept.
        clock: Whose moves are watched.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._handlers: dict[str, Handler] = {}
        # Locks are taken in this order: `_turn`, `_changed`, the store's. That holds because the
        # store calls `_wake` after a transaction, when its own lock is free again: called within,
        # it would wait for `_changed` while the agenda's thread, which has that, waits for the
        # store. `_turn` is held while an appointment is kept, so that the thread and a
        # caller who moves the clock never keep two at once; a handler may move the clock itself,
        # hence an RLock.
        self._changed = threading.Condition(threading.Lock())
        self._turn = threading.RLock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._moves = 0
        clock.watch(self._pass)

    def do(self, name: str, handler: Handler) -> None:
        """Promise to do what appointments of this name are about."""
        self._handlers[name] = handler

    def at(self, moment: float, name: str, **payload: Any) -> str:
        """Make an appointment, and return its number.

        Args:
            moment: When, in seconds since 1970 by the sandbox's clock; the past is at once.
            name: What; there has to be a function for it, see `do`.
            payload: What JSON can hold.
        """
        if name not in self._handlers:
            raise LookupError(f"no function does {name!r}")
        with self._store.transaction():
            number = str(self._store.next(_KIND))
            document = {"id": number, "at": moment, "name": name, "payload": payload}
            self._store.put(_KIND, number, document, at=moment)
            self._store.after(self._wake)
        return number

    def cancel(self, number: str) -> None:
        """Take an appointment off the agenda; that it was kept already is not an error."""
        self._store.delete(_KIND, number)

    @property
    def appointments(self) -> list[Appointment]:
        """What is to happen, soonest first."""
        found = self._store.between(_KIND, "at", -math.inf, math.inf)
        return [Appointment(**each) for each in found]

    @property
    def moving(self) -> bool:
        """Whether the clock is being moved: then what takes time has to be waited for."""
        return self._moves > 0

    def start(self) -> None:
        """Keep appointments in real time, from now on and until `close`; new ones need no start."""
        with self._changed:
            self._closed = False
        self._wake()

    def close(self) -> None:
        """Keep nothing in real time any more; what is being done is waited for."""
        with self._changed:
            self._closed = True
            thread = self._thread
            self._changed.notify_all()
        # A handler that closes the sandbox runs in that very thread, which cannot wait for itself.
        if thread and thread is not threading.current_thread():
            thread.join()

    def _soonest(self, until: float) -> Appointment | None:
        found: list[Document] = self._store.between(_KIND, "at", -math.inf, until, limit=1)
        return Appointment(**found[0]) if found else None

    def _pass(self, until: float) -> None:
        """Do what is due by then, each at its time."""
        self._count(1)
        try:
            while self._keep(until):
                pass
        finally:
            self._count(-1)
        self._clock.reach(until)
        self._wake()

    def _count(self, moves: int) -> None:
        with self._changed:
            self._moves += moves

    def _keep(self, until: float) -> bool:
        """Do what is due first, if it is by then, and tell whether anything was."""
        with self._turn:  # one at a time, of the thread and of callers who move the clock
            with self._store.transaction():
                appointment = self._soonest(math.nextafter(until, math.inf))
                if appointment is None:
                    return False
                # Off the agenda before it is kept: a process that dies in the middle, or a handler
                # that fails, must not have it kept twice, for money may have moved.
                self._store.delete(_KIND, appointment.id)
                self._clock.reach(appointment.at)
            if handler := self._handlers.get(appointment.name):
                handler(appointment)
            return True

    def _wake(self) -> None:
        """Have a thread wait for what is due, as long as there is anything."""
        with self._changed:
            if self._thread is None and not self._closed and self._soonest(math.inf):
                self._thread = _Thread(self._run)
                self._thread.start()
            self._changed.notify_all()

    def _run(self) -> None:
        while (moment := self._wait()) is not None:
            try:
                self._keep(moment)
            except Exception:  # noqa: BLE001
                _LOG.exception("an appointment of the sandbox's agenda was not kept")

    def _wait(self) -> float | None:
        """Wait until something is due, and return the time; `None` if nothing ever will be."""
        with self._changed:
            while not self._closed and (appointment := self._soonest(math.inf)):
                moment = self._clock()
                if appointment.at <= moment:
                    return moment
                self._changed.wait(min(appointment.at - moment, _LONGEST_WAIT))
            # Still under the lock: a `_wake` that comes next finds no thread and starts another.
            self._thread = None
            return None


class _Thread(threading.Thread):
    """A thread that sees the time that freezegun has stopped.

    freezegun tells the real time to what `threading` calls, and looks five calls up for
    it. With a `run` of its own, and the clock asked in one place, this thread is six calls away.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(name="wechatpay-agenda", daemon=True)
        self._work = work

    def run(self) -> None:
        """Do the work."""
        self._work()
