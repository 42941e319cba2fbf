"""APIv2's coupons: the same stocks and coupons, sent and told of in its words.

APIv2 gave them up in 2020, and still answers. Its times are seconds since 1970, as in the examples
of its pages. Official page: https://pay.weixin.qq.com/wiki/doc/api/tools/sp_coupon.php?chapter=12_3
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits
from . import words
from .coupons import Coupons
from .stock import StockState
from .stocks import Stocks

_BASE = "v2/mmpaymkttransfers"
_SENT: Limits = {"openid_count": {"enum": (1,)}}
STATES: Mapping[StockState, int] = {"unactivated": 1, "running": 4, "paused": 16, "stoped": 8}
"""What `coupon_stock_status` is."""


def send(call: IncomingCall) -> Mapping[str, Any]:
    """Send a coupon to a user."""
    body = call.body
    asked = {
        "stock_creator_mchid": body["mch_id"],
        "stock_id": body["coupon_stock_id"],
        "out_request_no": body["partner_trade_no"],
        "appid": body["appid"],
    }
    made = Coupons(call.world).send(body["openid"], asked)
    counts = {"resp_count": 1, "success_count": 1, "failed_count": 0}
    told = {
        "openid": made.openid,
        "ret_code": "SUCCESS",
        "coupon_id": made.coupon_id,
        "ret_msg": "",
    }
    return {"coupon_stock_id": made.stock_id, **counts, **told}


def stock(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a stock."""
    found = Stocks(call.world).find(call.body["coupon_stock_id"], call.body["mch_id"])
    rule = found.asked["stock_use_rule"]
    times = {
        "begin_time": found.asked["available_begin_time"],
        "end_time": found.asked["available_end_time"],
        "create_time": found.create_time,
    }
    stamps = {name: _stamp(time) for name, time in times.items()}
    return {
        "coupon_stock_id": found.stock_id,
        "coupon_name": found.asked["stock_name"],
        "coupon_value": found.value(),
        "coupon_mininumn": found.minimum(),
        "coupon_stock_status": STATES[found.status],
        "coupon_total": rule["max_coupons"],
        "max_quota": rule["max_coupons_per_user"],
        "is_send_num": found.sent,
        "coupon_budget": found.budget,
        **stamps,
        **{f"{name}_t": stamp for name, stamp in stamps.items()},
    }


def coupon(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a user's coupon."""
    body = call.body
    found = Coupons(call.world).find(body["openid"], body["coupon_id"])
    if found.stock_id != body["stock_id"]:
        raise words.NO_SUCH_COUPON(found.coupon_id)
    its = Stocks(call.world).find(found.stock_id)
    worth, used = found.worth or its.value(), found.status == "USED"
    said: dict[str, Any] = {
        "coupon_stock_id": its.stock_id,
        "coupon_id": found.coupon_id,
        "coupon_value": worth,
        "coupon_mininumn": found.least or its.minimum(),
        "coupon_name": its.asked["stock_name"],
        "coupon_state": found.status,
        "coupon_desc": its.report()["description"],
        "coupon_use_value": worth if used else 0,
        "coupon_remain_value": 0 if used else worth,
        "send_source": "FULL_SEND",
        "begin_time": _stamp(found.begins),
        "end_time": _stamp(found.ends),
        "send_time": _stamp(found.create_time),
    }
    if found.consumed:
        said["consumer_mch_id"] = found.consumed["consume_mchid"]
    return said


def _stamp(time: str) -> str:
    return str(int(datetime.fromisoformat(time).timestamp()))


ROUTES = (
    EndpointRoute("POST", f"{_BASE}/send_coupon", send, limits=_SENT),
    EndpointRoute("POST", f"{_BASE}/query_coupon_stock", stock),
    EndpointRoute("POST", f"{_BASE}/querycouponsinfo", coupon),
)
