"""Commands as their users run them: each a process of its own, against a sandbox over loopback.

`documentation/test_walk.py` has more of them; what need not be a process is in the other modules.
"""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from gateway import APIV3_KEY, MCHID, MERCHANT_SERIAL, PUBLIC_KEY_ID, Gateway
from patience import LONG
from soak import TIMES

from wechatpay.cli.words.en import MESSAGES
from wechatpay.sandbox import Sandbox

from .conftest import Run
from .test_downloads import BILL, serve
from .test_signatures import notice, save

COMMAND = [sys.executable, "-m", "wechatpay"]
ORDER = "1217752501201407033233368018"


def environment(**more: str) -> dict[str, str]:
    """Hardly anything: what a program needs to run at all."""
    kept = {name: os.environ[name] for name in ("PATH", "XDG_STATE_HOME")}
    return {**kept, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", **more}


def process(
    *arguments: object, stdin: bytes = b"", **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        env=environment(**more),
        check=False,
        timeout=LONG,
    )


def processes(*runs: tuple[object, ...], stdin: bytes = b"") -> list[Any]:
    """Run several command lines at once."""

    def run(arguments: tuple[object, ...]) -> subprocess.CompletedProcess[bytes]:
        return process(*arguments, stdin=stdin)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(run, runs))


def test_an_order_is_placed(sandbox: Sandbox, sandbox_env: Path) -> None:
    """Placed with typed fields, in bytes as they were sent."""
    order = {"appid": "wxd678efh567hg6787", "mchid": MCHID, "description": "QQ公仔"}
    order |= {"out_trade_no": ORDER, "notify_url": "https://www.example.com/notify"}
    fields = [piece for name, value in order.items() for piece in ("-d", f"{name}={value}")]
    native = ("request", "post", "v3/pay/transactions/native", "-e", sandbox_env)
    placed = process(*native, *fields, "-d", "amount.total=1")
    assert (placed.returncode, placed.stderr) == (0, b"")
    assert json.loads(placed.stdout)["code_url"].startswith("weixin://")
    paid = sandbox.pay(ORDER)
    assert (paid["trade_state"], paid["amount"]["total"]) == ("SUCCESS", 1)


def test_doctor_finds_nothing_wrong_with_the_sandbox(sandbox_env: Path) -> None:
    """In Chinese as well; the process shows no key."""
    done = process("doctor", "-e", sandbox_env, LC_ALL="zh_CN.UTF-8")
    assert done.returncode == 0, done.stdout.decode()
    assert done.stderr.decode() == "没有发现问题。\n"
    assert "失败" not in done.stdout.decode()


def test_certificates_and_bills_are_downloaded(gateway: Gateway, env: Path, tmp_path: Path) -> None:
    """The sandbox's certificates, of a merchant in that mode; a bill that is checked."""
    with Sandbox(port=0, mode="certificate") as sandbox:
        from wechatpay.sandbox.settings import exports, write

        folder = tmp_path / "certificate-mode"
        folder.mkdir()
        file = folder / "x.env"
        file.write_text(exports(write(sandbox, folder)))
        done = process("certs", folder / "certs", "-e", file)
        assert done.returncode == 0, done.stderr
        serial, _, path = done.stdout.decode().strip().split("\t")
        assert Path(path).stem == serial
    serve(gateway)
    url = f"{gateway.url}v3/billdownload/file?token=x"
    bill, download = processes(
        ("bill", "2026-11-20", "--csv", "-e", env), ("download", url, "-o", "-", "-e", env)
    )
    assert bill.stdout.decode().splitlines()[1].startswith("2026-11-20 10:00:00+08:00,wx1,")
    assert download.stdout.decode() == BILL


def test_signatures_and_ciphertexts(env: Path) -> None:
    """What is signed, verified and decrypted, in pipes."""
    headers, body = save(notice())
    saved = (body, "--headers", headers, "--any-age", "-e", env)
    signed, opened, refused = processes(
        ("sign", "-e", env),
        ("notify", "decrypt", *saved),
        ("decrypt", "-e", env),
        stdin=b"AAAA",
    )
    assert len(signed.stdout) == 345
    assert opened.stdout == b'{"out_trade_no":"A1"}\n'
    assert (refused.returncode, refused.stdout) == (5, b"")
    assert refused.stderr.count(b"\n") == 1
    assert b"Traceback" not in refused.stderr


def test_the_catalogue_into_a_pipe_that_closes() -> None:
    """Whoever reads only the first line ends it, and nothing is said of it."""
    with subprocess.Popen(
        [*COMMAND, "api", "search", "v3"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        assert done.stdout.readline().count(b"\t") == 2
        done.stdout.close()
        assert done.stderr.read() == b""
    assert done.returncode == 141


def test_the_sandbox_is_served_until_ctrl_c(run: Run, tmp_path: Path) -> None:
    """What it prints is a settings file, and leads to it."""
    with subprocess.Popen(
        [*COMMAND, "sandbox", "--mode", "certificate"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
    ) as served:
        assert served.stdout is not None
        lines = list(until(served.stdout, "WECHATPAY_BASE_URL"))
        file = tmp_path / "sandbox.env"
        file.write_text("".join(lines))
        called = run("request", "get", "v3/certificates", "-e", file)
        assert (called.code, '"serial_no"' in called.out) == (0, True)
        served.send_signal(signal.SIGINT)
        _, errors = served.communicate(timeout=LONG)
    assert served.returncode == 0
    assert errors.startswith("The page: http://127.0.0.1:")
    assert "GET /v3/certificates  200  http://127.0.0.1:" in errors
    assert errors.endswith("/page/requests/2\nClosed.\n")


def until(lines: Any, name: str) -> Iterator[str]:
    """Yield lines up to one that has a name in it."""
    for line in lines:
        yield line
        if name in line:
            return


def test_init_on_a_terminal(env: Path) -> None:
    """Asked and answered on a real one: what is typed for a key is not on the screen."""
    env.unlink()
    terminal, inside = pty.openpty()
    answers = {
        "mchid": MCHID,
        "private_key": "",
        "merchant_cert": "",
        "serial": MERCHANT_SERIAL,
        "public_key": "",
        "public_key_id": PUBLIC_KEY_ID,
        "apiv3_key": APIV3_KEY,
        "secret": "",
    }
    screen = b""
    with subprocess.Popen(
        [*COMMAND, "init"],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        env=environment(TERM="dumb2"),
        start_new_session=True,
    ) as asking:
        os.close(inside)
        for name, answer in answers.items():
            screen += shown_until(terminal, MESSAGES[f"init.{name}"].encode())
            screen += shown_until(terminal, b": ")
            os.write(terminal, answer.encode() + b"\n")
        screen += shown_until(terminal, b"doctor --env-file wechatpay.env")
    os.close(terminal)
    assert asking.returncode == 0
    assert APIV3_KEY.encode() not in screen
    assert env.stat().st_mode & 0o777 == 0o600
    assert APIV3_KEY in env.read_text()


def shown_until(terminal: int, end: bytes) -> bytes:
    """Read a terminal's screen up to something that is waited for."""
    screen = b""
    while end not in screen:
        ready, _, _ = select.select([terminal], [], [], LONG)
        assert ready, screen
        screen += os.read(terminal, 1)  # what comes after is for who waits for it
    return screen


def test_ctrl_c_in_a_call_is_one_line(gateway: Gateway, env: Path) -> None:
    """The line warns that the outcome is unknown."""
    from gateway import Answer

    gateway.default = Answer(delay=LONG)
    with subprocess.Popen(
        [*COMMAND, "request", "post", "v3/x", "-e", str(env)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
    ) as called:
        assert gateway.wait_until(lambda gateway: bool(gateway.requests))
        called.send_signal(signal.SIGINT)
        _, errors = called.communicate(timeout=LONG)
    assert called.returncode == 130
    assert errors.startswith("OUTCOME UNKNOWN")
    assert errors.endswith("Interrupted.\n")
    assert "Traceback" not in errors


@pytest.mark.soak
@pytest.mark.parametrize("shell", ["bash"] if TIMES == 1 else ["bash", "zsh", "fish"])
def test_completion_is_offered(shell: str) -> None:
    """Each shell gets a script that asks the program."""
    done = process(
        _TYPER_COMPLETE_ARGS="wechatpay re",
        _WECHATPAY_COMPLETE=f"complete_{shell}",
        COMP_WORDS="wechatpay re",
        COMP_CWORD="1",
        _TYPER_COMPLETE_FISH_ACTION="get-args",
    )
    assert b"request" in done.stdout
    assert b"doctor" not in done.stdout
