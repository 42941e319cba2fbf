"""`examples/follow_up_redis.py`: its store in a real Redis, as `wechatpay.followup` uses it."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from wechatpay import Notification
from wechatpay.followup import DELAYS, KEEP, Expected, FollowUp, Run, order
from wechatpay.replay import RedisGuard
from wechatpay.sandbox import Sandbox

PATH = Path(__file__).parents[2] / "examples" / "follow_up_redis.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    """The example as a module."""
    spec = importlib.util.spec_from_file_location("follow_up_redis", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_payment_is_found_once(example: ModuleType, redis_client: Any) -> None:
    """An order is asked for when it is due, put off while open, and handled once when paid."""
    now = [1_800_000_000.0]
    handled: list[Notification] = []
    with Sandbox() as sandbox:
        wxpay = sandbox.client()
        mchid: str = sandbox.config["mchid"]
        store = example.RedisStore(redis_client)
        guard = RedisGuard(redis_client)
        follow_up = FollowUp(wxpay, store, handled.append, guard, clock=lambda: now[0])
        wxpay.v3.pay.transactions.native.post(
            json={
                "mchid": mchid,
                "appid": "wxd678efh567hg6787",
                "description": "x",
                "out_trade_no": "order-0001",
                "notify_url": "http://127.0.0.1:9/lost",
                "amount": {"total": 100},
            }
        )
        follow_up.expect(order(mchid, "order-0001"))
        assert follow_up.run() == Run()
        now[0] += DELAYS[0]
        assert follow_up.run() == Run(asked=1)
        sandbox.pay("order-0001")
        now[0] += DELAYS[1]
        assert follow_up.run() == Run(asked=1, handled=1)
        now[0] += KEEP
        assert follow_up.run() == Run()
    assert [one.resource["out_trade_no"] for one in handled] == ["order-0001"]


def test_workers_never_take_the_same(example: ModuleType, redis_client: Any) -> None:
    """Many workers at once take each number once; what is never decided is given up."""
    store = example.RedisStore(redis_client, "many:")
    for number in range(40):
        store.add(order("1900000109", str(number)), 0.0, 100.0)
    taken: list[Expected] = []
    workers = [
        threading.Thread(target=lambda: taken.extend(one for one, _ in store.take(1.0, 10, 60.0)))
        for _ in range(6)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(taken) == len(set(taken)) == 40
    assert len(store.expire(100.0)) == 40
    assert store.expire(100.0) == []
