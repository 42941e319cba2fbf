"""Trade and fund-flow bills; `downloads` gives the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits, downloads
from .bills import Bills

_DAY: Limits = {"bill_date": {"pattern": "20[0-9]{2}-[0-9]{2}-[0-9]{2}"}}


def trades(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a trade bill is."""
    merchant = call.query.get("sub_mchid", call.world.keys.mchid)
    kind = call.query.get("bill_type", "ALL")
    return _said(call, Bills(call.world).trades(call.query["bill_date"], kind, merchant))


def fund_flow(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a fund-flow bill is."""
    account = call.query.get("account_type", "BASIC")
    return _said(call, Bills(call.world).fund_flow(call.query["bill_date"], account))


def _said(call: IncomingCall, bill: tuple[str, bytes]) -> Mapping[str, Any]:
    token, content = bill
    packed = call.query.get("tar_type") == "GZIP"
    return downloads.said_of(token, call.url, content=content, packed=packed)


ROUTES = (
    EndpointRoute("GET", "v3/bill/tradebill", trades, query_limits=_DAY),
    EndpointRoute("GET", "v3/bill/fundflowbill", fund_flow, query_limits=_DAY),
)
