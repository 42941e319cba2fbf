"""The coupons for products that users of a world have: sent, confirmed, used, given back, void.

A partner is told of a coupon that was sent by `PRODUCT_COUPON_SP.SEND`, and of its use and return
by `PRODUCT_COUPON.USE` and `.RETURN`: that these two come to partners as to brands is the sandbox's
own rule. https://pay.weixin.qq.com/doc/v3/partner/4016435717
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from ..._time import Event
from ..._world import World
from . import words
from .coupon import ProductCoupon, Transition
from .products import Products

_KIND = "product coupon"
_NAMED = ("product_coupon_id", "stock_id", "brand_id")
_TOLD: Mapping[Transition, str] = {"use": "PRODUCT_COUPON.USE", "return": "PRODUCT_COUPON.RETURN"}


class ProductCoupons:
    """The coupons, by their stocks and codes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._products = Products(world)

    def send(self, openid: str, asked: Mapping[str, Any], channel: str = "API") -> ProductCoupon:
        """Send a user a coupon; with the same number again, it is the same one.

        Raises:
            Refusal: There is no such stock, it is not sent any more, or all of it was, in all,
                today or to this user; or its code is not new.
        """
        number, stock_id = asked["product_coupon_id"], asked["stock_id"]
        with self._store.transaction():
            request = f"{stock_id}/{asked['send_request_no']}"
            for known in self._store.find(_KIND, request=request):
                return self._load(known)
            stock = self._products.stock(number, stock_id, asked["brand_id"])
            self._refuse_unless_there_is_one(stock, openid)
            now = self._world.clock.moment()
            begin, end = _validity(stock, now)
            made = ProductCoupon(
                dict(asked),
                openid,
                self._code(stock, asked.get("coupon_code", "")),
                now.isoformat(),
                begin.isoformat(),
                end.isoformat(),
                channel,
                "CONFIRMING",
                {},
                {},
            )
            self._products.count(stock_id)
            self._put(made)
            self._tell_sent(made)
            return made

    def find(self, code: str, named: Mapping[str, str], openid: str) -> ProductCoupon:
        """Find a user's coupon.

        Args:
            code: Its code.
            named: Of which product, stock and brand it has to be.
            openid: Whose it has to be.

        Raises:
            Refusal: There is none.
        """
        found = self._store.get(_KIND, f"{named['stock_id']}/{code}")
        if found is None or found["openid"] != openid:
            raise words.NO_SUCH_COUPON(code)
        if any(found["asked"][name] != named[name] for name in _NAMED):
            raise words.NO_SUCH_COUPON(code)
        return self._load(found)

    def of(self, openid: str) -> Iterator[ProductCoupon]:
        """Return a user's coupons, oldest first."""
        return (self._load(each) for each in self._store.find(_KIND, openid=openid))

    def latest(self, limit: int = 20, skip: int = 0) -> list[ProductCoupon]:
        """Return a page of all coupons, newest first."""
        return [self._load(each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def step(
        self, found: ProductCoupon, what: Transition, number: str, more: Mapping[str, Any]
    ) -> ProductCoupon:
        """Do something with a coupon, and tell the partner if it was used or given back.

        Raises:
            Refusal: From where it is, that cannot be done.
        """
        with self._store.transaction():
            found = self.find(found.code, found.asked, found.openid)  # as it is by now
            made = found.step(what, number, self._world.clock.moment(), more)
            if made is not found:
                self._put(made)
                address = self._products.address
                if (name := _TOLD.get(what)) and address:
                    told = self.report(made)
                    del told["brand_id"]
                    for of in ("product_coupon", "stock"):
                        told[of] = {key: it for key, it in told[of].items() if key != "brand_id"}
                    url = address["notify_url"]
                    self._world.tell(Event(name, "product_coupon", words.NOTICE.zh, told, url))
            return made

    def report(self, coupon: ProductCoupon) -> dict[str, Any]:
        """Return what a query answers of a coupon."""
        asked = coupon.asked
        number, brand = asked["product_coupon_id"], asked["brand_id"]
        its = {
            "product_coupon": self._products.find(number, brand),
            "stock": self._products.stock(number, asked["stock_id"], brand),
        }
        return {**coupon.report(), **its, "brand_id": brand}

    def _refuse_unless_there_is_one(self, stock: Mapping[str, Any], openid: str) -> None:
        rule, sent = stock["stock_send_rule"], stock["sent_count_info"]
        if stock["state"] != "SENDING":
            raise words.NOT_SENDING(stock["stock_id"], state=stock["state"])
        if "single_usage_rule" not in stock:
            raise words.NOT_SINGLE(stock["stock_id"])
        had = self._store.count(_KIND, of=f"{stock['stock_id']}/{openid}")
        if had >= rule.get("max_count_per_user", had + 1):
            raise words.USER_HAS_ENOUGH(openid)
        today = rule.get("max_count_per_day") or rule["max_count"]
        if sent["total_count"] >= rule["max_count"] or sent["today_count"] >= today:
            raise words.ALL_SENT(stock["stock_id"])

    def _code(self, stock: Mapping[str, Any], code: str) -> str:
        mode, stock_id = stock["coupon_code_mode"], stock["stock_id"]
        if mode == "UPLOAD":
            return self._products.take_code(stock_id)
        if mode == "WECHATPAY":
            return f"{secrets.randbelow(10**16):016d}"
        if not code or self._store.get(_KIND, f"{stock_id}/{code}"):
            raise words.CODE_NEEDED(code)
        return code

    def _tell_sent(self, made: ProductCoupon) -> None:
        if address := self._products.address:
            names = (*_NAMED, "appid", "send_request_no", "attach")
            told = {name: made.asked[name] for name in names if name in made.asked}
            told |= {"coupon_code": made.code, "openid": made.openid, "unionid": made.openid}
            told |= {"receive_time": made.receive_time, "send_channel": made.channel}
            told |= {"valid_begin_time": made.begins, "valid_end_time": made.ends}
            name, url = "PRODUCT_COUPON_SP.SEND", address["notify_url"]
            self._world.tell(Event(name, "product_coupon", words.NOTICE.zh, told, url))

    def _load(self, document: Mapping[str, Any]) -> ProductCoupon:
        return ProductCoupon(**document).lapse(self._world.clock.moment())

    def _put(self, made: ProductCoupon) -> None:
        stock_id = made.asked["stock_id"]
        self._store.put(
            _KIND,
            f"{stock_id}/{made.code}",
            asdict(made),
            openid=made.openid,
            of=f"{stock_id}/{made.openid}",
            request=f"{stock_id}/{made.asked['send_request_no']}",
        )


def _validity(stock: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    """Return from when and until when a coupon is valid that is sent now."""
    period = stock["single_usage_rule"]["coupon_available_period"]
    begin = datetime.fromisoformat(period["available_begin_time"])
    end = datetime.fromisoformat(period["available_end_time"])
    begin = max(begin, now + timedelta(days=period.get("wait_days_after_receive", 0)))
    if days := period.get("available_days"):
        end = min(end, begin + timedelta(days=days))
    return begin, end
