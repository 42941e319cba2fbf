"""Refunds: whole or in parts, what became of them, and what to do if they went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limit
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


def refund(call: IncomingCall) -> Mapping[str, Any]:
    """Refund an order, or a part of it."""
    return Refunds(call.world).ask(call.body).answer()


def query(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what became of a refund, by the merchant's number."""
    merchant = call.query.get("sub_mchid") or call.world.keys.mchid
    return Refunds(call.world).find(merchant, call.path["out_refund_no"]).answer()


def abnormal_account(body: Mapping[str, Any]) -> str:
    """Return where the money of an abnormal refund is to go.

    Raises:
        Refusal: 400 `PARAM_ERROR`: it is the user's account, and something of it is missing.
    """
    if body["type"] != "USER_BANK_CARD":
        return "商户银行账户"
    for name in _USER:
        if not body.get(name):
            raise words.ACCOUNT_NEEDED("", at=f"/{name}", name=name)
    return f"{body['bank_type']} {body['bank_account'][-4:]}"


def apply_abnormal_refund(call: IncomingCall) -> Mapping[str, Any]:
    """Send the money of an abnormal refund to the customer's bank account, or to the merchant's."""
    body, account = call.body, abnormal_account(call.body)
    merchant = body.get("sub_mchid") or call.world.keys.mchid
    refunds = Refunds(call.world)
    number = call.path["refund_id"]
    return refunds.retry(merchant, number, body["out_refund_no"], account).answer()


ROUTES = (
    EndpointRoute("POST", _REFUNDS, refund, limits=_LIMITS),
    EndpointRoute("GET", f"{_REFUNDS}/{{out_refund_no}}", query),
    EndpointRoute("POST", f"{_REFUNDS}/{{refund_id}}/apply-abnormal-refund", apply_abnormal_refund),
)
