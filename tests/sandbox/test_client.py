"""The client that a sandbox hands out, through its public names alone."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import subprocess
import sys
import warnings
import weakref
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from programs import run_main

from wechatpay import APIError, WeChatPay
from wechatpay.sandbox import Mode, Sandbox, demo, settings
from wechatpay.sandbox.demo import _purchase, _steps, _terminate
from wechatpay.sandbox.demo._shop import Shop
from wechatpay.sandbox.demo._steps import Step
from wechatpay.sandbox.demo._transcript import Transcript, fold, width

from .merchant import ORDER, TERMINATION

_TERMINATE = "v3/payscore/partner/permissions/authorization-code/{authorization_code}/terminate"


@pytest.mark.parametrize("mode", ["public-key", "certificate"])
@pytest.mark.parametrize("port", [None, 0])
def test_client_reaches_its_sandbox(port: int | None, mode: Mode) -> None:
    """In process or over loopback, with either key, sync and async calls come back verified."""
    with Sandbox(port=port, mode=mode) as sandbox, sandbox.client() as wxpay:
        call = wxpay.chain(_TERMINATE)
        arguments: dict[str, Any] = {"authorization_code": "1234323JKHDFE1243252"}
        arguments["json"] = TERMINATION
        responses = [call.post(**arguments), asyncio.run(_soon(wxpay, arguments))]
        placed = wxpay.v3.pay.transactions.native.post(json=ORDER)
        paid = sandbox.pay(number := str(ORDER["out_trade_no"]))
        path = "v3/pay/transactions/out-trade-no/{number}"
        found = wxpay[path].get(number=number, params={"mchid": ORDER["mchid"]})
    assert [response.status_code for response in responses] == [204, 204]
    assert found.json() == paid
    for response in (*responses, placed, found):
        assert response.extensions["wechatpay"]["verified"] is True
    assert all(exchange.verified for exchange in sandbox.exchanges)


async def _soon(wxpay: WeChatPay, arguments: dict[str, Any]) -> httpx.Response:
    return await wxpay.chain(_TERMINATE).post_async(**arguments)


def test_overrides_win() -> None:
    """An argument given to `client` takes the place of the sandbox's own."""
    sandbox = Sandbox()
    with sandbox.client(mchid="1900000110") as wxpay:
        assert "1900000110" in repr(wxpay)
        with pytest.raises(APIError) as caught:
            wxpay.v3.certificates.get()
    assert caught.value.code == "SIGN_ERROR"


@pytest.mark.untraced
@pytest.mark.parametrize("port", [None, 0])
def test_clients_are_closed_with_their_sandbox(port: int | None) -> None:
    """Who leaves a client to its sandbox leaves nothing open; who closes it may do so."""
    with Sandbox(port=port) as sandbox:
        left, closed = sandbox.client(), sandbox.client()
        for wxpay in (left, closed):
            assert wxpay.v3.pay.transactions.native.post(json=ORDER).status_code == 200
        closed.close()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del left, closed, wxpay
        gc.collect()
    assert not caught


@pytest.mark.untraced
@pytest.mark.parametrize("port", [None, 0])
def test_clients_that_nobody_holds_are_closed_too(port: int | None) -> None:
    """A client that was made for one call stays open as long as its sandbox, and no longer."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with Sandbox(port=port) as sandbox:
            made = weakref.ref(sandbox.client())
            held = made()
            assert held is not None
            held.v3.pay.transactions.native.post(json=ORDER)
            del held
            gc.collect()
            assert made() is not None
        gc.collect()
        assert made() is None
    assert not caught


def test_environment_leads_to_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`WeChatPay.from_env()` reaches a sandbox by the settings that it writes."""
    with Sandbox(port=0) as sandbox:
        for name, value in settings.write(sandbox, tmp_path).items():
            monkeypatch.setenv(name, value)
        with WeChatPay.from_env() as wxpay:
            assert wxpay.v3.pay.transactions.native.post(json=ORDER).status_code == 200


def test_demo_runs() -> None:
    """The demo makes twelve calls, prints them in a hundred columns, and is content."""
    command = [sys.executable, "-W", "error", "-m", "wechatpay.sandbox.demo"]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", env=environment, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("204 No Content") == 6
    assert done.stdout.count("200 OK") == 6
    assert done.stdout.count("signature right") == 12
    assert "█" in done.stdout
    for event in ("TRANSACTION.SUCCESS", "REFUND.SUCCESS"):
        assert f"notified  {event} at http://127.0.0.1:" in done.stdout
    assert done.stdout.endswith(", all as it should be.\n")
    assert max(map(width, done.stdout.splitlines())) <= 100


def test_demo_runs_in_process(capsys: pytest.CaptureFixture[str]) -> None:
    """Run as a module, the demo exits with its verdict."""
    with pytest.raises(SystemExit) as caught:
        run_main("wechatpay.sandbox.demo.__main__")
    assert caught.value.code == 0
    assert "all as it should be" in capsys.readouterr().out


def test_demo_sees_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong answer and a refused call are both told, and make the demo fail."""
    monkeypatch.setattr(
        "wechatpay.sandbox._families.payscore.permissions.SAMPLE_AUTHORIZATION", "another"
    )
    monkeypatch.setitem(vars(_purchase), "order", {**_purchase.order, "amount": {}})
    monkeypatch.setattr(_terminate, "STEPS", (Step(_terminate.post, "PUT", "/", 200, "x"),))
    out = io.StringIO()
    assert demo.main(out) == 1
    assert "WRONG" in out.getvalue()
    assert "A part of it goes back" not in out.getvalue()


def test_demo_needs_nothing_to_draw_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without segno, the demo prints what the QR code would say."""
    monkeypatch.setitem(sys.modules, "segno", None)
    out = io.StringIO()
    assert demo.main(out) == 0
    assert "\n    weixin://wxpay/bizpayurl?pr=" in out.getvalue()


def test_shop_of_the_demo_refuses_forgeries() -> None:
    """What WeChat Pay did not sign is refused, and not taken note of."""
    with Sandbox() as sandbox, Shop(sandbox.client()) as shop:
        assert sandbox.probe(shop.url).state != "acknowledged"
        assert shop.told == []


def test_transcript_tells_what_is_wrong() -> None:
    """An expectation that is not met is printed, counted, and the exit status."""
    out = io.StringIO()
    transcript = Transcript(out)
    transcript.check("the sun rises", True)
    transcript.check("the moon is cheese", False)
    assert transcript.summary() == 1
    assert "the sun rises" not in out.getvalue()
    assert "WRONG" in out.getvalue()
    assert "2 expectations checked, 1 WRONG." in out.getvalue()


def test_transcript_needs_no_unicode() -> None:
    """A terminal without Chinese gets escapes, not an exception."""
    buffer = io.BytesIO()
    out = io.TextIOWrapper(buffer, "ascii")
    Transcript(out).heading("撤销")
    out.flush()
    assert rb"\u64a4\u9500" in buffer.getvalue()


@pytest.mark.parametrize("text", ["", "short", "x" * 50, "撤销原因" * 10, "a撤" * 20])
def test_long_lines_are_folded(text: str) -> None:
    """A line is broken where it would be too wide, and nothing of it is lost."""
    pieces = list(fold(text, 11))
    assert "".join(pieces) == text
    assert all(width(piece) <= 11 for piece in pieces)


def test_demo_is_followed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo tells the whole story of a purchase, with its awaited calls in another thread.

    Up to Python 3.11 a tracer loses the frames below an `asyncio.run` in which something is
    cancelled, as anyio does when it connects: coverage would not see how the story goes on.
    """
    with ThreadPoolExecutor(1) as threads:

        def elsewhere(called: Coroutine[object, object, httpx.Response]) -> httpx.Response:
            return threads.submit(asyncio.run, called).result()

        monkeypatch.setattr(_steps, "asyncio", SimpleNamespace(run=elsewhere))
        out = io.StringIO()
        assert demo.main(out) == 0
    assert "The next morning: the bill" in out.getvalue()


def test_the_demo_speaks_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the terminal does; what is code, and what went over the wire, is the same."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    out = io.StringIO()
    transcript = Transcript(out)
    transcript.heading(demo.words.ORDER)
    transcript.field(demo.words.SIGNED, demo.words.WHAT_WAS_SIGNED, "POST")
    transcript.check("the moon is cheese", False)
    transcript.summary()
    shown = out.getvalue()
    assert demo.words.ORDER.zh in shown
    assert f"{demo.words.SIGNED.zh}  {demo.words.WHAT_WAS_SIGNED.zh}" in shown
    assert demo.words.NOT_FINE.filled(count=1).zh in shown
