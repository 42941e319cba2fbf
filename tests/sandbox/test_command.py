"""`python -m wechatpay.sandbox`: a sandbox for another shell."""

from __future__ import annotations

import os
import runpy
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from .merchant import Merchant

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
    """The exported settings are enough to make a signed call; the keys go when it does."""
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
                "private_key": key.read_text(),
                "certs": {exports["WECHATPAY_PUBLIC_KEY_ID"]: public.read_text()},
                "apiv3_key": exports["WECHATPAY_APIV3_KEY"],
            }
        )
        headers = {"Authorization": merchant.authorize("GET", "/v3/certificates")}
        with httpx.Client(base_url=exports["WECHATPAY_BASE_URL"], trust_env=False) as client:
            response = client.get("/v3/certificates", headers=headers)
        assert merchant.verify(response.headers, response.content)
        process.terminate()
        _, errors = process.communicate(timeout=10)
        assert process.returncode == 0
        assert errors == "Serving until Ctrl-C.\nClosed.\n"
        assert not key.parent.exists()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stops_on_a_signal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stop: signal.Signals
) -> None:
    """In certificate mode no public key is exported; either signal ends it in good order."""
    monkeypatch.setattr(sys, "argv", ["sandbox", "--mode", "certificate"])
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), stop))
    timer.start()
    try:
        runpy.run_module("wechatpay.sandbox", run_name="__main__")
    finally:
        timer.join()
        for each, handler in before.items():
            signal.signal(each, handler)
    output = capsys.readouterr()
    exports = _read_exports(output.out.splitlines())
    assert list(exports) == [
        "WECHATPAY_MCHID",
        "WECHATPAY_SERIAL",
        "WECHATPAY_PRIVATE_KEY",
        "WECHATPAY_APIV3_KEY",
        "WECHATPAY_BASE_URL",
    ]
    assert output.err.endswith("Closed.\n")
    assert not Path(exports["WECHATPAY_PRIVATE_KEY"]).exists()


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` tells the options."""
    command = runpy.run_module("wechatpay.sandbox.__main__", run_name="command")
    with pytest.raises(SystemExit):
        command["main"](["--help"])
    assert "--port" in capsys.readouterr().out
