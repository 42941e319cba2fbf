"""A Redis server of the tests' own; where there is none, the tests that need it skip and say so."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from redis import Redis


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Redis server of the tests' own."""
    pytest.importorskip("redis", reason="the package redis is not installed")
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (Debian's package of that name has it)")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    where = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [program, *where, "--save", "", "--appendonly", "no"], stdout=log, stderr=log
        )
    try:
        _await_port(port, folder / "log")
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _await_port(port: int, log: Path) -> None:
    for _ in range(500):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    pytest.fail(f"redis-server did not start: {log.read_text()}")


@pytest.fixture
def redis_client(redis_port: int) -> Iterator[Redis]:
    """A client of an empty Redis."""
    import redis

    with redis.Redis(port=redis_port) as client:
        untyped: Any = client
        untyped.flushall()
        yield client
