"""Electronic receipts (电子回单) of transfers, new and old: applied for, made, and downloaded.

One is being made when it is applied for, and is there when it is asked for. Only what succeeded has
one, and of the new transfers only what was sent with a name. It can be applied for in the first six
months (a partner's in 180 days), and is kept for 90 days; after them it is applied for again.

Official pages: docs/merchant/apis/mch-trans/elecsign/accept-elecsign-by-out-no (2025-03-21),
https://pay.weixin.qq.com/doc/v3/partner/4016315516 (2025-11-03)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..._endpoint import IncomingCall, downloads
from ..._world import World
from ..bills import Bills
from . import words
from .transfer import Transfer

PATH = "v3/transferdownload/signfile"
_KIND = "receipt"
_KEPT = 90 * 86400
_SPAN = {True: 183 * 86400, False: 180 * 86400}
"""How long after its success a transfer can have a receipt: the merchant's own, or a partner's."""


class Receipts:
    """The receipts, by what they are of."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def apply(self, transfer: Transfer) -> dict[str, Any]:
        """Apply for a transfer's receipt; one that is there already is told of.

        Raises:
            Refusal: It has none, or not any more.
        """
        if transfer.state != "SUCCESS" or not transfer.asked.get("user_name"):
            raise words.NO_RECEIPT_OF_IT(transfer.out_bill_no)
        own = transfer.mchid == self._world.keys.mchid
        if self._age(transfer.update_time) > _SPAN[own]:
            raise words.NO_RECEIPT_ANY_MORE(transfer.out_bill_no)
        return self.make(_key(transfer))

    def make(self, key: str) -> dict[str, Any]:
        """Have a receipt made, unless it is there."""
        with self._store.transaction():
            if (known := self._store.get(_KIND, key)) and not self._is_forgotten(known):
                return known
            now = self._world.clock.moment().isoformat()
            made = {"state": "GENERATING", "create_time": now, "update_time": now}
            self._store.put(_KIND, key, made)
            return made

    def of(self, transfer: Transfer) -> dict[str, Any]:
        """Find a transfer's receipt.

        Raises:
            Refusal: None was applied for, or it is not kept any more.
        """
        return self.find(_key(transfer), transfer.out_bill_no)

    def find(self, key: str, number: str) -> dict[str, Any]:
        """Find a receipt; it is made by then.

        Raises:
            Refusal: None was applied for, or it is not kept any more.
        """
        with self._store.transaction():
            found = self._store.get(_KIND, key)
            if found is None or self._is_forgotten(found):
                raise words.NO_SUCH_RECEIPT(number)
            if found["state"] == "GENERATING":
                now = self._world.clock.moment().isoformat()
                found |= {"state": "FINISHED", "update_time": now}
                self._store.put(_KIND, key, found)
            return found

    def _age(self, time: str) -> float:
        return (self._world.clock.moment() - datetime.fromisoformat(time)).total_seconds()

    def _is_forgotten(self, receipt: Mapping[str, Any]) -> bool:
        return self._age(receipt["create_time"]) > _KEPT


def said_of(call: IncomingCall, key: str, hash_type: str) -> dict[str, str]:
    """Return what an answer says of a receipt's file.

    Args:
        call: To whom.
        key: Which one it is.
        hash_type: `SHA256` or `SM3`.
    """
    content = f"%PDF-1.4\n% {key}\n%%EOF\n".encode()
    token = Bills(call.world).offer(content)
    said = downloads.said_of(token, call.url, content=content, hash_type=hash_type)
    return {**said, "download_url": said["download_url"].replace(downloads.PATH, PATH)}


def _key(transfer: Transfer) -> str:
    return f"{transfer.mchid}/{transfer.transfer_bill_no}"
