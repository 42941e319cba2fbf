"""Stocks of merchants' own coupons, their codes, and what becomes of the coupons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits
from ..payments import NOTIFY_URL
from . import words
from .voucher import Voucher
from .vouchers import Vouchers

_BASE = "v3/marketing/busifavor"
_STOCK = f"{_BASE}/stocks/{{stock_id}}"
_CODES = f"{_STOCK}/couponcodes"
_USER = f"{_BASE}/users/{{openid}}/coupons"
_PAGE: Limits = {"offset": {"minimum": 0}, "limit": {"minimum": 1}}
_MADE: Limits = {
    "stock_send_rule": {
        "fields": {"max_coupons": {"minimum": 1}, "max_coupons_per_user": {"minimum": 1}}
    }
}
_MOST = 20


def make(call: IncomingCall) -> Mapping[str, Any]:
    """Make a stock."""
    times = call.body["coupon_use_rule"]["coupon_available_time"]
    for name in ("available_begin_time", "available_end_time"):
        _check_time(times[name], f"/coupon_use_rule/coupon_available_time/{name}")
    stock = Vouchers(call.world).make(call.body)
    return {"stock_id": stock["stock_id"], "create_time": stock["create_time"]}


def stock(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a stock."""
    known = Vouchers(call.world)
    found = known.find(call.path["stock_id"])
    codes = known.codes(found["stock_id"])
    free = sum("openid" not in each for each in codes)
    said = {name: it for name, it in found["terms"].items() if name != "out_request_no"}
    return {
        **said,
        "stock_id": found["stock_id"],
        "stock_state": known.state(found),
        "coupon_code_count": {"total_count": len(codes), "available_count": free},
        "send_count_information": {"total_send_num": found["sent"]},
    }


def change(call: IncomingCall) -> None:
    """Change what a stock says of itself."""
    Vouchers(call.world).change(call.path["stock_id"], call.body)


def budget(call: IncomingCall) -> Mapping[str, Any]:
    """Change how many of a stock can be sent."""
    return Vouchers(call.world).set_budget(call.path["stock_id"], call.body)


def upload(call: IncomingCall) -> Mapping[str, Any]:
    """Add codes."""
    codes, stock_id = call.body["coupon_code_list"], call.path["stock_id"]
    new, old = Vouchers(call.world).upload(stock_id, codes)
    said: dict[str, Any] = {"stock_id": stock_id, "total_count": len(codes)}
    said |= {"success_count": len(new), "success_codes": new, "exist_codes": old}
    return {**said, "success_time": call.world.clock.moment().isoformat()}


def codes(call: IncomingCall) -> Mapping[str, Any]:
    """Tell which codes a stock has."""
    stock_id = call.path["stock_id"]
    shown = [_code(each) for each in Vouchers(call.world).codes(stock_id)]
    wanted = call.query.get("status")
    listed = [each for each in shown if wanted in (None, each["code_status"])]
    return {**_page(call, listed), "stock_id": stock_id}


def code(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a code."""
    stock_id, known = call.path["stock_id"], Vouchers(call.world)
    found = known.code(stock_id, call.path["coupon_code"])
    said: dict[str, Any] = {"code_information": _code(found)}
    if "openid" in found:
        its = known.named(found["coupon_code"], stock_id)
        said["coupon_information"] = its.report(known.find(stock_id)["terms"])
    return said


def delete_code(call: IncomingCall) -> Mapping[str, Any]:
    """Forget a code."""
    stock_id = call.path["stock_id"]
    time = Vouchers(call.world).delete_code(stock_id, call.path["coupon_code"])
    return {"stock_id": stock_id, "delete_time": time}


def send(call: IncomingCall) -> Mapping[str, Any]:
    """Send a coupon to a user."""
    body = call.body
    number = body["out_request_no"]
    known = Vouchers(call.world)
    made = known.send(body["stock_id"], body["openid"], number, body.get("coupon_code", ""))
    said = {"stock_id": made.stock_id, "out_request_no": number, "coupon_code": made.code}
    return {"send_coupon_result": said}


def use(call: IncomingCall) -> Mapping[str, Any]:
    """Say that a coupon was used."""
    _check_time(call.body["use_time"], "/use_time")
    known = Vouchers(call.world)
    found = known.named(
        call.body["coupon_code"], call.body.get("stock_id"), call.body.get("openid")
    )
    number = call.body["use_request_no"]
    used = known.step(found, lambda voucher, now: voucher.use(number, now))
    said = {"stock_id": used.stock_id, "openid": used.openid}
    return {**said, "wechatpay_use_time": used.known["use_time"]}


def give_back(call: IncomingCall) -> Mapping[str, Any]:
    """Give a coupon back to its user."""
    number = call.body["return_request_no"]
    made = _step(call, lambda voucher, now: voucher.give_back(number, now))
    return {"wechatpay_return_time": made.known["return_time"]}


def deactivate(call: IncomingCall) -> Mapping[str, Any]:
    """Make a coupon void."""
    number, why = call.body["deactivate_request_no"], call.body.get("deactivate_reason", "")
    made = _step(call, lambda voucher, now: voucher.deactivate(number, why, now))
    return {"wechatpay_deactivate_time": made.known["deactivate_time"]}


def associate(call: IncomingCall) -> Mapping[str, Any]:
    """Note for which order a coupon is going to be used."""
    _step(call, lambda voucher, _: voucher.associate(call.body["out_trade_no"]))
    return {"wechatpay_associate_time": call.world.clock.moment().isoformat()}


def disassociate(call: IncomingCall) -> Mapping[str, Any]:
    """Take that back."""
    _step(call, lambda voucher, _: voucher.associate(""))
    return {"wechatpay_disassociate_time": call.world.clock.moment().isoformat()}


def coupons(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a user's coupons."""
    known, query = Vouchers(call.world), call.query
    found = [
        each.report(known.find(each.stock_id)["terms"])
        for each in known.of(call.path["openid"])
        if query.get("coupon_state") in (None, each.state)
        and query.get("stock_id") in (None, each.stock_id)
    ]
    owner = query.get("belong_merchant") or query.get("creator_merchant")
    return _page(call, [each for each in found if owner in (None, each["belong_merchant"])])


def coupon(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a user's coupon."""
    known = Vouchers(call.world)
    found = known.named(call.path["coupon_code"], openid=call.path["openid"])
    return found.report(known.find(found.stock_id)["terms"])


def set_address(call: IncomingCall) -> Mapping[str, Any]:
    """Set where it is told what users received."""
    mchid = call.body.get("mchid") or call.world.keys.mchid
    return Vouchers(call.world).set_address(mchid, call.body["notify_url"])


def address(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where it is told what users received."""
    mchid = call.query.get("mchid") or call.world.keys.mchid
    url = Vouchers(call.world).address(mchid)
    if url is None:
        raise words.NO_ADDRESS(mchid)
    return {"notify_url": url, "mchid": mchid}


def _step(call: IncomingCall, transition: Callable[[Voucher, datetime], Voucher]) -> Voucher:
    known = Vouchers(call.world)
    found = known.named(call.body["coupon_code"], call.body["stock_id"])
    return known.step(found, transition)


def _code(found: Mapping[str, Any]) -> dict[str, Any]:
    status = "DISPATCHED" if "openid" in found else "AVAILABLE"
    names = ("upload_time", "dispatched_time", "openid")
    said = {"code": found["coupon_code"], "code_status": status}
    return {**said, **{name: found[name] for name in names if name in found}}


def _check_time(text: str, at: str) -> None:
    try:
        offset = datetime.fromisoformat(text).utcoffset()
    except ValueError:
        offset = None
    if offset is None:
        raise words.NO_SUCH_TIME(text, at=at)


def _page(call: IncomingCall, found: list[Any]) -> dict[str, Any]:
    offset, limit = int(call.query.get("offset", 0)), int(call.query.get("limit", _MOST))
    said: dict[str, Any] = {"total_count": len(found), "offset": offset, "limit": limit}
    shown = found[offset : offset + limit]
    return {**said, "data": shown} if shown else said


ROUTES = (
    EndpointRoute("POST", f"{_BASE}/stocks", make, limits=_MADE),
    EndpointRoute("GET", _STOCK, stock),
    EndpointRoute("PATCH", _STOCK, change),
    EndpointRoute("PATCH", f"{_STOCK}/budget", budget),
    EndpointRoute("POST", _CODES, upload),
    EndpointRoute("GET", _CODES, codes, query_limits=_PAGE),
    EndpointRoute("GET", f"{_CODES}/{{coupon_code}}", code),
    EndpointRoute("DELETE", f"{_CODES}/{{coupon_code}}", delete_code),
    EndpointRoute("POST", f"{_BASE}/coupons/send", send),
    EndpointRoute("POST", f"{_BASE}/coupons/use", use),
    EndpointRoute("POST", f"{_BASE}/coupons/return", give_back),
    EndpointRoute("POST", f"{_BASE}/coupons/deactivate", deactivate),
    EndpointRoute("POST", f"{_BASE}/coupons/associate", associate),
    EndpointRoute("POST", f"{_BASE}/coupons/disassociate", disassociate),
    EndpointRoute("GET", _USER, coupons, query_limits=_PAGE),
    EndpointRoute("GET", f"{_USER}/{{coupon_code}}/appids/{{appid}}", coupon),
    EndpointRoute("POST", f"{_BASE}/callbacks", set_address, limits={"notify_url": NOTIFY_URL}),
    EndpointRoute("GET", f"{_BASE}/callbacks", address),
)
