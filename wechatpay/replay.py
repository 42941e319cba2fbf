"""Handle each notification once: a guard remembers which ones were, for all workers.

WeChat Pay sends a notification again until it is told of success, up to 15 times in a day, and
now and then twice at once. A guard recognises the repeats:

    guard = RedisGuard(redis.Redis())

    with once(guard, notification.id) as first:
        if first:
            fulfil(notification)
    ...  # answer with wechatpay.notification.SUCCESS

**When is it "seen"?** A mark set before the work loses the notification if the work fails: the
repeat would be taken for a duplicate. A mark set after it lets two deliveries at once do the work
twice. So there are two marks. `seen` sets a *claim*, for `lease` seconds; `done` turns it into a
mark that stays for `ttl`; `forget` takes it back, so that the repeat is handled after all. `once`
calls the right one. If the process dies in between, the claim expires, and the next repeat is
handled. While there is a claim, a second delivery is neither first nor done: it raises
`BeingHandled`, which `wechatpay.notification.reply_to` answers with a failure, so that WeChat Pay
sends the notification again when the outcome is known.

**Whose claim?** A delivery that takes longer than its lease may fail when another has already
handled the notification. So each holds a `Claim`, an id with a token that no other delivery has,
and `forget` takes back a claim of the same token only: never another's, and never a done mark.

That is a filter, not a transaction: a process may die after the work and before `done`. Where
doing it twice would cost money, let the work itself see that it was done, by the order's number.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from ._alarm import alarm
from ._awaiting import resolved
from ._clock import steady
from ._locks import Lock
from .errors import WeChatPayError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from logging import Logger

_Result = TypeVar("_Result")

__all__ = [
    "LEASE",
    "TTL",
    "AsyncGuard",
    "AsyncRedisGuard",
    "BeingHandled",
    "Claim",
    "Guard",
    "MemoryGuard",
    "RedisGuard",
    "once",
    "once_async",
]

TTL = 48 * 3600.0
"""Seconds that a notification is remembered: twice as long as WeChat Pay repeats it."""
LEASE = 60.0
"""Seconds that handling it may take: far more than the five that WeChat Pay waits for an answer."""

_CLAIMED, _DONE = "claimed", "done"
_RELEASE = (
    'if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end return 0'
)
"""Deletes a key if it has a value, in one step: in two, another claim could come in between."""

logger: Logger = alarm("wechatpay.replay")


class BeingHandled(WeChatPayError):
    """Another delivery of the same notification is being handled at this moment."""


class Claim(str):
    """A notification's id, claimed by one delivery: a text like any id, with a token.

    `once` makes one and hands it to the guard as the id, so a guard of your own may take it for a
    plain text, or keep `token` beside the claim and compare it in `forget`.

    Attributes:
        token: What no other delivery of the notification has.
    """

    __slots__ = ("token",)
    token: str

    def __new__(cls, id: str) -> Claim:
        """Claim an id.

        Raises:
            TypeError: It is not text, or empty: all such ids would be the same notification's.
        """
        if not isinstance(cast("object", id), str) or not id:
            raise TypeError("the id must be the notification's own, a text that is not empty")
        claim = super().__new__(cls, id)
        claim.token = secrets.token_hex(16)
        return claim


def _claimed(id: str) -> str:
    """Return the mark of a claim, with its token if `once` made it."""
    return f"{_CLAIMED}:{id.token}" if isinstance(id, Claim) else _CLAIMED


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
        """Take back the claim, if it is still the caller's: its repeat may be handled."""
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
    """Yield whether the notification is to be handled now; mark it as handled if that succeeded.

    An error of the work is raised as it is, even if the claim cannot be taken back.

    Args:
        guard: The memory.
        id: `Notification.id`.

    Raises:
        BeingHandled: Another delivery of it is being handled: answer with a failure.
        TypeError: The id is not text.
    """
    claim = Claim(id)
    first = not guard.seen(claim)
    try:
        yield first
    except BaseException:
        if first:
            try:
                guard.forget(claim)
            except Exception as error:  # noqa: BLE001 - it must not hide what the work has raised
                _claim_is_left(id, error)
        raise
    if first:
        guard.done(claim)


@asynccontextmanager
async def once_async(guard: Guard | AsyncGuard, id: str) -> AsyncGenerator[bool]:
    """As `once`, for either kind of guard."""
    claim = Claim(id)
    first = not await resolved(guard.seen(claim))
    try:
        yield first
    except BaseException:
        if first:
            try:
                await resolved(guard.forget(claim))
            except Exception as error:  # noqa: BLE001 - it must not hide what the work has raised
                _claim_is_left(id, error)
        raise
    if first:
        await resolved(guard.done(claim))


def _claim_is_left(id: str, error: Exception) -> None:
    logger.error(
        "notification %s failed, and its claim could not be taken back (%s): repeats are handled "
        "once it has expired",
        id,
        type(error).__name__,
    )


class MemoryGuard:
    """A guard for one process, which forgets when that ends: for small shops and for tests.

    Args:
        ttl: Seconds that a handled notification is remembered.
        size: How many are remembered at most; then the oldest are forgotten first.
        lease: Seconds that a claim lasts.
        clock: What tells the seconds.
    """

    __slots__ = ("_clock", "_lease", "_lock", "_marks", "_size", "_ttl")

    def __init__(
        self,
        *,
        ttl: float = TTL,
        size: int = 100_000,
        lease: float = LEASE,
        clock: Callable[[], float] = steady,
    ) -> None:
        self._ttl = ttl
        self._size = size
        self._lease = lease
        self._clock = clock
        self._lock = Lock()
        self._marks: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def seen(self, id: str, /) -> bool:
        """Tell whether it was handled; if not, claim it. See `Guard.seen`."""
        with self._lock.now:
            mark, end = self._marks.get(id, ("", float("-inf")))
            if end > self._clock():
                return _verdict(mark)
            self._mark(id, _claimed(id), self._lease)
            return False

    def done(self, id: str, /) -> None:
        """Remember that it was handled."""
        with self._lock.now:
            self._mark(id, _DONE, self._ttl)

    def forget(self, id: str, /) -> None:
        """Take back the claim, if it is this delivery's."""
        with self._lock.now:
            mark, _ = self._marks.get(id, ("", 0.0))
            if mark == _claimed(id):
                del self._marks[id]

    def __len__(self) -> int:
        return len(self._marks)

    def _mark(self, id: str, mark: str, seconds: float) -> None:
        now = self._clock()
        self._marks[str(id)] = mark, now + seconds
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

    def eval(self, script: str, numkeys: int, /, *keys_and_args: Any) -> Any:
        """EVAL."""
        ...


_MOST_OWED = 10_000


class _RedisGuard:
    """What the guards in Redis have in common: each method's commands, one after the other.

    A step yields what the client has returned for a command, and is sent the reply: the same thing
    from a blocking client, what comes of awaiting it from the other kind.

    Work that is done must not be done again because Redis cannot be reached when it is to be
    marked. Then the guard remembers the mark itself, and writes it when Redis can be reached again.
    """

    __slots__ = ("_client", "_lease", "_owed", "_prefix", "_ttl")

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
        self._owed: dict[str, None] = {}

    def _seen(self, id: str) -> Generator[Any, Any, bool]:
        key, claimed = self._prefix + id, _claimed(id)
        for owed in list(self._owed):
            yield from self._done(owed)
            if owed in self._owed:
                break
        if id in self._owed:
            return True
        if (yield self._client.set(key, claimed.encode(), px=self._lease, nx=True)):
            return False
        mark: Any = yield self._client.get(key)
        text = mark.decode() if isinstance(mark, bytes) else mark  # text where the client decodes
        # The client may have sent the command twice, having lost the reply to the first.
        return False if isinstance(id, Claim) and text == claimed else _verdict(text)

    def _done(self, id: str) -> Generator[Any, Any, None]:
        try:
            yield self._client.set(self._prefix + id, _DONE.encode(), px=self._ttl)
        except Exception as error:  # noqa: BLE001 - the work is done, whatever Redis says
            if id not in self._owed:
                if len(self._owed) < _MOST_OWED:
                    self._owed[str(id)] = None
                logger.error(
                    "notification %s is handled, but could not be marked as such (%s): this "
                    "process remembers it until it can",
                    id,
                    type(error).__name__,
                )
        else:
            self._owed.pop(id, None)

    def _forget(self, id: str) -> Generator[Any, Any, None]:
        yield self._client.eval(_RELEASE, 1, self._prefix + id, _claimed(id).encode())


class RedisGuard(_RedisGuard):
    """A guard in Redis, for any number of processes and machines.

    An error of Redis before the work is raised: answered with a failure, the notification comes
    again. After the work it is logged (`wechatpay.replay`), and the guard itself remembers what it
    could not write.

    Args:
        client: A `redis.Redis`, or what has its `set`, `get` and `eval`.
        prefix: What its keys begin with.
        ttl: Seconds that a handled notification is remembered.
        lease: Seconds that a claim lasts.
    """

    __slots__ = ()

    def seen(self, id: str, /) -> bool:
        """Tell whether it was handled; if not, claim it. See `Guard.seen`."""
        return _blocking(self._seen(id))

    def done(self, id: str, /) -> None:
        """Remember that it was handled."""
        _blocking(self._done(id))

    def forget(self, id: str, /) -> None:
        """Take back the claim, if it is this delivery's."""
        _blocking(self._forget(id))


class AsyncRedisGuard(_RedisGuard):
    """As `RedisGuard`, for a `redis.asyncio.Redis`."""

    __slots__ = ()

    async def seen(self, id: str, /) -> bool:
        """Tell whether it was handled; if not, claim it. See `Guard.seen`."""
        return await _awaited(self._seen(id))

    async def done(self, id: str, /) -> None:
        """Remember that it was handled."""
        await _awaited(self._done(id))

    async def forget(self, id: str, /) -> None:
        """Take back the claim, if it is this delivery's."""
        await _awaited(self._forget(id))


def _blocking(steps: Generator[Any, Any, _Result]) -> _Result:
    reply: Any = None
    while True:
        try:
            reply = steps.send(reply)
        except StopIteration as end:
            return cast("_Result", end.value)


async def _awaited(steps: Generator[Any, Any, _Result]) -> _Result:
    reply, error = None, None
    while True:
        try:
            command: Any = steps.throw(error) if error is not None else steps.send(reply)
        except StopIteration as end:
            return cast("_Result", end.value)
        try:
            reply, error = await command, None
        except Exception as raised:  # noqa: BLE001 - for the steps to see, as in a blocking client
            error = raised


def _verdict(mark: object) -> bool:
    """Tell whether a mark is a finished one; a claim that has just expired is still a claim."""
    if mark == _DONE:
        return True
    raise BeingHandled("another delivery of this notification is being handled; it comes again")
