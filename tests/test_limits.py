"""How much an answer may be, and how long a try may take, whatever its steps may."""

from __future__ import annotations

import gzip
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from gateway import Answer, Gateway
from test_sent_or_not import send
from test_surplus import answer, smuggler
from ways import ASYNCIO, CURL, IDLE, SYNC, TRIO, Way, client_of, each_way

from wechatpay import TransportError
from wechatpay._call import exchange
from wechatpay._wire import Attempt, Body, Failure, Sink, attempt, body, connections, httpx_pool
from wechatpay._wire.body import Refused

BODY = b'{"out_trade_no":"20261127"}'


def packed(body: bytes, encoding: str = "gzip") -> bytes:
    """Return an answer whose body is packed."""
    return answer(body, f"Content-Encoding: {encoding}\r\nRequest-ID: 1\r\n")


@each_way
@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "identity", ""])
def test_one_layer_of_gzip_is_unpacked(way: Way, encoding: str) -> None:
    """The body, its length and its headers are those of what was packed."""
    content = gzip.compress(BODY) if "gzip" in encoding.lower() else BODY
    with smuggler(packed(content, encoding)) as server:
        outcomes = send(way, ("GET", f"{server.url}A"), ("GET", f"{server.url}B"))
    reply, other = outcomes
    assert reply.content == BODY
    assert reply.json() == {"out_trade_no": "20261127"}
    assert reply.headers["Request-ID"] == "1"
    if encoding.lower() in ("gzip", "x-gzip"):
        assert reply.headers["Content-Length"] == str(len(BODY))
        assert "Content-Encoding" not in reply.headers
    assert other.text == "B"
    assert server.connections == 1


@each_way
def test_a_packed_answer_is_verified_over_what_was_packed(gateway: Gateway, way: Way) -> None:
    """WeChat Pay signs the body; what a proxy on the way does to it is undone first."""
    gateway.default = Answer(
        body=gzip.compress(BODY), headers={"Content-Encoding": "gzip"}, covers=BODY
    )
    with client_of(gateway) as wxpay:
        reply = way.call(wxpay["v3/x"])
    assert reply.extensions["wechatpay"].verified
    assert reply.content == BODY


@each_way
def test_a_packed_answer_is_whole_in_a_sink_too(gateway: Gateway, way: Way, tmp_path: Path) -> None:
    """Gzip that ends too early leaves no file, and one that is whole is unpacked into it."""
    whole, file = gzip.compress(BODY), tmp_path / "file"
    for content in (whole[:-6], whole):
        assert not file.exists()
        gateway.default = Answer(body=content, headers={"Content-Encoding": "gzip"}, covers=BODY)
        with client_of(gateway, **IDLE) as wxpay, suppress(TransportError):
            way.call(wxpay["v3/billdownload/file"], params={"token": "x"}, sink=file)
    assert file.read_bytes() == BODY


@each_way
@pytest.mark.parametrize(
    ("content", "encoding", "why"),
    [
        (gzip.compress(gzip.compress(BODY)), "gzip, gzip", "in a way that was not asked for"),
        (BODY, "br", "in a way that was not asked for"),
        (BODY, "deflate", "in a way that was not asked for"),
        (BODY, "gzip", "damaged gzip"),
        (gzip.compress(BODY)[:-6], "gzip", "gzip and ends too early"),
        (gzip.compress(BODY) + b"more", "gzip", "gzip with something behind it"),
        (gzip.compress(bytes(17 << 20)), "gzip", "longer than 64 MiB, or 16 MiB unpacked"),
    ],
    ids=["twice", "br", "deflate", "damaged", "cut", "more", "bomb"],
)
def test_what_was_not_asked_for_is_refused(
    gateway: Gateway, way: Way, content: bytes, encoding: str, why: str
) -> None:
    """It was sent, nobody knows what came of it, and asking again brings the same."""
    gateway.default = Answer(body=content, headers={"Content-Encoding": encoding}, covers=BODY)
    with client_of(gateway, **IDLE) as wxpay:
        for verb in ("get", "post"):
            with pytest.raises(TransportError, match=why) as caught:
                way.call(wxpay["v3/x"], verb)
            assert caught.value.outcome_unknown is (verb == "post")
            assert "1 try" in str(caught.value)
        gateway.default = Answer()
        assert way.call(wxpay["v3/x"]).status_code == 200


@each_way
def test_a_plain_answer_has_a_limit(
    gateway: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is longer is not held in memory."""
    monkeypatch.setattr(body, "MOST_PLAIN", 1 << 20)
    monkeypatch.setattr(attempt, "MOST_RECEIVED", 1 << 20)
    gateway.default = Answer(body=bytes(2 << 20))
    with client_of(gateway, **IDLE) as wxpay, pytest.raises(TransportError, match="is longer than"):
        way.call(wxpay["v3/x"])


def feed(taken: Body, *chunks: bytes) -> bytes:
    """Give a body its pieces and return it."""
    for chunk in chunks:
        taken.feed(chunk)
    return taken.end()


def test_a_sink_takes_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain or packed, there is no limit, and no more in memory than a step."""
    monkeypatch.setattr(body, "MOST_PLAIN", 10)
    monkeypatch.setattr(body, "MOST_UNPACKED", 10)
    for headers, content in (
        ({}, b"x" * 1000),
        ({"Content-Encoding": "gzip"}, gzip.compress(b"x" * 1000)),
    ):
        file = io.BytesIO()
        sink = Sink(file)
        sink.open()
        taken = Body(sink)
        taken.begin(200, httpx.Headers(headers))
        assert feed(taken, content[:5], content[5:]) == b""
        assert file.getvalue() == b"x" * 1000
        refused = Body(sink)
        refused.begin(404, httpx.Headers())
        with pytest.raises(Refused):
            feed(refused, b"x" * 11)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Tell the time."""
        return self.now


def test_a_try_has_a_time_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice its steps' limits, and then as long as the answer comes at a decent pace."""
    clock = Clock()
    monkeypatch.setattr(attempt, "time", clock)
    limits = {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": None}
    one = Attempt(limits)
    assert one.budget == 130
    assert one.seconds(30.0) == 30
    assert one.seconds(None) == 130
    clock.now += 120
    assert one.seconds(30.0) == 10
    clock.now += 20
    assert one.seconds(30.0) == 0.001
    one.receive(attempt.SLOWEST * 15)
    assert one.seconds(30.0) == 5
    one.body.begin(200, httpx.Headers())
    one.feed(b"x")
    clock.now += 10
    with pytest.raises(httpx.ReadTimeout, match="too slowly"):
        one.feed(b"x")


@pytest.mark.parametrize("step", ["connect", "write", "read"])
def test_a_step_without_a_limit_leaves_the_whole_without(step: str) -> None:
    """Who asks for no limit gets none."""
    limits: dict[str, float | None] = {"connect": 5.0, "read": 30.0, "write": 30.0, step: None}
    one = Attempt(limits)
    assert one.budget is None
    assert one.seconds(None) is None
    assert one.seconds(3.0) == 3
    one.body.begin(200, httpx.Headers())
    one.feed(b"x")


@each_way
def test_a_server_that_drips(gateway: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then, always within the limit for reading, does not hold a caller for ever."""
    monkeypatch.setattr(exchange, "BACKOFF", 0.001)
    monkeypatch.setattr(attempt, "_PATIENCE", 0.05)
    gateway.default = Answer(drip=0.1)
    with (
        client_of(gateway, timeout=httpx.Timeout(5, pool=None), retries=0, **IDLE) as wxpay,
        pytest.raises(TransportError) as caught,
    ):
        way.call(wxpay["v3/x"], "post")
    assert caught.value.outcome_unknown


@each_way
def test_an_answer_that_would_end_with_its_connection(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where that is ended here, for it took too long, it is not taken for whole."""
    monkeypatch.setattr(attempt, "_PATIENCE", 0.02)
    with smuggler(b"HTTP/1.1 200 OK\r\n\r\nhalf") as server:
        (failure,) = send(way, ("GET", server.url), limit=httpx.Timeout(1, pool=None))
    assert isinstance(failure, Failure)
    assert failure.reason == "timeout"


@pytest.mark.parametrize("way", [SYNC, CURL, ASYNCIO, TRIO], ids=lambda way: way.name)
def test_every_connection_in_use(
    gateway: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits for one no longer than is allowed has sent nothing; who may wait gets it."""
    monkeypatch.setattr(httpx_pool, "MOST_CONNECTIONS", 1)
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 1)
    answers = {"/v3/slow": Answer(asked=2), "/v3/patient": Answer()}
    gateway.routes.update(answers)
    limit = httpx.Timeout(60, pool=0.05)
    with client_of(gateway, retries=0, **IDLE) as wxpay:
        node: Any = wxpay["v3"]

        def use_up() -> None:
            assert gateway.wait_until(lambda gateway: len(gateway.requests) == 1)

        def free() -> None:
            # The gateway answers the first once it was asked twice.
            gateway.requests.append(gateway.requests[0])

        if not way.is_async:
            with ThreadPoolExecutor(2) as threads:
                slow = threads.submit(node.slow.get)
                use_up()
                with pytest.raises(TransportError, match="was never sent"):
                    node.hasty.post(timeout=limit)
                patient = threads.submit(node.patient.post)
                free()
                assert slow.result().status_code == patient.result().status_code == 200
            return

        async def main() -> None:
            async with anyio.create_task_group() as group:
                group.start_soon(node.slow.get_async)
                while not gateway.requests:
                    await anyio.sleep(0.001)
                with pytest.raises(TransportError, match="was never sent"):
                    await node.hasty.post_async(timeout=limit)
                group.start_soon(partial(node.patient.post_async, timeout=httpx.Timeout(60)))
                free()

        way.run(main)
    assert [one.target for one in gateway.requests] == ["/v3/slow", "/v3/slow", "/v3/patient"]


STOPPED = """
import os, signal, sys
sys.path[:0] = sys.argv[5:]
from test_sent_or_not import send
from ways import CURL, Way

stops = iter([True])

def between():
    if next(stops, False):
        print("stopping", flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)

url, *way = sys.argv[1:5]
for outcome in send(Way(*way), ("POST", url), ("POST", url), between=between):
    print(getattr(outcome, "status_code", outcome), flush=True)
"""
"""A program that makes a call, is stopped for a while, and makes another."""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP")
@each_way
def test_a_process_that_was_stopped(gateway: Gateway, way: Way) -> None:
    """A connection that was closed meanwhile is not used again, whatever the verb."""
    command = [sys.executable, "-c", STOPPED, f"{gateway.url}v3/x", *way, *sys.path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "stopping\n"
        _, status = os.waitpid(program.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        gateway.drop()
        assert gateway.wait_until(lambda gateway: gateway.open == 0)
        os.kill(program.pid, signal.SIGCONT)
        assert program.stdout.read() == "200\n200\n"
    assert len(gateway.requests) == 2


@each_way
def test_a_machine_that_slept(gateway: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is older than it seems to `time.monotonic` is not used again."""
    from wechatpay._wire import aiohttp_pool, pycurl_pool

    clock = Clock()
    now: Callable[[], float] = clock.monotonic
    monkeypatch.setattr(httpx_pool, "uptime", now)
    monkeypatch.setattr(aiohttp_pool, "uptime", now)
    monkeypatch.setattr(pycurl_pool, "uptime", now)

    def between() -> None:
        clock.now += 3600

    url = f"{gateway.url}v3/x"
    outcomes: list[Any] = send(way, ("POST", url), ("POST", url), between=between)
    assert [one.status_code for one in outcomes] == [200, 200]
    assert gateway.connections == 2


def test_uptime_goes_on() -> None:
    """The clock by which connections grow old runs."""
    from wechatpay._wire.clock import uptime

    before = uptime()
    time.sleep(0.002)
    assert uptime() > before
