"""A user's permission for a service of the merchant's, at one moment.

    UNBINDUSER → AVAILABLE      the user agrees
                     ↓ ↑
                 UNAVAILABLE    the merchant or the user ends it, and the user agrees again

What is documented: the states; that a code is the only one of its kind, and one user's; that the
user can agree within an hour of the merchant's asking. That they can agree again under a code that
has ended is the sandbox's own rule.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012647349
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from . import words

PermissionState = Literal["UNBINDUSER", "AVAILABLE", "UNAVAILABLE"]

TOKEN_LIFE = 3600
"""Seconds in which a user can agree after the merchant asked for it."""

_SERVICE = ("service_id", "appid", "sub_mchid", "sub_appid")


def service(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return what of a call's parameters says which service it is about.

    A direct merchant's names no `sub_mchid`, and is never a partner's.
    """
    named = {name: parameters[name] for name in _SERVICE if name in parameters}
    return {"sub_mchid": "", **named}


@dataclass(frozen=True)
class Permission:
    """One permission, at one moment.

    Attributes:
        authorization_code: The merchant's number for it.
        asked: The parameters it was asked for with; none if a user agreed without being asked, and
            then it is for any service.
        token: With what the user's WeChat shows it.
        token_until: Until when the user can agree, in seconds since 1970.
        state: Where it is.
        openid: The user.
        sub_openid: The same user, as the partner's merchant knows them.
        opened: When the user agreed.
        closed: When it ended.
        reason: Why it did.
    """

    authorization_code: str
    asked: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    token: str = field(default="", repr=False)
    token_until: float = 0.0
    state: PermissionState = "UNBINDUSER"
    openid: str = ""
    sub_openid: str = ""
    opened: str = ""
    closed: str = ""
    reason: str = ""

    def covers(self, given: Mapping[str, str]) -> bool:
        """Tell whether it is for a service, as far as a call names it."""
        return not self.asked or all(
            self.asked.get(name, "") == value for name, value in given.items()
        )

    def agree(self, openid: str, sub_openid: str, now: float, moment: datetime) -> Permission:
        """Let a user agree; when they have, it changes nothing.

        Raises:
            Refusal: It is another user's, or the user was asked too long ago.
        """
        if self.openid not in ("", openid):
            raise words.ANOTHER_USER(self.authorization_code)
        if self.state == "AVAILABLE":
            return self
        if self.asked and now >= self.token_until:
            raise words.TOKEN_EXPIRED(self.authorization_code)
        agreed = replace(self, state="AVAILABLE", opened=moment.isoformat(), reason="")
        return replace(agreed, openid=openid, sub_openid=sub_openid)

    def end(self, reason: str, moment: datetime) -> Permission:
        """End it; to end it again changes nothing.

        Raises:
            Refusal: No user ever agreed.
        """
        if self.state == "UNBINDUSER":
            raise words.NOBODY_AGREED(self.authorization_code)
        if self.state == "UNAVAILABLE":
            return self
        return replace(self, state="UNAVAILABLE", closed=moment.isoformat(), reason=reason)

    def report(self, mchid: str, given: Mapping[str, str]) -> dict[str, Any]:
        """Return what a query answers.

        Args:
            mchid: The merchant who asks.
            given: The service that is asked about.
        """
        named = self.asked or given
        told = {
            **{name: named.get(name) for name in _SERVICE},
            "mchid": mchid,
            "openid": self.openid,
            "sub_openid": self.sub_openid,
            "authorization_code": self.authorization_code,
            "authorization_state": self.state,
            "notify_url": self.asked.get("notify_url"),
            "authorization_success_time": self.opened,
            "cancel_authorization_time": self.closed,
        }
        return {name: value for name, value in told.items() if value}

    def notice(self, mchid: str) -> dict[str, Any]:
        """Return what the merchant is notified of."""
        opened = self.state == "AVAILABLE"
        time = datetime.fromisoformat(self.opened if opened else self.closed)
        report = self.report(mchid, {})
        names = ("appid", "mchid", "sub_appid", "sub_mchid", "service_id", "openid", "sub_openid")
        return {
            **{name: report[name] for name in names if name in report},
            "user_service_status": "USER_OPEN_SERVICE" if opened else "USER_CLOSE_SERVICE",
            "openorclose_time": f"{time:%Y%m%d%H%M%S}",
            "authorization_code": self.authorization_code,
        }
