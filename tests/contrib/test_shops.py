"""Each shop of `examples`, run as its first lines say, from the order to the refund."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from patience import LONG

from wechatpay.sandbox import Sandbox, settings

_EXAMPLES = Path(__file__).parents[2] / "examples"
_SHOPS = sorted(_EXAMPLES.glob("*_shop.py"))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox on loopback."""
    with Sandbox(port=0) as served:
        yield served


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """The settings that lead to it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {
        **os.environ,
        **settings.write(sandbox, tmp_path),
        "SHOP_PORT": str(port),
        "PYTHONUTF8": "1",
    }


def _wait(client: httpx.Client, process: subprocess.Popen[str]) -> None:
    """Wait until the shop is open."""
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.get("/")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the shop does not open")


def _order(client: httpx.Client) -> dict[str, Any]:
    answer = client.post("/orders")
    assert answer.status_code == 200, answer.text
    order: dict[str, Any] = answer.json()
    assert order["state"] == "waiting"
    assert order["code_url"].startswith("weixin://wxpay/bizpayurl?pr=")
    return order


def _state(client: httpx.Client, number: str) -> str:
    state: str = client.get(f"/orders/{number}").json()["state"]
    return state


def _visit(client: httpx.Client, sandbox: Sandbox, pay: Callable[[str], object]) -> None:
    number = _order(client)["number"]
    assert client.post(f"/orders/{number}/refund").status_code == 409
    assert client.get("/orders/none").status_code == 404
    assert client.post("/orders/none/refund").status_code == 404
    pay(number)
    sandbox.settle()
    assert _state(client, number) == "paid"
    assert client.post(f"/orders/{number}/refund").json()["state"] in ("refunding", "refunded")
    deliveries = sandbox.settle()
    assert _state(client, number) == "refunded"
    assert [each.event.event_type for each in deliveries] == [
        "TRANSACTION.SUCCESS",
        "REFUND.SUCCESS",
    ]
    assert [[attempt.status for attempt in each.attempts] for each in deliveries] == [[204], [204]]
    assert sandbox.probe(f"{client.base_url}/wechatpay/notify").attempts[0].status == 401
    assert all(exchange.verified for exchange in sandbox.exchanges)


@pytest.mark.parametrize("shop", _SHOPS, ids=lambda shop: shop.stem)
def test_shop(sandbox: Sandbox, environment: dict[str, str], shop: Path, tmp_path: Path) -> None:
    """An order is placed, paid, notified, refunded and notified again, all over HTTP."""
    said = re.search(r'python -c "(.*)"$', shop.read_text("utf-8"), re.MULTILINE)
    assert said

    def pay(number: str) -> None:
        code = said[1].replace("NUMBER", number)
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)

    log = tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", str(shop)],
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
    url = f"http://127.0.0.1:{environment['SHOP_PORT']}"
    try:
        with httpx.Client(base_url=url, trust_env=False, timeout=LONG) as client:
            _wait(client, process)
            _visit(client, sandbox, pay)
    finally:
        process.terminate()
        process.wait(LONG)
    assert "Traceback" not in log.read_text("utf-8")


def test_every_framework_has_a_shop() -> None:
    """There is a shop for each adapter, and its first lines say how to run it."""
    assert [shop.stem for shop in _SHOPS] == ["django_shop", "fastapi_shop", "flask_shop"]
    for shop in _SHOPS:
        head = shop.read_text("utf-8").split('"""')[1]
        extra = shop.stem.removesuffix("_shop")
        assert f'pip install "wechatpay-openapi[{extra},sandbox]"' in head
        assert "python -m wechatpay.sandbox\n" in head
        assert f"python examples/{shop.name}\n" in head
