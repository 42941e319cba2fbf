"""One application of a second-tier merchant (二级商户进件), at one moment.

    CHECKING → ACCOUNT_NEED_VERIFY → AUDITING → NEED_SIGN → FINISH
    each but the last → REJECTED, FROZEN, CANCELED

Who trades alone and has no public account has no account to verify. What each state tells, and what
it does not, is of the query's page: docs/partner/apis/ecommerce-merchant-application/applyment/
get-applyment-state (2024-11-28), and `sign_state` of wiki/doc/apiv3/apis/chapter7_1_2 (2021-03-04);
to revoke: https://pay.weixin.qq.com/doc/v3/partner/4015616720 and …/4015616721 (2025-07-22).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from . import words

ApplymentState = Literal[
    "CHECKING",
    "ACCOUNT_NEED_VERIFY",
    "AUDITING",
    "NEED_SIGN",
    "FINISH",
    "REJECTED",
    "FROZEN",
    "CANCELED",
]
Verdict = Literal["", "REJECTED", "FROZEN"]

_WAY: tuple[ApplymentState, ...] = (
    "CHECKING",
    "ACCOUNT_NEED_VERIFY",
    "AUDITING",
    "NEED_SIGN",
    "FINISH",
)
_OVER = ("FINISH", "REJECTED", "FROZEN", "CANCELED")
_ALONE, _PRIVATE = ("4", "2401", "2500"), "75"
_KNOWN = ("NEED_SIGN", "FINISH")


@dataclass(frozen=True)
class Applyment:
    """One application; it never changes, a transition returns another.

    Attributes:
        asked: The parameters it was made with, in plain text.
        applyment_id: WeChat Pay's number for it.
        create_time: When it was made.
        state: Where it is.
        sub_mchid: The new merchant's number, once there is one.
        wrong: Which parameter was wrong, if one was.
        reason: Why it was rejected or frozen.
    """

    asked: Mapping[str, Any] = field(repr=False)
    applyment_id: int
    create_time: str
    state: ApplymentState = "CHECKING"
    sub_mchid: str = ""
    wrong: str = ""
    reason: str = ""

    @property
    def number(self) -> str:
        """The platform's number for it."""
        number: str = self.asked["out_request_no"]
        return number

    @property
    def is_over(self) -> bool:
        """Whether nothing can become of it any more."""
        return self.state in _OVER

    @property
    def verifies(self) -> bool:
        """Whether its account has to be verified."""
        private = self.asked["account_info"]["bank_account_type"] == _PRIVATE
        return not (private and self.asked["organization_type"] in _ALONE)

    def go_on(self, mchid: str) -> Applyment:
        """Return it as it is after the next step.

        Args:
            mchid: The merchant's number, if it gets one by this step.

        Raises:
            Refusal: It is over.
        """
        self._refuse_if_over()
        state = _WAY[_WAY.index(self.state) + 1]
        if state == "ACCOUNT_NEED_VERIFY" and not self.verifies:
            state = "AUDITING"
        return replace(self, state=state, sub_mchid=mchid if state in _KNOWN else "")

    def end(self, state: ApplymentState, wrong: str = "", reason: str = "") -> Applyment:
        """Reject, freeze or cancel it.

        Raises:
            Refusal: It is over.
        """
        self._refuse_if_over()
        return replace(self, state=state, wrong=wrong, reason=reason)

    def report(self, url: str) -> dict[str, Any]:
        """Return what a query answers.

        Args:
            url: Where the sandbox is.
        """
        said: dict[str, Any] = {
            "applyment_id": self.applyment_id,
            "out_request_no": self.number,
            "applyment_state": self.state,
            "applyment_state_desc": words.WORDS[f"applyment.{self.state}"].zh,
            "sign_state": {"NEED_SIGN": "UNSIGNED", "FINISH": "SIGNED"}.get(
                self.state, "NOT_SIGNABLE"
            ),
        }
        if self.state == "ACCOUNT_NEED_VERIFY":
            said["account_validation"] = self._validation()
        if self.state == "NEED_SIGN":
            said["sign_url"] = f"{url}/page/applyments"
        if self.state in _KNOWN:
            said["sub_mchid"] = self.sub_mchid
        if self.state in ("REJECTED", "FROZEN"):
            said["audit_detail"] = [{"param_name": self.wrong, "reject_reason": self.reason}]
        return said

    def _validation(self) -> dict[str, Any]:
        account = self.asked["account_info"]
        return {
            "account_name": account["account_name"],
            "account_no": account["account_number"],
            "pay_amount": 100 + self.applyment_id % 100,
            "destination_account_number": "7222223333322332",
            "destination_account_name": "财付通支付科技有限公司",
            "destination_account_bank": "招商银行威盛大厦支行",
            "city": "深圳",
            "remark": "入驻账户验证",
            "deadline": self.create_time[:10],
        }

    def _refuse_if_over(self) -> None:
        if self.is_over:
            raise words.APPLYMENT_OVER(self.number, state=self.state)
