"""What a sandbox can be told: by a method, and by a signed call from another process."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from wechatpay import APIError, WeChatPay
from wechatpay.sandbox import Refusal, Sandbox, actions
from wechatpay.sandbox._endpoint import IncomingCall
from wechatpay.sandbox._time.listener import Listener
from wechatpay.sandbox._world import World

from .merchant import ORDER


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A sandbox over loopback."""
    with Sandbox(port=0) as sandbox:
        yield sandbox


@pytest.fixture
def wxpay(served: Sandbox) -> Iterator[WeChatPay]:
    """A client of it."""
    with served.client() as client:
        yield client


def _order(number: str, url: str = "https://shop.example/") -> Any:
    return {**ORDER, "out_trade_no": number, "notify_url": url}


def _take(*_: object) -> int:
    return 204


def _refuse(*_: object) -> int:
    return 401


@pytest.mark.parametrize(
    ("by", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86400), ("7", 7)]
)
def test_the_clock_moves_on(by: str, seconds: int) -> None:
    """By a text as well as by seconds, and what it says is the time it is then."""
    with Sandbox() as sandbox:
        before = sandbox.advance(0)
        said = sandbox.client()["sandbox/clock/advance"].post(json={"by": by}).json()["time"]
        late = (datetime.fromisoformat(said) - before).total_seconds()
        assert seconds <= late < seconds + 60
        assert sandbox.status()["ahead"] == seconds


def test_what_is_said_wrongly_is_refused(wxpay: WeChatPay) -> None:
    """A value that cannot be is a 400, a number that nobody has a 404; nothing comes of it."""
    for path, body, status in (
        ("sandbox/clock/advance", {"by": "soon"}, 400),
        ("sandbox/clock/advance", {}, 400),
        ("sandbox/faults", {"rule": "post v3/** fire"}, 400),
        ("sandbox/notifications/probes", {"rate": 2}, 400),
        ("sandbox/notifications/send", {"ids": ["x"]}, 404),
        ("sandbox/notifications/held/1/answer", {"status": 99}, 400),
        ("sandbox/notifications/held/1/answer", {"status": 204}, 404),
        ("sandbox/notifications/held/x/answer", {"status": 204}, 404),
    ):
        with pytest.raises(APIError) as caught:
            wxpay[path].post(json=body)
        assert caught.value.status_code == status, path


def test_faults_are_made_and_ended(served: Sandbox, wxpay: WeChatPay) -> None:
    """By rules as text; no fault applies to what ends it, and being asked is not an exchange."""
    number = wxpay["sandbox/faults"].post(json={"rule": "* ** 500"}).json()["number"]
    seen = len(served.exchanges)
    told = wxpay["sandbox/status"].get().json()
    assert told["faults"] == [{"number": number, "rule": "* ** 500", "struck": 0}]
    assert len(served.exchanges) == seen
    assert wxpay["sandbox/faults/clear"].post(json={"which": number}).status_code == 204
    assert not served.faults
    served.add_fault("post v3/** 429")
    wxpay["sandbox/faults/clear"].post()
    assert not served.faults


def test_notifications_are_sent_again(served: Sandbox, wxpay: WeChatPay) -> None:
    """All that wait, or those that are named; the latest can be looked at."""
    wxpay.v3.pay.transactions.native.post(json=_order("told-1", "http://127.0.0.1:9/"))
    served.pay("told-1")
    served.settle()
    [told] = wxpay["sandbox/notifications"].get(params={"last": 1}).json()["notifications"]
    assert (told["event_type"], told["attempts"]) == ("TRANSACTION.SUCCESS", 1)
    again = wxpay["sandbox/notifications/send"].post(json={"ids": [told["id"]]}).json()
    assert again["notifications"][-1]["attempts"] == 2
    wxpay["sandbox/notifications/send"].post(json={})
    assert served.latest_notifications(1)[0].attempts[-1].outcome == "unreachable"
    assert served.latest_notifications(0) == []
    served.mount("http://127.0.0.1:9/", _refuse)
    probed = wxpay["sandbox/notifications/probe"].post(json={"url": "http://127.0.0.1:9/"}).json()
    assert (probed["state"], probed["status"]) == ("given up", 401)
    wxpay["sandbox/notifications/probes"].post(json={"rate": 0.5, "seed": 7})
    assert served.probe_rate == 0.5
    served.probes(0)


def test_a_certificate_is_rotated() -> None:
    """And its serial number told."""
    with Sandbox(mode="certificate") as sandbox:
        told = sandbox.client()["sandbox/certificates/rotate"].post().json()
        assert told == {"serial_no": sandbox.world.keys.signer}


def test_another_process_listens(served: Sandbox, wxpay: WeChatPay) -> None:
    """Notifications to anywhere are handed to it, and what it says of the shop's answer counts."""
    wxpay["sandbox/notifications/held"].get(params={"seconds": 0})
    wxpay.v3.pay.transactions.native.post(json=_order("told-2"))
    taken: list[dict[str, Any]] = []

    def listen() -> None:
        with served.client() as other:
            [held] = (
                other["sandbox/notifications/held"]
                .get(params={"seconds": 30})
                .json()["notifications"]
            )
            taken.append(held)
            other["sandbox/notifications/held/{number}/answer"].post(
                number=held["number"], json={"status": 200, "body": "{}"}
            )

    listener = threading.Thread(target=listen)
    listener.start()
    wxpay["sandbox/pay/told-2"].post()
    listener.join()
    delivery = served.settle()[-1]
    assert (delivery.state, delivery.attempts[-1].reply) == ("acknowledged", "{}")
    [held] = taken
    body = base64.b64decode(held["body"])
    assert held["url"] == "https://shop.example/"
    assert wxpay.notification(held["headers"], body).event_type == "TRANSACTION.SUCCESS"
    wxpay["sandbox/notifications/held"].get(params={"seconds": -1})
    wxpay.v3.pay.transactions.native.post(json=_order("told-3"))
    served.pay("told-3")
    assert served.settle()[-1].state == "not sent"
    assert not any("held" in each.target for each in served.exchanges if not each.code)


def test_a_shop_in_this_process_comes_first() -> None:
    """What is mounted is not handed to whoever listens."""
    with Sandbox() as sandbox:
        sandbox.held_notifications(0)
        sandbox.mount("https://shop.example/", _take)
        sandbox.client().v3.pay.transactions.native.post(json=_order("told-4"))
        sandbox.pay("told-4")
        assert sandbox.settle()[-1].state == "acknowledged"


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The merchant took too long, then; and who listens has left after a while without asking."""
    monkeypatch.setattr("wechatpay.sandbox._time.listener._PATIENCE", 0.01)
    now = [0.0]
    listener = Listener(lambda: now[0])
    assert not listener.active
    assert listener.take(0) == []
    assert listener.active
    with pytest.raises(httpx.ReadTimeout):
        listener.handle_request(httpx.Request("POST", "https://shop.example/", content=b"x"))
    assert listener.take(0) == []
    now[0] = 100.0
    assert not listener.active


def test_who_waits_is_woken_when_the_sandbox_closes() -> None:
    """It does not wait for what will not come."""
    taken: list[object] = []
    with Sandbox() as sandbox:
        listener = sandbox._notifier.courier.listener
        waiting = threading.Thread(target=lambda: taken.append(sandbox.held_notifications(30)))
        waiting.start()
        while not listener.active:
            pass
    waiting.join()
    assert taken == [[]]
    assert not listener.active


def test_all_that_can_be_told_is_known_by_name() -> None:
    """What customers do comes first, each with its route and a sentence."""
    known = {each.name: each for each in actions()}
    assert next(iter(known)) == "pay"
    assert {"advance", "status", "add_fault", "deliver", "probe", "complain"} <= set(known)
    for each in known.values():
        assert each.about.endswith((".", ",")) or each.about
        assert each.route.template.startswith("sandbox/")


def test_customers_need_no_sandbox() -> None:
    """What they do is done in a world alone as well, by whoever answers for it."""
    world = World.open()
    pay = next(each for each in actions() if each.name == "pay")
    with pytest.raises(Refusal):
        pay.route.handler(IncomingCall(world, {"out_trade_no": "nothing"}, {}, {}))
    world.close()
