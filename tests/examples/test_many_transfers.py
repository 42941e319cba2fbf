"""Transfers by several workers: each payout once, whatever breaks on the way."""

from __future__ import annotations

import csv
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from patience import LONG, until

from wechatpay.sandbox import Sandbox, settings
from wechatpay.sandbox._families.transfers import Transfers

_EXAMPLES = Path(__file__).parents[2] / "examples"
_SCRIPT = _EXAMPLES / "many_transfers.py"
_BILLS = "v3/fund-app/mch-transfer/transfer-bills"
_RATE = 60
_PAYOUTS = {f"payout{n:04d}": 100 + n for n in range(40)}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox on loopback."""
    with Sandbox(port=0, history=10_000) as served:
        yield served


@pytest.fixture
def environment(sandbox: Sandbox, redis_port: int, tmp_path: Path) -> dict[str, str]:
    """What leads the example to the sandbox, to Redis and to its table."""
    pytest.importorskip("dramatiq")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {
        **os.environ,
        **settings.write(sandbox, tmp_path),
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "PAYOUTS": str(tmp_path / "payouts.db"),
        "PAYOUTS_PER_SECOND": str(_RATE),
        "PAYOUTS_PATIENCE": "0.05",
        "PAYOUTS_NOTIFY_URL": f"http://127.0.0.1:{port}/transfers/notify",
        "LISTEN": str(port),
    }


@contextmanager
def _running(
    environment: dict[str, str], *command: str
) -> Generator[subprocess.Popen[bytes], None, None]:
    process = subprocess.Popen(
        [sys.executable, *command],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(LONG)


def _worker(*options: str) -> tuple[str, ...]:
    size = ("--processes", "1", "--threads", "4")
    return ("-m", "dramatiq", "--path", str(_EXAMPLES), *size, *options, "many_transfers")


def _queue(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, str(_SCRIPT), *arguments]
    ran = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    return ran.stdout


def _states(environment: dict[str, str]) -> dict[str, str]:
    with closing(sqlite3.connect(environment["PAYOUTS"], timeout=LONG)) as table:
        return dict(table.execute("SELECT out_bill_no, state FROM payout").fetchall())


def _open(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


@pytest.mark.untraced
def test_each_payout_is_made_once(
    sandbox: Sandbox, environment: dict[str, str], tmp_path: Path
) -> None:
    """Answers are lost, WeChat Pay fails, a worker is killed: nothing is paid twice or forgotten.

    All workers together keep to one rate; each transfer's end is told and noted.
    """
    file = tmp_path / "payouts.csv"
    with file.open("w", newline="") as rows:
        writer = csv.writer(rows)
        writer.writerow(("out_bill_no", "openid", "transfer_amount"))
        writer.writerows((number, "oUpF8uMuAJO", amount) for number, amount in _PAYOUTS.items())
    sandbox.fault("post", _BILLS, "reset-after", probability=0.1, seed=1)
    sandbox.fault("post", _BILLS, "500-after", probability=0.1, seed=2)
    sandbox.fault("*", f"{_BILLS}/**", "429", probability=0.1, seed=3)
    _queue(environment, str(file))

    def waiting() -> int:
        return sum(state == "WAIT_USER_CONFIRM" for state in _states(environment).values())

    began = time.time()
    with _running(environment, *_worker()):
        with _running(environment, *_worker()) as victim:
            until(lambda: waiting() >= 15, "the workers do not work")
            os.killpg(victim.pid, signal.SIGKILL)
        _queue(environment)  # what the dead one held is queued again
        until(lambda: waiting() == len(_PAYOUTS), "payouts are left")
    took = time.time() - began

    transfers = Transfers(sandbox.world)
    made = {number: transfers.find(number).asked["transfer_amount"] for number in _PAYOUTS}
    assert made == _PAYOUTS
    assert len(sandbox.world.store.find("transfer")) == len(_PAYOUTS)
    assert len(sandbox.exchanges) <= _RATE * (took + 2)  # so many seconds by the clock, or parts

    with _running(environment, str(_SCRIPT), "--listen", environment["LISTEN"]):
        until(lambda: _open(environment["LISTEN"]), "nobody listens")
        for number in _PAYOUTS:
            transfers.confirm(number)
        sandbox.settle()
        # A busy machine may take longer to answer than WeChat Pay waits: then it comes again.
        until(lambda: {delivery.state for delivery in sandbox.deliver()} == {"acknowledged"})
    assert set(_states(environment).values()) == {"SUCCESS"}
    assert _queue(environment) == f"SUCCESS\t{len(_PAYOUTS)}\n"


def test_a_refusal_gives_way(environment: dict[str, str]) -> None:
    """Two workers with one number: the refusal of one hides nothing of the other's transfer."""
    program = """
import many_transfers as example
with example.table() as payouts:
    payouts.executemany("INSERT INTO payout (out_bill_no) VALUES (?)", ["1", "2", "3"])
for number, states in (
    ("1", ("SENT", "REFUSED", "SUCCESS", "FAIL")),
    ("2", ("SENT", "ACCEPTED", "REFUSED")),
    ("3", ("SENT", "SENT", "REFUSED")),
):
    for state in states:
        example.note(number, state)
"""
    paths = {"PYTHONPATH": str(_EXAMPLES)}
    subprocess.run([sys.executable, "-c", program], env={**environment, **paths}, check=True)
    assert _states(environment) == {"1": "SUCCESS", "2": "ACCEPTED", "3": "REFUSED"}


def test_what_is_refused_waits_for_a_person(
    sandbox: Sandbox, environment: dict[str, str], tmp_path: Path
) -> None:
    """A payout that WeChat Pay refuses is kept with its reason, and tried again when told to."""
    file = tmp_path / "payouts.csv"
    file.write_text(
        "out_bill_no,openid,transfer_amount\ngood,oUpF8uMuAJO,100\ntiny,oUpF8uMuAJO,1\n"
    )
    _queue(environment, str(file))
    with _running(environment, *_worker()):
        until(lambda: "NEW" not in _states(environment).values(), "nothing happens")
        until(lambda: "SENT" not in _states(environment).values(), "nothing is settled")
        assert _states(environment) == {"good": "WAIT_USER_CONFIRM", "tiny": "REFUSED"}
        before = len(sandbox.exchanges)
        assert "SENT\t1" in _queue(environment, "--again")
        until(lambda: _states(environment)["tiny"] == "REFUSED", "it is not tried again")
    assert len(sandbox.exchanges) > before
