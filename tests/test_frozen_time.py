"""Tools that stop the clock for a test: client and sandbox go by the same, wherever it stands."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from typing import Any

import freezegun
import pytest
import time_machine
from patience import LONG
from tools_table import SEES, TRANSPORTS, arguments_of

from wechatpay import Notification, WeChatPay
from wechatpay.followup import FollowUp, SQLiteStore
from wechatpay.followup import order as expected
from wechatpay.replay import MemoryGuard
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._base import Mode

Stopped = Callable[[datetime], AbstractContextManager[Any]]

PAST, FUTURE = (datetime(year, 6, 1, 12, tzinfo=timezone.utc) for year in (2020, 2040))


def order(number: str) -> Any:
    """Return the body of an order."""
    return {
        "appid": "wxd678efh567hg6787",
        "mchid": "1900000109",
        "description": "A cup of tea",
        "out_trade_no": number,
        "notify_url": "https://shop.example/notify",
        "amount": {"total": 100},
    }


def by_time_machine(moment: datetime) -> AbstractContextManager[Any]:
    """Stop the time with time-machine, as `freezegun.freeze_time` does."""
    return time_machine.travel(moment, tick=False)


each_tool = pytest.mark.parametrize(
    "stopped",
    [
        pytest.param(freezegun.freeze_time, id="freezegun"),
        pytest.param(by_time_machine, id="time-machine"),
    ],
)
each_moment = pytest.mark.parametrize("moment", [PAST, FUTURE], ids=["past", "future"])


def shop(sandbox: Sandbox, wxpay: WeChatPay) -> list[Notification]:
    """Order, blocking and awaited, have one paid, and return what was notified."""
    got: list[Notification] = []

    def notified(headers: Mapping[str, str], body: bytes) -> None:
        got.append(wxpay.notification(headers, body))

    sandbox.mount("https://shop.example/", notified)
    native = wxpay.v3.pay.transactions.native
    native.post(json=order("20260101000001"))
    asyncio.run(native.post_async(json=order("20260101000002")))
    sandbox.pay("20260101000001")
    assert sandbox.settle()[-1].state == "acknowledged"
    return got


@each_tool
@each_moment
@pytest.mark.parametrize("mode", ["public-key", "certificate"])
def test_a_sandbox_in_stopped_time(stopped: Stopped, moment: datetime, mode: Mode) -> None:
    """Its signatures, orders and notifications are of the time that was set."""
    with stopped(moment), Sandbox(mode=mode) as sandbox:
        (paid,) = shop(sandbox, sandbox.client())
    assert datetime.fromisoformat(paid.resource["success_time"]) == moment


@each_tool
@each_moment
def test_time_that_stops_later(stopped: Stopped, moment: datetime) -> None:
    """A fixture was there before the test's own time was set: what comes then is of that time."""
    with Sandbox() as sandbox, sandbox.client() as wxpay, stopped(moment):
        (paid,) = shop(sandbox, wxpay)
        assert datetime.fromisoformat(paid.resource["success_time"]) == moment


@pytest.mark.untraced
@each_tool
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_over_a_socket(stopped: Stopped, transport: str, request: pytest.FixtureRequest) -> None:
    """With every transport the merchant signs by the time that was set, and so does the server."""
    with Sandbox(port=0) as sandbox, stopped(PAST):
        settings: dict[str, Any] = {**sandbox.config, "merchant": None, **arguments_of(transport)}
        with WeChatPay(**settings) as wxpay:
            (paid,) = shop(sandbox, wxpay)
        signed = {dict(one.headers)["authorization"] for one in sandbox.exchanges}
    assert datetime.fromisoformat(paid.resource["success_time"]) == PAST
    assert all(f'timestamp="{PAST.timestamp():.0f}"' in one for one in signed)
    assert transport in SEES["freezegun"]
    assert transport in SEES["time-machine"]


@each_tool
def test_a_server_that_was_there_before_ends(stopped: Stopped) -> None:
    """What it waits for while the time stands still comes all the same: it can be closed."""
    sandbox = Sandbox(port=0)
    sandbox.start()
    with stopped(PAST):
        time.sleep(0.2)  # it looks around ten times a second
    closing = threading.Thread(target=sandbox.close, daemon=True)
    closing.start()
    closing.join(LONG)
    assert not closing.is_alive()


@each_tool
def test_time_that_goes_on(stopped: Stopped) -> None:
    """When a test sets its time again, client and sandbox are there together."""
    with Sandbox() as sandbox, sandbox.client() as wxpay:
        for number, days in enumerate((0, 1, 400)):
            with stopped(PAST + timedelta(days=days)):
                body = order(f"2026010100000{number}")
                assert wxpay.v3.pay.transactions.native.post(json=body).status_code == 200


@each_tool
def test_leases_and_queries(stopped: Stopped, tmp_path: Any) -> None:
    """What goes by Unix time, as a store of expected payments does, goes by the time set."""
    handled: list[Notification] = []
    with Sandbox() as sandbox, sandbox.client() as wxpay:
        followup = FollowUp(wxpay, SQLiteStore(tmp_path / "f.db"), handled.append)
        with stopped(PAST):
            wxpay.v3.pay.transactions.native.post(json=order("20260101000001"))
            followup.expect(expected("1900000109", "20260101000001"))
            sandbox.pay("20260101000001")
            followup.run()
            assert not handled
        with stopped(PAST + timedelta(hours=1)):
            followup.run()
    assert [one.resource["out_trade_no"] for one in handled] == ["20260101000001"]


def test_a_guard_by_freezegun() -> None:
    """A guard in memory forgets by the steady clock, which freezegun moves too."""
    with freezegun.freeze_time(PAST) as frozen:
        guard = MemoryGuard(lease=60)
        assert not guard.seen("EV-1")
        frozen.tick(61)
        assert not guard.seen("EV-1")
