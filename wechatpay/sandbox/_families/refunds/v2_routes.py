"""APIv2's refunds: asked for, by mutual TLS, and what became of them.

Official page: https://pay.weixin.qq.com/doc/v2/merchant/4011935217
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limit
from ..payments import NOTIFY_URL, Order, Orders, find_in_v2
from . import in_v2, words
from .refund import Refund
from .refunds import Refunds

PAGE = 10
"""How many refunds one answer tells of; `offset` leads to the others."""

_LIMITS: Mapping[str, Limit] = {
    "out_refund_no": {"length": (1, 64), "pattern": r"[0-9A-Za-z_|*@-]+"},
    "total_fee": {"minimum": 1},
    "refund_fee": {"minimum": 1},
    "refund_fee_type": {"enum": ("CNY",)},
    "refund_desc": {"length": (0, 80)},
    "notify_url": {**NOTIFY_URL, "length": (1, 256)},
}
_OFFSET: Mapping[str, Limit] = {"offset": {"minimum": 0}}


def refund(call: IncomingCall) -> Mapping[str, Any]:
    """Refund an order, or a part of it; it ends by its `refund_desc`, as under APIv3."""
    if int(call.body["refund_fee"]) > int(call.body["total_fee"]):
        raise words.INVALID_FEE()
    asked = Refunds(call.world).ask(in_v2.asked(call.body), form="req_info")
    return in_v2.refund(asked)


def refundquery(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what became of one refund, or of all refunds of an order."""
    order, found = _found(call)
    if not found:
        raise words.NO_SUCH_REFUND(order.number, at="out_trade_no")
    start = int(call.body.get("offset", 0))
    seen = in_v2.refunds(order, found[start : start + PAGE])
    return {**seen, "total_refund_count": len(found)} if "offset" in call.body else seen


def _found(call: IncomingCall) -> tuple[Order, list[Refund]]:
    """Find an order and its refunds, or the one that is named: the most exact number counts."""
    body, refunds = call.body, Refunds(call.world)
    merchant = body.get("sub_mch_id") or call.world.keys.mchid
    if number := body.get("refund_id"):
        one = refunds.find_by_id(merchant, number)
    elif number := body.get("out_refund_no"):
        one = refunds.find(merchant, number)
    else:
        order = find_in_v2(call)
        return order, refunds.of_order(order)
    return Orders(call.world).find(one.merchant, one.order["out_trade_no"]), [one]


ROUTES = (
    EndpointRoute("POST", "v2/secapi/pay/refund", refund, limits=_LIMITS),
    EndpointRoute("POST", "v2/pay/refundquery", refundquery, limits=_OFFSET),
)
