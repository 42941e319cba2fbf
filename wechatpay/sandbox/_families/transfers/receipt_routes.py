"""Receipts of transfers: applied for, asked for, and their files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointReply, EndpointRoute, IncomingCall, Limits, downloads
from ..bills import Bills
from .receipts import PATH, Receipts, said_of
from .shown import only
from .transfer import Transfer
from .transfers import Transfers

_BASE = "v3/fund-app/mch-transfer"
_ELECSIGN = f"{_BASE}/elecsign"
_PARTNER = f"{_BASE}/partner/electronic-receipts"
_OF_SUB: Limits = {"sub_mchid": {"required": True}}
_PDF = "application/pdf"


def apply_by_number(call: IncomingCall) -> Mapping[str, Any]:
    """Apply for a receipt, by the merchant's number."""
    return _applied(call, Transfers(call.world).find(call.body["out_bill_no"]))


def apply_by_bill(call: IncomingCall) -> Mapping[str, Any]:
    """Apply for a receipt, by WeChat Pay's number."""
    return _applied(call, Transfers(call.world).find_bill(call.body["transfer_bill_no"]))


def query_by_number(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a receipt is, by the merchant's number."""
    return _found(call, Transfers(call.world).find(call.path["out_bill_no"]), "SHA256")


def query_by_bill(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a receipt is, by WeChat Pay's number."""
    return _found(call, Transfers(call.world).find_bill(call.path["transfer_bill_no"]), "SHA256")


def apply_for_sub(call: IncomingCall) -> Mapping[str, Any]:
    """Apply for the receipt of a sub-merchant's transfer."""
    found = Transfers(call.world).find(call.body["out_bill_no"], call.body["sub_mchid"])
    return {**_which(found), **Receipts(call.world).apply(found)}


def query_of_sub(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where the receipt of a sub-merchant's transfer is."""
    found = Transfers(call.world).find(call.path["out_bill_no"], call.query["sub_mchid"])
    return {**_which(found), **_found(call, found, "SM3")}


def file(call: IncomingCall) -> EndpointReply:
    """Give the file of a token, which the answer about a receipt handed out."""
    token = call.query.get("token", "")
    content = Bills(call.world).content(token) or downloads.content(token, call.world.keys)
    return EndpointReply(200, content, _PDF, signed=False)


def _which(found: Transfer) -> dict[str, Any]:
    return {"sub_mchid": found.mchid, "out_bill_no": found.out_bill_no}


def _applied(call: IncomingCall, found: Transfer) -> dict[str, Any]:
    return only(Receipts(call.world).apply(found), "state", "create_time")


def _found(call: IncomingCall, found: Transfer, hash_type: str) -> dict[str, Any]:
    receipt = Receipts(call.world).of(found)
    return {**receipt, **said_of(call, found.transfer_bill_no, hash_type)}


ROUTES = (
    EndpointRoute("POST", f"{_ELECSIGN}/out-bill-no", apply_by_number),
    EndpointRoute("GET", f"{_ELECSIGN}/out-bill-no/{{out_bill_no}}", query_by_number),
    EndpointRoute("POST", f"{_ELECSIGN}/transfer-bill-no", apply_by_bill),
    EndpointRoute("GET", f"{_ELECSIGN}/transfer-bill-no/{{transfer_bill_no}}", query_by_bill),
    EndpointRoute(
        "POST",
        _PARTNER,
        apply_for_sub,
        limits={**_OF_SUB, "out_bill_no": {"required": True}},
    ),
    EndpointRoute("GET", f"{_PARTNER}/{{out_bill_no}}", query_of_sub, query_limits=_OF_SUB),
    EndpointRoute("GET", PATH, file),
)
