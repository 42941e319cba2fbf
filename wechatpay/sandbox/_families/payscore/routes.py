"""Pay score, of a merchant and of a service provider's sub-merchants: permissions and orders.

What a partner is answered, if anything, and what a direct merchant, stands in the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits, Tree, find
from ..payments import NOTIFY_URL
from .permissions import Permissions
from .service_order import ServiceOrder
from .service_orders import ServiceOrders

_DIRECT, _PARTNER = "v3/payscore", "v3/payscore/partner"
_BY_CODE = "permissions/authorization-code/{authorization_code}"
_BY_OPENID = "v3/payscore/permissions/openid/{openid}"

_Act = Callable[[IncomingCall], ServiceOrder]

_CODE: Limits = {
    "service_id": {"length": (1, 32)},
    "authorization_code": {"length": (1, 32), "pattern": "[0-9A-Za-z_|*-]+"},
    "appid": {"length": (1, 32)},
}
_REASON: Limits = {"service_id": {"length": (1, 32)}, "reason": {"length": (1, 50)}}
_SUB: Limits = {"sub_mchid": {"length": (1, 32)}}
_ITEMS: Limits = {
    "post_payments": {
        "fields": {
            "name": {"length": (1, 20)},
            "amount": {"type": "integer", "minimum": 0},
            "description": {"length": (0, 30)},
        }
    },
    "post_discounts": {
        "fields": {
            "name": {"length": (1, 20)},
            "amount": {"type": "integer", "minimum": 0},
            "description": {"length": (0, 30)},
        }
    },
}
_TOTAL: Limits = {**_ITEMS, "total_amount": {"type": "integer", "minimum": 0}}
_DAY = "[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
_MOMENT = f"{_DAY}(([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9])?"
_TIMES: Limits = {
    "start_time": {"pattern": f"OnAccept|{_MOMENT}"},
    "end_time": {"pattern": _MOMENT},
}
_CREATE: Limits = {
    **_ITEMS,
    "out_order_no": {"length": (1, 32), "pattern": "[0-9A-Za-z_|*-]+"},
    "service_id": {"length": (1, 32)},
    "appid": {"length": (1, 32)},
    "service_introduction": {"length": (1, 20)},
    "attach": {"length": (0, 256)},
    "notify_url": NOTIFY_URL,
    "risk_fund": {
        "fields": {
            "name": {"enum": ("DEPOSIT", "ADVANCE", "CASH_DEPOSIT", "ESTIMATE_ORDER_COST")},
            "amount": {"type": "integer", "minimum": 1},
        }
    },
    "time_range": {"fields": _TIMES},
}
_COMPLETE: Limits = {**_TOTAL, "time_range": {"fields": _TIMES}}
_SYNC: Limits = {
    "type": {"enum": ("Order_Paid",)},
    "detail": {"fields": {"paid_time": {"pattern": _MOMENT}}},
}


def ask(call: IncomingCall) -> Mapping[str, Any]:
    """Ask for a user's permission."""
    return {"apply_permissions_token": Permissions(call.world).ask(call.body).token}


def query_code(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a permission is, by its code."""
    permission = Permissions(call.world).find(call.path["authorization_code"], call.query)
    return permission.report(call.world.keys.mchid, call.query)


def query_user(call: IncomingCall) -> Mapping[str, Any]:
    """Tell whether a user gave a permission.

    That one who never did is told as `UNAVAILABLE`, without a code, is the sandbox's own rule.
    """
    given = {**call.path, **call.query}
    mchid = call.world.keys.mchid
    if permission := Permissions(call.world).find_user(given):
        return permission.report(mchid, given)
    return {**given, "mchid": mchid, "authorization_state": "UNAVAILABLE"}


def terminate_code(call: IncomingCall) -> None:
    """End a permission, by its code."""
    Permissions(call.world).terminate(call.path["authorization_code"], call.body)


def terminate_user(call: IncomingCall) -> None:
    """End a permission, by its user."""
    Permissions(call.world).terminate_user({**call.body, **call.path})


def query(call: IncomingCall) -> ServiceOrder:
    """Tell where an order is, by either number."""
    return ServiceOrders(call.world).find_query(call.query)


def _does(step: Callable[[ServiceOrders, Mapping[str, Any]], ServiceOrder]) -> _Act:
    """What a call does that names an order in its path or its body."""
    return lambda call: step(ServiceOrders(call.world), {**call.body, **call.path})


def _order(method: str, template: str, act: _Act, limits: Limits | None = None) -> EndpointRoute:
    """An endpoint that answers what is documented of an order, or nothing."""

    def answer(call: IncomingCall) -> Mapping[str, Any] | None:
        report = act(call).report(call.world.keys.mchid)
        document = find(method, template)
        told: Tree = document.reply if document else {}
        return {name: report[name] for name in told if name in report} or None

    return EndpointRoute(method, template, answer, limits=limits or {})


def _permissions(base: str, sub: Limits) -> Iterator[EndpointRoute]:
    code = f"{base}/{_BY_CODE}"
    yield EndpointRoute("POST", f"{base}/permissions", ask, limits={**_CODE, **sub})
    yield EndpointRoute("GET", code, query_code)
    yield EndpointRoute("POST", f"{code}/terminate", terminate_code, limits={**_REASON, **sub})


def _orders(base: str) -> Iterator[EndpointRoute]:
    orders, one = f"{base}/serviceorder", f"{base}/serviceorder/{{out_order_no}}"
    yield _order("POST", orders, _does(ServiceOrders.create), _CREATE)
    yield _order("GET", orders, query)
    yield _order("POST", f"{one}/complete", _does(ServiceOrders.complete), _COMPLETE)
    yield _order("POST", f"{one}/modify", _does(ServiceOrders.modify), {**_TOTAL, **_REASON})
    yield _order("POST", f"{one}/cancel", _does(ServiceOrders.cancel), _REASON)
    yield _order("POST", f"{one}/pay", _does(ServiceOrders.collect))
    yield _order("POST", f"{one}/sync", _does(ServiceOrders.sync), _SYNC)


ROUTES = (
    *_permissions(_DIRECT, {}),
    *_permissions(_PARTNER, _SUB),
    EndpointRoute("GET", _BY_OPENID, query_user),
    EndpointRoute("POST", f"{_BY_OPENID}/terminate", terminate_user, limits=_REASON),
    EndpointRoute("GET", f"{_PARTNER}/permissions/search", query_user),
    EndpointRoute(
        "POST", f"{_PARTNER}/permissions/terminate", terminate_user, limits={**_REASON, **_SUB}
    ),
    *_orders(_DIRECT),
    *_orders(_PARTNER),
)
