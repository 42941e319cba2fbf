"""The transfers of a world: asked for, confirmed, cancelled, lapsed, and told to the merchant.

Their money leaves the operation account when they are asked for, and is back there if nothing comes
of them. A merchant can ask for one again with the same number after `NOT_ENOUGH`, for there is none
then: https://pay.weixin.qq.com/doc/v3/merchant/4013778940 (2025-11-07).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..._time import Appointment, Event
from ..._world import World
from ..accounts import Ledger
from ..payments import identity
from . import scenes, words
from .authorizations import Authorizations
from .transfer import NAME_NEEDED, State, Transfer

PATIENCE = 24 * 3600
"""Seconds that a user has to confirm a transfer: …/merchant/4013778940 (2025-11-07)."""
FOUND = 30 * 86400
"""Seconds in which a transfer can be asked for: docs/merchant/apis/mch-trans/transfer-bill/
get-transfer-bill-by-no (2025-03-21)."""
_OVERDUE = "OVERDUE_CLOSE"
_KIND, _ACCOUNT, _LIMIT = "transfer", "OPERATION", "transfer limit"


class Transfers:
    """The transfers, by the merchant's number; each sub-merchant has its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._ledger = Ledger(world)
        self._authorizations = Authorizations(world)

    def attend(self) -> None:
        """See to it that transfers which nobody confirms come to an end."""
        self._world.agenda.do("transfer expires", self._expire)

    def ask(self, asked: Mapping[str, Any], *, reported: bool = True) -> Transfer:
        """Ask for a transfer; with the same parameters again, it is the same transfer.

        Args:
            asked: The parameters.
            reported: Whether what the scene asks for can be told with it.

        Raises:
            Refusal: The number is taken by other parameters, a name or what the scene asks for is
                missing, or there is not enough on the operation account.
        """
        with self._store.transaction():
            return self._known(asked) or self._make(asked, reported=reported)

    def ask_with_authorization(self, asked: Mapping[str, Any]) -> Transfer:
        """Ask for a transfer, and for an authorization that is confirmed along with it.

        Raises:
            Refusal: As `ask`, or there is such an authorization already.
        """
        with self._store.transaction():
            if known := self._known(asked):
                return known
            info: Mapping[str, Any] = asked.get("authorization_info") or {}
            names = ("appid", "openid", "transfer_scene_id", "user_recv_perception")
            wanted = {**info, **{name: asked[name] for name in names if name in asked}}
            made = self._make(asked, authorization=info.get("out_authorization_no", ""))
            self._authorizations.ask(wanted, lapses=False)
            return made

    def ask_authorized(self, asked: Mapping[str, Any]) -> Transfer:
        """Ask for a transfer to a user who has agreed beforehand: it is done at once.

        Returns:
            The transfer as it is answered: taken on.

        Raises:
            Refusal: As `ask`, or there is no such authorization, or it is not in effect.
        """
        with self._store.transaction():
            if known := self._known(asked):
                return known
            agreed = self._authorizations.effective(asked)
            made = self._make(asked, state="ACCEPTED", openid=agreed.openid)
            self._step(made, "SUCCESS")
            return made

    def find(self, out_bill_no: str, mchid: str = "") -> Transfer:
        """Find a transfer by the merchant's number.

        Args:
            out_bill_no: The number.
            mchid: Whose; the sandbox's merchant's by default.

        Raises:
            Refusal: There is none, or it is too old.
        """
        transfer = self._get(mchid or self._world.keys.mchid, out_bill_no)
        if transfer is None or self._is_old(transfer):
            raise words.NO_SUCH_TRANSFER(out_bill_no, at="out_bill_no")
        return self._looked_at(transfer)

    def find_bill(self, transfer_bill_no: str, mchid: str = "") -> Transfer:
        """Find a transfer by WeChat Pay's number.

        Raises:
            Refusal: There is none, or it is too old.
        """
        mchid = mchid or self._world.keys.mchid
        for document in self._store.find(_KIND, transfer_bill_no=transfer_bill_no):
            transfer = Transfer(**document)
            if transfer.mchid == mchid and not self._is_old(transfer):
                return self._looked_at(transfer)
        raise words.NO_SUCH_TRANSFER(transfer_bill_no, at="transfer_bill_no")

    def named(self, out_bill_no: str) -> Transfer:
        """Find the transfer that a user means by a number, the newest first.

        Raises:
            Refusal: There is none.
        """
        for document in self._store.latest(_KIND, out_bill_no=out_bill_no, limit=1):
            return Transfer(**document)
        raise words.NO_SUCH_TRANSFER(out_bill_no, at="out_bill_no")

    def latest(self, limit: int = 20, skip: int = 0) -> list[Transfer]:
        """Return a page of all transfers, newest first."""
        return [Transfer(**each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def confirm(self, out_bill_no: str) -> Transfer:
        """Let the user take the money, and agree to whatever is asked along with it.

        Raises:
            Refusal: There is no such transfer, or it does not wait for that.
        """
        with self._store.transaction():
            transfer = self._step(self.named(out_bill_no), "SUCCESS")
            if transfer.authorization:
                self._authorizations.confirm(transfer.authorization)
            return transfer

    def fail(self, out_bill_no: str, fail_reason: str) -> Transfer:
        """Let a transfer go wrong: the money is back.

        Raises:
            Refusal: There is no such transfer, or it is over.
        """
        with self._store.transaction():
            return self._give_up(self.named(out_bill_no), fail_reason)

    def cancel(self, out_bill_no: str, mchid: str = "") -> Transfer:
        """Cancel a transfer that the user has not confirmed; to cancel it again changes nothing.

        Raises:
            Refusal: There is none, or it is too late.
        """
        with self._store.transaction():
            transfer = self.find(out_bill_no, mchid)
            if transfer.state == "CANCELLED":
                return transfer
            return self._step(transfer, "CANCELING")

    def limit(self, most: int) -> None:
        """Let the merchant transfer so much at once, in fen, and no more; 0 for any sum.

        There is no limit that all merchants have: each is set in the merchant's console,
        https://pay.weixin.qq.com/doc/v3/merchant/4013778940 (2025-11-07).
        """
        self._store.put(_LIMIT, "", {"most": most})

    @property
    def most(self) -> int:
        """How much the merchant can transfer at once, in fen; 0 for any sum."""
        most: int = (self._store.get(_LIMIT, "") or {"most": 0})["most"]
        return most

    def _make(
        self,
        asked: Mapping[str, Any],
        *,
        state: State = "WAIT_USER_CONFIRM",
        openid: str = "",
        authorization: str = "",
        reported: bool = True,
    ) -> Transfer:
        most = self.most
        if most and asked["transfer_amount"] > most:
            raise words.OVER_LIMIT(asked["transfer_amount"], most=most)
        if asked["transfer_amount"] >= NAME_NEEDED and not asked.get("user_name"):
            raise words.NAME_NEEDED("", fen=NAME_NEEDED)
        if reported:
            scenes.check(asked)
        identity.check_elsewhere(self._world, asked)
        now = self._world.clock.moment().isoformat()
        transfer = Transfer(
            asked=dict(asked),
            mchid=self._payer(asked),
            transfer_bill_no=self._world.number("1330", _KIND, 12),
            package_info=secrets.token_urlsafe(48),
            create_time=now,
            update_time=now,
            state=state,
            openid=openid,
            authorization=authorization,
        )
        if not self._ledger.has(transfer.mchid, _ACCOUNT, transfer.fen):
            raise words.NOT_ENOUGH("")
        self._put(transfer)
        self._move(transfer, "商家转账", -transfer.fen)
        if state == "WAIT_USER_CONFIRM":
            end = self._world.clock() + PATIENCE
            payload = {"mchid": transfer.mchid, "out_bill_no": transfer.out_bill_no}
            self._world.agenda.at(end, "transfer expires", **payload)
        return transfer

    def _known(self, asked: Mapping[str, Any]) -> Transfer | None:
        known = self._get(self._payer(asked), asked["out_bill_no"])
        if known and known.asked != dict(asked):
            raise words.DIFFERS(known.out_bill_no)
        return known

    def _payer(self, asked: Mapping[str, Any]) -> str:
        return asked.get("sub_mchid") or self._world.keys.mchid

    def _is_old(self, transfer: Transfer) -> bool:
        begun = datetime.fromisoformat(transfer.create_time)
        return (self._world.clock.moment() - begun).total_seconds() > FOUND

    def _expire(self, appointment: Appointment) -> None:
        with self._store.transaction():
            # Not by `find`, to which a transfer of 30 days ago is unknown: a sandbox that goes on
            # with an old state file keeps this appointment late, and the money has to come back.
            transfer = self._get(appointment.payload["mchid"], appointment.payload["out_bill_no"])
            if transfer and transfer.state == "WAIT_USER_CONFIRM":
                self._give_up(transfer, _OVERDUE)

    def _give_up(self, transfer: Transfer, fail_reason: str) -> Transfer:
        transfer = self._step(transfer, "FAIL", fail_reason)
        if transfer.authorization:
            self._authorizations.lapse(transfer.authorization)
        return transfer

    def _looked_at(self, transfer: Transfer) -> Transfer:
        """End cancelling, which takes until it is looked at again."""
        if transfer.state != "CANCELING":
            return transfer
        with self._store.transaction():
            # Read again: of two queries at once, the other may have ended it, and moved the money.
            transfer = self._get(transfer.mchid, transfer.out_bill_no) or transfer
            if transfer.state != "CANCELING":
                return transfer
            if transfer.authorization:
                self._authorizations.lapse(transfer.authorization)
            return self._step(transfer, "CANCELLED")

    def _step(self, transfer: Transfer, state: State, fail_reason: str = "") -> Transfer:
        with self._store.transaction():
            transfer = transfer.become(state, self._world.clock.moment(), fail_reason)
            self._put(transfer)
            if state in ("FAIL", "CANCELLED"):
                self._move(transfer, "商家转账退回", transfer.fen)
            if transfer.over and (url := transfer.asked.get("notify_url")):
                resource = transfer.notice(self._world.keys.mchid)
                what = "QQWALLETBILL" if transfer.to_qq else "BILL"
                name, kind = f"MCHTRANSFER.{what}.FINISHED", "mch_payment"
                self._world.tell(Event(name, kind, words.NOTICE.zh, resource, url))
            return transfer

    def _move(self, transfer: Transfer, business: str, fen: int) -> None:
        numbers = transfer.transfer_bill_no, transfer.out_bill_no
        self._ledger.book(business, fen, numbers, account=_ACCOUNT, mchid=transfer.mchid)

    def _get(self, mchid: str, out_bill_no: str) -> Transfer | None:
        found = self._store.get(_KIND, f"{mchid}/{out_bill_no}")
        return Transfer(**found) if found else None

    def _put(self, transfer: Transfer) -> None:
        self._store.put(
            _KIND,
            f"{transfer.mchid}/{transfer.out_bill_no}",
            asdict(transfer),
            out_bill_no=transfer.out_bill_no,
            transfer_bill_no=transfer.transfer_bill_no,
        )
