"""Profit sharing, of a merchant and of a service provider's sub-merchants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits
from ..payments import Orders
from .sharing import Sharing

_SHARING = "v3/profitsharing"
_ORDER: Limits = {
    "transaction_id": {"length": (1, 32)},
    "out_order_no": {"length": (1, 64), "pattern": "[0-9A-Za-z_|*@-]+"},
}
_RECEIVER: Limits = {"custom_relation": {"length": (0, 10)}}
_SHARE: Limits = {
    **_ORDER,
    "receivers": {
        "fields": {
            "type": {"enum": ("MERCHANT_ID", "PERSONAL_OPENID", "PERSONAL_SUB_OPENID")},
            "account": {"length": (1, 64)},
            "amount": {"minimum": 1},
            "description": {"length": (1, 80)},
        }
    },
}
_RETURN: Limits = {
    "out_return_no": {"length": (1, 64), "pattern": "[0-9A-Za-z_|*@-]+"},
    "return_mchid": {"length": (1, 32)},
    "amount": {"minimum": 1},
    "description": {"length": (1, 80)},
}


def add(call: IncomingCall) -> Mapping[str, Any]:
    """Add a receiver."""
    Sharing(call.world).add(call.body)
    return {name: value for name, value in call.body.items() if not name.endswith("appid")}


def delete(call: IncomingCall) -> Mapping[str, Any]:
    """Forget a receiver."""
    Sharing(call.world).delete(call.body)
    names = ("sub_mchid", "type", "account")
    return {name: call.body[name] for name in names if name in call.body}


def share(call: IncomingCall) -> Mapping[str, Any]:
    """Share a payment."""
    made, new = Sharing(call.world).share(call.body)
    return made.shown(done=not new)


def unfreeze(call: IncomingCall) -> Mapping[str, Any]:
    """Set free what is left of a payment."""
    made, new = Sharing(call.world).unfreeze(call.body)
    return made.shown(done=not new)


def query(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what came of a share."""
    number, paid = call.path["out_order_no"], call.query["transaction_id"]
    return Sharing(call.world).find(number, paid).shown(done=True)


def amounts(call: IncomingCall) -> Mapping[str, Any]:
    """Tell how much of a payment can still be shared."""
    order = Orders(call.world).find_paid(None, call.path["transaction_id"])
    left = Sharing(call.world).left(order)
    return {"transaction_id": order.transaction_id, "unsplit_amount": left}


def ratio(call: IncomingCall) -> Mapping[str, Any]:
    """Tell how much of a sub-merchant's payments can be shared."""
    return {"sub_mchid": call.path["sub_mchid"], "max_ratio": Sharing(call.world).ratio}


def give_back(call: IncomingCall) -> Mapping[str, Any]:
    """Have a receiver return a part of its share."""
    made, new = Sharing(call.world).give_back(call.body)
    return made.shown(done=not new)


def query_return(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what came of a return."""
    number, share = call.path["out_return_no"], call.query["out_order_no"]
    return Sharing(call.world).find_return(number, share).shown(done=True)


ROUTES = (
    EndpointRoute("POST", f"{_SHARING}/receivers/add", add, limits=_RECEIVER),
    EndpointRoute("POST", f"{_SHARING}/receivers/delete", delete),
    EndpointRoute("POST", f"{_SHARING}/orders", share, limits=_SHARE),
    EndpointRoute("POST", f"{_SHARING}/orders/unfreeze", unfreeze, limits=_ORDER),
    EndpointRoute("GET", f"{_SHARING}/orders/{{out_order_no}}", query),
    EndpointRoute("GET", f"{_SHARING}/transactions/{{transaction_id}}/amounts", amounts),
    EndpointRoute("GET", f"{_SHARING}/merchant-configs/{{sub_mchid}}", ratio),
    EndpointRoute("POST", f"{_SHARING}/return-orders", give_back, limits=_RETURN),
    EndpointRoute("GET", f"{_SHARING}/return-orders/{{out_return_no}}", query_return),
)
