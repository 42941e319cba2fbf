"""Refunds that a platform pays in advance (垫付), and what its merchant pays back of them.

All of what the merchant would have to pay is advanced: that is the sandbox's own rule.
"""

from __future__ import annotations

from typing import Any

from ..._world import World
from ..accounts import Ledger
from ..refunds import Refund
from . import words

ADVANCED = "REFUND_SOURCE_PARTNER_ADVANCE"
_KIND, _ACCOUNT = "advance return", "BASIC"


class Advances:
    """The advances of a world, by WeChat Pay's number for the refund."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._ledger = Ledger(world)

    def pay(self, refund: Refund) -> None:
        """Have the platform pay what a refund costs its merchant.

        Raises:
            Refusal: The platform has not as much.
        """
        own, numbers = self._world.keys.mchid, (refund.refund_id, refund.number)
        if not self._ledger.has(own, _ACCOUNT, refund.settled):
            raise words.NOT_ENOUGH(refund.settled)
        self._move(own, refund.merchant, refund.settled, numbers, "垫付退款")

    def give_back(self, refund: Refund) -> dict[str, Any]:
        """Have the merchant pay an advance back; once it has, to ask again is the same.

        Raises:
            Refusal: There was none, or the merchant has not as much.
        """
        with self._store.transaction():
            if known := self._store.get(_KIND, refund.refund_id):
                return known
            if refund.asked.get("refund_account") != ADVANCED or refund.status == "CLOSED":
                raise words.NOT_ADVANCED(refund.refund_id)
            if not self._ledger.has(refund.merchant, _ACCOUNT, refund.settled):
                raise words.NOT_ENOUGH(refund.settled)
            number = self._world.number("3010", _KIND, 12)
            numbers = number, refund.number
            own = self._world.keys.mchid
            self._move(refund.merchant, own, refund.settled, numbers, "垫付回补")
            made = {
                "refund_id": refund.refund_id,
                "advance_return_id": number,
                "return_amount": refund.settled,
                "payer_mchid": refund.merchant,
                "payer_account": _ACCOUNT,
                "payee_mchid": own,
                "payee_account": _ACCOUNT,
                "result": "SUCCESS",
                "success_time": self._world.clock.moment().isoformat(),
            }
            self._store.put(_KIND, refund.refund_id, made)
            return made

    def find(self, refund_id: str) -> dict[str, Any]:
        """Tell what became of such a payment.

        Raises:
            Refusal: There was none.
        """
        found = self._store.get(_KIND, refund_id)
        if found is None:
            raise words.NO_SUCH_ADVANCE(refund_id)
        return found

    def _move(
        self, giver: str, taker: str, fen: int, numbers: tuple[str, str], business: str
    ) -> None:
        for mchid, sign in ((giver, -1), (taker, 1)):
            self._ledger.book(business, sign * fen, numbers, account=_ACCOUNT, mchid=mchid)
