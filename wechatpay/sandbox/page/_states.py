"""How the states of things look: what is well, what waits, what went wrong, and what is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Tone = Literal["good", "waiting", "bad", "over"]

STATES: Mapping[str, Mapping[str, Tone]] = {
    "order": {
        "NOTPAY": "waiting",
        "USERPAYING": "waiting",
        "PAYERROR": "bad",
        "SUCCESS": "good",
        "REFUND": "over",
        "CLOSED": "over",
        "REVOKED": "over",
    },
    "refund": {
        "PROCESSING": "waiting",
        "SUCCESS": "good",
        "CLOSED": "over",
        "ABNORMAL": "bad",
    },
    "transfer": {
        "WAIT_USER_CONFIRM": "waiting",
        "SUCCESS": "good",
        "FAIL": "bad",
        "CANCELING": "waiting",
        "CANCELLED": "over",
    },
    "service": {
        "CREATED": "waiting",
        "USER_CONFIRM": "good",
        "MCH_COMPLETE": "waiting",
        "DONE": "good",
        "REVOKED": "over",
        "EXPIRED": "over",
    },
    "permission": {"UNBINDUSER": "waiting", "AVAILABLE": "good", "UNAVAILABLE": "over"},
    "complaint": {"PENDING": "bad", "PROCESSING": "waiting", "PROCESSED": "good"},
    "part": {"SUCCESS": "good", "CLOSED": "bad"},
    "delivery": {
        "under way": "waiting",
        "acknowledged": "good",
        "to be repeated": "waiting",
        "given up": "bad",
        "not sent": "over",
    },
    "attempt": {
        "acknowledged": "good",
        "refused": "bad",
        "timed out": "bad",
        "unreachable": "bad",
    },
    "level": {"simulated": "good", "shaped": "over"},
}
"""The tone of each state, by what it is of; `order.NOTPAY` and so on are the words."""
