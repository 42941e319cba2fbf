"""Shops in this process: every kind of answer is understood, and none hangs the sandbox."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import flask
import httpx
import pytest
from aiohttp import web
from django.conf import settings  # pyright: ignore[reportMissingTypeStubs]
from django.http import (  # pyright: ignore[reportMissingTypeStubs]
    HttpResponse,
    JsonResponse,
)
from starlette.responses import PlainTextResponse, Response

from wechatpay import WeChatPay, notification, notification_v2
from wechatpay.sandbox import Delivery, Sandbox

from .merchant import ORDER, Merchant
from .old_shop import Till

_URL = "https://shop.example/"
_RUNS = 150


def _pay(sandbox: Sandbox, number: str = "mounted-1") -> None:
    order = {**ORDER, "out_trade_no": number, "notify_url": f"{_URL}notify"}
    target = "/v3/pay/transactions/native"
    answer = Merchant(sandbox.config).call(sandbox.gateway, "POST", target, order)
    assert answer.status == 200
    sandbox.pay(number)


@pytest.fixture(scope="module")
def mall() -> Iterator[Sandbox]:
    """A sandbox for all of these shops."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def said(mall: Sandbox, request: pytest.FixtureRequest) -> Callable[[object], Delivery]:
    """Tells what comes of an answer."""

    def of(answer: object) -> Delivery:
        mall.mount(_URL, partial(_always, answer))
        _pay(mall, f"said-{len(mall.notifications)}")
        return mall.settle()[-1]

    return of


def _always(answer: object, _: Mapping[str, str], __: bytes) -> object:
    return answer


async def _later(answer: object) -> object:
    return answer


if not settings.configured:  # pragma: no branch -- another test's may be
    settings.configure()  # pyright: ignore[reportUnknownMemberType]

_FLASK = flask.Flask(__name__)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (notification.SUCCESS, 204),
        (notification.Reply(200, {"Content-Type": "application/json"}, b"{}"), 200),
        (None, 204),
        (200, 200),
        (b"", 200),
        (b"SUCCESS", 200),
        ("SUCCESS", 200),
        ({"code": "SUCCESS"}, 200),
        (("", 204), 204),
        (({"code": "SUCCESS"}, 200, {"X-Any": "1"}), 200),
        ((204, b""), 204),
        ((b"ok",), 200),
        (Response(status_code=204), 204),
        (PlainTextResponse("ok"), 200),
        (HttpResponse(status=204), 204),
        (JsonResponse({"code": "SUCCESS"}), 200),
        (flask.Response("", 204), 204),
        (web.Response(status=204), 204),
        (httpx.Response(200, json={}), 200),
    ],
    ids=lambda each: type(each).__name__ if not isinstance(each, int) else str(each),
)
def test_every_way_to_acknowledge(
    said: Callable[[object], Delivery], answer: object, status: int
) -> None:
    """A function answers as it does for its framework, or as the README teaches it."""
    delivery = said(answer)
    assert delivery.state == "acknowledged"
    assert delivery.attempts[0].status == status


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (notification.reply_to(ValueError("no")), 500),
        ({"code": "FAIL"}, 200),
        (({"code": "FAIL"}, 500), 500),
        (Response("no", 503), 503),
        (HttpResponse(b"no", status=500), 500),
        (flask.Response("no", 500), 500),
        (404, 404),
    ],
    ids=lambda each: type(each).__name__ if not isinstance(each, int) else str(each),
)
def test_every_way_to_refuse(
    said: Callable[[object], Delivery], answer: object, status: int
) -> None:
    """What is not a 200 or 204 is a refusal: the notification comes again, as WeChat Pay's does."""
    delivery = said(answer)
    assert delivery.attempts[0].status == status
    assert delivery.acknowledged == (status == 200)


@pytest.mark.parametrize(
    "answer", [True, 7, 1.5, object(), (), frozenset({1}), web.Response(status=999)]
)
def test_what_is_no_answer(
    said: Callable[[object], Delivery], answer: object, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is not an answer is a 500, and is printed with the ways to answer."""
    delivery = said(answer)
    assert delivery.attempts[0].status == 500
    assert "Traceback" in capsys.readouterr().err


def test_a_handler_may_be_awaited(mall: Sandbox) -> None:
    """An async function is awaited."""
    mall.mount(_URL, partial(_always, _later(notification.SUCCESS)))
    _pay(mall, "awaited-1")
    assert mall.settle()[-1].state == "acknowledged"


def test_the_readmes_handler(mall: Sandbox) -> None:
    """The handler of the README is heard: what it takes as well as what it refuses."""
    wxpay: WeChatPay = mall.client()

    def handle(headers: Mapping[str, str], body: bytes) -> notification.Reply:
        try:
            wxpay.notification(headers, body)
        except Exception as error:  # noqa: BLE001
            return notification.reply_to(error)
        return notification.SUCCESS

    mall.mount(_URL, handle)
    _pay(mall, "readme-1")
    assert mall.settle()[-1].state == "acknowledged"
    assert mall.probe(f"{_URL}notify").attempts[0].outcome == "refused"


def test_the_old_replies(mall: Sandbox) -> None:
    """APIv2's replies are heard as well, in XML."""
    till = Till(mall)
    for number, reply, state in (
        ("old-mounted-1", notification_v2.SUCCESS, "acknowledged"),
        ("old-mounted-2", notification_v2.reply_to(ValueError("no")), "to be repeated"),
    ):
        mall.mount(_URL, partial(_always, reply))
        till.pay(out_trade_no=number, notify_url=f"{_URL}old")
        assert mall.settle()[-1].state == state


def test_an_exception_is_printed(
    mall: Sandbox, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """What a handler raises is printed with its traceback, and is a 500 to WeChat Pay."""

    def broken(_: Mapping[str, str], __: bytes) -> None:
        raise LookupError("the shop's own mistake")

    mall.mount(_URL, broken)
    _pay(mall, "broken-1")
    delivery = mall.settle()[-1]
    assert delivery.attempts[0].status == 500
    assert "LookupError: the shop's own mistake" in capsys.readouterr().err
    assert "the shop mounted at https://shop.example/notify raised LookupError" in caplog.text


def test_settle_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that never ends is timed out; `settle` does not wait for more than it is told to.

    The handler goes on in a thread of its own, which ends with the program.
    """
    monkeypatch.setattr("wechatpay.sandbox._time.courier.LIMIT", 0.2)
    released = threading.Event()

    def hang(_: Mapping[str, str], __: bytes) -> None:
        released.wait(30)

    def meddle(_: Mapping[str, str], __: bytes) -> None:
        sandbox.settle(limit=0)

    with Sandbox() as sandbox:
        sandbox.mount(_URL, hang)
        _pay(sandbox)
        assert sandbox.settle(limit=0)[0].state == "under way"
        delivery = sandbox.settle()[0]
        assert delivery.attempts[0].outcome == "timed out"
        sandbox.mount(_URL, meddle)
        sandbox.advance(20)
        assert sandbox.settle()[0].state == "acknowledged"
        released.set()


def _answers(_: Mapping[str, str], __: bytes) -> None:
    time.sleep(0)


def _raises(_: Mapping[str, str], __: bytes) -> None:
    raise ValueError("on purpose")


@pytest.mark.untraced
def test_settle_never_hangs() -> None:
    """Of many payments, one after the other and at once, each attempt is waited for, and ends.

    Some 145 runs were needed to see an attempt end before its id was awaited.
    """
    shops: list[Any] = [_answers, _raises, partial(_always, object()), partial(_always, b"x")]
    found: list[Delivery] = []
    with Sandbox(history=10) as sandbox:
        for run in range(_RUNS):
            sandbox.mount(_URL, shops[run % len(shops)])
            threads = [
                threading.Thread(target=_pay, args=(sandbox, f"run-{run}-{each}"))
                for each in range(2)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            found = sandbox.settle()
            assert all(each.attempts for each in found), run
        assert json.loads(found[-1].body)["event_type"] == "TRANSACTION.SUCCESS"
