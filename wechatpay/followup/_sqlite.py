"""What is expected, and what was handled, in a file of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from .._clock import wall
from ..replay import LEASE, TTL, BeingHandled
from ._expected import Expected

if TYPE_CHECKING:
    import os

KEEP = 8 * 24 * 3600.0
"""Seconds after which a number is given up: an order can be paid for seven days."""
_TABLES = """
CREATE TABLE IF NOT EXISTS expected (
    kind TEXT, number TEXT, mchid TEXT, sub_mchid TEXT, due REAL, until REAL, times INTEGER,
    PRIMARY KEY (kind, mchid, number)
);
CREATE INDEX IF NOT EXISTS expected_due ON expected (due);
CREATE TABLE IF NOT EXISTS outcome (id TEXT PRIMARY KEY, token TEXT, done INTEGER, until REAL);
"""


class SQLiteStore:
    """A store, and the guard to go with it, in a file of SQLite: for workers on one machine.

    Args:
        path: The file; it is made where there is none.
        ttl: Seconds that an outcome is remembered as handled.
        lease: Seconds that handling one may take.
        clock: What tells the time, in Unix seconds.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        ttl: float = KEEP + TTL,
        lease: float = LEASE,
        clock: Callable[[], float] = wall,
    ) -> None:
        self._path = path
        self._ttl = ttl
        self._lease = lease
        self._clock = clock
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_TABLES)

    def add(self, expected: Expected, due: float, until: float, /) -> None:
        """Keep one; one that is kept already stays as it is. See `Store`."""
        with self._transaction() as run:
            run("INSERT OR IGNORE INTO expected VALUES (?,?,?,?,?,?,0)", (*expected, due, until))

    def take(self, now: float, limit: int, held: float, /) -> list[tuple[Expected, int]]:
        """Return what is due, and hold it for the caller."""
        with self._transaction() as run:
            rows = run(
                "SELECT rowid, kind, number, mchid, sub_mchid, times FROM expected "
                "WHERE due <= ? ORDER BY due LIMIT ?",
                (now, limit),
            ).fetchall()
            for row in rows:
                run("UPDATE expected SET due = ? WHERE rowid = ?", (held, row[0]))
        return [(Expected(*row[1:5]), row[5]) for row in rows]

    def put_off(self, expected: Expected, due: float, /) -> None:
        """Have one asked for again from `due` on."""
        with self._transaction() as run:
            run(
                "UPDATE expected SET due = ?, times = times + 1 "
                "WHERE kind = ? AND number = ? AND mchid = ?",
                (due, *expected[:3]),
            )

    def remove(self, expected: Expected, /) -> None:
        """Forget one."""
        with self._transaction() as run:
            run("DELETE FROM expected WHERE kind = ? AND number = ? AND mchid = ?", expected[:3])

    def expire(self, now: float, /) -> list[Expected]:
        """Forget all whose time is over, and outcomes that need not be remembered."""
        with self._transaction() as run:
            run("DELETE FROM outcome WHERE until <= ?", (now,))
            query = "SELECT kind, number, mchid, sub_mchid FROM expected WHERE until <= ?"
            rows = run(query, (now,)).fetchall()
            run("DELETE FROM expected WHERE until <= ?", (now,))
        return [Expected(*row) for row in rows]

    def seen(self, id: str, /) -> bool:
        """Tell whether an outcome was handled; if not, claim it. See `wechatpay.replay.Guard`."""
        now = self._clock()
        with self._transaction() as run:
            row = run("SELECT done FROM outcome WHERE id = ? AND until > ?", (id, now)).fetchone()
            if row is None:
                claim = (str(id), getattr(id, "token", ""), 0, now + self._lease)
                run("INSERT OR REPLACE INTO outcome VALUES (?,?,?,?)", claim)
                return False
        if not row[0]:
            raise BeingHandled("the same outcome is being handled by another worker")
        return True

    def done(self, id: str, /) -> None:
        """Remember that an outcome was handled."""
        mark = (str(id), "", 1, self._clock() + self._ttl)
        with self._transaction() as run:
            run("INSERT OR REPLACE INTO outcome VALUES (?,?,?,?)", mark)

    def forget(self, id: str, /) -> None:
        """Take back a claim, if it is still the caller's."""
        with self._transaction() as run:
            run(
                "DELETE FROM outcome WHERE id = ? AND token = ? AND done = 0",
                (str(id), getattr(id, "token", "")),
            )

    def _connect(self) -> sqlite3.Connection:
        # A connection each time: one belongs to its thread, and to its process after a fork.
        return sqlite3.connect(self._path, timeout=30, isolation_level=None)

    @contextmanager
    def _transaction(self) -> Generator[Callable[..., sqlite3.Cursor]]:
        with closing(self._connect()) as connection:
            # IMMEDIATE locks at the beginning: no two workers read the same rows as due.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection.execute
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
