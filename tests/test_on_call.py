"""`on_call`: told of every call and try, blocking or not, and never of a value in it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from gateway import Answer, Gateway
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from patience import until_async
from ways import Way, client_of, each_async_way, each_way

from wechatpay import APIError, CallRecord, TransportError, WeChatPayError
from wechatpay.contrib.opentelemetry import Tracing

TEMPLATE = "v3/pay/transactions/id/{transaction_id}"
NUMBER = "4200001234202601010000000001"
ID = "08F7AB4E1D5F2C3A-268435456"


def told(gateway: Gateway, way: Way, **more: Any) -> list[CallRecord]:
    """Return what an observer is told of one query."""
    records: list[CallRecord] = []
    client = client_of(gateway, on_call=records.append, **more)
    with client as wxpay, contextlib.suppress(WeChatPayError):
        way.call(wxpay[TEMPLATE], transaction_id=NUMBER, params={"mchid": "1230000109"})
    return records


@each_way
def test_a_call_and_its_tries_are_told(gateway: Gateway, way: Way) -> None:
    """Where a call and each try begins and ends, with what came of it."""
    gateway.script(Answer(502, b"<html>"))
    records = told(gateway, way)
    assert [one.moment for one in records] == [
        "call begins",
        "try begins",
        "try ends",
        "try begins",
        "try ends",
        "call ends",
    ]
    assert [one.status for one in records] == [None, None, 502, None, 200, 200]
    assert [one.tries for one in records] == [0, 1, 1, 2, 2, 2]
    assert len({one.number for one in records}) == 1
    assert {one.method for one in records} == {"GET"}
    assert {one.template for one in records} == {TEMPLATE}
    assert records[-1].request_id == ID
    assert records[-1].seconds >= records[2].seconds > 0
    assert records[1].host == "127.0.0.1"
    assert records[0].transport


@each_way
def test_nothing_of_a_call_is_told(gateway: Gateway, way: Way) -> None:
    """No number, query, header or body is in any record, nor in what it looks like."""
    gateway.default = Answer(400, {"code": "PARAM_ERROR", "message": f"bad {NUMBER}"})
    shown = repr(told(gateway, way))
    assert NUMBER not in shown
    assert "1230000109" not in shown
    assert "WECHATPAY2" not in shown


FAILURES: dict[str, tuple[Answer, dict[str, object]]] = {
    "refused": (
        Answer(404, {"code": "ORDER_NOT_EXIST"}),
        {"status": 404, "code": "ORDER_NOT_EXIST", "request_id": ID, "error": "APIError"},
    ),
    "lost": (Answer(fault="reset"), {"status": None, "error": "TransportError", "tries": 3}),
    "unsigned": (Answer(signed=False), {"error": "VerificationError", "status": None}),
}


@each_way
@pytest.mark.parametrize("failure", FAILURES)
def test_how_a_call_failed_is_told(gateway: Gateway, way: Way, failure: str) -> None:
    """The last record says the error's type, WeChat Pay's code, and whether it may have worked."""
    gateway.default, expected = FAILURES[failure]
    last = told(gateway, way)[-1]
    assert last.moment == "call ends"
    assert {name: getattr(last, name) for name in expected} == expected
    assert last.outcome_unknown is False


@each_way
def test_an_unknown_outcome_is_told(gateway: Gateway, way: Way) -> None:
    """A POST that was sent and not answered is told as such, with the reason."""
    gateway.default = Answer(fault="reset")
    records: list[CallRecord] = []
    with (
        client_of(gateway, on_call=records.append) as wxpay,
        pytest.raises(TransportError) as caught,
    ):
        way.call(wxpay["v3/x"], "post", json={})
    assert records[-1].outcome_unknown
    assert records[-1].reason == records[-2].reason == caught.value.reason
    assert caught.value.reason in ("closed", "protocol")


@each_way
def test_an_observer_that_fails_harms_no_call(
    gateway: Gateway, way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    """What an observer raises is logged by its type alone, and the call goes on."""

    class Broken:
        def __call__(self, record: CallRecord) -> None:
            raise RuntimeError(f"secret {record}")

        def headers(self, record: CallRecord) -> dict[str, str]:
            raise RuntimeError(f"secret {record}")

    with client_of(gateway, on_call=Broken()) as wxpay:
        assert way.call(wxpay[TEMPLATE], transaction_id=NUMBER).status_code == 200
    lines = [one.getMessage() for one in caplog.records if one.name == "wechatpay.on_call"]
    assert lines == ["on_call failed: RuntimeError"] * 5
    assert "secret" not in caplog.text


@each_async_way
def test_a_cancelled_call_is_told(gateway: Gateway, way: Way) -> None:
    """A call that nobody waits for any more ends for its observer too, and may have gone out."""
    gateway.default = Answer(fault="hang")
    records: list[CallRecord] = []

    async def main() -> None:
        client = client_of(gateway, on_call=records.append)
        async with client as wxpay, anyio.create_task_group() as group:
            group.start_soon(wxpay["v3/x"].post_async)
            await until_async(lambda: len(gateway.requests) == 1)
            group.cancel_scope.cancel()

    way.run(main)
    moments = [one.moment for one in records]
    assert moments == ["call begins", "try begins", "try ends", "call ends"]
    assert records[-1].error == "abandoned"
    assert records[-1].outcome_unknown


def test_the_log_carries_the_same(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    """The line that is logged has the facts as fields, the same ones however the call ended."""
    caplog.set_level(logging.INFO, "wechatpay")
    gateway.script(
        Answer(), Answer(404, {"code": "ORDER_NOT_EXIST"}), Answer(fault="reset"), Answer(204, b"")
    )
    with client_of(gateway, retries=0) as wxpay:
        for verb in ("get", "get", "post", "post"):
            with contextlib.suppress(WeChatPayError):
                getattr(wxpay[TEMPLATE], verb)(transaction_id=NUMBER)
    lines: list[dict[str, object]] = [
        one.__dict__["wechatpay"] for one in caplog.records if one.name == "wechatpay"
    ]
    fields = [name for name in CallRecord._fields if name not in ("moment", "number", "host")]
    assert [sorted(one) for one in lines] == [sorted(fields)] * 4
    assert {(one["template"], one["transport"]) for one in lines} == {(TEMPLATE, "httpx")}
    known = ("status", "code", "request_id", "error", "reason", "outcome_unknown")
    assert [tuple(one[name] for name in known) for one in lines] == [
        (200, None, ID, None, None, False),
        (404, "ORDER_NOT_EXIST", ID, "APIError", None, False),
        (None, None, None, "TransportError", "closed", True),
        (204, None, ID, None, None, False),
    ]


@pytest.fixture
def spans() -> Iterator[tuple[TracerProvider, InMemorySpanExporter]]:
    """A provider whose spans stay in memory."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider, exporter
    provider.shutdown()


@each_way
def test_spans_are_named_by_the_template(
    gateway: Gateway, way: Way, spans: tuple[TracerProvider, InMemorySpanExporter]
) -> None:
    """A call is one span, with HTTP's names for its attributes and no value of the call's."""
    provider, exporter = spans
    gateway.script(Answer(502, b"<html>"))
    with client_of(gateway, on_call=Tracing(provider)) as wxpay:
        way.call(wxpay[TEMPLATE], transaction_id=NUMBER)
        gateway.default = Answer(404, {"code": "ORDER_NOT_EXIST"})
        with pytest.raises(APIError):
            way.call(wxpay[TEMPLATE], transaction_id=NUMBER)
        gateway.default = Answer(fault="reset")
        with pytest.raises(TransportError):
            way.call(wxpay[TEMPLATE], transaction_id=NUMBER)
    well, failed, lost = exporter.get_finished_spans()
    assert "http.response.status_code" not in (lost.attributes or {})
    assert well.name == f"GET {TEMPLATE}"
    attributes = dict(well.attributes or {})
    assert attributes["http.request.method"] == "GET"
    assert attributes["http.response.status_code"] == 200
    assert attributes["http.request.resend_count"] == 1
    assert attributes["server.address"] == "127.0.0.1"
    assert attributes["wechatpay.request_id"] == ID
    assert well.status.is_unset
    assert (failed.attributes or {})["error.type"] == "ORDER_NOT_EXIST"
    assert not failed.status.is_ok
    assert NUMBER not in f"{well.to_json()}{failed.to_json()}"
    assert "traceparent" not in {name.lower() for name in gateway.requests[-1].headers}


def test_a_trace_goes_on_only_if_asked(
    gateway: Gateway, spans: tuple[TracerProvider, InMemorySpanExporter]
) -> None:
    """With `propagate` a request carries the span's `traceparent`."""
    provider, exporter = spans
    with client_of(gateway, on_call=Tracing(provider, propagate=True)) as wxpay:
        wxpay[TEMPLATE].get(transaction_id=NUMBER, params={"mchid": "1230000109"})
    (span,) = exporter.get_finished_spans()
    context = span.get_span_context()
    assert context is not None
    sent = gateway.requests[-1].headers["traceparent"]
    assert trace.format_trace_id(context.trace_id) in sent
    assert trace.format_span_id(context.span_id) in sent
