"""Answers that are not exactly one: the next call gets its own, on every transport.

A signature does not say which call an answer is for. That is for the connection to say, and one
that gave anything but one whole answer is not asked again.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import httpx
import httpx2
import pytest
from gateway import Authority
from hypothesis import given
from hypothesis import strategies as st
from patience import LONG
from test_sent_or_not import send
from ways import AIOHTTP, ASYNCIO, ASYNCIO2, CURL, SYNC, TRIO, Way, each_way

from wechatpay._wire import AsyncWire, Attempt, Network, Send, Wire
from wechatpay._wire.framing import Framing
from wechatpay._wire.httpx_pool import _HttpxConnection
from wechatpay._wire.meter import Meter, _holds_more


def answer(body: bytes, more: str = "") -> bytes:
    """Return an answer as it comes over the wire."""
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


def chunked(*parts: bytes) -> bytes:
    """Return an answer in chunks."""
    body = b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in parts) + b"0\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body


SMUGGLED = answer(b"SMUGGLED")
SURPLUS = {
    "two answers": answer(b"first") + SMUGGLED,
    "two answers in chunks": chunked(b"fir", b"st") + SMUGGLED,
    "chunks and an answer": chunked(b"first") + answer(b"SMUGGLED"),
    "three answers": answer(b"first") + SMUGGLED * 2,
    "short length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst and more",
    "a stray CRLF": answer(b"first") + b"\r\n",
    "204 with a body": b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nfirst",
    "204 and an answer": b"HTTP/1.1 204 No Content\r\n\r\n" + SMUGGLED,
    "304 and an answer": b"HTTP/1.1 304 Not Modified\r\n\r\n" + SMUGGLED,
    "half an answer": answer(b"first") + SMUGGLED[:20],
    "bare line feeds and an answer": b"HTTP/1.1 200 OK\nContent-Length: 5\n\nfirst" + SMUGGLED,
    "an early hint and two answers": b"HTTP/1.1 103 Early Hints\r\n\r\n" + answer(b"1") + SMUGGLED,
    "two lengths": answer(b"first", "Content-Length: 6\r\n") + SMUGGLED,
    "a length and chunks": chunked(b"first").replace(
        b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n", 1
    )
    + SMUGGLED,
    "a trailer and an answer": chunked(b"first")[:-2] + b"X: y\r\n\r\n" + SMUGGLED,
}


class Smuggler:
    """A server that answers the first request of a connection with bytes of its own.

    Attributes:
        url: Its base URL.
        connections: How many there were.
        first: What the first request of the first connection is answered with, and so on.
        later: What comes behind that when it is asked for.
    """

    def __init__(self, *first: bytes) -> None:
        self.first = first
        self.later = b""
        self.connections = 0
        self.surplus_sent = threading.Event()
        self.wants_surplus = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        first = self.first[self.connections - 1 : self.connections]
        with connection:
            while (head := _head(connection)) is not None:
                asked = head.split()[1].rpartition(b"/")[2]
                connection.sendall(first[0] if first else answer(asked))
                if first and self.later:
                    self.wants_surplus.wait(20)
                    connection.sendall(self.later)
                    self.surplus_sent.set()
                if first and b"Connection: close" in first[0]:
                    return
                first = ()

    def close_connections(self) -> None:
        """Have all connections end."""
        for one in self._open:
            one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Accept no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _head(connection: socket.socket) -> bytes | None:
    head = b""
    try:
        while b"\r\n\r\n" not in head:
            data = connection.recv(1 << 16)
            if not data:
                return None
            head += data
    except OSError:
        return None
    return head


@contextmanager
def smuggler(*first: bytes) -> Generator[Smuggler, None, None]:
    """Run such a server."""
    server = Smuggler(*first)
    try:
        yield server
    finally:
        server.close()


def said(outcomes: list[Any]) -> list[str]:
    """Return what the answers say."""
    return [one.text if isinstance(one, httpx.Response) else repr(one) for one in outcomes]


@each_way
@pytest.mark.parametrize("kind", SURPLUS)
def test_next_call_gets_its_own_answer(way: Way, kind: str) -> None:
    """Whatever came behind the first answer is given to no call."""
    with smuggler(SURPLUS[kind]) as server:
        calls = [("GET", f"{server.url}{name}") for name in "ABCD"]
        outcomes = send(way, *calls)
    assert said(outcomes)[1:] == ["B", "C", "D"]
    # aiohttp passes over an empty line, and begins each answer with nothing of what came before.
    harmless = way is AIOHTTP and kind in ("a stray CRLF", "half an answer")
    assert server.connections == (1 if harmless else 2)


@each_way
@pytest.mark.parametrize("kind", ["length", "chunks", "no body"])
def test_connection_that_gave_one_answer_is_kept(way: Way, kind: str) -> None:
    """Length, chunks or no body: exactly one answer is as it should be."""
    first = {
        "length": answer(b"first"),
        "chunks": chunked(b"fir", b"st"),
        "no body": b"HTTP/1.1 204 No Content\r\n\r\n",
    }[kind]
    with smuggler(first) as server:
        outcomes = send(way, *[("GET", f"{server.url}{name}") for name in "ABC"])
    assert said(outcomes) == ["" if kind == "no body" else "first", "B", "C"]
    # libcurl drops what it reads behind the last chunk, and does not say whether there was any.
    assert server.connections == (2 if way is CURL and kind == "chunks" else 1)


@each_way
def test_surplus_that_comes_while_idle(way: Way) -> None:
    """An answer to nothing that comes later is not the next call's either."""
    with smuggler(answer(b"first")) as server:
        server.later = SMUGGLED

        def between() -> None:
            server.wants_surplus.set()
            server.surplus_sent.wait(20)

        outcomes = send(way, *[("GET", f"{server.url}{name}") for name in "ABC"], between=between)
    assert said(outcomes) == ["first", "B", "C"]
    assert server.connections == 2


LAST = answer(b"first", "Connection: close\r\n")
SECOND = answer(b"B") + SMUGGLED


@each_way
@pytest.mark.parametrize(
    "first", [LAST, LAST.replace(b"Connection: close", b"X: y")], ids=["announced", "unnoticed"]
)
def test_connection_that_is_not_the_one_that_was_kept(
    way: Way, first: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that httpx makes anew by itself is judged by what it gave, not by what the last one did.

    The number of a closed connection is soon that of another one, which says nothing.
    """
    if first is not LAST:
        # It goes unnoticed that it was closed: that happened since it was looked at.
        monkeypatch.setattr(Meter, "is_stale", False)
        monkeypatch.setattr(_HttpxConnection, "is_stale", False)
    others: list[socket.socket] = []
    with smuggler(first, SECOND) as server, socket.create_server(("127.0.0.1", 0)) as elsewhere:

        def between() -> None:
            if len(others) == 0 and first is not LAST:
                server.close_connections()
            others.extend(socket.create_connection(elsewhere.getsockname()) for _ in range(2))

        outcomes = send(way, *[("GET", f"{server.url}{name}") for name in "ABCD"], between=between)
        for one in others:
            one.close()
    assert said(outcomes) == ["first", "B", "C", "D"]
    assert server.connections == 3


LENT = {
    ("sync", httpx): (httpx.Client, SYNC),
    ("sync", httpx2): (httpx2.Client, SYNC),
    ("asyncio", httpx): (httpx.AsyncClient, ASYNCIO),
    ("asyncio", httpx2): (httpx2.AsyncClient, ASYNCIO),
    ("trio", httpx): (httpx.AsyncClient, TRIO),
    ("trio", httpx2): (httpx2.AsyncClient, TRIO),
}


@pytest.mark.parametrize("kind", ["two answers", "204 with a body", "a stray CRLF"])
@pytest.mark.parametrize(("name", "library"), LENT, ids=lambda one: getattr(one, "__name__", one))
def test_client_of_the_users_own(name: str, library: ModuleType, kind: str) -> None:
    """Its connections are watched as well, where these calls opened them."""
    make, way = LENT[name, library]
    with smuggler(SURPLUS[kind]) as server:
        outcomes = lent(make, way, [f"{server.url}{one}" for one in "ABC"])
    assert said(outcomes)[1:] == ["B", "C"]
    assert server.connections == 2
    assert all(isinstance(one, httpx.Response) for one in outcomes)


def lent(make: Callable[[], Any], way: Way, urls: list[str]) -> list[Any]:
    """Send requests by a client of the user's own."""
    network = Network(None, None)
    outcomes: list[Any] = []
    if not way.is_async:
        with make() as own:
            wire = Wire(network, own)
            outcomes += [
                wire.perform(Send(own.build_request("GET", url), False, None)) for url in urls
            ]
        return outcomes

    async def main() -> None:
        async with make() as own:
            wire = AsyncWire(network, own)
            for url in urls:
                step = Send(own.build_request("GET", url), False, None)
                outcomes.append(await wire.perform(step))

    way.run(main)
    return outcomes


@st.composite
def pieces(draw: st.DrawFn, whole: bytes) -> Iterator[bytes]:
    """Cut bytes anywhere."""
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    return iter([whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)])


WHOLE = [
    answer(b""),
    answer(b"x" * 100),
    answer(b"first", "X: content-length: 9\r\n"),
    chunked(b"a", b"bc" * 20),
    chunked(),
    b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b"first"),
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\n\r\n",
]
BROKEN = [
    answer(b"") + b"x",
    *SURPLUS.values(),
    answer(b"first", "Content-Length: 5\r\n"),
    answer(b"first", "Transfer-Encoding: chunked\r\n"),
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5 5\r\n\r\nfirst",
    b"HTTP/1.1 200 OK\nContent-Length: 5\n\nfirst",
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\na\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 2000,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x00" * 200_000,
]


@given(st.data(), st.sampled_from(WHOLE))
def test_what_is_one_answer(data: st.DataObject, whole: bytes) -> None:
    """In whatever pieces it comes, it is whole at its end and not before; one more byte is not."""
    framing = Framing()
    parts = list(data.draw(pieces(whole)))
    so_far = 0
    for part in parts:
        framing.feed(part)
        so_far += len(part)
        assert framing.is_whole is (so_far == len(whole))
    framing.feed(b"", is_full=True)
    assert not framing.is_whole
    framing.feed(data.draw(st.sampled_from([b"\r", b"H", b"\r\n"])))
    assert not framing.is_whole


@given(st.data(), st.sampled_from(BROKEN))
def test_what_is_not_one_answer(data: st.DataObject, whole: bytes) -> None:
    """Too much, cut short, or what cannot be understood: it is never whole at its end."""
    framing = Framing()
    for part in data.draw(pieces(whole)):
        framing.feed(part)
    assert not framing.is_whole


@pytest.mark.parametrize("whole", WHOLE + BROKEN)
def test_answers_byte_by_byte(whole: bytes) -> None:
    """The same is said of an answer that comes in the smallest pieces."""
    framing = Framing()
    for at in range(min(len(whole), 3000)):
        framing.feed(whole[at : at + 1])
    assert framing.is_whole is (whole in WHOLE)


class Records:
    """A server over TLS that sends two answers at once, each in records of its own.

    Attributes:
        url: Its base URL.
        connections: How many there were.
        bodies: What its first answers have as bodies, in place of what was asked for.
        surplus: What it sends behind the first of them.
        has_sent: Whether that has left.
    """

    def __init__(self, tls: ssl.SSLContext, *bodies: bytes, surplus: bytes = SMUGGLED) -> None:
        self.connections = 0
        self.bodies = [*bodies]
        self.surplus = surplus
        self.has_sent = threading.Event()
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        come, go = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self._tls.wrap_bio(come, go, server_side=True)
        surplus = [self.surplus] if self.connections == 1 else []

        def drive(step: Callable[[], Any]) -> Any:
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    connection.sendall(go.read())
                    data = connection.recv(1 << 16)
                    if not data:
                        raise ConnectionError from None
                    come.write(data)

        with connection, suppress(OSError):
            drive(tls.do_handshake)
            while True:
                head = drive(lambda: tls.read(1 << 16))
                if not head:
                    return
                asked = head.split()[1].rpartition(b"/")[2]
                body = self.bodies.pop() if self.bodies else asked
                for one in [answer(body), *surplus]:
                    tls.write(one)
                surplus.clear()
                connection.sendall(go.read())
                self.has_sent.set()

    def close(self) -> None:
        """Accept no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@each_way
def test_surplus_in_a_record_of_its_own(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What TLS has read and not yet opened is seen as well."""
    server = Records(Authority().server_context(tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    outcomes = send(way, *[("GET", f"{server.url}{name}") for name in "ABC"])
    server.close()
    assert said(outcomes) == ["A", "B", "C"]
    assert server.connections == 2


@pytest.mark.parametrize("way", [ASYNCIO, ASYNCIO2], ids=lambda way: way.name)
def test_surplus_that_anyio_has_not_given_to_tls(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads more from a socket than it hands on: what is left can be seen by nobody."""
    big = b"x" * 60_000
    server = Records(Authority().server_context(tmp_path), big, surplus=answer(b"S" * 15_000))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    write = Meter.write_async

    async def wait_for_both(self: Meter, buffer: bytes, timeout: float | None = None) -> None:
        await write(self, buffer, timeout)
        monkeypatch.setattr(Meter, "write_async", write)
        server.has_sent.wait(LONG)
        own = self._socket
        with socket.fromfd(own.fileno(), own.family, own.type) as same:
            for _ in range(1000):  # both are to be there, and be read at once
                if len(same.recv(1 << 17, socket.MSG_PEEK)) > len(big) + 15_000:
                    break
                time.sleep(0.001)

    monkeypatch.setattr(Meter, "write_async", wait_for_both)
    outcomes = send(way, *[("GET", f"{server.url}{name}") for name in "ABC"])
    server.close()
    assert said(outcomes) == [big.decode(), "B", "C"]
    assert server.connections == 2


class Stream:
    """A stream on a socket, as httpx has them."""

    def __init__(self, socket: socket.socket) -> None:
        self.socket = socket

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read."""
        return self.socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write."""
        self.socket.sendall(buffer)

    def get_extra_info(self, info: str) -> Any:
        """Tell the socket and its own address."""
        return {"socket": self.socket, "client_addr": self.socket.getsockname()}.get(info)


def test_a_stream_that_ends() -> None:
    """Then it is stale; and ending it once more does no harm."""
    near, far = socket.socketpair()
    with near, far:
        stream = Stream(near)
        meter = Meter(stream, Attempt({}))
        meter.attempt = None
        stream.write(b"GET")
        assert not meter.is_stale
        assert not meter.is_exact(meter.framing)
        far.sendall(SMUGGLED)
        assert meter.is_stale
        assert stream.read(1 << 10) == SMUGGLED
        assert not meter.is_stale
        assert meter.is_exact(meter.framing)
        assert stream.read(0) == b""
        meter.spoil()
        assert meter.is_stale
    meter.spoil()


@pytest.mark.parametrize(("tls", "times"), [(False, 0), (True, 2)])
def test_a_broken_connection_is_not_held_against_another(
    monkeypatch: pytest.MonkeyPatch, tls: bool, times: int
) -> None:
    """Where OpenSSL remembers what broke a thread's connection, it is made to forget it."""
    begun: list[object] = []
    wrap = ssl.SSLContext.wrap_bio

    def note(*arguments: Any) -> Any:
        begun.append(arguments)
        return wrap(*arguments)

    monkeypatch.setattr(ssl.SSLContext, "wrap_bio", note)
    with socket.socket() as plain:
        context = ssl.create_default_context()
        with context.wrap_socket(plain, server_hostname="x") if tls else plain as own:
            stream = Stream(own)
            Meter(stream, Attempt({})).attempt = None
            with pytest.raises(OSError, match=r".") as caught:
                stream.read(1)
            with pytest.raises(type(caught.value)):
                stream.write(b"x")
    assert len(begun) == times


class Numbered(NamedTuple):
    """A socket as uvloop shows it: by a number that it had, and that may be another's by now."""

    number: int
    family: int = socket.AF_INET
    type: int = socket.SOCK_STREAM

    def fileno(self) -> int:
        """Tell the number."""
        return self.number


def test_a_number_that_is_another_connections() -> None:
    """Whoever is to end a connection that was closed does not end another one in its place."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        first = socket.create_connection(server.getsockname())
        meter = Meter(Stream(first), Attempt({}))
        with socket.create_connection(server.getsockname()) as other:
            meter._socket = Numbered(other.fileno())
            first.close()
            meter.spoil()
            other.sendall(b"x")
            peers = [server.accept()[0] for _ in range(2)]
            assert peers[1].recv(1) == b"x"
            for peer in peers:
                peer.close()


class Ended:
    """TLS that has come to its end."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, _: int) -> bytes:
        """Say so."""
        raise self._error


@pytest.mark.parametrize("error", [ssl.SSLZeroReturnError(), ssl.SSLEOFError(), ValueError()])
def test_tls_that_has_ended(error: Exception) -> None:
    """Such a connection is not used again."""
    ended: Any = Ended(error)
    assert _holds_more(ended)
