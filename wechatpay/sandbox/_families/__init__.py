"""The families of endpoints: each module is a table of routes and what answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._routes import Call, Route
from . import certificates, payments, payscore, refunds


def pay(call: Call) -> Mapping[str, Any]:
    """Let the customer pay an order: for those who cannot call `Sandbox.pay`."""
    return call.world.pay(call.path["out_trade_no"]).transaction()


ROUTES = (
    *certificates.ROUTES,
    *payments.ROUTES,
    *payscore.ROUTES,
    *refunds.ROUTES,
    Route("POST", "sandbox/pay/{out_trade_no}", pay),  # WeChat Pay has no such endpoint
)
"""Every endpoint of the sandbox."""
