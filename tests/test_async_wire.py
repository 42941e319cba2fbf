"""Calls on event loops: their connections, their loops' ends, and being cancelled."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import anyio
import httpx
import httpx2
import httpx_aiohttp
import pytest
from gateway import Answer, Gateway, rsa_key
from patience import LONG, until_async
from ways import ASYNCIO, IDLE, SYNC, TRIO, Ask, Way, client_of, each_async_way

from wechatpay import APIError, TransportError, WeChatPay
from wechatpay._wire import Network, aiohttp_pool, async_wire, httpx_pool

CLOSED = "this WeChatPay client is closed; make a new one"


async def at_once(number: int, tasks: int, call: Callable[[int], Awaitable[Any]]) -> None:
    """Make `number` calls, so many at once."""
    left = iter(range(number))

    async def one() -> None:
        for each in left:
            await call(each)

    async with anyio.create_task_group() as group:
        for _ in range(tasks):
            group.start_soon(one)


@pytest.mark.untraced
@each_async_way
def test_few_connections_for_many_calls(gateway: Gateway, way: Way) -> None:
    """Five hundred calls, fifty at once, take 64 connections at most."""
    number = 500

    async def main() -> None:
        async with client_of(gateway, **IDLE) as wxpay:
            await at_once(number, 50, lambda n: wxpay["v3/x/{id}"].get_async(id=n))

    way.run(main)
    assert len({one.target for one in gateway.requests}) == number
    assert gateway.connections <= 64


@each_async_way
def test_calls_in_a_row_take_one_connection(gateway: Gateway, way: Way) -> None:
    """Calls that come one after the other all go over the first one's connection."""
    with client_of(gateway) as wxpay:
        way.send(*[Ask(wxpay["v3/x"], "post", {"json": {"n": n}}) for n in range(20)])
    assert gateway.connections == 1
    assert all(one.is_signed_by(rsa_key("merchant")) for one in gateway.requests)


@pytest.mark.untraced
@each_async_way
def test_no_more_than_a_hundred_connections(gateway: Gateway, way: Way) -> None:
    """Beyond that calls wait for one another."""
    gateway.default = Answer(delay=0.05)

    async def main() -> None:
        async with client_of(gateway, **IDLE) as wxpay:
            await at_once(150, 150, lambda n: wxpay["v3/x"].get_async())

    way.run(main)
    assert gateway.connections <= 100


@each_async_way
def test_one_loop_after_another(gateway: Gateway, way: Way) -> None:
    """One client serves any number of runs; the end of each closes its connections."""
    with client_of(gateway) as wxpay:
        for _ in range(3):
            assert way.call(wxpay["v3/x"]).status_code == 200
            assert gateway.wait_until(lambda gateway: gateway.open == 0)
    assert gateway.connections == 3


def test_loops_of_all_kinds_in_turn(gateway: Gateway) -> None:
    """Blocking, asyncio, trio and back: one client serves them all."""
    with client_of(gateway) as wxpay:
        for way in (SYNC, ASYNCIO, TRIO, ASYNCIO, SYNC):
            assert way.call(wxpay["v3/x"], "post").status_code == 200
    assert gateway.connections == 4


def test_first_calls_of_two_loops(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two loops that come first at the same time share what closes their connections."""
    made: list[object] = []

    class Slow(async_wire.AsyncWire):
        def __init__(self, network: Network, client: httpx.AsyncClient | None) -> None:
            made.append(self)
            time.sleep(0.05)
            super().__init__(network, client)

    monkeypatch.setattr(async_wire, "AsyncWire", Slow)
    with client_of(gateway) as wxpay, ThreadPoolExecutor(2) as pool:

        def call(_: int) -> int:
            return ASYNCIO.run(wxpay["v3/x"].get_async).status_code

        assert list(pool.map(call, range(2))) == [200, 200]
    assert len(made) == 1


def test_loops_at_once_in_threads(gateway: Gateway) -> None:
    """Four threads run loops of two kinds at the same time on one client."""
    gateway.default = Answer(delay=0.005)
    with client_of(gateway) as wxpay, ThreadPoolExecutor(4) as pool:

        async def main() -> None:
            await at_once(20, 4, lambda n: wxpay["v3/x/{id}"].post_async(id=n))

        for run in [pool.submit(way.run, main) for way in (ASYNCIO, TRIO, ASYNCIO, TRIO)]:
            run.result()
    assert len(gateway.requests) == 80
    assert gateway.connections <= 16
    assert gateway.wait_until(lambda gateway: gateway.open == 0)


@each_async_way
def test_cancelled_call_leaves_nothing_behind(gateway: Gateway, way: Way) -> None:
    """Its connection is closed, nobody else gets it, and later calls work."""
    gateway.script(*[Answer(fault="hang")] * 5)

    async def main() -> None:
        async with client_of(gateway, **IDLE) as wxpay:

            def begin(_: int) -> Awaitable[object]:
                return wxpay["v3/x"].post_async()

            async with anyio.create_task_group() as group:
                group.start_soon(at_once, 5, 5, begin)
                await until_async(lambda: len(gateway.requests) == 5)
                group.cancel_scope.cancel()
            await until_async(lambda: gateway.open == 0)
            await at_once(10, 5, lambda n: wxpay["v3/x"].get_async())

    way.run(main)
    assert [one.connection > 5 for one in gateway.requests] == [False] * 5 + [True] * 10


@each_async_way
def test_aclose_closes_every_connection(gateway: Gateway, way: Way) -> None:
    """When it returns they are closed, and calls are a plain mistake."""
    gateway.default = Answer(asked=4)

    async def main() -> None:
        wxpay = client_of(gateway)
        await at_once(4, 4, lambda n: wxpay["v3/x"].get_async())
        assert gateway.open == 4
        await wxpay.aclose()
        await wxpay.aclose()
        await until_async(lambda: gateway.open == 0)
        with pytest.raises(RuntimeError, match=CLOSED):
            await wxpay["v3/x"].get_async()

    way.run(main)
    assert len(gateway.requests) == 4


@each_async_way
def test_closing_during_a_call(gateway: Gateway, way: Way) -> None:
    """A call under way when the client is closed ends, well or not, and leaves no connection."""
    gateway.default = Answer(delay=0.1)
    ends: list[object] = []

    async def main() -> None:
        wxpay = client_of(gateway)

        async def call() -> None:
            try:
                ends.append(await wxpay["v3/x"].post_async())
            except TransportError as error:
                ends.append(error.outcome_unknown)

        async with anyio.create_task_group() as group:
            group.start_soon(call)
            await until_async(lambda: len(gateway.requests) == 1)
            await wxpay.aclose()
        await until_async(lambda: gateway.open == 0)

    way.run(main)
    assert len(ends) == 1
    assert ends[0] is not False


@each_async_way
def test_closing_without_waiting(gateway: Gateway, way: Way) -> None:
    """`close` in the loop itself, or from another thread, has the loop close its connections."""

    def close(wxpay: WeChatPay) -> bool:
        wxpay.close()
        return gateway.wait_until(lambda gateway: gateway.open == 0)

    async def main() -> None:
        wxpay = client_of(gateway)
        await wxpay["v3/x"].get_async()
        wxpay.close()
        await until_async(lambda: gateway.open == 0)
        wxpay = client_of(gateway)
        await wxpay["v3/x"].get_async()
        assert await anyio.to_thread.run_sync(close, wxpay)  # nothing else wakes the loop

    way.run(main)


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize("way", [None, ASYNCIO, TRIO], ids=str)
def test_closing_a_client_that_had_no_loop(gateway: Gateway, way: Way | None, used: bool) -> None:
    """Unused, or used for blocking calls only: closing it is as final."""
    wxpay = client_of(gateway)
    if used:
        wxpay["v3/x"].get()
    if way is None:
        wxpay.close()
    else:
        way.run(wxpay.aclose)
    assert gateway.wait_until(lambda gateway: gateway.open == 0)
    with pytest.raises(RuntimeError, match=CLOSED):
        (way or ASYNCIO).call(wxpay["v3/x"])


def test_aclose_elsewhere_closes_what_another_loop_opened(gateway: Gateway) -> None:
    """A loop that still runs is told to close its own connections."""
    wxpay = client_of(gateway)
    ready, over = threading.Event(), threading.Event()

    async def main() -> None:
        await wxpay["v3/x"].get_async()
        ready.set()
        await until_async(lambda: gateway.open == 0)
        over.set()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert ready.wait(LONG)
    asyncio.run(wxpay.aclose())
    thread.join(LONG)
    assert over.is_set()


@pytest.mark.parametrize("used_again", [True, False])
def test_loop_that_ended_without_a_word(gateway: Gateway, used_again: bool) -> None:
    """A loop closed by hand, its generators never finished, is forgotten by the next, or later."""
    with client_of(gateway) as wxpay:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(wxpay["v3/x"].get_async())
        gateway.drop()
        loop.run_until_complete(asyncio.sleep(0.02))
        loop.close()
        with pytest.warns(ResourceWarning):  # noqa: PT031  by asyncio or aiohttp, for the loop
            if used_again:
                assert ASYNCIO.call(wxpay["v3/x"]).status_code == 200
            wxpay.close()
            del loop
            gc.collect()


def test_a_client_that_is_closed_meanwhile_opens_nothing(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loop that begins while another thread closes the client has no connection, and says so."""
    with client_of(gateway) as wxpay:

        def is_asyncio(_: object) -> bool:
            wxpay.close()
            return True

        monkeypatch.setattr(async_wire, "is_asyncio", is_asyncio)
        with pytest.raises(RuntimeError, match=CLOSED):
            ASYNCIO.call(wxpay["v3/x"])
    assert gateway.connections == 0


def test_a_loop_may_begin_while_others_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another thread takes out of the table of loops, a loop that begins does not miss."""
    wire: Any = async_wire.AsyncWire(Network(None, None), None)
    wire._by_loop = dict.fromkeys((object(), object()))

    def is_over(loop: object) -> bool:
        wire._by_loop.pop(loop)
        return True

    monkeypatch.setattr(async_wire, "is_over", is_over)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        await wire._begin_in(loop)
        assert list(wire._by_loop) == [loop]

    asyncio.run(main())


def test_forgetting_to_close_warns(gateway: Gateway) -> None:
    """A client that goes while its loop still has connections says what should have been done."""
    loop = asyncio.new_event_loop()
    wxpay = client_of(gateway)
    loop.run_until_complete(wxpay["v3/x"].get_async())
    with pytest.warns(ResourceWarning) as caught:  # noqa: PT031
        del wxpay
        gc.collect()
    (ours,) = [one for one in caught if "use `with`, `async with`, close() " in str(one.message)]
    engine: Any = ours.source  # a warning keeps what it warns of alive
    loop.run_until_complete(engine.aclose())
    loop.close()


@each_async_way
def test_idle_connection_is_not_used_again(
    gateway: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After five seconds a connection is closed, not only set aside."""
    monkeypatch.setattr(httpx_pool, "KEEPALIVE", 0.05)
    monkeypatch.setattr(aiohttp_pool, "KEEPALIVE", 0.05)

    async def main() -> None:
        async with client_of(gateway) as wxpay:
            await at_once(3, 3, lambda n: wxpay["v3/x"].get_async())
            await anyio.sleep(0.1)
            await wxpay["v3/x"].get_async()
            await until_async(lambda: gateway.open == 1)

    gateway.default = Answer(asked=3)
    way.run(main)
    assert [one.connection for one in gateway.requests][-1] == 4


@pytest.mark.parametrize("way", [ASYNCIO, TRIO], ids=lambda way: way.name)
@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)
def test_own_client_keeps_what_is_its_own(gateway: Gateway, way: Way, library: ModuleType) -> None:
    """A client that is passed in sends its headers, runs its hooks, and stays open."""
    seen: list[str] = []

    async def asked(request: httpx.Request) -> None:
        seen.append(request.method)

    async def main() -> None:
        async with library.AsyncClient(
            headers={"X-Own": "1"}, event_hooks={"request": [asked]}
        ) as own:
            async with client_of(gateway, async_http_client=own) as wxpay:
                reply = await wxpay["v3/x"].post_async(json={"a": "撤销"})
                assert isinstance(reply, httpx.Response)
            assert not own.is_closed
            with pytest.raises(RuntimeError, match=CLOSED):
                await wxpay["v3/x"].get_async()

    way.run(main)
    assert gateway.requests[0].is_signed_by(rsa_key("merchant"))
    assert gateway.requests[0].headers["x-own"] == "1"
    assert seen == ["POST"]


Limits = tuple[float, float, float, float]


def plain(limits: Limits) -> httpx.AsyncClient:
    """Return httpx as it comes."""
    return httpx.AsyncClient(timeout=limits, follow_redirects=True)


def on_aiohttp(limits: Limits) -> httpx.AsyncClient:
    """Return httpx on aiohttp's connections."""
    transport = httpx_aiohttp.AiohttpTransport()
    return httpx.AsyncClient(timeout=limits, follow_redirects=True, transport=transport)


def fork_of_httpx(limits: Limits) -> Any:
    """Return the maintained fork as it comes."""
    return httpx2.AsyncClient(timeout=limits, follow_redirects=True)


@pytest.mark.parametrize("make", [plain, on_aiohttp, fork_of_httpx])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(fault="reset"), TransportError),
        (Answer(fault="close"), TransportError),
        (Answer(fault="truncate"), TransportError),
        (Answer(fault="hang"), TransportError),
        (Answer(302, headers={"Location": "/v3/y"}), APIError),
    ],
)
def test_own_client_fails_alike(
    gateway: Gateway, make: Callable[[Limits], Any], answer: Answer, kind: type[Any]
) -> None:
    """With a client that is passed in, faults leave the outcome unknown and nothing is repeated."""
    gateway.default = answer
    reading = 0.05 if answer.fault == "hang" else LONG

    async def main() -> None:
        async with (
            make((LONG, reading, LONG, LONG)) as own,
            client_of(gateway, async_http_client=own) as wxpay,
        ):
            with pytest.raises(kind) as caught:
                await wxpay["v3/x"].post_async()
            assert caught.value.outcome_unknown

    asyncio.run(main())
    assert len(gateway.requests) == 1


@each_async_way
def test_mistake_is_not_taken_for_the_network(way: Way) -> None:
    """An error that is none of the network's goes through as it is."""

    async def broken(request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError(request.method)

    async def main() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(broken)) as own:
            await client_of("http://127.0.0.1:9/", async_http_client=own)["v3/x"].get_async()

    with pytest.raises(ZeroDivisionError):
        way.run(main)


def test_time_limits_of_aiohttp_are_made_once(gateway: Gateway) -> None:
    """However many limits calls ask for, only so many are remembered, and all hold."""

    async def main() -> None:
        async with client_of(gateway, transport="aiohttp", **IDLE) as wxpay:
            for number in range(105):
                await wxpay["v3/x"].get_async(timeout=LONG + number)
            gateway.default = Answer(fault="hang")
            with pytest.raises(TransportError):
                await wxpay["v3/x"].post_async(timeout=0.05)

    asyncio.run(main())
