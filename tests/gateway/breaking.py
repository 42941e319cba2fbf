"""A server that breaks off at any point of a call, and counts what it had got of it by then."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Generator
from types import TracebackType
from typing import Literal, NamedTuple

Step = Literal["tunnel", "handshake", "request", "answer", "idle", "never"]
Way = Literal["cut", "reset", "hang", "junk", "refuse", "login"]

ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n"
    b'Request-ID: 1\r\n\r\n{"out_trade_no":"20261127"}'
)
HEAD = ANSWER.index(b"\r\n\r\n") + 4
_JUNK = b"\x16\x03\x01 nothing that anybody expects here\r\n\r\n" * 3
_LOGIN = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
_PATIENCE = 5.0


class Fault(NamedTuple):
    """Where a connection breaks, and how.

    Attributes:
        step: While what is going on; `never` is not a fault at all.
        way: With a FIN, with an RST, by saying nothing more, by saying nonsense, by a refusal, or
            by asking for a login.
        at: After so many bytes of the request or of the answer.
    """

    step: Step = "never"
    way: Way = "cut"
    at: int = 0


class Breaking:
    """A server, and a proxy that leads to it, on one port of loopback.

    Attributes:
        address: Its host and port.
        fault: What happens to the connections that come next.
        answer: What it answers.
        received: Bytes of requests that arrived, of TLS and `CONNECT` not counting.
        connections: How many connections came.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.fault = Fault()
        self.answer = ANSWER
        self.received = 0
        self.connections = 0
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._ends_idle = threading.Event()
        self._handlers: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Breaking:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.settle()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def settle(self) -> None:
        """Have idle connections break, and wait until all are over: then everything is counted."""
        self._ends_idle.set()
        waiting = True
        while waiting:
            with self._lock:
                waiting = bool(select.select([self._listener], [], [], 0)[0])
            time.sleep(0)
        while self._handlers:
            self._handlers.pop().join()
        self._ends_idle.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while select.select([self._listener], [], []):
                with self._lock:
                    connection, _ = self._listener.accept()
                    self.connections += 1
                    handler = threading.Thread(target=self._serve, args=(connection, self.fault))
                    handler.start()
                    self._handlers.append(handler)

    def _serve(self, plain: socket.socket, fault: Fault) -> None:
        plain.settimeout(_PATIENCE)
        with contextlib.suppress(OSError), plain, self._opened(plain, fault) as connection:
            if connection is not None:
                while self._answer(connection, fault):
                    pass

    @contextlib.contextmanager
    def _opened(
        self, plain: socket.socket, fault: Fault
    ) -> Generator[socket.socket | None, None, None]:
        """Get to where requests are read, if the fault lets it."""
        first = plain.recv(7, socket.MSG_PEEK | socket.MSG_WAITALL)
        if first == b"CONNECT":
            _read_head(plain)
            if fault.step == "tunnel":
                self._break(plain, fault)
                yield None
                return
            plain.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        if self._tls is None:
            yield plain
            return
        if fault.step == "handshake":
            plain.recv(fault.at + 1)
            self._break(plain, fault)
            yield None
            return
        with self._tls.wrap_socket(plain, server_side=True) as secure:
            yield secure

    def _answer(self, connection: socket.socket, fault: Fault) -> bool:
        """Answer a request; tell whether there may be another."""
        head, length = b"", 0
        most = fault.at if fault.step == "request" else 1 << 30
        while b"\r\n\r\n" not in head and len(head) < most:
            data = connection.recv(min(1 << 16, most - len(head)))
            if not data:
                return False
            head += data
            self.received += len(data)
        if b"\r\n\r\n" in head:
            fields, _, begun = head.partition(b"\r\n\r\n")
            for line in fields.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line[15:]) - len(begun)
            most -= len(head)
        while length > 0 and most > 0:
            data = connection.recv(min(length, most))
            if not data:
                return False
            length -= len(data)
            most -= len(data)
            self.received += len(data)
        if fault.step == "request":
            self._break(connection, fault)
            return False
        if fault.step == "answer":
            connection.sendall(self.answer[: fault.at])
            self._break(connection, fault)
            return False
        connection.sendall(self.answer)
        if fault.step == "idle":
            self._ends_idle.wait(_PATIENCE)
            self._break(connection, fault)
            return False
        return True

    def _break(self, connection: socket.socket, fault: Fault) -> None:
        if fault.way == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif fault.way == "refuse":
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        elif fault.way == "login":
            connection.sendall(_LOGIN)
        elif fault.way == "junk":
            connection.sendall(_JUNK)
        if fault.way in ("cut", "refuse", "login", "junk"):
            connection.shutdown(socket.SHUT_WR)  # an orderly end: what was sent arrives before it
        if fault.way != "reset" and fault.step != "idle":  # idle, nobody else says anything
            while data := connection.recv(1 << 16):
                if fault.step in ("request", "answer"):
                    self.received += len(data)
        connection.close()


def _read_head(connection: socket.socket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        data = connection.recv(1)
        if not data:
            raise ConnectionError
        head += data
    return head
