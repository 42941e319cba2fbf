"""What merchants are told of payments: in the words, and the form, of the API they ordered with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._time import Event, Form
from . import in_v2, words
from .order import Order

_PAYMENTS: Mapping[Form, Callable[[Order], dict[str, Any]]] = {
    "MD5": in_v2.transaction,
    "HMAC-SHA256": in_v2.transaction,
}


def of_payment(order: Order, url: str, transaction: Mapping[str, Any]) -> Event:
    """Say that an order was paid.

    Args:
        order: The order, or the first of a combined one.
        url: Where the merchant wants to be notified.
        transaction: What a query answers under APIv3: of the order, or of the combined one.
    """
    in_old_words = _PAYMENTS.get(order.form)
    told = in_old_words(order) if in_old_words else transaction
    return Event("TRANSACTION.SUCCESS", "transaction", words.NOTICE.zh, told, url, order.form)
