"""Blocking calls: how many connections they take, whose client makes them, and how they end."""

from __future__ import annotations

import gc
import os
import ssl
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import httpx2
import pytest
from gateway import PUBLIC_KEY_ID, Answer, Gateway, private_pem, public_pem, rsa_key
from patience import LONG
from ways import IDLE, client_of

from wechatpay import APIError, TransportError, VerificationError
from wechatpay._client.lazy_engine import LazyEngine
from wechatpay._wire import Network, httpx_pool
from wechatpay._wire.network import Origin
from wechatpay._wire.route import KEEPALIVE

CLOSED = "this WeChatPay client is closed; make a new one"


@pytest.mark.untraced
def test_calls_in_a_row_take_one_connection(gateway: Gateway) -> None:
    """Five hundred calls, one after the other, go over one connection."""
    with client_of(gateway, **IDLE) as wxpay:
        query: Any = wxpay.v3.pay.transactions.id._transaction_id_
        for number in range(500):
            query.get(transaction_id=number)
    assert gateway.connections == 1
    assert len({one.target for one in gateway.requests}) == 500


@pytest.mark.untraced
def test_threads_share_a_client(gateway: Gateway) -> None:
    """Eight threads make fifty calls each, over eight connections at most, each signed."""
    with client_of(gateway) as wxpay, ThreadPoolExecutor(8) as pool:

        def call(number: int) -> int:
            return wxpay["v3/x/{id}"].post(id=number, json={"id": number}).status_code

        assert set(pool.map(call, range(400))) == {200}
    assert len(gateway.requests) == 400
    assert gateway.connections <= 8
    assert len({one.claims["nonce_str"] for one in gateway.requests}) == 400
    assert all(one.is_signed_by(rsa_key("merchant")) for one in gateway.requests)


def test_closing_closes_every_connection(gateway: Gateway) -> None:
    """After `close` WeChat Pay sees every connection end, and calls are a plain mistake."""
    wxpay = client_of(gateway)
    gateway.default = Answer(asked=4)
    with ThreadPoolExecutor(4) as pool:
        for call in [pool.submit(wxpay["v3/x"].get) for _ in range(4)]:
            call.result()
    assert gateway.open == 4
    wxpay.close()
    wxpay.close()
    assert gateway.wait_until(lambda gateway: gateway.open == 0)
    with pytest.raises(RuntimeError, match=CLOSED):
        wxpay["v3/x"].get()
    assert len(gateway.requests) == 4


def test_closing_during_a_call(gateway: Gateway) -> None:
    """A call under way meanwhile goes on until WeChat Pay hangs up, and is then a lost call."""
    gateway.default = Answer(fault="hang")
    wxpay = client_of(gateway, retries=0)
    failures: list[Exception] = []

    def call() -> None:
        try:
            wxpay["v3/x"].post()
        except (TransportError, RuntimeError) as error:
            failures.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert gateway.wait_until(lambda gateway: len(gateway.requests) == 1)
    wxpay.close()
    gateway.drop()
    thread.join(LONG)
    assert [type(one) for one in failures] == [TransportError]
    assert gateway.wait_until(lambda gateway: gateway.open == 0)


def test_forgetting_to_close_warns(gateway: Gateway) -> None:
    """A client that goes with its connections open says what should have been done."""
    wxpay = client_of(gateway)
    wxpay["v3/x"].get()
    with pytest.warns(ResourceWarning) as caught:  # noqa: PT031
        del wxpay
        gc.collect()
    (ours,) = [one for one in caught if "use `with`, `async with`, close() " in str(one.message)]
    engine: Any = ours.source  # a warning keeps what it warns of alive
    engine.close()


def test_first_calls_of_two_threads(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads that come first at the same time share their connections, and none is lost."""
    together = threading.Barrier(2)
    context = Network.context

    def wait(self: Network, origin: Origin) -> ssl.SSLContext:
        together.wait()
        return context(self, origin)

    monkeypatch.setattr(Network, "context", wait)
    with client_of(gateway) as wxpay, ThreadPoolExecutor(2) as pool:
        for call in [pool.submit(wxpay["v3/x"].get) for _ in range(2)]:
            assert call.result().status_code == 200
    assert gateway.wait_until(lambda gateway: gateway.open == 0)


def test_closing_while_a_connection_is_made(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that begins just then opens nothing that nobody would close."""
    wxpay = client_of(gateway)
    context = Network.context

    def close(self: Network, origin: Origin) -> ssl.SSLContext:
        wxpay.close()
        return context(self, origin)

    monkeypatch.setattr(Network, "context", close)
    with pytest.raises(RuntimeError, match=CLOSED):
        wxpay["v3/x"].get()
    assert gateway.connections == 0


def test_closing_while_the_first_call_gets_ready() -> None:
    """What another thread is just making is closed as well."""
    began, go_on = threading.Event(), threading.Event()
    closings: list[str] = []

    def make() -> Any:
        began.set()
        assert go_on.wait(LONG)
        return SimpleNamespace(close=lambda: closings.append("closed"))

    engine = LazyEngine(make)
    with ThreadPoolExecutor(2) as pool:
        call = pool.submit(engine.get)
        assert began.wait(LONG)
        closing = pool.submit(engine.close)
        time.sleep(0.02)
        go_on.set()
        call.result()
        closing.result()
    assert closings == ["closed"]


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_nothing_open_nothing_to_warn_of(gateway: Gateway) -> None:
    """A client that never sent anything, or was closed, goes in silence."""
    client_of(gateway)
    gc.collect()
    with client_of(gateway) as wxpay:
        wxpay["v3/x"].get()
    del wxpay
    gc.collect()


def test_idle_connection_is_not_used_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After five seconds a connection is dropped, well before WeChat Pay's eight."""
    assert 4 <= KEEPALIVE <= 6
    monkeypatch.setattr(httpx_pool, "KEEPALIVE", 0.05)
    with client_of(gateway) as wxpay:
        wxpay["v3/x"].get()
        time.sleep(0.1)
        wxpay["v3/x"].get()
        assert [one.connection for one in gateway.requests] == [1, 2]
        assert gateway.wait_until(lambda gateway: gateway.open == 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forked_process_has_connections_of_its_own(gateway: Gateway, tmp_path: Path) -> None:
    """A child does not write to its parent's connection, and leaves it in order."""
    (tmp_path / "key.pem").write_text(private_pem(rsa_key("merchant")))
    (tmp_path / "public.pem").write_text(public_pem(rsa_key("platform")))
    script = f"""
        import os, wechatpay
        wxpay = wechatpay.WeChatPay("1900000109", "AB12", "key.pem",
            {{"{PUBLIC_KEY_ID}": "public.pem"}}, base_url="{gateway.url}", retries=0)
        wxpay["v3/parent"].get()
        child = os.fork()
        if child == 0:
            wxpay["v3/child"].get()
            wxpay.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        wxpay["v3/parent"].get()
        wxpay.close()
    """
    subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)], check=True, cwd=tmp_path
    )
    assert [(one.path, one.connection) for one in gateway.requests] == [
        ("/v3/parent", 1),
        ("/v3/child", 2),
        ("/v3/parent", 1),
    ]


def test_answer_tells_how_long_it_took(gateway: Gateway) -> None:
    """`elapsed` and `request` are there as on any httpx answer."""
    gateway.default = Answer(delay=0.05)
    with client_of(gateway) as wxpay:
        started = time.perf_counter()
        reply = wxpay["v3/x"].get(params={"a": "1"})
        whole = time.perf_counter() - started
    assert 0.04 < reply.elapsed.total_seconds() < whole
    assert reply.request.url.path == "/v3/x"


@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)
def test_own_client_keeps_what_is_its_own(gateway: Gateway, library: ModuleType) -> None:
    """A client that is passed in sends its headers and cookies, runs its hooks, and stays open."""
    seen: list[str] = []

    def asked(request: httpx.Request) -> None:
        seen.append(request.method)

    def answered(response: httpx.Response) -> None:
        seen.append(str(response.status_code))

    hooks = {"request": [asked], "response": [answered]}
    with library.Client(
        headers={"X-Own": "1", "Accept": "text/plain"}, cookies={"c": "2"}, event_hooks=hooks
    ) as own:
        with client_of(gateway, http_client=own) as wxpay:
            reply = wxpay["v3/x"].post(json={"a": "撤销"})
            assert reply.extensions["wechatpay"].verified
            assert isinstance(reply, httpx.Response)
        assert not own.is_closed
        with pytest.raises(RuntimeError, match=CLOSED):
            wxpay["v3/x"].get()
        assert own.get(gateway.url).status_code == 200
    request = gateway.requests[0]
    assert request.is_signed_by(rsa_key("merchant"))
    assert (request.headers["x-own"], request.headers["cookie"]) == ("1", "c=2")
    assert request.headers["accept"] == "application/json"
    assert seen[:2] == ["POST", "200"]


def patience_for(answer: Answer) -> Any:
    """Return a client's time limits: short only for the answer that never comes."""
    return (LONG, LONG, LONG, LONG) if answer.fault != "hang" else (LONG, 0.05, LONG, LONG)


@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)
@pytest.mark.parametrize(
    ("answer", "kind", "unknown"),
    [
        (Answer(fault="reset"), TransportError, True),
        (Answer(fault="truncate"), TransportError, True),
        (Answer(fault="hang"), TransportError, True),
        (Answer(signed=False), VerificationError, True),
        (Answer(302, headers={"Location": "/v3/y"}), APIError, True),
        (Answer(404, {"code": "ORDER_NOT_EXIST"}), APIError, False),
    ],
)
def test_own_client_fails_alike(
    gateway: Gateway, library: ModuleType, answer: Answer, kind: type[Any], unknown: bool
) -> None:
    """With a client that is passed in, faults are told and redirects refused all the same."""
    gateway.default = answer
    with (
        library.Client(follow_redirects=True, timeout=patience_for(answer)) as own,
        client_of(gateway, http_client=own) as wxpay,
        pytest.raises(kind) as caught,
    ):
        wxpay["v3/x"].post()
    assert caught.value.outcome_unknown is unknown
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)
def test_own_client_has_its_own_time_limits(gateway: Gateway, library: ModuleType) -> None:
    """They hold unless a call sets another."""
    gateway.routes["/v3/silent"] = Answer(fault="hang")
    gateway.routes["/v3/slow"] = Answer(delay=0.1)
    with (
        library.Client(timeout=0.05) as own,
        client_of(gateway, http_client=own, retries=0) as wxpay,
    ):
        with pytest.raises(TransportError):
            wxpay["v3/silent"].get()
        assert wxpay["v3/slow"].get(timeout=LONG).status_code == 200
        with pytest.raises(TransportError):
            wxpay["v3/silent"].get(timeout=httpx.Timeout(LONG, read=0.05))


def test_mistake_is_not_taken_for_the_network(gateway: Gateway) -> None:
    """An error that is none of the network's goes through as it is."""

    def broken(request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError(request.method)

    with (
        httpx.Client(transport=httpx.MockTransport(broken)) as own,
        client_of(gateway, http_client=own) as wxpay,
        pytest.raises(ZeroDivisionError),
    ):
        wxpay["v3/x"].get()
