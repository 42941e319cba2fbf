"""All that an answer can depend on, and the services that every family gets with it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from ._base import Certificate, Keys, PrivateFolder, StateError, Store
from ._time import Agenda, Clock, Event, Events, wall

_KEYS = "keys"
Function = TypeVar("Function")


@dataclass(frozen=True)
class World:
    """All that an answer can depend on; a family's repositories are made of it, `Orders(world)`.

    Attributes:
        store: What is remembered.
        keys: Who holds which key; remembered as well.
        clock: The sandbox's time.
        agenda: What is going to happen, and when.
        events: Takes what the merchant is to be notified of.
        home: A folder in which keys are kept as well, for a store that ends with the process.
        hooks: What families do for others; see `Hook`.
    """

    store: Store
    keys: Keys
    clock: Clock
    agenda: Agenda
    events: Events
    home: PrivateFolder | None = None
    hooks: dict[Hook[Any], list[Any]] = field(
        default_factory=dict["Hook[Any]", list[Any]], repr=False, compare=False
    )

    @classmethod
    def open(
        cls,
        mchid: str = "1900000109",
        *,
        state: str | Path | None = None,
        source: Callable[[], float] = wall,
        home: PrivateFolder | None = None,
        new_keys: bool = False,
        sm: bool = False,
    ) -> World:
        """Make a world, or go on with one.

        Args:
            mchid: The merchant.
            state: The file in which it is remembered; `None` for memory.
            source: The real time, in seconds since 1970.
            home: A folder in which keys are kept where there is no such file.
            new_keys: Whether the keys that are remembered are replaced by new ones.
            sm: Whether the keys are of 国密.

        Raises:
            StateError: The file is not a sandbox's, is of a newer version, is in use, or is about
                another merchant, or has keys of another kind.
            ImportError: Keys of 国密 need the extra `gm`, which is not installed.
        """
        store = Store(state)
        clock = Clock(store, source)
        keys = _keys(store, mchid, home, new_keys=new_keys, sm=sm)
        return cls(store, keys, clock, Agenda(store, clock), Events(store), home)

    def recall(self, kind: str) -> Mapping[str, Any] | None:
        """Return what was remembered of WeChat Pay itself, by its kind, such as keys."""
        return _recall(self.store, self.home, kind)

    def remember(self, kind: str, document: Mapping[str, Any]) -> None:
        """Remember something of WeChat Pay itself: as long as the store does, or the home."""
        _remember(self.store, self.home, kind, document)

    def tell(self, event: Event) -> None:
        """Notify the merchant, once the transaction is written."""
        self.events.tell(event)

    def number(self, prefix: str, sequence: str, digits: int, *, noise: int = 0) -> str:
        """Return the next of WeChat Pay's numbers for something, in their usual shape.

        Args:
            prefix: How all of its kind begin.
            sequence: Which sequence it is the next of.
            digits: How many digits the last part has.
            noise: How many digits after the prefix are drawn at random; the day follows.
        """
        drawn = f"{secrets.randbelow(10**noise):0{noise}d}" if noise else ""
        day = f"{self.clock.moment():%Y%m%d}"
        return f"{prefix}{drawn}{day}{self.store.next(sequence):0{digits}d}"

    def rotate(self) -> Certificate:
        """Have WeChat Pay sign with a new certificate; the last one stays listed for a day."""
        with self.store.transaction():
            fresh = self.keys.rotate(self.clock())
            self.remember(_KEYS, self.keys.dump())
        return fresh

    def close(self) -> None:
        """End the threads, and let go of the state file; the next use takes it again."""
        self.agenda.close()
        self.store.release()


class Hook(Generic[Function]):
    """Where one family calls functions of others, without importing them.

    The family that calls makes the hook, and says what its functions are; another one adds a
    function to a world when it is set up there:

        TOGETHER: Hook[Callable[[Order], Whole | None]] = Hook()
        TOGETHER.add(world, CombinedOrders(world).whole)
    """

    def add(self, world: World, function: Function) -> None:
        """Add a function, in one world."""
        world.hooks.setdefault(self, []).append(function)

    def of(self, world: World) -> tuple[Function, ...]:
        """Return the functions of a world, in the order of the families."""
        return tuple(world.hooks.get(self, ()))


def _recall(store: Store, home: PrivateFolder | None, kind: str) -> Mapping[str, Any] | None:
    held = store.get(kind, "")
    return held if held or home is None or store.lasts else home.load(kind)


def _remember(
    store: Store, home: PrivateFolder | None, kind: str, document: Mapping[str, Any]
) -> None:
    store.put(kind, "", document)
    if home is not None and not store.lasts:
        home.keep(kind, document)


def _kept(home: PrivateFolder, mchid: str, *, sm: bool) -> Keys | None:
    """The keys that a folder has for a merchant; `None` if none can be read."""
    try:
        keys = Keys.load(home.load(_KEYS) or {})
    except (LookupError, TypeError, ValueError):
        return None
    return keys if (keys.mchid, keys.is_sm) == (mchid, sm) else None


def _keys(
    store: Store, mchid: str, home: PrivateFolder | None, *, new_keys: bool, sm: bool
) -> Keys:
    """The keys that are remembered, or new ones."""
    with store.transaction():
        if held := store.get(_KEYS, ""):
            keys: Keys | None = Keys.load(held)
        else:
            keys = None if home is None or store.lasts else _kept(home, mchid, sm=sm)
        if keys is None or (new_keys and keys.mchid == mchid):
            keys = Keys.throwaway(mchid, sm=sm)
            _remember(store, home, _KEYS, keys.dump())
    if keys.mchid != mchid:
        store.release()
        way_out = f"say mchid={keys.mchid!r}, or name another file"
        raise StateError(f"{store.path} is about merchant {keys.mchid}, not {mchid}: {way_out}")
    if keys.is_sm != sm:
        store.release()
        way_out = f"say sm={keys.is_sm}, or name another file"
        raise StateError(f"{store.path} has {'SM' if keys.is_sm else 'RSA'} keys: {way_out}")
    return keys
