"""Tools that watch httpx or stand in for it: they see every call, blocking and awaited."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import respx
from gateway import Gateway
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tools_table import SEES, TRANSPORTS, arguments_of, is_awaited
from ways import client_of

from wechatpay import APIError, WeChatPay

ROOT = Path(__file__).parent.parent
NOWHERE = "http://127.0.0.1:9/"


class Recorded(NamedTuple):
    """A signed answer, to be given again by something else."""

    headers: list[tuple[str, str]]
    content: bytes

    def response(self, request: httpx.Request | None = None) -> httpx.Response:
        """Return it as one of httpx's."""
        return httpx.Response(200, headers=self.headers, content=self.content, request=request)


@pytest.fixture
def recorded(gateway: Gateway) -> Recorded:
    """What the gateway answers."""
    with client_of(gateway, transport="aiohttp") as wxpay:
        reply = asyncio.run(wxpay["v3/x"].get_async())
    kept = [(k, v) for k, v in reply.headers.multi_items() if k.lower() != "content-length"]
    gateway.requests.clear()
    return Recorded(kept, reply.content)


def call(wxpay: WeChatPay) -> None:
    """Make a call of each kind."""
    assert wxpay["v3/x"].post(json={"a": 1}).extensions["wechatpay"].verified
    awaited = asyncio.run(wxpay["v3/x"].post_async(json={"a": 2}))
    assert awaited.extensions["wechatpay"].verified


def test_respx(recorded: Recorded) -> None:
    """It answers in place of the network, and nothing leaves."""
    with respx.mock, client_of(NOWHERE) as wxpay:
        route = respx.post(f"{NOWHERE}v3/x").mock(side_effect=recorded.response)
        call(wxpay)
        assert route.call_count == 2
        calls: Any = route.calls
        assert "Authorization" in calls[0].request.headers


def test_a_mock_that_has_unpacked_its_answer(recorded: Recorded) -> None:
    """An answer that a mock made of compressed bytes is taken as it was unpacked."""

    def packed(request: httpx.Request) -> httpx.Response:
        headers = [*recorded.headers, ("Content-Encoding", "gzip")]
        content = gzip.compress(recorded.content)
        return httpx.Response(200, headers=headers, content=content, request=request)

    with respx.mock, client_of(NOWHERE) as wxpay:
        respx.post(f"{NOWHERE}v3/x").mock(side_effect=packed)
        call(wxpay)


def test_a_mock_that_answers_with_a_file() -> None:
    """An answer that a mock has read already goes into a sink all the same."""
    with respx.mock, client_of(NOWHERE) as wxpay:
        respx.get(f"{NOWHERE}v3/billdownload/file").mock(
            return_value=httpx.Response(200, content=b"bill")
        )
        node: Any = wxpay["v3/billdownload/file"]
        blocking, awaited = io.BytesIO(), io.BytesIO()
        node.get(params={"token": "x"}, sink=blocking)
        asyncio.run(node.get_async(params={"token": "x"}, sink=awaited))
    assert blocking.getvalue() == awaited.getvalue() == b"bill"


def test_pytest_httpx(recorded: Recorded, httpx_mock: Any) -> None:
    """It answers in place of the network, and nothing leaves."""
    httpx_mock.add_response(headers=recorded.headers, content=recorded.content, is_reusable=True)
    with client_of(NOWHERE) as wxpay:
        call(wxpay)
    assert [one.read() for one in httpx_mock.get_requests()] == [b'{"a":1}', b'{"a":2}']


def test_vcr(gateway: Gateway, tmp_path: Path) -> None:
    """It records what is answered, and plays it the second time."""
    cassette = str(tmp_path / "calls.yaml")
    vcr: Any = import_module("vcr")  # it has no types
    recorder = vcr.VCR(record_mode="once", filter_headers=["Authorization"])
    for played in (0, 2):
        with recorder.use_cassette(cassette) as tape, client_of(gateway) as wxpay:
            call(wxpay)
        assert tape.play_count == played
    assert len(gateway.requests) == 2
    assert "Authorization" not in Path(cassette).read_text()


@pytest.fixture
def spans() -> Iterator[Callable[[], list[Any]]]:
    """What OpenTelemetry's instrumentation of httpx saw."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    yield lambda: list(exporter.get_finished_spans())
    instrumentor.uninstrument()


def test_opentelemetry(gateway: Gateway, spans: Callable[[], list[Any]]) -> None:
    """Each call is a span."""
    with client_of(gateway) as wxpay:
        call(wxpay)
    seen = [dict(one.attributes) for one in spans()]
    assert [one["http.method"] for one in seen] == ["POST", "POST"]
    assert {one["http.status_code"] for one in seen} == {200}


Calls = Callable[[], None]
each_transport = pytest.mark.parametrize("transport", TRANSPORTS)


@pytest.fixture
def calls(gateway: Gateway, transport: str) -> Iterator[Calls]:
    """Two calls by a transport: a blocking and an awaited one, or two of the kind that it makes."""
    with client_of(gateway, retries=0, **arguments_of(transport)) as wxpay:

        def made() -> None:
            for awaited in is_awaited(transport):
                with suppress(APIError):  # the answer of a mock
                    if awaited:
                        asyncio.run(wxpay["v3/x"].get_async())
                    else:
                        wxpay["v3/x"].get()

        yield made


def expected(tool: str, transport: str) -> int:
    """Return how many of two calls the table says that a tool sees."""
    return 2 if transport in SEES[tool] else 0


@each_transport
def test_what_respx_stands_in_for(gateway: Gateway, calls: Calls, transport: str) -> None:
    """It answers in place of the network for the transports of the table, and for no other."""
    with respx.mock(assert_all_called=False) as mock:
        mock.get(f"{gateway.url}v3/x").respond(500)
        calls()
    assert 2 - len(gateway.requests) == expected("respx", transport)


@each_transport
def test_what_pytest_httpx_stands_in_for(
    gateway: Gateway, calls: Calls, transport: str, httpx_mock: Any
) -> None:
    """It answers in place of the network for the transports of the table, and for no other."""
    httpx_mock.add_response(status_code=500, is_reusable=True, is_optional=True)
    calls()
    assert 2 - len(gateway.requests) == expected("pytest-httpx", transport)


@each_transport
def test_what_vcr_records(calls: Calls, transport: str, tmp_path: Path) -> None:
    """It records the calls of every transport of Python's own sockets."""
    vcr: Any = import_module("vcr")
    with vcr.use_cassette(str(tmp_path / "calls.yaml")) as tape:
        calls()
    assert len(tape) == expected("VCR.py", transport)


@each_transport
def test_what_opentelemetry_sees(
    calls: Calls, transport: str, spans: Callable[[], list[Any]]
) -> None:
    """Its instrumentation of httpx makes spans of the table's transports, and of no other's."""
    calls()
    assert len(spans()) == expected("OpenTelemetry", transport)


def test_what_sentry_sees() -> None:
    """Its integrations make spans of the table's transports, and of no other's."""
    ran = subprocess.run(
        [sys.executable, "sentry_program.py"],
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        check=True,
    )
    assert json.loads(ran.stdout) == {one: expected("Sentry", one) for one in TRANSPORTS}


@pytest.mark.parametrize("page", ["testing.md", "testing.zh-CN.md"])
def test_the_page_has_the_same_table(page: str) -> None:
    """docs/testing.md says of every tool and transport what the tests above show."""
    lines = (ROOT / "docs" / page).read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    columns = ("httpx", "http_client", "httpx2", "aiohttp", "pycurl")
    said = {row[0]: row[1:] for row in rows if row[0] in SEES}
    assert {tool: tuple(cell in ("yes", "是") for cell in row) for tool, row in said.items()} == {
        tool: tuple(one in sees for one in columns) for tool, sees in SEES.items()
    }
