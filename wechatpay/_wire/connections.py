"""The connections of one route for blocking calls: those that are idle, and a limit for all.

The one used last is lent first, so that the others grow old and are closed when few are needed.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar
from weakref import WeakSet

import httpx

from .clock import uptime
from .route import KEEPALIVE, MOST_CONNECTIONS

_POLL = 0.01
"""Seconds between two looks for a connection that has become free."""


class Connection(Protocol):
    """One connection at most, and what drives it.

    Attributes:
        since: When it was last used, on the clock that runs while the machine sleeps.
    """

    since: float

    @property
    def is_stale(self) -> bool:
        """Whether the connection is not to be used again."""
        ...

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        ...


C = TypeVar("C", bound=Connection)


class Connections(Generic[C]):
    """Lends connections to any number of threads, each to one of them at a time."""

    def __init__(self, new: Callable[[], C]) -> None:
        """Have none yet.

        Args:
            new: Makes one.
        """
        self._new = new
        self._idle: deque[C] = deque()
        # Not a count: a signal may come between counting and what undoes it, but a connection
        # that nothing refers to any more is gone by itself.
        self._all: WeakSet[C] = WeakSet()
        # Held while a connection is made, which takes no I/O, and never while one is waited for.
        # It may be an ordinary lock: a forked process has pools of its own.
        self._lock = threading.Lock()
        self._is_closed = False

    def take(self, limit: float | None) -> C:
        """Return a connection, an idle one if there is one.

        Args:
            limit: Seconds to wait for one to be free, where there are as many as there may be.

        Raises:
            httpx.PoolTimeout: None was.
        """
        idle = self._idle
        # The last one is left to `_usable`, which looks at more than its age.
        while len(idle) > 1 and (old := expired(idle)) is not None:
            old.close()
        return self._usable() or self._another(limit)

    def give_back(self, connection: C) -> None:
        """Take a connection back that may be used again."""
        self._idle.append(connection)
        # In this order: another thread may have closed all idle ones just before.
        if self._is_closed:
            self.close()

    def close(self) -> None:
        """Close every idle connection; the others are closed by those who use them."""
        self._is_closed = True
        while (connection := last(self._idle)) is not None:
            connection.close()

    def _usable(self) -> C | None:
        """Take the idle connection that was used last and may be used again; close any other."""
        while (connection := last(self._idle)) is not None:
            if not connection.is_stale:
                return connection
            connection.close()
        return None

    def _another(self, limit: float | None) -> C:
        """Return a new connection, or if there are too many, wait for one to be given back."""
        deadline = None if limit is None else time.monotonic() + limit
        while True:
            with self._lock:
                if len(self._all) < MOST_CONNECTIONS:
                    connection = self._new()
                    self._all.add(connection)
                    return connection
            given_back = self._usable()
            if given_back is not None:
                return given_back
            if deadline is not None and time.monotonic() > deadline:
                raise httpx.PoolTimeout("every connection is in use")
            time.sleep(_POLL)


class _Dated(Protocol):
    since: float


D = TypeVar("D", bound=_Dated)


def expired(idle: deque[D]) -> D | None:
    """Take the connection that was idle longest, if that was too long."""
    try:
        # If another thread takes that one first, the next is taken: a good connection is closed,
        # which does no harm.
        return idle.popleft() if idle[0].since < uptime() - KEEPALIVE else None
    except IndexError:
        return None


def last(idle: deque[D]) -> D | None:
    """Take the connection that was used last."""
    try:
        return idle.pop()
    except IndexError:
        return None
