"""What happened on which day, and the files that tell of it."""

from __future__ import annotations

import math
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..._base import BEIJING
from ..._parts import FLOWS, OPENING, TRADES, Flow, TradeRow
from ..._world import World
from . import flows, trades, words

READY = timedelta(hours=34)
"""When a day's bill is there, from the day's beginning: at ten the next morning."""
KEPT = timedelta(days=93)
"""How long a day can be asked for."""
VALID = 300
"""Seconds that a `download_url` is good for."""

_DAY = timedelta(days=1)
_LEFT_OUT = {"REFUND": False, "SUCCESS": True}
"""Of some kinds of trade bills: whether what is left out are the refunds, or all others."""
_TOKEN = "bill"  # noqa: S105
_OTHERS, _ALL = "sub-merchants", "ALL"


class Bills:
    """The bills of a world.

    A bill is written again whenever it is asked for: of a day that is over nothing changes but what
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

    def fund_flow(self, day: str, account: str, merchant: str = "") -> tuple[str, bytes]:
        """Prepare a fund-flow bill, and return its token and what it says.

        Args:
            day: Such as `2026-11-21`.
            account: `BASIC`, `OPERATION`, `FEES` or `DEPOSIT`.
            merchant: Whose; the sandbox's merchant's by default. What its sub-merchants have is
                theirs, and is in no bill of its own.

        Raises:
            Refusal: There is no such bill, or not yet.
        """
        merchant = merchant or self._world.keys.mchid
        return self._prepare(day, what="fund flow", account=account, merchant=merchant)

    def sub_merchants(self, day: str, account: str) -> tuple[str, bytes]:
        """Prepare a fund-flow bill of all sub-merchants, and return its token and what it says.

        Args:
            day: Such as `2026-11-21`.
            account: `BASIC`, `OPERATION`, `FEES` or `ALL`.

        Raises:
            Refusal: There is no such bill, or not yet.
        """
        return self._prepare(day, what="fund flow", account=account, merchant=_OTHERS)

    def offer(self, content: bytes) -> str:
        """Keep a file that is not a bill of trades or flows for as long, and return its token."""
        token, until = secrets.token_hex(32), self._world.clock() + VALID
        kept = {"what": "file", "content": b64encode(content).decode(), "until": until}
        self._store.put(_TOKEN, token, kept)
        return token

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
            raise words.NO_SUCH_DAY(day) from error
        now = self._world.clock.moment()
        if now < start + READY:
            raise words.NO_BILL_YET(day)
        if now > start + KEPT:
            raise words.TOO_OLD(day)
        content = self._file({**asked, "day": day})
        if not content:
            raise words.NO_BILL(day)
        token = secrets.token_hex(32)
        until = self._world.clock() + VALID
        self._store.put(_TOKEN, token, {**asked, "day": day, "until": until})
        return token, content

    def _file(self, asked: Mapping[str, Any]) -> bytes:
        if asked["what"] == "file":
            return b64decode(asked["content"])
        start = _beginning(asked["day"])
        day = start.timestamp(), (start + _DAY).timestamp()
        if asked["what"] == "trades":
            merchant = asked["merchant"]
            found = (
                each
                for each in self._trades(asked["kind"], *day)
                if merchant in (each.mchid, each.sub_mchid)
            )
            return trades.file(found, times=asked["kind"] == "REFUND")
        ledger = asked["account"], asked["merchant"]
        if asked["merchant"] == _OTHERS:
            return flows.file(self._flows(*day, *ledger), 0, remarked=True)
        before = OPENING + sum(flow.fen for flow in self._flows(-math.inf, day[0], *ledger))
        return flows.file(self._flows(*day, *ledger), before)

    def _trades(self, kind: str, start: float, end: float) -> Iterator[TradeRow]:
        for rows in TRADES.of(self._world):
            for trade in rows(start, end):
                if kind not in _LEFT_OUT or bool(trade.refund_id) != _LEFT_OUT[kind]:
                    yield trade

    def _flows(self, start: float, end: float, account: str, merchant: str) -> Iterator[Flow]:
        """What moved on an account; what only froze or freed is left out."""
        own = self._world.keys.mchid
        for rows in FLOWS.of(self._world):
            for flow in rows(start, end):
                mchid = flow.mchid or own
                its = mchid != own if merchant == _OTHERS else mchid == merchant
                if flow.fen and its and account in (flow.account, _ALL):
                    yield flow


def _beginning(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=BEIJING)
