"""Top-ups: what a merchant sends from its bank, asked for beforehand or not.

    RECHARGING → SUCCESS      the bank has sent it
               → CLOSED       the platform closed it

Official pages: the endpoints' own in the catalogue; how long one stays open is not documented, so
it does until it is ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..._time import Event, seconds
from ..._world import World
from . import words
from .ledger import Ledger

RechargeState = Literal["RECHARGING", "SUCCESS", "CLOSED"]
_KIND, _INCOME = "recharge", "income"


@dataclass(frozen=True)
class Recharge:
    """One top-up that was asked for, at one moment.

    Attributes:
        asked: The parameters it was asked for with.
        mchid: Whose account is topped up.
        recharge_id: WeChat Pay's number for it.
        accept_time: When it was asked for.
        state: Where it is.
        done_time: When it was sent or closed.
    """

    asked: Mapping[str, Any] = field(repr=False)
    mchid: str
    recharge_id: str
    accept_time: str
    state: RechargeState = "RECHARGING"
    done_time: str = ""

    @property
    def number(self) -> str:
        """The merchant's number for it."""
        number: str = self.asked["out_recharge_no"]
        return number

    @property
    def fen(self) -> int:
        """How much it is."""
        fen: int = self.asked["recharge_amount"].get("amount", 0)
        return fen

    @property
    def by_sub_merchant(self) -> bool:
        """Whether it is a sub-merchant's, in whatever way that likes to pay."""
        return "sub_mchid" in self.asked

    def become(self, state: RechargeState, time: str) -> Recharge:
        """Return it as it is after its end.

        Raises:
            Refusal: It has ended already.
        """
        if self.state != "RECHARGING":
            raise words.RECHARGE_OVER(self.number, state=self.state)
        return replace(self, state=state, done_time=time)

    def report(self, own: str) -> dict[str, Any]:
        """Return what a query answers.

        Args:
            own: The sandbox's merchant.
        """
        names = ("out_recharge_no", "account_type", "recharge_scene", "recharge_amount")
        whose = {"sp_mchid": own, "sub_mchid": self.mchid} if self.by_sub_merchant else {}
        said: dict[str, Any] = {
            **(whose or {"mchid": self.mchid}),
            **{name: self.asked[name] for name in names},
            "recharge_id": self.recharge_id,
            "recharge_state": self.state,
            "accept_time": self.accept_time,
        }
        if channels := self.asked.get("available_recharge_channels"):
            said["available_recharge_channels"] = channels
        if self.state == "SUCCESS":
            bank = {"bill_no": self.recharge_id, "memo": "", "bank_name": "工商银行"}
            said |= {"success_time": self.done_time}
            said["bank_transfer_info"] = {**bank, "bank_card_tail": "1178"}
            if self.by_sub_merchant:
                said["recharge_channel"] = "BANK_TRANSFER"
        if self.state == "CLOSED":
            said["close_time"] = self.done_time
        return said


@dataclass(frozen=True)
class Income:
    """Money that came from a bank without having been asked for.

    Attributes:
        mchid: To whom.
        account: To which account.
        fen: How much.
        number: WeChat Pay's number for it.
        time: When.
        remark: What the bank wrote about it.
    """

    mchid: str
    account: str
    fen: int
    number: str
    time: str
    remark: str = ""

    def report(self, whose: str) -> dict[str, Any]:
        """Return what a query answers, with the merchant under such a name."""
        return {
            whose: self.mchid,
            "account_type": self.account,
            "income_record_type": "OFFLINERECHARGE",
            "income_record_id": self.number,
            "amount": self.fen,
            "success_time": self.time,
            "bank_name": "工商银行",
            "bank_account_name": "沙箱商户",
            "bank_account_number": "1178",
            "recharge_remark": self.remark,
        }


class Recharges:
    """The top-ups of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._ledger = Ledger(world)

    def ask(self, asked: Mapping[str, Any]) -> Recharge:
        """Ask for a top-up; with the same number again, it is the same one.

        Raises:
            Refusal: The number is taken.
        """
        mchid = asked.get("sub_mchid") or self._world.keys.mchid
        with self._store.transaction():
            if known := self._get(mchid, asked["out_recharge_no"]):
                if known.asked != dict(asked):
                    raise words.NUMBER_TAKEN(known.number, at="/out_recharge_no")
                return known
            number = self._world.number("14", _KIND, 14)
            time = self._world.clock.moment().isoformat()
            return self._write(Recharge(dict(asked), mchid, number, time))

    def find(self, mchid: str, number: str) -> Recharge:
        """Find a top-up by the merchant's number.

        Raises:
            Refusal: There is none.
        """
        found = self._get(mchid, number)
        if found is None:
            raise words.NO_SUCH_RECHARGE(number)
        return found

    def named(self, number: str) -> Recharge:
        """Find the newest top-up with a number, of any merchant.

        Raises:
            Refusal: There is none.
        """
        for each in self._store.latest(_KIND, number=number, limit=1):
            return Recharge(**each)
        raise words.NO_SUCH_RECHARGE(number)

    def latest(self, limit: int = 20, skip: int = 0) -> list[Recharge]:
        """Return a page of all top-ups, newest first."""
        return [Recharge(**each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def end(self, found: Recharge, state: RechargeState) -> Recharge:
        """Let the bank send it, or close it.

        Raises:
            Refusal: It has ended already.
        """
        with self._store.transaction():
            found = self.find(found.mchid, found.number)  # as it is by now: money moves once
            made = found.become(state, self._world.clock.moment().isoformat())
            if state == "SUCCESS":
                account: str = made.asked["account_type"]
                numbers = made.recharge_id, made.number
                self._ledger.book("充值", made.fen, numbers, account=account, mchid=made.mchid)
            if url := made.asked.get("notify_url"):
                told = made.report(self._world.keys.mchid)
                name = "RECHARGE.SUCCESS" if state == "SUCCESS" else "RECHARGE.CLOSED"
                self._world.tell(Event(name, "recharge", words.RECHARGED.zh, told, url))
            return self._write(made)

    def receive(self, mchid: str, account: str, fen: int, remark: str = "") -> Income:
        """Let money come from a bank."""
        with self._store.transaction():
            number = self._world.number("15", _INCOME, 14)
            time = self._world.clock.moment().isoformat()
            made = Income(mchid, account, fen, number, time, remark)
            self._ledger.book("充值", fen, (number, number), account=account, mchid=mchid)
            whose = f"{mchid}/{account}/{time[:10]}"
            self._store.put(_INCOME, number, vars(made), whose=whose, at=seconds(time))
            return made

    def received(self, mchid: str, account: str, day: str) -> list[Income]:
        """Return what came from banks on a day, oldest first."""
        found = self._store.find(_INCOME, whose=f"{mchid}/{account}/{day}")
        return [Income(**each) for each in found]

    def _get(self, mchid: str, number: str) -> Recharge | None:
        found = self._store.get(_KIND, f"{mchid}/{number}")
        return Recharge(**found) if found else None

    def _write(self, made: Recharge) -> Recharge:
        key = f"{made.mchid}/{made.number}"
        self._store.put(_KIND, key, vars(made), number=made.number)
        return made
