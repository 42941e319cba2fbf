"""Notifications: brought to the merchant, on WeChat Pay's schedule.

Everything is in the store before it is tried: what was not acknowledged when a sandbox ends is
sent when another goes on with its state file.
"""

from __future__ import annotations

import logging
import random
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

from .._base import Store
from .agenda import Agenda, Appointment
from .clock import Clock
from .courier import Courier, Judge, Received
from .delivery import Attempt, Delivery
from .events import Event, Form
from .listener import HeldNotification

Watcher = Callable[[Delivery], object]
"""Is shown a notification after each attempt, or that it is not sent at all."""

_LOG = logging.getLogger("wechatpay.sandbox")
_KIND = "delivery"
_AGENDA = "notification"
_ATTEMPTS_AT_ONCE = 16
_FORGOTTEN_AT_ONCE = 10
LIMIT = 30.0
"""Seconds that `settle` waits at most: six times as long as a merchant may take."""


class Writer(Protocol):
    """What notifications are written on, and signed with."""

    def body(self, id: str, event: Event) -> bytes:
        """Write a notification."""
        ...

    def headers(self, delivery: Delivery, request_id: str, *, probe: bool) -> dict[str, str]:
        """Return the headers of an attempt; of a probe, with a signature that is wrong."""
        ...

    def judge(self, form: Form) -> Judge:
        """Return what tells whether a reply to such a notification acknowledges it."""
        ...

    def is_stamped(self, form: Form) -> bool:
        """Tell whether headers have its signature, which may be a wrong one on purpose."""
        ...

    def request_id(self) -> str:
        """Make a `Request-ID`."""
        ...


class Notifier:
    """Delivers notifications, from threads of its own.

    Args:
        store: Where they are kept.
        clock: The sandbox's time.
        agenda: Where their attempts are appointments.
        writer: Writes and signs them.
        history: How many of the latest notifications are kept; older ones only as long as another
            attempt is to come.

    Attributes:
        courier: What delivers them.
        rate: The share of them that is signed wrongly on purpose.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        agenda: Agenda,
        writer: Writer,
        history: int = 1000,
    ) -> None:
        self.courier = Courier()
        self._store = store
        self._clock = clock
        self._agenda = agenda
        self._writer = writer
        self._history = history
        self.rate = 0.0
        self._watchers: tuple[Watcher, ...] = ()
        self._chance = random.Random()  # noqa: S311
        # Never held while a shop is asked or the store is used: a shop may take its five seconds,
        # and may call the sandbox in them.
        self._changed = threading.Condition()
        self._awaited: set[str] = set()
        self._running: dict[str, Future[None]] = {}
        self._threads: ThreadPoolExecutor | None = None
        self._open = True
        agenda.do(_AGENDA, self._due)

    @property
    def deliveries(self) -> list[Delivery]:
        """The latest notifications, oldest first."""
        return [Delivery.load(each) for each in self._store.find(_KIND)]

    def find(self, id: str) -> Delivery:
        """Find a notification by its id.

        Raises:
            LookupError: There is none.
        """
        document = self._store.get(_KIND, id)
        if document is None:
            raise LookupError("no notification has this id")
        return Delivery.load(document)

    def watch(self, watcher: Watcher) -> None:
        """Show notifications to a function: after each attempt, or at once if there is none."""
        self._watchers = (*self._watchers, watcher)

    def _show(self, delivery: Delivery) -> None:
        for watcher in self._watchers:
            watcher(delivery)

    def signed(self, id: str) -> Delivery:
        """Find a notification by its id, with the headers that it would be sent with now.

        Raises:
            LookupError: There is none.
        """
        found, number = self.find(id), self._writer.request_id()
        headers = self._writer.headers(found, number, probe=found.probe)
        return replace(found, headers=headers)

    @property
    def usual(self) -> str:
        """Where the last notification went, or else a shop that is mounted; empty if neither is."""
        last = self._store.latest(_KIND, limit=1)
        return Delivery.load(last[0]).event.url if last else self.courier.mounted

    def probes(self, rate: float, seed: int | None = None) -> None:
        """Sign a share of the notifications wrongly on purpose, the first time they are sent."""
        if not 0 <= rate <= 1:
            raise ValueError("the share of probes is from 0 to 1")
        self.rate, self._chance = rate, random.Random(seed)  # noqa: S311

    def post(self, event: Event, *, probe: bool = False) -> str:
        """Begin to deliver a notification, and return its id.

        It is part of the transaction that is under way: it is sent once all is written, or never.
        """
        with self._store.transaction():
            name, number = str(uuid.uuid4()), self._store.next(_KIND)
            reachable = self.courier.reaches(event.url)
            body = self._writer.body(name, event)
            delivery = Delivery(name, number, event, body, reachable, probe=probe)
            if reachable:
                appointed = delivery = self._appointed(delivery, self._clock())
                self._store.after(lambda: self._await(appointed))
            else:
                silent = delivery
                self._store.after(lambda: self._show(silent))
            self._put(delivery)
            finished = self._store.between(
                _KIND, "finished", 0, number - self._history + 1, limit=_FORGOTTEN_AT_ONCE
            )
            for each in finished:
                self._store.delete(_KIND, each["id"])
        return name

    def start(self) -> None:
        """Go on with what was under way when it was closed, or when the process ended."""
        self._open = True
        now = self._clock()
        coming = {each.id: each.at for each in self._agenda.appointments}
        for document in self._store.find(_KIND, open=1):
            delivery = Delivery.load(document)
            at = coming.get(delivery.appointment)
            if delivery.id in self._awaited:
                continue
            if at is None:
                delivery = self._appointed(delivery, now)
                self._put(delivery)
            if at is None or at <= now:
                self._await(delivery)

    def settle(self, limit: float = LIMIT) -> None:
        """Wait until every attempt that is under way has ended, but not for ever."""
        with self._changed:
            self._changed.wait_for(
                lambda: not self._running and not (self._open and self._awaited), limit
            )

    def repeat(self, *ids: str) -> None:
        """Send notifications again, without the waiting, and wait for the outcome.

        Args:
            ids: Which; without any, all that are to be repeated.

        Raises:
            LookupError: There is none with such an id.
        """
        self.settle()
        chosen = [self.find(each) for each in ids]
        if not ids:
            found = [Delivery.load(each) for each in self._store.find(_KIND, open=1)]
            chosen = [each for each in found if each.due_in is not None]
        attempts = [self._start(each.id) for each in chosen if each.reachable]
        for attempt in attempts:
            attempt.result()

    def listen(self, seconds: float) -> list[HeldNotification]:
        """Return what has come for a shop that another process brings it to; see `Listener`."""
        return self.courier.listener.take(seconds)

    def close(self) -> None:
        """Wait for what is under way, and end the threads; the agenda's as well."""
        # What is under way is waited for twice: while the first wait goes on the agenda may begin
        # another attempt, and once it is closed nothing can.
        self.courier.listener.leave()
        self.settle()
        self._agenda.close()
        with self._changed:
            self._open = False
            self._awaited.clear()
        self.settle()
        with self._changed:
            threads, self._threads = self._threads, None
        if threads:
            threads.shutdown()

    def _due(self, appointment: Appointment) -> None:
        """Do what the agenda says; while the clock is moved, time waits for the merchant."""
        document = self._store.get(_KIND, appointment.payload["id"])
        if document is None or not Delivery.load(document).open:
            self._end(appointment.payload["id"])
            return
        attempt = self._start(document["id"])
        if self._agenda.moving:
            attempt.result()

    def _start(self, id: str) -> Future[None]:
        """Begin an attempt, unless one is under way."""
        with self._changed:
            # One that is over may still be listed: its waiter goes on before `_ended` does.
            if id in self._running and not self._running[id].done():
                return self._running[id]
            if self._threads is None:
                name = "wechatpay-notifications"
                self._threads = ThreadPoolExecutor(_ATTEMPTS_AT_ONCE, thread_name_prefix=name)
            self._awaited.add(id)
            attempt = self._running[id] = self._threads.submit(self._attempt, id)
        # Outside of the lock: an attempt that is over calls back here and now, and takes the lock.
        attempt.add_done_callback(lambda attempt: self._ended(id, attempt))
        return attempt

    def _ended(self, id: str, attempt: Future[None]) -> None:
        if error := attempt.exception():
            _LOG.error("an attempt to notify the merchant broke off", exc_info=error)
        self._end(id)

    def _await(self, delivery: Delivery) -> None:
        """Have `settle` wait for an attempt on the agenda, unless that was faster."""
        with self._changed:
            self._awaited.add(delivery.id)
        # The agenda may have had it done between the end of the transaction and this line. Then its
        # appointment is another one, or none, and nobody else would take it off the list again.
        document = self._store.get(_KIND, delivery.id)
        if document is None or document["appointment"] != delivery.appointment:
            with self._changed:
                self._awaited.discard(delivery.id)
                self._changed.notify_all()

    def _end(self, id: str) -> None:
        with self._changed:
            self._awaited.discard(id)
            # Only what is over: another attempt may have begun under the same id.
            self._running = {k: v for k, v in self._running.items() if k != id or not v.done()}
            self._changed.notify_all()

    def _attempt(self, id: str) -> None:
        at, delivery = self._clock(), self.find(id)
        probe = delivery.probe or self._draws_a_probe(delivery)
        number, event = self._writer.request_id(), delivery.event
        headers = self._writer.headers(delivery, number, probe=probe)
        judge = self._writer.judge(event.form)
        try:
            received = self.courier.bring(event.url, headers, delivery.body, judge)
        except Exception:  # noqa: BLE001 -- whatever it was: nothing may wait for ever
            _LOG.exception("an attempt to notify the merchant broke off")
            received = Received("unreachable", None, 0.0)
        attempt = Attempt(
            at, number, received.outcome, received.status, received.seconds, received.reply, probe
        )
        with self._store.transaction():
            if self._store.get(_KIND, id) is None:  # it is history
                return
            # Read again: while the shop was asked, it may have been put off or sent again.
            delivery = self.find(id)
            self._agenda.cancel(delivery.appointment)
            delivery = delivery.tried(attempt)
            if delivery.due_in is not None:
                delivery = self._appointed(delivery, at + delivery.due_in)
            self._put(delivery)
        self._show(delivery)

    def _appointed(self, delivery: Delivery, moment: float) -> Delivery:
        appointment = self._agenda.at(moment, _AGENDA, id=delivery.id)
        return replace(delivery, appointment=appointment)

    def _put(self, delivery: Delivery) -> None:
        state = {"open": 1} if delivery.open else {"finished": delivery.number}
        self._store.put(_KIND, delivery.id, delivery.dump(), **state)

    def _draws_a_probe(self, delivery: Delivery) -> bool:
        if delivery.attempts or not self._writer.is_stamped(delivery.event.form):
            return False
        return self.rate > 0 and self._chance.random() < self.rate
