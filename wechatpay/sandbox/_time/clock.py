"""The sandbox's time: the real one, moved as far as its user wants."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from .._base import BEIJING, Store

_KIND = "clock"


def wall() -> float:
    """Tell the real time, as `time.time` does when it is asked.

    A default of `clock=time.time` would keep what that name was when the module was loaded: a tool
    that stops the clock for a test, as freezegun does, puts another function under the name.
    """
    return time.time()


def seconds(text: str) -> float | None:
    """Return the seconds since 1970 of a time as WeChat Pay writes it; `None` for an empty one."""
    return datetime.fromisoformat(text).timestamp() if text else None


class Clock:
    """Tells seconds since 1970, by WeChat Pay's books: when orders expire, what day a bill is of.

    Signatures are another matter: a merchant signs by its own clock, which nobody has moved. They
    are dated and judged by `wall`.

    Args:
        store: Where it is remembered how far the clock was moved.
        source: The real time, in seconds since 1970.
    """

    def __init__(self, store: Store, source: Callable[[], float] = wall) -> None:
        self.wall = source
        self._store = store
        self._ahead: float = (store.get(_KIND, "") or {"ahead": 0.0})["ahead"]
        self._watchers: list[Callable[[float], object]] = []

    def __call__(self) -> float:
        """Tell the sandbox's time."""
        return self.wall() + self._ahead

    @property
    def ahead(self) -> float:
        """How many seconds it is ahead of the real time."""
        return self._ahead

    def moment(self) -> datetime:
        """Tell the time as WeChat Pay writes it: whole seconds, in Beijing."""
        return datetime.fromtimestamp(int(self()), BEIJING)

    def watch(self, watcher: Callable[[float], object]) -> None:
        """Have the time that the clock is going to be moved to told to someone, before it is.

        They may move it there themselves, in steps.
        """
        self._watchers.append(watcher)

    def advance(self, by: float | timedelta) -> float:
        """Move the clock ahead; what is due on the way happens at its own time.

        Args:
            by: How far: seconds, or a `timedelta`.

        Returns:
            The time it is then.

        Raises:
            ValueError: That is not ahead.
        """
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"the clock cannot be moved by {seconds} s: only ahead")
        until = self() + seconds
        for watcher in self._watchers:
            watcher(until)
        self.reach(until)
        return self()

    def reach(self, moment: float) -> None:
        """Move the clock to a moment, unless it is later already."""
        with self._store.transaction():
            late = moment - self()
            if late > 0:
                self._ahead += late
                self._store.put(_KIND, "", {"ahead": self._ahead})
