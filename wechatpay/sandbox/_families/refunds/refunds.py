"""The refunds of a world: asked for, done, closed or abnormal, and told to the merchant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..._base import Refusal
from ..._time import Form, seconds
from ..._world import World
from ..accounts import Ledger
from ..payments import Order, Orders, give_back
from . import notices, words
from .refund import Refund, RefundState
from .shares import Shares, shares

_REFUND = "refund"
_MOST, _ADVANCED = 50, "REFUND_SOURCE_PARTNER_ADVANCE"
REFUNDABLE = 365 * 24 * 3600
"""Seconds after the payment in which it can be refunded."""
BETWEEN = 60
"""Seconds between two refunds of one order at the least."""
_ENDS: Mapping[str, RefundState] = {each: each for each in ("ABNORMAL", "CLOSED", "PROCESSING")}


class Refunds:
    """The refunds, by the merchant's numbers and by WeChat Pay's.

    WeChat Pay takes a refund on first, and has done it when it is asked the next time. How it ends
    is the sandbox's own rule: one whose `reason` is the word `ABNORMAL` or `CLOSED` ends so, one
    whose `reason` is `PROCESSING` goes on until `end` is called; every other is a success.

    Args:
        world: Where they are kept.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._orders = Orders(world)

    def ask(self, asked: Mapping[str, Any], *, form: Form = "v3") -> Refund:
        """Refund an order, or a part of it; with the same number again, it is the same refund.

        Args:
            asked: The parameters.
            form: How the merchant is notified of it.

        Returns:
            The refund as it is answered: a new one is under way, even if it has ended since.

        Raises:
            Refusal: There is no such order, it was not paid, less is left of it than is asked for,
                or the number is taken with other content.
        """
        with self._store.transaction():
            order = self._order(asked)
            refund = Refund(
                asked,
                order.placed,
                order.transaction_id,
                self._world.number("50", _REFUND, 11, noise=8),
                self._world.clock.moment().isoformat(),
                form=form,
                frozen=order.froze(self._world.clock.moment().isoformat()),
            )
            if known := self._read(refund.merchant, refund.number):
                if known.essence() != refund.essence():
                    raise words.DIFFERS(refund.number)
                return known
            if asked["amount"]["total"] != order.total:
                raise words.ANOTHER_TOTAL(asked["amount"]["total"])
            self._refuse_out_of_time(order)
            _check_sources(asked["amount"], order)
            refund = self._split(refund, order)
            refunded = order.refund(refund.fen, refund.fen - refund.settled)
            if self._store.count(_REFUND, transaction_id=order.transaction_id) >= _MOST:
                raise words.TOO_MANY("", most=_MOST)
            self._refuse_without_cover(refund, order)
            self._orders.write(refunded)
            self._write(refund)
            self._give_back(refund)
            self._end(refund, _ENDS.get(asked.get("reason", ""), "SUCCESS"))
            return refund

    def find(self, merchant: str, out_refund_no: str) -> Refund:
        """Find a refund by the merchant's number.

        Raises:
            Refusal: There is none.
        """
        refund = self._read(merchant, out_refund_no)
        if refund is None:
            raise words.NO_SUCH_REFUND(out_refund_no, at="out_refund_no")
        return refund

    def has(self, merchant: str, out_refund_no: str) -> bool:
        """Tell whether there is a refund with a number."""
        return self._read(merchant, out_refund_no) is not None

    def named(self, out_refund_no: str) -> Refund:
        """Find a refund by the merchant's number, of any merchant.

        Raises:
            Refusal: There is none.
        """
        for document in self._store.find(_REFUND, out_refund_no=out_refund_no):
            return Refund(**document)
        raise words.NO_SUCH_REFUND(out_refund_no, at="out_refund_no")

    def find_by_id(self, merchant: str | None, refund_id: str) -> Refund:
        """Find a refund by WeChat Pay's number, of one merchant, or of any with `None`.

        Raises:
            Refusal: There is none.
        """
        for document in self._store.find(_REFUND, refund_id=refund_id):
            refund = Refund(**document)
            if merchant in (None, refund.merchant):
                return refund
        raise words.NO_SUCH_REFUND(refund_id, at="refund_id")

    def of_order(self, order: Order) -> list[Refund]:
        """Return the refunds of an order, oldest first."""
        if not order.transaction_id:
            return []
        found = self._store.find(_REFUND, transaction_id=order.transaction_id)
        return [Refund(**each) for each in found]

    def between(self, when: str, start: float, end: float) -> Iterator[Refund]:
        """Return the refunds to which something happened from a moment to before another.

        Args:
            when: `asked_at` or `done_at`.
            start: From when, in seconds since 1970.
            end: Before when.
        """
        return (Refund(**each) for each in self._store.between(_REFUND, when, start, end))

    def latest(self, limit: int = 20, skip: int = 0) -> list[Refund]:
        """Return a page of all refunds, newest first."""
        return [Refund(**each) for each in self._store.latest(_REFUND, limit=limit, skip=skip)]

    def end(self, out_refund_no: str, status: RefundState) -> Refund:
        """Let a refund that is under way come to its end; the merchant is notified.

        Raises:
            Refusal: There is none, or it is not under way.
        """
        with self._store.transaction():
            return self._end(self.named(out_refund_no), status)

    def retry(self, merchant: str, refund_id: str, out_refund_no: str, account: str) -> Refund:
        """Send the money of an abnormal refund to a bank account, where it arrives.

        Returns:
            The refund as it is answered: under way.

        Raises:
            Refusal: There is none with both numbers, or the refund is not abnormal.
        """
        with self._store.transaction():
            found = [Refund(**each) for each in self._store.find(_REFUND, refund_id=refund_id)]
            if not found or found[0].merchant != merchant:
                raise words.NO_SUCH_REFUND(refund_id, at="refund_id")
            if found[0].number != out_refund_no:
                raise words.ANOTHER_NUMBER(out_refund_no)
            refund = found[0].retry(account)
            self._write(refund)
            self._end(refund, "SUCCESS")
            return refund

    def _end(self, refund: Refund, status: RefundState) -> Refund:
        if status == "PROCESSING":
            return refund
        ended = self._write(refund.end(status, self._world.clock.moment()))
        if status == "CLOSED":
            order = self._orders.find(refund.merchant, refund.order["out_trade_no"])
            self._orders.write(order.take_back(refund.fen, refund.fen - refund.settled))
            self._give_back(refund, -1)
        if url := refund.asked.get("notify_url"):
            self._world.tell(notices.of_refund(ended, url))
        return ended

    def _refuse_out_of_time(self, order: Order) -> None:
        """Check that the payment is not too old, and its last refund not too new.

        Raises:
            Refusal: One of them is.
        """
        now, paid = self._world.clock(), seconds(order.success_time)
        if paid is not None and now > paid + REFUNDABLE:
            raise words.TOO_OLD("")
        asked = [seconds(each.create_time) or 0.0 for each in self.of_order(order)]
        if asked and now < max(asked) + BETWEEN:
            raise words.TOO_SOON("", seconds=BETWEEN)

    def _refuse_without_cover(self, refund: Refund, order: Order) -> None:
        """Check that the merchant can pay a refund, unless the payment's own money is frozen.

        Raises:
            Refusal: 403 `NOT_ENOUGH`: it has not, and nobody advances it.
        """
        frozen = order.froze(self._world.clock.moment().isoformat())
        if frozen or refund.asked.get("refund_account") == _ADVANCED:
            return
        if not Ledger(self._world).has(refund.merchant, "BASIC", refund.settled):
            raise words.NOT_ENOUGH("")

    def _split(self, refund: Refund, order: Order) -> Refund:
        """Split a refund between customer and promotions; one that is too much is refused later."""
        if not order.promotions or refund.fen > order.kept:
            return refund
        off = [each["amount"] for each in order.promotions]
        before = [
            Shares(each.to_customer, tuple(one["refund_amount"] for one in each.promotions))
            for each in self.of_order(order)
            if each.status != "CLOSED"
        ]
        parts = shares(refund.fen, order.payer_total, off, before).promotions
        given = zip(order.promotions, parts, strict=True)
        promotions = [{**each, "refund_amount": fen} for each, fen in given]
        return replace(refund, paid=order.payer_total, promotions=promotions)

    def _give_back(self, refund: Refund, sign: int = 1) -> None:
        for each in refund.promotions:
            give_back(self._world, each, sign * each["refund_amount"])

    def _order(self, asked: Mapping[str, Any]) -> Order:
        """The order that a refund is for; WeChat Pay's number for it comes first."""
        merchant = asked.get("sub_mchid") or self._world.keys.mchid
        transaction_id, out_trade_no = asked.get("transaction_id"), asked.get("out_trade_no")
        try:
            if transaction_id:
                return self._orders.find_paid(merchant, transaction_id)
            return self._orders.find(merchant, out_trade_no or "")
        except Refusal as refusal:
            at = "/transaction_id" if transaction_id else "/out_trade_no"
            raise words.NO_SUCH_ORDER(transaction_id or out_trade_no, at=at) from refusal

    def _read(self, merchant: str, number: str) -> Refund | None:
        document = self._store.get(_REFUND, f"{merchant}/{number}")
        return Refund(**document) if document else None

    def _write(self, refund: Refund) -> Refund:
        self._store.put(
            _REFUND,
            f"{refund.merchant}/{refund.number}",
            vars(refund),
            refund_id=refund.refund_id,
            out_refund_no=refund.number,
            transaction_id=refund.transaction_id,
            asked_at=seconds(refund.create_time),
            done_at=seconds(refund.success_time),
        )
        return refund


def _check_sources(amount: Mapping[str, Any], order: Order) -> None:
    """Check the accounts that a refund is taken from, if the merchant names them.

    Raises:
        Refusal: They do not add up, one of them is named twice, or nothing waits to be shared.
    """
    sources: list[Mapping[str, Any]] = amount.get("from", [])
    if not sources:
        return
    if sum(each["amount"] for each in sources) != amount["refund"]:
        raise words.SOURCES_DIFFER("", refund=amount["refund"])
    accounts = [each["account"] for each in sources]
    if len(set(accounts)) != len(accounts):
        raise words.ACCOUNT_TWICE("")
    if not order.shareable or order.freed_time:
        raise words.NOTHING_PENDING("")
