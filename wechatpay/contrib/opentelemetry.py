"""A span for each call, by the conventions for HTTP clients; needs the extra `opentelemetry`.

    from wechatpay.contrib.opentelemetry import Tracing

    wxpay = WeChatPay(…, on_call=Tracing())

A span is named by the method and the path's template, and holds no value of a call: neither an
order's number nor a header nor a body. It ends when the call does, with all its tries.

Official page: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from .._version import __version__

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

    from .. import CallRecord

__all__ = ["Tracing"]


class Tracing:
    """What `on_call` is told, as spans; one object serves any number of clients and threads.

    Args:
        tracer_provider: Where spans go; the global one if not given.
        propagate: Whether requests carry `traceparent`. WeChat Pay does not use it, and it tells an
            outside party about your traces; a gateway of your own may want it.
    """

    def __init__(
        self, tracer_provider: TracerProvider | None = None, *, propagate: bool = False
    ) -> None:
        self._tracer = trace.get_tracer("wechatpay", __version__, tracer_provider)
        self._propagate = propagate
        self._spans: dict[int, Span] = {}

    def __call__(self, record: CallRecord) -> None:
        """Begin a call's span, or end it."""
        if record.moment == "call begins":
            self._spans[record.number] = self._tracer.start_span(
                f"{record.method} {record.template}",
                kind=SpanKind.CLIENT,
                attributes={
                    "http.request.method": record.method,
                    "url.template": record.template,
                    "wechatpay.transport": record.transport,
                },
            )
        elif record.moment == "try begins":
            self._spans[record.number].set_attribute("server.address", record.host)
        elif record.moment == "call ends":
            span = self._spans.pop(record.number)
            _describe(span, record)
            span.end()

    def headers(self, record: CallRecord) -> dict[str, str]:
        """Return the headers that carry the trace on, if that was asked for."""
        found: dict[str, str] = {}
        if self._propagate:
            span = self._spans[record.number]
            propagate.inject(found, trace.set_span_in_context(span))
        return found


def _describe(span: Span, record: CallRecord) -> None:
    if record.tries > 1:
        span.set_attribute("http.request.resend_count", record.tries - 1)
    if record.status is not None:
        span.set_attribute("http.response.status_code", record.status)
    if record.request_id is not None:
        span.set_attribute("wechatpay.request_id", record.request_id)
    if record.error is not None:
        kind = record.code or record.reason or record.error
        span.set_attribute("error.type", kind)
        span.set_attribute("wechatpay.outcome_unknown", record.outcome_unknown)
        span.set_status(Status(StatusCode.ERROR, record.error))
