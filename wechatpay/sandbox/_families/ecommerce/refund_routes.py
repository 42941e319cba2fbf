"""Refunds of second-tier merchants' orders, and those that the platform pays in advance.

Official pages: https://pay.weixin.qq.com/doc/v3/partner/4012476892 and …/4015252418 (2025-06-19)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits
from ..combined import CombinedOrders
from ..payments import NO_SUCH_ORDER, NOTIFY_URL
from ..refunds import Refund, Refunds, abnormal_account
from .advances import ADVANCED, Advances

_BASE = "v3/ecommerce/refunds"
_APPLIED = ("refund_id", "out_refund_no", "create_time", "amount", "promotion_detail")
_LIMITS: Limits = {
    "out_refund_no": {"length": (1, 64), "pattern": r"[0-9A-Za-z_|*@-]+"},
    "reason": {"length": (1, 80)},
    "notify_url": {**NOTIFY_URL, "length": (8, 256)},
    "funds_account": {"enum": ("AVAILABLE", "UNSETTLED", "PREPAID")},
    "refund_account": {"enum": ("REFUND_SOURCE_SUB_MERCHANT", ADVANCED)},
    "amount": {"fields": {"refund": {"minimum": 1}, "total": {"minimum": 1}}},
}
_STATUS = {"CLOSED": "CLOSE"}
_TYPES = {"CASH": "COUPON", "NOCASH": "DISCOUNT"}


def apply(call: IncomingCall) -> Mapping[str, Any]:
    """Refund an order of a merchant's, or a part of it."""
    refunds, asked = Refunds(call.world), {**_part(call), **call.body}
    with call.world.store.transaction():
        is_new = not refunds.has(asked["sub_mchid"], asked["out_refund_no"])
        made = refunds.ask(asked)
        if is_new and asked.get("refund_account") == ADVANCED:
            Advances(call.world).pay(made)
        said = _said(made)
        return {name: said[name] for name in (*_APPLIED, "refund_account")}


def by_number(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what became of a refund, by the platform's number."""
    number, mchid = call.path["out_refund_no"], call.query.get("sub_mchid")
    refunds = Refunds(call.world)
    return _said(refunds.find(mchid, number) if mchid else refunds.named(number))


def by_id(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what became of a refund, by WeChat Pay's number."""
    return _said(
        Refunds(call.world).find_by_id(call.query.get("sub_mchid"), call.path["refund_id"])
    )


def apply_abnormal_refund(call: IncomingCall) -> Mapping[str, Any]:
    """Send the money of an abnormal refund elsewhere."""
    refunds, body = Refunds(call.world), call.body
    found = refunds.find_by_id(body.get("sub_mchid"), call.path["refund_id"])
    account = abnormal_account(body)
    number = body["out_refund_no"]
    return _said(refunds.retry(found.merchant, found.refund_id, number, account))


def return_advance(call: IncomingCall) -> Mapping[str, Any]:
    """Have a merchant pay back what the platform has advanced."""
    found = Refunds(call.world).find_by_id(call.body["sub_mchid"], call.path["refund_id"])
    return Advances(call.world).give_back(found)


def advance_returned(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what a merchant has paid back."""
    return Advances(call.world).find(call.path["refund_id"])


def _part(call: IncomingCall) -> dict[str, Any]:
    """Which order of a combined one is meant, if only that is named: the merchant's."""
    number = call.body.get("combine_transaction_id")
    if not number or call.body.get("transaction_id") or call.body.get("out_trade_no"):
        return {}
    known = CombinedOrders(call.world)
    for each in known.parts(known.find_paid(number)):
        if each.merchant == call.body["sub_mchid"]:
            return {"out_trade_no": each.number}
    raise NO_SUCH_ORDER(number, at="/combine_transaction_id", location="body")


def _said(refund: Refund) -> dict[str, Any]:
    said = refund.answer()
    said["status"] = _STATUS.get(said["status"], said["status"])
    names = ("refund", "from", "payer_refund", "discount_refund", "currency")
    said["amount"] = {name: said["amount"][name] for name in names}
    source = refund.asked.get("refund_account", "REFUND_SOURCE_SUB_MERCHANT")
    said["refund_account"] = source
    if source == ADVANCED:
        said["amount"]["advance"] = refund.settled
    for each in said["promotion_detail"]:
        each["type"] = _TYPES[each["type"]]
    return said


ROUTES = (
    EndpointRoute("POST", f"{_BASE}/apply", apply, limits=_LIMITS),
    EndpointRoute("GET", f"{_BASE}/out-refund-no/{{out_refund_no}}", by_number),
    EndpointRoute("GET", f"{_BASE}/id/{{refund_id}}", by_id),
    EndpointRoute("POST", f"{_BASE}/{{refund_id}}/apply-abnormal-refund", apply_abnormal_refund),
    EndpointRoute("POST", f"{_BASE}/{{refund_id}}/return-advance", return_advance),
    EndpointRoute("GET", f"{_BASE}/{{refund_id}}/return-advance", advance_returned),
)
