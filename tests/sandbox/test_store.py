"""What the sandbox remembers: documents, lookups, transactions, and the file they are in."""

from __future__ import annotations

import gc
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from wechatpay.sandbox import Sandbox, StateError
from wechatpay.sandbox._base import Store

from .merchant import NATIVE, ORDER, Merchant


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store, of either kind."""
    return Store(None if request.param == "memory" else tmp_path / "state.db")


def _numbers(found: list[dict[str, int]]) -> list[int]:
    return [each["n"] for each in found]


def test_document(store: Store) -> None:
    """What is put is got, until it is written again or deleted."""
    assert store.get("order", "1") is None
    store.put("order", "1", {"title": "公仔", "fen": [1, 2.5, None]})
    assert store.get("order", "1") == {"title": "公仔", "fen": [1, 2.5, None]}
    assert store.get("refund", "1") is None
    store.put("order", "1", {})
    assert store.get("order", "1") == {}
    for _ in range(2):
        store.delete("order", "1")
        assert store.get("order", "1") is None


def test_lookups(store: Store) -> None:
    """Documents are found by all of their lookups, oldest first, and only by the latest ones."""
    for n in range(6):
        store.put("coupon", str(n), {"n": n}, user="ab"[n % 2], state="SENT", batch=n // 3)
    assert _numbers(store.find("coupon", user="a")) == [0, 2, 4]
    assert _numbers(store.find("coupon", user="a", batch=1)) == [4]
    assert store.find("order", user="a") == store.find("coupon", user="c") == []
    store.put("coupon", "2", {"n": 2}, user="a", state="USED", used_by="")
    assert _numbers(store.find("coupon", user="a")) == [0, 2, 4]
    assert _numbers(store.find("coupon", state="USED")) == [2]
    assert _numbers(store.find("coupon", batch=0)) == [0, 1]
    assert store.find("coupon", used_by="") == []
    store.delete("coupon", "0")
    assert _numbers(store.find("coupon", user="a")) == [2, 4]
    assert (store.count("coupon"), store.count("coupon", user="b")) == (5, 3)


def test_pages(store: Store) -> None:
    """A page has the newest documents first, and the next one goes on with older ones."""
    for n in range(5):
        store.put("order", str(n), {"n": n}, even=str(n % 2 == 0))
    assert _numbers(store.latest("order", limit=2)) == [4, 3]
    assert _numbers(store.latest("order", limit=2, skip=4)) == [0]
    assert _numbers(store.latest("order", even="True")) == [4, 2, 0]


def test_between(store: Store) -> None:
    """Documents are found by a number from one value to before another, in its order."""
    for n in (3, 1, 2, 10, 2.5):
        store.put("bill", str(n), {"n": n}, paid_at=n)
    assert _numbers(store.between("bill", "paid_at", 2, 10)) == [2, 2.5, 3]
    assert _numbers(store.between("bill", "paid_at", 0, 99, limit=1)) == [1]


def test_everything_is_found_by_an_index(store: Store) -> None:
    """Nothing that is read or written has to look at all documents, however many there are."""
    connection, statements = store._connection(), list[str]()
    connection.set_trace_callback(statements.append)
    for n in range(2):
        store.put("order", "1", {"n": n}, user="a", paid_at=n)
    store.get("order", "1")
    store.find("order", user="a", paid_at=1)
    store.latest("order")
    store.latest("order", user="a")
    store.between("order", "paid_at", 0, 9)
    store.count("order")
    store.delete("order", "1")
    store.next("order")
    connection.set_trace_callback(None)
    asked = [each for each in statements if each.startswith(("SELECT", "UPDATE", "DELETE"))]
    plans = [connection.execute(f"EXPLAIN QUERY PLAN {each}").fetchall() for each in asked]
    steps = [str(step[3]) for plan in plans for step in plan]
    assert len(steps) > 15
    assert [step for step in steps if step.startswith(("SCAN", "USE TEMP B-TREE"))] == []


def test_sequences(store: Store) -> None:
    """Each sequence counts by itself, and gives back what a transaction did not use."""
    assert [store.next("a"), store.next("b"), store.next("a")] == [1, 1, 2]
    with pytest.raises(KeyError), store.transaction():
        assert store.next("a") == 3
        raise KeyError
    assert store.next("a") == 3


def test_transaction_is_whole_or_nothing(store: Store) -> None:
    """What fails leaves nothing behind, neither documents nor what was to be told."""
    told: list[str] = []

    def write(key: str, fails: bool) -> None:
        with store.transaction():
            store.put("order", key, {})
            store.after(lambda: told.append(key))
            assert key not in told
            if fails:
                raise ValueError(key)

    write("1", fails=False)
    with pytest.raises(ValueError, match="2"):
        write("2", fails=True)
    assert told == ["1"]
    assert store.count("order") == 1


def test_part_of_a_transaction(store: Store) -> None:
    """A part that fails is undone by itself if the failure is caught, else with all the rest."""
    told: list[str] = []
    with store.transaction():
        store.after(lambda: told.append("whole"))
        store.put("order", "1", {})
        with pytest.raises(ValueError, match="part"), store.transaction():
            store.put("order", "2", {})
            store.after(lambda: told.append("part"))
            raise ValueError("part")
        with store.transaction():
            store.put("order", "3", {})
    assert told == ["whole"]
    assert [store.get("order", key) is not None for key in "123"] == [True, False, True]
    store.after(lambda: told.append("at once"))
    assert told == ["whole", "at once"]


def test_other_threads_wait(store: Store) -> None:
    """Other threads wait while a transaction reads and writes."""
    store.put("purse", "", {"fen": 0})

    def earn() -> None:
        for _ in range(50):
            with store.transaction():
                held = store.get("purse", "")
                assert held
                store.put("purse", "", {"fen": held["fen"] + 1})

    threads = [threading.Thread(target=earn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get("purse", "") == {"fen": 200}


def test_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was let go of can be taken by another store, and taken back; memory stays."""
    monkeypatch.setattr("wechatpay.sandbox._base.store._PATIENCE", 0)
    one = Store(tmp_path / "state.db")
    one.put("order", "1", {"n": 1})
    for _ in range(2):
        one.release()
    two = Store(tmp_path / "state.db")
    assert two.get("order", "1") == {"n": 1}
    with pytest.raises(StateError, match=r"state\.db is in use by another sandbox: close that"):
        one.get("order", "1")
    two.release()
    assert one.get("order", "1") == {"n": 1}
    memory = Store()
    memory.put("order", "1", {})
    memory.release()
    assert memory.count("order") == 1
    assert repr(memory) == "<Store :memory:>"


def test_forgotten_store_lets_go(tmp_path: Path) -> None:
    """A store that nobody holds any longer keeps no file either."""
    store = Store(tmp_path / "state.db")
    del store
    gc.collect()
    Store(tmp_path / "state.db").release()


def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    """The file is going to hold private keys: nobody else can read it."""
    path = tmp_path / "state.db"
    Store(path).release()
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_path_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is named relatively stays the same one wherever the process goes."""
    monkeypatch.chdir(tmp_path)
    store = Store("state.db")
    store.put("order", "1", {})
    store.release()
    monkeypatch.chdir("/")
    assert store.count("order") == 1


def _no_database(path: Path) -> None:
    path.write_text("a shopping list, and a rather long one at that\n" * 100)


def _others_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")
    connection.close()


def _others_application(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA application_id = 1")
    connection.close()


def _newer(path: Path) -> None:
    Store(path).release()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize(
    ("make", "issue"),
    [
        (_no_database, "is not a sandbox's state file: name another"),
        (_others_database, "is not a sandbox's state file: name another"),
        (_others_application, "is not a sandbox's state file: name another"),
        (_newer, r"is of a newer version \(99, this one knows 1\): upgrade"),
        (Path.mkdir, "cannot be opened"),
    ],
)
def test_file_that_cannot_be_used(
    tmp_path: Path, make: Callable[[Path], object], issue: str
) -> None:
    """A file that is not ours is refused with the reason, and not a byte of it changes."""
    path = tmp_path / "state.db"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StateError, match=issue) as caught:
        Store(path)
    assert str(path) in str(caught.value)
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_folder_that_is_none(tmp_path: Path) -> None:
    """A file in a folder that does not exist cannot be opened, and no folder is made."""
    with pytest.raises(StateError, match="cannot be opened"):
        Store(tmp_path / "nowhere" / "state.db")
    assert list(tmp_path.iterdir()) == []


def test_file_that_is_broken(tmp_path: Path) -> None:
    """A state file that SQLite cannot write to is refused in SQLite's words."""
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE theirs (id INTEGER)")
    connection.close()
    (tmp_path / "state.db-wal").mkdir()
    with pytest.raises(StateError, match="cannot be used: "):
        Store(path)


def test_another_process_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process serves from a file, a second one is refused."""
    monkeypatch.setattr("wechatpay.sandbox._base.store._PATIENCE", 0.05)
    path = tmp_path / "state.db"
    script = "import sys; from wechatpay.sandbox._base import Store; s = Store(sys.argv[1])"
    script += "; print('open', flush=True); sys.stdin.read(); s.release()"
    command = [sys.executable, "-c", script, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StateError, match="in use by another sandbox"):
            Store(path)
        other.communicate("")
    Store(path).release()


def test_process_is_killed(tmp_path: Path) -> None:
    """What was written is there after a violent end of the process, and nothing by halves."""
    script = """
import os, signal, sys
from wechatpay.sandbox._base import Store
store = Store(sys.argv[1])
for n in range(100):
    store.put("order", str(n), {"n": n}, even=n % 2)
with store.transaction():
    store.put("order", "100", {})
    os.kill(os.getpid(), signal.SIGKILL)
"""
    path = tmp_path / "state.db"
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    store = Store(path)
    assert (store.count("order"), store.count("order", even=0)) == (100, 50)
    store.release()


def test_sandbox_goes_on(tmp_path: Path) -> None:
    """A sandbox with a state file is the same one after a restart: keys, orders, clock and all."""
    path, now = tmp_path / "shop.db", time.time()
    with Sandbox(state=path, clock=lambda: now) as first:
        config = first.config
        merchant = Merchant(config)
        answer = merchant.call(first.gateway, "POST", NATIVE, ORDER)
        paid = first.pay(ORDER["out_trade_no"])
        first.advance(90)
    with Sandbox(state=str(path), mode="certificate", clock=lambda: now) as second:
        assert "certs" not in second.config
        assert second.config == {each: config[each] for each in config if each != "certs"}
        assert second.world.keys.dump() == first.world.keys.dump()
        assert second.world.clock.ahead == 90
        query = f"/v3/pay/transactions/id/{paid['transaction_id']}?mchid=1900000109"
        assert merchant.call(second.gateway, "GET", query).status == 200
        again = merchant.call(second.gateway, "POST", NATIVE, ORDER)
        assert (answer.status, again.status) == (200, 400)


def test_sandbox_of_another_merchant(tmp_path: Path) -> None:
    """A state file is about one merchant; another one is refused, and it can still be used."""
    path = tmp_path / "shop.db"
    with Sandbox(state=path):
        pass
    with pytest.raises(StateError, match="is about merchant 1900000109, not 1230000109: say mchid"):
        Sandbox(state=path, mchid="1230000109")
    Sandbox(state=path).close()
