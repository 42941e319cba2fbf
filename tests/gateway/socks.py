"""A SOCKS5 server on loopback, which leads wherever it is asked to, or fails as it is told."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager

from .tunnel import _pipe


class Socks:
    """A SOCKS5 server on loopback that leads wherever it is asked to.

    Attributes:
        url: Its URL, for `ALL_PROXY`.
        first: The first bytes that each connection said.
    """

    def __init__(self, behaviour: str = "works") -> None:
        self.first: list[bytes] = []
        socks = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                near: socket.socket = self.request
                socks.first.append(near.recv(2))
                if behaviour == "hangs up":
                    return
                if behaviour == "hangs":
                    near.recv(1)
                    while near.recv(1 << 10):
                        pass
                    return
                if behaviour == "junk":
                    near.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    return
                near.recv(socks.first[-1][1])
                near.sendall(b"\x05\x00")
                kind = near.recv(4)[3]
                host = near.recv(near.recv(1)[0]) if kind == 3 else None
                name = host.decode() if host else socket.inet_ntoa(near.recv(4))
                port: int = struct.unpack("!H", near.recv(2))[0]
                if behaviour == "refuses":
                    near.sendall(b"\x05\x05\x00\x01" + bytes(6))
                    return
                with socket.create_connection((name, port)) as far:
                    near.sendall(b"\x05\x00\x00\x01" + bytes(6))
                    back = threading.Thread(target=_pipe, args=(far, near))
                    back.start()
                    _pipe(near, far)
                    back.join()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"socks5://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def socks(behaviour: str = "works") -> Generator[Socks, None, None]:
    """Run a SOCKS5 server."""
    server = Socks(behaviour)
    try:
        yield server
    finally:
        server.close()
