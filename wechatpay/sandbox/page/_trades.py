"""Orders and refunds, and what happened to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import quote

from .._base.refusal import Refusal
from .._families.payments import Order, Orders
from .._families.refunds import Refund, Refunds, RefundState
from .._time.clock import seconds
from ._touched import Happening, history
from ._visit import Missing, Mistake, Moved, Place, Shown, Visit

_ENDS = ("SUCCESS", "CLOSED", "ABNORMAL")


def orders(visit: Visit) -> Shown:
    """Show the orders, newest first."""
    return Shown("orders.html", {"leaf": visit.leaf(Orders(visit.world).latest)})


def order(visit: Visit) -> Shown:
    """Show an order and its history."""
    try:
        found = Orders(visit.world).find(visit.path["merchant"], visit.path["number"])
    except Refusal as refusal:
        raise Missing from refusal
    numbers = (found.number, found.transaction_id, found.combine_out_trade_no)
    refunds = Refunds(visit.world).of_order(found)
    happened = [*_of_order(found), *(each for refund in refunds for each in _of_refund(refund))]
    values: dict[str, Any] = {
        "order": found,
        "refunds": refunds,
        "payer": found.transaction().get("payer", {}),
        "waiting": found.trade_state in ("NOTPAY", "USERPAYING"),
        "happened": history(visit.sandbox, numbers, happened),
    }
    return Shown("order.html", values)


def refunds(visit: Visit) -> Shown:
    """Show the refunds, newest first."""
    return Shown("refunds.html", {"leaf": visit.leaf(Refunds(visit.world).latest)})


def refund(visit: Visit) -> Shown:
    """Show a refund and its history."""
    found = _refund(visit)
    numbers = (found.number, found.refund_id)
    values = {
        "refund": found,
        "ends": _ENDS,
        "happened": history(visit.sandbox, numbers, _of_refund(found)),
    }
    return Shown("refund.html", values)


def end(visit: Visit) -> Moved:
    """Let a refund that is under way come to its end."""
    status = visit.typed("status")
    if status not in _ENDS:
        raise Mistake("mistake.choice")
    found = _refund(visit)
    visit.sandbox.end_refund(found.number, cast("RefundState", status))
    return Moved(f"/page/refunds/{found.merchant}/{quote(found.number, safe='')}")


def _refund(visit: Visit) -> Refund:
    try:
        return Refunds(visit.world).find(visit.path["merchant"], visit.path["number"])
    except Refusal as refusal:
        raise Missing from refusal


def _of_order(order: Order) -> Iterator[Happening]:
    for time, what, tone in (
        (order.success_time, "history.paid", "good"),
        (order.reverse_time, "history.reversed", "over"),
    ):
        if at := seconds(time):
            yield Happening(at, what, tone=tone)
    if order.trade_state in ("NOTPAY", "USERPAYING", "CLOSED"):
        yield Happening(order.expires, "history.expires", tone="over")


def _of_refund(refund: Refund) -> Iterator[Happening]:
    path = f"/page/refunds/{refund.merchant}/{quote(refund.number, safe='')}"
    for time, what, tone in (
        (refund.create_time, "history.refund", "waiting"),
        (refund.success_time, "history.refunded", "good"),
    ):
        if at := seconds(time):
            yield Happening(at, what, refund.number, tone, path)


PLACES = (
    Place("GET", "/page/orders", orders),
    Place("GET", "/page/orders/{merchant}/{number}", order),
    Place("GET", "/page/refunds", refunds),
    Place("GET", "/page/refunds/{merchant}/{number}", refund),
    Place("POST", "/page/refunds/{merchant}/{number}/end", end),
)
