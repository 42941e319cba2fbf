"""The sandbox as a service beside a shop: what the container does, with Docker or without it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from patience import LONG, until

from wechatpay.sandbox import Sandbox

from .merchant import ORDER

_ROOT = Path(__file__).parents[2]
_DOCKERFILE = (_ROOT / "Dockerfile").read_text("utf-8")
_FOLDER = _ROOT / "examples" / "compose"
_COMPOSE: Any = import_module("yaml").safe_load((_FOLDER / "compose.yaml").read_text("utf-8"))


def _last(instruction: str, text: str) -> str:
    """What the last instruction of a name says."""
    return str(re.findall(rf"^{instruction} (.+)$", text, re.MULTILINE)[-1])


def _has_docker() -> bool:
    if shutil.which("docker") is None:
        return False
    done = subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=LONG)
    return done.returncode == 0


def test_the_image_is_small_and_has_no_rights() -> None:
    """A slim base, a user that is not root, state in a volume, and a check that it is well."""
    assert all(":3.13-slim" in line for line in re.findall(r"^FROM .+", _DOCKERFILE, re.MULTILINE))
    assert _last("USER", _DOCKERFILE) == "10001"
    assert _last("VOLUME", _DOCKERFILE) == "/state"
    assert "--no-cache-dir" in _DOCKERFILE
    healthy = _last("HEALTHCHECK", _DOCKERFILE)
    assert "/page/style.css" in healthy
    assert "open('/state/shop.sandbox.keys/sandbox.env')" in healthy
    assert "/state/shop.sandbox" in json.loads(_last("ENTRYPOINT", _DOCKERFILE))
    copied = {
        each
        for line in re.findall(r"^COPY ([^-].+)$", _DOCKERFILE, re.M)
        for each in line.split()[:-1]
    }
    sent = (_ROOT / ".dockerignore").read_text("utf-8")
    assert all(f"!{each}\n" in sent and (_ROOT / each).exists() for each in copied)


def test_only_hosts_that_are_allowed_are_notified(monkeypatch: pytest.MonkeyPatch) -> None:
    """By exact name; a redirect of theirs leads nowhere, and nobody else is looked up."""
    asked: list[str] = []
    look_up = socket.getaddrinfo

    def here(host: Any, *arguments: Any, **options: Any) -> Any:
        asked.append(str(host))
        return look_up("127.0.0.1", *arguments, **options)

    with Sandbox(allow_hosts=["Shop"]) as sandbox:
        sandbox.mount("http://127.0.0.1/", _take)
        client = sandbox.client()
        monkeypatch.setattr(socket, "getaddrinfo", here)
        places = ("http://shop:9/", "http://shop.example:9/", "http://myshop:9/", "http://x@other/")
        for number, url in enumerate(places):
            order: Any = {**ORDER, "out_trade_no": f"allowed-{number}", "notify_url": url}
            client.v3.pay.transactions.native.post(json=order)
            sandbox.pay(f"allowed-{number}")
            sandbox.settle()
        states = [each.state for each in sandbox.notifications]
    assert states == ["to be repeated", "not sent", "not sent", "not sent"]
    assert set(asked) == {"shop"}


@pytest.mark.parametrize("host", ["shop:8000", "http://shop", "", "*", "shop/x", "a b"])
def test_what_is_not_a_host_cannot_be_allowed(host: str) -> None:
    """A name or an address, and nothing else."""
    with pytest.raises(ValueError, match="allow_hosts"):
        Sandbox(allow_hosts=[host])


@pytest.mark.parametrize("url", ["sandbox:8080", "ftp://x", "http://x/?a", "http://u@x", ""])
def test_what_is_not_a_url_cannot_be_public(url: str) -> None:
    """It is where others reach the sandbox: with a scheme, without user or query."""
    with pytest.raises(ValueError, match="public_url"):
        Sandbox(port=0, public_url=url)


def test_others_reach_it_by_its_public_url() -> None:
    """Settings and links say it, the page answers to it, and to forms that were sent from it."""
    with (
        Sandbox(port=0, public_url="https://pay.test:8443/") as sandbox,
        sandbox.client() as wxpay,
        httpx.Client(base_url=f"http://127.0.0.1:{sandbox.port}", trust_env=False) as browser,
    ):
        assert sandbox.url == sandbox.config["base_url"] == "https://pay.test:8443"
        headers = wxpay.v3.pay.transactions.native.post(json=ORDER).headers
        assert headers["Sandbox-Page"] == "https://pay.test:8443/page/requests/1"
        named = {"Host": "pay.test:8443"}
        assert "WECHATPAY_BASE_URL=https://pay.test:8443" in browser.get("/", headers=named).text
        for origin, status in (("https://pay.test:8443", 303), ("https://other.test", 403)):
            form = {"by": "1", "unit": "minutes"}
            sent = browser.post("/page/clock", data=form, headers={**named, "Origin": origin})
            assert sent.status_code == status
        assert browser.get("/", headers={"Host": "other.test"}).status_code == 403


def _take(*_: object) -> int:
    return 204


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def _process(*command: str, **environment: str) -> Generator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _wait(url: str) -> None:
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline:
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{url} does not answer")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[tuple[str, str, Path]]:
    """The services of compose.yaml, started by the commands that stand there and in Dockerfiles.

    With Docker it is Compose that starts them. Without, the same commands run in a plain folder,
    with loopback in the place of the network, and this folder in the place of the volume.
    """
    if _has_docker():
        compose = ["docker", "compose", "-f", str(_FOLDER / "compose.yaml")]
        try:
            subprocess.run([*compose, "up", "--build", "--detach", "--wait"], check=True)
            yield "http://127.0.0.1:8080", "http://127.0.0.1:8000", _FOLDER
        finally:
            subprocess.run([*compose, "down", "--volumes"], check=True)
        return
    redis = shutil.which("redis-server")
    if redis is None:
        pytest.skip("neither Docker nor redis-server is here")
    here, shop = f"127.0.0.1:{_free()}", f"127.0.0.1:{_free()}"
    there = {"sandbox:8080": here, "shop:8000": shop, "redis:6379": f"127.0.0.1:{_free()}"}

    def put(text: str) -> str:
        for name, place in there.items():
            text = text.replace(name, place)
        return text.replace("/state/", f"{tmp_path}/").replace("0.0.0.0", "127.0.0.1")

    entry = [put(each) for each in json.loads(_last("ENTRYPOINT", _DOCKERFILE))]
    own = _COMPOSE["services"]["sandbox"]["command"]
    command = [*entry[1:], *map(put, own)]
    command[command.index("8080")] = here.partition(":")[2]
    sold = json.loads(_last("CMD", (_FOLDER / "shop.Dockerfile").read_text("utf-8")))
    script = put(sold[2]).replace("/shop ", f"{_FOLDER} ").replace("8000", shop.partition(":")[2])
    script = script.replace("uvicorn", f"{sys.executable} -m uvicorn --log-level warning")
    environment = {k: put(v) for k, v in _COMPOSE["services"]["shop"]["environment"].items()}
    with ExitStack() as running:
        port = there["redis:6379"].partition(":")[2]
        running.enter_context(_process(redis, "--port", port, "--save", "", "--dir", str(tmp_path)))
        running.enter_context(_process(sys.executable, "-m", "wechatpay", *command))
        settings = tmp_path / "shop.sandbox.keys" / "sandbox.env"  # as the health check does
        until(settings.exists, "the sandbox does not say how it is reached")
        _wait(f"http://{here}/page/style.css")
        running.enter_context(_process("sh", "-c", script, **environment))
        _wait(f"http://{shop}/orders/none")
        yield f"http://{here}", f"http://{shop}", tmp_path


def test_a_shop_sells_beside_it(services: tuple[str, str, Path]) -> None:
    """The shop orders, the customer pays on the page, and the shop is notified by its name."""
    sandbox, shop, _ = services
    with httpx.Client(trust_env=False) as browser:
        order = browser.post(f"{shop}/orders").json()
        number = order["number"]
        assert order["code_url"].startswith("weixin://")
        assert browser.get(f"{shop}/orders/{number}").json()["state"] == "waiting"
        paid = browser.post(f"{sandbox}/page/sandbox/pay/{number}", data={"to": "/"})
        assert paid.status_code == 303
        deadline = time.monotonic() + LONG
        while browser.get(f"{shop}/orders/{number}").json()["state"] != "paid":
            assert time.monotonic() < deadline
            time.sleep(0.05)
