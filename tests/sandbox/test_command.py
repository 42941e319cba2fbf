"""`python -m wechatpay.sandbox`: a sandbox for another shell."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from patience import LONG
from programs import run_main

from wechatpay.sandbox import Sandbox, serving
from wechatpay.sandbox.__main__ import main

from .merchant import ORDER, Merchant

_COMMAND = [sys.executable, "-m", "wechatpay.sandbox"]


def _read_exports(lines: Iterator[str] | list[str]) -> dict[str, str]:
    exports: dict[str, str] = {}
    for line in lines:
        export, assignment = shlex.split(line)
        assert export == "export"
        name, _, value = assignment.partition("=")
        exports[name] = value
        if name == "WECHATPAY_BASE_URL":
            break
    return exports


def test_settings_lead_to_it() -> None:
    """The exported settings are enough to make a signed call, in this run and in the next."""
    with subprocess.Popen(
        _COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        exports = _read_exports(process.stdout)
        key, public = (Path(exports[f"WECHATPAY_{name}_KEY"]) for name in ("PRIVATE", "PUBLIC"))
        assert key.stat().st_mode & 0o777 == public.stat().st_mode & 0o777 == 0o600
        assert key.parent.stat().st_mode & 0o777 == 0o700
        merchant = Merchant(
            {
                "mchid": exports["WECHATPAY_MCHID"],
                "serial": exports["WECHATPAY_SERIAL"],
                "private_key": (private_key := key.read_text()),
                "certs": {exports["WECHATPAY_PUBLIC_KEY_ID"]: public.read_text()},
                "apiv3_key": exports["WECHATPAY_APIV3_KEY"],
            }
        )
        headers = {"Authorization": merchant.authorize("GET", "/v3/certificates")}
        with httpx.Client(base_url=exports["WECHATPAY_BASE_URL"], trust_env=False) as client:
            response = client.get("/v3/certificates", headers=headers)
        assert merchant.verify(response.headers, response.content)
        process.terminate()
        _, errors = process.communicate(timeout=LONG)
        assert process.returncode == 0
        page = f"{exports['WECHATPAY_BASE_URL']}/page/requests/1"
        assert errors.splitlines()[-2].endswith(page)
        assert key.read_text() == private_key


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stops_on_a_signal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stop: signal.Signals
) -> None:
    """In certificate mode no public key is exported; either signal ends it in good order."""
    monkeypatch.setattr(sys, "argv", ["sandbox", "--mode", "certificate", "--fault", "* ** 500"])
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    wait = serving.wait

    def wait_and_be_stopped() -> None:
        threading.Timer(0.2, os.kill, (os.getpid(), stop)).start()
        wait()

    monkeypatch.setattr(serving, "wait", wait_and_be_stopped)
    try:
        run_main("wechatpay.sandbox.__main__")
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    output = capsys.readouterr()
    exports = _read_exports(output.out.splitlines())
    assert list(exports) == [
        "WECHATPAY_MCHID",
        "WECHATPAY_SERIAL",
        "WECHATPAY_PRIVATE_KEY",
        "WECHATPAY_MERCHANT_CERT",
        "WECHATPAY_APIV3_KEY",
        "WECHATPAY_SECRET",
        "WECHATPAY_BASE_URL",
    ]
    assert output.err.endswith("Closed.\n")
    assert Path(exports["WECHATPAY_PRIVATE_KEY"]).exists()


def test_everything_can_be_said(tmp_path: Path) -> None:
    """By TLS, with faults and probes: a client of another process needs only the environment.

    The first answer is lost on its way, the first query's is forged, and so is the notification.
    """
    options = ["--tls", "--state", str(tmp_path / "state.db"), "--probes", "1", "--seed", "7"]
    options += ["--fault", "post v3/pay/** reset-after times=1"]
    options += ["--fault", "get v3/** wrong-signature times=1"]
    with subprocess.Popen([*_COMMAND, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        exports = _read_exports(process.stdout)
        assert exports["WECHATPAY_BASE_URL"].startswith("https://127.0.0.1:")
        assert Path(exports["SSL_CERT_FILE"]).exists()
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", _CUSTOMER],
            env={**os.environ, **exports},
            capture_output=True,
            text=True,
            check=False,
        )
        process.terminate()
    assert done.stderr == ""
    assert done.stdout.split() == ["unknown", "200", "200", "forged", "SUCCESS"]
    assert process.returncode == 0
    with Sandbox(state=tmp_path / "state.db") as sandbox:
        [delivery] = sandbox.settle()
        assert delivery.attempts[0].probe


_CUSTOMER = f"""
import http.server, threading
from wechatpay import TransportError, VerificationError, WeChatPay

class Shop(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(401)
        self.end_headers()
        told.set()

    def log_message(self, *_): pass

told = threading.Event()
with http.server.HTTPServer(("127.0.0.1", 0), Shop) as shop, WeChatPay.from_env() as wxpay:
    threading.Thread(target=shop.serve_forever).start()
    order = {ORDER!r} | {{"notify_url": f"http://127.0.0.1:{{shop.server_port}}/"}}
    number = order["out_trade_no"]
    native = wxpay.v3.pay.transactions.native
    try:
        native.post(json=order)
    except TransportError as error:
        print("unknown" if error.outcome_unknown else "")
    print(native.post(json=order, security=True).status_code)
    print(wxpay[f"sandbox/pay/{{number}}"].post().status_code)
    query = wxpay[f"v3/pay/transactions/out-trade-no/{{number}}"]
    try:
        query.get(params={{"mchid": order["mchid"]}})
    except VerificationError:
        print("forged")
    print(query.get(params={{"mchid": order["mchid"]}}).json()["trade_state"])
    told.wait(60)
    shop.shutdown()
"""


@pytest.mark.words
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--fault", "post v3/** fire"], "no such fault"),
        (["--probes", "2"], "from 0 to 1"),
        (["--port", "taken"], "in use"),
    ],
)
def test_what_cannot_be(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was asked for and cannot be ends the command with the reason, not with a traceback."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit, match="2"):
            main([each.replace("taken", str(taken.getsockname()[1])) for each in arguments])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert reason in capsys.readouterr().err


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` tells the options."""
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--port" in capsys.readouterr().out


def test_state_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A state file that is not a sandbox's ends the command with the reason and a way out."""
    path = tmp_path / "state.db"
    path.write_text("no database" * 1000)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit, match="2"):
            main(["--state", str(path)])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert "is not a sandbox's state file: name another" in capsys.readouterr().err


def test_state_outlives_the_command(tmp_path: Path) -> None:
    """With a state file, the settings of the next run are those of the last but for the address."""
    command = [*_COMMAND, "--state", str(tmp_path / "state.db")]
    runs: list[dict[str, str]] = []
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            exports = _read_exports(process.stdout)
            for name in ("PRIVATE_KEY", "PUBLIC_KEY", "MERCHANT_CERT"):
                path = Path(exports[f"WECHATPAY_{name}"])
                exports[f"WECHATPAY_{name}"] = path.read_text()
            process.terminate()
        del exports["WECHATPAY_BASE_URL"]
        runs.append(exports)
    assert runs[0] == runs[1]
