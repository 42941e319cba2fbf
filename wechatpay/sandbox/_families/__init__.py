"""The families of endpoints: each module is a table of routes and what answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._payscore import ServiceOrders
from .._routes import Call, Route
from .._trade import Orders
from .._transfers import Transfers
from .._world import World
from . import (
    bills,
    certificates,
    combined,
    complaints,
    downloads,
    payments,
    payscore,
    refunds,
    security,
    sharing,
    transfers,
    v2_bills,
    v2_keys,
    v2_orders,
    v2_refunds,
)


def pay(call: Call) -> Mapping[str, Any]:
    """Let the customer pay an order: for those who cannot call `Sandbox.pay`."""
    return Orders(call.world).pay(call.path["out_trade_no"])


def fail(call: Call) -> None:
    """Let the payment of an order fail: for those who cannot call `Sandbox.fail`."""
    Orders(call.world).fail(call.path["out_trade_no"])


ROUTES = (
    *bills.ROUTES,
    *certificates.ROUTES,
    *combined.ROUTES,
    *complaints.ROUTES,
    *downloads.ROUTES,
    *payments.ROUTES,
    *payscore.ROUTES,
    *refunds.ROUTES,
    *security.ROUTES,
    *sharing.ROUTES,
    *transfers.ROUTES,
    *v2_bills.ROUTES,
    *v2_keys.ROUTES,
    *v2_orders.ROUTES,
    *v2_refunds.ROUTES,
    # WeChat Pay has no such endpoints.
    Route("POST", "sandbox/pay/{out_trade_no}", pay),
    Route("POST", "sandbox/fail/{out_trade_no}", fail),
)
"""Every endpoint of the sandbox."""


def attend(world: World) -> None:
    """Promise, for every family, to do what its appointments are about: once for each world."""
    ServiceOrders(world).attend()
    Transfers(world).attend()
