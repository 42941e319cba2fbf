"""`wechatpay tell`, `trigger` and `listen`: a sandbox told from a terminal."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Generator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from gateway import Gateway

from wechatpay.cli import _output
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox.serving import SETTINGS, folder_of

from .conftest import Run, yes

ORDER: dict[str, Any] = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1900000109",
    "description": "QQ公仔",
    "notify_url": "https://www.example.com/notify",
    "amount": {"total": 1, "currency": "CNY"},
}


def place(sandbox: Sandbox, number: str) -> None:
    """Place an order."""
    with sandbox.client() as wxpay:
        order: Any = {**ORDER, "out_trade_no": number}
        wxpay.v3.pay.transactions.native.post(json=order)


def test_all_that_there_is_is_listed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """In both languages, with what each needs; nothing is asked of anybody."""
    for locale, words in (("C", "The customer pays an order"), ("zh_CN.UTF-8", "用户支付订单")):
        monkeypatch.setenv("LC_ALL", locale)
        shown = run("tell")
        assert shown.code == 0
        assert "pay OUT_TRADE_NO" in shown.out
        assert "deliver [IDS]..." in shown.out
        assert "complain OUT_TRADE_NO TEXT" in shown.out
        assert words in shown.out
        assert "held" not in shown.out


def test_the_customer_does_it(sandbox: Sandbox, sandbox_env: Path, run: Run) -> None:
    """Values go into the path and the body in their order, others by name."""
    place(sandbox, "tell-1")
    paid = run("tell", "pay", "tell-1", "-e", sandbox_env)
    assert json.loads(paid.out)["trade_state"] == "SUCCESS"
    text = ("tell", "complain", "tell-1", "one eye", "-d", "refund=true", "-e", sandbox_env)
    assert json.loads(run(*text).out)["complaint_id"]
    assert run("tell", "pay", "tell-1", "-e", sandbox_env).code == 1


def test_the_sandbox_is_told(sandbox: Sandbox, sandbox_env: Path, run: Run) -> None:
    """Its clock, its faults; what answers nothing is done."""
    assert json.loads(run("tell", "status", "-e", sandbox_env).out)["faults"] == []
    assert run("tell", "add_fault", "get v3/x 500", "-e", sandbox_env).code == 0
    assert len(sandbox.faults) == 1
    done = run("tell", "clear-faults", "-e", sandbox_env)
    assert (done.code, done.out, done.err) == (0, "", "Done.\n")
    assert run("tell", "probes", "0.5", "-d", "seed=7", "-e", sandbox_env).code == 0
    assert sandbox.probe_rate == 0.5
    sandbox.probes(0)
    listed = run("tell", "latest-notifications", "-d", "last=1", "-e", sandbox_env)
    assert "notifications" in json.loads(listed.out)
    assert run("tell", "deliver", "a", "b", "-e", sandbox_env).code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pya", "1"], "it has pay"),
        (["xyzzy"], "it has pay, fail,"),
        (["pay"], "it takes: pay OUT_TRADE_NO"),
        (["pay", "1", "2"], "it takes: pay OUT_TRADE_NO"),
        (["pay", "1", "-d", "x=1"], "there is no value x; there are: -"),
        (["pay", "1", "-d", "x"], "name=value"),
        (["clear-faults", "-d", "which=x"], "which is a number"),
    ],
)
def test_what_makes_no_sense(arguments: list[str], words: str, sandbox_env: Path, run: Run) -> None:
    """It is a wrong command line, which says what is right."""
    shown = run("tell", *arguments, "-e", sandbox_env)
    assert shown.code == 2
    assert words in shown.err


def test_only_a_sandbox_is_told(gateway: Gateway, env: Path, run: Run) -> None:
    """Never WeChat Pay itself; without settings it is the one that this user has started."""
    real = env.read_text().replace(gateway.url, "https://api.mch.weixin.qq.com/")
    env.write_text(real)
    shown = run("tell", "status", "-e", env)
    assert (shown.code, "WeChat Pay itself" in shown.err) == (3, True)
    assert gateway.requests == []


def test_without_settings(
    sandbox_env: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the sandbox that `wechatpay sandbox` has started for this user, if there is one."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    shown = run("tell", "status")
    assert (shown.code, "`wechatpay sandbox`" in shown.err) == (3, True)
    folder_of().mkdir(parents=True)
    (folder_of() / SETTINGS).write_text(sandbox_env.read_text())
    assert json.loads(run("tell", "status").out)["mode"] == "public-key"


def test_names_are_completed(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell offers what there is to be told."""
    monkeypatch.setenv("_WECHATPAY_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "wechatpay tell ad")
    monkeypatch.setenv("COMP_CWORD", "2")
    with pytest.raises(SystemExit):
        run()
    assert capsys.readouterr().out.split() == ["add-fault", "advance"]


class Till(BaseHTTPRequestHandler):
    """A shop that takes what comes to one path."""

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204 if self.headers["Wechatpay-Signature"] else 401)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(shop: type[Till]) -> Generator[str]:
    """A shop over loopback; its URL."""
    with HTTPServer(("127.0.0.1", 0), shop) as server:
        answering = threading.Thread(target=server.serve_forever, args=(0.01,))
        answering.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        answering.join()


@pytest.fixture
def shop() -> Iterator[str]:
    """A shop over loopback; its URL."""
    with serving(Till) as url:
        yield url


def test_notifications_are_brought(
    shop: str, sandbox: Sandbox, sandbox_env: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To any port, signed as they are, and printed; the shop's answer counts."""
    for number, (url, code) in enumerate(((shop, "204"), ("http://127.0.0.1:9/", "not reached"))):
        if number:
            monkeypatch.setattr(_output, "is_colored", yes)
        place(sandbox, f"listen-{number}")
        listener = sandbox._notifier.courier.listener

        def pay(number: int = number, listener: object = listener) -> None:
            while not getattr(listener, "active"):  # noqa: B009
                pass
            sandbox.pay(f"listen-{number}")

        paying = threading.Thread(target=pay)
        paying.start()
        shown = run("listen", "--forward-to", url, "--count", "1", "-e", sandbox_env)
        paying.join()
        assert shown.code == 0, shown.err
        assert "TRANSACTION.SUCCESS  https://www.example.com/notify → " in shown.out
        assert code in shown.out
        delivery = sandbox.settle()[-1]
        assert delivery.attempts[-1].status == (204 if code == "204" else 502)
        assert not listener.active


class SlowTill(Till):
    """A shop that answers when the sandbox no longer waits for it."""

    given_up = threading.Event()

    def do_POST(self) -> None:
        """Answer late."""
        assert self.given_up.wait(10)
        super().do_POST()


def test_an_answer_that_comes_too_late_is_no_end(
    sandbox: Sandbox, sandbox_env: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox has given the attempt up, which is said; the next notification is brought."""
    monkeypatch.setattr("wechatpay.sandbox._time.listener._PATIENCE", 0.05)
    place(sandbox, "late-1")
    listener = sandbox._notifier.courier.listener

    def pay() -> None:
        while not listener.active:
            pass
        sandbox.pay("late-1")
        sandbox.settle()
        SlowTill.given_up.set()

    with serving(SlowTill) as url:
        paying = threading.Thread(target=pay)
        paying.start()
        shown = run("listen", "--forward-to", url, "--count", "1", "-e", sandbox_env)
        paying.join()
    assert shown.code == 0, shown.err
    assert "Too late" in shown.err
    assert sandbox.settle()[-1].attempts[-1].status is None


class OddTill(Till):
    """A shop with a status that HTTP does not have."""

    def do_POST(self) -> None:
        """Answer."""
        self.send_response(999)
        self.end_headers()


def test_a_status_that_there_is_not_is_refused(
    sandbox: Sandbox, sandbox_env: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox does not take it for an answer, and `listen` says so."""
    monkeypatch.setattr("wechatpay.sandbox._time.listener._PATIENCE", 0.05)
    place(sandbox, "odd-status-1")
    listener = sandbox._notifier.courier.listener

    def pay() -> None:
        while not listener.active:
            pass
        sandbox.pay("odd-status-1")

    with serving(OddTill) as url:
        paying = threading.Thread(target=pay)
        paying.start()
        shown = run("listen", "--forward-to", url, "--count", "1", "-e", sandbox_env)
        paying.join()
    assert (shown.code, "100 to 599" in shown.err) == (1, True)


@pytest.mark.parametrize("url", ["", "shop", "ftp://x/", "http://[", "http://"])
def test_where_nothing_can_be_brought(url: str, sandbox_env: Path, run: Run) -> None:
    """What is not a URL is a wrong command line."""
    assert run("listen", "-f", url, "-e", sandbox_env).code == 2


def test_an_event_is_named(run: Run) -> None:
    """APIv2's messages have no name for it."""
    from wechatpay.cli.commands.listen import _event

    assert _event(b'{"event_type": "X"}') == "X"
    assert _event(b"<xml/>") == _event(b"[]") == _event(b"{}") == "APIv2"


def test_any_notification_is_triggered(
    shop: str,
    sandbox: Sandbox,
    sandbox_env: Path,
    run: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its type, which a shell completes, with fields; and any documented refusal is arranged."""
    fields = ("-d", f"notify_url={shop}", "-d", "amount.refund:=7")
    shown = run("trigger", "REFUND.SUCCESS", *fields, "-e", sandbox_env)
    assert json.loads(shown.out)["state"] == "acknowledged", shown.err
    assert sandbox.notifications[-1].event.resource["amount"]["refund"] == 7
    assert run("trigger", "NO.SUCH", "-e", sandbox_env).code == 1
    assert run("trigger", "REFUND.SUCCESS", "-d", "x", "-e", sandbox_env).code == 2
    refuse = ("refuse", "post", "v3/pay/transactions/native", "RULE_LIMIT", "-d", "times=1")
    assert run("tell", *refuse, "-e", sandbox_env).code == 0
    assert len(sandbox.faults) == 1
    sandbox.faults.clear()
    monkeypatch.setenv("_WECHATPAY_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "wechatpay trigger TRANSACTION.S")
    monkeypatch.setenv("COMP_CWORD", "2")
    with pytest.raises(SystemExit):
        run()
    assert "TRANSACTION.SUCCESS" in capsys.readouterr().out.split()
