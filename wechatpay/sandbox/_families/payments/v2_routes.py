"""APIv2's payments: placed, paid with a code, asked for, closed and reversed.

Official page: https://pay.weixin.qq.com/doc/v2/merchant/4011935214
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from ..._base import OldRefusal, Refusal
from ..._endpoint import EndpointRoute, IncomingCall, Limit
from . import identity, in_v2, words
from .fields import NOTIFY_URL
from .order import Order, TradeType
from .orders import Orders

NUMBER: Limit = {"length": (1, 32), "pattern": r"[0-9A-Za-z_|*@-]+"}
_PAYMENT_CODE = re.compile("1[0-5][0-9]{16}")
_ORDER: Mapping[str, Limit] = {
    "body": {"length": (1, 128)},
    "attach": {"length": (0, 127)},
    "out_trade_no": NUMBER,
    "total_fee": {"minimum": 1},
    "fee_type": {"enum": ("CNY",)},
    "time_expire": {"pattern": "[0-9]{14}"},
}
_PREPAID: Mapping[str, Limit] = {
    **_ORDER,
    "notify_url": NOTIFY_URL,
    "trade_type": {"enum": ("JSAPI", "NATIVE", "APP", "MWEB")},
}


def unifiedorder(call: IncomingCall) -> Mapping[str, Any]:
    """Place an order, and answer what the customer's side needs to pay it."""
    body = call.body
    if body["trade_type"] == "JSAPI" and not (body.get("openid") or body.get("sub_openid")):
        raise words.OPENID_NEEDED()
    placed = _placed(call)
    order = Orders(call.world).place(
        placed,
        cast("TradeType", body["trade_type"]),
        expires=in_v2.moment(body["time_expire"]).timestamp() if "time_expire" in body else None,
        form=in_v2.form(body),
    )
    seen: dict[str, Any] = {**in_v2.identity(order.placed), "trade_type": order.trade_type}
    if "device_info" in body:
        seen["device_info"] = body["device_info"]
    return {**seen, **in_v2.handle(order)}


def micropay(call: IncomingCall) -> Mapping[str, Any]:
    """Place an order that is paid with the code that the customer shows.

    By the code's last digit, as under APIv3: after a 0 the password is asked for, with a 9 the
    payment fails (not enough money), with any other it is paid at once.
    """
    if not _PAYMENT_CODE.fullmatch(call.body["auth_code"]):
        raise words.NO_PAYMENT_CODE()
    order = Orders(call.world).charge(_placed(call))
    if order.trade_state == "USERPAYING":
        raise words.PASSWORD_NEEDED()
    if order.trade_state == "PAYERROR":
        raise words.NOT_ENOUGH()
    return in_v2.transaction(order)


def orderquery(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where an order is."""
    order = _single(call)
    known = order.transaction()
    state = {name: known[name] for name in ("trade_state", "trade_state_desc")}
    return {**in_v2.transaction(order), **state}


def closeorder(call: IncomingCall) -> Mapping[str, Any]:
    """Close an order; unlike under APIv3, one that is closed already is refused."""
    order = _single(call)
    if order.trade_state == "CLOSED":
        raise words.CLOSED(order.number)
    Orders(call.world).close(order.merchant, order.number)
    return {**in_v2.identity(order.placed), "result_msg": "OK"}


def reverse(call: IncomingCall) -> Mapping[str, Any]:
    """Reverse an order that was paid with a code, or that was to be."""
    try:
        order = find(call)
        Orders(call.world).reverse(order.merchant, order.number)
    except Refusal as refusal:
        old = OldRefusal.of(refusal)
        old.fields["recall"] = "N"
        raise old from refusal
    return {**in_v2.identity(order.placed), "recall": "N"}


def find(call: IncomingCall) -> Order:
    """Find the order that a call names; WeChat Pay's number for it comes first.

    Raises:
        Refusal: There is none.
    """
    orders, body = Orders(call.world), call.body
    merchant = body.get("sub_mch_id") or call.world.keys.mchid
    if number := body.get("transaction_id"):
        return orders.find_paid(merchant, number)
    return orders.find(merchant, body["out_trade_no"])


def _single(call: IncomingCall) -> Order:
    """Find an order that was placed by itself; others are asked for and closed together."""
    order = find(call)
    if order.combine_out_trade_no:
        raise words.NO_SUCH_ORDER(order.number)
    return order


def _placed(call: IncomingCall) -> dict[str, Any]:
    try:
        placed = in_v2.placed(call.body)
    except ValueError as error:
        raise words.NO_SUCH_OLD_TIME(name="time_expire") from error
    identity.check(call.world, placed)
    return placed


ROUTES = (
    EndpointRoute("POST", "v2/pay/unifiedorder", unifiedorder, limits=_PREPAID),
    EndpointRoute("POST", "v2/pay/micropay", micropay, limits=_ORDER),
    EndpointRoute("POST", "v2/pay/orderquery", orderquery),
    EndpointRoute("POST", "v2/pay/closeorder", closeorder),
    EndpointRoute("POST", "v2/secapi/pay/reverse", reverse),
)
