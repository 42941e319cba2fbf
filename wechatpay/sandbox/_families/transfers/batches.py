"""The batches of a world, for merchants who still have the old transfers.

Everybody else is refused with `NO_AUTH`: https://pay.weixin.qq.com/doc/v3/merchant/4015273741
(2025-09-04). The sandbox's merchant is a new one until it is told otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..._time import Event
from ..._world import World
from ..accounts import Ledger
from ..payments import identity
from . import words
from .batch import NAME_NEEDED, NAME_REFUSED, Batch

_KIND, _ALLOWED = "transfer batch", "old transfers"
_ACCOUNT = "OPERATION"
_MOST = 1000


class Batches:
    """The batches, by the merchant's number; each sub-merchant has its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._ledger = Ledger(world)

    def allow(self, allowed: bool) -> None:
        """Say whether the merchant still has the old transfers."""
        self._store.put(_ALLOWED, "", {"allowed": allowed})

    @property
    def allowed(self) -> bool:
        """Whether the merchant still has the old transfers."""
        allowed: bool = (self._store.get(_ALLOWED, "") or {"allowed": False})["allowed"]
        return allowed

    def refuse_unless_allowed(self) -> None:
        """Check that the merchant still has the old transfers.

        Raises:
            Refusal: It has not.
        """
        if not self.allowed:
            raise words.NO_OLD_TRANSFERS()

    def ask(self, asked: Mapping[str, Any]) -> Batch:
        """Ask for a batch; with the same number again, it is the same one.

        Returns:
            The batch as it is answered: taken on.

        Raises:
            Refusal: The merchant does not have these transfers, the parts are not what all of it is
                said to be, a name is missing or too much, there is not enough, or the number is
                taken.
        """
        self.refuse_unless_allowed()
        mchid = asked.get("sub_mchid") or self._world.keys.mchid
        with self._store.transaction():
            if known := self._get(mchid, asked["out_batch_no"]):
                if known.asked != dict(asked):
                    raise words.DIFFERS(known.number, at="/out_batch_no")
                return known
            _check(asked)
            details = asked["transfer_detail_list"]
            identity.check_elsewhere(self._world, asked)
            for index, each in enumerate(details if "appid" in asked else ()):
                at = f"/transfer_detail_list/{index}/openid"
                identity.refuse_unless_known(self._world, asked["appid"], each["openid"], at=at)
            made = Batch(
                dict(asked),
                mchid,
                self._world.number("1030", _KIND, 12),
                self._world.clock.moment().isoformat(),
                tuple(self._world.number("1040", "transfer detail", 12) for _ in details),
            )
            total: int = asked["total_amount"]
            if not self._ledger.has(mchid, _ACCOUNT, total):
                raise words.NOT_ENOUGH("", at="/total_amount")
            self._move(made, "商家转账到零钱", -total)
            if failed := made.failed():
                self._move(made, "商家转账退回", failed)
            self._tell(self._put(made.finish()))
            return made

    def find(self, mchid: str, number: str) -> Batch:
        """Find a batch by the merchant's number.

        Raises:
            Refusal: There is none.
        """
        found = self._get(mchid, number)
        if found is None:
            raise words.NO_SUCH_TRANSFER(number, at="out_batch_no")
        return found

    def find_by_id(self, batch_id: str) -> Batch:
        """Find a batch by WeChat Pay's number.

        Raises:
            Refusal: There is none.
        """
        for each in self._store.find(_KIND, batch_id=batch_id):
            return _load(each)
        raise words.NO_SUCH_TRANSFER(batch_id, at="batch_id")

    def named(self, number: str) -> Batch:
        """Find a batch by a number, of any of a partner's merchants.

        Raises:
            Refusal: There is none.
        """
        for each in self._store.find(_KIND, number=number):
            return _load(each)
        raise words.NO_SUCH_TRANSFER(number, at="out_batch_no")

    def latest(self, limit: int = 20, skip: int = 0) -> list[Batch]:
        """Return a page of all batches, newest first."""
        return [_load(each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def _tell(self, made: Batch) -> None:
        if url := made.asked.get("notify_url"):
            names = (
                "out_batch_no",
                "batch_id",
                "batch_status",
                "total_num",
                "total_amount",
                "success_amount",
                "success_num",
                "fail_amount",
                "fail_num",
                "update_time",
            )
            said = made.report()
            told = {"mchid": made.mchid, **{name: said[name] for name in names}}
            name = "MCHTRANSFER.BATCH.FINISHED"
            self._world.tell(Event(name, "mch_payment", words.BATCH_NOTICE.zh, told, url))

    def _move(self, made: Batch, business: str, fen: int) -> None:
        numbers = made.batch_id, made.number
        self._ledger.book(business, fen, numbers, account=_ACCOUNT, mchid=made.mchid)

    def _get(self, mchid: str, number: str) -> Batch | None:
        found = self._store.get(_KIND, f"{mchid}/{number}")
        return _load(found) if found else None

    def _put(self, made: Batch) -> Batch:
        key = f"{made.mchid}/{made.number}"
        lookups = {"number": made.number, "batch_id": made.batch_id}
        self._store.put(_KIND, key, asdict(made), **lookups)
        return made


def _load(document: Mapping[str, Any]) -> Batch:
    fields: dict[str, Any] = {**document, "detail_ids": tuple(document["detail_ids"])}
    return Batch(**fields)


def _check(asked: Mapping[str, Any]) -> None:
    """Check that the parts add up to the totals, and have names where their amounts need them."""
    parts: list[Mapping[str, Any]] = asked.get("transfer_detail_list") or []
    total = sum(each["transfer_amount"] for each in parts)
    if not 1 <= len(parts) <= _MOST or len(parts) != asked["total_num"]:
        raise words.WRONG_TOTAL(asked["total_num"], at="/total_num")
    if total != asked["total_amount"]:
        raise words.WRONG_TOTAL(asked["total_amount"], at="/total_amount")
    for index, each in enumerate(parts):
        at = f"/transfer_detail_list/{index}/user_name"
        if each["transfer_amount"] >= NAME_NEEDED and not each.get("user_name"):
            raise words.NAME_NEEDED("", at=at, fen=NAME_NEEDED)
        if each["transfer_amount"] < NAME_REFUSED and each.get("user_name"):
            raise words.NAME_REFUSED("", at=at, fen=NAME_REFUSED)
