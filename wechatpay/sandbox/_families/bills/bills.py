"""What happened on which day, and the files that tell of it."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..._base.keys import BEIJING
from ..._world import World
from ..payments import Order
from ..refunds import Refund
from ..sharing.sharing import Share
from . import flows as _flows
from . import trades as _trades
from . import words as _wording
from .flows import Flow
from .text import fee_in_fen
from .trades import Trade

READY = timedelta(hours=34)
"""When a day's bill is there, from the day's beginning: at ten the next morning."""
KEPT = timedelta(days=93)
"""How long a day can be asked for."""
VALID = 300
"""Seconds that a `download_url` is good for."""

_DAY = timedelta(days=1)
_TOKEN = "bill"  # noqa: S105


class Bills:
    """The bills of a world.

    A bill is written anew whenever it is looked at: of a day that is over nothing changes but what
    becomes of its refunds, and a `download_url` is not good for long.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def trades(self, day: str, kind: str, merchant: str) -> tuple[str, bytes]:
        """Prepare a trade bill, and return its token and what it says.

        Args:
            day: Such as `2026-11-21`.
            kind: `ALL`, `SUCCESS` (payments) or `REFUND`.
            merchant: Whose: a merchant's, a service provider's for all it serves, or one of theirs.

        Raises:
            Refusal: There is no such bill, or not yet.
        """
        return self._prepare(day, what="trades", kind=kind, merchant=merchant)

    def fund_flow(self, day: str, account: str) -> tuple[str, bytes]:
        """Prepare a fund-flow bill, and return its token and what it says.

        Args:
            day: Such as `2026-11-21`.
            account: `BASIC`; nothing ever happens on the others here.

        Raises:
            Refusal: There is no such bill, or not yet.
        """
        return self._prepare(day, what="fund flow", account=account)

    def content(self, token: str) -> bytes | None:
        """Return the file of a token; `None` if there is none, or it is no longer good."""
        asked = self._store.get(_TOKEN, token)
        if asked is None or self._world.clock() > asked["until"]:
            return None
        return self._file(asked)

    def _prepare(self, day: str, **asked: str) -> tuple[str, bytes]:
        try:
            start = _beginning(day)
        except ValueError as error:
            raise _wording.no_such_day(day) from error
        now = self._world.clock.moment()
        if now < start + READY:
            raise _wording.no_bill_yet(day)
        if now > start + KEPT:
            raise _wording.bill_too_old(day)
        content = self._file({**asked, "day": day})
        if not content:
            raise _wording.no_bill(day)
        token = secrets.token_hex(32)
        until = self._world.clock() + VALID
        self._store.put(_TOKEN, token, {**asked, "day": day, "until": until})
        return token, content

    def _file(self, asked: Mapping[str, Any]) -> bytes:
        start = _beginning(asked["day"])
        day = start.timestamp(), (start + _DAY).timestamp()
        if asked["what"] == "trades":
            found = (
                one for one in self._trades(asked["kind"], *day) if _of(one, asked["merchant"])
            )
            return _trades.file(found, times=asked["kind"] == "REFUND")
        if asked["account"] != "BASIC":
            return b""
        before = sum(flow.fen for flow in self._flows(-math.inf, day[0]))
        return _flows.file(self._flows(*day), before)

    def _trades(self, kind: str, start: float, end: float) -> Iterator[Trade]:
        if kind != "REFUND":
            for order in self._orders("paid_at", start, end):
                yield Trade(order, order.success_time)
            for order in self._orders("reversed_at", start, end):
                yield Trade(order, order.reverse_time, reversed=True)
        if kind != "SUCCESS":
            for refund in self._refunds("asked_at", start, end):
                (found,) = self._store.find("order", transaction_id=refund.transaction_id)
                yield Trade(Order(**found), refund.create_time, refund)

    def _flows(self, start: float, end: float) -> Iterator[Flow]:
        for order in self._orders("paid_at", start, end):
            numbers, fee = (order.transaction_id, order.number), fee_in_fen(order.total)
            yield Flow(order.success_time, *numbers, "交易", order.total)
            yield Flow(order.success_time, *numbers, "扣除交易手续费", -fee)
        for order in self._orders("reversed_at", start, end):
            numbers, fee = (order.transaction_id, order.number), fee_in_fen(order.total)
            yield Flow(order.reverse_time, *numbers, "撤销", fee - order.total)
        for refund in self._refunds("done_at", start, end):
            numbers, fee = (refund.refund_id, refund.number), fee_in_fen(refund.fen)
            yield Flow(refund.success_time, *numbers, "退款", fee - refund.fen)
        for share in map(Share.load, self._store.between("share", "done_at", start, end)):
            if share.given_away:
                yield Flow(share.time, share.order_id, share.number, "分账", -share.given_away)
        for each in self._store.between("share return", "done_at", start, end):
            numbers = each["return_id"], each["asked"]["out_return_no"]
            yield Flow(each["time"], *numbers, "分账回退", each["asked"]["amount"])
        for each in self._store.between("transfer", "done_at", start, end):
            numbers = each["transfer_bill_no"], each["asked"]["out_bill_no"]
            yield Flow(each["update_time"], *numbers, "商家转账", -each["asked"]["transfer_amount"])

    def _orders(self, when: str, start: float, end: float) -> Iterator[Order]:
        return (Order(**each) for each in self._store.between("order", when, start, end))

    def _refunds(self, when: str, start: float, end: float) -> Iterator[Refund]:
        return (Refund(**each) for each in self._store.between("refund", when, start, end))


def _beginning(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=BEIJING)


def _of(trade: Trade, merchant: str) -> bool:
    """Tell whether a trade is a merchant's, or of one whom a service provider serves."""
    placed = trade.order.placed
    return merchant in (placed.get("mchid"), placed.get("sp_mchid"), placed.get("sub_mchid"))
