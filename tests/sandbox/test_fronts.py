"""The ways in: in process, and over a real socket."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from uvicorn.protocols.http.h11_impl import H11Protocol

from wechatpay.sandbox import Gateway, Mode, Sandbox
from wechatpay.sandbox._front.server import application
from wechatpay.sandbox.page import Page

from .merchant import BY_NUMBER, NATIVE, ORDER, TERMINATE, TERMINATION, Merchant

_SAMPLE = TERMINATE.format("1234323JKHDFE1243252")
_BODY = json.dumps(TERMINATION, ensure_ascii=False).encode()


def _headers(merchant: Merchant, method: str, target: str, body: bytes = b"") -> dict[str, str]:
    return {"Authorization": merchant.authorize(method, target, body)}


def _shop(client: httpx.Client, sandbox: Sandbox) -> None:
    """Order, pay, query, close and terminate, verifying each reply."""
    merchant = Merchant(sandbox.config)
    steps: list[tuple[str, str, object, int]] = [
        ("POST", NATIVE, ORDER, 200),
        ("GET", f"{BY_NUMBER.format(ORDER['out_trade_no'])}?mchid=1900000109", None, 200),
        ("POST", f"{BY_NUMBER.format(ORDER['out_trade_no'])}/close", {"mchid": "1900000109"}, 204),
        ("POST", _SAMPLE, TERMINATION, 204),
        ("GET", BY_NUMBER.format("%E5%8D%95?mchid=1900000109&x=%20+a"), None, 404),
        ("GET", "/nowhere", None, 404),
    ]
    for method, target, payload, status in steps:
        body = b"" if payload is None else json.dumps(payload).encode()
        headers = _headers(merchant, method, target, body)
        response = client.request(method, sandbox.url + target, content=body, headers=headers)
        assert response.status_code == status
        assert merchant.verify(response.headers, response.content)


def test_in_process() -> None:
    """Without a port, an httpx client reaches the sandbox through its transport."""
    sandbox = Sandbox()
    with httpx.Client(transport=sandbox.transport) as client:
        _shop(client, sandbox)
    assert all(exchange.verified for exchange in sandbox.exchanges[:-1])


def test_taken_port_is_let_go_of(tmp_path: Path) -> None:
    """A sandbox that cannot serve holds nothing: neither its state file nor a thread."""
    path = tmp_path / "state.db"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        sandbox = Sandbox(port=taken.getsockname()[1], state=path)
        sandbox.world.agenda.do("bell", print)
        sandbox.world.agenda.at(sandbox.world.clock() + 3600, "bell")
        with pytest.raises(OSError, match="in use"), sandbox:
            pass
    with Sandbox(state=path) as other:
        assert other.world.keys.merchant_serial == sandbox.world.keys.merchant_serial


def test_client_that_is_gone_already() -> None:
    """A request whose connection is closed before it is looked at is not answered."""
    gateway, said = Gateway(), list[object]()
    serve = application(gateway, {}, Page(Sandbox(), "127.0.0.1", lambda _: {}), "127.0.0.1")

    async def ask() -> None:
        scope = {"type": "http", "path": "/v3/certificates", "query_string": b"", "method": "GET"}
        scope |= {"raw_path": b"/v3/certificates", "headers": [(b"host", b"localhost")]}
        scope |= {"client": ("127.0.0.1", 1), "scheme": "http"}

        async def receive() -> Any:
            raise AssertionError

        async def send(message: Any) -> None:
            said.append(message)

        await serve(scope, receive, send)

    asyncio.run(ask())
    assert (said, gateway.exchanges) == ([], [])


def test_mode_is_one_of_three() -> None:
    """A mode that is none is refused, in the beginning and later."""
    wrong: Any = "public_key"
    with pytest.raises(ValueError, match="there are public-key, certificate, switching"):
        Sandbox(mode=wrong)
    sandbox = Sandbox()
    with pytest.raises(ValueError, match="no such mode"):
        sandbox.mode = wrong
    assert sandbox.mode == "public-key"


def test_in_process_async() -> None:
    """The same transport serves an async client, streamed bodies included."""
    sandbox = Sandbox()
    merchant = Merchant(sandbox.config)

    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=sandbox.transport) as client:
            headers = _headers(merchant, "POST", _SAMPLE, _BODY)
            return await client.post(sandbox.url + _SAMPLE, content=_BODY, headers=headers)

    response = asyncio.run(call())
    assert response.status_code == 204
    assert merchant.verify(response.headers, response.content)


def test_in_process_leads_nowhere_else() -> None:
    """Without the transport, the address of a sandbox in process is not a host at all."""
    with Sandbox() as sandbox:
        assert httpx.URL(sandbox.url).host.endswith(".invalid")


@pytest.mark.parametrize("mode", ["public-key", "certificate"])
def test_over_loopback(mode: Mode) -> None:
    """With a port, it is served over a real socket, and says where."""
    with Sandbox(port=0, mode=mode) as sandbox, httpx.Client(trust_env=False) as client:
        assert sandbox.url.startswith("http://127.0.0.1:")
        assert sandbox.config["base_url"] == sandbox.url
        if mode == "public-key":
            _shop(client, sandbox)
        else:
            merchant = Merchant(sandbox.config)
            headers = _headers(merchant, "GET", "/v3/certificates")
            response = client.get(f"{sandbox.url}/v3/certificates", headers=headers)
            merchant.trust(response.json())
            assert merchant.verify(response.headers, response.content)


def test_headers_over_loopback_are_the_sandboxs() -> None:
    """Over a socket, a reply has the sandbox's headers and no other, each of them once."""
    with Sandbox(port=0) as sandbox, httpx.Client(trust_env=False) as client:
        response = client.get(f"{sandbox.url}/nowhere")
    names = [name.decode() for name, _ in response.headers.raw]
    assert sorted(names) == [
        "Content-Length",
        "Content-Type",
        "Date",
        "Request-ID",
        "Sandbox-Page",
        "Wechatpay-Nonce",
        "Wechatpay-Serial",
        "Wechatpay-Signature",
        "Wechatpay-Signature-Type",
        "Wechatpay-Timestamp",
    ]


def test_connections_are_kept() -> None:
    """A connection is used again, and a HEAD request does not spoil it."""
    with Sandbox(port=0) as sandbox, httpx.Client(trust_env=False) as client:
        ports = set[object]()
        for method in ("GET", "HEAD", "GET"):
            with client.stream(method, f"{sandbox.url}/nowhere") as response:
                assert response.status_code == 404
                stream = response.extensions["network_stream"]
                ports.add(stream.get_extra_info("client_addr"))
                response.read()
    assert len(ports) == 1


def test_replies_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply is sent at once, not when the client acknowledges the first half of it."""
    at_once: list[int] = []
    made = H11Protocol.connection_made

    def watched(protocol: H11Protocol, transport: Any) -> None:
        connection = transport.get_extra_info("socket")
        at_once.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        made(protocol, transport)

    monkeypatch.setattr(H11Protocol, "connection_made", watched)
    with Sandbox(port=0) as sandbox, httpx.Client(trust_env=False) as client:
        client.post(f"{sandbox.url}/nowhere", content=b"body")
    assert len(at_once) == 1
    assert at_once[0] != 0


def test_starting_and_closing() -> None:
    """A server starts once, closes once, and may start again; what it knows stays."""
    others = threading.enumerate()
    sandbox = Sandbox(port=0)
    assert repr(sandbox) == "<Sandbox port 0, public-key, merchant 1900000109>"
    with pytest.raises(RuntimeError, match="not serving"):
        _ = sandbox.url
    sandbox.start()
    first = sandbox.url
    assert first in repr(sandbox)
    sandbox.start()
    assert sandbox.url == first
    sandbox.close()
    sandbox.close()
    with pytest.raises(RuntimeError, match="not serving"):
        _ = sandbox.config
    with sandbox, httpx.Client(trust_env=False) as client:
        client.get(f"{sandbox.url}/nowhere")
    assert len(sandbox.exchanges) == 1
    left = [thread for thread in threading.enumerate() if thread not in others]
    assert not any(thread.name == "wechatpay-sandbox" for thread in left)


def test_taken_port_is_an_error() -> None:
    """A port that is taken is an `OSError`, and leaves nothing behind."""
    with Sandbox(port=0) as sandbox:
        port = httpx.URL(sandbox.url).port
        with pytest.raises(OSError, match="in use"):
            Sandbox(port=port).start()


def test_half_a_request_is_dropped() -> None:
    """A client that goes away in the middle of its body is not an exchange, and does no harm."""
    with Sandbox(port=0) as sandbox:
        with socket.create_connection(
            ("127.0.0.1", httpx.URL(sandbox.url).port or 0)
        ) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
            time.sleep(0.05)
        with httpx.Client(trust_env=False) as client:
            assert client.get(f"{sandbox.url}/nowhere").status_code == 404
        assert len(sandbox.exchanges) == 1


@pytest.mark.parametrize("missing", ["uvicorn", "starlette.requests"])
def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """Without the extra, serving says how to install it; in process, nothing is missing."""
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, "wechatpay.sandbox._front.server", raising=False)
    with pytest.raises(ImportError, match=r'pip install "wechatpay-openapi\[sandbox\]"'):
        Sandbox(port=0).start()
    Sandbox().start()
