"""The coupons of a world: sent, taken off payments, and told to the merchant.

Which of a user's coupons WeChat Pay takes off is the sandbox's own rule: the one that takes off the
most, and only one. Sending: docs/merchant/apis/cash-coupons/coupon/send-coupon (2024-09-19); the
internal codes: https://pay.weixin.qq.com/doc/v3/partner/4020807413 (2026-06-12).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from ..._time import Event, seconds
from ..._world import World
from ..payments import CUSTOMER, Order, identity
from . import words
from .coupon import Coupon
from .stock import Stock
from .stocks import Stocks

_KIND = "coupon"


class Coupons:
    """The coupons, by WeChat Pay's number."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._stocks = Stocks(world)

    def send(self, openid: str, asked: Mapping[str, Any]) -> Coupon:
        """Send a user a coupon; with the same number again, it is the same one.

        Raises:
            Refusal: The user is not one of the appid's, there is no such stock, it is another's, it
                does not run, its time has not come or is over, all of it was sent, or the user has
                had as many as anybody may.
        """
        self._check_user(asked["appid"], openid)
        with self._store.transaction():
            key = f"{asked['stock_creator_mchid']}/{asked['out_request_no']}"
            if known := self._store.find(_KIND, request=key):
                return self._load(known[0])
            stock = self._stocks.find(asked["stock_id"])
            if stock.creator != asked["stock_creator_mchid"]:
                raise words.ANOTHER_CREATOR(asked["stock_creator_mchid"])
            now = self._world.clock.moment()
            if stock.status != "running" or not stock.lasts(now):
                raise words.NOT_UNDER_WAY(stock.stock_id)
            rule = stock.asked["stock_use_rule"]
            if stock.sent >= rule["max_coupons"]:
                raise words.ALL_SENT(stock.stock_id)
            had = self._store.count(_KIND, of=f"{stock.stock_id}/{openid}")
            if had >= rule["max_coupons_per_user"]:
                raise words.USER_HAS_ENOUGH(openid)
            use = stock.asked["coupon_use_rule"]
            times: Mapping[str, str] = use.get("coupon_available_time") or {}
            coupon = Coupon(
                dict(asked),
                openid,
                self._world.number("98", _KIND, 8),
                now.isoformat(),
                times.get("available_begin_time") or stock.asked["available_begin_time"],
                times.get("available_end_time") or stock.asked["available_end_time"],
                asked.get("coupon_value", 0),
                asked.get("coupon_minimum", 0),
            )
            self._stocks.write(replace(stock, sent=stock.sent + 1))
            return self._put(coupon)

    def find(self, openid: str, coupon_id: str) -> Coupon:
        """Find a user's coupon.

        Raises:
            Refusal: The user has none of that number.
        """
        found = self._store.get(_KIND, coupon_id)
        if found is None or found["openid"] != openid:
            raise words.NO_SUCH_COUPON(coupon_id)
        return self._load(found)

    def of(self, openid: str) -> Iterator[Coupon]:
        """Return a user's coupons, oldest first."""
        return (self._load(each) for each in self._store.find(_KIND, openid=openid))

    def latest(self, limit: int = 20, skip: int = 0) -> list[Coupon]:
        """Return a page of all coupons, newest first."""
        return [self._load(each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def used(self, stock_id: str) -> list[Coupon]:
        """Return the coupons of a stock that were used, in the order in which they were sent."""
        found = self._store.find(_KIND, used_of=stock_id)
        return [Coupon(**each) for each in found]

    def take_off(self, order: Order) -> list[dict[str, Any]]:
        """Take a coupon off an order that is being paid, and return its promotions."""
        openid = next(iter(order.payer().values()), CUSTOMER)
        best = max(self._fitting(openid, order), key=lambda each: each[0], default=None)
        if best is None:
            return []
        off, coupon, stock = best
        self._use(coupon, stock, order, off)
        return [
            {
                "coupon_id": coupon.coupon_id,
                "name": stock.asked["stock_name"],
                "scope": "SINGLE" if stock.goods else "GLOBAL",
                "type": "NOCASH" if stock.no_cash else "CASH",
                "amount": off,
                "stock_id": stock.stock_id,
                "wechatpay_contribute": 0,
                "merchant_contribute": off,
                "other_contribute": 0,
                "currency": "CNY",
            }
        ]

    def give_back(self, promotion: Mapping[str, Any], fen: int) -> None:
        """Give a stock back what was refunded of a coupon, or take it again if below zero."""
        self._stocks.spend(self._stocks.find(promotion["stock_id"]), -fen)

    def _check_user(self, appid: str, openid: str) -> None:
        if not identity.is_bound(appid):
            raise words.ANOTHER_APPID(appid)
        if not identity.is_openid(openid):
            raise words.NO_OPENID(openid)
        if not identity.belongs(self._world, appid, openid):
            raise words.ANOTHER_OPENID(openid)

    def _fitting(self, openid: str, order: Order) -> Iterator[tuple[int, Coupon, Stock]]:
        now = self._world.clock.moment()
        tag = order.placed.get("goods_tag")
        for document in self._store.find(_KIND, usable_by=openid):
            coupon = self._load(document)
            stock = self._stocks.find(coupon.stock_id)
            owners = {order.merchant, order.placed.get("mchid"), order.placed.get("sp_mchid")}
            fits = (
                coupon.status == "SENDED"
                and datetime.fromisoformat(coupon.begins) <= now
                and not owners.isdisjoint(stock.merchants)
                and (not stock.tags or tag in stock.tags)
                and _has(order, stock.goods)
            )
            off = coupon.off(stock, order.total) if fits else 0
            left = stock.budget - stock.spent
            if 0 < off <= left:
                yield off, coupon, stock

    def _use(self, coupon: Coupon, stock: Stock, order: Order, off: int) -> None:
        consumed = {
            "consume_time": order.success_time,
            "consume_mchid": order.merchant,
            "transaction_id": order.transaction_id,
        }
        used = self._put(coupon.use(consumed))
        self._stocks.spend(stock, off)
        if url := self._stocks.told_at:
            told = used.report(stock)
            told["consume_information"] = {**consumed, "consume_amount": off}
            del told["out_request_no"]
            self._world.tell(Event("COUPON.USE", "coupon", words.USED.zh, told, url))

    def _load(self, document: Mapping[str, Any]) -> Coupon:
        return Coupon(**document).lapse(self._world.clock.moment())

    def _put(self, coupon: Coupon) -> Coupon:
        request = f"{coupon.asked['stock_creator_mchid']}/{coupon.asked['out_request_no']}"
        self._store.put(
            _KIND,
            coupon.coupon_id,
            asdict(coupon),
            request=request,
            openid=coupon.openid,
            of=f"{coupon.stock_id}/{coupon.openid}",
            usable_by=coupon.openid if coupon.status == "SENDED" else "",
            used_of=coupon.stock_id if coupon.status == "USED" else "",
            used_at=seconds(coupon.consumed["consume_time"]) if coupon.consumed else None,
        )
        return coupon


def _has(order: Order, goods: tuple[str, ...]) -> bool:
    """Whether one of some goods was ordered; if none are named, anything will do."""
    detail: Mapping[str, Any] = order.placed.get("detail") or {}
    listed: list[Mapping[str, Any]] = detail.get("goods_detail") or []
    ordered = {each.get("merchant_goods_id") for each in listed}
    return not goods or not ordered.isdisjoint(goods)
