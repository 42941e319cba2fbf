"""What is on each account of each merchant: the sum of all that was ever moved there.

Families that keep payments, refunds and shares tell in `FLOWS` what these moved. Whatever else
moves money, such as a transfer, a withdrawal or a top-up, books it here. So a balance is always
what the fund-flow bills add up to, and a balance of a day's end is what they added up to then.

Every account of every merchant begins with `OPENING`, so that nobody's first step fails for want of
money: that is the sandbox's own rule, as is that what was paid can be used at once, unless it was
ordered to be shared.

Official pages: https://pay.weixin.qq.com/doc/v3/partner/4012476690 and …/4012476700
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ..._base import BEIJING
from ..._parts import FLOWS, OPENING, Flow
from ..._time import seconds
from ..._world import World

ACCOUNTS = ("BASIC", "OPERATION", "FEES", "DEPOSIT")

_MOVEMENT, _BOOK, _SETTLED = "movement", "account book", "settled flows"
_STILL_MOVING = 2  # seconds of which something may still be written
_DAY = timedelta(days=1)


class Balance(NamedTuple):
    """What there is on an account, in fen.

    Attributes:
        available: What can be used (可用余额).
        pending: What cannot be used yet (不可用余额).
    """

    available: int
    pending: int


class Ledger:
    """The accounts of all merchants in a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def book(
        self,
        business: str,
        fen: int,
        numbers: tuple[str, str],
        *,
        account: str,
        mchid: str = "",
    ) -> None:
        """Move money to an account, or from it.

        Args:
            business: What it is, as a bill says it.
            fen: How much comes; below zero, goes.
            numbers: WeChat Pay's number for what moves it, and the merchant's.
            account: Which of the `ACCOUNTS`.
            mchid: Whose; the sandbox's merchant's by default.
        """
        mchid = mchid or self._world.keys.mchid
        with self._store.transaction():
            time = self._world.clock.moment().isoformat()
            flow = Flow(time, *numbers, business, fen, 0, mchid, account, booked=True)
            key = str(self._store.next(_MOVEMENT))
            self._store.put(_MOVEMENT, key, asdict(flow), at=seconds(time))
            booked = self._booked(mchid, account) + fen
            document = {"mchid": mchid, "account": account, "fen": booked}
            self._store.put(_BOOK, f"{mchid}/{account}", document)

    def between(self, start: float, end: float) -> Iterator[Flow]:
        """Return what was booked from a moment to before another."""
        return (Flow(**each) for each in self._store.between(_MOVEMENT, "at", start, end))

    def used(self) -> list[tuple[str, str]]:
        """Return on which accounts something was booked: of whom, and which."""
        return [(each["mchid"], each["account"]) for each in self._store.find(_BOOK)]

    def balance(self, mchid: str, account: str) -> Balance:
        """Tell what there is on an account now."""
        fen, frozen = self._moved_by_families(mchid) if account == "BASIC" else (0, 0)
        total = OPENING + self._booked(mchid, account) + fen
        return Balance(total - frozen, frozen)

    def has(self, mchid: str, account: str, fen: int) -> bool:
        """Tell whether so much can be used of an account.

        What payments bring is only added up if it is needed: what goes back or to others of a
        payment is never more than it brought.
        """
        if OPENING + self._booked(mchid, account) - fen >= OPENING // 2:
            return True
        return self.balance(mchid, account).available >= fen

    def at(self, mchid: str, account: str, moment: datetime) -> Balance:
        """Tell what there was on an account at a moment."""
        mine = [
            flow
            for flow in self._flows(-math.inf, moment.timestamp())
            if (flow.mchid, flow.account) == (mchid, account)
        ]
        frozen = sum(flow.frozen for flow in mine)
        return Balance(OPENING + sum(flow.fen for flow in mine) - frozen, frozen)

    def day_end(self, mchid: str, account: str, day: str) -> Balance | None:
        """Tell what there was on an account when a day ended; `None` if it has not.

        Args:
            mchid: Whose account.
            account: Which of the `ACCOUNTS`.
            day: Such as `2026-11-21`.

        Raises:
            ValueError: There is no such day.
        """
        end = datetime.fromisoformat(day).replace(tzinfo=BEIJING) + _DAY
        return None if end > self._world.clock.moment() else self.at(mchid, account, end)

    def _booked(self, mchid: str, account: str) -> int:
        fen: int = (self._store.get(_BOOK, f"{mchid}/{account}") or {"fen": 0})["fen"]
        return fen

    def _flows(self, start: float, end: float) -> Iterator[Flow]:
        for rows in FLOWS.of(self._world):
            for flow in rows(start, end):
                yield flow if flow.mchid else replace(flow, mchid=self._world.keys.mchid)

    def _moved_by_families(self, mchid: str) -> tuple[int, int]:
        """What families moved that keep no book, and what of it is frozen, from the beginning.

        The sum of what can no longer change is kept, so that each movement is read once.
        """
        with self._store.transaction():
            begun: dict[str, Any] = {"until": 0.0, "sums": {}}
            settled: dict[str, Any] = self._store.get(_SETTLED, "") or begun
            now = math.floor(self._world.clock()) - _STILL_MOVING
            if now > settled["until"]:
                sums = self._added(settled["sums"], settled["until"], now)
                settled = {**begun, "until": float(now), "sums": sums}
                self._store.put(_SETTLED, "", settled)
            sums = self._added(settled["sums"], settled["until"], math.inf)
            fen, frozen = sums.get(mchid, (0, 0))
            return fen, frozen

    def _added(self, sums: dict[str, list[int]], start: float, end: float) -> dict[str, list[int]]:
        added = {mchid: list(sum_) for mchid, sum_ in sums.items()}
        for flow in self._flows(start, end):
            if not flow.booked and flow.account == "BASIC":
                sum_ = added.setdefault(flow.mchid, [0, 0])
                sum_[0] += flow.fen
                sum_[1] += flow.frozen
        return added
