"""What merchants are told of refunds: in the words, and the form, of the API they asked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._time.events import Event, Form
from . import in_v2
from .refund import Refund, RefundState

_WORDS: Mapping[Form, Callable[[Refund], dict[str, Any]]] = {
    "v3": Refund.notice,
    "req_info": in_v2.notice,
}
_SUMMARIES: Mapping[RefundState, str] = {
    "SUCCESS": "退款成功",
    "CLOSED": "退款关闭",
    "ABNORMAL": "退款异常",
}


def of_refund(refund: Refund, url: str) -> Event:
    """Say how a refund has ended."""
    told, summary = _WORDS[refund.form](refund), _SUMMARIES[refund.status]
    return Event(f"REFUND.{refund.status}", "refund", summary, told, url, refund.form)
