"""Payments of a direct merchant: native orders, queries, closing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._fields import Tree
from .._routes import Call, Route

_ORDERS = "v3/pay/transactions"
_RFC3339 = r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
_MCHID: Tree = {"mchid": {"type": "string", "required": True, "length": (1, 32)}}

_NATIVE: Tree = {
    "appid": {"type": "string", "required": True, "length": (1, 32)},
    **_MCHID,
    "description": {"type": "string", "required": True, "length": (1, 127)},
    "out_trade_no": {
        "type": "string",
        "required": True,
        "length": (6, 32),
        "pattern": r"[0-9A-Za-z_|*-]+",
    },
    "time_expire": {
        "type": "string",
        "pattern": _RFC3339,
    },
    "attach": {"type": "string", "length": (0, 128)},
    "notify_url": {
        "type": "string",
        "required": True,
        "length": (1, 255),
        "pattern": r"https?://[^\s/?#]+(/[^\s?#]*)?",
    },
    "goods_tag": {"type": "string", "length": (0, 32)},
    "support_fapiao": {"type": "boolean"},
    "limit_pay": {
        "type": "array<string>",
        "enum": ("no_balance", "no_credit", "no_debit", "balance_only"),
    },
    "amount": {
        "type": "object",
        "required": True,
        "fields": {
            "total": {"type": "integer", "required": True, "minimum": 1},
            "currency": {"type": "string", "enum": ("CNY",)},
        },
    },
    "detail": {"type": "object"},
    "scene_info": {"type": "object"},
    "settle_info": {"type": "object", "fields": {"profit_sharing": {"type": "boolean"}}},
}


def native(call: Call) -> Mapping[str, Any]:
    """Place an order to be paid with a QR code."""
    return {"code_url": call.world.orders.place(call.body, "NATIVE").code_url}


def query_by_out_trade_no(call: Call) -> Mapping[str, Any]:
    """Tell where an order is, by the merchant's number."""
    return call.world.orders.find(call.path["out_trade_no"]).transaction()


def query_by_id(call: Call) -> Mapping[str, Any]:
    """Tell where an order is, by WeChat Pay's number."""
    return call.world.orders.find_paid(call.path["transaction_id"]).transaction()


def close(call: Call) -> None:
    """Close an order."""
    call.world.orders.close(call.path["out_trade_no"])


ROUTES = (
    Route("POST", f"{_ORDERS}/native", native, body=_NATIVE),
    Route("GET", f"{_ORDERS}/out-trade-no/{{out_trade_no}}", query_by_out_trade_no, query=_MCHID),
    Route("GET", f"{_ORDERS}/id/{{transaction_id}}", query_by_id, query=_MCHID),
    Route("POST", f"{_ORDERS}/out-trade-no/{{out_trade_no}}/close", close, body=_MCHID),
)
