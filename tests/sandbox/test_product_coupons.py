"""Coupons for products: products, stocks, codes and stores, and what becomes of users' coupons."""

from __future__ import annotations

from typing import Any

import pytest

from wechatpay.sandbox import Refusal, Sandbox

from .asker import NOON, Asker
from .merchant import read

_BASE = "v3/marketing/partner/product-coupon"
_PRODUCTS = f"{_BASE}/product-coupons"
_URL = "https://shop.example/coupons"
_DAY = 86400
_BRAND = "120344"
_NOW = "2026-01-01T12:00:00+08:00"
_PERIOD = {
    "available_begin_time": "2026-01-01T00:00:00+08:00",
    "available_end_time": "2026-01-31T00:00:00+08:00",
}
_STOCK: dict[str, Any] = {
    "coupon_code_mode": "WECHATPAY",
    "stock_send_rule": {"max_count": 3, "max_count_per_user": 2},
    "single_usage_rule": {
        "coupon_available_period": _PERIOD,
        "normal_coupon": {"threshold": 10000, "discount_amount": 100},
    },
    "usage_rule_display_info": {
        "coupon_usage_method_list": ["OFFLINE"],
        "usage_description": "全场可用",
    },
    "coupon_display_info": {"code_display_mode": "QRCODE", "background_color": "Color010"},
    "store_scope": "NONE",
}
_PRODUCT: dict[str, Any] = {
    "brand_id": _BRAND,
    "out_request_no": "product-1",
    "scope": "ALL",
    "type": "NORMAL",
    "usage_mode": "SINGLE",
    "single_usage_info": {"normal_coupon": {"threshold": 10000, "discount_amount": 100}},
    "display_info": {
        "name": "全场满100减1",
        "image_url": "https://shop.example/a.png",
        "background_url": "https://shop.example/b.png",
    },
}
_USED = {"use_time": _NOW, "associated_order_info": {"out_trade_no": "order-0001"}}


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox at noon."""
    return Sandbox(clock=lambda: NOON)


class Brand:
    """A brand's product and its stock, as a partner has them.

    Attributes:
        asker: The partner.
        named: The numbers of product, stock and brand.
    """

    def __init__(self, asker: Asker, **change: Any) -> None:
        self.asker = asker
        made = asker.post(_PRODUCTS, {**_PRODUCT, "stock": {**_STOCK, **change}})
        numbers = {"product_coupon_id": made["product_coupon_id"], "brand_id": _BRAND}
        self.named = {**numbers, "stock_id": made["stock"]["stock_id"]}
        self.product = f"{_PRODUCTS}/{made['product_coupon_id']}"
        self.stock = f"{self.product}/stocks/{self.named['stock_id']}"

    def gift(self, number: str = "gift-01", **change: object) -> dict[str, Any]:
        """Return what a coupon is sent with."""
        return {**self.named, "appid": "wx", "send_request_no": number, **change}

    def send(self, number: str = "gift-01", **change: object) -> str:
        """Send the user a coupon, and return its code."""
        sent = self.asker.post(f"{_BASE}/users/o1/coupons", self.gift(number, **change))
        code: str = sent["coupon_code"]
        return code

    def ask(self, number: str, **change: object) -> dict[str, Any]:
        """Return what is asked with about a coupon."""
        return {**self.named, "appid": "wx", "out_request_no": number, **change}

    def step(self, code: str, what: str, number: str, **change: object) -> Any:
        """Do something with a coupon."""
        path = f"{_BASE}/users/o1/coupons/{code}/{what}"
        return self.asker.post(path, self.ask(number, **change))

    def refused(self, code: str, what: str, number: str, **change: object) -> str:
        """Do something with a coupon that is refused."""
        path = f"{_BASE}/users/o1/coupons/{code}/{what}"
        answer = self.asker.answer("POST", path, self.ask(number, **change))
        internal = dict(answer.headers)["Request-ID"].rpartition("-")[2]
        return f"{answer.status} {read(answer)['code']} {internal}"

    def state(self, code: str) -> str:
        """Tell where a coupon is."""
        query = "&".join(f"{name}={value}" for name, value in self.named.items())
        found = self.asker.get(f"{_BASE}/users/o1/coupons/{code}?appid=wx&{query}")
        state: str = found["coupon_state"]
        return state


def test_product_is_shown_otherwise_and_deactivated(asker: Asker) -> None:
    """It is the same by its number; deactivated, none of its stocks is sent any more."""
    brand = Brand(asker)
    again = asker.post(_PRODUCTS, {**_PRODUCT, "stock": _STOCK})
    assert again["product_coupon_id"] == brand.named["product_coupon_id"]
    other = {**_PRODUCT, "scope": "SINGLE"}
    assert asker.refused("POST", _PRODUCTS, other) == "400 INVALID_REQUEST"
    display = {**_PRODUCT["display_info"], "name": "满减"}
    body = {"brand_id": _BRAND, "out_request_no": "change-1", "display_info": display}
    asker.ask("PATCH", brand.product, body)
    found = asker.get(f"{brand.product}?brand_id={_BRAND}")
    assert (found["display_info"], found["state"]) == (display, "EFFECTIVE")
    code = brand.send()
    end = {"brand_id": _BRAND, "out_request_no": "end-001", "deactivate_reason": "x"}
    ended = asker.post(f"{brand.product}/deactivate", end)
    assert ended == asker.post(f"{brand.product}/deactivate", end)
    assert ended["state"] == asker.get(f"{brand.stock}?brand_id={_BRAND}")["state"] == "DEACTIVATED"
    sent = f"{_BASE}/users/o1/coupons"
    assert asker.refused("POST", sent, brand.gift("gift-02")) == "400 INVALID_REQUEST"
    stock = {"brand_id": _BRAND, "out_request_no": "stock-2", "stock": _STOCK}
    assert asker.refused("POST", f"{brand.product}/stocks", stock) == "400 INVALID_REQUEST"
    assert brand.step(code, "confirm", "confirm-1")["coupon_state"] == "EFFECTIVE"
    for path in (brand.product, brand.stock, f"{brand.product}/stocks/1"):
        assert asker.refused("GET", f"{path}?brand_id=1") == "404 RESOURCE_NOT_EXISTS"


def test_product_without_a_stock(asker: Asker) -> None:
    """Stocks may come later, and are listed in pages, by where they are."""
    number = asker.post(_PRODUCTS, _PRODUCT)["product_coupon_id"]
    assert asker.post(_PRODUCTS, _PRODUCT)["product_coupon_id"] == number
    path = f"{_PRODUCTS}/{number}/stocks"
    body = {"brand_id": _BRAND, "stock": _STOCK}
    ids = [asker.post(path, {**body, "out_request_no": f"stock-{n}"})["stock_id"] for n in range(3)]
    again = {**body, "out_request_no": "stock-0"}
    assert asker.post(path, again)["stock_id"] == ids[0]
    other = {**again, "stock": {**_STOCK, "remark": "x"}}
    assert asker.refused("POST", path, other) == "400 INVALID_REQUEST"
    end = {"brand_id": _BRAND, "out_request_no": "end-001", "deactivate_reason": "x"}
    ended = asker.post(f"{path}/{ids[0]}/deactivate", end)
    assert ended == asker.post(f"{path}/{ids[0]}/deactivate", end)
    first = asker.get(f"{path}?brand_id={_BRAND}&page_size=2")
    assert [each["stock_id"] for each in first["stock_list"]] == ids[:2]
    rest = asker.get(f"{path}?brand_id={_BRAND}&page_token={first['next_page_token']}")
    assert [each["stock_id"] for each in rest["stock_list"]] == ids[2:]
    assert asker.get(f"{path}?brand_id={_BRAND}&state=SENDING")["total_count"] == 2
    product = {"brand_id": _BRAND, "out_request_no": "end-002", "deactivate_reason": "x"}
    asker.post(f"{_PRODUCTS}/{number}/deactivate", product)
    assert asker.get(f"{path}/{ids[0]}?brand_id={_BRAND}")["deactivate_request_no"] == "end-001"


def test_coupon_is_confirmed_used_given_back_and_made_void(asker: Asker) -> None:
    """Each step is taken once by its number, and from where it can be taken only; it is told."""
    asker.post(f"{_BASE}/notify-configs", {"notify_url": _URL})
    brand = Brand(asker)
    code = brand.send(attach="hello")
    assert brand.send(attach="hello") == code
    assert brand.state(code) == "CONFIRMING"
    assert brand.refused(code, "use", "use-001", **_USED) == "400 INVALID_REQUEST 268578367"
    assert brand.step(code, "confirm", "confirm-1") == brand.step(code, "confirm", "confirm-1")
    assert brand.refused(code, "return", "return-1") == "400 INVALID_REQUEST 268578367"
    used = brand.step(code, "use", "use-001", **_USED)
    assert used == brand.step(code, "use", "use-001", **_USED)
    assert used["single_usage_detail"]["associated_order_info"] == {"out_trade_no": "order-0001"}
    assert brand.refused(code, "use", "use-002", **_USED) == "400 INVALID_REQUEST 268578367"
    assert brand.step(code, "return", "return-1") == brand.step(code, "return", "return-1")
    assert brand.state(code) == "EFFECTIVE"
    void = {"deactivate_reason": "x"}
    assert brand.step(code, "deactivate", "void-01", **void)["deactivate_reason"] == "x"
    assert brand.state(code) == "DEACTIVATED"
    (sent,) = asker.told("PRODUCT_COUPON_SP.SEND")
    assert (sent["coupon_code"], sent["openid"], sent["attach"]) == (code, "o1", "hello")
    assert [each["coupon_state"] for each in asker.told("PRODUCT_COUPON.USE")] == ["USED"]
    assert [each["coupon_state"] for each in asker.told("PRODUCT_COUPON.RETURN")] == ["EFFECTIVE"]


def test_coupon_is_used_for_one_order(asker: Asker) -> None:
    """An order or one of pay score has to be named, and not both; and a time that is one."""
    brand = Brand(asker)
    code = brand.send()
    brand.step(code, "confirm", "confirm-1")
    score = {"associated_pay_score_order_info": {"out_order_no": "o", "mchid": "1900000109"}}
    both, neither = {**_USED, **score}, {"use_time": _NOW}
    for wrong in (both, neither, {**_USED, "use_time": "now"}):
        assert brand.refused(code, "use", "use-001", **wrong).startswith("400 PARAM_ERROR")
    assert brand.step(code, "use", "use-001", **neither, **score)["coupon_state"] == "USED"


def test_coupon_has_its_time(asker: Asker) -> None:
    """It waits for days after it was sent, is good for some, and is expired then."""
    period: dict[str, Any] = {**_PERIOD, "wait_days_after_receive": 1, "available_days": 2}
    rule = {**_STOCK["single_usage_rule"], "coupon_available_period": period}
    brand = Brand(asker, single_usage_rule=rule)
    code, unconfirmed = brand.send(), brand.send("gift-02")
    assert brand.step(code, "confirm", "confirm-1")["coupon_state"] == "PENDING"
    states: list[str] = []
    for _ in range(3):
        asker.sandbox.advance(_DAY)
        states.append(brand.state(code))
    assert states == ["EFFECTIVE", "EFFECTIVE", "EFFECTIVE"]
    asker.sandbox.advance(1)
    assert (brand.state(code), brand.state(unconfirmed)) == ("EXPIRED", "EXPIRED")
    assert brand.refused(code, "use", "use-001", **_USED) == "400 INVALID_REQUEST 268578776"


def test_stock_without_times_is_good_for_long(asker: Asker) -> None:
    """A stock that says nothing of time is good at any."""
    rule: dict[str, Any] = {**_STOCK["single_usage_rule"], "coupon_available_period": {}}
    brand = Brand(asker, single_usage_rule=rule)
    assert brand.step(brand.send(), "confirm", "confirm-1")["coupon_state"] == "EFFECTIVE"


def test_coupons_are_sent_within_limits(asker: Asker) -> None:
    """As many for a user, in all and in a day as the stock says; then the budget is raised."""
    brand = Brand(asker)
    brand.send()
    brand.send("gift-02")
    mine, other = (f"{_BASE}/users/{who}/coupons" for who in ("o1", "o2"))
    assert asker.refused("POST", mine, brand.gift("gift-03")) == "400 INVALID_REQUEST"
    asker.post(other, brand.gift("gift-04"))
    assert asker.refused("POST", other, brand.gift("gift-05")) == "400 INVALID_REQUEST"
    budget = {"brand_id": _BRAND, "out_request_no": "budget-1", "update_mode": "MAX_COUNT"}
    wrong = {**budget, "current_max_count": 9, "target_max_count": 4}
    assert asker.refused("POST", f"{brand.stock}/update-budget", wrong) == "400 INVALID_REQUEST"
    asker.post(f"{brand.stock}/update-budget", {**wrong, "current_max_count": 3})
    asker.post(other, brand.gift("gift-05"))
    found = asker.get(f"{brand.stock}?brand_id={_BRAND}")
    assert found["sent_count_info"] == {"total_count": 4, "today_count": 4}
    by_day: dict[str, Any] = {**budget, "update_mode": "MAX_COUNT_PER_DAY"}
    by_day |= {"current_max_count_per_day": 0, "target_max_count_per_day": 1}
    asker.post(f"{brand.stock}/update-budget", by_day)
    raised: dict[str, Any] = {**budget, "current_max_count": 4, "target_max_count": 9}
    asker.post(f"{brand.stock}/update-budget", raised)
    third = f"{_BASE}/users/o3/coupons"
    assert asker.refused("POST", third, brand.gift("gift-06")) == "400 INVALID_REQUEST"
    asker.sandbox.advance(_DAY)
    asker.post(third, brand.gift("gift-06"))


def test_codes_are_uploaded(asker: Asker) -> None:
    """Each is given once; without one nothing is sent; a stock that makes its codes takes none."""
    brand = Brand(asker, coupon_code_mode="UPLOAD")
    path = f"{brand.stock}/upload-coupon-codes"
    body = {"brand_id": _BRAND, "out_request_no": "upload-1", "code_list": ["c1", "c1"]}
    said = asker.post(path, body)
    assert (said["success_code_list"], said["duplicate_code_list"]) == (["c1"], ["c1"])
    assert asker.post(path, body)["already_exist_code_list"] == ["c1"]
    assert brand.send() == "c1"
    found = asker.get(f"{brand.stock}?brand_id={_BRAND}")
    assert found["coupon_code_count_info"] == {"total_count": 1, "available_count": 0}
    sent = f"{_BASE}/users/o1/coupons"
    assert asker.refused("POST", sent, brand.gift("gift-02")) == "400 INVALID_REQUEST"
    stock = {"brand_id": _BRAND, "out_request_no": "stock-2", "stock": _STOCK}
    made = asker.post(f"{brand.product}/stocks", stock)["stock_id"]
    other = f"{brand.product}/stocks/{made}/upload-coupon-codes"
    assert asker.refused("POST", other, body) == "400 INVALID_REQUEST"


def test_codes_are_the_partners(asker: Asker) -> None:
    """Where the partner makes the codes, each has to be there, and to be new."""
    brand = Brand(asker, coupon_code_mode="API_ASSIGN")
    path = f"{_BASE}/users/o1/coupons"
    assert asker.refused("POST", path, brand.gift()) == "400 PARAM_ERROR"
    assert brand.send(coupon_code="mine") == "mine"
    assert asker.refused("POST", path, brand.gift("gift-02", coupon_code="mine")) == (
        "400 PARAM_ERROR"
    )


def test_stock_is_good_in_stores(asker: Asker) -> None:
    """Stores are added and taken away; what a stock says of itself can be changed."""
    brand = Brand(asker)
    body = {"brand_id": _BRAND, "store_list": [{"store_id": "1"}, {"store_id": "2"}]}
    asker.post(f"{brand.stock}/associate-stores", body)
    asker.post(f"{brand.stock}/disassociate-stores", {**body, "store_list": [{"store_id": "1"}]})
    listed = asker.get(f"{brand.stock}/associated-stores?brand_id={_BRAND}&page_token=x")
    assert listed["store_list"] == [{"store_id": "2"}]
    change = {"brand_id": _BRAND, "out_request_no": "change-1", "store_scope": "SPECIFIC"}
    assert asker.ask("PATCH", brand.stock, change)["store_scope"] == "SPECIFIC"


def test_user_receives_one(asker: Asker) -> None:
    """It is the user's at once, whoever is told of it; they are listed by what they are."""
    assert asker.refused("GET", f"{_BASE}/notify-configs") == "404 RESOURCE_NOT_EXISTS"
    brand = Brand(asker)
    code = asker.sandbox.receive_product_coupon(brand.named["stock_id"], "o1")
    brand.step(code, "confirm", "confirm-1")
    brand.step(code, "use", "use-001", **_USED)
    assert asker.told("PRODUCT_COUPON_SP.SEND") == asker.told("PRODUCT_COUPON.USE") == []
    path = f"{_BASE}/users/o1/coupons?appid=wx&brand_id"
    counts = {f"={_BRAND}": 1, "=1": 0, f"={_BRAND}&coupon_state=USED": 1}
    counts |= {f"={_BRAND}&stock_id=1": 0, f"={_BRAND}&product_coupon_id=1": 0}
    for query, count in counts.items():
        assert asker.get(f"{path}{query}")["total_count"] == count, query
    with pytest.raises(Refusal):
        asker.sandbox.receive_product_coupon("1")
    asker.post(f"{_BASE}/notify-configs", {"notify_url": _URL})
    assert asker.get(f"{_BASE}/notify-configs")["notify_url"] == _URL


def test_there_is_no_other_coupon(asker: Asker) -> None:
    """A coupon is found by its user, product, stock and brand only."""
    brand = Brand(asker)
    code = brand.send()
    for wrong in ({"product_coupon_id": "1"}, {"brand_id": "1"}, {"stock_id": "1"}):
        assert brand.refused(code, "confirm", "confirm-1", **wrong).endswith("268578851")
    path = f"{_BASE}/users/o2/coupons/{code}/confirm"
    assert asker.refused("POST", path, brand.ask("confirm-1")) == "404 RESOURCE_NOT_EXISTS"


@pytest.mark.parametrize("moment", ["2026-01-01", "tomorrow"])
def test_times_are_times(asker: Asker, moment: str) -> None:
    """What is not a time with an offset is refused."""
    period: dict[str, Any] = {**_PERIOD, "available_begin_time": moment}
    rule = {**_STOCK["single_usage_rule"], "coupon_available_period": period}
    stock = {**_STOCK, "single_usage_rule": rule}
    assert asker.refused("POST", _PRODUCTS, {**_PRODUCT, "stock": stock}) == "400 PARAM_ERROR"


def test_coupons_that_are_used_several_times_are_not_sent(asker: Asker) -> None:
    """The sandbox says that it does not know them, and does not make believe."""
    rule: dict[str, Any] = {
        name: value for name, value in _STOCK.items() if name != "single_usage_rule"
    }
    product = {**_PRODUCT, "usage_mode": "SEQUENTIAL", "stock": rule}
    made = asker.post(_PRODUCTS, product)
    named = {"product_coupon_id": made["product_coupon_id"], "brand_id": _BRAND}
    gift = {**named, "stock_id": made["stock"]["stock_id"], "appid": "wx"}
    sent = f"{_BASE}/users/o1/coupons"
    refused = asker.refused("POST", sent, {**gift, "send_request_no": "gift-01"})
    assert refused == "400 INVALID_REQUEST"
