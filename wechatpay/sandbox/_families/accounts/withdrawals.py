"""The withdrawals of a world: asked for, arrived, failed or sent back, and told to the merchant.

What is asked for on one day arrives on the next working day, at ten: that hour is the sandbox's own
rule. A number is the same withdrawal for six days, and is refused after them.

Official page: https://pay.weixin.qq.com/docs/partner/apis/ecommerce-withdraw/with-draws/create-withdraw.html
(2024-12-19); that it starts the next day: https://pay.weixin.qq.com/doc/v3/partner/4014075940;
what is refused: https://pay.weixin.qq.com/doc/v3/partner/4012476652
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..._time import Appointment, Event, seconds
from ..._world import World
from . import words
from .days import working_day_after
from .ledger import Ledger
from .withdrawal import Withdrawal, WithdrawalState

_KIND, _ARRIVES = "withdrawal", "withdrawal arrives"
_SAME = 6 * 86400
"""Seconds in which a number stands for the same withdrawal."""


class Withdrawals:
    """The withdrawals, by the merchant's number; each sub-merchant has its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._ledger = Ledger(world)

    def attend(self) -> None:
        """See to it that withdrawals arrive."""
        self._world.agenda.do(_ARRIVES, self._arrive)

    def ask(self, asked: Mapping[str, Any]) -> Withdrawal:
        """Ask for a withdrawal; with the same number again, it is the same one.

        Raises:
            Refusal: There is not enough, or the number is taken, too old, or given up.
        """
        made = self._asked(asked)
        if made.status == "INIT":  # it is kept, and a query finds it in this state
            raise words.NOT_ENOUGH("")
        if made.status == "CLOSE":
            raise words.WITHDRAWAL_CLOSED(made.number)
        return made

    def _asked(self, asked: Mapping[str, Any]) -> Withdrawal:
        mchid = asked.get("sub_mchid") or self._world.keys.mchid
        number: str = asked["out_request_no"]
        with self._store.transaction():
            now = self._world.clock.moment()
            if known := self._get(mchid, number):
                begun = datetime.fromisoformat(known.create_time)
                if (now - begun).total_seconds() > _SAME:
                    raise words.NUMBER_TOO_OLD(number)
                if known.asked != dict(asked):
                    raise words.NUMBER_TAKEN(number)
            made = known or Withdrawal(
                dict(asked),
                mchid,
                self._world.number("12", _KIND, 14),
                now.isoformat(),
                now.isoformat(),
                reason=words.TOO_LITTLE.zh,
            )
            if made.status != "INIT":
                return made
            if not self._ledger.has(mchid, made.account, made.fen):
                return self._write(made)
            made = made.become("CREATE_SUCCESS", now)
            self._move(made, "提现", -made.fen)
            arrives = working_day_after(now).timestamp()
            self._world.agenda.at(arrives, _ARRIVES, mchid=mchid, number=number)
            return self._write(made)

    def find(self, mchid: str, number: str) -> Withdrawal:
        """Find a withdrawal by the merchant's number.

        Raises:
            Refusal: There is none.
        """
        found = self._get(mchid, number)
        if found is None:
            raise words.NO_SUCH_WITHDRAWAL(number, at="out_request_no")
        return found

    def find_by_id(self, mchid: str, withdraw_id: str) -> Withdrawal:
        """Find a withdrawal by WeChat Pay's number.

        Raises:
            Refusal: There is none.
        """
        for each in self._store.find(_KIND, withdraw_id=withdraw_id, mchid=mchid):
            return Withdrawal(**each)
        raise words.NO_SUCH_WITHDRAWAL(withdraw_id, at="withdraw_id")

    def named(self, number: str) -> Withdrawal:
        """Find the newest withdrawal with a number, of any merchant.

        Raises:
            Refusal: There is none.
        """
        for each in self._store.latest(_KIND, number=number, limit=1):
            return Withdrawal(**each)
        raise words.NO_SUCH_WITHDRAWAL(number, at="out_request_no")

    def latest(self, limit: int = 20, skip: int = 0) -> list[Withdrawal]:
        """Return a page of all withdrawals, newest first."""
        return [Withdrawal(**each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def given_back(self, start: float, end: float) -> list[Withdrawal]:
        """Return those whose money came back from a moment to before another."""
        return [Withdrawal(**each) for each in self._store.between(_KIND, "back_at", start, end)]

    def become(self, found: Withdrawal, status: WithdrawalState, reason: str = "") -> Withdrawal:
        """Let a withdrawal arrive, fail or be sent back.

        Raises:
            Refusal: From where it is, that is not a step.
        """
        with self._store.transaction():
            found = self.find(found.mchid, found.number)  # as it is by now: money moves once
            made = found.become(status, self._world.clock.moment(), reason)
            if made.gives_back:
                self._move(made, "提现退回", made.fen)
            self._write(made)
            if url := made.asked.get("notify_url"):
                own = {"sp_mchid": self._world.keys.mchid, "sub_mchid": made.mchid}
                whose = own if "sub_mchid" in made.asked else {"solution": ""}
                told = {**whose, **made.report()}
                name = "MCHWITHDRAW.CHANGE"
                self._world.tell(Event(name, "mch_withdraw", words.WITHDRAWN.zh, told, url))
            return made

    def _arrive(self, appointment: Appointment) -> None:
        with self._store.transaction():
            found = self.find(appointment.payload["mchid"], appointment.payload["number"])
            if found.status == "CREATE_SUCCESS":
                self.become(found, "SUCCESS")

    def _move(self, made: Withdrawal, business: str, fen: int) -> None:
        numbers = made.withdraw_id, made.number
        self._ledger.book(business, fen, numbers, account=made.account, mchid=made.mchid)

    def _get(self, mchid: str, number: str) -> Withdrawal | None:
        found = self._store.get(_KIND, f"{mchid}/{number}")
        return Withdrawal(**found) if found else None

    def _write(self, made: Withdrawal) -> Withdrawal:
        self._store.put(
            _KIND,
            f"{made.mchid}/{made.number}",
            vars(made),
            number=made.number,
            mchid=made.mchid,
            withdraw_id=made.withdraw_id,
            back_at=seconds(made.update_time if made.gives_back else ""),
        )
        return made
