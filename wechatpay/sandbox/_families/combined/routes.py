"""Payments of several orders with one password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import OWN_MERCHANT, EndpointRoute, Handler, IncomingCall, Limit
from ..payments import (
    NOTIFY_URL,
    NUMBER,
    TIME_EXPIRE,
    WAYS,
    TradeType,
    expires,
    identity,
)
from . import words
from .combined import Combined
from .combined_orders import CombinedOrders

_PATH = "v3/combine-transactions"
_BY_NUMBER = f"{_PATH}/out-trade-no/{{combine_out_trade_no}}"
_DIRECT, _PARTNER = (2, 10), (1, 50)
"""How many orders there are in a combined one."""

_SUB_ORDER: Mapping[str, Limit] = {
    "out_trade_no": NUMBER,
    "description": {"length": (1, 127)},
    "attach": {"length": (1, 128)},
    "amount": {
        "fields": {
            "total_amount": {"type": "integer", "minimum": 1},
            "currency": {"enum": ("CNY",)},
        }
    },
}
_MERCHANTS: Mapping[str, Limit] = {"sub_mchid": {"required": False}}  # direct ones have none
_LIMITS: Mapping[str, Limit] = {
    "combine_out_trade_no": {"length": (2, 32), "pattern": r"[0-9A-Za-z_|*-]+"},
    "notify_url": NOTIFY_URL,
    "time_expire": TIME_EXPIRE,
    "sub_orders": {"fields": {**_SUB_ORDER, **_MERCHANTS}},
}
_OF_PERSONS: Mapping[str, Limit] = {**_LIMITS, "sub_orders": {"fields": _SUB_ORDER}}


def placing(trade_type: TradeType, *, of_person: bool = False) -> Handler:
    """Place orders to be paid together in such a way; a person may sell a single thing."""

    def place(call: IncomingCall) -> Mapping[str, Any]:
        subs: list[Mapping[str, Any]] = call.body["sub_orders"]
        served = [sub["sub_mchid"] for sub in subs if "sub_mchid" in sub]
        if call.world.keys.mchid in served:
            raise OWN_MERCHANT(call.world.keys.mchid, at="/sub_orders")
        least, most = _PARTNER if served else _DIRECT
        least = 1 if of_person else least
        if not least <= len(subs) <= most:
            raise words.WRONG_COUNT(len(subs), count=len(subs), least=least, most=most)
        identity.check(call.world, call.body)
        orders = CombinedOrders(call.world)
        return orders.place(call.body, trade_type, expires=expires(call.body)).handle

    return place


def query_by_out_trade_no(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where the orders are, by the merchant's number for all of them."""
    combined = CombinedOrders(call.world).find(call.path["combine_out_trade_no"])
    return _seen(call, combined)


def query_by_id(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where the orders are, by WeChat Pay's number for all of them."""
    combined = CombinedOrders(call.world).find_paid(call.path["combine_transaction_id"])
    return _seen(call, combined)


def close(call: IncomingCall) -> None:
    """Close orders that were to be paid together."""
    named = [
        (each.get("sub_mchid") or each["mchid"], each["out_trade_no"])
        for each in call.body["sub_orders"]
    ]
    CombinedOrders(call.world).close(call.path["combine_out_trade_no"], named)


def _seen(call: IncomingCall, combined: Combined) -> Mapping[str, Any]:
    return combined.transaction(CombinedOrders(call.world).parts(combined))


ROUTES = (
    *(
        EndpointRoute("POST", f"{_PATH}/{way}", placing(trade_type), limits=_LIMITS)
        for way, trade_type in WAYS.items()
    ),
    EndpointRoute(
        "POST", f"{_PATH}/miniprogram", placing("JSAPI", of_person=True), limits=_OF_PERSONS
    ),
    EndpointRoute("GET", _BY_NUMBER, query_by_out_trade_no),
    EndpointRoute("GET", f"{_PATH}/id/{{combine_transaction_id}}", query_by_id),
    EndpointRoute("POST", f"{_BY_NUMBER}/close", close),
)
