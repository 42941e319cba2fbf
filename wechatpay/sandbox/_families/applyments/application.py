"""One application of a partner's merchant (特约商户进件), at one moment.

    AUDITING → TO_BE_CONFIRMED → TO_BE_SIGNED → SIGNING → FINISHED
    AUDITING, TO_BE_CONFIRMED → REJECTED       it may be made again with the same number
    TO_BE_SIGNED → CANCELED                    nobody signed within 30 days

An account that is not verified within ten days is `REJECTED`; signing takes half an hour. The
sandbox has no application in `EDITTING` (so spelt), which is one that could not be submitted.

Official page: https://pay.weixin.qq.com/doc/v3/partner/4012697052 (2025-03-24); the times are of
WeChat Pay's own guide for partners (特约商户进件).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from . import words

ApplicationState = Literal[
    "AUDITING",
    "TO_BE_CONFIRMED",
    "TO_BE_SIGNED",
    "SIGNING",
    "FINISHED",
    "REJECTED",
    "CANCELED",
]

TRANSITIONS: Mapping[ApplicationState, frozenset[ApplicationState]] = {
    "AUDITING": frozenset({"TO_BE_CONFIRMED", "REJECTED"}),
    "TO_BE_CONFIRMED": frozenset({"TO_BE_SIGNED", "REJECTED"}),
    "TO_BE_SIGNED": frozenset({"SIGNING", "CANCELED"}),
    "SIGNING": frozenset({"FINISHED"}),
    "FINISHED": frozenset(),
    "REJECTED": frozenset(),
    "CANCELED": frozenset(),
}
"""Where an application can go from where it is."""
WAY: tuple[ApplicationState, ...] = (
    "AUDITING",
    "TO_BE_CONFIRMED",
    "TO_BE_SIGNED",
    "SIGNING",
    "FINISHED",
)
"""The way of an application with which nothing is wrong."""
PATIENCE: Mapping[ApplicationState, tuple[int, ApplicationState]] = {
    "TO_BE_CONFIRMED": (10 * 86400, "REJECTED"),
    "TO_BE_SIGNED": (30 * 86400, "CANCELED"),
    "SIGNING": (30 * 60, "FINISHED"),
}
"""After how many seconds it goes on by itself, and where to."""


@dataclass(frozen=True)
class Application:
    """One application; it never changes, a transition returns another.

    Attributes:
        asked: The parameters it was made with, in plain text.
        applyment_id: WeChat Pay's number for it.
        create_time: When it was made.
        state: Where it is.
        sub_mchid: The new merchant's number, once there is one.
        wrong: Which parameter was wrong, if one was.
        reason: Why it was rejected.
        steps: How often it has changed, by which an appointment knows what it was made for.
    """

    asked: Mapping[str, Any] = field(repr=False)
    applyment_id: int
    create_time: str
    state: ApplicationState = "AUDITING"
    sub_mchid: str = ""
    wrong: str = ""
    reason: str = ""
    steps: int = 0

    @property
    def number(self) -> str:
        """The partner's number for it."""
        number: str = self.asked["business_code"]
        return number

    @property
    def is_over(self) -> bool:
        """Whether nothing can become of it any more."""
        return not TRANSITIONS[self.state]

    @property
    def following(self) -> ApplicationState:
        """Where it goes next if nothing is wrong.

        Raises:
            Refusal: It is over.
        """
        if self.is_over:
            raise words.APPLICATION_OVER(self.number, state=self.state)
        return WAY[WAY.index(self.state) + 1]

    def become(
        self, state: ApplicationState, sub_mchid: str = "", wrong: str = "", reason: str = ""
    ) -> Application:
        """Return it as it is after a step.

        Raises:
            Refusal: From where it is, there is no such step.
        """
        if state not in TRANSITIONS[self.state]:
            raise words.APPLICATION_OVER(self.number, state=self.state)
        return replace(
            self,
            state=state,
            sub_mchid=sub_mchid or self.sub_mchid,
            wrong=wrong,
            reason=reason,
            steps=self.steps + 1,
        )

    def report(self, url: str) -> dict[str, Any]:
        """Return what a query answers.

        Args:
            url: Where the sandbox is.
        """
        said: dict[str, Any] = {
            "business_code": self.number,
            "applyment_id": self.applyment_id,
            "sign_url": f"{url}/page/applications",
            "applyment_state": f"APPLYMENT_STATE_{self.state}",
            "applyment_state_msg": words.WORDS[f"application.{self.state}"].zh,
        }
        if self.sub_mchid:
            said["sub_mchid"] = self.sub_mchid
        if self.state == "REJECTED":
            named = {"field": self.wrong, "field_name": self.wrong}
            said["audit_detail"] = [{**named, "reject_reason": self.reason}]
        return said
