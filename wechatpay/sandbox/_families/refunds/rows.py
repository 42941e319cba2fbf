"""What refunds put into bills."""

from __future__ import annotations

from collections.abc import Iterator

from ..._parts import Flow, TradeRow, fee_in_fen
from ..._world import World
from ..payments import Orders, trade
from .refund import Refund
from .refunds import Refunds


def _off(refund: Refund) -> dict[str, int]:
    coupons = refund.fen - refund.to_customer
    return {"coupons": coupons, "lost": refund.fen - refund.settled} if coupons else {}


def trades(world: World, start: float, end: float) -> Iterator[TradeRow]:
    """Tell which refunds were asked for."""
    orders = Orders(world)
    for refund in Refunds(world).between("asked_at", start, end):
        yield trade(
            orders.find_paid(None, refund.transaction_id),
            refund.create_time,
            "REFUND",
            gone=refund.fen,
            **_off(refund),
            refund_id=refund.refund_id,
            out_refund_no=refund.number,
            channel=refund.channel,
            status=refund.status,
            done=refund.success_time,
        )


def flows(world: World, start: float, end: float) -> Iterator[Flow]:
    """Tell what went back to customers, less the fee that came back."""
    orders = Orders(world)
    for refund in Refunds(world).between("done_at", start, end):
        time, fen = refund.success_time, fee_in_fen(refund.settled) - refund.settled
        frozen = refund.settled * orders.find_paid(None, refund.transaction_id).froze(time)
        numbers = refund.refund_id, refund.number
        yield Flow(time, *numbers, "退款", fen, -frozen, refund.merchant)
