"""The products of a world that coupons are for, their stocks, and the codes and stores of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._world import World
from . import words

_PRODUCT, _STOCK, _CODE, _ADDRESS = (
    "product",
    "product stock",
    "product coupon code",
    "product coupon address",
)
_OF_PRODUCT = (
    "brand_id",
    "scope",
    "type",
    "usage_mode",
    "single_usage_info",
    "sequential_usage_info",
    "progressive_bundle_usage_info",
    "display_info",
    "out_product_no",
)
_CHANGING = ("remark", "usage_rule_display_info", "coupon_display_info", "notify_config")
_EVER = {
    "available_begin_time": "2000-01-01T00:00:00+08:00",
    "available_end_time": "2100-01-01T00:00:00+08:00",
}


class Products:
    """The products, their stocks, and where partners are told of coupons."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def make(self, asked: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Make a product, with a first stock if one is described; by its number it is the same.

        Raises:
            Refusal: The number is taken by other parameters.
        """
        key = f"{asked['brand_id']}/{asked['out_request_no']}"
        with self._store.transaction():
            for known in self._store.find(_PRODUCT, request=key):
                if known["asked"] != dict(asked):
                    raise words.DIFFERS(asked["out_request_no"])
                first = known["first"]
                return known["said"], self.named_stock(first) if first else None
            number = self._world.number("10", _PRODUCT, 6)
            said = {"product_coupon_id": number, "state": "EFFECTIVE"}
            said |= {name: asked[name] for name in _OF_PRODUCT if name in asked}
            stock = None
            if described := asked.get("stock"):
                whose = {"brand_id": asked["brand_id"], "stock": described}
                stock = self._make_stock(number, whose, f"{key}/first")
            first = stock["stock_id"] if stock else ""
            self._keep(_PRODUCT, number, {"asked": dict(asked), "said": said, "first": first}, key)
            return said, stock

    def find(self, number: str, brand: str) -> dict[str, Any]:
        """Find a brand's product, as a query answers it.

        Raises:
            Refusal: There is none.
        """
        said: dict[str, Any] = self._product(number, brand)["said"]
        return said

    def change(self, number: str, brand: str, display: Mapping[str, Any]) -> dict[str, Any]:
        """Change how a product is shown.

        Raises:
            Refusal: There is none.
        """
        return self._say(number, brand, {"display_info": display})

    def deactivate(self, number: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Deactivate a product: none of its stocks is sent any more; to do it again is the same.

        Raises:
            Refusal: There is none.
        """
        with self._store.transaction():
            found = self._product(number, asked["brand_id"])
            if found["said"]["state"] == "DEACTIVATED":
                said: dict[str, Any] = found["said"]
                return said
            for each in self.stocks(number):
                if each["state"] != "DEACTIVATED":
                    self._write(each["stock_id"], self._ended(asked))
            return self._say(number, asked["brand_id"], self._ended(asked))

    def make_stock(self, number: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Make a stock of a product; by its number it is the same.

        Raises:
            Refusal: There is no such product, it is deactivated, or the number is taken.
        """
        with self._store.transaction():
            found = self._product(number, asked["brand_id"])
            if found["said"]["state"] != "EFFECTIVE":
                raise words.NOT_SENDING(number, state=found["said"]["state"])
            return self._make_stock(number, asked, f"{number}/{asked['out_request_no']}")

    def stock(self, number: str, stock_id: str, brand: str) -> dict[str, Any]:
        """Find a stock, as a query answers it.

        Raises:
            Refusal: There is none, of this product and brand.
        """
        found = self._stock(stock_id)
        if (found["product"], found["said"]["brand_id"]) != (number, brand):
            raise words.NO_SUCH_PRODUCT(stock_id, at="stock_id")
        said: dict[str, Any] = found["said"]
        codes = self._store.find(_CODE, stock_id=stock_id)
        if said["coupon_code_mode"] == "UPLOAD":
            free = sum(not each["taken"] for each in codes)
            said["coupon_code_count_info"] = {"total_count": len(codes), "available_count": free}
        today = f"{self._world.clock.moment():%Y-%m-%d}"
        sent = {"total_count": found["sent"], "today_count": found["days"].get(today, 0)}
        return {**said, "sent_count_info": sent}

    def stocks(self, number: str) -> list[dict[str, Any]]:
        """Return the stocks of a product, oldest first."""
        found = self._store.find(_STOCK, product=number)
        return [
            self.stock(number, each["said"]["stock_id"], each["said"]["brand_id"]) for each in found
        ]

    def change_stock(self, number: str, stock_id: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Change what a stock says of itself.

        Raises:
            Refusal: There is none.
        """
        self.stock(number, stock_id, asked["brand_id"])
        names = (*_CHANGING, "store_scope")
        self._write(stock_id, {name: asked[name] for name in names if name in asked})
        return self.stock(number, stock_id, asked["brand_id"])

    def set_budget(self, number: str, stock_id: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Change how many of a stock can be sent, in all or in a day.

        Raises:
            Refusal: There is none, or it is not what the merchant takes it to be.
        """
        with self._store.transaction():
            rule = dict(self.stock(number, stock_id, asked["brand_id"])["stock_send_rule"])
            name = asked["update_mode"].lower()
            current, target = asked.get(f"current_{name}"), asked.get(f"target_{name}")
            if current != rule.get(name, 0):
                raise words.ANOTHER_BUDGET(current, at=f"/current_{name}")
            self._write(stock_id, {"stock_send_rule": {**rule, name: target}})
            return self.stock(number, stock_id, asked["brand_id"])

    def deactivate_stock(
        self, number: str, stock_id: str, asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Deactivate a stock, so that none of it is sent any more; to do it again is the same.

        Raises:
            Refusal: There is none.
        """
        with self._store.transaction():
            if self.stock(number, stock_id, asked["brand_id"])["state"] != "DEACTIVATED":
                self._write(stock_id, self._ended(asked))
            return self.stock(number, stock_id, asked["brand_id"])

    def upload(
        self, number: str, stock_id: str, asked: Mapping[str, Any]
    ) -> tuple[list[str], list[str], list[str]]:
        """Add codes.

        Returns:
            Those that are new, those that were there, and those that were given twice.

        Raises:
            Refusal: There is no such stock, or it makes its codes itself.
        """
        with self._store.transaction():
            if self.stock(number, stock_id, asked["brand_id"])["coupon_code_mode"] != "UPLOAD":
                raise words.NO_CODES(stock_id)
            codes: list[str] = asked["code_list"]
            once = list(dict.fromkeys(codes))
            old = [each for each in once if self._store.get(_CODE, f"{stock_id}/{each}")]
            new = [each for each in once if each not in old]
            for each in new:
                self._put_code(stock_id, each, taken=False)
            return new, old, sorted({each for each in codes if codes.count(each) > 1})

    def take_code(self, stock_id: str) -> str:
        """Take an uploaded code that nobody has.

        Raises:
            Refusal: There is none left.
        """
        for each in self._store.find(_CODE, free=stock_id):
            self._put_code(stock_id, each["code"], taken=True)
            code: str = each["code"]
            return code
        raise words.ALL_SENT(stock_id)

    def count(self, stock_id: str) -> None:
        """Note that one more of a stock was sent, today."""
        found = self._stock(stock_id)
        today = f"{self._world.clock.moment():%Y-%m-%d}"
        days = {**found["days"], today: found["days"].get(today, 0) + 1}
        self._keep(_STOCK, stock_id, {**found, "sent": found["sent"] + 1, "days": days})

    def set_stores(self, stock_id: str, stores: list[str], *, on: bool) -> None:
        """Say in which stores a stock is good, or in which it is not any more."""
        with self._store.transaction():
            found = self._stock(stock_id)
            kept = [each for each in found["stores"] if each not in stores]
            self._keep(_STOCK, stock_id, {**found, "stores": [*kept, *stores] if on else kept})

    def stores(self, stock_id: str) -> list[str]:
        """Return in which stores a stock is good."""
        stores: list[str] = self._stock(stock_id)["stores"]
        return stores

    def set_address(self, url: str) -> dict[str, str]:
        """Say where the partner is told of coupons."""
        said = {"notify_url": url, "update_time": self._world.clock.moment().isoformat()}
        self._store.put(_ADDRESS, "", said)
        return said

    @property
    def address(self) -> dict[str, str] | None:
        """Where the partner is told of coupons, and since when; `None` if that was never said."""
        return self._store.get(_ADDRESS, "")

    def latest(self) -> list[dict[str, Any]]:
        """Return the latest products, newest first."""
        return [each["said"] for each in self._store.latest(_PRODUCT)]

    def latest_stocks(self) -> list[dict[str, Any]]:
        """Return the latest stocks, newest first."""
        return [
            self.stock(each["product"], each["said"]["stock_id"], each["said"]["brand_id"])
            for each in self._store.latest(_STOCK)
        ]

    def named_stock(self, stock_id: str) -> dict[str, Any]:
        """Find a stock by its number alone, as a query answers it.

        Raises:
            Refusal: There is none.
        """
        found = self._stock(stock_id)
        return self.stock(found["product"], stock_id, found["said"]["brand_id"])

    def _make_stock(self, number: str, asked: Mapping[str, Any], key: str) -> dict[str, Any]:
        for known in self._store.find(_STOCK, request=key):
            if known["asked"] != dict(asked):
                raise words.DIFFERS(key.rpartition("/")[2])
            return self.stock(number, known["said"]["stock_id"], asked["brand_id"])
        stock_id = self._world.number("11", _STOCK, 6)
        described = dict(asked["stock"])
        if rule := described.get("single_usage_rule"):
            period = {**_EVER, **rule["coupon_available_period"]}
            described["single_usage_rule"] = {**rule, "coupon_available_period": period}
        whose = {"product_coupon_id": number, "stock_id": stock_id, "brand_id": asked["brand_id"]}
        said = {**described, **whose, "state": "SENDING"}
        held = {"asked": dict(asked), "said": said, "product": number, "sent": 0}
        self._keep(_STOCK, stock_id, {**held, "days": {}, "stores": []}, key)
        return self.stock(number, stock_id, asked["brand_id"])

    def _ended(self, asked: Mapping[str, Any]) -> dict[str, str]:
        return {
            "state": "DEACTIVATED",
            "deactivate_request_no": asked["out_request_no"],
            "deactivate_time": self._world.clock.moment().isoformat(),
            "deactivate_reason": asked["deactivate_reason"],
        }

    def _product(self, number: str, brand: str) -> dict[str, Any]:
        found = self._store.get(_PRODUCT, number)
        if found is None or found["said"]["brand_id"] != brand:
            raise words.NO_SUCH_PRODUCT(number, at="product_coupon_id")
        return found

    def _stock(self, stock_id: str) -> dict[str, Any]:
        found = self._store.get(_STOCK, stock_id)
        if found is None:
            raise words.NO_SUCH_PRODUCT(stock_id, at="stock_id")
        return found

    def _say(self, number: str, brand: str, more: Mapping[str, Any]) -> dict[str, Any]:
        with self._store.transaction():
            found = self._product(number, brand)
            said: dict[str, Any] = {**found["said"], **more}
            self._keep(_PRODUCT, number, {**found, "said": said})
            return said

    def _write(self, stock_id: str, more: Mapping[str, Any]) -> None:
        with self._store.transaction():
            found = self._stock(stock_id)
            self._keep(_STOCK, stock_id, {**found, "said": {**found["said"], **more}})

    def _keep(self, kind: str, number: str, document: dict[str, Any], key: str = "") -> None:
        document["request"] = key or document["request"]
        lookups = {"request": document["request"], "product": document.get("product", "")}
        self._store.put(kind, number, document, **lookups)

    def _put_code(self, stock_id: str, code: str, *, taken: bool) -> None:
        document = {"code": code, "taken": taken}
        free = "" if taken else stock_id
        self._store.put(_CODE, f"{stock_id}/{code}", document, stock_id=stock_id, free=free)
