"""Subsidies (补差): a platform adds to what its merchant gets of a payment, and may take it back.

The money goes from the platform's basic account to the merchant's, and can be used at once: that is
the sandbox's own rule. Without an official page that says more, an order that was paid may be given
as much as the platform has, until it says that there is no more to come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._world import World
from ..accounts import Ledger
from ..payments import Orders
from . import words

_KIND, _RETURN, _CANCELLED = "subsidy", "subsidy return", "subsidies cancelled"
_ACCOUNT = "BASIC"
_GIVEN_BACK = (
    "sub_mchid",
    "transaction_id",
    "refund_id",
    "out_order_no",
    "amount",
    "description",
    "subsidy_id",
    "from",
)


class Subsidies:
    """The subsidies of a world, by the platform's numbers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._ledger = Ledger(world)

    def create(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Add to a payment; with the same number again, it is the same subsidy.

        Raises:
            Refusal: There is no such payment, the platform has said that there is no more to come,
                it has not as much, or the number is taken.
        """
        key = f"{asked['sub_mchid']}/{asked['out_subsidy_no']}"
        with self._store.transaction():
            if known := self._store.get(_KIND, key):
                return self._same(known, asked, words.SUBSIDY_TAKEN)
            self._paid(asked)
            if self._store.get(_CANCELLED, asked["transaction_id"]) is not None:
                raise words.SUBSIDY_CANCELLED(asked["transaction_id"])
            fen: int = asked["amount"]
            own = self._world.keys.mchid
            if not self._ledger.has(own, _ACCOUNT, fen):
                raise words.NOT_ENOUGH(fen)
            number = self._world.number("3008", _KIND, 12)
            self._move(own, asked["sub_mchid"], fen, (number, asked["out_subsidy_no"]), "补差")
            names = ("sub_mchid", "transaction_id", "amount", "description", "out_subsidy_no")
            answer = {name: asked[name] for name in names}
            now = self._world.clock.moment().isoformat()
            answer |= {"subsidy_id": number, "result": "SUCCESS", "success_time": now}
            document = {"asked": dict(asked), "answer": answer}
            self._store.put(_KIND, key, document, transaction_id=asked["transaction_id"])
            return answer

    def give_back(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Take a subsidy back, or a part of it; with the same number again, it is the same.

        Raises:
            Refusal: The payment was not given as much, the merchant has not as much, or the number
                is taken.
        """
        key = f"{asked['sub_mchid']}/{asked['out_order_no']}"
        with self._store.transaction():
            if known := self._store.get(_RETURN, key):
                return self._same(known, asked, words.SUBSIDY_TAKEN)
            self._paid(asked)
            fen, paid = asked["amount"], asked["transaction_id"]
            left = self._given(_KIND, paid) - self._given(_RETURN, paid)
            if fen > left:
                raise words.SUBSIDY_TOO_MUCH(fen, left=left)
            if not self._ledger.has(asked["sub_mchid"], _ACCOUNT, fen):
                raise words.NOT_ENOUGH(fen)
            number = self._world.number("3009", _RETURN, 12)
            numbers = number, asked["out_order_no"]
            self._move(asked["sub_mchid"], self._world.keys.mchid, fen, numbers, "补差回退")
            answer = {name: asked[name] for name in _GIVEN_BACK if name in asked}
            now = self._world.clock.moment().isoformat()
            answer |= {"subsidy_refund_id": number, "result": "SUCCESS", "success_time": now}
            document = {"asked": dict(asked), "answer": answer}
            self._store.put(_RETURN, key, document, transaction_id=paid)
            return answer

    def cancel(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Say that a payment is given no more.

        Raises:
            Refusal: There is no such payment.
        """
        self._paid(asked)
        self._store.put(_CANCELLED, asked["transaction_id"], {})
        names = ("sub_mchid", "transaction_id", "description")
        return {**{name: asked[name] for name in names}, "result": "SUCCESS"}

    def _same(self, known: Mapping[str, Any], asked: Mapping[str, Any], no: Any) -> dict[str, Any]:
        if known["asked"] != dict(asked):
            raise no("")
        answer: dict[str, Any] = known["answer"]
        return answer

    def _paid(self, asked: Mapping[str, Any]) -> None:
        Orders(self._world).find_paid(asked["sub_mchid"], asked["transaction_id"])

    def _given(self, kind: str, transaction_id: str) -> int:
        found = self._store.find(kind, transaction_id=transaction_id)
        return sum(each["asked"]["amount"] for each in found)

    def _move(
        self, giver: str, taker: str, fen: int, numbers: tuple[str, str], business: str
    ) -> None:
        for mchid, sign in ((giver, -1), (taker, 1)):
            self._ledger.book(business, sign * fen, numbers, account=_ACCOUNT, mchid=mchid)
