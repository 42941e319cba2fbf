"""Payments: orders, how they are paid, closed and reversed, and what merchants are told of them.

`order` and `combined` are the domain: values, and the transitions between them, without I/O.
`orders` keeps them in a world's store; `in_v2` has APIv2's words for them.
"""

from __future__ import annotations

from . import in_v2
from .combined import Combined
from .order import CUSTOMER, Order, TradeState, TradeType
from .orders import Orders

__all__ = ["CUSTOMER", "Combined", "Order", "Orders", "TradeState", "TradeType", "in_v2"]
