"""Accounts, as a family of the sandbox's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from ..._parts import Family, Flow, Parts, action
from ..._world import World
from . import pages, routes
from .ledger import Ledger
from .recharges import Recharges
from .reservation import Reservations
from .withdrawal import WithdrawalEnd
from .withdrawals import Withdrawals
from .words import WORDS

Account = Literal["BASIC", "OPERATION", "FEES", "DEPOSIT"]


def attend(world: World) -> None:
    """See to it that withdrawals arrive."""
    Withdrawals(world).attend()
    Reservations(world).attend()


def flows(world: World, start: float, end: float) -> Iterable[Flow]:
    """Tell what was booked."""
    return Ledger(world).between(start, end)


_PARTS = Parts(
    routes=routes.ROUTES,
    words=WORDS,
    attend=attend,
    flows=flows,
    menu=pages.MENU,
    places=pages.PLACES,
    tones=pages.TONES,
)


class AccountFamily(Family, parts=_PARTS):
    """What a bank does, and how much there is at all."""

    @action("accounts/{account_type}/balance", limits={"fen": {"minimum": 0}})
    def set_balance(self, account_type: Account, fen: int, sub_mchid: str = "") -> dict[str, Any]:
        """Have so much be available on an account: one that has nothing refuses what costs money.

        Every account begins with 1,000,000 yuan. Where the sandbox is another process,
        `POST sandbox/accounts/{account_type}/balance` does.

        Args:
            account_type: `BASIC`, `OPERATION`, `FEES` or `DEPOSIT`.
            fen: How much is available from now on, in fen.
            sub_mchid: Whose account, if it is not the sandbox's merchant's.

        Returns:
            The balance.
        """
        ledger, mchid = Ledger(self.world), sub_mchid or self.world.keys.mchid
        with self.world.store.transaction():
            missing = fen - ledger.balance(mchid, account_type).available
            if missing:
                number = self.world.number("16", "adjustment", 14)
                numbers = number, number
                ledger.book("调账", missing, numbers, account=account_type, mchid=mchid)
            return ledger.balance(mchid, account_type)._asdict()

    @action("accounts/{account_type}/top-up", limits={"fen": {"minimum": 1}})
    def top_up(self, account_type: Account, fen: int, sub_mchid: str = "") -> dict[str, Any]:
        """Let the merchant send money from its bank; it is an income record then.

        Args:
            account_type: `BASIC`, `OPERATION`, `FEES` or `DEPOSIT`.
            fen: How much comes, in fen.
            sub_mchid: Whose account, if it is not the sandbox's merchant's.

        Returns:
            The balance.
        """
        mchid = sub_mchid or self.world.keys.mchid
        Recharges(self.world).receive(mchid, account_type, fen)
        return Ledger(self.world).balance(mchid, account_type)._asdict()

    @action("recharges/{out_recharge_no}/complete")
    def complete_recharge(self, out_recharge_no: str) -> dict[str, Any]:
        """Let the bank send what a top-up was asked for; the merchant is notified.

        Returns:
            The top-up, as a query answers it from now on.

        Raises:
            Refusal: There is no such top-up, or it has ended.
        """
        recharges = Recharges(self.world)
        found = recharges.named(out_recharge_no)
        return recharges.end(found, "SUCCESS").report(self.world.keys.mchid)

    @action("withdrawals/{out_request_no}/end")
    def end_withdrawal(
        self, out_request_no: str, status: WithdrawalEnd = "FAIL", reason: str = ""
    ) -> dict[str, Any]:
        """Let a withdrawal fail, or arrive before its time; the merchant is notified.

        One that was not accepted (`INIT`) can be given up: `CLOSE`.

        Returns:
            The withdrawal, as a query answers it from now on.

        Raises:
            Refusal: There is no such withdrawal, or it has ended.
        """
        withdrawals = Withdrawals(self.world)
        return withdrawals.become(withdrawals.named(out_request_no), status, reason).report()

    @action("withdrawals/{out_request_no}/return")
    def return_withdrawal(self, out_request_no: str, reason: str = "") -> dict[str, Any]:
        """Let the bank send back what has arrived (退票), within seven working days.

        Returns:
            The withdrawal, as a query answers it from now on.

        Raises:
            Refusal: There is no such withdrawal, it has not arrived, or it is too late.
        """
        withdrawals = Withdrawals(self.world)
        return withdrawals.become(withdrawals.named(out_request_no), "REFUND", reason).report()
