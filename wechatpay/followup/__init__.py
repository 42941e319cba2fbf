"""What happened to orders, refunds and transfers whose notification never came.

A notification may be lost: your service was down, a filter refused it, the address was wrong. So
WeChat Pay's quality checklist asks merchants to query by themselves. `FollowUp` does so, and calls
the handler of notifications with what it finds, once for each outcome:

    follow_up = FollowUp(wxpay, SQLiteStore("follow-up.sqlite"), fulfil)

    follow_up.expect(order("1900000109", out_trade_no))    # where the order is created
    follow_up.notified(notification)                       # in the handler of notifications
    follow_up.run()                                        # every minute, in one or more workers

`fulfil` takes a `Notification` in both cases. One that comes from a query has an `id` that begins
with ``query:``, the event that the notification would have had, and the query's answer in
`resource`; a refund's `status` is there as `refund_status` as well.

| what is expected | queried until | then its event is |
|---|---|---|
| `order` | `trade_state` is SUCCESS | ``TRANSACTION.SUCCESS`` |
| `order` | it is CLOSED, REVOKED, PAYERROR or REFUND | nothing: no notification exists for these |
| `refund` | `status` is SUCCESS, CLOSED or ABNORMAL | ``REFUND.SUCCESS`` and so on |
| `transfer` | `state` is SUCCESS, FAIL or CANCELLED | ``MCHTRANSFER.BILL.FINISHED`` |

**Once.** Each outcome has a mark in a guard (see `wechatpay.replay`), which the query and the
notification share, so that whichever comes second changes nothing. What `wechatpay.replay` says of
processes that die between the work and the mark holds here as well.

**Bounded.** A number is queried after 30 seconds, then less and less often, and no longer than
`KEEP`. One `run` queries `limit` numbers at most, and ends at once if WeChat Pay says that it is
asked too often. Workers share a store: what one has taken, no other gets for a minute.

Official pages: https://pay.weixin.qq.com/doc/v3/merchant/4012791859 (orders),
https://pay.weixin.qq.com/doc/v3/merchant/4012791863 (refunds),
https://pay.weixin.qq.com/doc/v3/merchant/4012716437 (transfers)
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from .._alarm import alarm
from .._awaiting import resolved
from .._clock import wall
from ..errors import APIError
from ..replay import BeingHandled, Guard, once, once_async
from ._expected import (
    KINDS,
    Expected,
    from_answer,
    is_over,
    order,
    outcome_of,
    params_of,
    refund,
    transfer,
)
from ._sqlite import KEEP, SQLiteStore

if TYPE_CHECKING:
    from logging import Logger

    import httpx

    from .._client import WeChatPay
    from ..notification import Notification

__all__ = [
    "DELAYS",
    "KEEP",
    "Expected",
    "FollowUp",
    "Run",
    "SQLiteStore",
    "Store",
    "order",
    "refund",
    "transfer",
]

DELAYS: tuple[float, ...] = (30, 60, 180, 300, 600, 1800, 3600)
"""Seconds before each query of a number; after the last of them, that one again."""
_HELD = 60.0
"""Seconds for which a number belongs to the worker that took it: far longer than a query takes."""
_TOO_OFTEN = 429
_NOT_THERE = 404

logger: Logger = alarm("wechatpay.followup")


class Store(Protocol):
    """Keeps what is expected; shared by all workers, safe to be called from any thread."""

    def add(self, expected: Expected, due: float, until: float, /) -> None:
        """Keep one, to be asked for from `due` on and given up at `until`; both Unix times."""
        ...

    def take(self, now: float, limit: int, held: float, /) -> list[tuple[Expected, int]]:
        """Return what is due and how often it was put off, no other worker's until `held`."""
        ...

    def put_off(self, expected: Expected, due: float, /) -> None:
        """Have one asked for again from `due` on, and count that."""
        ...

    def remove(self, expected: Expected, /) -> None:
        """Forget one, if it is kept."""
        ...

    def expire(self, now: float, /) -> list[Expected]:
        """Forget all whose time is over, and return them."""
        ...


class Run(NamedTuple):
    """What one run did, in numbers.

    Attributes:
        asked: How many queries were sent.
        handled: How many outcomes were handed to the handler, which returned.
        ended: How many ended in a state that no notification exists for.
        failed: How many handlers or queries failed; they are tried again.
        given_up: What was never decided, and is not asked for any more.
    """

    asked: int = 0
    handled: int = 0
    ended: int = 0
    failed: int = 0
    given_up: tuple[Expected, ...] = ()


_Step = Callable[[], Any]
_Steps = Generator[_Step, Any, Any]


class FollowUp:
    """Queries what no notification came for; see the module's docstring.

    Args:
        wxpay: The client.
        store: Where the numbers are kept, such as a `SQLiteStore`.
        handler: Called with a `Notification`. For `run_async` and `notified_async` it may be a
            coroutine function.
        guard: Remembers which outcomes were handled; the store itself, if it is a guard too.
        clock: What tells the time, in Unix seconds.
    """

    def __init__(
        self,
        wxpay: WeChatPay,
        store: Store,
        handler: Callable[[Notification], object],
        guard: Guard | None = None,
        *,
        clock: Callable[[], float] = wall,
    ) -> None:
        """Keep the parts; nothing is asked for.

        Raises:
            TypeError: There is no guard, and the store is not one.
        """
        if guard is None and not hasattr(store, "seen"):
            raise TypeError("the store is not a guard: pass guard=, such as a RedisGuard")
        self._wxpay = wxpay
        self._store = store
        self._handler = handler
        self._guard = guard if guard is not None else cast("Guard", store)
        self._clock = clock

    def expect(self, expected: Expected) -> None:
        """Keep the number of what may have an outcome: before or after the call that makes it."""
        now = self._clock()
        self._store.add(expected, now + DELAYS[0], now + KEEP)

    def notified(self, notification: Notification) -> None:
        """Handle a notification unless its outcome was handled; its number is not queried any more.

        Raises:
            BeingHandled: A query has found the same outcome and it is being handled: answer with a
                failure.
        """
        expected, outcome = outcome_of(notification)
        with once(self._guard, outcome) as first:
            if first:
                self._handler(notification)
        if expected is not None:
            self._store.remove(expected)

    async def notified_async(self, notification: Notification) -> None:
        """As `notified`, for a handler that is awaited."""
        expected, outcome = outcome_of(notification)
        async with once_async(self._guard, outcome) as first:
            if first:
                await resolved(self._handler(notification))
        if expected is not None:
            self._store.remove(expected)

    def run(self, limit: int = 100) -> Run:
        """Query what is due, call the handler for what is decided, and return what was done.

        A failure is logged by its type (`wechatpay.followup`) and tried again later.

        Args:
            limit: How many queries are sent at most.
        """
        steps = self._steps(limit, self._ask, self.notified)
        given: Any = None
        error: Exception | None = None
        while True:
            try:
                step = steps.throw(error) if error is not None else steps.send(given)
            except StopIteration as end:
                return cast("Run", end.value)
            try:
                given, error = step(), None
            except Exception as raised:  # noqa: BLE001 - for the steps to see
                error = raised

    async def run_async(self, limit: int = 100) -> Run:
        """As `run`, without blocking but for the store."""
        steps = self._steps(limit, self._ask_async, self.notified_async)
        given: Any = None
        error: Exception | None = None
        while True:
            try:
                step = steps.throw(error) if error is not None else steps.send(given)
            except StopIteration as end:
                return cast("Run", end.value)
            try:
                given, error = await resolved(step()), None
            except Exception as raised:  # noqa: BLE001 - for the steps to see
                error = raised

    def _steps(
        self, limit: int, ask: Callable[[Expected], Any], notified: Callable[[Notification], Any]
    ) -> _Steps:
        """One run: yields what is to be called, and gets what that returned or raised."""
        now = self._clock()
        done = Run(given_up=tuple(self._store.expire(now)))
        for expected in done.given_up:
            logger.warning("%s %s was never decided", expected.kind, expected.number)
        for expected, times in self._store.take(now, limit, now + _HELD):
            done = done._replace(asked=done.asked + 1)
            try:
                answer: Any = yield partial(ask, expected)
                notification, ended = from_answer(expected, answer), is_over(expected, answer)
            except Exception as error:  # noqa: BLE001 - one that fails is not to stop the others
                self._put_off(expected, times)
                status = error.status_code if isinstance(error, APIError) else None
                if status == _TOO_OFTEN:
                    return done._replace(failed=done.failed + 1)
                if status != _NOT_THERE:
                    done = self._failed(done, expected, "could not be queried", error)
                continue
            if notification is None:
                done = done._replace(ended=done.ended + ended)
                self._put_off(expected, times, remove=ended)
                continue
            # Apart from the query, for a handler may make calls of its own: their errors are its.
            try:
                yield partial(notified, notification)
                done = done._replace(handled=done.handled + 1)
            except BeingHandled:
                self._put_off(expected, times)
            except Exception as error:  # noqa: BLE001 - as above
                self._put_off(expected, times)
                done = self._failed(done, expected, "failed in the handler", error)
        return done

    def _failed(self, done: Run, expected: Expected, how: str, error: Exception) -> Run:
        logger.error("%s %s %s: %s", expected.kind, expected.number, how, type(error).__name__)
        return done._replace(failed=done.failed + 1)

    def _put_off(self, expected: Expected, times: int, *, remove: bool = False) -> None:
        if remove:
            self._store.remove(expected)
            return
        delay = DELAYS[min(times + 1, len(DELAYS) - 1)]
        self._store.put_off(expected, self._clock() + delay)

    def _ask(self, expected: Expected) -> httpx.Response:
        kind = KINDS[expected.kind]
        node: Any = self._wxpay.chain(kind.template)
        answer: httpx.Response = node.get(
            params=params_of(expected), **{kind.number: expected.number}
        )
        return answer

    async def _ask_async(self, expected: Expected) -> httpx.Response:
        kind = KINDS[expected.kind]
        node: Any = self._wxpay.chain(kind.template)
        answer: httpx.Response = await node.get_async(
            params=params_of(expected), **{kind.number: expected.number}
        )
        return answer
