"""`examples/notification_queue.py`, on a real Redis, killed in every place."""

from __future__ import annotations

import importlib.util
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from wechatpay import WeChatPay
from wechatpay.replay import RedisGuard
from wechatpay.sandbox import Sandbox

PATH = Path(__file__).parents[2] / "examples" / "notification_queue.py"
NUMBER = "order-0001"
LEASE = 0.001
Paid = tuple[WeChatPay, dict[str, str], bytes]


class Killed(BaseException):
    """What a process is when it is killed: it does nothing more."""


class Mortal:
    """A process's Redis, until it is killed before one of its commands: then no more come."""

    def __init__(self, client: Any, commands: float) -> None:
        self._client, self.left = client, commands

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def command(*arguments: Any, **more: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise Killed
            return method(*arguments, **more)

        return command


@pytest.fixture(scope="module")
def example() -> ModuleType:
    """The example as a module."""
    spec = importlib.util.spec_from_file_location("notification_queue", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def paid() -> Iterator[Paid]:
    """A payment's notification, and the client that reads it."""
    came: list[tuple[dict[str, str], bytes]] = []

    def shop(headers: Mapping[str, str], body: bytes) -> None:
        came.append((dict(headers), body))

    with Sandbox() as sandbox:
        wxpay = sandbox.client()
        sandbox.mount("http://127.0.0.1:9/lost", shop)
        wxpay["v3/pay/transactions/native"].post(
            json={
                "mchid": sandbox.config["mchid"],
                "appid": "wxd678efh567hg6787",
                "description": "x",
                "out_trade_no": NUMBER,
                "notify_url": "http://127.0.0.1:9/lost",
                "amount": {"total": 100},
            }
        )
        sandbox.pay(NUMBER)
        sandbox.settle()
        [told] = came
        yield wxpay, *told


class Shop:
    """An order's own record: it is fulfilled once, however often somebody begins."""

    def __init__(self) -> None:
        self.begun: Counter[str] = Counter()
        self.fulfilled: list[str] = []

    def handle(self, _event: str, resource: dict[str, Any]) -> None:
        """Fulfil an order that is not."""
        number = resource["out_trade_no"]
        self.begun[number] += 1
        if number not in self.fulfilled:
            self.fulfilled.append(number)


def test_a_kill_in_each_place_loses_and_doubles_nothing(
    example: ModuleType, paid: Paid, redis_client: Any
) -> None:
    """A worker is killed before each of its commands in turn, and another finishes its work.

    The handler is begun twice in one place only: between its end and the mark.
    """
    wxpay, headers, body = paid
    twice = commands = 0
    for commands in itertools.count():
        redis_client.flushall()
        example.prepare(redis_client)
        example.prepare(redis_client)
        shop = Shop()
        reply = example.put(redis_client, wxpay, headers, body)
        assert reply.status == 204
        mortal = Mortal(redis_client, commands)
        work = partial(example.work, handle=shop.handle)
        survived = not _killed(
            partial(work, mortal, RedisGuard(cast("Any", mortal), lease=LEASE), "a")
        )
        rest = partial(work, redis_client, RedisGuard(redis_client, lease=LEASE), "b", lease=0)
        _until_done(rest, lambda: redis_client.xpending(example.STREAM, example.GROUP)["pending"])
        assert shop.fulfilled == [NUMBER]
        twice += shop.begun[NUMBER] == 2
        if survived:
            break
    assert commands == 6
    assert twice == 1


def test_a_receiver_that_is_killed_is_asked_again(
    example: ModuleType, paid: Paid, redis_client: Any
) -> None:
    """Before the message is in the stream WeChat Pay asks again; after it the repeat is known."""
    wxpay, headers, body = paid
    redis_client.flushall()
    example.prepare(redis_client)
    assert _killed(lambda: example.put(Mortal(redis_client, 0), wxpay, headers, body))
    assert redis_client.xlen(example.STREAM) == 0
    for _ in range(2):  # the answer to the first was lost
        assert example.put(redis_client, wxpay, headers, body).status == 204
    assert example.put(redis_client, wxpay, headers, b"forged").status == 401
    shop = Shop()
    assert example.work(redis_client, RedisGuard(redis_client), "a", shop.handle) == 2
    assert shop.begun == {NUMBER: 1}
    assert redis_client.xpending(example.STREAM, example.GROUP)["pending"] == 0


def _killed(step: Callable[[], object]) -> bool:
    try:
        step()
    except Killed:
        return True
    return False


def _until_done(step: Callable[[], object], left: Callable[[], int]) -> None:
    """Work until nothing is left; a claim of the dead worker's runs out in the meantime."""
    for _ in range(1000):
        step()
        if not left():
            return
    pytest.fail("a message is left")
