"""Withdrawals of what a sub-merchant has at the end of the day, reserved on that day.

    CREATED → PROCESSING → FINISHED      the day is over; the bank has it on the next working day
            → ABNORMAL                   there is not as much as there was

Official pages: https://pay.weixin.qq.com/doc/v3/partner/4013328143 and …/4013328163 (2024-12-19)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from ..._time import Appointment, Event
from ..._world import World
from . import words
from .days import working_day_after
from .ledger import Ledger
from .withdrawal import BANK

ReservationState = Literal["CREATED", "PROCESSING", "FINISHED", "ABNORMAL"]

OPENS, CLOSES = (10, 0), (23, 55)
"""Hours and minutes between which a day's withdrawal can be reserved."""
_KIND, _STARTS, _ARRIVES = "reserved withdrawal", "reserved withdrawal", "reserved money arrives"
_GIVEN = ("out_request_no", "remark", "bank_memo")


@dataclass(frozen=True)
class Reservation:
    """One reserved withdrawal, at one moment.

    Attributes:
        asked: The parameters it was asked for with.
        withdraw_id: WeChat Pay's number for it.
        create_time: When it was asked for.
        update_time: When it came where it is.
        status: Where it is.
        total: How much it is, in fen; nothing before the day is over.
        reason: Why nothing came of it.
    """

    asked: Mapping[str, Any] = field(repr=False)
    withdraw_id: str
    create_time: str
    update_time: str
    status: ReservationState = "CREATED"
    total: int = 0
    reason: str = ""

    @property
    def numbers(self) -> tuple[str, str]:
        """WeChat Pay's number for it, and the merchant's."""
        return self.withdraw_id, self.asked["out_request_no"]

    @property
    def mchid(self) -> str:
        """Whose money it is."""
        mchid: str = self.asked["sub_mchid"]
        return mchid

    def report(self, sp_mchid: str) -> dict[str, Any]:
        """Return what a query answers."""
        return {
            "sp_mchid": sp_mchid,
            "sub_mchid": self.mchid,
            **{name: self.asked[name] for name in _GIVEN if name in self.asked},
            "status": self.status,
            "withdraw_id": self.withdraw_id,
            "total_amount": self.total,
            "success_amount": self.total if self.status == "FINISHED" else 0,
            "fail_amount": self.total if self.status == "ABNORMAL" else 0,
            "refund_amount": 0,
            "create_time": self.create_time,
            "update_time": self.update_time,
            "reason": self.reason,
            "account_type": "BASIC",
            **BANK,
        }


class Reservations:
    """The reserved withdrawals, by the sub-merchants' and the merchant's numbers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._ledger = Ledger(world)

    def attend(self) -> None:
        """See to it that they are carried out when the day is over."""
        self._world.agenda.do(_STARTS, self._start)
        self._world.agenda.do(_ARRIVES, self._arrive)

    def ask(self, asked: Mapping[str, Any]) -> Reservation:
        """Reserve a withdrawal; with the same number again, it is the same one.

        Raises:
            Refusal: It is too early or too late in the day, or the number is taken.
        """
        number: str = asked["out_request_no"]
        with self._store.transaction():
            if known := self._get(asked["sub_mchid"], number):
                if known.asked != dict(asked):
                    raise words.NUMBER_TAKEN(number)
                return known
            now = self._world.clock.moment()
            if not OPENS <= (now.hour, now.minute) < CLOSES:
                raise words.NOT_AT_THIS_HOUR("")
            made = Reservation(
                dict(asked),
                self._world.number("13", _KIND, 14),
                now.isoformat(),
                now.isoformat(),
            )
            midnight = now.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            self._schedule(midnight, _STARTS, made)
            return self._write(made)

    def find(self, mchid: str, number: str) -> Reservation:
        """Find one by the merchant's number.

        Raises:
            Refusal: There is none.
        """
        found = self._get(mchid, number)
        if found is None:
            raise words.NO_SUCH_WITHDRAWAL(number, at="out_request_no")
        return found

    def latest(self, limit: int = 20, skip: int = 0) -> list[Reservation]:
        """Return a page of all of them, newest first."""
        return [Reservation(**each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def _start(self, appointment: Appointment) -> None:
        with self._store.transaction():
            found = self.find(**appointment.payload)
            now, mchid = self._world.clock.moment(), found.mchid
            midnight = now.replace(hour=0, minute=0, second=0)
            then = self._ledger.at(mchid, "BASIC", midnight).available
            available = self._ledger.balance(mchid, "BASIC").available
            if found.asked.get("calculate_amount_type") == "ALLOW_CURRENT_BALANCE":
                then = min(then, available)
            total = max(then - found.asked.get("reserve_amount", 0), 0)
            if total > available or not total:
                self._become(found, "ABNORMAL", total, words.TOO_LITTLE.zh)
                return
            self._ledger.book("提现", -total, found.numbers, account="BASIC", mchid=mchid)
            self._schedule(working_day_after(midnight - timedelta(days=1)), _ARRIVES, found)
            self._become(found, "PROCESSING", total)

    def _arrive(self, appointment: Appointment) -> None:
        with self._store.transaction():
            found = self.find(**appointment.payload)
            self._become(found, "FINISHED", found.total)

    def _become(
        self, found: Reservation, status: ReservationState, total: int, reason: str = ""
    ) -> None:
        time = self._world.clock.moment().isoformat()
        made = replace(found, status=status, total=total, reason=reason, update_time=time)
        self._write(made)
        if (url := made.asked.get("notify_url")) and status in ("FINISHED", "ABNORMAL"):
            told = made.report(self._world.keys.mchid)
            name = "MCHWITHDRAW.CHANGE"
            self._world.tell(Event(name, "mch_withdraw", words.WITHDRAWN.zh, told, url))

    def _schedule(self, moment: datetime, name: str, made: Reservation) -> None:
        number: str = made.asked["out_request_no"]
        self._world.agenda.at(moment.timestamp(), name, mchid=made.mchid, number=number)

    def _get(self, mchid: str, number: str) -> Reservation | None:
        found = self._store.get(_KIND, f"{mchid}/{number}")
        return Reservation(**found) if found else None

    def _write(self, made: Reservation) -> Reservation:
        self._store.put(_KIND, "/".join((made.mchid, made.numbers[1])), vars(made))
        return made
