"""Files of what was used of a stock, and of what was refunded of it.

What columns WeChat Pay's files have is not documented publicly: these are the sandbox's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..._world import World
from ..payments import Orders
from ..refunds import Refunds
from .coupons import Coupons

_USES = "批次号,优惠券ID,核销时间,微信支付订单号,优惠金额(分)"
_REFUNDS = "批次号,优惠券ID,退款时间,微信支付退款单号,退回金额(分)"


def uses(world: World, stock_id: str, day: str = "") -> list[str]:
    """Return the rows of a stock's uses, of a day or of all; none if there were none."""
    return _file(_USES, _uses(world, stock_id), day)


def refunds(world: World, stock_id: str, day: str = "") -> list[str]:
    """Return the rows of a stock's refunds, of a day or of all; none if there were none."""
    return _file(_REFUNDS, _refunds(world, stock_id), day)


def written(lines: list[str]) -> bytes:
    """Return the file of some lines."""
    return "".join(f"{line}\r\n" for line in lines).encode()


def _uses(world: World, stock_id: str) -> Iterator[list[str]]:
    orders = Orders(world)
    for coupon in Coupons(world).used(stock_id):
        paid = (coupon.consumed or {})["transaction_id"]
        order = orders.find_paid(None, paid)
        off = sum(each["amount"] for each in order.promotions)
        yield [stock_id, coupon.coupon_id, order.success_time, paid, str(off)]


def _refunds(world: World, stock_id: str) -> Iterator[list[str]]:
    orders, known = Orders(world), Refunds(world)
    for coupon in Coupons(world).used(stock_id):
        order = orders.find_paid(None, (coupon.consumed or {})["transaction_id"])
        for refund in known.of_order(order):
            fen = sum(each["refund_amount"] for each in refund.promotions)
            if fen and refund.success_time:
                numbers = refund.refund_id, str(fen)
                yield [stock_id, coupon.coupon_id, refund.success_time, *numbers]


def _file(heading: str, rows: Iterator[list[str]], day: str) -> list[str]:
    kept = [row for row in rows if row[2].startswith(day)]
    return [heading, *(",".join("`" + value for value in row) for row in kept)] if kept else []
