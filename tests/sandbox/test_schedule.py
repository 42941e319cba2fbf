"""Notifications in time: the schedule, a restart, probes, and shops without a socket."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from patience import LONG, until

from wechatpay import SignatureProbe, TransportError, WeChatPay
from wechatpay.sandbox import Delivery, Sandbox
from wechatpay.sandbox._time import courier as _courier
from wechatpay.sandbox._time.delivery import SCHEDULE

from . import shop as shops
from .merchant import NATIVE, ORDER, Merchant
from .shop import Shop

_URL = "https://shop.example/notify"


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop on loopback."""
    with shops.shop() as opened:
        yield opened


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox whose real time stands still: it does not matter how long an attempt takes."""
    now = time.time()
    return Sandbox(clock=lambda: now)


def _pay(sandbox: Sandbox, url: str = _URL, number: str = str(ORDER["out_trade_no"])) -> None:
    body = {**ORDER, "out_trade_no": number, "notify_url": url}
    assert Merchant(sandbox.config).call(sandbox.gateway, "POST", NATIVE, body).status == 200
    sandbox.pay(number)


class Scripted:
    """A shop as a function, which answers by script; then 204."""

    def __init__(self, *script: int) -> None:
        self.script = list(script)
        self.received: list[tuple[Mapping[str, str], bytes]] = []

    def __call__(self, headers: Mapping[str, str], body: bytes) -> int | None:
        """Take a notification."""
        self.received.append((headers, body))
        return self.script.pop(0) if self.script else None


def _waits(delivery: Delivery) -> list[int]:
    """The seconds between the attempts."""
    moments = [attempt.at for attempt in delivery.attempts]
    return [round(after - before) for before, after in itertools.pairwise(moments)]


def test_a_day_goes_by(sandbox: Sandbox) -> None:
    """When the clock is moved, each repeat comes at its own time; then it is given up."""
    shop = Scripted(*[500] * 100)
    sandbox.mount(_URL, shop)
    _pay(sandbox)
    sandbox.advance(timedelta(days=2))
    [delivery] = sandbox.notifications
    assert _waits(delivery) == list(SCHEDULE)
    assert delivery.state == "given up"
    assert len(shop.received) == 16
    assert len({body for _, body in shop.received}) == 1
    assert not sandbox.world.agenda.appointments


def test_schedule_is_the_documented_one() -> None:
    """Written out as the documentation has it, which adds that it is 24 hours and 4 minutes."""
    text = "15s/15s/30s/3m/10m/20m/30m/30m/30m/60m/3h/3h/3h/6h/6h"
    unit = {"s": 1, "m": 60, "h": 3600}
    assert [int(each[:-1]) * unit[each[-1]] for each in text.split("/")] == list(SCHEDULE)
    assert sum(SCHEDULE) == timedelta(hours=24, minutes=4).total_seconds()


def test_step_by_step(sandbox: Sandbox) -> None:
    """What is not due yet is not sent; what was acknowledged is not sent again."""
    shop = Scripted(500, 503, 200)
    sandbox.mount(_URL, shop)
    _pay(sandbox)
    counts: list[int] = []
    for seconds in (14, 2, 12, 2, 86400):
        sandbox.advance(seconds)
        counts.append(len(shop.received))
    assert counts == [1, 2, 2, 3, 3]
    assert sandbox.notifications[0].state == "acknowledged"


def test_in_real_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody needs to move the clock: repeats come by themselves."""
    monkeypatch.setattr("wechatpay.sandbox._time.delivery.SCHEDULE", (0.05, 0.05))
    shop.script = [500, 500]
    with Sandbox(port=0) as sandbox:
        _pay(sandbox, shop.url)
        until(lambda: sandbox.notifications[0].state == "acknowledged")
    assert len(shop.received) == 3


@pytest.mark.parametrize("crash", [False, True])
def test_restart(shop: Shop, tmp_path: Path, crash: bool) -> None:
    """What was not acknowledged is sent by who goes on with the state file; nothing else is."""
    shop.script = [204, 500]
    with Sandbox(state=tmp_path / "state") as sandbox:
        for number in ("number-1", "number-2"):
            _pay(sandbox, shop.url, number)
            sandbox.settle()
        if crash:  # between the agenda and the attempt
            waiting = sandbox.notifications[1]
            sandbox.world.agenda.cancel(waiting.appointment)
    with Sandbox(state=tmp_path / "state") as sandbox:
        if not crash:
            assert len(shop.received) == 2
            sandbox.advance(20)
        first, second = sandbox.settle()
    assert [first.state, second.state] == ["acknowledged", "acknowledged"]
    assert [len(first.attempts), len(second.attempts)] == [1, 2]
    bodies = [received.body for received in shop.received]
    assert bodies[1] == bodies[2] != bodies[0]


def test_paid_while_nobody_carries(shop: Shop, tmp_path: Path) -> None:
    """What happens while a sandbox is closed is told when it is open again."""
    sandbox = Sandbox(state=tmp_path / "state")
    sandbox.close()
    _pay(sandbox, shop.url)
    assert sandbox.settle()[0].state == "under way"
    with sandbox:
        assert sandbox.settle()[0].state == "acknowledged"
    assert len(shop.received) == 1


def test_opening_twice_sends_once(shop: Shop) -> None:
    """Who is open already and is opened again sends nothing a second time."""
    held = threading.Event()
    shop.script = [shops.until(held), 204]
    with Sandbox() as sandbox:
        _pay(sandbox, shop.url)
        sandbox.start()
        held.set()
        assert len(sandbox.settle()[0].attempts) == 1


def test_what_is_undone_is_not_told(sandbox: Sandbox) -> None:
    """A payment that is undone, because something else failed, is not a notification."""
    shop = Scripted()
    sandbox.mount(_URL, shop)
    with pytest.raises(RuntimeError, match="undone"), sandbox.world.store.transaction():
        _pay(sandbox)
        raise RuntimeError("undone")
    assert sandbox.settle() == []
    assert shop.received == []


def test_resend_by_hand(sandbox: Sandbox) -> None:
    """A notification is sent again by its id, even if it was acknowledged; others are not."""
    shop = Scripted(204, 500)
    sandbox.mount(_URL, shop)
    _pay(sandbox, number="number-1")
    sandbox.settle()
    _pay(sandbox, number="number-2")
    first, second = sandbox.settle()
    first, _ = sandbox.deliver(first.id)
    assert [attempt.outcome for attempt in first.attempts] == ["acknowledged", "acknowledged"]
    assert first.due_in is None
    _, second = sandbox.deliver(second.id)
    assert [attempt.outcome for attempt in second.attempts] == ["refused", "acknowledged"]
    assert not sandbox.world.agenda.appointments
    sandbox.advance(86400)
    assert len(shop.received) == 4
    with pytest.raises(LookupError, match="no notification has this id"):
        sandbox.deliver("1")


def test_named_twice_sent_once(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is under way is not sent a second time at once."""
    shop = Scripted(500)
    sandbox.mount(_URL, shop)
    _pay(sandbox)
    [delivery] = sandbox.settle()

    start, asked, both = sandbox._notifier._start, list[str](), threading.Event()

    def watched(id: str) -> Any:
        attempt = start(id)
        asked.append(id)
        if len(asked) == 2:
            both.set()
        return attempt

    def slow(headers: Mapping[str, str], body: bytes) -> None:
        both.wait(LONG)

    monkeypatch.setattr(sandbox._notifier, "_start", watched)
    sandbox.mount(_URL, slow)
    [delivery] = sandbox.deliver(delivery.id, delivery.id)
    assert len(delivery.attempts) == 2


def test_late_appointment(sandbox: Sandbox) -> None:
    """An appointment for what was acknowledged meanwhile, or is history, changes nothing."""
    shop = Scripted()
    sandbox.mount(_URL, shop)
    _pay(sandbox)
    [delivery] = sandbox.settle()
    for number in (delivery.id, "forgotten"):
        sandbox.world.agenda.at(0, "notification", id=number)
    sandbox.advance(1)
    assert sandbox.settle() == [delivery]
    assert len(shop.received) == 1


def test_forgotten_while_under_way() -> None:
    """A notification that becomes history while it is sent again leaves nothing behind."""
    sandbox = Sandbox(history=1)
    sandbox.mount(_URL, Scripted())
    _pay(sandbox)
    [delivery] = sandbox.settle()

    def meanwhile(headers: Mapping[str, str], body: bytes) -> None:
        sandbox.mount(_URL, Scripted())
        _pay(sandbox, number="another")

    sandbox.mount(_URL, meanwhile)
    sandbox.deliver(delivery.id)
    [left] = sandbox.settle()
    assert left.event.resource["out_trade_no"] == "another"


def test_agenda_may_be_faster(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was delivered before anybody could wait for it is not waited for."""
    done = threading.Event()

    def take(headers: Mapping[str, str], body: bytes) -> None:
        done.set()

    sandbox.mount(_URL, take)
    awaits, wakes = sandbox._notifier._await, sandbox.world.agenda._wake

    def late(delivery: Delivery) -> None:
        wakes()
        assert done.wait(LONG)
        until(lambda: sandbox.notifications[0].attempts)
        awaits(delivery)

    monkeypatch.setattr(sandbox._notifier, "_await", late)
    _pay(sandbox)
    assert [each.state for each in sandbox.settle()] == ["acknowledged"]


def test_unreachable_ones_stay_unsent(sandbox: Sandbox) -> None:
    """What leads elsewhere is not sent by hand either."""
    _pay(sandbox)
    [delivery] = sandbox.settle()
    [delivery] = sandbox.deliver(delivery.id)
    assert (delivery.state, delivery.attempts) == ("not sent", ())


def test_shop_of_another_process(tmp_path: Path) -> None:
    """A shop that is not mounted any more is not looked for in the world."""
    with Sandbox(state=tmp_path / "state") as sandbox:
        sandbox.mount(_URL, Scripted(500))
        _pay(sandbox)
    with Sandbox(state=tmp_path / "state") as sandbox:
        [delivery] = sandbox.deliver()
        assert delivery.attempts[-1].outcome == "unreachable"
        sandbox.mount(_URL, Scripted())
        assert sandbox.deliver()[0].state == "acknowledged"


def test_probes_are_mixed_in(sandbox: Sandbox) -> None:
    """A share of notifications comes wrongly signed first; who refuses gets the real one."""
    genuine: list[str] = []
    probes: list[str] = []
    with sandbox.client() as wxpay:

        def take(headers: Mapping[str, str], body: bytes) -> int:
            try:
                notification = wxpay.notification(headers, body)
            except SignatureProbe:
                probes.append(headers["Wechatpay-Signature"])
                return 401
            genuine.append(notification.resource["out_trade_no"])
            return 200

        sandbox.mount("https://shop.example/", take)
        sandbox.probes(0.5, seed=3)
        numbers = [f"number-{index}" for index in range(20)]
        for number in numbers:
            _pay(sandbox, number=number)
            sandbox.settle()
        assert 4 < len(probes) < 16
        assert len(genuine) == 20 - len(probes)
        sandbox.advance(15)
    assert sorted(genuine) == sorted(numbers)
    assert {each.state for each in sandbox.notifications} == {"acknowledged"}
    assert all(each.startswith("WECHATPAY/SIGNTEST/") for each in probes)


def test_probe_that_was_taken_is_no_acknowledgement(sandbox: Sandbox) -> None:
    """A shop that takes what is wrongly signed gets the real one all the same."""
    shop = Scripted()
    sandbox.mount(_URL, shop)
    sandbox.probes(1)
    _pay(sandbox)
    [delivery] = sandbox.settle()
    assert (delivery.state, delivery.due_in) == ("to be repeated", 15)
    assert (delivery.attempts[0].probe, delivery.attempts[0].outcome) == (True, "acknowledged")
    sandbox.advance(15)
    [delivery] = sandbox.notifications
    assert (delivery.state, delivery.attempts[1].probe) == ("acknowledged", False)
    sandbox.probes(0)
    _pay(sandbox, number="another")
    assert not sandbox.settle()[1].attempts[0].probe


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_share_of_probes(sandbox: Sandbox, rate: float) -> None:
    """A share is from nothing to all."""
    with pytest.raises(ValueError, match="from 0 to 1"):
        sandbox.probes(rate)


def _wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    body = environ["wsgi.input"].read()
    start_response("200 OK" if b"TRANSACTION.SUCCESS" in body else "400 Bad Request", [])
    return [b'{"code":"SUCCESS"}']


async def _asgi(scope: Any, receive: Any, send: Any) -> None:
    message = await receive()
    status = 200 if b"TRANSACTION.SUCCESS" in message["body"] else 400
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b'{"code":"SUCCESS"}'})


async def _failing_asgi(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError("secret")


def _failing_wsgi(environ: Any, start_response: Any) -> list[bytes]:
    raise ValueError("secret")


def _failing(headers: Mapping[str, str], body: bytes) -> int:
    raise ValueError("secret")


@pytest.mark.parametrize("shop", [{"wsgi": _wsgi}, {"asgi": _asgi}], ids=["wsgi", "asgi"])
def test_shops_in_process(sandbox: Sandbox, shop: dict[str, Any]) -> None:
    """A WSGI or an ASGI application is notified without a socket, and its reply is kept."""
    sandbox.mount("https://shop.example/", **shop)
    _pay(sandbox)
    [delivery] = sandbox.settle()
    assert delivery.state == "acknowledged"
    assert delivery.attempts[0].reply == '{"code":"SUCCESS"}'
    assert 'SUCCESS"}' not in repr(delivery)


@pytest.mark.parametrize(
    "shop",
    [{"wsgi": _failing_wsgi}, {"asgi": _failing_asgi}, {"function": _failing}],
    ids=["wsgi", "asgi", "function"],
)
def test_shop_that_fails(sandbox: Sandbox, shop: dict[str, Any]) -> None:
    """An exception is the shop's own: it is a 500, as from a server."""
    sandbox.mount("https://shop.example/", **shop)
    _pay(sandbox)
    [delivery] = sandbox.settle()
    assert (delivery.state, delivery.attempts[0].status) == ("to be repeated", 500)
    assert "secret" not in delivery.attempts[0].reply


async def _slow_asgi(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(LONG)


def _slow(headers: Mapping[str, str], body: bytes) -> int:
    time.sleep(0.2)
    return 200


@pytest.mark.parametrize("shop", [{"asgi": _slow_asgi}, {"function": _slow}])
def test_shop_that_is_slow(
    sandbox: Sandbox, shop: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time counts in process as well."""
    monkeypatch.setattr(_courier, "LIMIT", 0.1)
    sandbox.mount("https://shop.example/", **shop)
    _pay(sandbox)
    [delivery] = sandbox.settle()
    assert delivery.attempts[0].outcome == "timed out"
    assert delivery.attempts[0].status is None


def test_nearest_shop(sandbox: Sandbox) -> None:
    """Of two shops, the one whose URL says more is notified; loopback may be mounted as well."""
    far, near, local = Scripted(), Scripted(), Scripted()
    sandbox.mount("https://shop.example/", far)
    sandbox.mount("https://shop.example/no", near)
    sandbox.mount("http://127.0.0.1:9/", local)
    _pay(sandbox)
    _pay(sandbox, "http://127.0.0.1:9/x", "another")
    sandbox.settle()
    assert [len(shop.received) for shop in (far, near, local)] == [0, 1, 1]


@pytest.mark.parametrize("shops_given", [{}, {"wsgi": _wsgi, "asgi": _asgi}])
def test_one_shop_a_mount(sandbox: Sandbox, shops_given: dict[str, Any]) -> None:
    """What is mounted is one shop, of one kind."""
    with pytest.raises(TypeError, match="mount takes a function"):
        sandbox.mount(_URL, **shops_given)


def test_shop_that_uses_its_client(sandbox: Sandbox) -> None:
    """A shop that asks the sandbox while it is notified is answered."""
    states: list[str] = []
    with sandbox.client() as wxpay:

        def take(headers: Mapping[str, str], body: bytes) -> None:
            paid = wxpay.notification(headers, body).resource
            asked = wxpay["v3/pay/transactions/id/{number}"].get(
                number=paid["transaction_id"], params={"mchid": ORDER["mchid"]}
            )
            states.append(asked.json()["trade_state"])

        sandbox.mount(_URL, take)
        _pay(sandbox)
        sandbox.settle()
        _pay(sandbox, number="another")
        sandbox.advance(1)
    assert states == ["SUCCESS", "SUCCESS"]


def test_nothing_is_lost_when_the_network_breaks() -> None:
    """Orders that were paid behind a broken answer are notified of, each of them once."""
    shop = Scripted()
    with Sandbox(port=0) as sandbox, sandbox.client() as wxpay:
        sandbox.mount(_URL, shop)
        sandbox.fault("post", "v3/**", "reset-after", probability=0.5, seed=1)
        for index in range(10):
            order: Any = {**ORDER, "out_trade_no": f"number-{index}", "notify_url": _URL}
            _until_answered(wxpay, order)
            sandbox.pay(order["out_trade_no"])
        deliveries = sandbox.settle()
    assert [each.state for each in deliveries] == ["acknowledged"] * 10
    assert len(shop.received) == 10


def _until_answered(wxpay: WeChatPay, order: Any) -> httpx.Response:
    while True:
        try:
            return wxpay.v3.pay.transactions.native.post(json=order)
        except TransportError as error:
            if not error.outcome_unknown:
                raise
