"""What may be expected, how it is queried, and which notification its outcome would have been."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..notification import Notification

if TYPE_CHECKING:
    import httpx


class ExpectedKind(NamedTuple):
    """How to query one kind of thing, and which notification its outcome would have been.

    Attributes:
        template: Where it is queried.
        number: The placeholder and the field that have its number.
        state: The field that has its state.
        events: Each state that does not change any more, and the event of its notification, or
            `None` where there is no notification.
    """

    template: str
    number: str
    state: str
    events: Mapping[str, str | None]


_PAID: Mapping[str, str | None] = {
    "SUCCESS": "TRANSACTION.SUCCESS",
    **dict.fromkeys(("CLOSED", "REVOKED", "PAYERROR", "REFUND")),
}
KINDS: Mapping[str, ExpectedKind] = {
    "order": ExpectedKind(
        "v3/pay/transactions/out-trade-no/{out_trade_no}", "out_trade_no", "trade_state", _PAID
    ),
    "partner order": ExpectedKind(
        "v3/pay/partner/transactions/out-trade-no/{out_trade_no}",
        "out_trade_no",
        "trade_state",
        _PAID,
    ),
    "refund": ExpectedKind(
        "v3/refund/domestic/refunds/{out_refund_no}",
        "out_refund_no",
        "status",
        {state: f"REFUND.{state}" for state in ("SUCCESS", "CLOSED", "ABNORMAL")},
    ),
    "transfer": ExpectedKind(
        "v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}",
        "out_bill_no",
        "state",
        dict.fromkeys(("SUCCESS", "FAIL", "CANCELLED"), "MCHTRANSFER.BILL.FINISHED"),
    ),
}


class Expected(NamedTuple):
    """Something whose outcome is to come; made by `order`, `refund` or `transfer`.

    Attributes:
        kind: What it is.
        number: Your own number of it.
        mchid: Whose it is; a partner's number, where `sub_mchid` is set.
        sub_mchid: The sub-merchant's number, or empty.
    """

    kind: str
    number: str
    mchid: str
    sub_mchid: str = ""

    def outcome(self, state: str) -> str:
        """Return the name under which a guard remembers one outcome of it."""
        return f"{self.kind}:{self.mchid}:{self.number}:{state}"


def order(mchid: str, out_trade_no: str, *, sub_mchid: str = "") -> Expected:
    """Return an order that may be paid.

    Args:
        mchid: The merchant's number, or with `sub_mchid` the partner's.
        out_trade_no: Your own number of it.
        sub_mchid: The sub-merchant's number, of a partner's order.
    """
    return Expected("partner order" if sub_mchid else "order", out_trade_no, mchid, sub_mchid)


def refund(mchid: str, out_refund_no: str, *, sub_mchid: str = "") -> Expected:
    """Return a refund that was asked for; the arguments are those of `order`."""
    return Expected("refund", out_refund_no, mchid, sub_mchid)


def transfer(mchid: str, out_bill_no: str) -> Expected:
    """Return a transfer to a user, 商家转账, by your own number of it."""
    return Expected("transfer", out_bill_no, mchid)


def params_of(expected: Expected) -> dict[str, str]:
    """Return the query with which one is asked for."""
    if expected.kind == "order":
        return {"mchid": expected.mchid}
    if expected.kind == "partner order":
        return {"sp_mchid": expected.mchid, "sub_mchid": expected.sub_mchid}
    return {"sub_mchid": expected.sub_mchid} if expected.sub_mchid else {}


def from_answer(expected: Expected, answer: httpx.Response) -> Notification | None:
    """Return the notification that should have come, if the answer says that there is one."""
    kind, fields = KINDS[expected.kind], answer.json()
    state = fields.get(kind.state)
    event = kind.events.get(state)
    if event is None:
        return None
    extra = {"refund_status": state} if expected.kind == "refund" else {}
    own = "sp_mchid" if expected.sub_mchid else "mchid"
    verdict = answer.extensions["wechatpay"]
    return Notification(
        id=f"query:{expected.outcome(state)}",
        create_time=None,
        event_type=event,
        resource_type=None,
        summary=None,
        original_type=None,
        resource={own: expected.mchid, **fields, **extra},
        raw=answer.content,
        serial=verdict.serial,
        request_id=verdict.request_id,
    )


def is_over(expected: Expected, answer: httpx.Response) -> bool:
    """Tell whether an answer names a state that does not change any more."""
    kind = KINDS[expected.kind]
    return answer.json().get(kind.state) in kind.events


def outcome_of(notification: Notification) -> tuple[Expected | None, str]:
    """Return what a notification decides, and the name of that outcome."""
    found = notification.resource
    for name, kind in KINDS.items():
        state = found.get("refund_status" if name == "refund" else kind.state)
        partner = "sp_mchid" in found
        number = found.get(kind.number)
        if not number or kind.events.get(str(state)) != notification.event_type:
            continue
        if name in ("order", "partner order") and partner != (name == "partner order"):
            continue
        mchid = found.get("sp_mchid") or found.get("mchid") or found.get("mch_id") or ""
        sub_mchid = found.get("sub_mchid", "") if partner else ""
        expected = Expected(name, str(number), str(mchid), str(sub_mchid))
        return expected, expected.outcome(str(state))
    return None, notification.id
