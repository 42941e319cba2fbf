"""Who runs the client's code in production: forking servers, workers, and event loops of all kinds.

Each is run for real, as a program of its own, against a sandbox on loopback. What forks makes its
client, and a first call, before it does.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from patience import LONG, until
from soak import TIMES

from wechatpay.sandbox import Sandbox, settings

# Of these, no wheel or no such system exists elsewhere: see the development group.
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="it runs on Linux")
SHOP = """
import asyncio, os, threading
from wechatpay import WeChatPay

wxpay = WeChatPay.from_env()
made_in = os.getpid()


def ask():
    return wxpay.v3.certificates.get().status_code


async def ask_async():
    answers = await asyncio.gather(*[wxpay.v3.certificates.get_async() for _ in range(8)])
    return [one.status_code for one in answers]


first = ask()
"""
GUNICORN = """
import asyncio, json, os
from shop import ask, ask_async, first, made_in


def app(environ, start_response):
    body = json.dumps([os.getpid() != made_in, first, ask(), *asyncio.run(ask_async())]).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""
CELERY = '''
import asyncio, json, os, signal
import redis
from celery.signals import worker_ready
from shop import ask, ask_async, first, made_in

URL = os.environ["URL"]
memory = redis.Redis.from_url(URL, decode_responses=True)


def die_once(place, number):
    """Kill this process the first time that the notification of that name is there."""
    if place == number and memory.sadd("killed", place):
        os.kill(os.getpid(), signal.SIGKILL)


class Mortal:
    """The guard's Redis; this process may be killed around the commands that claim and mark."""

    def set(self, name, value, *, px, nx=False):
        number = name.rsplit(":", 1)[1]
        die_once("before the claim" if nx else "before the mark", number)
        said = memory.set(name, value, px=px, nx=nx)
        if not nx:
            die_once("after the mark", number)
        return said

    def get(self, name):
        return memory.get(name)

    def eval(self, *arguments):
        return memory.eval(*arguments)


def print(event, number):
    """What the page's task does with a payment: it calls, blocking and awaited."""
    memory.rpush("begun", number)
    die_once("in the work", number)
    answers = [os.getpid() != made_in, first, ask(), *asyncio.run(ask_async())]
    memory.rpush("answers", json.dumps(answers))
    if number == "the whole worker" and memory.sadd("killed", number):
        memory.set("stuck", 1)
        signal.pause()


PAGE
app.conf.update(worker_lost_wait=0.05, worker_hijack_root_logger=False)
app.conf.broker_transport_options = {"visibility_timeout": int(os.environ["VISIBLE"])}


@worker_ready.connect
def begin(**_):
    """Queue every notification, once."""
    if memory.set("queued", 1, nx=True):
        for number in NUMBERS:
            deal_with.delay(number, "TRANSACTION.SUCCESS", {"out_trade_no": number})
'''
KILLED = {"before the claim": 1, "in the work": 2, "before the mark": 2, "after the mark": 1}
"""Where a process of Celery's is killed, and how often the work is begun then."""
UVLOOP = """
import json, uvloop
from shop import ask_async, first

print(json.dumps([True, first, 200, *uvloop.run(ask_async())]))
"""
GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent, json
from shop import ask, first

jobs = [gevent.spawn(ask) for _ in range(8)]
gevent.joinall(jobs, timeout=30)
print(json.dumps([True, first, 200, *[one.value for one in jobs]]))
"""
TRIO = """
import json, trio
from shop import wxpay, first


async def main():
    found = []

    async def ask():
        found.append((await wxpay.v3.certificates.get_async()).status_code)

    async with trio.open_nursery() as nursery:
        for _ in range(8):
            nursery.start_soon(ask)
    return found


print(json.dumps([True, first, 200, *trio.run(main)]))
"""
RIGHT = [True, 200, 200, *[200] * 8]


def transports(*shared: str) -> pytest.MarkDecorator:
    """Have a test run with these transports, and with all of them in `make soak`."""
    every = ["httpx", "httpx2", "aiohttp", "pycurl"]
    return pytest.mark.parametrize("transport", shared if TIMES == 1 else every)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a shop, and the settings of a sandbox in the environment."""
    (tmp_path / "shop.py").write_text(SHOP, "utf-8")
    with Sandbox(port=0, mode="certificate") as sandbox:
        for name, value in settings.write(sandbox, tmp_path).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PYTHONWARNINGS", "ignore")
        yield tmp_path


def run(folder: Path, program: str, transport: str) -> Any:
    """Run a program in the folder, and return what it prints as JSON."""
    (folder / "program.py").write_text(program, "utf-8")
    ran = subprocess.run(
        [sys.executable, "program.py"],
        cwd=folder,
        env={**os.environ, "WECHATPAY_TRANSPORT": transport},
        stdout=subprocess.PIPE,
        check=True,
        timeout=LONG,
    )
    return json.loads(ran.stdout)


@on_linux
@transports("aiohttp")
def test_uvloop(folder: Path, transport: str) -> None:
    """Awaited calls, several at once, in uvloop's event loop."""
    assert run(folder, UVLOOP, transport) == RIGHT


@pytest.mark.parametrize("transport", ["httpx"])
def test_trio(folder: Path, transport: str) -> None:
    """Awaited calls, several at once, in trio's."""
    assert run(folder, TRIO, transport) == RIGHT


@on_linux
@pytest.mark.parametrize("transport", ["httpx"])
def test_gevent(folder: Path, transport: str) -> None:
    """Blocking calls in greenlets, where everything that blocks was replaced."""
    assert run(folder, GEVENT, transport) == RIGHT


@pytest.mark.untraced
@on_linux
@transports("httpx")
def test_gunicorn_that_loads_the_application_before_it_forks(folder: Path, transport: str) -> None:
    """Each worker calls, blocking and awaited, with the client that its parent has called with."""
    (folder / "web.py").write_text(GUNICORN, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--preload",
            "-w",
            "3",
            "-b",
            f"127.0.0.1:{port}",
            "web:app",
        ],
        cwd=folder,
        env={**os.environ, "WECHATPAY_TRANSPORT": transport},
        stderr=subprocess.DEVNULL,
    )
    try:
        answers = [_ask(f"http://127.0.0.1:{port}/") for _ in range(9)]
    finally:
        server.terminate()
        server.wait(LONG)
    assert answers == [RIGHT] * 9


def _ask(url: str) -> Any:
    end = time.monotonic() + LONG
    while True:
        try:
            return httpx.get(url, trust_env=False, timeout=LONG).json()
        except httpx.ConnectError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


@pytest.mark.untraced
@on_linux
@transports("aiohttp")
def test_celery_whose_workers_are_forked_and_killed(
    folder: Path, transport: str, redis_port: int, redis_client: Any
) -> None:
    """The page's task calls with its parent's client, and wherever it is killed all gets done.

    The work is begun twice only if it was killed between its beginning and the guard's mark. Where
    the whole worker was killed, another has its message once it is visible again.
    """
    (folder / "tasks.py").write_text(_page_s_task(), "utf-8")
    url = f"redis://127.0.0.1:{redis_port}/0"

    def settled(*numbers: str, unacked: int) -> bool:
        redis_client.blpop("nothing", 0.1)  # so that asking takes no time from the workers
        marks = redis_client.mget([f"wechatpay:notification:{one}" for one in numbers])
        left = redis_client.hlen("unacked"), redis_client.llen("celery")
        return marks == [b"done"] * len(numbers) and left == (unacked, 0)

    with _celery(folder, transport, url, visible=3600):
        until(lambda: settled(*KILLED, unacked=1) and redis_client.exists("stuck"))
    with _celery(folder, transport, url, visible=0):
        until(lambda: settled(*KILLED, "the whole worker", unacked=0))
    begun = Counter(one.decode() for one in redis_client.lrange("begun", 0, -1))
    assert begun.pop("the whole worker") >= 2
    assert begun == KILLED
    answers = [json.loads(one) for one in redis_client.lrange("answers", 0, -1)]
    assert answers == [RIGHT] * len(answers)
    assert len(answers) >= 7


def _page_s_task() -> str:
    """Return what docs/distributed.md shows as a module, with what kills it around."""
    page = (Path(__file__).parents[1] / "docs" / "distributed.md").read_text("utf-8")
    found: list[str] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    [block] = [one for one in found if "from celery import" in one]
    for shown, meant in (
        ('"redis://127.0.0.1:6379/0"', "URL"),
        ("RedisGuard(redis.Redis())", "RedisGuard(Mortal(), lease=0.2)"),
    ):
        assert shown in block
        block = block.replace(shown, meant)
    return CELERY.replace("PAGE", block).replace("NUMBERS", repr(["the whole worker", *KILLED]))


@contextmanager
def _celery(folder: Path, transport: str, url: str, visible: int) -> Generator[None]:
    """A worker with two processes; all of them are killed at the end."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-q", "-A", "tasks", "worker", "-P", "prefork", "-c", "2"],
        cwd=folder,
        env={**os.environ, "WECHATPAY_TRANSPORT": transport, "URL": url, "VISIBLE": str(visible)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(LONG)
