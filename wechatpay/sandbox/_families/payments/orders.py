"""The orders of a world: placed, paid, closed, reversed, and told to the merchant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..._time import Form, seconds
from ..._world import Hook, World
from . import notices, numbers, words
from .order import LEAST, LIFE, MOST, PASSWORD, Order, TradeType
from .promotions import give_back, take_off
from .together import PAID, TOGETHER, Alone, Whole

_ORDER = "order"
_CODE = "payment code"
_HANDLE = re.compile("weixin://|https?://|wx[0-9a-f]{34}")
"""What a customer's side pays with: one that is not an order's any more has been replaced."""
_ASKS, _FAILS = "0", "9"
LONGEST: Hook[Callable[[str], int]] = Hook()
"""For how many seconds at most an order of a merchant's can be paid; `MOST` where that is usual."""


class Orders:
    """The orders, by the merchant's numbers and by WeChat Pay's.

    An order is read as it is by now: one that nobody paid within a week is closed.

    Args:
        world: Where they are kept.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def place(
        self,
        placed: Mapping[str, Any],
        trade_type: TradeType,
        *,
        expires: float | None = None,
        form: Form = "v3",
    ) -> Order:
        """Place an order; with the same parameters again, it is the same order.

        What the customer's side needs to pay is a new one each time.

        Args:
            placed: The parameters.
            trade_type: How it is to be paid.
            expires: Until when, in seconds since 1970; too soon is moved to a minute from now, too
                late to 90 days, or to what is the most for this merchant.
            form: How the merchant is notified of it.

        Raises:
            Refusal: The number is taken by other parameters, or its order is paid or closed.
        """
        with self._store.transaction():
            handle = numbers.handle(self._world, trade_type)
            merchant = placed.get("sub_mchid") or placed["mchid"]
            until, closes, now = self.until(expires, merchant)
            order = Order(placed, trade_type, handle, until, form=form, closes=closes, given=now)
            return self._keep(order, now)

    def until(self, expires: float | None, *merchants: str) -> tuple[float, float, float]:
        """Return until when an order can be paid, when it is closed, and the time that it is now.

        Args:
            expires: Until when the merchant wants it to be paid, in seconds since 1970.
            merchants: Who is paid.
        """
        now = self._world.clock()
        if expires is None:
            return now + LIFE, now + LIFE, now
        limits = (limit(each) for limit in LONGEST.of(self._world) for each in merchants)
        most = min(limits, default=MOST)
        until = min(max(expires, now + LEAST), now + most)
        return until, max(until, now + LIFE), now

    def charge(self, placed: Mapping[str, Any]) -> Order:
        """Place an order that is paid with the payment code which the customer shows.

        What comes of it is the sandbox's own rule, by the last digit of `payer.auth_code`: after a
        0 the customer has to type the password (`USERPAYING`, for a minute), with a 9 the payment
        fails (`PAYERROR`), with any other it is paid at once.

        Raises:
            Refusal: The number is taken by other parameters, its order is paid or closed, or the
                code was used for another order.
        """
        last: str = placed["payer"]["auth_code"][-1]
        with self._store.transaction():
            merchant = placed.get("sub_mchid") or placed["mchid"]
            known = self.get(merchant, placed["out_trade_no"])
            order = self.place(placed, "MICROPAY", expires=self._world.clock() + PASSWORD)
            self._use(placed["payer"]["auth_code"], _key(merchant, order.number))
            if known:
                return order
            if last in (_ASKS, _FAILS):
                order = order.ask_password()
                order = order.fail(self._world.clock()) if last == _FAILS else order
            else:
                order = order.pay(numbers.transaction_id(self._world), self._world.clock.moment())
                order = take_off(self._world, order)
                self._tell_paid(order)
            return self.write(order)

    def find(self, merchant: str, out_trade_no: str) -> Order:
        """Find an order by the merchant's number.

        Args:
            merchant: Who is paid: the `mchid` of a direct merchant, the `sub_mchid` of a partner's.
            out_trade_no: The number.

        Raises:
            Refusal: There is none.
        """
        order = self.get(merchant, out_trade_no)
        if order is None:
            raise words.NO_SUCH_ORDER(out_trade_no, at="out_trade_no")
        return order

    def find_paid(self, merchant: str | None, transaction_id: str) -> Order:
        """Find an order by WeChat Pay's number, which it has once it is paid.

        Args:
            merchant: Who is paid, as in `find`; `None` for anyone.
            transaction_id: The number.

        Raises:
            Refusal: There is none.
        """
        for document in self._store.find(_ORDER, transaction_id=transaction_id):
            order = self._load(document)
            if merchant in (None, order.merchant):
                return order
        raise words.NO_SUCH_ORDER(transaction_id, at="transaction_id")

    def get(self, merchant: str, number: str) -> Order | None:
        """Return the order of a merchant with a number, or `None`."""
        document = self._store.get(_ORDER, _key(merchant, number))
        return self._load(document) if document else None

    def named(self, number: str) -> Order:
        """Find the order that a customer means by a number, or the first one of a combined order.

        Args:
            number: The merchant's number, as with `pay`; of several merchants' orders, the first
                one that can be paid is meant. Or what the customer's side needs to pay.

        Raises:
            Refusal: There is none, or what the customer's side has is too old.
        """
        found = self._store.find(_ORDER, out_trade_no=number)
        found += self._store.find(_ORDER, combine_out_trade_no=number)
        if not found:
            found = self._scanned(number)
        orders = [self._load(each) for each in found]
        return next((order for order in orders if order.waiting), orders[0])

    def between(self, when: str, start: float, end: float) -> Iterator[Order]:
        """Return the orders to which something happened from a moment to before another.

        Args:
            when: `paid_at` or `reversed_at`.
            start: From when, in seconds since 1970.
            end: Before when.
        """
        return (Order(**each) for each in self._store.between(_ORDER, when, start, end))

    def latest(self, limit: int = 20, skip: int = 0) -> list[Order]:
        """Return a page of all orders, newest first."""
        return [self._load(each) for each in self._store.latest(_ORDER, limit=limit, skip=skip)]

    def close(self, merchant: str, out_trade_no: str) -> Order:
        """Close an order, so that nobody can pay it; to close it again changes nothing.

        Raises:
            Refusal: There is none, or it is paid.
        """
        return self._change(merchant, out_trade_no, Order.close)

    def reverse(self, merchant: str, out_trade_no: str) -> Order:
        """Reverse an order that was paid with a payment code, or that was to be.

        Raises:
            Refusal: There is none, or it cannot be reversed.
        """
        now = self._world.clock.moment()
        with self._store.transaction():
            before = self.find(merchant, out_trade_no)
            for each in before.promotions if before.paid else ():
                give_back(self._world, each, each["amount"])
            return self._change(merchant, out_trade_no, lambda order: order.reverse(now))

    def pay(self, number: str) -> dict[str, Any]:
        """Let the customer pay; the merchant is notified if the order says where.

        Args:
            number: The merchant's number: of an order, or of a combined one. An order that is part
                of a combined one is paid with all of it. Or what the customer's side was given to
                pay, such as a `code_url`, as long as that is good.

        Returns:
            The transaction, as a query answers it from now on.

        Raises:
            Refusal: There is none, or it is paid, closed, reversed or has failed.
        """
        world = self._world
        with self._store.transaction():
            whole, moment = self.whole(self.named(number)), world.clock.moment()
            paid = [
                self.write(take_off(world, each.pay(numbers.transaction_id(world), moment)))
                for each in whole.orders()
            ]
            for order in paid:
                self._tell_paid(order)
            seen, url = whole.pay(paid)
            if url:
                world.tell(notices.of_payment(paid[0], url, seen))
            return dict(seen)

    def collect(self, placed: Mapping[str, Any], trade_type: TradeType) -> Order:
        """Keep an order that is paid already, for WeChat Pay collected it; nobody is told of it.

        Args:
            placed: The parameters that it would have been placed with.
            trade_type: How it was paid.
        """
        now = self._world.clock()
        order = Order(placed, trade_type, {}, now + LIFE, given=now)
        paid = order.pay(numbers.transaction_id(self._world), self._world.clock.moment())
        self._tell_paid(paid)
        return self.write(paid)

    def _tell_paid(self, order: Order) -> None:
        for told in PAID.of(self._world):
            told(order)

    def whole(self, order: Order) -> Whole:
        """Return what is paid with an order: itself, or what it was placed together with."""
        asked = (together(order) for together in TOGETHER.of(self._world))
        return next((each for each in asked if each), Alone(order))

    def fail(self, number: str) -> Order:
        """Let the payment fail, or the customer give up; of that nobody is notified.

        Args:
            number: The merchant's number, as with `pay`.

        Raises:
            Refusal: There is none, or it does not wait to be paid.
        """
        with self._store.transaction():
            return self.write(self.named(number).fail(self._world.clock()))

    def write(self, order: Order) -> Order:
        """Keep an order, in the place of what was there."""
        self._store.put(
            _ORDER,
            _key(order.merchant, order.number),
            vars(order),
            out_trade_no=order.number,
            transaction_id=order.transaction_id,
            combine_out_trade_no=order.combine_out_trade_no,
            handle=next(iter(order.handle.values()), ""),
            paid_at=seconds(order.success_time),
            reversed_at=seconds(order.reverse_time),
        )
        return order

    def refuse_if_taken(self, order: Order) -> None:
        """Check that a partner has no order with the same number, for another of its merchants.

        Raises:
            Refusal: 403 `OUT_TRADE_NO_USED`: there is one.
        """
        if "sp_mchid" not in order.placed:
            return
        for each in self._store.find(_ORDER, out_trade_no=order.number):
            if "sp_mchid" in each["placed"]:
                raise words.NUMBER_USED(order.number)

    def _keep(self, order: Order, now: float) -> Order:
        known = self.get(order.merchant, order.number)
        if known is None:
            self.refuse_if_taken(order)
            return self.write(order)
        known.refuse_unless_waiting(now)
        if known.essence() != order.essence():
            raise words.NUMBER_USED(order.number)
        return self.write(known.give(order.handle, now))

    def _use(self, auth_code: str, key: str) -> None:
        """Note which order a payment code was shown for: it is good for one only."""
        used = self._store.get(_CODE, auth_code)
        if used and used["order"] != key:
            raise words.CODE_USED(at="/payer/auth_code")
        self._store.put(_CODE, auth_code, {"order": key})

    def _scanned(self, handle: str) -> list[dict[str, Any]]:
        """Return the orders that a customer pays with a `code_url`, `h5_url` or `prepay_id`."""
        found = self._store.find(_ORDER, handle=handle)
        if not found:
            no = words.STALE if _HANDLE.match(handle) else words.NO_SUCH_ORDER
            raise no(handle, at="out_trade_no")
        if not Order(**found[0]).fresh(self._world.clock()):
            raise words.STALE(handle, at="out_trade_no")
        return found

    def _change(self, merchant: str, number: str, transition: Callable[[Order], Order]) -> Order:
        with self._store.transaction():
            return self.write(transition(self.find(merchant, number)))

    def _load(self, document: dict[str, Any]) -> Order:
        return Order(**document).lapse(self._world.clock())


def _key(merchant: str, number: str) -> str:
    return f"{merchant}/{number}"
