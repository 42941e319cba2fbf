"""A sandbox that nobody closes: the program ends as any other, and says what was forgotten."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import weakref

import pytest
from soak import TIMES

from wechatpay.sandbox import Sandbox, _sandbox
from wechatpay.sandbox._base import store

FORGOTTEN = """
from wechatpay.sandbox import Sandbox

sandbox = Sandbox()
wxpay = sandbox.client()
sandbox.mount("https://shop.example/", lambda headers, body: b"")
order = {
    "appid": "wxd678efh567hg6787", "mchid": "1900000109", "description": "x",
    "out_trade_no": "1217752501201",
    "notify_url": "https://shop.example/notify", "amount": {"total": 1},
}
wxpay.v3.pay.transactions.native.post(json=order)
sandbox.pay("1217752501201")
"""


@pytest.mark.soak
@pytest.mark.parametrize("attempt", range(1 if TIMES == 1 else 20))
def test_program_that_forgets_its_sandbox(attempt: int) -> None:
    """It ends with 0 while the agenda's thread reads, and a ResourceWarning names the sandbox."""
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", FORGOTTEN], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "ResourceWarning: <Sandbox in process" in done.stderr
    assert "Traceback" not in done.stderr


def test_only_what_is_open_is_warned_of() -> None:
    """One that was closed, or that nobody has any more, is not; one that is started again is."""
    left = set(_sandbox._open)
    with Sandbox() as sandbox:
        assert sandbox in _sandbox._open
        with pytest.warns(ResourceWarning, match="was not closed"):
            _sandbox._warn()
    assert set(_sandbox._open) == left
    sandbox.start()
    assert sandbox in _sandbox._open
    sandbox.close()
    gone = weakref.ref(Sandbox())
    assert gone() is None or gone() in _sandbox._open


def test_connection_in_use_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a thread does not come to an end with is not closed under it."""
    monkeypatch.setattr(store, "_LONGEST_READ", 0.01)
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    lock = threading.RLock()
    with lock:
        thread = threading.Thread(target=store._close, args=(connection, lock))
        thread.start()
        thread.join()
    assert connection.execute("SELECT 1").fetchone() == (1,)
    store._close(connection, lock)
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")
