"""Orders in APIv2's words, which mean the same as APIv3's.

Official page: https://pay.weixin.qq.com/doc/v2/merchant/4011935215; what is said of coupons:
https://developers.weixin.qq.com/community/pay/doc/00042e39c40b1008cc685eff55b400
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..._base import BEIJING
from ..._time import Form
from .order import CUSTOMER, Order

_MOMENT = "%Y%m%d%H%M%S"
_OF_A_PARTNER = {
    "appid": "sp_appid",
    "mch_id": "sp_mchid",
    "sub_appid": "sub_appid",
    "sub_mch_id": "sub_mchid",
}
_DIRECT = {"appid": "appid", "mch_id": "mchid"}
_ORDER = {
    "body": "description",
    "out_trade_no": "out_trade_no",
    "attach": "attach",
    "goods_tag": "goods_tag",
    "notify_url": "notify_url",
}
_SCENE = {"spbill_create_ip": "payer_client_ip", "device_info": "device_id"}


def placed(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of an order, as `Order` has them."""
    partner = "sub_mch_id" in fields
    order = renamed(fields, {**(_OF_A_PARTNER if partner else _DIRECT), **_ORDER})
    order["amount"] = {"total": int(fields["total_fee"]), "currency": fields.get("fee_type", "CNY")}
    order["scene_info"] = renamed(fields, _SCENE)
    payer = {"openid": "sp_openid" if partner else "openid", "sub_openid": "sub_openid"}
    if named := renamed(fields, {**payer, "auth_code": "auth_code"}):
        order["payer"] = named
    if fields.get("profit_sharing") == "Y":
        order["settle_info"] = {"profit_sharing": True}
    if "time_expire" in fields:
        order["time_expire"] = moment(fields["time_expire"]).isoformat()
    return order


def moment(text: str) -> datetime:
    """Read a moment such as `20260131235959`, which is Beijing's.

    Raises:
        ValueError: There is no such moment.
    """
    return datetime.strptime(text, _MOMENT).replace(tzinfo=BEIJING)


def form(fields: Mapping[str, str]) -> Form:
    """Return how the notification is signed: as the order was."""
    return "HMAC-SHA256" if fields.get("sign_type") == "HMAC-SHA256" else "MD5"


def identity(order: Mapping[str, Any]) -> dict[str, str]:
    """Return whose order it is.

    Args:
        order: The parameters it was placed with.
    """
    names = _OF_A_PARTNER if "sp_mchid" in order else _DIRECT
    return {old: order[new] for old, new in names.items() if new in order}


def handle(order: Order) -> dict[str, str]:
    """Return what the customer's side needs to pay; APIv2 gives a `prepay_id` in any case."""
    if url := order.handle.get("h5_url"):
        (prepay_id,) = parse_qs(urlsplit(url).query)["prepay_id"]
        return {"prepay_id": prepay_id, "mweb_url": url}
    if url := order.handle.get("code_url"):
        made_up = hashlib.sha256(url.encode()).hexdigest()[:34]
        return {"prepay_id": f"wx{made_up}", "code_url": url}
    return dict(order.handle)


def transaction(order: Order) -> dict[str, Any]:
    """Return what is known of an order: of one that was paid, how and by whom as well."""
    seen: dict[str, Any] = {**identity(order.placed), "out_trade_no": order.number}
    if device := order.placed.get("scene_info", {}).get("device_id"):
        seen["device_info"] = device
    if "attach" in order.placed:
        seen["attach"] = order.placed["attach"]
    if order.transaction_id:
        payer = order.payer()
        sub_openid = payer.pop("sub_openid", None)
        seen["openid"] = next(iter(payer.values()), CUSTOMER)
        seen |= {"sub_openid": sub_openid, "sub_is_subscribe": "N"} if sub_openid else {}
        seen |= {
            "is_subscribe": "N",
            "trade_type": order.trade_type,
            "bank_type": "OTHERS",
            "fee_type": "CNY",
            "total_fee": order.total,
            "cash_fee": order.payer_total,
            "cash_fee_type": "CNY",
            **_coupons(order),
            "transaction_id": order.transaction_id,
            "time_end": datetime.fromisoformat(order.success_time).strftime(_MOMENT),
        }
    return seen


def _coupons(order: Order) -> dict[str, Any]:
    """Return what was taken off: `…/com/pay/doc/00042e39c40b1008cc685eff55b400`."""
    if not order.promotions:
        return {}
    said: dict[str, Any] = {
        "settlement_total_fee": order.settled,
        "coupon_fee": order.total - order.payer_total,
        "coupon_count": len(order.promotions),
    }
    for n, each in enumerate(order.promotions):
        kind = "NO_CASH" if each["type"] == "NOCASH" else "CASH"
        said |= {f"coupon_type_{n}": kind, f"coupon_id_{n}": each["coupon_id"]}
        said[f"coupon_fee_{n}"] = each["amount"]
    return said


def renamed(fields: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    """Return those of some fields that are there, under other names."""
    return {new: fields[old] for old, new in names.items() if old in fields}
