"""One complaint of a customer's about an order, at one moment.

    PENDING → PROCESSING → PROCESSED    the merchant answers, and says that it is done
        ↑                      |
        └──────────────────────┘        the customer complains again

What is documented: the states; that there is one complaint of an order, to which the customer may
come back; that a refund which the merchant refuses ends it, and one that is granted ends it as soon
as the money has arrived. That what is done can be neither answered nor ended again, and is pending
after the customer came back, is the sandbox's own rule.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012533436
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from . import words

ComplaintState = Literal["PENDING", "PROCESSING", "PROCESSED"]
Verdict = Literal["", "APPROVE", "REJECT"]

STEPS: Mapping[ComplaintState, tuple[ComplaintState, ...]] = {
    "PENDING": ("PENDING", "PROCESSING", "PROCESSED"),
    "PROCESSING": ("PROCESSING", "PROCESSED"),
    "PROCESSED": ("PENDING",),
}
"""Where a complaint can go from where it is; everything else is refused."""

_PHONE = "13800138000"


@dataclass(frozen=True)
class Complaint:
    """One complaint; it never changes, a transition returns another.

    Attributes:
        complaint_id: WeChat Pay's number for it.
        merchant: The one who is complained about.
        order: What tells the order: `transaction_id`, `out_trade_no` and `amount`.
        openid: The customer.
        time: When the customer complained first.
        text: What the customer said last.
        state: Where it is.
        times: How often the customer complained.
        waiting: Whether the customer waits for an answer.
        wanted: How much the customer wants back, in fen; 0 for nothing.
        due: How much of the order has to have come back for that, with what came before.
        verdict: What the merchant said to that.
    """

    complaint_id: str
    merchant: str
    order: Mapping[str, Any]
    openid: str
    time: str
    text: str = field(repr=False)
    state: ComplaintState = "PENDING"
    times: int = 1
    waiting: bool = True
    wanted: int = 0
    due: int = 0
    verdict: Verdict = ""

    def again(self, text: str, wanted: int, due: int) -> Complaint:
        """Let the customer complain again."""
        state: ComplaintState = "PENDING" if self.state == "PROCESSED" else self.state
        came_back = replace(self._become(state), text=text, times=self.times + 1, waiting=True)
        return replace(came_back, wanted=wanted, due=due, verdict="")

    def answer(self) -> Complaint:
        """Let the merchant answer.

        Raises:
            Refusal: It is done.
        """
        return replace(self._become("PROCESSING"), waiting=False)

    def complete(self) -> Complaint:
        """Let the merchant say that it is done.

        Raises:
            Refusal: It is done already.
        """
        return replace(self._become("PROCESSED"), waiting=False)

    def judge(self, verdict: Verdict) -> Complaint:
        """Let the merchant grant or refuse the refund that the customer wants.

        Raises:
            Refusal: The customer wants none, the merchant has said so already, or it is done.
        """
        if not self.wanted or self.verdict:
            raise words.NO_REFUND_TO_JUDGE(self.complaint_id)
        ended: ComplaintState = "PROCESSED" if verdict == "REJECT" else "PROCESSING"
        return replace(self._become(ended), waiting=False, verdict=verdict)

    def settled(self, arrived: int) -> bool:
        """Tell whether it is done by a refund that the merchant has granted.

        Args:
            arrived: How much of the order has arrived at the customer's, in fen.
        """
        granted = self.verdict == "APPROVE" and self.state != "PROCESSED"
        return granted and arrived >= self.due

    def report(self, *, fully_refunded: bool) -> dict[str, Any]:
        """Return what a query answers; the customer's number is for the merchant alone."""
        asks = {"apply_refund_amount": self.wanted} if self.wanted else {}
        return {
            "complaint_id": self.complaint_id,
            "complaint_time": self.time,
            "complaint_detail": self.text,
            "complaint_state": self.state,
            "complainted_mchid": self.merchant,
            "payer_phone": _PHONE,
            "payer_openid": self.openid,
            "complaint_order_info": [dict(self.order)],
            "complaint_media_list": [],
            "complaint_full_refunded": fully_refunded,
            "incoming_user_response": self.waiting,
            "problem_description": self.text,
            "user_complaint_times": self.times,
            "problem_type": "REFUND" if self.wanted else "OTHERS",
            **asks,
        }

    def _become(self, state: ComplaintState) -> Complaint:
        if state not in STEPS[self.state]:
            raise words.STATE(self.complaint_id, state=self.state)
        return replace(self, state=state)
