"""`wechatpay.followup`: what no notification came for is asked for, and handled once."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wechatpay import APIError, Notification, WeChatPay
from wechatpay.followup import (
    DELAYS,
    KEEP,
    Expected,
    FollowUp,
    Run,
    SQLiteStore,
    order,
    refund,
    transfer,
)
from wechatpay.replay import BeingHandled, MemoryGuard, once
from wechatpay.sandbox import Sandbox

MCHID = "1900000109"
NOTIFY = "http://127.0.0.1:9/lost"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


class Shop:
    """A merchant's program: its client, what it handled, and how it follows up."""

    def __init__(self, sandbox: Sandbox, path: Path) -> None:
        self.clock = Clock()
        self.sandbox = sandbox
        self.mchid: str = sandbox.config["mchid"]
        self.wxpay: WeChatPay = sandbox.client(retries=0)
        self.handled: list[Notification] = []
        self.store = SQLiteStore(path, clock=self.clock)
        self.follow_up = FollowUp(self.wxpay, self.store, self.handled.append, clock=self.clock)

    def order(self, number: str) -> Expected:
        """Create an order, and expect its payment."""
        self.wxpay.v3.pay.transactions.native.post(
            json={
                "mchid": self.mchid,
                "appid": "wxd678efh567hg6787",
                "description": "x",
                "out_trade_no": number,
                "notify_url": NOTIFY,
                "amount": {"total": 100},
            }
        )
        expected = order(self.mchid, number)
        self.follow_up.expect(expected)
        return expected

    def later(self, seconds: float = DELAYS[0]) -> Run:
        """Let time pass, and follow up."""
        self.clock.now += seconds
        return self.follow_up.run()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop whose notifications are all lost."""
    with Sandbox() as sandbox:
        yield Shop(sandbox, tmp_path / "follow-up.sqlite")


def test_a_payment_without_a_notification_is_handled_once(shop: Shop) -> None:
    """A paid order is handed to the handler as its notification would have been, and only once."""
    shop.order("order-0001")
    shop.sandbox.pay("order-0001")
    assert shop.later() == Run(asked=1, handled=1)
    (notification,) = shop.handled
    assert notification.event_type == "TRANSACTION.SUCCESS"
    assert notification.resource["out_trade_no"] == "order-0001"
    assert notification.resource["amount"]["total"] == 100
    assert notification.id.startswith("query:")
    assert notification.serial
    assert shop.later(KEEP) == Run()


def test_an_open_order_is_asked_for_ever_less_often(shop: Shop) -> None:
    """What is not decided is put off, each time for longer, and is given up in the end."""
    expected = shop.order("order-0002")
    for delay in DELAYS:
        assert shop.later(delay - 1) == Run()
        assert shop.later(1) == Run(asked=1)
    assert shop.later(DELAYS[-1]) == Run(asked=1)
    assert shop.later(KEEP) == Run(given_up=(expected,))
    assert shop.later(KEEP) == Run()


def test_what_ends_without_a_notification_is_forgotten(shop: Shop) -> None:
    """A closed order ends the asking, and nothing is handled: there is no such notification."""
    shop.order("order-0003")
    path = "v3/pay/transactions/out-trade-no/{out_trade_no}/close"
    shop.wxpay.chain(path).post(out_trade_no="order-0003", json={"mchid": shop.mchid})
    assert shop.later() == Run(asked=1, ended=1)
    assert shop.later(KEEP) == Run()
    assert shop.handled == []


def test_a_number_that_was_never_used_stays_open(shop: Shop) -> None:
    """An order that does not exist yet is neither a failure nor an end."""
    shop.follow_up.expect(order(shop.mchid, "order-0004"))
    assert shop.later() == Run(asked=1)


def test_refunds_and_transfers(shop: Shop) -> None:
    """A refund and a transfer are handled as their notifications would have been."""
    shop.order("order-0005")
    shop.sandbox.pay("order-0005")
    shop.later()
    shop.wxpay.v3.refund.domestic.refunds.post(
        json={
            "out_trade_no": "order-0005",
            "out_refund_no": "refund-0005",
            "amount": {"refund": 100, "total": 100, "currency": "CNY"},
        }
    )
    shop.follow_up.expect(refund(shop.mchid, "refund-0005"))
    shop.sandbox.advance(60)
    assert shop.later() == Run(asked=1, handled=1)
    assert shop.handled[-1].event_type == "REFUND.SUCCESS"
    assert shop.handled[-1].resource["refund_status"] == "SUCCESS"


def test_a_notification_that_comes_after_all_changes_nothing(shop: Shop) -> None:
    """Whichever comes second, query or notification, is not handled again."""
    shop.order("order-0006")
    shop.sandbox.pay("order-0006")
    shop.later()
    (first,) = shop.handled
    late = replaced(first, id="EV-2018022511223320873")
    shop.follow_up.notified(late)
    assert shop.handled == [first]


def test_a_notification_ends_the_asking(shop: Shop) -> None:
    """A number whose notification was handled is not asked for."""
    shop.order("order-0007")
    shop.sandbox.pay("order-0007")
    paid = {"mchid": shop.mchid, "out_trade_no": "order-0007", "trade_state": "SUCCESS"}
    shop.follow_up.notified(made(paid, "TRANSACTION.SUCCESS"))
    assert len(shop.handled) == 1
    assert shop.later() == Run()


def test_other_notifications_are_handled_once_by_their_id(shop: Shop) -> None:
    """A notification of anything else goes to the same handler, once for its id."""
    other = made({"complaint_id": "1"}, "COMPLAINT.CREATE")
    shop.follow_up.notified(other)
    shop.follow_up.notified(other)
    assert shop.handled == [other]


def test_a_handler_that_fails_is_tried_again(shop: Shop, tmp_path: Path) -> None:
    """What the handler raises stops no other number, and the same outcome is handed on later."""
    failing = {"order-0008"}

    def handle(notification: Notification) -> None:
        if notification.resource["out_trade_no"] in failing:
            raise RuntimeError("no stock")
        shop.handled.append(notification)

    shop.follow_up = FollowUp(shop.wxpay, shop.store, handle, clock=shop.clock)
    for number in ("order-0008", "order-0009"):
        shop.order(number)
        shop.sandbox.pay(number)
    assert shop.later() == Run(asked=2, handled=1, failed=1)
    failing.clear()
    assert shop.later(DELAYS[1]) == Run(asked=1, handled=1)
    assert sorted(each.resource["out_trade_no"] for each in shop.handled) == [
        "order-0008",
        "order-0009",
    ]


@pytest.mark.parametrize("status", [404, 429])
def test_an_answer_that_the_handler_got_is_the_handlers(
    shop: Shop, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A refusal of a call that the handler makes is its failure, not the query's, and is logged."""

    def handle(notification: Notification) -> None:
        if notification.resource["out_trade_no"] == "order-0021":
            raise APIError("of another call", status_code=status)
        shop.handled.append(notification)

    shop.follow_up = FollowUp(shop.wxpay, shop.store, handle, clock=shop.clock)
    for number in ("order-0021", "order-0022"):
        shop.order(number)
        shop.sandbox.pay(number)
    assert shop.later() == Run(asked=2, handled=1, failed=1)
    assert "order order-0021 failed in the handler: APIError" in caplog.text


def test_being_asked_too_often_ends_the_run(shop: Shop) -> None:
    """After a 429 no other number is asked for, and those are due again when their hold ends."""
    shop.order("order-0010")
    shop.order("order-0011")
    shop.sandbox.fault("get", "v3/pay/transactions/**", "429")
    assert shop.later().asked == 1


def test_a_refusal_counts_as_a_failure(shop: Shop) -> None:
    """A query that is refused is tried again later, and is counted."""
    shop.follow_up.expect(order("1900000110", "order-0012"))
    assert shop.later() == Run(asked=1, failed=1)


def test_an_outcome_in_another_workers_hands_waits(shop: Shop) -> None:
    """While another worker handles the outcome it is put off, and is not handled twice."""
    expected = shop.order("order-0013")
    shop.sandbox.pay("order-0013")
    with once(shop.store, expected.outcome("SUCCESS")) as first:
        assert first
        assert shop.later() == Run(asked=1)
    assert shop.later(DELAYS[1]) == Run(asked=1, handled=1)
    assert shop.handled == []


def test_it_runs_without_blocking_too(shop: Shop) -> None:
    """The same steps run on an event loop, with a handler that is awaited."""

    async def handle(notification: Notification) -> None:
        await asyncio.sleep(0)
        shop.handled.append(notification)

    async def main() -> None:
        follow_up = FollowUp(shop.wxpay, shop.store, handle, clock=shop.clock)
        shop.clock.now += DELAYS[0]
        assert await follow_up.run_async() == Run(asked=2, handled=1, failed=1)
        assert await follow_up.run_async() == Run()
        await follow_up.notified_async(shop.handled[0])
        await follow_up.notified_async(made({}, "COMPLAINT.CREATE"))
        await shop.wxpay.aclose()

    shop.order("order-0014")
    shop.sandbox.pay("order-0014")
    shop.follow_up.expect(order("1900000110", "order-0015"))
    asyncio.run(main())
    assert [one.event_type for one in shop.handled] == ["TRANSACTION.SUCCESS", "COMPLAINT.CREATE"]


@pytest.mark.parametrize(
    ("expected", "fields", "event"),
    [
        (
            order("1230000109", "n", sub_mchid="1900000109"),
            {"sp_mchid": "1230000109", "sub_mchid": "1900000109", "out_trade_no": "n"}
            | {"trade_state": "SUCCESS"},
            "TRANSACTION.SUCCESS",
        ),
        (
            refund("1230000109", "n", sub_mchid="1900000109"),
            {"sp_mchid": "1230000109", "sub_mchid": "1900000109", "out_refund_no": "n"}
            | {"out_trade_no": "m", "refund_status": "ABNORMAL"},
            "REFUND.ABNORMAL",
        ),
        (
            transfer("1900000109", "n"),
            {"mch_id": "1900000109", "out_bill_no": "n", "state": "FAIL"},
            "MCHTRANSFER.BILL.FINISHED",
        ),
    ],
)
def test_each_kind_is_known_by_its_notification(
    shop: Shop, expected: Expected, fields: dict[str, Any], event: str
) -> None:
    """A partner's order and refund, and a transfer, are ended by the notification of theirs."""
    shop.follow_up.expect(expected)
    shop.follow_up.notified(made(fields, event))
    assert shop.later() == Run()
    assert len(shop.handled) == 1


def test_partners_orders_are_asked_for_as_partners_do(shop: Shop) -> None:
    """The query of a partner's order names both merchants; that of a refund the sub-merchant."""
    asked: list[tuple[str, dict[str, Any]]] = []

    class Node:
        def __init__(self, template: str) -> None:
            self.template = template

        def get(self, **arguments: Any) -> None:
            asked.append((self.template, arguments["params"]))
            raise APIError("no", status_code=404)

    class Client:
        def chain(self, template: str) -> Node:
            return Node(template)

    client: Any = Client()
    follow_up = FollowUp(client, shop.store, shop.handled.append, clock=shop.clock)
    follow_up.expect(order("1230000109", "a", sub_mchid="1900000109"))
    follow_up.expect(refund("1230000109", "b", sub_mchid="1900000109"))
    follow_up.expect(transfer("1900000109", "c"))
    shop.clock.now += DELAYS[0]
    assert follow_up.run() == Run(asked=3)
    assert [params for _, params in sorted(asked)] == [
        {},
        {"sp_mchid": "1230000109", "sub_mchid": "1900000109"},
        {"sub_mchid": "1900000109"},
    ]


def test_a_store_that_is_no_guard_needs_one(shop: Shop) -> None:
    """Without a guard nothing could be handled once, so that is refused at once."""
    store: Any = object()
    with pytest.raises(TypeError, match="pass guard="):
        FollowUp(shop.wxpay, store, shop.handled.append)
    FollowUp(shop.wxpay, store, shop.handled.append, MemoryGuard())


def test_limits_are_kept(shop: Shop) -> None:
    """No run asks for more numbers than its limit, and the rest is due in the next."""
    for number in range(5):
        shop.order(f"order-10{number}")
    shop.clock.now += DELAYS[0]
    assert [shop.follow_up.run(limit=2).asked for _ in range(4)] == [2, 2, 1, 0]


def test_many_workers_share_a_store(tmp_path: Path) -> None:
    """Of many workers at once, each number is given to one, and each outcome is handled by one."""
    clock = Clock()
    store = SQLiteStore(tmp_path / "s.sqlite", clock=clock)
    for number in range(40):
        store.add(order(MCHID, str(number)), clock.now, clock.now + KEEP)
    taken: list[Expected] = []
    handled: list[str] = []

    def work() -> None:
        for expected, _ in store.take(clock.now, 10, clock.now + 60):
            taken.append(expected)
            with once(store, expected.outcome("SUCCESS")) as first:
                handled.extend([expected.number] * first)

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(taken) == len(set(taken)) == len(handled) == 40


def take_all(path: str, now: float, found: Any) -> None:
    """Take what is due, in a process of its own."""
    store = SQLiteStore(path, clock=lambda: now)
    found.put([expected.number for expected, _ in store.take(now, 100, now + 60)])


def test_processes_share_a_store(tmp_path: Path) -> None:
    """Two processes never take the same number."""
    clock = Clock()
    store = SQLiteStore(tmp_path / "s.sqlite", clock=clock)
    for number in range(20):
        store.add(order(MCHID, str(number)), clock.now, clock.now + KEEP)
    context = multiprocessing.get_context("spawn")
    found = context.Queue()
    workers = [
        context.Process(target=take_all, args=(str(tmp_path / "s.sqlite"), clock.now, found))
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    numbers = [number for _ in workers for number in found.get()]
    for worker in workers:
        worker.join()
    assert sorted(numbers, key=int) == [str(number) for number in range(20)]


def test_claims_and_marks_of_the_store(tmp_path: Path) -> None:
    """A claim runs out or is taken back by its owner alone; a mark stays until it is old."""
    clock = Clock()
    store = SQLiteStore(tmp_path / "s.sqlite", clock=clock, lease=10, ttl=100)
    assert not store.seen("a")
    with pytest.raises(BeingHandled):
        store.seen("a")
    clock.now += 10
    assert not store.seen("a")
    store.done("a")
    store.forget("a")
    assert store.seen("a")
    clock.now += 100
    assert store.expire(clock.now) == []
    assert not store.seen("a")
    store.forget("a")
    assert not store.seen("a")


def test_what_fails_within_a_transaction_is_undone(tmp_path: Path) -> None:
    """A transaction that is left by an exception changes nothing."""
    clock = Clock()
    store = SQLiteStore(tmp_path / "s.sqlite", clock=clock)

    def broken(run: Callable[..., object]) -> None:
        run("INSERT INTO outcome VALUES ('a', '', 1, 9e99)")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), store._transaction() as run:
        broken(run)
    assert not store.seen("a")


def made(resource: dict[str, Any], event: str, id: str = "EV-1") -> Notification:
    """Return a notification as `wxpay.notification` would."""
    return Notification(
        id=id,
        create_time=None,
        event_type=event,
        resource_type=None,
        summary=None,
        original_type=None,
        resource=resource,
        raw=b"{}",
        serial="PUB_KEY_ID_0",
        request_id=None,
    )


def replaced(notification: Notification, id: str) -> Notification:
    """Return the same notification with another id."""
    return made(notification.resource, notification.event_type, id)
