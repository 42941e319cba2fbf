"""Products, their stocks, and the coupons of users, as a partner asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits
from ..payments import NOTIFY_URL
from . import words
from .coupon import Transition
from .coupons import ProductCoupons
from .products import Products

_BASE = "v3/marketing/partner/product-coupon"
_PRODUCTS = f"{_BASE}/product-coupons"
_ONE = f"{_PRODUCTS}/{{product_coupon_id}}"
_STOCK = f"{_ONE}/stocks/{{stock_id}}"
_USER = f"{_BASE}/users/{{openid}}"
_COUPON = f"{_USER}/coupons/{{coupon_code}}"
_MOST = 20
_REQUEST: Limits = {"out_request_no": {"length": (6, 40), "pattern": "[0-9A-Za-z_-]+"}}
"""https://pay.weixin.qq.com/doc/v3/partner/4016434631 (2025-11-07)"""
_STOCKED: Limits = {
    "stock_send_rule": {
        "fields": {
            "max_count": {"minimum": 1},
            "max_count_per_day": {"minimum": 1},
            "max_count_per_user": {"minimum": 1},
        }
    }
}
_MADE: Limits = {**_REQUEST, "stock": {"fields": _STOCKED}}
_MADE_STOCK: Limits = {**_REQUEST, "stock": {"required": True, "fields": _STOCKED}}
_SENT: Limits = {"send_request_no": _REQUEST["out_request_no"]}
_USED: Limits = {**_REQUEST, "associated_order_info": {"required": False}}
_PAGE: Limits = {"page_size": {"minimum": 1}}
_ORDERS = ("associated_order_info", "associated_pay_score_order_info")


def make(call: IncomingCall) -> Mapping[str, Any]:
    """Make a product, with a first stock."""
    _check_times(call.body.get("stock") or {}, "/stock")
    product, stock = Products(call.world).make(call.body)
    return {**product, "stock": stock} if stock else product


def product(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a product."""
    return Products(call.world).find(call.path["product_coupon_id"], call.query["brand_id"])


def change(call: IncomingCall) -> Mapping[str, Any]:
    """Change how a product is shown."""
    number, brand = call.path["product_coupon_id"], call.body["brand_id"]
    return Products(call.world).change(number, brand, call.body["display_info"])


def deactivate(call: IncomingCall) -> Mapping[str, Any]:
    """Deactivate a product and its stocks."""
    return Products(call.world).deactivate(call.path["product_coupon_id"], call.body)


def make_stock(call: IncomingCall) -> Mapping[str, Any]:
    """Make a stock."""
    _check_times(call.body["stock"], "/stock")
    return Products(call.world).make_stock(call.path["product_coupon_id"], call.body)


def stocks(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a product's stocks."""
    number, known = call.path["product_coupon_id"], Products(call.world)
    known.find(number, call.query["brand_id"])
    wanted = call.query.get("state")
    found = [each for each in known.stocks(number) if wanted in (None, each["state"])]
    return _page(call, found, "stock_list")


def stock(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a stock."""
    return Products(call.world).stock(*_stock(call), call.query["brand_id"])


def change_stock(call: IncomingCall) -> Mapping[str, Any]:
    """Change what a stock says of itself."""
    return Products(call.world).change_stock(*_stock(call), call.body)


def budget(call: IncomingCall) -> Mapping[str, Any]:
    """Change how many of a stock can be sent."""
    return Products(call.world).set_budget(*_stock(call), call.body)


def deactivate_stock(call: IncomingCall) -> Mapping[str, Any]:
    """Deactivate a stock."""
    return Products(call.world).deactivate_stock(*_stock(call), call.body)


def upload(call: IncomingCall) -> Mapping[str, Any]:
    """Add codes."""
    new, old, twice = Products(call.world).upload(*_stock(call), call.body)
    lists = {"success_code_list": new, "already_exist_code_list": old, "duplicate_code_list": twice}
    return {"total_count": len(call.body["code_list"]), **lists, "failed_code_list": []}


def setting_stores(*, on: bool) -> Callable[[IncomingCall], Mapping[str, Any]]:
    """Say in which stores a stock is good, or in which it is not any more."""

    def set_stores(call: IncomingCall) -> Mapping[str, Any]:
        known, (number, stock_id) = Products(call.world), _stock(call)
        known.stock(number, stock_id, call.body["brand_id"])
        stores: list[Mapping[str, str]] = call.body["store_list"]
        known.set_stores(stock_id, [each["store_id"] for each in stores], on=on)
        return {"total_count": len(stores), "success_store_list": stores, "failed_store_list": []}

    return set_stores


def stores(call: IncomingCall) -> Mapping[str, Any]:
    """Tell in which stores a stock is good."""
    known, (number, stock_id) = Products(call.world), _stock(call)
    known.stock(number, stock_id, call.query["brand_id"])
    return _page(call, [{"store_id": each} for each in known.stores(stock_id)], "store_list")


def send(call: IncomingCall) -> Mapping[str, Any]:
    """Send a coupon to a user."""
    known = ProductCoupons(call.world)
    return known.report(known.send(call.path["openid"], call.body))


def coupon(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a user's coupon."""
    known = ProductCoupons(call.world)
    found = known.find(call.path["coupon_code"], call.query, call.path["openid"])
    return known.report(found)


def coupons(call: IncomingCall) -> Mapping[str, Any]:
    """Tell of a user's coupons."""
    known, query = ProductCoupons(call.world), call.query
    found = [
        known.report(each)
        for each in known.of(call.path["openid"])
        if each.asked["brand_id"] == query["brand_id"]
        and query.get("product_coupon_id") in (None, each.asked["product_coupon_id"])
        and query.get("stock_id") in (None, each.asked["stock_id"])
        and query.get("coupon_state") in (None, each.state)
    ]
    return _page(call, found, "user_coupon_list")


def stepping(what: Transition, *names: str) -> Callable[[IncomingCall], Mapping[str, Any]]:
    """Do something with a coupon, of which so many parameters are told."""

    def step(call: IncomingCall) -> Mapping[str, Any]:
        body, known = call.body, ProductCoupons(call.world)
        if what == "use":
            if sum(name in body for name in _ORDERS) != 1:
                raise words.ONE_ORDER()
            _check_time(body["use_time"], "/use_time")
        found = known.find(call.path["coupon_code"], body, call.path["openid"])
        more = {name: body[name] for name in names if name in body}
        return known.report(known.step(found, what, body["out_request_no"], more))

    return step


def set_address(call: IncomingCall) -> Mapping[str, Any]:
    """Set where the partner is told of coupons."""
    return Products(call.world).set_address(call.body["notify_url"])


def address(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where the partner is told of coupons."""
    found = Products(call.world).address
    if found is None:
        raise words.NO_ADDRESS()
    return found


def _stock(call: IncomingCall) -> tuple[str, str]:
    return call.path["product_coupon_id"], call.path["stock_id"]


def _page(call: IncomingCall, found: list[Any], name: str) -> dict[str, Any]:
    """One page; the token of the next one is where it begins."""
    token = call.query.get("page_token", "0")
    start = int(token) if token.isdecimal() else 0
    end = start + int(call.query.get("page_size", _MOST))
    said: dict[str, Any] = {"total_count": len(found), name: found[start:end]}
    return {**said, "next_page_token": str(end)} if end < len(found) else said


def _check_times(stock: Mapping[str, Any], at: str) -> None:
    rule: Mapping[str, Any] = stock.get("single_usage_rule") or {}
    period: Mapping[str, str] = rule.get("coupon_available_period") or {}
    for name in ("available_begin_time", "available_end_time"):
        if name in period:
            _check_time(period[name], f"{at}/single_usage_rule/coupon_available_period/{name}")


def _check_time(text: str, at: str) -> None:
    try:
        offset = datetime.fromisoformat(text).utcoffset()
    except ValueError:
        offset = None
    if offset is None:
        raise words.NO_SUCH_TIME(text, at=at)


ROUTES = (
    EndpointRoute("POST", _PRODUCTS, make, limits=_MADE),
    EndpointRoute("GET", _ONE, product),
    EndpointRoute("PATCH", _ONE, change, limits=_REQUEST),
    EndpointRoute("POST", f"{_ONE}/deactivate", deactivate, limits=_REQUEST),
    EndpointRoute("POST", f"{_ONE}/stocks", make_stock, limits=_MADE_STOCK),
    EndpointRoute("GET", f"{_ONE}/stocks", stocks, query_limits=_PAGE),
    EndpointRoute("GET", _STOCK, stock),
    EndpointRoute("PATCH", _STOCK, change_stock, limits=_REQUEST),
    EndpointRoute("POST", f"{_STOCK}/update-budget", budget, limits=_REQUEST),
    EndpointRoute("POST", f"{_STOCK}/deactivate", deactivate_stock, limits=_REQUEST),
    EndpointRoute("POST", f"{_STOCK}/upload-coupon-codes", upload, limits=_REQUEST),
    EndpointRoute("POST", f"{_STOCK}/associate-stores", setting_stores(on=True)),
    EndpointRoute("POST", f"{_STOCK}/disassociate-stores", setting_stores(on=False)),
    EndpointRoute("GET", f"{_STOCK}/associated-stores", stores, query_limits=_PAGE),
    EndpointRoute("POST", f"{_USER}/coupons", send, limits=_SENT),
    EndpointRoute("GET", f"{_USER}/coupons", coupons, query_limits=_PAGE),
    EndpointRoute("GET", _COUPON, coupon),
    EndpointRoute("POST", f"{_COUPON}/confirm", stepping("confirm"), limits=_REQUEST),
    EndpointRoute("POST", f"{_COUPON}/use", stepping("use", *_ORDERS), limits=_USED),
    EndpointRoute("POST", f"{_COUPON}/return", stepping("return"), limits=_REQUEST),
    EndpointRoute(
        "POST",
        f"{_COUPON}/deactivate",
        stepping("deactivate", "deactivate_reason"),
        limits=_REQUEST,
    ),
    EndpointRoute(
        "POST", f"{_BASE}/notify-configs", set_address, limits={"notify_url": NOTIFY_URL}
    ),
    EndpointRoute("GET", f"{_BASE}/notify-configs", address),
)
