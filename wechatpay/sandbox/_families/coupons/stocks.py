"""The stocks of a world: made, started, paused, stopped; their budgets; and the merchant's address.

The budget of a prepaid stock leaves the basic account of its creator when it is started, and what
was not used is back there when it is stopped: on which account that is, is the sandbox's own rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from ..._world import World
from ..accounts import Ledger
from . import words
from .stock import Stock, StockState

_KIND, _ADDRESS = "coupon stock", "coupon address"
_ACCOUNT = "BASIC"


class Stocks:
    """The stocks, by WeChat Pay's number."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._ledger = Ledger(world)

    def make(self, asked: Mapping[str, Any]) -> Stock:
        """Make a stock; with the same number again, it is the same one.

        Raises:
            Refusal: The number is taken by other parameters.
        """
        with self._store.transaction():
            known = self._store.find(_KIND, number=asked["out_request_no"])
            if known:
                stock = _load(known[0])
                if stock.asked != dict(asked):
                    raise words.STOCK_DIFFERS(stock.number)
                return stock
            number = str(9_800_000 + self._store.next(_KIND))
            now = self._world.clock.moment().isoformat()
            goods = tuple(asked["coupon_use_rule"].get("available_items") or ())
            return self.write(Stock(dict(asked), number, now, goods=goods))

    def find(self, stock_id: str, creator: str | None = None) -> Stock:
        """Find a stock.

        Args:
            stock_id: WeChat Pay's number for it.
            creator: Whose it has to be; `None` for any.

        Raises:
            Refusal: There is none.
        """
        found = self._store.get(_KIND, stock_id)
        if found is None or creator not in (None, found["asked"]["belong_merchant"]):
            raise words.NO_SUCH_STOCK(stock_id)
        return _load(found)

    def of(self, creator: str, status: str | None = None) -> list[Stock]:
        """Return a merchant's stocks, oldest first."""
        stocks = [_load(each) for each in self._store.find(_KIND, creator=creator)]
        return [each for each in stocks if status in (None, each.status)]

    def latest(self, limit: int = 20, skip: int = 0) -> list[Stock]:
        """Return a page of all stocks, newest first."""
        return [_load(each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def become(self, stock_id: str, creator: str, status: StockState) -> Stock:
        """Start, pause or stop a stock.

        Raises:
            Refusal: There is none, from where it is there is no such step, or its budget is not
                there.
        """
        with self._store.transaction():
            before = self.find(stock_id, creator)
            stock = before.become(status, self._world.clock.moment())
            if not stock.no_cash and not before.start_time and stock.start_time:
                if not self._ledger.has(creator, _ACCOUNT, stock.budget):
                    raise words.NO_BUDGET(stock_id)
                self._move(stock, "代金券预算", -stock.budget)
            if not stock.no_cash and before.start_time and stock.stop_time:
                self._move(stock, "代金券预算退回", stock.budget - stock.spent)
            return self.write(stock)

    def resume(self, stock_id: str, creator: str) -> Stock:
        """Let a paused stock run again.

        Raises:
            Refusal: There is none, or it is not paused.
        """
        with self._store.transaction():
            stock = self.find(stock_id, creator)
            if stock.status != "paused":
                raise words.STOCK_STATE(stock_id, status=stock.status)
            return self.become(stock_id, creator, "running")

    def spend(self, stock: Stock, fen: int) -> None:
        """Use a part of a budget, or give it back if it is below zero.

        What comes back to a prepaid stock that was stopped is its creator's.
        """
        self.write(replace(stock, spent=stock.spent + fen))
        if fen < 0 and stock.status == "stoped" and not stock.no_cash:
            self._move(stock, "代金券预算退回", -fen)

    def change_goods(self, stock: Stock, added: Iterable[str], gone: Iterable[str]) -> Stock:
        """Change of which goods a stock is good for."""
        left_out = set(gone)
        with self._store.transaction():
            stock = self.find(stock.stock_id)  # as it is by now: coupons may have been sent
            goods = dict.fromkeys([*stock.goods, *added])
            kept = tuple(each for each in goods if each not in left_out)
            return self.write(replace(stock, goods=kept))

    def set_address(self, url: str, *, on: bool) -> str:
        """Say where uses of coupons are told, and return when that was."""
        now = self._world.clock.moment().isoformat()
        self._store.put(_ADDRESS, "", {"notify_url": url, "on": on})
        return now

    @property
    def address(self) -> str | None:
        """Where uses of coupons are told; `None` if that was never said."""
        found = self._store.get(_ADDRESS, "")
        return found["notify_url"] if found else None

    @property
    def told_at(self) -> str:
        """Where uses of coupons are told; empty if nowhere."""
        found = self._store.get(_ADDRESS, "")
        return found["notify_url"] if found and found["on"] else ""

    def write(self, stock: Stock) -> Stock:
        """Keep a stock, in the place of what was there."""
        lookups = {"number": stock.number, "creator": stock.creator}
        self._store.put(_KIND, stock.stock_id, asdict(stock), **lookups)
        return stock

    def _move(self, stock: Stock, business: str, fen: int) -> None:
        numbers = stock.stock_id, stock.number
        self._ledger.book(business, fen, numbers, account=_ACCOUNT, mchid=stock.creator)


def _load(document: Mapping[str, Any]) -> Stock:
    fields: dict[str, Any] = {**document, "goods": tuple(document["goods"])}
    return Stock(**fields)
