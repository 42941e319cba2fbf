"""Payments: placed, asked for, closed and reversed, by direct merchants and by partners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, Handler, IncomingCall, Limit
from . import identity, words
from .fields import NOTIFY_URL, NUMBER, TIME_EXPIRE, WAYS, expires
from .order import Order, TradeType
from .orders import Orders

_ID: Limit = {"length": (1, 32)}

_MERCHANT = {"direct": {"mchid": _ID}, "partner": {"sp_mchid": _ID, "sub_mchid": _ID}}
_APPID: Mapping[str, Mapping[str, Limit]] = {"direct": {"appid": _ID}, "partner": {}}
_ORDER: Mapping[str, Limit] = {
    "description": {"length": (1, 127)},
    "out_trade_no": NUMBER,
    "attach": {"length": (0, 128)},
    "goods_tag": {"length": (0, 32)},
    "amount": {
        "fields": {"total": {"type": "integer", "minimum": 1}, "currency": {"enum": ("CNY",)}}
    },
}
_PREPAID: Mapping[str, Limit] = {
    **_ORDER,
    "time_expire": TIME_EXPIRE,
    "notify_url": NOTIFY_URL,
}
_CODE: Mapping[str, Limit] = {
    **_ORDER,
    "payer": {"fields": {"auth_code": {"pattern": "1[0-5][0-9]{16}"}}},
}

_PATHS = {"direct": "v3/pay/transactions", "partner": "v3/pay/partner/transactions"}


def placing(trade_type: TradeType) -> Handler:
    """Place an order to be paid in such a way, and answer what the customer's side needs."""

    def place(call: IncomingCall) -> Mapping[str, Any]:
        orders = Orders(call.world)
        identity.check(call.world, call.body)
        return orders.place(call.body, trade_type, expires=expires(call.body)).handle

    return place


def charge(call: IncomingCall) -> Mapping[str, Any]:
    """Place an order that is paid with the code that the customer shows."""
    identity.check(call.world, call.body)
    return Orders(call.world).charge(call.body).transaction()


def query_by_out_trade_no(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where an order is, by the merchant's number."""
    return _single(call, Orders(call.world).find(_paid(call.query), call.path["out_trade_no"]))


def query_by_id(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where an order is, by WeChat Pay's number."""
    number = call.path["transaction_id"]
    return _single(call, Orders(call.world).find_paid(_paid(call.query), number))


def close(call: IncomingCall) -> None:
    """Close an order."""
    orders, merchant, number = Orders(call.world), _paid(call.body), call.path["out_trade_no"]
    _single(call, orders.find(merchant, number))
    orders.close(merchant, number)


def reverse(call: IncomingCall) -> Mapping[str, Any]:
    """Reverse an order."""
    return Orders(call.world).reverse(_paid(call.body), call.path["out_trade_no"]).identity()


def _single(call: IncomingCall, order: Order) -> Mapping[str, Any]:
    """Return what is known of an order that was placed by itself; others are asked for together."""
    if order.combine_out_trade_no:
        at = next(iter(call.path))
        raise words.NO_SUCH_ORDER(call.path[at], at=at)
    return order.transaction()


def _paid(parameters: Mapping[str, Any]) -> str:
    """Return who is paid: the partner's merchant, or the one who asks."""
    merchant: str = parameters.get("sub_mchid") or parameters["mchid"]
    return merchant


def _routes(mode: str) -> tuple[EndpointRoute, ...]:
    path, merchant = _PATHS[mode], _MERCHANT[mode]
    placed = {**merchant, **_APPID[mode]}
    by_number = f"{path}/out-trade-no/{{out_trade_no}}"
    return (
        *(
            EndpointRoute(
                "POST", f"{path}/{way}", placing(trade_type), limits={**placed, **_PREPAID}
            )
            for way, trade_type in WAYS.items()
        ),
        EndpointRoute("POST", f"{path}/codepay", charge, limits={**placed, **_CODE}),
        EndpointRoute("GET", by_number, query_by_out_trade_no),
        EndpointRoute("GET", f"{path}/id/{{transaction_id}}", query_by_id),
        EndpointRoute("POST", f"{by_number}/close", close, limits=merchant),
        EndpointRoute("POST", f"{by_number}/reverse", reverse, limits=merchant),
    )


_MINIPROGRAM = EndpointRoute(
    "POST",
    f"{_PATHS['partner']}/miniprogram",
    placing("JSAPI"),
    limits={**_MERCHANT["partner"], **_PREPAID},
)

ROUTES = (*_routes("direct"), *_routes("partner"), _MINIPROGRAM)
