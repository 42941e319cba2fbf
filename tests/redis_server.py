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
from patience import LONG

if TYPE_CHECKING:
    from redis import Redis


class RedisServer:
    """A Redis on loopback that can be stopped and started again, empty, on the same port."""

    def __init__(self, program: str, folder: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port: int = taken.getsockname()[1]
        where = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder)]
        self._command = [program, *where, "--save", "", "--appendonly", "no"]
        self._log = folder / "log"
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            self._server = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + LONG
        while time.monotonic() < deadline:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), LONG),
            ):
                return
            time.sleep(0.02)
        pytest.fail(f"redis-server did not start: {self._log.read_text()}")

    def stop(self) -> None:
        """Stop it, if it runs; all that it held is gone."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(LONG)
            self._server = None


def _server(factory: pytest.TempPathFactory) -> RedisServer:
    pytest.importorskip("redis", reason="the package redis is not installed")
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (Debian's package of that name has it)")
    return RedisServer(program, factory.mktemp("redis"))


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Redis server of the tests' own."""
    server = _server(tmp_path_factory)
    try:
        server.start()
        yield server.port
    finally:
        server.stop()


@pytest.fixture
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis server of this test's own, to be stopped and started again."""
    server = _server(tmp_path_factory)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def redis_client(redis_port: int) -> Iterator[Redis]:
    """A client of an empty Redis."""
    import redis

    with redis.Redis(port=redis_port) as client:
        untyped: Any = client
        untyped.flushall()
        yield client
