"""One notification, handled once: a memory of which ones were, shared by all who handle them.

WeChat Pay sends a notification again until it is told of success, up to 15 times in a day, and
now and then twice at once. A guard tells the repeats:

    guard = RedisGuard(redis.Redis())

    with once(guard, notification.id) as first:
        if first:
            fulfil(notification)
    ...  # answer with wechatpay.notification.SUCCESS

**When is it "seen"?** A mark set before the work loses the notification if the work fails: the
repeat would be taken for a duplicate. A mark set after it lets two deliveries at once do the work
twice. So there are two marks. `seen` sets a *claim*, for `lease` seconds; `done` makes a mark of
it that stays for `ttl`; `forget` takes it back, so that the repeat is handled after all. `once`
calls the right one. If the process dies in between, the claim runs out, and the next repeat is
handled. While a claim stands, a second delivery is neither first nor done: it raises
`BeingHandled`, which `wechatpay.notification.reply_to` answers with a failure, so that WeChat Pay
asks again when the outcome is known.

That is a filter, not a transaction: a process may die after the work and before `done`. Where
doing it twice would cost money, let the work itself see that it was done, by the order's number.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from .errors import WeChatPayError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

__all__ = [
    "LEASE",
    "TTL",
    "AsyncGuard",
    "AsyncRedisGuard",
    "BeingHandled",
    "Guard",
    "MemoryGuard",
    "RedisGuard",
    "once",
    "once_async",
]

TTL = 48 * 3600.0
"""Seconds that a notification is remembered: twice as long as WeChat Pay repeats it."""
LEASE = 60.0
"""Seconds that handling it may take: far more than the five after which WeChat Pay hangs up."""

_CLAIMED, _DONE = b"claimed", b"done"


class BeingHandled(WeChatPayError):
    """Another delivery of the same notification is being handled at this moment."""


class Guard(Protocol):
    """Remembers which notifications were handled. Safe to be asked by any number of threads."""

    def seen(self, id: str, /) -> bool:
        """Tell whether it was handled; if not, claim it for the caller, in one step.

        Raises:
            BeingHandled: Another caller has claimed it.
        """
        ...

    def done(self, id: str, /) -> None:
        """Remember that it was handled."""
        ...

    def forget(self, id: str, /) -> None:
        """Take back the claim: it was not handled, and its repeat may be."""
        ...


class AsyncGuard(Protocol):
    """A `Guard` that is awaited."""

    async def seen(self, id: str, /) -> bool:
        """As `Guard.seen`."""
        ...

    async def done(self, id: str, /) -> None:
        """As `Guard.done`."""
        ...

    async def forget(self, id: str, /) -> None:
        """As `Guard.forget`."""
        ...


@contextmanager
def once(guard: Guard, id: str) -> Generator[bool]:
    """Give whether the notification is to be handled now; mark it as handled if that went well.

    Args:
        guard: The memory.
        id: `Notification.id`.

    Raises:
        BeingHandled: Another delivery of it is being handled: answer with a failure.
    """
    first = not guard.seen(id)
    try:
        yield first
    except BaseException:
        if first:
            guard.forget(id)
        raise
    if first:
        guard.done(id)


@asynccontextmanager
async def once_async(guard: Guard | AsyncGuard, id: str) -> AsyncGenerator[bool]:
    """As `once`, for either kind of guard."""
    first = not await _settled(guard.seen(id))
    try:
        yield first
    except BaseException:
        if first:
            await _settled(guard.forget(id))
        raise
    if first:
        await _settled(guard.done(id))


async def _settled(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


class MemoryGuard:
    """A guard for one process. It forgets when that ends, so it is for small shops and for tests.

    Args:
        ttl: Seconds that a handled notification is remembered.
        size: How many are remembered at most; then the oldest are forgotten first.
        lease: Seconds that a claim stands.
        clock: What tells the seconds.
    """

    __slots__ = ("_clock", "_lease", "_lock", "_marks", "_size", "_ttl")

    def __init__(
        self,
        *,
        ttl: float = TTL,
        size: int = 100_000,
        lease: float = LEASE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ttl = ttl
        self._size = size
        self._lease = lease
        self._clock = clock
        self._lock = threading.Lock()
        self._marks: OrderedDict[str, tuple[bytes, float]] = OrderedDict()

    def seen(self, id: str, /) -> bool:
        """Tell whether it was handled; if not, claim it. See `Guard.seen`."""
        with self._lock:
            mark, end = self._marks.get(id, (_CLAIMED, float("-inf")))
            if end > self._clock():
                return _verdict(mark)
            self._mark(id, _CLAIMED, self._lease)
            return False

    def done(self, id: str, /) -> None:
        """Remember that it was handled."""
        with self._lock:
            self._mark(id, _DONE, self._ttl)

    def forget(self, id: str, /) -> None:
        """Take back the claim."""
        with self._lock:
            self._marks.pop(id, None)

    def __len__(self) -> int:
        return len(self._marks)

    def _mark(self, id: str, mark: bytes, seconds: float) -> None:
        now = self._clock()
        self._marks[id] = mark, now + seconds
        self._marks.move_to_end(id)
        while self._marks:
            oldest, (_, end) = next(iter(self._marks.items()))
            if end > now and len(self._marks) <= self._size:
                break
            del self._marks[oldest]


class Redis(Protocol):
    """What is needed of a client of Redis; `redis.Redis` and `redis.asyncio.Redis` have it."""

    def set(self, name: str, value: bytes, *, px: int, nx: bool = ...) -> Any:
        """SET, with PX and NX."""
        ...

    def get(self, name: str, /) -> Any:
        """GET."""
        ...

    def delete(self, name: str, /) -> Any:
        """DEL."""
        ...


class _RedisGuard:
    """What the guards in Redis have in common."""

    __slots__ = ("_client", "_lease", "_prefix", "_ttl")

    def __init__(
        self,
        client: Redis,
        *,
        prefix: str = "wechatpay:notification:",
        ttl: float = TTL,
        lease: float = LEASE,
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._ttl = round(ttl * 1000)
        self._lease = round(lease * 1000)

    # Each sends one command and returns its reply, which is an awaitable from an async client.

    def _claim(self, id: str) -> Any:
        return self._client.set(self._prefix + id, _CLAIMED, px=self._lease, nx=True)

    def _mark(self, id: str) -> Any:
        return self._client.get(self._prefix + id)

    def _finish(self, id: str) -> Any:
        return self._client.set(self._prefix + id, _DONE, px=self._ttl)

    def _release(self, id: str) -> Any:
        return self._client.delete(self._prefix + id)


class RedisGuard(_RedisGuard):
    """A guard in Redis, for any number of processes and machines.

    What goes wrong with Redis is raised as it is: answered with a failure, the notification comes
    again.

    Args:
        client: A `redis.Redis`, or what has its `set`, `get` and `delete`.
        prefix: What its keys begin with.
        ttl: Seconds that a handled notification is remembered.
        lease: Seconds that a claim stands.
    """

    __slots__ = ()

    def seen(self, id: str, /) -> bool:
        """Tell whether it was handled; if not, claim it. See `Guard.seen`."""
        return not self._claim(id) and _verdict(self._mark(id))

    def done(self, id: str, /) -> None:
        """Remember that it was handled."""
        self._finish(id)

    def forget(self, id: str, /) -> None:
        """Take back the claim."""
        self._release(id)


class AsyncRedisGuard(_RedisGuard):
    """As `RedisGuard`, for a `redis.asyncio.Redis`."""

    __slots__ = ()

    async def seen(self, id: str, /) -> bool:
        """Tell whether it was handled; if not, claim it. See `Guard.seen`."""
        return not await self._claim(id) and _verdict(await self._mark(id))

    async def done(self, id: str, /) -> None:
        """Remember that it was handled."""
        await self._finish(id)

    async def forget(self, id: str, /) -> None:
        """Take back the claim."""
        await self._release(id)


def _verdict(mark: object) -> bool:
    """Tell a finished mark from a claim, which one that ran out just now still counts as."""
    if mark in (_DONE, _DONE.decode()):  # text where the client decodes
        return True
    raise BeingHandled("another delivery of this notification is being handled; it comes again")
