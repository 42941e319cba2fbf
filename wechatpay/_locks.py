"""Locks that a forked process finds open, and tickets that end with whoever holds them.

A fork copies every lock as it is, and of all threads only the one that forked. What another thread
held at that moment nobody would ever release in the child: its first call would wait for ever.

And a signal may come between taking something and the `try` that gives it back. A `with` on a lock
of C is safe from that, for Python looks for signals only once it is inside; nothing written in
Python is. So `with lock.now:` it is, and a ticket is not given back but found to be free.
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


class Claim:
    """Who holds a ticket; it lasts as long as somebody refers to it.

    Attributes:
        process: The process that it was made in.
        thread: The thread that it was made in, and goes on in.
    """

    __slots__ = ("__weakref__", "process", "thread")

    def __init__(self) -> None:
        self.process = os.getpid()
        self.thread = threading.get_ident()


class Ticket:
    """What one caller has at a time, and nobody once its holder is gone or was left in a parent."""

    __slots__ = ("_holder", "_lock")

    def __init__(self) -> None:
        self._lock = Lock()
        self._holder: ref[Claim] | None = None

    @property
    def holder(self) -> Claim | None:
        """Who holds it."""
        claim = None if self._holder is None else self._holder()
        return claim if claim is not None and claim.process == os.getpid() else None

    @property
    def thread(self) -> int | None:
        """The thread in which its holder goes on, if somebody holds it."""
        holder = self.holder
        return None if holder is None else holder.thread

    def take(self, claim: Claim) -> bool:
        """Take it for a claim, if nobody holds it."""
        with self._lock.now:
            if self.holder is None:
                self._holder = ref(claim)
            return self.holder is claim

    def give_back(self, claim: Claim) -> None:
        """Let go of it, if this claim holds it."""
        with self._lock.now:
            if self.holder is claim:
                self._holder = None


def _after_fork() -> None:
    for lock in list(_locks):
        lock.now = threading.Lock()


if hasattr(os, "register_at_fork"):  # pragma: no branch  Windows has no fork
    os.register_at_fork(after_in_child=_after_fork)
