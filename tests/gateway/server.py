"""The gateway itself: an asyncio server in a thread of its own, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any

from patience import LONG
from watching import untraced

from .answers import Answer, Request
from .keys import Identity, public_key_identity

Responder = Answer | Callable[[Request], Answer]


class Gateway:
    """A scriptable WeChat Pay.

    Attributes:
        url: Its base URL.
        identity: Who signs its answers unless they say otherwise.
        default: What answers when the script is at its end.
        routes: What answers requests to a path (without query), before script and default.
        requests: What was asked so far, in order.
        connections: How many connections were ever opened.
        open: How many are open now.
        listener: What they come in by.
    """

    def __init__(
        self, identity: Identity | None = None, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.url = ""
        self.identity = identity or public_key_identity()
        self.default: Responder = Answer()
        self.routes: dict[str, Responder] = {}
        self.requests: list[Request] = []
        self.connections = 0
        self.open = 0
        self._tls = tls
        self._queue: deque[Responder] = deque()
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.listener = _Listener()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def script(self, *answers: Responder) -> None:
        """Answer the next requests like this, one each."""
        self._queue.extend(answers)

    def wait_until(self, condition: Callable[[Gateway], bool]) -> bool:
        """Wait for something that happens in the gateway's own time; tell whether it did."""
        deadline = time.monotonic() + LONG
        while not condition(self) and time.monotonic() < deadline:
            time.sleep(0.005)
        return condition(self)

    def drop(self) -> None:
        """Close every connection, as WeChat Pay does with idle ones."""
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result()

    def __enter__(self) -> Gateway:
        with untraced():  # nothing of what is tested runs there
            self._thread.start()
        started = asyncio.run_coroutine_threadsafe(self._start(), self._loop)
        self._server = started.result()
        host, port = self._server.sockets[0].getsockname()[:2]
        self.url = f"{'https' if self._tls else 'http'}://{host}:{port}/"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self) -> asyncio.Server:
        self.listener.bind(("127.0.0.1", 0))
        return await asyncio.start_server(
            self._accept, sock=self.listener, ssl=self._tls, backlog=1024
        )

    async def _end(self) -> None:
        """Accept nothing more, and close what was accepted, however far it is."""
        for listener in self._server.sockets:
            self._loop.remove_reader(listener)
        # What was accepted just now takes some rounds of the loop to come to `_accept`, and asyncio
        # leaves it open if its server is closed before that. What is closed takes rounds, too.
        await _rounds()
        self._server.close()
        writers = list(self._tasks.values())
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()  # a task that is cancelled before it begins closes nothing
        # While TLS is agreed on there is no writer yet, and to cancel that closes nothing either.
        self.listener.end_accepted()
        await _rounds()

    async def _drop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._keep(reader, writer))
        self._tasks[task] = writer
        task.add_done_callback(self._tasks.pop)

    async def _keep(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        number = self.connections
        try:
            await self._serve(reader, writer, number)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or the gateway is going
        finally:
            writer.close()
            try:
                await writer.wait_closed()
            except (ConnectionError, asyncio.CancelledError):
                writer.transport.abort()
            self.open -= 1  # the other side can see it by now

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        while True:
            request = await _read(reader, writer, number)
            self.requests.append(request)
            answer = self._answer(request)
            await asyncio.sleep(answer.delay)
            while len(self.requests) < answer.asked:
                await asyncio.sleep(0.002)
            if answer.fault == "reset":
                _reset(writer)
                return
            if answer.fault == "close":
                return
            if answer.fault == "hang":
                await reader.read(1)
                return
            for piece in _pieces(answer.serialise(self.identity), answer.drip):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(answer.drip)
            if answer.fault is not None or answer.last:
                return

    def _answer(self, request: Request) -> Answer:
        responder = self.routes.get(request.path)
        if responder is None:
            responder = self._queue.popleft() if self._queue else self.default
        return responder if isinstance(responder, Answer) else responder(request)


class _Listener(socket.socket):
    """A listening socket that knows what it accepted: asyncio tells only once TLS is agreed on.

    Attributes:
        accepted: The connections.
    """

    def __init__(self) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self.accepted: list[socket.socket] = []

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection."""
        connection, address = super().accept()
        self.accepted.append(connection)
        return connection, address

    def end_accepted(self) -> None:
        """End every connection that was accepted and is still open."""
        for one in self.accepted:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


async def _rounds() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def _pieces(data: bytes, drip: float) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))] if drip else [data]


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    shown: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
    certificate = shown.getpeercert(binary_form=True) if shown else None
    return Request(method, target, headers, body, number, certificate)


def _reset(writer: asyncio.StreamWriter) -> None:
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextlib.contextmanager
def closed_port() -> Generator[str]:
    """Yield a base URL where connections are refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


@contextlib.contextmanager
def silent_port() -> Generator[str]:
    """Yield a base URL where connecting never ends: the queue is full and not accepted from."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
