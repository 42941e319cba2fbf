"""A user's agreement to transfers that need not be confirmed (免确认收款), at one moment.

    WAIT_USER_CONFIRM → TAKING_EFFECT → CLOSED      ended by the user or by the merchant
                      → CLOSED                      nobody agreed for a day

Official pages: https://pay.weixin.qq.com/doc/v3/merchant/4015901167 and …/4014399423 (2025-08-26),
https://pay.weixin.qq.com/doc/v3/partner/4016809859 (2025-12-09)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from . import words

AuthorizationState = Literal["WAIT_USER_CONFIRM", "TAKING_EFFECT", "CLOSED"]
CloseReason = Literal[
    "USER_CLOSE", "USER_OVERDUE_UNCONFIRMED", "TRANSFER_RISK", "USER_ACCOUNT_ABNORMAL"
]

TRANSITIONS: Mapping[AuthorizationState, frozenset[AuthorizationState]] = {
    "WAIT_USER_CONFIRM": frozenset({"TAKING_EFFECT", "CLOSED"}),
    "TAKING_EFFECT": frozenset({"CLOSED"}),
    "CLOSED": frozenset(),
}
"""Where an authorization can go from where it is."""
_GIVEN = (
    "out_authorization_no",
    "appid",
    "openid",
    "user_display_name",
    "transfer_scene_id",
    "user_recv_perception",
)


@dataclass(frozen=True)
class Authorization:
    """One authorization; it never changes, a transition returns another.

    Attributes:
        asked: The parameters it was asked for with.
        package_info: With what the user's WeChat shows it.
        create_time: When it was asked for.
        state: Where it is.
        authorization_id: WeChat Pay's number for it, once it is in effect.
        authorize_time: When the user agreed.
        close_time: When it was closed.
        close_reason: Why.
    """

    asked: Mapping[str, Any] = field(repr=False)
    package_info: str
    create_time: str
    state: AuthorizationState = "WAIT_USER_CONFIRM"
    authorization_id: str = ""
    authorize_time: str = ""
    close_time: str = ""
    close_reason: str = ""

    @property
    def number(self) -> str:
        """The merchant's number for it."""
        number: str = self.asked["out_authorization_no"]
        return number

    @property
    def openid(self) -> str:
        """Who agrees."""
        openid: str = self.asked.get("openid", "")
        return openid

    @property
    def scene(self) -> str:
        """For what."""
        scene: str = self.asked.get("transfer_scene_id") or ""
        return scene

    @property
    def url(self) -> str:
        """Where the merchant wants to be notified; empty if nowhere."""
        url: str = self.asked.get("authorization_notify_url") or self.asked.get("notify_url") or ""
        return url

    def agree(self, number: str, now: datetime) -> Authorization:
        """Let the user agree.

        Raises:
            Refusal: It does not wait for that.
        """
        self._refuse_unless("TAKING_EFFECT")
        time = now.isoformat()
        return replace(self, state="TAKING_EFFECT", authorization_id=number, authorize_time=time)

    def close(self, reason: str, now: datetime) -> Authorization:
        """Close it.

        Raises:
            Refusal: It is closed.
        """
        self._refuse_unless("CLOSED")
        return replace(self, state="CLOSED", close_time=now.isoformat(), close_reason=reason)

    def report(self) -> dict[str, Any]:
        """Return what a query answers."""
        said: dict[str, Any] = {
            **{name: self.asked[name] for name in _GIVEN if name in self.asked},
            "state": self.state,
            "create_time": self.create_time,
        }
        if self.authorization_id:
            said["authorization_id"] = self.authorization_id
            said["authorize_time"] = self.authorize_time
        if self.state == "CLOSED":
            closed = {"close_time": self.close_time, "close_reason": self.close_reason}
            said["close_info"] = closed
        return said

    def _refuse_unless(self, state: AuthorizationState) -> None:
        if state not in TRANSITIONS[self.state]:
            raise words.AUTHORIZATION_STATE(self.number, state=self.state)
