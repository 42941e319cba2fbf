"""What one merchant pays another for its own coupons, and takes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits
from .subsidies import VoucherSubsidies

_BASE = "v3/marketing/busifavor/subsidy"
_AMOUNT: Limits = {"amount": {"minimum": 1}}


def pay(call: IncomingCall) -> Mapping[str, Any]:
    """Pay a merchant for a coupon that was used."""
    return VoucherSubsidies(call.world).pay(call.body)


def paid(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what became of that."""
    return VoucherSubsidies(call.world).paid(call.path["subsidy_receipt_id"])


def paid_for(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what was paid for a coupon."""
    query = call.query
    found = VoucherSubsidies(call.world).of(
        query["stock_id"], query["coupon_code"], query.get("out_subsidy_no")
    )
    return {"pay_receipt_list": found}


def give_back(call: IncomingCall) -> Mapping[str, Any]:
    """Take it back, for a refund."""
    return VoucherSubsidies(call.world).give_back(call.body)


def given_back(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what became of that."""
    return VoucherSubsidies(call.world).returned(call.path["subsidy_return_receipt_id"])


ROUTES = (
    EndpointRoute("POST", f"{_BASE}/pay-receipts", pay, limits=_AMOUNT),
    EndpointRoute("GET", f"{_BASE}/pay-receipts", paid_for),
    EndpointRoute("GET", f"{_BASE}/pay-receipts/{{subsidy_receipt_id}}", paid),
    EndpointRoute("POST", f"{_BASE}/return-receipts", give_back, limits=_AMOUNT),
    EndpointRoute("GET", f"{_BASE}/return-receipts/{{subsidy_return_receipt_id}}", given_back),
)
