"""Refunds of a direct merchant: whole or in parts, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._fields import Tree
from .._routes import Call, Route

_REFUNDS = "v3/refund/domestic/refunds"
_NUMBER = r"[0-9A-Za-z_|*@-]+"

_REFUND: Tree = {
    "transaction_id": {"type": "string", "length": (1, 32)},
    "out_trade_no": {"type": "string", "length": (6, 32)},
    "out_refund_no": {"type": "string", "required": True, "length": (1, 64), "pattern": _NUMBER},
    "reason": {"type": "string", "length": (0, 80)},
    "notify_url": {
        "type": "string",
        "length": (8, 256),
        "pattern": r"https?://[^\s/?#]+(/[^\s?#]*)?",
    },
    "funds_account": {"type": "string", "enum": ("AVAILABLE", "UNSETTLED")},
    "amount": {
        "type": "object",
        "required": True,
        "fields": {
            "refund": {"type": "integer", "required": True, "minimum": 1},
            "from": {
                "type": "array<object>",
                "fields": {
                    "account": {
                        "type": "string",
                        "required": True,
                        "enum": ("AVAILABLE", "UNAVAILABLE"),
                    },
                    "amount": {"type": "integer", "required": True, "minimum": 1},
                },
            },
            "total": {"type": "integer", "required": True, "minimum": 1},
            "currency": {"type": "string", "required": True, "enum": ("CNY",)},
        },
    },
    "goods_detail": {"type": "array<object>"},
}


def refund(call: Call) -> Mapping[str, Any]:
    """Refund an order, or a part of it."""
    return call.world.refund(call.body)


def query(call: Call) -> Mapping[str, Any]:
    """Tell what became of a refund, by the merchant's number."""
    return call.world.orders.find_refund(call.path["out_refund_no"]).status(done=True)


ROUTES = (
    Route("POST", _REFUNDS, refund, body=_REFUND),
    Route("GET", f"{_REFUNDS}/{{out_refund_no}}", query),
)
