"""Who runs the client's code in production: forking servers, workers, and event loops of all kinds.

Each is run for real, as a program of its own, against a sandbox on loopback. What forks makes its
client, and a first call, before it does.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from patience import LONG
from soak import TIMES

from wechatpay.sandbox import Sandbox, settings

# Of these, no wheel or no such system exists elsewhere: see the development group.
on_linux = pytest.mark.skipif(
    sys.platform != "linux" or sys.version_info >= (3, 15), reason="it runs on Linux"
)
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
CELERY = """
import asyncio, os
from celery import Celery
from shop import ask, ask_async, first, made_in

app = Celery("tasks", broker=os.environ["REDIS"], backend=os.environ["REDIS"])


@app.task
def both():
    return [os.getpid() != made_in, first, ask(), *asyncio.run(ask_async())]
"""
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


@on_linux
@transports("aiohttp")
def test_celery_whose_workers_are_forked(folder: Path, transport: str, redis_port: int) -> None:
    """Each task calls, blocking and awaited, with the client that its parent has called with."""
    (folder / "tasks.py").write_text(CELERY, "utf-8")
    environment = {
        **os.environ,
        "WECHATPAY_TRANSPORT": transport,
        "REDIS": f"redis://127.0.0.1:{redis_port}/3",
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-q", "-A", "tasks", "worker", "-P", "prefork", "-c", "2"],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ask = (
        "import json; from tasks import both; jobs = [both.delay() for _ in range(6)];"
        f"print(json.dumps([one.get(timeout={LONG}) for one in jobs]))"
    )
    try:
        ran = subprocess.run(
            [sys.executable, "-c", ask],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
        )
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(LONG)
    assert json.loads(ran.stdout) == [RIGHT] * 6
