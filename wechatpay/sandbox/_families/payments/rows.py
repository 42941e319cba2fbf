"""What payments put into bills."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..._parts import Flow, TradeRow, fee_in_fen
from ..._world import World
from .order import Order
from .orders import Orders


def trade(order: Order, time: str, state: str, **rest: Any) -> TradeRow:
    """Make a row of a trade bill that is about an order.

    Args:
        order: The order.
        time: When it happened.
        state: What did: `SUCCESS`, `REVOKED` or `REFUND`.
        rest: What else the row has.
    """
    placed = order.placed
    return TradeRow(
        time,
        mchid=placed.get("sp_mchid") or placed["mchid"],
        appid=placed.get("sp_appid") or placed.get("appid", ""),
        sub_mchid=placed.get("sub_mchid", ""),
        transaction_id=order.transaction_id,
        out_trade_no=order.number,
        openid=next(iter(order.payer().values()), ""),
        trade_type=order.trade_type,
        state=state,
        description=placed.get("description", ""),
        attach=placed.get("attach", ""),
        **rest,
    )


def _off(order: Order) -> dict[str, int]:
    coupons = order.total - order.payer_total
    lost = order.total - order.settled
    return {"coupons": coupons, "lost": lost} if coupons else {}


def trades(world: World, start: float, end: float) -> Iterator[TradeRow]:
    """Tell what was paid, and what was reversed."""
    orders = Orders(world)
    for order in orders.between("paid_at", start, end):
        yield trade(order, order.success_time, "SUCCESS", paid=order.total, **_off(order))
    for order in orders.between("reversed_at", start, end):
        yield trade(order, order.reverse_time, "REVOKED", gone=order.total, **_off(order))


def flows(world: World, start: float, end: float) -> Iterator[Flow]:
    """Tell what came in with payments, and went with reversals, and the fees of both."""
    orders = Orders(world)
    for order in orders.between("paid_at", start, end):
        numbers, fee = (order.transaction_id, order.number), fee_in_fen(order.settled)
        time, mchid, frozen = order.success_time, order.merchant, order.settled * order.shareable
        yield Flow(time, *numbers, "交易", order.settled, frozen, mchid)
        yield Flow(time, *numbers, "扣除交易手续费", -fee, mchid=mchid)
    for order in orders.between("reversed_at", start, end):
        numbers, fee = (order.transaction_id, order.number), fee_in_fen(order.settled)
        frozen = order.settled * order.froze(order.reverse_time)
        yield Flow(
            order.reverse_time, *numbers, "撤销", fee - order.settled, -frozen, order.merchant
        )
