"""What merchants are notified of: in the words, and the form, of the API they ordered with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._events import Event, Form
from . import _old_words
from ._order import Order
from ._refund import Refund, RefundState

_PAYMENTS: Mapping[Form, Callable[[Order], dict[str, Any]]] = {
    "MD5": _old_words.transaction,
    "HMAC-SHA256": _old_words.transaction,
}
_REFUNDS: Mapping[Form, Callable[[Refund], dict[str, Any]]] = {
    "v3": Refund.notice,
    "req_info": _old_words.refund_notice,
}
_SUMMARIES: Mapping[RefundState, str] = {
    "SUCCESS": "退款成功",
    "CLOSED": "退款关闭",
    "ABNORMAL": "退款异常",
}


def of_payment(order: Order, url: str, transaction: Mapping[str, Any]) -> Event:
    """Say that an order was paid.

    Args:
        order: The order, or the first of a combined one.
        url: Where the merchant wants to be notified.
        transaction: What a query answers under APIv3: of the order, or of the combined one.
    """
    words = _PAYMENTS.get(order.form)
    told = words(order) if words else transaction
    return Event("TRANSACTION.SUCCESS", "transaction", "支付成功", told, url, order.form)


def of_refund(refund: Refund, url: str) -> Event:
    """Say how a refund has ended."""
    told, summary = _REFUNDS[refund.form](refund), _SUMMARIES[refund.status]
    return Event(f"REFUND.{refund.status}", "refund", summary, told, url, refund.form)
