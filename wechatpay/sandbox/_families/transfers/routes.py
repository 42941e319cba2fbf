"""Transfers to users and QQ wallets: a merchant's own, and those of sub-merchants.

A number has digits and letters only, and at least 0.1 yuan are sent:
https://pay.weixin.qq.com/doc/v3/merchant/4013778940 (2025-11-07).
Those of sub-merchants are cancelled as a merchant's own are:
https://pay.weixin.qq.com/doc/v3/partner/4015469118 (2025-07-29).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limit, Limits
from .shown import BILL, CANCELLED, OWN, RECEIPT, SUB, only
from .transfer import Transfer
from .transfers import Transfers

_BASE = "v3/fund-app/mch-transfer"
_BILLS = f"{_BASE}/transfer-bills"
_PARTNER, _PLATFORM = f"{_BASE}/partner/transfer-bills", "v3/ecommerce/mch-transfer/transfer-bills"
_QQ = f"{_BASE}/transfer-to-qq-wallet-bills"
_LOOPBACK = r"http://(127\.0\.0\.1|localhost|\[::1\])[:/][^\s?#]*"
NOTIFY_URL: Limit = {"length": (1, 256), "pattern": rf"https://[^\s?#]+|{_LOOPBACK}"}
"""By https and without a query: …/merchant/4018940876; a shop under development is on loopback."""
LIMITS: Limits = {
    "appid": {"length": (1, 32)},
    "out_bill_no": {"required": True, "length": (1, 32), "pattern": "[0-9A-Za-z]+"},
    "openid": {"length": (1, 64)},
    "transfer_amount": {"type": "integer", "required": True, "minimum": 10},
    "transfer_remark": {"required": True, "length": (1, 32)},
    "notify_url": NOTIFY_URL,
}
_AUTHORIZED: Limits = {name: limit for name, limit in LIMITS.items() if name != "openid"}
_FOR_SUB: Limits = {**LIMITS, "sub_mchid": {"required": True, "length": (1, 32)}}
_AUTHORIZED_FOR_SUB: Limits = {name: limit for name, limit in _FOR_SUB.items() if name != "openid"}
_ALONG: Limits = {
    "authorization_info": {
        "required": True,
        "fields": {
            "user_display_name": {"required": True},
            "out_authorization_no": {"required": True, "length": (1, 32)},
            "authorization_notify_url": {"required": True, **NOTIFY_URL},
        },
    },
    "openid": {"required": True, "length": (1, 64)},
}
_Names = tuple[str, ...]
_FOR_SUB_MADE = ("sub_mchid", *RECEIPT[:3], "package_info")


def ask(*names: str, reported: bool = True) -> Callable[[IncomingCall], Mapping[str, Any]]:
    """Ask for a transfer, and answer so many of its particulars.

    On a platform's page there is no field to report what a scene asks for.
    """

    def handler(call: IncomingCall) -> Mapping[str, Any]:
        return _said(call, Transfers(call.world).ask(call.body, reported=reported), names)

    return handler


def ask_with_authorization(call: IncomingCall) -> Mapping[str, Any]:
    """Ask for a transfer, and for an authorization along with it."""
    made = Transfers(call.world).ask_with_authorization(call.body)
    info = call.body["authorization_info"]
    along = only(info, "user_display_name", "out_authorization_no")
    if "sub_mchid" in call.body:
        return _said(call, made, _FOR_SUB_MADE)
    return {**_said(call, made, RECEIPT), **along}


def ask_authorized(*names: str) -> Callable[[IncomingCall], Mapping[str, Any]]:
    """Ask for a transfer to a user who has agreed beforehand."""

    def handler(call: IncomingCall) -> Mapping[str, Any]:
        return _said(call, Transfers(call.world).ask_authorized(call.body), names)

    return handler


def query_by_number(*names: str) -> Callable[[IncomingCall], Mapping[str, Any]]:
    """Tell where a transfer is, by the merchant's number."""

    def handler(call: IncomingCall) -> Mapping[str, Any]:
        mchid, number = call.query.get("sub_mchid", ""), call.path["out_bill_no"]
        return _said(call, Transfers(call.world).find(number, mchid), names)

    return handler


def query_by_bill(*names: str) -> Callable[[IncomingCall], Mapping[str, Any]]:
    """Tell where a transfer is, by WeChat Pay's number."""

    def handler(call: IncomingCall) -> Mapping[str, Any]:
        mchid, number = call.query.get("sub_mchid", ""), call.path["transfer_bill_no"]
        return _said(call, Transfers(call.world).find_bill(number, mchid), names)

    return handler


def cancel(*names: str) -> Callable[[IncomingCall], Mapping[str, Any]]:
    """Cancel a transfer."""

    def handler(call: IncomingCall) -> Mapping[str, Any]:
        mchid, number = call.body.get("sub_mchid", ""), call.path["out_bill_no"]
        return _said(call, Transfers(call.world).cancel(number, mchid), names)

    return handler


def _said(call: IncomingCall, transfer: Transfer, names: _Names) -> dict[str, Any]:
    return only(transfer.report(call.world.keys.mchid), *names)


_OF_SUB: Limits = {"sub_mchid": {"required": True}}
_DIRECT = (*OWN, *BILL)
_FOR_PARTNER = (*SUB, *BILL)
_FOR_PLATFORM = (*SUB, *BILL, "transfer_scene_id")
_TO_QQ = ("mchid", *BILL, "user_qq")

ROUTES = (
    EndpointRoute("POST", _BILLS, ask(*RECEIPT), limits=LIMITS),
    EndpointRoute(
        "POST",
        f"{_BILLS}/pre-transfer-with-authorization",
        ask_with_authorization,
        limits={**LIMITS, **_ALONG},
    ),
    EndpointRoute("POST", f"{_BILLS}/transfer", ask_authorized(*_DIRECT), limits=_AUTHORIZED),
    EndpointRoute(
        "GET",
        f"{_BILLS}/out-bill-no/{{out_bill_no}}",
        query_by_number(*_DIRECT, "package_info"),
    ),
    EndpointRoute(
        "GET",
        f"{_BILLS}/transfer-bill-no/{{transfer_bill_no}}",
        query_by_bill(*_DIRECT, "package_info"),
    ),
    EndpointRoute("POST", f"{_BILLS}/out-bill-no/{{out_bill_no}}/cancel", cancel(*CANCELLED)),
    EndpointRoute("POST", _PARTNER, ask(*_FOR_SUB_MADE), limits=_FOR_SUB),
    EndpointRoute(
        "POST",
        f"{_PARTNER}/pre-transfer-with-authorization",
        ask_with_authorization,
        limits={**_FOR_SUB, **_ALONG},
    ),
    EndpointRoute(
        "POST", f"{_PARTNER}/transfer", ask_authorized(*_FOR_PARTNER), limits=_AUTHORIZED_FOR_SUB
    ),
    EndpointRoute(
        "GET",
        f"{_PARTNER}/out-bill-no/{{out_bill_no}}",
        query_by_number(*_FOR_PARTNER),
        query_limits=_OF_SUB,
    ),
    EndpointRoute(
        "POST",
        f"{_PARTNER}/out-bill-no/{{out_bill_no}}/cancel",
        cancel("sub_mchid", *BILL[:2], *BILL[3:]),
        limits=_OF_SUB,
    ),
    EndpointRoute("POST", _PLATFORM, ask("sub_mchid", *RECEIPT, reported=False), limits=LIMITS),
    EndpointRoute(
        "GET", f"{_PLATFORM}/out-bill-no/{{out_bill_no}}", query_by_number(*_FOR_PLATFORM)
    ),
    EndpointRoute(
        "GET", f"{_PLATFORM}/transfer-bill-no/{{transfer_bill_no}}", query_by_bill(*_FOR_PLATFORM)
    ),
    EndpointRoute(
        "POST",
        f"{_PLATFORM}/out-bill-no/{{out_bill_no}}/cancel",
        cancel("sub_mchid", *CANCELLED),
    ),
    EndpointRoute("POST", _QQ, ask(*_TO_QQ), limits={**LIMITS, "user_qq": {"required": True}}),
    EndpointRoute("GET", f"{_QQ}/{{out_bill_no}}", query_by_number(*_TO_QQ)),
    EndpointRoute("POST", f"{_QQ}/{{out_bill_no}}/cancel", cancel(*_TO_QQ)),
)
