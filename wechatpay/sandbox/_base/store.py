"""What the sandbox remembers, as JSON documents in SQLite: in memory, or in a file.

A family of endpoints keeps each of its things as one document, under a kind and a key of its own.
What else it is to be found by are its lookups, given whenever it is put:

    with store.transaction():  # all of it or nothing
        number = store.next("coupon")
        store.put("coupon", "1001", {"state": "SENT"}, openid="oUpF8u…", used_at=1767196800.5)

    store.get("coupon", "1001")                      # the document, or None
    store.find("coupon", openid="oUpF8u…")           # those of one user, as they were put
    store.between("coupon", "used_at", start, end)   # those of one day, by that time
    store.latest("coupon", limit=20)                 # the newest first, a page of them

What is read and written within one `transaction` is written as a whole, and no other thread comes
between. A transaction within another is a part of it: if it fails and the failure is caught, only
the part is undone. `store.after` puts off what nobody may see before all is written, such as a
notification, and forgets it if all is undone.

Domain objects are frozen dataclasses whose methods return a changed copy; a repository, such as
`Orders`, is the only one who turns them into documents (`vars(order)`) and back.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import weakref
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

Document = dict[str, Any]
Value = str | int | float
"""What a document can be found by; numbers are ordered as such."""

MEMORY = ":memory:"
_APPLICATION = 0x77785042  # in the header of every state file: this sandbox's, and no one else's
_VERSION = 1
_LONGEST_READ = 5.0  # seconds that a thread may take for what it is about when the program ends
_PATIENCE = 1.0  # seconds to wait for a sandbox that is just being closed
_SCHEMA = (
    "CREATE TABLE document"
    " (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE UNIQUE INDEX document_key ON document (kind, key)",
    "CREATE INDEX document_order ON document (kind, id)",
    "CREATE TABLE lookup"
    " (kind TEXT NOT NULL, name TEXT NOT NULL, value NOT NULL, document INTEGER NOT NULL,"
    " PRIMARY KEY (kind, name, value, document)) WITHOUT ROWID",
    "CREATE INDEX lookup_document ON lookup (document, name, value)",
    "CREATE TABLE sequence (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
)


class StateError(Exception):
    """A state file that cannot be used; the message says why, and what to do."""


class Store:
    """Documents by kind and key; any number of threads may use it at once.

    Args:
        path: The state file, made if there is none; `None` keeps everything in memory.

    Raises:
        StateError: The file is not a sandbox's, is of a newer version, or is in use.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path: str = MEMORY if path is None else str(Path(path).absolute())
        # One lock for the whole store, so that a transaction is alone from its first read on. It is
        # the last in order: who holds it takes no other lock, and waits for no shop.
        self._lock = threading.RLock()
        self._depth = 0
        self._after: list[Callable[[], object]] = []
        self._open: sqlite3.Connection | None = None
        self._let_go: Callable[[], object] = bool
        self._connection()

    def __repr__(self) -> str:
        return f"<Store {self.path}>"

    @property
    def lasts(self) -> bool:
        """Whether it is in a file, so that it outlives the process."""
        return self.path != MEMORY

    def release(self) -> None:
        """Let go of the state file, so that others can use it; the next use takes it again.

        What is in memory stays there.
        """
        with self._lock:
            if self.path != MEMORY and self._open:
                self._let_go()
                self._open = None
                self._lock.release()  # which closing has kept

    @contextlib.contextmanager
    def transaction(self) -> Generator[None]:
        """Write everything within as a whole, or nothing if it raises; keep other threads away."""
        with self._lock:
            execute, level, before = self._connection().execute, self._depth, len(self._after)
            mark = f"level_{level}"
            execute(f"SAVEPOINT {mark}" if level else "BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                execute(f"RELEASE {mark}" if level else "COMMIT")
            except BaseException:
                del self._after[before:]
                with contextlib.suppress(sqlite3.OperationalError):  # SQLite may have done it
                    execute(f"ROLLBACK TO {mark}" if level else "ROLLBACK")
                raise
            finally:
                self._depth = level
            due: list[Callable[[], object]] = []
            if not level:
                due, self._after = self._after, due
        for call in due:  # without the lock: they may take as long as they like
            call()

    def after(self, call: Callable[[], object]) -> None:
        """Call something as soon as all is written; at once if no transaction is under way."""
        with self.transaction():
            self._after.append(call)

    def get(self, kind: str, key: str) -> Document | None:
        """Return a document, or `None`."""
        query = "SELECT body FROM document WHERE kind = ? AND key = ?"
        return next(iter(self._read(query, (kind, key))), None)

    def put(
        self, kind: str, key: str, document: Mapping[str, Any], **lookups: Value | None
    ) -> None:
        """Write a document, in the place of what was there, with all that it is to be found by.

        Args:
            kind: What it is, such as `order`.
            key: Which one it is.
            document: What JSON can hold.
            lookups: Values by name; those that are `None` or an empty text are left out.
        """
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        wanted = {(name, value) for name, value in lookups.items() if value not in (None, "")}
        with self.transaction():
            execute = self._connection().execute
            row = execute(
                "SELECT id FROM document WHERE kind = ? AND key = ?", (kind, key)
            ).fetchone()
            if row:
                execute("UPDATE document SET body = ? WHERE id = ?", (body, *row))
            else:
                values = (kind, key, body)
                query = "INSERT INTO document (kind, key, body) VALUES (?, ?, ?)"
                row = (execute(query, values).lastrowid,)
            held = set(execute("SELECT name, value FROM lookup WHERE document = ?", row))
            for name, value in held - wanted:
                execute(
                    "DELETE FROM lookup WHERE kind = ? AND name = ? AND value = ? AND document = ?",
                    (kind, name, value, *row),
                )
            for name, value in wanted - held:
                execute("INSERT INTO lookup VALUES (?, ?, ?, ?)", (kind, name, value, *row))

    def delete(self, kind: str, key: str) -> None:
        """Forget a document; a missing one is not an error."""
        with self.transaction():
            execute = self._connection().execute
            query = "SELECT id FROM document WHERE kind = ? AND key = ?"
            for row in execute(query, (kind, key)).fetchall():
                execute("DELETE FROM lookup WHERE document = ?", row)
                execute("DELETE FROM document WHERE id = ?", row)

    def find(self, kind: str, /, **lookups: Value) -> list[Document]:
        """Return the documents with all these lookups (without any: all of the kind), oldest first.

        What is written again keeps its place.
        """
        documents, values = _those(kind, lookups)
        return self._read(f"SELECT body {documents} ORDER BY id", values)

    def latest(
        self, kind: str, /, *, limit: int = 20, skip: int = 0, **lookups: Value
    ) -> list[Document]:
        """Return a page of what `find` returns, newest first."""
        documents, values = _those(kind, lookups)
        query = f"SELECT body {documents} ORDER BY id DESC LIMIT ? OFFSET ?"
        return self._read(query, [*values, limit, skip])

    def between(
        self, kind: str, name: str, start: float, end: float, limit: int = -1
    ) -> list[Document]:
        """Return the documents with a lookup from `start` to before `end`, in that order.

        Args:
            kind: What they are.
            name: The lookup, whose values are numbers.
            start: The least value.
            end: The value that is too much.
            limit: How many at most; -1 for all.
        """
        query = (
            "SELECT body FROM lookup JOIN document ON id = document WHERE lookup.kind = ?"
            " AND name = ? AND value >= ? AND value < ? ORDER BY value, document LIMIT ?"
        )
        return self._read(query, (kind, name, start, end, limit))

    def count(self, kind: str, /, **lookups: Value) -> int:
        """Tell how many documents `find` returns."""
        documents, values = _those(kind, lookups)
        with self._lock:
            found = self._connection().execute(f"SELECT COUNT(*) {documents}", values)
            number: int = found.fetchone()[0]
        return number

    def next(self, name: str) -> int:
        """Return 1, 2, 3, …, each once; a transaction that is undone gives its number back."""
        with self.transaction():
            execute = self._connection().execute
            execute(
                "INSERT INTO sequence VALUES (?, 1)"
                " ON CONFLICT (name) DO UPDATE SET value = value + 1",
                (name,),
            )
            query = "SELECT value FROM sequence WHERE name = ?"
            number: int = execute(query, (name,)).fetchone()[0]
        return number

    def _read(self, query: str, values: Sequence[Value]) -> list[Document]:
        with self._lock:
            rows = self._connection().execute(query, values).fetchall()
        return [json.loads(body) for (body,) in rows]

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self._open = _connect(self.path)
            self._let_go = weakref.finalize(self, _close, self._open, self._lock)
        return self._open


def _close(connection: sqlite3.Connection, lock: threading.RLock) -> None:
    """Close a connection that no thread is using, and let none use it any more: the lock is kept.

    SQLite crashes when it is closed under a thread that reads, as the agenda's may when the program
    ends: it is a daemon, and goes on until the interpreter is gone. One that does not come to an
    end is left alone, and so is the connection: the system closes it.
    """
    if lock.acquire(timeout=_LONGEST_READ):
        connection.close()


def _those(kind: str, lookups: Mapping[str, Value]) -> tuple[str, list[Value]]:
    """What a query goes on with, and its parameters."""
    if not lookups:
        return "FROM document WHERE kind = ?", [kind]
    one = "id IN (SELECT document FROM lookup WHERE kind = ? AND name = ? AND value = ?)"
    values = [each for name, value in lookups.items() for each in (kind, name, value)]
    return f"FROM document WHERE {' AND '.join([one] * len(lookups))}", values


def _connect(path: str) -> sqlite3.Connection:
    try:
        if path != MEMORY:
            Path(path).touch(mode=0o600)  # it is going to hold keys
        connection = sqlite3.connect(
            path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
    except (OSError, sqlite3.OperationalError) as error:
        raise StateError(f"the state file {path} cannot be opened: {error}") from error
    try:
        _prepare(connection.execute, path)
    except sqlite3.OperationalError as error:
        connection.close()
        if "locked" in str(error):
            way_out = "is in use by another sandbox: close that one, or name another file"
            raise StateError(f"the state file {path} {way_out}") from error
        raise StateError(f"the state file {path} cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _foreign(path) from error
    except StateError:
        connection.close()
        raise
    return connection


def _prepare(execute: Callable[[str], sqlite3.Cursor], path: str) -> None:
    """Take the file, see that it is ours before a byte of it changes, and lay it out if it is new.

    One process has it at a time: what others wrote meanwhile would not be noticed.
    """
    execute("PRAGMA locking_mode = EXCLUSIVE")
    execute("BEGIN IMMEDIATE")
    (application,) = execute("PRAGMA application_id").fetchone()
    (version,) = execute("PRAGMA user_version").fetchone()
    (tables,) = execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    execute("COMMIT")
    if application != _APPLICATION and (application or tables):
        raise _foreign(path)
    if version > _VERSION:
        issue = f"is of a newer version ({version}, this one knows {_VERSION})"
        raise StateError(f"the state file {path} {issue}: upgrade, or name another file")
    execute("PRAGMA journal_mode = WAL")
    execute("PRAGMA synchronous = NORMAL")  # a crash of this process loses nothing
    execute("PRAGMA cache_size = -65536")  # 64 MB: what 100,000 orders are found with
    if not tables:
        execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA:
            execute(statement)
        execute(f"PRAGMA application_id = {_APPLICATION}")
        execute(f"PRAGMA user_version = {_VERSION}")
        execute("COMMIT")


def _foreign(path: str) -> StateError:
    return StateError(f"{path} is not a sandbox's state file: name another, or one that is not yet")
