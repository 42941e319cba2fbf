"""Locks that a forked process finds open.

A fork copies every lock as it is, and of all threads only the one that forked. What another thread
held at that moment nobody would ever release in the child: its first call would wait for ever.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from types import TracebackType
from weakref import WeakSet

_locks: WeakSet[Lock] = WeakSet()


class Lock:
    """A `threading.Lock` for `with` that is new after a fork."""

    __slots__ = ("__weakref__", "_lock")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _locks.add(self)

    def renew(self) -> None:
        """Be open, whoever held it."""
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Whoever forks while holding it leaves the block twice; in the child it is open by then.
        with suppress(RuntimeError):
            self._lock.release()


def _after_fork() -> None:
    for lock in list(_locks):
        lock.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
