"""`python -m wechatpay.sandbox`: a sandbox for another shell."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from programs import run_main

from wechatpay.sandbox import _serving
from wechatpay.sandbox.__main__ import main

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
    wait = _serving.wait

    def wait_and_be_stopped() -> None:
        os.kill(os.getpid(), stop)
        wait()

    monkeypatch.setattr(_serving, "wait", wait_and_be_stopped)
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
    assert not Path(exports["WECHATPAY_PRIVATE_KEY"]).exists()


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
