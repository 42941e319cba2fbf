"""Locks that a forked process finds open, and tickets that are free once their holder is gone.

A fork copies every lock as it is, and of all threads only the one that forked. A lock that another
thread held at that moment would stay locked in the child: its first call would wait for ever.

A signal may come between taking something and the `try` that gives it back. `with` on one of
Python's own locks is safe from that, for Python looks for signals only once it is inside; with an
`__enter__` written in Python it may look before. So a `Lock` is used as `with lock.now:`. A ticket
is held for longer than a block, and does not depend on being given back: it is free as soon as
nothing refers to its holder.
"""

from __future__ import annotations

import os
import threading
from weakref import WeakSet, ref

_locks: WeakSet[Lock] = WeakSet()


class Lock:
    """A lock that is new after a fork.

    Attributes:
        now: The lock of this process, for `with lock.now:`.
    """

    __slots__ = ("__weakref__", "now")

    def __init__(self) -> None:
        self.now: threading.Lock = threading.Lock()
        _locks.add(self)


class TicketHolder:
    """What holds a ticket, for as long as anything refers to it.

    Attributes:
        process: The process that it was made in.
        thread: The thread that it was made in, and goes on in.
    """

    __slots__ = ("__weakref__", "process", "thread")

    def __init__(self) -> None:
        self.process: int = os.getpid()
        self.thread: int = threading.get_ident()


class Ticket:
    """What one caller has at a time; it is free if its holder is gone, or in a parent process."""

    __slots__ = ("_holder", "_lock")

    def __init__(self) -> None:
        self._lock = Lock()
        self._holder: ref[TicketHolder] | None = None

    @property
    def holder(self) -> TicketHolder | None:
        """What holds it, if anything in this process does."""
        found = None if self._holder is None else self._holder()
        return found if found is not None and found.process == os.getpid() else None

    @property
    def thread(self) -> int | None:
        """The thread in which its holder goes on, if it is held."""
        holder = self.holder
        return None if holder is None else holder.thread

    def take(self, holder: TicketHolder) -> bool:
        """Take it if it is free, and tell whether this holder has it."""
        with self._lock.now:
            if self.holder is None:
                self._holder = ref(holder)
            return self.holder is holder

    def give_back(self, holder: TicketHolder) -> None:
        """Let go of it, if this holder has it."""
        with self._lock.now:
            if self.holder is holder:
                self._holder = None


def _after_fork() -> None:
    for lock in list(_locks):
        lock.now = threading.Lock()


if hasattr(os, "register_at_fork"):  # pragma: no branch  Windows has no fork
    os.register_at_fork(after_in_child=_after_fork)
