"""A shop of few words: it takes what comes to its `notify_url`, and answers by script."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from patience import LONG


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Shop:
    """What it was sent, and what it answers: a status, or whatever a function writes; then 204."""

    url: str = ""
    received: list[Received] = field(default_factory=list[Received])
    script: list[int | Callable[[BaseHTTPRequestHandler], None]] = field(
        default_factory=list[int | Callable[[BaseHTTPRequestHandler], None]]
    )


@contextlib.contextmanager
def shop() -> Generator[Shop]:
    """Open a shop on a free port."""
    opened = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            opened.received.append(Received(self.path, dict(self.headers.items()), body))
            answer = opened.script.pop(0) if opened.script else 204
            if not isinstance(answer, int):
                with contextlib.suppress(OSError):
                    answer(self)
                return
            self.send_response(answer)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # with fewer, who comes with many others waits for a second

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        opened.url = f"http://127.0.0.1:{server.server_port}/notify"
        try:
            yield opened
        finally:
            server.shutdown()
            thread.join()


def silence(seconds: float) -> Callable[[BaseHTTPRequestHandler], None]:
    """Say nothing for a while, and hang up."""
    return lambda handler: time.sleep(seconds)


def until(moment: threading.Event) -> Callable[[BaseHTTPRequestHandler], None]:
    """Say nothing until something has happened, and hang up."""

    def answer(_: BaseHTTPRequestHandler) -> None:
        moment.wait(LONG)

    return answer


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Begin to answer at once, and never come to an end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        time.sleep(0.02)
        handler.wfile.write(b"x")


def late(seconds: float) -> Callable[[BaseHTTPRequestHandler], None]:
    """Send a half at once, and the end of an answer without a body after a while."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        for part in (b"HTTP/1.1 204 No Content\r\n", b"Server: slow\r\n", b"\r\n"):
            handler.wfile.write(part)
            time.sleep(seconds)

    return answer
