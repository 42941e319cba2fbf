"""A proxy that leads every host to the gateway: real host names, real TLS, and no way out."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from types import TracebackType
from urllib.parse import urlsplit

from .server import Gateway

_CHUNK = 1 << 16


class Tunnel:
    """A forward proxy on loopback that connects whoever asks for any host to one gateway.

    Attributes:
        url: Its URL, for `HTTPS_PROXY`.
        hosts: The hosts that were asked for, in order.
    """

    def __init__(self, gateway: Gateway) -> None:
        self.hosts: list[str] = []
        tunnel, there = self, urlsplit(gateway.url)
        address = there.hostname, there.port or 443

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                tunnel.hosts.append(self.rfile.readline().split()[1].decode())
                while self.rfile.readline().strip():
                    pass
                with socket.create_connection(address) as far:
                    self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    back = threading.Thread(target=_pipe, args=(far, self.connection))
                    back.start()
                    _pipe(self.connection, far)
                    back.join()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Tunnel:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _pipe(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
