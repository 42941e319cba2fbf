"""What merchants are told of refunds: in the words, and the form, of the API they asked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._time import Event, Form
from . import in_v2, words
from .refund import Refund

_FORMS: Mapping[Form, Callable[[Refund], dict[str, Any]]] = {
    "v3": Refund.notice,
    "req_info": in_v2.notice,
}


def of_refund(refund: Refund, url: str) -> Event:
    """Say how a refund has ended."""
    told, summary = _FORMS[refund.form](refund), words.NOTICES[refund.status].zh
    return Event(f"REFUND.{refund.status}", "refund", summary, told, url, refund.form)
