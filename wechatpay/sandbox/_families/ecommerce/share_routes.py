"""Profit sharing of second-tier merchants' orders: the shares are those of `sharing`.

Receivers are the platform's, for all of its merchants: https://pay.weixin.qq.com/doc/v3/partner/
4015870957 (2025-09-26).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits
from ..payments import Orders
from ..sharing import Return, Share, Sharing

_BASE = "v3/ecommerce/profitsharing"
_NUMBER: Limits = {"out_order_no": {"length": (1, 64), "pattern": "[0-9A-Za-z_|*@-]+"}}
_RETURN: Limits = {
    "out_return_no": {"length": (1, 64), "pattern": "[0-9A-Za-z_|*@-]+"},
    "amount": {"minimum": 1},
}
_GIVEN_BACK = (
    "sub_mchid",
    "order_id",
    "out_order_no",
    "out_return_no",
    "return_mchid",
    "amount",
    "description",
)
_WHICH = ("sub_mchid", "transaction_id", "out_order_no", "order_id")


def add(call: IncomingCall) -> Mapping[str, Any]:
    """Add a receiver."""
    Sharing(call.world).add(call.body)
    return {name: call.body[name] for name in ("type", "account")}


def delete(call: IncomingCall) -> Mapping[str, Any]:
    """Forget a receiver."""
    Sharing(call.world).delete(call.body)
    return {name: call.body[name] for name in ("type", "account")}


def share(call: IncomingCall) -> Mapping[str, Any]:
    """Share a payment."""
    body = call.body
    receivers = [
        {
            "type": each["type"],
            "account": each["receiver_account"],
            "amount": each["amount"],
            "description": each["description"],
        }
        for each in body["receivers"]
    ]
    names = ("sub_mchid", "transaction_id", "out_order_no")
    asked = {**{name: body[name] for name in names}, "receivers": receivers}
    asked["unfreeze_unsplit"] = body["finish"]
    made, new = Sharing(call.world).share(asked, platform=True)
    said = made.shown(done=not new)
    return {**{name: said[name] for name in _WHICH}, "receivers": _receivers(made, done=not new)}


def finish(call: IncomingCall) -> Mapping[str, Any]:
    """Set free what is left of a payment."""
    names = ("sub_mchid", "transaction_id", "out_order_no", "description")
    made, _ = Sharing(call.world).unfreeze({name: call.body[name] for name in names})
    said = made.shown(done=True)
    return {name: said[name] for name in _WHICH}


def query(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what came of a share."""
    made = Sharing(call.world).find(call.query["out_order_no"], call.query["transaction_id"])
    shown = made.shown(done=True)
    said: dict[str, Any] = {name: shown[name] for name in _WHICH}
    said |= {"status": shown["state"], "receivers": _receivers(made, done=True)}
    if made.freed is not None:
        said |= {"finish_amount": made.freed, "finish_description": made.parts[-1].description}
    return said


def amounts(call: IncomingCall) -> Mapping[str, Any]:
    """Tell how much of a payment can still be shared."""
    order = Orders(call.world).find_paid(None, call.path["transaction_id"])
    left = Sharing(call.world).left(order)
    return {"transaction_id": order.transaction_id, "unsplit_amount": left}


def give_back(call: IncomingCall) -> Mapping[str, Any]:
    """Have a receiver return a part of its share."""
    asked = {name: call.body[name] for name in _GIVEN_BACK if name in call.body}
    made, new = Sharing(call.world).give_back(asked)
    return _returned(made, done=not new)


def query_return(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what came of a return."""
    sharing, asked = Sharing(call.world), call.query
    number = sharing.numbered(asked).number
    return _returned(sharing.find_return(asked["out_return_no"], number), done=True)


def _receivers(made: Share, *, done: bool) -> list[dict[str, Any]]:
    parts = made.parts if made.freed is None else made.parts[:-1]
    shown: list[dict[str, Any]] = []
    for each in parts:
        said = each.shown(made.time, done=done)
        del said["create_time"]
        account = said.pop("account")
        merchant = {"receiver_mchid": account} if each.type == "MERCHANT_ID" else {}
        shown.append({**said, "receiver_account": account, **merchant})
    return shown


def _returned(made: Return, *, done: bool) -> dict[str, Any]:
    said = made.shown(done=done)
    number = said.pop("return_id")
    del said["create_time"], said["description"]
    return {**said, "return_no": number}


ROUTES = (
    EndpointRoute("POST", f"{_BASE}/receivers/add", add),
    EndpointRoute("POST", f"{_BASE}/receivers/delete", delete),
    EndpointRoute("POST", f"{_BASE}/orders", share, limits=_NUMBER),
    EndpointRoute("GET", f"{_BASE}/orders", query),
    EndpointRoute("GET", f"{_BASE}/orders/{{transaction_id}}/amounts", amounts),
    EndpointRoute("POST", f"{_BASE}/finish-order", finish, limits=_NUMBER),
    EndpointRoute("POST", f"{_BASE}/returnorders", give_back, limits=_RETURN),
    EndpointRoute("GET", f"{_BASE}/returnorders", query_return),
)
