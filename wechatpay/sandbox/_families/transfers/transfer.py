"""One transfer to a user, at one moment, and what can become of it.

    WAIT_USER_CONFIRM → SUCCESS                  the user confirms
                      → CANCELING → CANCELLED    the merchant cancels
                      → FAIL                     nobody did anything for a day, or it went wrong
    ACCEPTED → SUCCESS                           the user has agreed beforehand

Official pages: https://pay.weixin.qq.com/doc/v3/merchant/4012716437 (2025-03-21),
https://pay.weixin.qq.com/doc/v3/merchant/4012716458 (2025-03-18),
https://pay.weixin.qq.com/doc/v3/merchant/4014399371 and …/4014399293 (2025-05-16)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from . import words

State = Literal["ACCEPTED", "WAIT_USER_CONFIRM", "SUCCESS", "FAIL", "CANCELING", "CANCELLED"]

TRANSITIONS: Mapping[State, frozenset[State]] = {
    "ACCEPTED": frozenset({"SUCCESS", "FAIL"}),
    "WAIT_USER_CONFIRM": frozenset({"SUCCESS", "FAIL", "CANCELING"}),
    "CANCELING": frozenset({"CANCELLED"}),
    "SUCCESS": frozenset(),
    "FAIL": frozenset(),
    "CANCELLED": frozenset(),
}
"""Where a transfer can go from where it is."""
NAME_NEEDED = 200_000
"""From so many fen on, the user's name has to be given: …/merchant/4018940876 (2026-04-23)."""
_GIVEN = (
    "appid",
    "out_bill_no",
    "openid",
    "user_qq",
    "transfer_amount",
    "transfer_remark",
    "user_name",
    "transfer_scene_id",
)

_NOT_TOLD = ("appid", "user_name", "transfer_remark", "transfer_scene_id")
_NOT_TOLD_OF_QQ = ("user_name", "transfer_scene_id")


@dataclass(frozen=True)
class Transfer:
    """One transfer; it never changes, a transition returns another.

    Attributes:
        asked: The parameters it was asked for with.
        mchid: Whose money it is.
        transfer_bill_no: WeChat Pay's number for it.
        package_info: With what the user's WeChat shows it to be confirmed.
        create_time: When it was asked for.
        update_time: When it came where it is.
        state: Where it is.
        fail_reason: Why it failed.
        openid: Who gets it, where that is not among the parameters.
        authorization: Which authorization is confirmed along with it, by the merchant's number.
    """

    asked: Mapping[str, Any] = field(repr=False)
    mchid: str
    transfer_bill_no: str
    package_info: str
    create_time: str
    update_time: str
    state: State = "WAIT_USER_CONFIRM"
    fail_reason: str = ""
    openid: str = ""
    authorization: str = ""

    @property
    def out_bill_no(self) -> str:
        """The merchant's number for it."""
        number: str = self.asked["out_bill_no"]
        return number

    @property
    def fen(self) -> int:
        """How much it is."""
        return int(self.asked["transfer_amount"])

    @property
    def to_qq(self) -> bool:
        """Whether it goes to a QQ wallet."""
        return "user_qq" in self.asked

    @property
    def over(self) -> bool:
        """Whether nothing can become of it any more."""
        return not TRANSITIONS[self.state]

    def become(self, state: State, now: datetime, fail_reason: str = "") -> Transfer:
        """Return it as it is after a step.

        Raises:
            Refusal: From where it is, there is no such step.
        """
        if state not in TRANSITIONS[self.state]:
            raise words.STATE(self.out_bill_no, state=self.state)
        return replace(self, state=state, fail_reason=fail_reason, update_time=now.isoformat())

    def report(self, own: str) -> dict[str, Any]:
        """Return all that an answer can say of it.

        Args:
            own: The sandbox's merchant, who may ask for a sub-merchant.
        """
        said = {
            "mch_id": own,
            "mchid": own,
            **({"sub_mchid": self.mchid} if self.mchid != own else {}),
            **({"openid": self.openid} if self.openid else {}),
            **{name: self.asked[name] for name in _GIVEN if name in self.asked},
            "transfer_bill_no": self.transfer_bill_no,
            "state": self.state,
            "create_time": self.create_time,
            "update_time": self.update_time,
        }
        if self.fail_reason:
            said["fail_reason"] = self.fail_reason
        if self.state == "WAIT_USER_CONFIRM" and not self.to_qq:
            said["package_info"] = self.package_info
        return said

    def notice(self, own: str) -> dict[str, Any]:
        """Return what the merchant is notified of; names are left out of it."""
        other = "mch_id" if self.mchid != own or self.to_qq else "mchid"
        left_out = {*(_NOT_TOLD_OF_QQ if self.to_qq else _NOT_TOLD), other}
        return {name: value for name, value in self.report(own).items() if name not in left_out}
