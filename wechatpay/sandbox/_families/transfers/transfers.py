"""Transfers to users: one bill each, which the user confirms, the merchant cancels, or time ends.

    ACCEPTED → WAIT_USER_CONFIRM → SUCCESS      the user confirms
                                 → CANCELING → CANCELLED      the merchant cancels
                                 → FAIL      nobody did anything for a day

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012716434
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from ..._time import Appointment, Event
from ..._world import World
from ..accounts import Ledger
from . import words

State = Literal["WAIT_USER_CONFIRM", "SUCCESS", "FAIL", "CANCELING", "CANCELLED"]

PATIENCE = 24 * 3600
"""Seconds that a user has to confirm a transfer."""
NAME_NEEDED = 200_000
"""From so many fen on, the user's name has to be given."""
NAME_REFUSED = 30
"""Below so many fen it must not be."""
_OVERDUE = "OVERDUE_CLOSE"
_NEXT: Mapping[State, tuple[State, ...]] = {
    "WAIT_USER_CONFIRM": ("SUCCESS", "FAIL", "CANCELING"),
    "CANCELING": ("CANCELLED",),
    "SUCCESS": (),
    "FAIL": (),
    "CANCELLED": (),
}
_KIND, _ACCOUNT = "transfer", "OPERATION"


@dataclass(frozen=True)
class Transfer:
    """One transfer, at one moment.

    Attributes:
        asked: The parameters it was asked for with.
        transfer_bill_no: WeChat Pay's number for it.
        package_info: With what the user's WeChat shows it to be confirmed.
        create_time: When it was asked for.
        update_time: When it came where it is.
        state: Where it is.
        fail_reason: Why it failed.
    """

    asked: Mapping[str, Any] = field(repr=False)
    transfer_bill_no: str
    package_info: str
    create_time: str
    update_time: str
    state: State = "WAIT_USER_CONFIRM"
    fail_reason: str = ""

    @property
    def out_bill_no(self) -> str:
        """The merchant's number for it."""
        number: str = self.asked["out_bill_no"]
        return number

    @property
    def fen(self) -> int:
        """How much it is."""
        fen: int = self.asked["transfer_amount"]
        return fen

    def become(self, state: State, now: datetime, fail_reason: str = "") -> Transfer:
        """Return it as it is after a step.

        Raises:
            Refusal: From where it is, that is not a step.
        """
        if state not in _NEXT[self.state]:
            raise words.STATE(self.out_bill_no, state=self.state)
        return replace(self, state=state, fail_reason=fail_reason, update_time=now.isoformat())

    def receipt(self) -> dict[str, Any]:
        """Return what is answered to the merchant who asks for it."""
        answer = {
            "out_bill_no": self.out_bill_no,
            "transfer_bill_no": self.transfer_bill_no,
            "create_time": self.create_time,
            "state": self.state,
        }
        if self.state == "WAIT_USER_CONFIRM":
            answer["package_info"] = self.package_info
        return answer | self._reason()

    def report(self, mchid: str) -> dict[str, Any]:
        """Return what a query answers."""
        given = ("appid", "out_bill_no", "openid", "transfer_amount", "transfer_remark")
        named = {"user_name": self.asked["user_name"]} if "user_name" in self.asked else {}
        return {
            "mch_id": mchid,
            **{name: self.asked[name] for name in given},
            **named,
            "transfer_bill_no": self.transfer_bill_no,
            "state": self.state,
            "create_time": self.create_time,
            "update_time": self.update_time,
            **self._reason(),
        }

    def notice(self, mchid: str) -> dict[str, Any]:
        """Return what the merchant is notified of; names are left out of it."""
        report = self.report(mchid)
        left_out = ("appid", "user_name", "transfer_remark")
        return {name: value for name, value in report.items() if name not in left_out}

    def _reason(self) -> dict[str, str]:
        return {"fail_reason": self.fail_reason} if self.fail_reason else {}


class Transfers:
    """The transfers, by the merchant's number."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._ledger = Ledger(world)

    def attend(self) -> None:
        """See to it that transfers which nobody confirms come to an end."""
        self._world.agenda.do("transfer expires", self._expire)

    def ask(self, asked: Mapping[str, Any]) -> Transfer:
        """Ask for a transfer; with the same parameters again, it is the same transfer.

        Raises:
            Refusal: The number is taken by other parameters, or the name does not go with the
                amount.
        """
        number: str = asked["out_bill_no"]
        with self._store.transaction():
            if known := self._get(number):
                if known.asked != dict(asked):
                    raise words.DIFFERS(number)
                return known
            _check_name(asked)
            now = self._world.clock.moment()
            transfer = Transfer(
                asked=dict(asked),
                transfer_bill_no=self._world.number("1330", _KIND, 12),
                package_info=secrets.token_urlsafe(48),
                create_time=now.isoformat(),
                update_time=now.isoformat(),
            )
            if not self._ledger.has(self._world.keys.mchid, _ACCOUNT, transfer.fen):
                raise words.NOT_ENOUGH("")
            self._put(transfer)
            self._move(transfer, "商家转账", -transfer.fen)
            end = self._world.clock() + PATIENCE
            self._world.agenda.at(end, "transfer expires", out_bill_no=number)
            return transfer

    def find(self, out_bill_no: str) -> Transfer:
        """Find a transfer by the merchant's number.

        Raises:
            Refusal: There is none.
        """
        transfer = self._get(out_bill_no)
        if transfer is None:
            raise words.NO_SUCH_TRANSFER(out_bill_no, at="out_bill_no")
        return self._looked_at(transfer)

    def find_bill(self, transfer_bill_no: str) -> Transfer:
        """Find a transfer by WeChat Pay's number.

        Raises:
            Refusal: There is none.
        """
        found = self._store.find(_KIND, transfer_bill_no=transfer_bill_no)
        if not found:
            raise words.NO_SUCH_TRANSFER(transfer_bill_no, at="transfer_bill_no")
        return self._looked_at(Transfer(**found[0]))

    def latest(self, limit: int = 20, skip: int = 0) -> list[Transfer]:
        """Return a page of all transfers, newest first."""
        return [Transfer(**each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def confirm(self, out_bill_no: str) -> Transfer:
        """Let the user take the money.

        Raises:
            Refusal: There is no such transfer, or it does not wait for that.
        """
        return self._step(out_bill_no, "SUCCESS")

    def cancel(self, out_bill_no: str) -> Transfer:
        """Cancel a transfer that the user has not confirmed; to cancel it again changes nothing.

        Raises:
            Refusal: There is none, or it is too late.
        """
        with self._store.transaction():
            transfer = self.find(out_bill_no)
            if transfer.state == "CANCELLED":
                return transfer
            return self._step(out_bill_no, "CANCELING")

    def _expire(self, appointment: Appointment) -> None:
        with self._store.transaction():
            number = appointment.payload["out_bill_no"]
            if self.find(number).state == "WAIT_USER_CONFIRM":
                self._step(number, "FAIL", _OVERDUE)

    def _looked_at(self, transfer: Transfer) -> Transfer:
        """Cancelling takes until somebody looks again."""
        if transfer.state != "CANCELING":
            return transfer
        return self._step(transfer.out_bill_no, "CANCELLED")

    def _step(self, out_bill_no: str, state: State, fail_reason: str = "") -> Transfer:
        with self._store.transaction():
            transfer = self._get(out_bill_no)
            if transfer is None:
                raise words.NO_SUCH_TRANSFER(out_bill_no, at="out_bill_no")
            transfer = transfer.become(state, self._world.clock.moment(), fail_reason)
            self._put(transfer)
            if state in ("FAIL", "CANCELLED"):
                self._move(transfer, "商家转账退回", transfer.fen)
            if not _NEXT[state] and (url := transfer.asked.get("notify_url")):
                resource = transfer.notice(self._world.keys.mchid)
                name, kind = "MCHTRANSFER.BILL.FINISHED", "mch_payment"
                self._world.tell(Event(name, kind, words.NOTICE.zh, resource, url))
            return transfer

    def _move(self, transfer: Transfer, business: str, fen: int) -> None:
        numbers = transfer.transfer_bill_no, transfer.out_bill_no
        self._ledger.book(business, fen, numbers, account=_ACCOUNT)

    def _get(self, out_bill_no: str) -> Transfer | None:
        found = self._store.get(_KIND, out_bill_no)
        return Transfer(**found) if found else None

    def _put(self, transfer: Transfer) -> None:
        self._store.put(
            _KIND,
            transfer.out_bill_no,
            asdict(transfer),
            transfer_bill_no=transfer.transfer_bill_no,
        )


def _check_name(asked: Mapping[str, Any]) -> None:
    """A name is needed for a large amount, and not taken for a tiny one."""
    amount: int = asked["transfer_amount"]
    if amount >= NAME_NEEDED and "user_name" not in asked:
        raise words.NAME_NEEDED("", fen=NAME_NEEDED)
    if amount < NAME_REFUSED and "user_name" in asked:
        raise words.NAME_REFUSED("", fen=NAME_REFUSED)
