"""Payments: orders, how they are paid, closed and reversed, and what merchants are told of them.

`order` is the domain: a value, and the transitions between its states, without I/O. `orders` keeps
them in a world's store; `in_v2` has APIv2's words for them. Who places orders together joins in at
`TOGETHER`.
"""

from __future__ import annotations

from . import identity, in_v2
from .family import PaymentFamily
from .fields import NOTIFY_URL, NUMBER, TIME_EXPIRE, WAYS, expires
from .making import fen
from .numbers import handle, transaction_id
from .order import CUSTOMER, MOST, Order, TradeState, TradeType
from .orders import LONGEST, Orders
from .promotions import GIVE_BACK, TAKE_OFF, give_back
from .rows import trade
from .together import PAID, TOGETHER, Paid, Whole
from .v2_routes import find as find_in_v2
from .words import NO_SUCH_ORDER, NUMBER_USED

__all__ = [
    "CUSTOMER",
    "GIVE_BACK",
    "LONGEST",
    "MOST",
    "NOTIFY_URL",
    "NO_SUCH_ORDER",
    "NUMBER",
    "NUMBER_USED",
    "PAID",
    "TAKE_OFF",
    "TIME_EXPIRE",
    "TOGETHER",
    "WAYS",
    "Order",
    "Orders",
    "Paid",
    "PaymentFamily",
    "TradeState",
    "TradeType",
    "Whole",
    "expires",
    "fen",
    "find_in_v2",
    "give_back",
    "handle",
    "identity",
    "in_v2",
    "trade",
    "transaction_id",
]
