"""All that an answer can depend on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ._base.keys import Certificate, Keys
from ._base.store import StateError, Store
from ._time.agenda import Agenda
from ._time.clock import Clock
from ._time.events import Events

_KEYS = "keys"


@dataclass(frozen=True)
class World:
    """All that an answer can depend on; a family's repositories are made of it, `Orders(world)`.

    Attributes:
        store: What is remembered.
        keys: Who holds which key; remembered as well.
        clock: The sandbox's time.
        agenda: What is going to happen, and when.
        events: Those who carry notifications to the merchant.
    """

    store: Store
    keys: Keys
    clock: Clock
    agenda: Agenda
    events: Events

    @classmethod
    def open(
        cls,
        mchid: str = "1900000109",
        *,
        state: str | Path | None = None,
        source: Callable[[], float] = time.time,
    ) -> World:
        """Make a world, or go on with one.

        Args:
            mchid: The merchant.
            state: The file in which it is remembered; `None` for memory.
            source: The real time, in seconds since 1970.

        Raises:
            StateError: The file is not a sandbox's, is of a newer version, is in use, or is about
                another merchant.
        """
        store = Store(state)
        clock = Clock(store, source)
        return cls(store, _keys(store, mchid), clock, Agenda(store, clock), Events(store))

    def rotate(self) -> Certificate:
        """Have WeChat Pay sign with a new certificate; the last one stays listed for a day."""
        with self.store.transaction():
            fresh = self.keys.rotate(self.clock())
            self.store.put(_KEYS, "", self.keys.dump())
        return fresh

    def close(self) -> None:
        """End the threads, and let go of the state file; the next use takes it again."""
        self.agenda.close()
        self.store.release()


def _keys(store: Store, mchid: str) -> Keys:
    """The keys that were thrown away last time, or new ones."""
    with store.transaction():
        if held := store.get(_KEYS, ""):
            keys = Keys.load(held)
        else:
            keys = Keys.throwaway(mchid)
            store.put(_KEYS, "", keys.dump())
    if keys.mchid != mchid:
        store.release()
        way_out = f"say mchid={keys.mchid!r}, or name another file"
        raise StateError(f"{store.path} is about merchant {keys.mchid}, not {mchid}: {way_out}")
    return keys
