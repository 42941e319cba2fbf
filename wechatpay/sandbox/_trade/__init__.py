"""Orders and refunds: what they are, and how they are kept.

`_order`, `_combined` and `_refund` are the domain: values, and the transitions between them,
without I/O. `_orders` and `_refunds` keep them in a world's store, and tell the merchant what
happens; `_old_words`, which is `in_v2` outside, has APIv2's words for them.
"""

from __future__ import annotations

from . import _old_words as in_v2
from ._combined import Combined
from ._order import Order, TradeState, TradeType
from ._orders import Orders
from ._refund import Refund, RefundState
from ._refunds import Refunds

__all__ = [
    "Combined",
    "Order",
    "Orders",
    "Refund",
    "RefundState",
    "Refunds",
    "TradeState",
    "TradeType",
    "in_v2",
]
