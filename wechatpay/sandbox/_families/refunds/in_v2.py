"""Refunds in APIv2's words, which mean the same as APIv3's.

Official page: https://pay.weixin.qq.com/doc/v2/merchant/4011935217
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..payments import Order, in_v2
from .refund import Refund, RefundState

_REFUND = {
    "transaction_id": "transaction_id",
    "out_trade_no": "out_trade_no",
    "out_refund_no": "out_refund_no",
    "refund_desc": "reason",
    "notify_url": "notify_url",
    "sub_mch_id": "sub_mchid",
}
_STATES: Mapping[RefundState, str] = {
    "SUCCESS": "SUCCESS",
    "PROCESSING": "PROCESSING",
    "CLOSED": "REFUNDCLOSE",
    "ABNORMAL": "CHANGE",
}
_UNSETTLED, _RECHARGE = "REFUND_SOURCE_UNSETTLED_FUNDS", "REFUND_SOURCE_RECHARGE_FUNDS"
_ACCOUNTS = {_UNSETTLED: "UNSETTLED", _RECHARGE: "AVAILABLE"}


def asked(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of a refund, as `Refund` has them."""
    refund = in_v2.renamed(fields, _REFUND)
    refund["amount"] = {
        "total": int(fields["total_fee"]),
        "refund": int(fields["refund_fee"]),
        "currency": fields.get("refund_fee_type", "CNY"),
    }
    refund["funds_account"] = _ACCOUNTS.get(fields.get("refund_account", ""), "UNSETTLED")
    return refund


def refund(one: Refund) -> dict[str, Any]:
    """Return the answer to a request for a refund."""
    total = one.asked["amount"]["total"]
    return {
        **in_v2.identity(one.order),
        "transaction_id": one.transaction_id,
        "out_trade_no": one.order["out_trade_no"],
        "out_refund_no": one.number,
        "refund_id": one.refund_id,
        "refund_fee": one.fen,
        "total_fee": total,
        "fee_type": "CNY",
        "cash_fee": total if one.paid is None else one.paid,
        "cash_fee_type": "CNY",
        "cash_refund_fee": one.to_customer,
        **_coupons(one),
    }


def refunds(order: Order, some: Iterable[Refund]) -> dict[str, Any]:
    """Return what became of an order's refunds, each with a number after its fields."""
    seen: dict[str, Any] = {
        **in_v2.identity(order.placed),
        "transaction_id": order.transaction_id,
        "out_trade_no": order.number,
        "total_fee": order.total,
        "fee_type": "CNY",
        "cash_fee": order.payer_total,
    }
    count = 0
    for count, one in enumerate(some, 1):
        fields = {
            "out_refund_no": one.number,
            "refund_id": one.refund_id,
            "refund_channel": one.channel,
            "refund_fee": one.fen,
            **_outcome(one),
        }
        if one.success_time:
            fields["refund_success_time"] = _clock(one.success_time)
        seen |= {f"{name}_{count - 1}": value for name, value in fields.items()}
    return {**seen, "refund_count": count}


def notice(one: Refund) -> dict[str, Any]:
    """Return what the merchant is notified of; all but whose it is goes out encrypted."""
    total = one.asked["amount"]["total"]
    return {
        **in_v2.identity(one.order),
        "req_info": {
            "transaction_id": one.transaction_id,
            "out_trade_no": one.order["out_trade_no"],
            "refund_id": one.refund_id,
            "out_refund_no": one.number,
            "total_fee": total,
            "settlement_total_fee": one.answer()["amount"]["settlement_total"],
            "refund_fee": one.fen,
            "settlement_refund_fee": one.settled,
            "cash_refund_fee": one.to_customer,
            **_outcome(one),
            "success_time": _clock(one.success_time),
            "refund_request_source": "API",
        },
    }


def _coupons(one: Refund) -> dict[str, Any]:
    if not one.promotions:
        return {}
    said: dict[str, Any] = {
        "settlement_refund_fee": one.settled,
        "settlement_total_fee": one.answer()["amount"]["settlement_total"],
        "coupon_refund_fee": one.fen - one.to_customer,
        "coupon_refund_count": len(one.promotions),
    }
    for n, each in enumerate(one.promotions):
        kind = "NO_CASH" if each["type"] == "NOCASH" else "CASH"
        said |= {f"coupon_type_{n}": kind, f"coupon_refund_id_{n}": each["coupon_id"]}
        said[f"coupon_refund_fee_{n}"] = each["refund_amount"]
    return said


def _outcome(one: Refund) -> dict[str, str]:
    paid_from = one.asked.get("funds_account")
    return {
        "refund_status": _STATES[one.status],
        "refund_account": _RECHARGE if paid_from == "AVAILABLE" else _UNSETTLED,
        "refund_recv_accout": one.user_received_account,
    }


def _clock(time: str) -> str:
    return f"{datetime.fromisoformat(time):%Y-%m-%d %H:%M:%S}" if time else ""
