"""APIv2's bills, which come as the answer itself; their columns are those of APIv3's.

Official page: https://pay.weixin.qq.com/doc/v2/merchant/4011935219
"""

from __future__ import annotations

import re

from ..._endpoint import downloads as _downloads
from ..._endpoint.fields import Limits
from ..._endpoint.reply import Reply
from ..._endpoint.routes import Call, Route
from ..payments import wording_v2 as _v2_wording
from . import Bills
from . import words as _wording_bills

_DAY: Limits = {"bill_date": {"pattern": "20[0-9]{6}"}}
_NOTHING_RECHARGED = "RECHARGE_REFUND"


@_v2_wording.of_a_trade_bill()
def downloadbill(call: Call) -> Reply:
    """Give a trade bill."""
    merchant = call.body.get("sub_mch_id", call.world.keys.mchid)
    kind = call.body.get("bill_type", "ALL")
    if kind == _NOTHING_RECHARGED:
        raise _wording_bills.no_bill(call.body["bill_date"])
    _, content = Bills(call.world).trades(_day(call), kind, merchant)
    return _file(call, content)


@_v2_wording.of_a_fund_flow()
def downloadfundflow(call: Call) -> Reply:
    """Give a fund-flow bill."""
    _, content = Bills(call.world).fund_flow(_day(call), call.body["account_type"].upper())
    return _file(call, content)


def _day(call: Call) -> str:
    """Return the day as APIv3 writes it."""
    return re.sub("(....)(..)(..)", r"\1-\2-\3", call.body["bill_date"])


def _file(call: Call, content: bytes) -> Reply:
    if call.body.get("tar_type") == "GZIP":
        return Reply(200, _downloads.pack(content), _downloads.PACKED, signed=False)
    return Reply(200, content, _downloads.TEXT, signed=False)


ROUTES = (
    Route("POST", "v2/pay/downloadbill", downloadbill, limits=_DAY),
    Route("POST", "v2/pay/downloadfundflow", downloadfundflow, limits=_DAY),
)
