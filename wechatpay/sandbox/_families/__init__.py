"""The families of endpoints: each module is a table of routes and what answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._endpoint.routes import Call, Route
from .._world import World
from .bills import files as downloads_routes
from .bills import routes as bills_routes
from .bills import v2_routes as v2_bills_routes
from .combined import routes as combined_routes
from .complaints import routes as complaints_routes
from .payments import Orders
from .payments import routes as payments_routes
from .payments import v2_routes as v2_orders_routes
from .payscore import ServiceOrders
from .payscore import routes as payscore_routes
from .refunds import routes as refunds_routes
from .refunds import v2_routes as v2_refunds_routes
from .security import (
    certificates as certificates_routes,
)
from .security import (
    echo as security_routes,
)
from .security import (
    v2_key as v2_keys_routes,
)
from .sharing import routes as sharing_routes
from .transfers import routes as transfers_routes
from .transfers.transfers import Transfers


def pay(call: Call) -> Mapping[str, Any]:
    """Let the customer pay an order: for those who cannot call `Sandbox.pay`."""
    return Orders(call.world).pay(call.path["out_trade_no"])


def fail(call: Call) -> None:
    """Let the payment of an order fail: for those who cannot call `Sandbox.fail`."""
    Orders(call.world).fail(call.path["out_trade_no"])


ROUTES = (
    *bills_routes.ROUTES,
    *certificates_routes.ROUTES,
    *combined_routes.ROUTES,
    *complaints_routes.ROUTES,
    *downloads_routes.ROUTES,
    *payments_routes.ROUTES,
    *payscore_routes.ROUTES,
    *refunds_routes.ROUTES,
    *security_routes.ROUTES,
    *sharing_routes.ROUTES,
    *transfers_routes.ROUTES,
    *v2_bills_routes.ROUTES,
    *v2_keys_routes.ROUTES,
    *v2_orders_routes.ROUTES,
    *v2_refunds_routes.ROUTES,
    # WeChat Pay has no such endpoints.
    Route("POST", "sandbox/pay/{out_trade_no}", pay),
    Route("POST", "sandbox/fail/{out_trade_no}", fail),
)
"""Every endpoint of the sandbox."""


def attend(world: World) -> None:
    """Promise, for every family, to do what its appointments are about: once for each world."""
    ServiceOrders(world).attend()
    Transfers(world).attend()
