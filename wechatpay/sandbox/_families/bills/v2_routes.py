"""APIv2's bills, which come as the answer itself; their columns are those of APIv3's.

Official page: https://pay.weixin.qq.com/doc/v2/merchant/4011935219
"""

from __future__ import annotations

import re

from ..._base import Refusal
from ..._endpoint import EndpointReply, EndpointRoute, IncomingCall, Limits, downloads
from . import words
from .bills import Bills

_DAY: Limits = {"bill_date": {"pattern": "20[0-9]{6}"}}
_NOTHING_RECHARGED = "RECHARGE_REFUND"


def downloadbill(call: IncomingCall) -> EndpointReply:
    """Give a trade bill."""
    merchant = call.body.get("sub_mch_id", call.world.keys.mchid)
    kind = call.body.get("bill_type", "ALL")
    try:
        if kind == _NOTHING_RECHARGED:
            raise words.NO_BILL(call.body["bill_date"])
        _, content = Bills(call.world).trades(_day(call), kind, merchant)
    except Refusal as refusal:
        raise (words.OLD[refusal.no]() if refusal.no else refusal) from refusal
    return _file(call, content)


def downloadfundflow(call: IncomingCall) -> EndpointReply:
    """Give a fund-flow bill."""
    _, content = Bills(call.world).fund_flow(_day(call), call.body["account_type"].upper())
    return _file(call, content)


def _day(call: IncomingCall) -> str:
    """Return the day as APIv3 writes it."""
    return re.sub("(....)(..)(..)", r"\1-\2-\3", call.body["bill_date"])


def _file(call: IncomingCall, content: bytes) -> EndpointReply:
    if call.body.get("tar_type") == "GZIP":
        return EndpointReply(200, downloads.pack(content), downloads.PACKED, signed=False)
    return EndpointReply(200, content, downloads.TEXT, signed=False)


ROUTES = (
    EndpointRoute("POST", "v2/pay/downloadbill", downloadbill, limits=_DAY),
    EndpointRoute("POST", "v2/pay/downloadfundflow", downloadfundflow, limits=_DAY),
)
