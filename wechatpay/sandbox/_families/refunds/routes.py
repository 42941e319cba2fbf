"""Refunds: whole or in parts, what became of them, and what to do if they went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import Call, Limit, Route
from ..payments import NOTIFY_URL
from . import words
from .refunds import Refunds

_REFUNDS = "v3/refund/domestic/refunds"

_LIMITS: Mapping[str, Limit] = {
    "transaction_id": {"length": (1, 32)},
    "out_trade_no": {"length": (6, 32)},
    "out_refund_no": {"length": (1, 64), "pattern": r"[0-9A-Za-z_|*@-]+"},
    "reason": {"length": (0, 80)},
    "notify_url": {**NOTIFY_URL, "length": (8, 256)},
    "funds_account": {"enum": ("AVAILABLE", "UNSETTLED")},
    "amount": {
        "fields": {
            "refund": {"minimum": 1},
            "total": {"minimum": 1},
            "currency": {"enum": ("CNY",)},
            "from": {
                "fields": {
                    "account": {"enum": ("AVAILABLE", "UNAVAILABLE")},
                    "amount": {"minimum": 1},
                }
            },
        }
    },
}
_USER = ("bank_type", "bank_account", "real_name")


def refund(call: Call) -> Mapping[str, Any]:
    """Refund an order, or a part of it."""
    return Refunds(call.world).ask(call.body).answer()


def query(call: Call) -> Mapping[str, Any]:
    """Tell what became of a refund, by the merchant's number."""
    merchant = call.query.get("sub_mchid") or call.world.keys.mchid
    return Refunds(call.world).find(merchant, call.path["out_refund_no"]).answer()


def apply_abnormal_refund(call: Call) -> Mapping[str, Any]:
    """Send the money of an abnormal refund to the customer's bank account, or to the merchant's."""
    body, account = call.body, "商户银行账户"
    if body["type"] == "USER_BANK_CARD":
        for name in _USER:
            if not body.get(name):
                raise words.ACCOUNT_NEEDED("", at=f"/{name}", name=name)
        account = f"{body['bank_type']} {body['bank_account'][-4:]}"
    merchant = body.get("sub_mchid") or call.world.keys.mchid
    refunds = Refunds(call.world)
    number = call.path["refund_id"]
    return refunds.retry(merchant, number, body["out_refund_no"], account).answer()


ROUTES = (
    Route("POST", _REFUNDS, refund, limits=_LIMITS),
    Route("GET", f"{_REFUNDS}/{{out_refund_no}}", query),
    Route("POST", f"{_REFUNDS}/{{refund_id}}/apply-abnormal-refund", apply_abnormal_refund),
)
