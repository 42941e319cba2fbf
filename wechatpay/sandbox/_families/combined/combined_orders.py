"""The combined orders of a world: placed, found and closed, and paid as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..._world import World
from ..payments import (
    NO_SUCH_ORDER,
    NUMBER_USED,
    Order,
    Orders,
    Paid,
    TradeType,
    handle,
    transaction_id,
)
from . import words
from .combined import Combined

_KIND = "combined order"


class CombinedOrders:
    """The combined orders, by the merchant's numbers and by WeChat Pay's.

    Args:
        world: Where they are kept.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._orders = Orders(world)

    def place(
        self, placed: Mapping[str, Any], trade_type: TradeType, *, expires: float | None = None
    ) -> Combined:
        """Place orders that are paid together; with the same parameters again, they are the same.

        Raises:
            Refusal: One of the numbers is taken by other parameters, or the orders are paid or
                closed.
        """
        number: str = placed["combine_out_trade_no"]
        with self._store.transaction():
            until, closes, now = self._orders.until(expires, *_merchants(placed))
            given = handle(self._world, trade_type)
            combined = Combined(placed, trade_type, given, until, closes=closes, given=now)
            if held := self._get(number):
                parts = self.parts(held)
                for order in parts:
                    order.refuse_unless_waiting(now)
                if (held.placed, held.trade_type) != (placed, trade_type):
                    raise NUMBER_USED(number)
                for order in parts:
                    self._orders.write(order.give(given, now))
                return self._put(replace(held, handle=given, given=now))
            for order in combined.orders():
                if self._orders.get(order.merchant, order.number):
                    raise NUMBER_USED(order.number)
                self._orders.refuse_if_taken(order)
                self._orders.write(order)
            self._put(combined)
            return combined

    def find(self, combine_out_trade_no: str) -> Combined:
        """Find a combined order by the merchant's number.

        Raises:
            Refusal: There is none.
        """
        combined = self._get(combine_out_trade_no)
        if combined is None:
            raise NO_SUCH_ORDER(combine_out_trade_no, at="combine_out_trade_no")
        return combined

    def find_paid(self, combine_transaction_id: str) -> Combined:
        """Find a combined order by WeChat Pay's number, which it has once it is paid.

        Raises:
            Refusal: There is none.
        """
        for document in self._store.find(_KIND, transaction_id=combine_transaction_id):
            return Combined(**document)
        raise NO_SUCH_ORDER(combine_transaction_id, at="combine_transaction_id")

    def parts(self, combined: Combined) -> list[Order]:
        """Return the orders of a combined one, as they are by now, in its order."""
        return [self._orders.find(order.merchant, order.number) for order in combined.orders()]

    def close(self, combine_out_trade_no: str, named: Sequence[tuple[str, str]]) -> None:
        """Close the orders of a combined one, all of them.

        Args:
            combine_out_trade_no: The merchant's number for all of it.
            named: The orders: for each, who is paid, and the merchant's number.

        Raises:
            Refusal: There is no such combined order, these are not its orders, or it is paid.
        """
        with self._store.transaction():
            combined = self.find(combine_out_trade_no)
            own = sorted((order.merchant, order.number) for order in combined.orders())
            if own != sorted(named):
                raise words.NOT_ITS_ORDERS("", count=len(own))
            for merchant, number in own:
                self._orders.close(merchant, number)

    def whole(self, order: Order) -> Together | None:
        """Return what an order was placed together with; `None` if it was placed by itself."""
        if not order.combine_out_trade_no:
            return None
        return Together(self, self.find(order.combine_out_trade_no))

    def pay(self, combined: Combined) -> Combined:
        """Note that a combined order was paid."""
        return self._put(combined.pay(transaction_id(self._world)))

    def _get(self, number: str) -> Combined | None:
        document = self._store.get(_KIND, number)
        return Combined(**document) if document else None

    def _put(self, combined: Combined) -> Combined:
        number = combined.combine_transaction_id
        self._store.put(_KIND, combined.number, vars(combined), transaction_id=number)
        return combined


@dataclass(frozen=True)
class Together:
    """A combined order, as it is paid.

    Attributes:
        kept: Where it is kept.
        combined: The combined order.
    """

    kept: CombinedOrders
    combined: Combined

    def orders(self) -> list[Order]:
        """Return its orders, as they are by now."""
        return self.kept.parts(self.combined)

    def pay(self, paid: Sequence[Order]) -> Paid:
        """Note that it was paid, given its orders as they are after that."""
        combined = self.kept.pay(self.combined)
        return Paid(combined.transaction(paid), combined.placed.get("notify_url", ""))


def _merchants(placed: Mapping[str, Any]) -> list[str]:
    return [sub.get("sub_mchid") or sub["mchid"] for sub in placed["sub_orders"]]
