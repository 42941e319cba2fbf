"""Stocks of coupons, the coupons of users, and what was used of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..._base import No
from ..._endpoint import EndpointRoute, IncomingCall, Limits, downloads
from ..bills import Bills
from ..payments import NOTIFY_URL
from . import flows, words
from .coupon import Coupon
from .coupons import Coupons
from .stock import Stock
from .stocks import Stocks

_BASE = "v3/marketing/favor"
_STOCKS = f"{_BASE}/stocks"
_ONE = f"{_STOCKS}/{{stock_id}}"
_USERS = f"{_BASE}/users/{{openid}}/coupons"
_TIME = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T([0-9]{2}:){2}[0-9]{2}(\.[0-9]{3})?[+-][0-9]{2}:[0-9]{2}"
_TIMES = ("available_begin_time", "available_end_time")
_STOCK: Limits = {
    "stock_name": {"length": (1, 20)},
    **{name: {"pattern": _TIME} for name in _TIMES},
    "stock_use_rule": {
        "fields": {
            "max_coupons": {"minimum": 1},
            "max_amount": {"minimum": 1},
            "max_coupons_per_user": {"minimum": 1},
        }
    },
}
_PAGE: Limits = {"offset": {"minimum": 0}, "limit": {"minimum": 1}}
_DAY: Limits = {"bill_date": {"pattern": "20[0-9]{2}-[0-9]{2}-[0-9]{2}"}}
_MOST = 20


def make(call: IncomingCall) -> Mapping[str, Any]:
    """Make a stock."""
    for name in _TIMES:
        try:
            datetime.fromisoformat(call.body[name])
        except ValueError as error:
            raise words.NO_SUCH_TIME(call.body[name], at=f"/{name}") from error
    stock = Stocks(call.world).make(call.body)
    return {"stock_id": stock.stock_id, "create_time": stock.create_time}


def becoming(status: str, time: str) -> Callable[[IncomingCall], Mapping[str, Any]]:
    """Start, pause, resume or stop a stock, and tell when that was under such a name."""

    def become(call: IncomingCall) -> Mapping[str, Any]:
        stocks, number = Stocks(call.world), call.path["stock_id"]
        creator = call.body["stock_creator_mchid"]
        if status == "restart":
            stocks.resume(number, creator)
        elif status == "pause":
            stocks.become(number, creator, "paused")
        else:
            stocks.become(number, creator, "running" if status == "start" else "stoped")
        return {"stock_id": number, time: call.world.clock.moment().isoformat()}

    return become


def stocks(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a merchant's stocks."""
    found = Stocks(call.world).of(call.query["stock_creator_mchid"], call.query.get("status"))
    start, end = (call.query.get(f"create_{each}_time", "") for each in ("start", "end"))
    kept = [each for each in found if start <= each.create_time <= (end or each.create_time)]
    return _page(call, [each.report() for each in kept])


def stock(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a stock."""
    return _stock(call).report()


def merchants(call: IncomingCall) -> Mapping[str, Any]:
    """Tell whose orders a stock is good for."""
    found = _stock(call)
    return {**_page(call, list(found.merchants)), "stock_id": found.stock_id}


def items(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of which goods a stock is good for."""
    found = _stock(call)
    return {**_page(call, list(found.goods)), "stock_id": found.stock_id}


def change_items(call: IncomingCall) -> Mapping[str, Any]:
    """Change of which goods a stock is good for."""
    known = Stocks(call.world)
    found = known.find(call.path["stock_id"], call.body.get("stock_creator_mchid"))
    added: list[str] = call.body.get("add_goods_id_list") or []
    gone: list[str] = call.body.get("delete_goods_id_list") or []
    known.change_goods(found, added, gone)
    return {"stock_id": found.stock_id, "pause_time": call.world.clock.moment().isoformat()}


def send(call: IncomingCall) -> Mapping[str, Any]:
    """Send a coupon to a user."""
    return {"coupon_id": Coupons(call.world).send(call.path["openid"], call.body).coupon_id}


def coupon(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a user's coupon."""
    found = Coupons(call.world).find(call.path["openid"], call.path["coupon_id"])
    return _told(call, found)


def coupons(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a user's coupons."""
    query, known = call.query, Stocks(call.world)
    kept: list[Mapping[str, Any]] = []
    for each in Coupons(call.world).of(call.path["openid"]):
        stock = known.find(each.stock_id)
        wanted = (
            query.get("status") in (None, each.status)
            and query.get("stock_id") in (None, each.stock_id)
            and query.get("creator_mchid") in (None, stock.creator)
            and (query.get("available_mchid") or stock.merchants[0]) in stock.merchants
        )
        if wanted:
            kept.append(each.report(stock))
    return _page(call, kept)


def set_address(call: IncomingCall) -> Mapping[str, Any]:
    """Set where uses of coupons are told."""
    url = call.body["notify_url"]
    time = Stocks(call.world).set_address(url, on=call.body.get("switch", True))
    return {"update_time": time, "notify_url": url}


def address(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where uses of coupons are told."""
    url = Stocks(call.world).address
    if url is None:
        raise words.NO_ADDRESS(call.query["mchid"])
    return {"mchid": call.query["mchid"], "notify_url": url}


_Rows = Callable[..., list[str]]


def flow(rows: _Rows, none: No) -> Callable[[IncomingCall], Mapping[str, Any]]:
    """Tell where the file is of all uses of a stock, or of all its refunds."""

    def answer(call: IncomingCall) -> Mapping[str, Any]:
        said, _ = _file(call, rows, none)
        return {"url": said["download_url"], **_digest(said)}

    return answer


def flow_by_day(rows: _Rows, none: No, name: str) -> Callable[[IncomingCall], Mapping[str, Any]]:
    """Tell where the file is of a day's uses of a stock, or of its refunds."""

    def answer(call: IncomingCall) -> Mapping[str, Any]:
        said, count = _file(call, rows, none, call.query["bill_date"])
        digest = {f"stock_{name}_hash": said["hash_value"], f"stock_{name}_count": str(count)}
        return {"url": said["download_url"], **digest}

    return answer


def _file(call: IncomingCall, rows: _Rows, none: No, day: str = "") -> tuple[dict[str, str], int]:
    found = Stocks(call.world).find(call.path["stock_id"])
    lines = rows(call.world, found.stock_id, day)
    if not lines:
        raise none(found.stock_id)
    content = flows.written(lines)
    token = Bills(call.world).offer(content)
    return downloads.said_of(token, call.url, content=content), len(lines) - 1


def _digest(said: Mapping[str, str]) -> dict[str, str]:
    return {name: said[name] for name in ("hash_type", "hash_value")}


def _stock(call: IncomingCall) -> Stock:
    return Stocks(call.world).find(call.path["stock_id"], call.query["stock_creator_mchid"])


def _told(call: IncomingCall, found: Coupon) -> Mapping[str, Any]:
    return found.report(Stocks(call.world).find(found.stock_id))


def _page(call: IncomingCall, found: list[Any]) -> dict[str, Any]:
    offset, limit = int(call.query.get("offset", 0)), int(call.query.get("limit", _MOST))
    shown = found[offset : offset + limit]
    said: dict[str, Any] = {"total_count": len(found), "offset": offset, "limit": limit}
    return {**said, "data": shown} if shown else said


ROUTES = (
    EndpointRoute("POST", f"{_BASE}/coupon-stocks", make, limits=_STOCK),
    EndpointRoute("GET", _STOCKS, stocks, query_limits=_PAGE),
    EndpointRoute("GET", _ONE, stock),
    EndpointRoute("GET", f"{_ONE}/merchants", merchants, query_limits=_PAGE),
    EndpointRoute("GET", f"{_ONE}/items", items, query_limits=_PAGE),
    EndpointRoute("POST", f"{_ONE}/modify-goods-id", change_items),
    EndpointRoute("POST", f"{_ONE}/start", becoming("start", "start_time")),
    EndpointRoute("POST", f"{_ONE}/pause", becoming("pause", "pause_time")),
    EndpointRoute("POST", f"{_ONE}/restart", becoming("restart", "restart_time")),
    EndpointRoute("POST", f"{_ONE}/stop", becoming("stop", "stop_time")),
    EndpointRoute("GET", f"{_ONE}/use-flow", flow(flows.uses, words.NO_USES)),
    EndpointRoute("GET", f"{_ONE}/refund-flow", flow(flows.refunds, words.NO_REFUNDS)),
    EndpointRoute(
        "GET",
        f"{_ONE}/use-flow-by-day",
        flow_by_day(flows.uses, words.NO_USES, "useflow"),
        query_limits=_DAY,
    ),
    EndpointRoute(
        "GET",
        f"{_ONE}/refund-flow-by-day",
        flow_by_day(flows.refunds, words.NO_REFUNDS, "refundflow"),
        query_limits=_DAY,
    ),
    EndpointRoute("POST", _USERS, send),
    EndpointRoute("GET", _USERS, coupons, query_limits=_PAGE),
    EndpointRoute("GET", f"{_USERS}/{{coupon_id}}", coupon),
    EndpointRoute("POST", f"{_BASE}/callbacks", set_address, limits={"notify_url": NOTIFY_URL}),
    EndpointRoute("GET", f"{_BASE}/callbacks", address),
)
