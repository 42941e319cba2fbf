"""What is paid with one password: an order, or several that were placed together.

Who places orders together, which this family does not know, joins in at `TOGETHER`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ..._world import Hook
from .order import Order


class Paid(NamedTuple):
    """What came of a payment.

    Attributes:
        transaction: What a query answers from now on.
        notify_url: Where the merchant wants to be notified; empty if nowhere.
    """

    transaction: Mapping[str, Any]
    notify_url: str


class Whole(Protocol):
    """All that is paid with one password."""

    def orders(self) -> list[Order]:
        """Return the orders, as they are by now."""
        ...

    def pay(self, paid: Sequence[Order]) -> Paid:
        """Note that it was paid, given the orders as they are after that."""
        ...


PAID: Hook[Callable[[Order], object]] = Hook()
"""Is told of each order that was just paid, within the transaction in which it was."""
TOGETHER: Hook[Callable[[Order], Whole | None]] = Hook()
"""Tells what an order was placed together with; `None` if the order is not one of its own."""


class Alone:
    """An order that is paid by itself."""

    def __init__(self, order: Order) -> None:
        self._order = order

    def orders(self) -> list[Order]:
        """Return the order."""
        return [self._order]

    def pay(self, paid: Sequence[Order]) -> Paid:
        """Note nothing: the order knows."""
        (order,) = paid
        return Paid(order.transaction(), order.placed.get("notify_url", ""))
