"""The applications of a world: made, audited, confirmed, signed, rejected or given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..._time import Appointment
from ..._world import World
from ..ecommerce import Applyments
from . import words
from .application import PATIENCE, Application

_KIND, _GOES_ON = "application", "application goes on"
_FIRST = 2_100_000_000_000_000
_NAMES = ("account_bank", "bank_name", "bank_branch_id", "account_number")


class Applications:
    """The applications, by the partner's and by WeChat Pay's numbers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def attend(self) -> None:
        """See to it that an application ends that nobody goes on with."""
        self._world.agenda.do(_GOES_ON, self._go_on)

    def apply(self, asked: Mapping[str, Any]) -> Application:
        """Apply for a merchant; with the same number again, it is the same application.

        One that was rejected is overwritten: it is the same number, and is audited again.

        Raises:
            Refusal: The number is taken by an application that goes on.
        """
        with self._store.transaction():
            known = self._get(asked["business_code"])
            if known and known.asked == dict(asked) and known.state != "REJECTED":
                return known
            if known and known.state != "REJECTED":
                raise words.NUMBER_TAKEN(known.number)
            number = known.applyment_id if known else _FIRST + self._store.next(_KIND)
            now = self._world.clock.moment().isoformat()
            steps = known.steps + 1 if known else 0
            return self._write(Application(dict(asked), number, now, steps=steps))

    def find(self, number: str) -> Application:
        """Find an application by the partner's number.

        Raises:
            Refusal: There is none.
        """
        found = self._get(number)
        if found is None:
            raise words.NO_SUCH_APPLICATION(number, at="business_code")
        return found

    def find_by_id(self, applyment_id: str) -> Application:
        """Find an application by WeChat Pay's number.

        Raises:
            Refusal: There is none.
        """
        for each in self._store.find(_KIND, applyment_id=applyment_id):
            return Application(**each)
        raise words.NO_SUCH_APPLICATION(applyment_id, at="applyment_id")

    def latest(self, limit: int = 20, skip: int = 0) -> list[Application]:
        """Return a page of all applications, newest first."""
        return [Application(**each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def go_on(self, number: str) -> Application:
        """Let an application go on by one step; once it is finished, the merchant can settle.

        Raises:
            Refusal: There is none, or it is over.
        """
        with self._store.transaction():
            found = self.find(number)
            state, mchid = found.following, ""
            if state == "TO_BE_SIGNED":
                mchid = str(1_900_200_000 + self._store.next("sub-merchant"))
            made = self._write(found.become(state, mchid))
            if state == "FINISHED":
                Applyments(self._world).settle(made.sub_mchid, _account(made))
            return made

    def reject(self, number: str, wrong: str, reason: str) -> Application:
        """Reject an application.

        Raises:
            Refusal: There is none, or it is too late.
        """
        with self._store.transaction():
            return self._write(self.find(number).become("REJECTED", "", wrong, reason))

    def _go_on(self, appointment: Appointment) -> None:
        with self._store.transaction():
            found = self.find(appointment.payload["number"])
            if found.steps != appointment.payload["steps"]:
                return  # it has gone on by another step since
            _, state = PATIENCE[found.state]
            if state == "FINISHED":
                self.go_on(found.number)
            else:
                self._write(found.become(state, "", "bank_account_info", words.NOT_VERIFIED.zh))

    def _get(self, number: str) -> Application | None:
        found = self._store.get(_KIND, number)
        return Application(**found) if found else None

    def _write(self, made: Application) -> Application:
        if made.state in PATIENCE:
            end = self._world.clock() + PATIENCE[made.state][0]
            self._world.agenda.at(end, _GOES_ON, number=made.number, steps=made.steps)
        self._store.put(_KIND, made.number, asdict(made), applyment_id=str(made.applyment_id))
        return made


def _account(made: Application) -> dict[str, Any]:
    info = made.asked["bank_account_info"]
    public = info["bank_account_type"] == "BANK_ACCOUNT_TYPE_CORPORATE"
    account = {name: info[name] for name in _NAMES if name in info}
    return {"account_type": f"ACCOUNT_TYPE_{'BUSINESS' if public else 'PRIVATE'}", **account}
