"""One coupon of a user's for a product (商品券), at one moment.

    CONFIRMING → PENDING → EFFECTIVE ⇄ USED      confirmed, its time has come, used or given back
               → DEACTIVATED                     the merchant makes it void
               → EXPIRED                         its time is over

Before the notice that it was sent is confirmed it cannot be used. A product that is deactivated
leaves its coupons as they are.

Official pages: https://pay.weixin.qq.com/doc/v3/partner/4016435636 and …/4016434631 (2025-11-07),
and of brands https://pay.weixin.qq.com/doc/brand/4015736429 (2025-08-28)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from . import words

CouponState = Literal["CONFIRMING", "PENDING", "EFFECTIVE", "USED", "EXPIRED", "DEACTIVATED"]
Transition = Literal["confirm", "use", "return", "deactivate"]

TRANSITIONS: Mapping[Transition, tuple[frozenset[CouponState], CouponState]] = {
    "confirm": (frozenset({"CONFIRMING"}), "EFFECTIVE"),
    "use": (frozenset({"EFFECTIVE"}), "USED"),
    "return": (frozenset({"USED"}), "EFFECTIVE"),
    "deactivate": (frozenset({"CONFIRMING", "PENDING", "EFFECTIVE"}), "DEACTIVATED"),
}
"""From where something can be done with it, and where it is then."""


@dataclass(frozen=True)
class ProductCoupon:
    """One coupon; it never changes, a transition returns another.

    Attributes:
        asked: The parameters it was sent with.
        openid: Whose it is.
        code: Its code.
        receive_time: When it was sent.
        begins: From when on it is good.
        ends: Until when.
        channel: By which way the user got it.
        state: Where it is.
        known: What else a query answers: the numbers of requests, and when they were.
        usage: On what it was used, and when, likewise.
    """

    asked: Mapping[str, Any]
    openid: str
    code: str
    receive_time: str
    begins: str
    ends: str
    channel: str
    state: CouponState
    known: Mapping[str, str]
    usage: Mapping[str, Any]

    def lapse(self, moment: datetime) -> ProductCoupon:
        """Return it as it is at a moment: too early it waits, too late it is expired."""
        if self.state in ("USED", "DEACTIVATED"):
            return self
        if moment > datetime.fromisoformat(self.ends):
            return replace(self, state="EXPIRED")
        if self.state == "CONFIRMING":
            return self
        early = moment < datetime.fromisoformat(self.begins)
        return replace(self, state="PENDING" if early else "EFFECTIVE")

    def step(
        self, what: Transition, number: str, moment: datetime, more: Mapping[str, Any]
    ) -> ProductCoupon:
        """Do something with it; with the same number again, it is the same.

        Args:
            what: What is done.
            number: The merchant's number for that.
            moment: When.
            more: What is told of it besides.

        Raises:
            Refusal: From where it is, that cannot be done.
        """
        before, after = TRANSITIONS[what]
        about = self.usage if what in ("use", "return") else self.known
        if about.get(f"{what}_request_no") == number and self.state not in before:
            return self
        if self.state not in before:
            no = words.EXPIRED if self.state == "EXPIRED" else words.COUPON_STATE
            raise no(self.code, state=self.state)
        told = {f"{what}_request_no": number, f"{what}_time": moment.isoformat(), **more}
        if what in ("use", "return"):
            return replace(self, state=after, usage={**self.usage, **told})
        return replace(self, state=after, known={**self.known, **told}).lapse(moment)

    def report(self) -> dict[str, Any]:
        """Return what a query answers, but for what it is of."""
        said: dict[str, Any] = {
            "coupon_code": self.code,
            "coupon_state": self.state,
            "valid_begin_time": self.begins,
            "valid_end_time": self.ends,
            "receive_time": self.receive_time,
            "send_request_no": self.asked["send_request_no"],
            "send_channel": self.channel,
            **self.known,
        }
        if self.usage:
            said["single_usage_detail"] = self.usage
        if "attach" in self.asked:
            said["attach"] = self.asked["attach"]
        return said
