"""The memory of what was handled: each notification once, and again where it failed."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from redis_server import RedisServer

from wechatpay import WeChatPayError, replay
from wechatpay.notification import reply_to
from wechatpay.replay import (
    LEASE,
    TTL,
    AsyncGuard,
    AsyncRedisGuard,
    BeingHandled,
    Claim,
    Guard,
    MemoryGuard,
    RedisGuard,
    once,
    once_async,
)

if TYPE_CHECKING:
    from redis import Redis

ID = "EV-2018022511223320873"
RETRIES = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600]
"""Seconds between the documented fifteen repeats."""


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time that is set."""
        return self.now


class FakeRedis:
    """As much of Redis as a guard needs, on a clock of its own; it decodes if it is told to."""

    def __init__(self, clock: Callable[[], float], *, decode: bool = False) -> None:
        self.clock = clock
        self.decode = decode
        self.lock = threading.Lock()
        self.held: dict[str, tuple[bytes, float]] = {}

    def get(self, name: str, /) -> bytes | str | None:
        """Return what is held and has not run out."""
        value, end = self.held.get(name, (b"", 0.0))
        if end <= self.clock():
            return None
        return value.decode() if self.decode else value

    def set(self, name: str, value: bytes, *, px: int, nx: bool = False) -> bool | None:
        """Hold a value for some milliseconds; with `nx`, if none is held."""
        with self.lock:
            if nx and self.get(name) is not None:
                return None
            self.held[name] = value, self.clock() + px / 1000
            return True

    def eval(self, script: str, numkeys: int, /, *keys_and_args: Any) -> int:
        """Run the only script there is: drop a key that holds a value."""
        name, value = keys_and_args
        with self.lock:
            held = self.get(name)
            if held not in (value, value.decode()):
                return 0
            del self.held[name]
            return 1


class AsyncFakeRedis:
    """The same, awaited."""

    def __init__(self, clock: Clock) -> None:
        self._redis = FakeRedis(clock)

    async def get(self, name: str, /) -> Any:
        """As `FakeRedis.get`."""
        return self._redis.get(name)

    async def set(self, name: str, value: bytes, *, px: int, nx: bool = False) -> Any:
        """As `FakeRedis.set`."""
        return self._redis.set(name, value, px=px, nx=nx)

    async def eval(self, script: str, numkeys: int, /, *keys_and_args: Any) -> Any:
        """As `FakeRedis.eval`."""
        return self._redis.eval(script, numkeys, *keys_and_args)


MakeGuard = Callable[..., Guard]


@pytest.fixture(params=["memory", "fake Redis", "fake Redis, decoding", "Redis"])
def make_guard(request: pytest.FixtureRequest) -> MakeGuard:
    """Makes an empty guard of each kind, by the system's clock."""
    if request.param == "memory":
        return MemoryGuard
    if request.param == "Redis":
        client: Any = request.getfixturevalue("redis_client")
    else:
        client = FakeRedis(time.monotonic, decode="decoding" in request.param)
    return partial(RedisGuard, client)


# The three steps


def test_notification_is_handled_once(make_guard: MakeGuard) -> None:
    """What is new is not seen; what was done is, and stays so."""
    guard = make_guard()
    assert guard.seen(ID) is False
    guard.done(ID)
    assert [guard.seen(ID), guard.seen(ID)] == [True, True]
    assert guard.seen("EV-2") is False


def test_failed_notification_is_handled_again(make_guard: MakeGuard) -> None:
    """What was claimed and forgotten is new; forgetting what nobody claimed does nothing."""
    guard = make_guard()
    guard.forget(ID)
    assert guard.seen(ID) is False
    guard.forget(ID)
    assert guard.seen(ID) is False


def test_second_delivery_waits_for_the_first(make_guard: MakeGuard) -> None:
    """While one delivery is handled, another is neither first nor done, and is answered so."""
    guard = make_guard()
    guard.seen(ID)
    with pytest.raises(BeingHandled, match="it comes again") as caught:
        guard.seen(ID)
    assert isinstance(caught.value, WeChatPayError)
    assert isinstance(pickle.loads(pickle.dumps(caught.value)), BeingHandled)
    assert reply_to(caught.value).status == 500


def test_claim_of_a_dead_process_runs_out(make_guard: MakeGuard) -> None:
    """A claim that nobody finished ends with its lease, and the repeat is handled."""
    guard = make_guard(lease=0.05)
    assert guard.seen(ID) is False
    time.sleep(0.1)
    assert guard.seen(ID) is False


def test_memory_ends_with_its_time(make_guard: MakeGuard) -> None:
    """What was done is forgotten after `ttl`, which need not be whole seconds."""
    guard = make_guard(ttl=0.05)
    guard.seen(ID)
    guard.done(ID)
    time.sleep(0.1)
    assert guard.seen(ID) is False


def test_of_many_at_once_one_is_first(make_guard: MakeGuard) -> None:
    """However many threads ask at the same time, one of them has the claim."""
    guard, answers = make_guard(), list[str]()
    barrier = threading.Barrier(8)

    def ask(id: str) -> None:
        barrier.wait()
        try:
            answers.append("done" if guard.seen(id) else "first")
        except BeingHandled:
            answers.append("busy")

    for number in range(20):
        threads = [threading.Thread(target=ask, args=(f"EV-{number}",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (answers.count("first"), answers.count("busy")) == (20, 140)


def test_defaults_outlast_the_repeats() -> None:
    """A notification is remembered for as long as it may be repeated, a claim for less."""
    assert sum(RETRIES) < TTL
    assert sum(RETRIES[:4]) > LEASE


# once


def test_once_marks_what_went_well(make_guard: MakeGuard) -> None:
    """Work is done once: the repeat is told that it is not the first."""
    guard, work = make_guard(), list[str]()
    for _ in range(3):
        with once(guard, ID) as first:
            if first:
                work.append(ID)
    assert work == [ID]


def test_once_lets_failed_work_be_repeated(make_guard: MakeGuard) -> None:
    """Work that fails leaves no mark, whatever it failed of, and the repeat does it."""
    guard = make_guard()
    for error in (ValueError("out of stock"), KeyboardInterrupt()):
        with pytest.raises(type(error)), once(guard, ID) as first:
            assert first
            raise error
    with once(guard, ID) as first:
        assert first


def test_once_keeps_the_mark_when_a_repeat_fails(make_guard: MakeGuard) -> None:
    """A repeat of what was done may fail as it likes: it is still done."""
    guard = make_guard()
    with once(guard, ID):
        pass
    with pytest.raises(ValueError, match="x"), once(guard, ID) as first:
        raise ValueError("x")
    assert not first
    assert guard.seen(ID) is True


def test_once_refuses_a_delivery_beside_another(make_guard: MakeGuard) -> None:
    """The second of two deliveries at once is refused, and leaves the first one's claim alone."""
    guard = make_guard()
    with once(guard, ID):
        with pytest.raises(BeingHandled), once(guard, ID):
            pytest.fail("both were let in")
        with pytest.raises(BeingHandled):
            guard.seen(ID)
    assert guard.seen(ID) is True


def overtaken(guard: Guard, run_out: Callable[[], object]) -> list[str]:
    """Let a slow delivery fail after its claim has run out and another has done the work."""
    shipped: list[str] = []

    def deliver() -> None:
        with once(guard, ID) as first:
            if first:
                shipped.append("parcel")

    with contextlib.suppress(TimeoutError), once(guard, ID):
        run_out()
        deliver()
        raise TimeoutError
    deliver()
    return shipped


@pytest.mark.parametrize("kind", ["memory", "fake Redis"])
def test_late_failure_forgets_nobody_elses_work(kind: str) -> None:
    """A delivery that outlives its claim takes back no other's claim, and no mark."""
    clock = Clock()
    guard = MemoryGuard(clock=clock) if kind == "memory" else RedisGuard(FakeRedis(clock))

    def run_out() -> None:
        clock.now += LEASE + 1

    assert overtaken(guard, run_out) == ["parcel"]
    with contextlib.suppress(TimeoutError), once(guard, "EV-2"):
        run_out()
        assert guard.seen("EV-2") is False
        raise TimeoutError
    with pytest.raises(BeingHandled):
        guard.seen("EV-2")


def test_late_failure_with_a_real_redis(redis_client: Redis) -> None:
    """The same in Redis, where comparing and deleting are one step."""
    guard = RedisGuard(redis_client, prefix="")
    assert overtaken(guard, lambda: redis_client.delete(ID)) == ["parcel"]
    assert redis_client.get(ID) == b"done"


def test_late_success_counts(make_guard: MakeGuard) -> None:
    """Work that ends well after its claim has run out is done; who came next cannot undo that."""
    guard = make_guard(lease=0.01)
    with contextlib.suppress(ValueError):
        with once(guard, ID) as first:
            assert first
            time.sleep(0.05)
            late = once(guard, ID)
            assert late.__enter__() is True
        late.__exit__(ValueError, ValueError(), None)
    assert guard.seen(ID) is True


def test_a_claim_is_its_id() -> None:
    """A guard of one's own may take a claim for the id; two of one id differ in the token alone."""
    one, other = Claim(ID), Claim(ID)
    assert one == other == ID
    assert (f"{one}", hash(one)) == (ID, hash(ID))
    assert one.token != other.token


@pytest.mark.parametrize("id", [None, "", 7, b"EV-1"])
def test_what_is_no_id_is_refused(make_guard: MakeGuard, id: Any) -> None:
    """All notifications without an id would be one and the same, and be lost but for the first."""
    with pytest.raises(TypeError, match="notification's own"), once(make_guard(), id):
        pytest.fail("it was let in")


class Wrapped:
    """A guard of a user's own, which knows nothing of claims."""

    def __init__(self, guard: Guard, broken: str = "") -> None:
        self.guard = guard
        self.broken = broken
        self.asked: list[str] = []

    def seen(self, id: str, /) -> bool:
        """As the guard."""
        return self.guard.seen(id)

    def done(self, id: str, /) -> None:
        """As the guard, unless it is broken."""
        self.asked.append("done")
        if self.broken == "done":
            raise ConnectionError("secret")
        self.guard.done(id)

    def forget(self, id: str, /) -> None:
        """As the guard, unless it is broken."""
        self.asked.append("forget")
        if self.broken == "forget":
            raise ConnectionError("secret")
        self.guard.forget(id)


def each_once(guard: Guard, error: Exception | None) -> list[Callable[[], None]]:
    """Return the two ways to handle a notification once, well or not."""

    def blocking() -> None:
        with once(guard, ID):
            if error:
                raise error

    async def awaiting() -> None:
        async with once_async(guard, ID):
            if error:
                raise error

    return [blocking, lambda: asyncio.run(awaiting())]


def test_the_work_s_error_is_what_is_raised(caplog: pytest.LogCaptureFixture) -> None:
    """A claim that cannot be taken back hides no error; the log says that it stands."""
    guard = Wrapped(MemoryGuard(), "forget")
    for handle in each_once(guard, KeyError("x")):
        with pytest.raises(KeyError):
            handle()
        guard.guard = MemoryGuard()
    assert [each.name for each in caplog.records] == ["wechatpay.replay"] * 2
    assert "ConnectionError" in caplog.text
    assert "secret" not in caplog.text
    assert guard.asked == ["forget"] * 2


def test_a_guard_of_ones_own_may_refuse_the_mark() -> None:
    """Its mark may be in the work's own transaction: if it fails, so has the work."""
    guard = Wrapped(MemoryGuard(), "done")
    for handle in each_once(guard, None):
        with pytest.raises(ConnectionError):
            handle()
        guard.guard = MemoryGuard()


async def exercise(guard: Guard | AsyncGuard) -> list[object]:
    """Handle a notification that fails, that succeeds, and its repeats; tell what came of each."""
    told: list[object] = []
    with contextlib.suppress(ValueError):
        async with once_async(guard, ID) as first:
            told.append(first)
            raise ValueError
    async with once_async(guard, ID) as first:
        told.append(first)
        try:
            async with once_async(guard, ID):
                told.append("both were let in")
        except BeingHandled:
            told.append("busy")
    with contextlib.suppress(ValueError):
        async with once_async(guard, ID) as first:
            told.append(first)
            raise ValueError
    async with once_async(guard, ID) as first:
        told.append(first)
    return told


@pytest.mark.parametrize(
    "guard",
    [
        MemoryGuard(),
        RedisGuard(FakeRedis(Clock())),
        AsyncRedisGuard(AsyncFakeRedis(Clock())),
    ],
    ids=lambda guard: type(guard).__name__,
)
def test_once_async_takes_every_guard(guard: Guard | AsyncGuard) -> None:
    """On an event loop a guard may be one that is awaited, or one that is not."""
    assert asyncio.run(exercise(guard)) == [True, True, "busy", False, False]


def test_once_async_with_a_real_redis(redis_port: int, redis_client: Redis) -> None:
    """The asynchronous client of Redis does the same, and leaves its mark for the other."""
    from redis.asyncio import Redis as AsyncRedis

    async def main() -> list[object]:
        async with AsyncRedis(port=redis_port) as client:
            return await exercise(AsyncRedisGuard(client))

    assert asyncio.run(main()) == [True, True, "busy", False, False]
    assert RedisGuard(redis_client).seen(ID) is True


def test_cancelled_work_is_repeated() -> None:
    """A handler that is cancelled has not handled the notification."""
    guard = AsyncRedisGuard(AsyncFakeRedis(Clock()))

    async def hang() -> None:
        async with once_async(guard, ID):
            await asyncio.sleep(60)

    async def main() -> bool:
        task = asyncio.create_task(hang())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return await guard.seen(ID)

    assert asyncio.run(main()) is False


# In memory


def test_memory_is_bounded() -> None:
    """Beyond its size a guard forgets the oldest, and no other."""
    guard = MemoryGuard(size=3)
    for number in range(5):
        guard.seen(f"EV-{number}")
        guard.done(f"EV-{number}")
    assert len(guard) == 3
    assert [guard.seen(f"EV-{number}") for number in (2, 3, 4)] == [True] * 3
    assert guard.seen("EV-1") is False


def test_memory_of_none_remembers_none() -> None:
    """A size of 0 turns the guard off."""
    guard = MemoryGuard(size=0)
    assert [guard.seen(ID), guard.seen(ID), len(guard)] == [False, False, 0]


def test_memory_gives_back_what_ran_out() -> None:
    """What has run out is dropped as new ones come, though there be room."""
    clock = Clock()
    guard = MemoryGuard(ttl=10, clock=clock)
    for number in range(100):
        guard.seen(f"EV-{number}")
        guard.done(f"EV-{number}")
        clock.now += 1
    assert len(guard) <= 11
    assert guard.seen("EV-95") is True
    assert guard.seen("EV-5") is False


def test_repeats_of_a_day_are_recognised() -> None:
    """Through all fifteen repeats, a day long, a handled notification stays handled."""
    clock = Clock()
    for guard in (MemoryGuard(clock=clock), RedisGuard(FakeRedis(clock))):
        assert guard.seen(ID) is False
        guard.done(ID)
        for pause in RETRIES:
            clock.now += pause
            assert guard.seen(ID) is True


# In Redis


def test_redis_keys_are_plain_and_run_out(redis_client: Redis) -> None:
    """A mark is one key with the prefix, a life-time, and nothing of the notification."""
    guard = RedisGuard(redis_client, prefix="shop:", ttl=100, lease=5)
    guard.seen(ID)
    assert 4000 < int(redis_client.pttl(f"shop:{ID}")) <= 5000
    guard.done(ID)
    assert redis_client.get(f"shop:{ID}") == b"done"
    assert 99_000 < int(redis_client.pttl(f"shop:{ID}")) <= 100_000
    untyped: Any = redis_client
    assert untyped.keys() == [f"shop:{ID}".encode()]


def test_prefixes_keep_merchants_apart(redis_client: Redis) -> None:
    """Two guards with prefixes of their own know nothing of each other."""
    one, other = (RedisGuard(redis_client, prefix=f"{name}:") for name in ("a", "b"))
    one.seen(ID)
    one.done(ID)
    assert other.seen(ID) is False


def test_claim_that_runs_out_between_two_commands_is_busy() -> None:
    """A claim that ends while it is looked at counts as one: the repeat finds out."""

    class Forgetful(FakeRedis):
        def get(self, name: str, /) -> None:
            return None

        def set(self, name: str, value: bytes, *, px: int, nx: bool = False) -> None:
            return None

    with pytest.raises(BeingHandled):
        RedisGuard(Forgetful(Clock())).seen(ID)


def test_unreachable_redis_is_an_error(redis_port: int) -> None:
    """Without Redis nothing is taken for new nor for done: its error comes through."""
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    client = redis.Redis(port=port, retry=Retry(NoBackoff(), 0))
    with client, pytest.raises(redis.ConnectionError):
        RedisGuard(client).seen(ID)


# Redis that goes away


def test_command_whose_reply_was_lost(redis_client: Redis) -> None:
    """A client that sends SET again, having lost the reply, still has the claim for its caller."""
    untyped: Any = redis_client

    class Twice:
        def __getattr__(self, name: str) -> Any:
            return getattr(untyped, name)

        def set(self, *args: Any, **options: Any) -> Any:
            untyped.set(*args, **options)
            return untyped.set(*args, **options)

    twice: Any = Twice()
    guard = RedisGuard(twice)
    assert guard.seen(Claim(ID)) is False
    with pytest.raises(BeingHandled):
        guard.seen(Claim(ID))
    with pytest.raises(BeingHandled):
        guard.seen(ID)


class Shop:
    """Handles a notification with Redis away at some point; each kind of client does."""

    def __init__(self, server: RedisServer, way: str) -> None:
        self.server = server
        self.way = way
        self.shipped: list[str] = []
        self.guards: list[Any] = []
        self.loop = asyncio.new_event_loop()

    def deliver(self, id: str = ID, *, during: Callable[[], object] = lambda: None) -> bool:
        """Deliver a notification and return whether WeChat Pay is told that all is well."""
        with contextlib.suppress(Exception):
            if self.way == "blocking":
                self._deliver(id, during)
            else:
                self.loop.run_until_complete(self._deliver_async(id, during))
            return True
        return False

    def close(self) -> None:
        """Close the connections."""
        for client in self.guards:
            if self.way == "blocking":
                client._client.close()
            else:
                self.loop.run_until_complete(client._client.aclose())
        self.loop.close()

    def _deliver(self, id: str, during: Callable[[], object]) -> None:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        if not self.guards:
            client: Any = redis.Redis(port=self.server.port, retry=Retry(NoBackoff(), 1))
            self.guards.append(RedisGuard(client))
        with once(self.guards[0], id) as first:
            if first:
                during()
                self.shipped.append(id)

    async def _deliver_async(self, id: str, during: Callable[[], object]) -> None:
        from redis.asyncio import Redis as AsyncRedis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        if not self.guards:
            client: Any = AsyncRedis(port=self.server.port, retry=Retry(NoBackoff(), 1))
            self.guards.append(AsyncRedisGuard(client))
        async with once_async(self.guards[0], id) as first:
            if first:
                during()
                self.shipped.append(id)


@pytest.fixture(params=["blocking", "awaited"])
def shop(redis_server: RedisServer, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A shop with a Redis of its own."""
    shop = Shop(redis_server, request.param)
    yield shop
    shop.close()


def test_redis_that_goes_while_work_is_done(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """Redis goes in the middle and comes back empty: nothing is handled twice, nothing is lost."""
    assert shop.deliver(during=shop.server.stop)
    assert f"notification {ID} is handled" in caplog.text
    assert shop.deliver()  # a repeat while it is away
    assert not shop.deliver("EV-2")  # what is new has to wait
    shop.server.start()
    assert shop.deliver()
    assert shop.deliver("EV-2")
    assert shop.shipped == [ID, "EV-2"]
    assert len(caplog.records) == 1
    assert shop.guards[0]._owed == {}
    other = Shop(shop.server, "blocking")  # another process
    assert other.deliver()
    assert other.shipped == []
    other.close()


def test_redis_that_goes_while_work_fails(shop: Shop) -> None:
    """Work that failed while Redis was away is not taken for done, and is handled by a repeat."""

    def fail() -> None:
        shop.server.stop()
        raise ValueError("out of stock")

    assert not shop.deliver(during=fail)
    assert not shop.deliver()
    shop.server.start()
    assert shop.deliver()
    assert shop.shipped == [ID]


def test_redis_that_restarts_while_work_is_done(shop: Shop) -> None:
    """Redis that is back, and empty, by the end of the work still gets the mark."""

    def restart() -> None:
        shop.server.stop()
        shop.server.start()

    assert shop.deliver(during=restart)
    assert shop.deliver()
    assert shop.shipped == [ID]


def test_marks_that_are_owed_are_written_when_redis_is_back() -> None:
    """All of them, by the next delivery; while Redis is away one is tried for all."""

    class Sometimes(FakeRedis):
        away, asked = True, 0

        def set(self, name: str, value: bytes, *, px: int, nx: bool = False) -> bool | None:
            self.asked += 1
            if self.away:
                raise ConnectionError
            return super().set(name, value, px=px, nx=nx)

    client = Sometimes(Clock())
    guard = RedisGuard(client)
    for number in range(3):
        guard.done(f"EV-{number}")
    client.asked = 0
    with pytest.raises(ConnectionError):
        guard.seen("EV-9")
    assert client.asked == 2  # for what is owed, and for this one
    client.away = False
    assert not guard.seen("EV-9")
    assert [RedisGuard(client).seen(f"EV-{number}") for number in range(3)] == [True] * 3
    client.asked = 0
    guard.forget("EV-9")
    assert not guard.seen("EV-9")
    assert client.asked == 1


def test_what_is_remembered_for_redis_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of marks that cannot be written, a process remembers so many and no more."""
    monkeypatch.setattr(replay, "_MOST_OWED", 2)

    class Away(FakeRedis):
        def set(self, name: str, value: bytes, *, px: int, nx: bool = False) -> None:
            raise ConnectionError

    guard = RedisGuard(Away(Clock()))
    for number in range(5):
        guard.done(f"EV-{number}")
    assert [guard.seen(f"EV-{number}") for number in (0, 1)] == [True, True]
    with pytest.raises(ConnectionError):
        guard.seen("EV-3")
