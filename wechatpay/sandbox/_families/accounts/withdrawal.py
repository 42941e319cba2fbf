"""One withdrawal to the merchant's bank account, at one moment, and what can become of it.

    INIT → CREATE_SUCCESS → SUCCESS → REFUND    the bank sends it back within seven working days
                          → FAIL                the money is back
         → CLOSE                                WeChat Pay gives it up: a new number is needed

A withdrawal for which there is not enough is refused with `NOT_ENOUGH`, and is `INIT`: nothing has
left the account, and the same number asked for again is accepted once there is enough. What comes
back from the bank is called 退票.

Official pages: https://pay.weixin.qq.com/doc/v3/partner/4012476670 (2024-12-19) and
https://pay.weixin.qq.com/doc/v3/partner/4014075940 (2025-09-26)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from . import words
from .days import working_day_after

WithdrawalState = Literal["INIT", "CREATE_SUCCESS", "SUCCESS", "FAIL", "REFUND", "CLOSE"]
WithdrawalEnd = Literal["SUCCESS", "FAIL", "CLOSE"]

TRANSITIONS: Mapping[WithdrawalState, frozenset[WithdrawalState]] = {
    "INIT": frozenset({"CREATE_SUCCESS", "CLOSE"}),
    "CREATE_SUCCESS": frozenset({"SUCCESS", "FAIL"}),
    "SUCCESS": frozenset({"REFUND"}),
    "FAIL": frozenset(),
    "REFUND": frozenset(),
    "CLOSE": frozenset(),
}
"""Where a withdrawal can go from where it is."""
RETURNABLE = 7
"""How many working days the bank has to send the money back."""
BANK = {"account_number": "1178", "account_bank": "工商银行", "bank_name": ""}
"""Where the money goes: the last four digits of an account, and the bank's name."""
_GIVEN = ("out_request_no", "amount", "remark", "bank_memo")


@dataclass(frozen=True)
class Withdrawal:
    """One withdrawal; it never changes, a transition returns another.

    Attributes:
        asked: The parameters it was asked for with.
        mchid: Whose money it is.
        withdraw_id: WeChat Pay's number for it.
        create_time: When it was asked for.
        update_time: When it came where it is.
        status: Where it is.
        reason: Why it failed, came back, or is not accepted.
    """

    asked: Mapping[str, Any] = field(repr=False)
    mchid: str
    withdraw_id: str
    create_time: str
    update_time: str
    status: WithdrawalState = "INIT"
    reason: str = ""

    @property
    def number(self) -> str:
        """The merchant's number for it."""
        number: str = self.asked["out_request_no"]
        return number

    @property
    def account(self) -> str:
        """From which account it is."""
        account: str = self.asked.get("account_type") or "BASIC"
        return account

    @property
    def fen(self) -> int:
        """How much it is."""
        fen: int = self.asked["amount"]
        return fen

    @property
    def gives_back(self) -> bool:
        """Whether the money is on the account again."""
        return self.status in ("FAIL", "REFUND")

    def become(self, status: WithdrawalState, moment: datetime, reason: str = "") -> Withdrawal:
        """Return it as it is after a step.

        Raises:
            Refusal: From where it is, that is not a step, or the bank is too late.
        """
        if status not in TRANSITIONS[self.status]:
            raise words.WITHDRAWAL_STATE(self.number, status=self.status)
        if status == "REFUND":
            arrived = datetime.fromisoformat(self.update_time)
            if moment > working_day_after(arrived, RETURNABLE, hour=23).replace(minute=59):
                raise words.TOO_LATE_TO_RETURN(self.number)
        return replace(self, status=status, update_time=moment.isoformat(), reason=reason)

    def report(self) -> dict[str, Any]:
        """Return what a query answers, but for whose it is."""
        empty = {"remark": "", "bank_memo": ""}
        return {
            "status": self.status,
            "withdraw_id": self.withdraw_id,
            **empty,
            **{name: self.asked[name] for name in _GIVEN if name in self.asked},
            "account_type": self.account,
            "create_time": self.create_time,
            "update_time": self.update_time,
            "reason": self.reason,
            **BANK,
        }
