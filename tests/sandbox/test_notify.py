"""Notifications: what is sent, to whom, and when it counts as delivered."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wechatpay.sandbox import Mode, Sandbox
from wechatpay.sandbox._front import NotificationWriter
from wechatpay.sandbox._time import courier as _courier
from wechatpay.sandbox._time.courier import Courier, on_loopback
from wechatpay.sandbox._time.delivery import SCHEDULE

from . import shop as shops
from .merchant import NATIVE, ORDER, Merchant
from .shop import Received, Shop

_REFUND = {
    "out_trade_no": ORDER["out_trade_no"],
    "out_refund_no": "refund-1",
    "amount": {"refund": 40, "total": 100, "currency": "CNY"},
}


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop on loopback."""
    with shops.shop() as opened:
        yield opened


def _order(sandbox: Sandbox, url: str, number: str = str(ORDER["out_trade_no"])) -> dict[str, Any]:
    body = {**ORDER, "out_trade_no": number, "notify_url": url}
    assert Merchant(sandbox.config).call(sandbox.gateway, "POST", NATIVE, body).status == 200
    return sandbox.pay(number)


def _opened(merchant: Merchant, received: Received) -> tuple[dict[str, Any], dict[str, Any]]:
    """Verify and decrypt as a merchant does; return the envelope and what was in it."""
    merchant.verify(received.headers, received.body)
    envelope = json.loads(received.body)
    sealed = envelope["resource"]
    assert sealed["algorithm"] == "AEAD_AES_256_GCM"
    text = AESGCM(merchant.apiv3_key).decrypt(
        sealed["nonce"].encode(),
        base64.b64decode(sealed["ciphertext"], validate=True),
        sealed["associated_data"].encode(),
    )
    return envelope, json.loads(text)


@pytest.mark.parametrize("port", [None, 0])
def test_payment_is_notified(shop: Shop, port: int | None) -> None:
    """Who is paid gets a signed notification, in which the transaction is encrypted."""
    with Sandbox(port=port) as sandbox:
        paid = _order(sandbox, shop.url)
        [delivery] = sandbox.settle()
        [received] = shop.received
        envelope, transaction = _opened(Merchant(sandbox.config), received)
    assert transaction == paid
    assert received.path == "/notify"
    assert received.headers["Content-Type"] == "application/json"
    assert datetime.fromisoformat(envelope["create_time"]).utcoffset() is not None
    assert envelope["resource"]["original_type"] == "transaction"
    kind = {name: envelope[name] for name in ("event_type", "resource_type", "summary")}
    assert kind == {
        "event_type": "TRANSACTION.SUCCESS",
        "resource_type": "encrypt-resource",
        "summary": "支付成功",
    }
    assert (delivery.id, delivery.state) == (envelope["id"], "acknowledged")
    [attempt] = delivery.attempts
    assert (attempt.status, attempt.outcome) == (204, "acknowledged")
    assert attempt.request_id == received.headers["Request-ID"]
    assert 0 < attempt.seconds < 5
    assert delivery.due_in is None


@pytest.mark.parametrize("mode", ["public-key", "certificate"])
def test_mode_says_which_key_signs(shop: Shop, mode: Mode) -> None:
    """A notification is signed with the key that the merchant's settings are about."""
    sandbox = Sandbox(mode=mode)
    _order(sandbox, shop.url)
    sandbox.settle()
    serial = shop.received[0].headers["Wechatpay-Serial"]
    assert serial.startswith("PUB_KEY_ID_") == (mode == "public-key")


def test_refund_is_notified(shop: Shop) -> None:
    """A refund that says where is notified of, once, however often it is asked for."""
    sandbox = Sandbox()
    merchant = Merchant(sandbox.config)
    _order(sandbox, "https://www.weixin.qq.com/wxpay/pay.php")
    for _ in range(2):
        body = {**_REFUND, "notify_url": shop.url}
        merchant.call(sandbox.gateway, "POST", "/v3/refund/domestic/refunds", body)
    body = {**_REFUND, "out_refund_no": "refund-2"}
    merchant.call(sandbox.gateway, "POST", "/v3/refund/domestic/refunds", body)
    assert [each.event.event_type for each in sandbox.settle()] == [
        "TRANSACTION.SUCCESS",
        "REFUND.SUCCESS",
    ]
    envelope, refund = _opened(merchant, shop.received[0])
    assert envelope["event_type"] == "REFUND.SUCCESS"
    assert envelope["resource"]["original_type"] == "refund"
    assert refund["refund_status"] == "SUCCESS"
    assert refund["mchid"] == sandbox.config["mchid"]
    assert refund["amount"] == {
        "total": 100,
        "refund": 40,
        "payer_total": 100,
        "payer_refund": 40,
    }


def test_payment_by_a_call(shop: Shop) -> None:
    """Where the sandbox is another process, a signed call makes the customer pay."""
    with Sandbox(port=0) as sandbox, sandbox.client() as wxpay:
        order: Any = {**ORDER, "notify_url": shop.url}
        wxpay.v3.pay.transactions.native.post(json=order)
        number = str(ORDER["out_trade_no"])
        answer = wxpay["sandbox/pay/{number}"].post(number=number)
        [delivery] = sandbox.settle()
    assert answer.json()["trade_state"] == "SUCCESS"
    assert delivery.state == "acknowledged"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.weixin.qq.com/wxpay/pay.php",
        "http://127.0.0.1@example.com/",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://[::1",
        "http://192.168.0.1/",
        "http://0.0.0.0/",
        "http:///notify",
        "ftp://127.0.0.1/",
    ],
)
def test_only_this_machine_is_notified(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is not on loopback is recorded, and never requested or looked up."""
    monkeypatch.setattr(socket, "getaddrinfo", None)
    monkeypatch.setattr(httpx, "Client", None)
    sandbox = Sandbox()
    sandbox.probe(url)
    [delivery] = sandbox.deliver()
    assert (delivery.state, delivery.attempts, delivery.due_in) == ("not sent", (), None)
    assert delivery.event.url == url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9:80", "localhost:8000", "[::1]:80"])
def test_loopback_has_many_names(host: str) -> None:
    """Every address of this machine's own is loopback, and so is its name."""
    assert on_loopback(f"http://{host}/notify")
    assert on_loopback(f"https://{host}")


@pytest.mark.parametrize("status", [200, 204])
def test_acknowledged(shop: Shop, status: int) -> None:
    """200 and 204 acknowledge, and it is not sent again."""
    shop.script = [status]
    sandbox = Sandbox()
    _order(sandbox, shop.url)
    sandbox.settle()
    [delivery] = sandbox.deliver()
    assert delivery.state == "acknowledged"
    assert len(shop.received) == 1


@pytest.mark.parametrize("status", [201, 202, 302, 400, 401, 404, 500, 503])
def test_refused(shop: Shop, status: int) -> None:
    """Any other status refuses; it is sent again, the same, signed anew."""
    shop.script = [status]
    sandbox = Sandbox()
    _order(sandbox, shop.url)
    [delivery] = sandbox.settle()
    assert (delivery.state, delivery.due_in) == ("to be repeated", 15)
    assert (delivery.attempts[0].status, delivery.attempts[0].outcome) == (status, "refused")
    [delivery] = sandbox.deliver()
    assert delivery.state == "acknowledged"
    first, second = shop.received
    assert first.body == second.body
    assert first.headers["Wechatpay-Nonce"] != second.headers["Wechatpay-Nonce"]
    assert first.headers["Request-ID"] != second.headers["Request-ID"]
    Merchant(sandbox.config).verify(second.headers, second.body)


@pytest.mark.parametrize(
    ("answer", "status"),
    [(shops.silence(1), None), (shops.drip, 200), (shops.late(0.3), 204)],
    ids=["silence", "drip", "late"],
)
def test_too_late(
    shop: Shop, answer: Any, status: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that takes longer than WeChat Pay waits is none, however it is slow."""
    shop.script = [answer]
    sandbox = Sandbox()
    with monkeypatch.context() as impatient:  # it does not wait for five seconds
        impatient.setattr(_courier, "LIMIT", 0.5)
        _order(sandbox, shop.url)
        [delivery] = sandbox.settle()
    [attempt] = delivery.attempts
    assert attempt.outcome == "timed out"
    assert attempt.status in (status, None)  # None where this machine was slow as well
    assert attempt.seconds >= 0.5
    assert sandbox.deliver()[0].state == "acknowledged"


def test_limit_is_the_documented_one() -> None:
    """A merchant has five seconds, and 15 repeats within a day and four minutes."""
    assert _courier.LIMIT == 5
    assert len(SCHEDULE) == 15
    assert sum(SCHEDULE) == 24 * 3600 + 4 * 60


def test_nobody_there(shop: Shop) -> None:
    """A shop that is closed, or hangs up, is unreachable; when it opens, it is told."""
    shop.script = [shops.silence(0)]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    sandbox = Sandbox()
    _order(sandbox, f"http://127.0.0.1:{port}/")
    _order(sandbox, shop.url, "another")
    for delivery in sandbox.settle():
        assert (delivery.attempts[0].outcome, delivery.attempts[0].status) == ("unreachable", None)
    closed, opened = sandbox.deliver()
    assert (closed.state, closed.due_in) == ("to be repeated", SCHEDULE[1])
    assert opened.state == "acknowledged"


def test_giving_up(shop: Shop) -> None:
    """After fifteen repeats WeChat Pay gives up."""
    shop.script = [500] * 100
    sandbox = Sandbox()
    _order(sandbox, shop.url)
    waits: list[int | None] = []
    for _ in range(20):
        waits.append(sandbox.settle()[0].due_in)
        sandbox.deliver()
    assert waits == [*SCHEDULE, *[None] * 5]
    assert sandbox.notifications[0].state == "given up"
    assert len(shop.received) == 16


def test_probe(shop: Shop) -> None:
    """A probe is signed wrongly on purpose; it is not sent again, whatever comes of it."""
    shop.script = [401, 204]
    sandbox = Sandbox()
    assert sandbox.probe(shop.url).state == "given up"
    assert sandbox.probe(shop.url).state == "acknowledged"
    sandbox.deliver()
    assert len(shop.received) == 2
    received = shop.received[0]
    signature = received.headers["Wechatpay-Signature"]
    assert signature.startswith("WECHATPAY/SIGNTEST/")
    merchant = Merchant(sandbox.config)
    with pytest.raises((InvalidSignature, ValueError)):
        merchant.verify(received.headers, received.body)
    whole = {**received.headers, "Wechatpay-Signature": signature[19:]}
    _, transaction = _opened(merchant, Received("", whole, received.body))
    assert transaction["out_trade_no"] == "SIGNTEST"


def test_paying_does_not_wait(shop: Shop) -> None:
    """The customer's payment does not wait for the shop: both may be of one thread."""
    held = threading.Event()
    shop.script = [shops.until(held)]
    sandbox = Sandbox()
    _order(sandbox, shop.url)
    assert sandbox.notifications[0].state == "under way"
    held.set()
    assert sandbox.settle()[0].attempts


@pytest.mark.untraced
def test_many_at_once(shop: Shop) -> None:
    """A hundred payments from ten threads are a hundred notifications, each of them once."""
    sandbox = Sandbox()

    def pay(thread: int) -> None:
        for index in range(10):
            _order(sandbox, shop.url, f"number-{thread}-{index}")

    threads = [threading.Thread(target=pay, args=(index,)) for index in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deliveries = sandbox.settle()
    assert {delivery.state for delivery in deliveries} == {"acknowledged"}
    ids = {json.loads(received.body)["id"] for received in shop.received}
    assert ids == {delivery.id for delivery in deliveries}
    assert len(shop.received) == len(ids) == 100


def test_attempt_that_breaks_off(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, shop: Shop
) -> None:
    """A mistake of the sandbox's own is logged, keeps nobody waiting, and can be repeated."""
    sandbox = Sandbox()

    def fall(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(Courier, "bring", fall)
        _order(sandbox, shop.url)
        [delivery] = sandbox.settle()
        assert [each.outcome for each in delivery.attempts] == ["unreachable"]
    assert [record.name for record in caplog.records] == ["wechatpay.sandbox"]
    [delivery] = sandbox.deliver(sandbox.notifications[0].id)
    assert delivery.state == "acknowledged"


def test_a_broken_attempt_is_logged(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What fails before anything is sent is logged too, and `settle` does not wait for it."""
    sandbox = Sandbox()

    def fall(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(NotificationWriter, "request_id", fall)
        _order(sandbox, shop.url)
        sandbox.settle()
    assert [record.getMessage() for record in caplog.records] == [
        "an attempt to notify the merchant broke off"
    ]


def test_history_is_bounded(shop: Shop) -> None:
    """Only the latest are kept, and what is still to be delivered."""
    shop.script = [500]
    sandbox = Sandbox(history=2)
    for number in ("number-1", "number-2", "number-3", "number-4"):
        _order(sandbox, shop.url, number)
        sandbox.settle()
    assert _numbers(sandbox) == ["number-1", "number-3", "number-4"]
    sandbox.deliver()
    _order(sandbox, shop.url, "number-5")
    assert _numbers(sandbox) == ["number-4", "number-5"]


def _numbers(sandbox: Sandbox) -> list[str]:
    return [each.event.resource["out_trade_no"] for each in sandbox.settle()]


def test_closing_waits(shop: Shop) -> None:
    """Closing a sandbox waits for its notifications, leaves no thread, and is not the end."""
    before = set(threading.enumerate())
    with Sandbox() as sandbox:
        _order(sandbox, shop.url)
    assert sandbox.notifications[0].state == "acknowledged"
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert not any(name.startswith("wechatpay-notifications") for name in left)
    with sandbox:
        _order(sandbox, shop.url, "another")
        assert sandbox.settle()[1].state == "acknowledged"


def test_proxies_are_not_for_loopback(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment is not asked."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert httpx.Client().trust_env
    sandbox = Sandbox()
    _order(sandbox, shop.url)
    assert sandbox.settle()[0].state == "acknowledged"


def test_repr_shows_nothing_decrypted(shop: Shop) -> None:
    """What a record shows of itself has no payer in it."""
    sandbox = Sandbox()
    _order(sandbox, shop.url)
    shown = repr(sandbox.settle())
    assert "TRANSACTION.SUCCESS" in shown
    assert "openid" not in shown
