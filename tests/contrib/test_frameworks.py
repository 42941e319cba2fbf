"""Every path that a notification can take, in each framework, over a socket."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import time
from typing import Any

import httpx
import pytest
from patience import LONG

from wechatpay import Notification, TransportError, WeChatPay
from wechatpay.contrib import _handling
from wechatpay.replay import MemoryGuard
from wechatpay.sandbox import Sandbox

from .conftest import RESOURCE, Opener
from .servers import ASYNC, SYNC

_SECRET = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"

every = pytest.mark.parametrize("app", [*ASYNC, *SYNC], ids=lambda app: str(app.__name__)[:-4])


class Awaited:
    """A guard that is awaited."""

    def __init__(self) -> None:
        self._guard = MemoryGuard()

    async def seen(self, id: str, /) -> bool:
        """As the guard, after a while."""
        await asyncio.sleep(0)
        return self._guard.seen(id)

    async def done(self, id: str, /) -> None:
        """As the guard."""
        self._guard.done(id)

    async def forget(self, id: str, /) -> None:
        """As the guard."""
        self._guard.forget(id)


def _nothing(_: Notification) -> int | None:
    return None


def _fine(_: Notification) -> int | None:
    return 200


def _busy(_: Notification) -> int | None:
    return 503


def _failing(_: Notification) -> int | None:
    raise KeyError(_SECRET)


@every
def test_good(open_shop: Opener, app: Any) -> None:
    """A notification is verified, opened, given to the function, and acknowledged."""
    shop = open_shop(app)
    answer = shop.post()
    assert (answer.status_code, answer.content) == (204, b"")
    [(notification, mchid)] = shop.work.seen
    assert notification.resource == RESOURCE
    assert notification.event_type == "TRANSACTION.SUCCESS"
    assert mchid == "1900000109"


@every
def test_sandbox_delivers(open_shop: Opener, sandbox: Sandbox, app: Any) -> None:
    """What the sandbox sends arrives; its probe is refused, and the function never sees it."""
    shop = open_shop(app)
    probe = sandbox.probe(shop.url)
    assert (probe.attempts[0].outcome, probe.attempts[0].status) == ("refused", 401)
    assert shop.work.seen == []


@pytest.mark.untraced
@every
def test_not_from_wechat_pay(open_shop: Opener, app: Any, caplog: pytest.LogCaptureFixture) -> None:
    """What was tampered with, is too old, or is not signed at all, is refused and said so."""
    shop = open_shop(app)
    refused = [
        shop.post(content=b"{}"),
        shop.post(headers={"Wechatpay-Nonce": "another"}),
        shop.post(headers={"Wechatpay-Serial": "PUB_KEY_ID_0"}),
        shop.post(skew=-400),
        shop.post(skew=400),
        shop.post(headers={"Wechatpay-Signature": ""}),
    ]
    for answer in refused:
        assert answer.status_code == 401
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.json()["code"] == "FAIL"
    assert shop.work.seen == []
    records = [record for record in caplog.records if record.name == "wechatpay.contrib"]
    assert [record.levelname for record in records] == ["WARNING"] * len(refused)


@every
def test_probe_is_no_alarm(open_shop: Opener, app: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A probe is refused as any wrong signature is, and logged as what it is."""
    shop = open_shop(app)
    with caplog.at_level(logging.INFO, "wechatpay.contrib"):
        answer = shop.post(headers={"Wechatpay-Signature": "WECHATPAY/SIGNTEST/abc"})
    assert (answer.status_code, answer.json()["code"]) == (401, "FAIL")
    assert [each.levelname for each in caplog.records if "SIGNTEST" in each.message] == ["INFO"]


@every
def test_other_verbs(open_shop: Opener, app: Any) -> None:
    """Any verb but POST is a 405, and nothing is read."""
    shop = open_shop(app)
    with httpx.Client(trust_env=False) as client:
        for method in ("GET", "PUT"):
            answer = client.request(method, shop.url)
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert shop.work.seen == []


@every
def test_failure(open_shop: Opener, app: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A function that fails is a 500; the log says where, and not what the error said."""
    shop = open_shop(app, _failing, guard=MemoryGuard())
    answer = shop.post()
    assert answer.status_code == 500
    assert "FAIL" in answer.text
    assert _SECRET not in answer.text + caplog.text
    assert "EV-2018022511223320873 (TRANSACTION.SUCCESS) not processed: KeyError" in caplog.text
    assert "in _failing" in caplog.text
    shop.work.do = _nothing
    assert shop.post().status_code == 204
    assert shop.post().status_code == 204
    assert len(shop.work.seen) == 2


@every
def test_wechat_pay_out_of_reach(
    open_shop: Opener, app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A function that does not reach WeChat Pay is a 503; the log has the error's own words."""

    def lost(_: Notification) -> int | None:
        raise TransportError("no connection", outcome_unknown=False)

    assert open_shop(app, lost).post().status_code == 503
    assert "TransportError: no connection" in caplog.text


@every
def test_handled_once(open_shop: Opener, app: Any) -> None:
    """With a guard, a notification that comes again is acknowledged and not handled again."""
    shop = open_shop(app, guard=MemoryGuard())
    assert [shop.post().status_code for _ in range(3)] == [204] * 3
    assert len(shop.work.seen) == 1
    assert shop.post("EV-another").status_code == 204
    assert len(shop.work.seen) == 2


@every
def test_without_a_guard(open_shop: Opener, app: Any) -> None:
    """Without one, it is handled as often as it comes."""
    shop = open_shop(app)
    assert [shop.post().status_code for _ in range(2)] == [204] * 2
    assert len(shop.work.seen) == 2


@every
def test_two_at_once(open_shop: Opener, app: Any) -> None:
    """While one is being handled, another delivery of it is told to come again."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(_: Notification) -> int | None:
        begun.set()
        go_on.wait(LONG)
        return None

    shop = open_shop(app, slow, guard=MemoryGuard())
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(shop.post().status_code))
    thread.start()
    assert begun.wait(LONG)
    assert shop.post().status_code == 500
    go_on.set()
    thread.join()
    assert statuses == [204]
    assert shop.post().status_code == 204
    assert len(shop.work.seen) == 1


@every
@pytest.mark.parametrize("guarded", [True, False])
def test_own_response(open_shop: Opener, app: Any, guarded: bool) -> None:
    """A function may answer for itself; unless that acknowledges, the repeat is handled too."""
    shop = open_shop(app, _busy, guard=MemoryGuard() if guarded else None)
    answer = shop.post()
    assert (answer.status_code, answer.text) == (503, "own")
    shop.work.do = _fine
    answer = shop.post()
    assert (answer.status_code, answer.text) == (200, "own")
    assert len(shop.work.seen) == 2


@every
def test_several_merchants(
    open_shop: Opener, wxpay: WeChatPay, app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A function finds the client for a request; if there is none, that is a failure."""
    clients: dict[str, WeChatPay] = {}

    def find(request: Any) -> WeChatPay:
        path = request.path if hasattr(request, "path") else request.url.path
        return clients[path.rpartition("/")[2]]

    shop = open_shop(app, client=find)
    assert shop.post().status_code == 500
    assert "a notification not processed: KeyError" in caplog.text
    clients["1900000109"] = wxpay
    assert shop.post().status_code == 204


@every
def test_wrong_apiv3_key(
    open_shop: Opener, sandbox: Sandbox, app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A key that does not open it is a 500: the shop is at fault, and the log says so."""
    with sandbox.client(apiv3_key="0" * 32) as client:
        assert open_shop(app, client=client).post().status_code == 500
    assert "ERROR" in caplog.text
    assert "DecryptionError" in caplog.text


@every
def test_slow(
    open_shop: Opener,
    app: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A handler that takes longer than WeChat Pay waits causes a warning."""
    monkeypatch.setattr(_handling, "LIMIT", 0.05)

    def slow(_: Notification) -> int | None:
        time.sleep(0.1)
        return None

    assert open_shop(app, slow).post().status_code == 204
    assert re.search(r"\(TRANSACTION\.SUCCESS\) took \d+\.", caplog.text)


@pytest.mark.parametrize("app", ASYNC)
def test_guard_that_is_awaited(open_shop: Opener, app: Any) -> None:
    """Where views are awaited, a guard may be."""
    shop = open_shop(app, guard=Awaited())
    assert [shop.post().status_code for _ in range(2)] == [204] * 2
    assert len(shop.work.seen) == 1


@pytest.mark.parametrize("app", ASYNC)
def test_failure_with_a_guard_that_is_awaited(open_shop: Opener, app: Any) -> None:
    """Such a guard lets the repeat in as well."""
    shop = open_shop(app, _failing, guard=Awaited())
    assert [shop.post().status_code for _ in range(2)] == [500] * 2
    assert len(shop.work.seen) == 2
