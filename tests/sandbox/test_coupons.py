"""Coupons: their stocks, what they take off a payment, and what a refund gives back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay import bill
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._families.bills import Bills
from wechatpay.sandbox._families.payments import CUSTOMER
from wechatpay.sandbox._families.refunds.shares import Shares, shares

from .asker import NOON, OPENING, OWN, SUB, Asker
from .merchant import BY_NUMBER, NATIVE, ORDER, read
from .old_shop import Till, refused

pytestmark = pytest.mark.usefixtures("at_once")

_BASE = "v3/marketing/favor"
_STOCKS = f"{_BASE}/stocks"
_DAY = 86400
_TOMORROW = "2026-01-02T00:00:00+08:00"
_BY_CREATOR = f"stock_creator_mchid={OWN}"
_STOCK: dict[str, Any] = {
    "stock_name": "微信支付代金券批次",
    "available_begin_time": "2025-12-01T00:00:00+08:00",
    "available_end_time": "2026-01-31T00:00:00+08:00",
    "belong_merchant": OWN,
    "no_cash": False,
    "stock_type": "NORMAL",
    "out_request_no": "stock1",
    "stock_use_rule": {
        "max_coupons": 10,
        "max_amount": 5000,
        "max_coupons_per_user": 3,
        "natural_person_limit": False,
        "prevent_api_abuse": False,
    },
    "coupon_use_rule": {
        "fixed_normal_coupon": {"coupon_amount": 300, "transaction_minimum": 1000},
        "available_merchants": [OWN],
    },
}


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox at noon."""
    return Sandbox(clock=lambda: NOON)


def _stock(asker: Asker, *, start: bool = True, **change: Any) -> str:
    """Make a stock, and start it."""
    rule = {**_STOCK["coupon_use_rule"], **change.pop("use", {})}
    limits = {**_STOCK["stock_use_rule"], **change.pop("limits", {})}
    body = {**_STOCK, "coupon_use_rule": rule, "stock_use_rule": limits, **change}
    stock_id: str = asker.post(f"{_BASE}/coupon-stocks", body)["stock_id"]
    if start:
        _become(asker, stock_id, "start")
    return stock_id


def _become(asker: Asker, stock_id: str, what: str) -> Any:
    return asker.post(f"{_STOCKS}/{stock_id}/{what}", {"stock_creator_mchid": OWN})


def _gift(stock_id: str, number: str = "gift1", **change: object) -> dict[str, Any]:
    body = {"stock_id": stock_id, "out_request_no": number, "appid": "wx"}
    return {**body, "stock_creator_mchid": OWN, **change}


def _send(asker: Asker, stock_id: str, number: str = "gift1", **change: object) -> str:
    path = f"{_BASE}/users/{CUSTOMER}/coupons"
    coupon_id: str = asker.post(path, _gift(stock_id, number, **change))["coupon_id"]
    return coupon_id


def _buy(asker: Asker, number: str, fen: int = 1000, **change: object) -> dict[str, Any]:
    """Order something, pay it, and return what a query answers."""
    amount = {"total": fen, "currency": "CNY"}
    asker.post(NATIVE[1:], {**ORDER, "out_trade_no": number, "amount": amount, **change})
    asker.sandbox.pay(number)
    found: dict[str, Any] = asker.get(f"{BY_NUMBER.format(number)[1:]}?mchid={OWN}")
    return found


def _refund(asker: Asker, number: str, fen: int, total: int = 1000, **change: object) -> Any:
    amount = {"refund": fen, "total": total, "currency": "CNY"}
    body = {"out_trade_no": "order-0001", "out_refund_no": number, "amount": amount}
    return asker.post("v3/refund/domestic/refunds", {**body, **change})


def _coupon(asker: Asker, coupon_id: str) -> Any:
    return asker.get(f"{_BASE}/users/{CUSTOMER}/coupons/{coupon_id}?appid=wx")


def test_life_of_a_stock(asker: Asker) -> None:
    """It is made, started, paused, started again and stopped for good; it is the same by number."""
    stock_id = _stock(asker, start=False)
    assert asker.post(f"{_BASE}/coupon-stocks", _STOCK)["stock_id"] == stock_id
    other = {**_STOCK, "stock_name": "x"}
    refused = asker.refused("POST", f"{_BASE}/coupon-stocks", other)
    assert refused == "400 RESOURCE_ALREADY_EXISTS"
    gift = f"{_BASE}/users/{CUSTOMER}/coupons"
    body = {"stock_creator_mchid": OWN}
    states = {"start": "running", "pause": "paused", "restart": "running", "stop": "stoped"}
    for what, status in states.items():
        assert asker.get(f"{_STOCKS}/{stock_id}?{_BY_CREATOR}")["status"] != status
        if status != "running":
            asker.sandbox.advance(1)
        _become(asker, stock_id, what)
        if what == "start":
            _become(asker, stock_id, what)
            assert asker.refused("POST", f"{_STOCKS}/{stock_id}/restart", body).startswith("403")
            _send(asker, stock_id)
        elif status != "running":
            refused = asker.refused("POST", gift, _gift(stock_id, "gift2"))
            assert refused == "403 REQUEST_BLOCKED"
    found = asker.get(f"{_STOCKS}/{stock_id}?{_BY_CREATOR}")
    assert (found["status"], found["distributed_coupons"]) == ("stoped", 1)
    assert found["stock_use_rule"]["fixed_normal_coupon"]["coupon_amount"] == 300
    for what in ("start", "pause", "stop"):
        path = f"{_STOCKS}/{stock_id}/{what}"
        assert asker.refused("POST", path, body) == "403 REQUEST_BLOCKED"
    missing = f"{_STOCKS}/{stock_id}?stock_creator_mchid=1230000109"
    assert asker.refused("GET", missing) == "404 RESOURCE_NOT_EXISTS"


def test_stocks_are_listed(asker: Asker) -> None:
    """By whose they are, where they are, and when they were made."""
    first = _stock(asker, use={"goods_tag": ["tea"]})
    second = _stock(asker, out_request_no="stock2", start=False)
    path = f"{_STOCKS}?offset=0&limit=1&{_BY_CREATOR}"
    assert asker.get(path)["total_count"] == 2
    assert asker.get(path)["data"][0]["stock_use_rule"]["goods_tag"] == ["tea"]
    (running,) = asker.get(f"{path}&status=running")["data"]
    assert running["stock_id"] == first
    (second_page,) = asker.get(path.replace("offset=0", "offset=1"))["data"]
    assert second_page["stock_id"] == second
    late = "create_start_time=2026-01-02T00:00:00%2B08:00"
    assert "data" not in asker.get(f"{path}&{late}")
    early = "create_end_time=2026-01-02T00:00:00%2B08:00"
    assert asker.get(f"{path}&{early}")["total_count"] == 2


def test_budget_of_a_prepaid_stock_is_locked(asker: Asker) -> None:
    """Started it leaves the account, stopped the rest comes back; without cover it is refused."""
    stock_id = _stock(asker, start=False)
    asker.sandbox.set_balance("BASIC", 4999)
    body = {"stock_creator_mchid": OWN}
    assert asker.refused("POST", f"{_STOCKS}/{stock_id}/start", body) == "403 NOT_ENOUGH"
    asker.sandbox.top_up("BASIC", 1)
    _become(asker, stock_id, "start")
    assert asker.balance() == (-OPENING, 0)
    _become(asker, stock_id, "start")
    _send(asker, stock_id)
    _buy(asker, "order-0001")
    assert asker.balance() == (994 - OPENING, 0)  # with a prepaid coupon the merchant gets it all
    _become(asker, stock_id, "stop")
    assert asker.balance() == (994 + 4700 - OPENING, 0)
    _refund(asker, "refund1", 1000)
    assert asker.balance() == (5000 - OPENING, 0)


def test_coupons_are_sent_within_limits(asker: Asker) -> None:
    """Once for each number, as many for each user as the stock allows, and all in its time."""
    stock_id = _stock(asker, limits={"max_coupons": 2, "max_coupons_per_user": 1})
    coupon_id = _send(asker, stock_id)
    assert _send(asker, stock_id) == coupon_id
    path = f"{_BASE}/users/{CUSTOMER}/coupons"
    assert asker.refused("POST", path, _gift(stock_id, "gift2")) == "403 RULE_LIMIT"
    other = f"{_BASE}/users/osomebody/coupons"
    asker.post(other, _gift(stock_id, "gift3"))
    another = f"{_BASE}/users/oanother/coupons"
    assert asker.refused("POST", another, _gift(stock_id, "gift4")) == "403 NOT_ENOUGH"
    assert asker.refused("POST", path, _gift("nothing", "gift9")) == "404 RESOURCE_NOT_EXISTS"
    late = _stock(asker, out_request_no="s2", available_begin_time="2026-01-02T00:00:00+08:00")
    assert asker.refused("POST", path, _gift(late, "gift5")) == "403 REQUEST_BLOCKED"
    assert asker.refused("GET", f"{other}/{coupon_id}?appid=wx") == "404 RESOURCE_NOT_EXISTS"


@pytest.mark.parametrize(
    ("openid", "change", "refusal"),
    [
        (CUSTOMER, {"appid": "ax"}, "400 APPID_MCHID_NOT_MATCH 270079507"),
        ("nobody", {}, "400 PARAM_ERROR 270079498"),
        ("ofriend", {"appid": "wx2"}, "400 PARAM_ERROR 270079501"),
        (CUSTOMER, {"stock_creator_mchid": SUB}, "403 NO_AUTH 270079508"),
        (CUSTOMER, {"stock_id": "1"}, "404 RESOURCE_NOT_EXISTS 270079488"),
    ],
)
def test_why_a_coupon_is_not_sent(
    asker: Asker, openid: str, change: dict[str, str], refusal: str
) -> None:
    """The code says what is wrong, and WeChat Pay's own number says it exactly."""
    stock_id = _stock(asker)
    path = f"{_BASE}/users/ofriend/coupons"
    asker.post(path, _gift(stock_id, "gift0"))
    path = f"{_BASE}/users/{openid}/coupons"
    answer = asker.answer("POST", path, {**_gift(stock_id), **change})
    internal = dict(answer.headers)["Request-ID"].rpartition("-")[2]
    assert f"{answer.status} {read(answer)['code']} {internal}" == refusal


@pytest.mark.parametrize("moment", ["2025-12-01", "2025-13-01T00:00:00+08:00"])
def test_times_are_times(asker: Asker, moment: str) -> None:
    """What is not a time is refused."""
    body = {**_STOCK, "available_begin_time": moment}
    assert asker.refused("POST", f"{_BASE}/coupon-stocks", body) == "400 PARAM_ERROR"


@pytest.mark.parametrize("no_cash", [False, True])
def test_coupon_is_taken_off_a_payment(asker: Asker, no_cash: bool) -> None:
    """Order, notification and coupon tell of it; only a prepaid one is paid to the merchant."""
    asker.post(f"{_BASE}/callbacks", {"mchid": OWN, "notify_url": "https://shop.example/c"})
    coupon_id = _send(asker, _stock(asker, no_cash=no_cash))
    assert _coupon(asker, coupon_id)["status"] == "SENDED"
    found = _buy(asker, "order-0001")
    assert (found["amount"]["total"], found["amount"]["payer_total"]) == (1000, 700)
    (promotion,) = found["promotion_detail"]
    assert (promotion["coupon_id"], promotion["amount"]) == (coupon_id, 300)
    assert promotion["type"] == ("NOCASH" if no_cash else "CASH")
    (told,) = asker.told("TRANSACTION.SUCCESS")
    assert told["promotion_detail"] == found["promotion_detail"]
    used = _coupon(asker, coupon_id)
    assert used["status"] == "USED"
    assert used["consume_information"]["transaction_id"] == found["transaction_id"]
    (told,) = asker.told("COUPON.USE")
    assert (told["coupon_id"], told["consume_information"]["consume_amount"]) == (coupon_id, 300)
    budget = 0 if no_cash else 5000
    assert asker.balance() == ((696 if no_cash else 994) - budget, 0)
    assert _buy(asker, "order-0002")["promotion_detail"] == []  # it is used


@pytest.mark.parametrize(
    ("use", "change", "fits"),
    [
        ({}, {"amount": {"total": 999, "currency": "CNY"}}, False),
        ({"goods_tag": ["WXG"]}, {}, False),
        ({"goods_tag": ["WXG"]}, {"goods_tag": "WXG"}, True),
        ({"available_merchants": ["1230000109"]}, {}, False),
        ({"available_items": ["shirt"]}, {}, False),
        (
            {"available_items": ["shirt"]},
            {
                "detail": {
                    "goods_detail": [
                        {"merchant_goods_id": "shirt", "quantity": 1, "unit_price": 1000}
                    ]
                }
            },
            True,
        ),
        (
            {"coupon_available_time": {"available_begin_time": _TOMORROW}},
            {},
            False,
        ),
    ],
)
def test_coupon_has_to_fit(
    asker: Asker, use: dict[str, Any], change: dict[str, Any], fits: bool
) -> None:
    """Amount, tag, merchant, goods and time decide whether it is taken off."""
    _send(asker, _stock(asker, use=use))
    asker.post(NATIVE[1:], {**ORDER, "amount": {"total": 1000, "currency": "CNY"}, **change})
    promotions = asker.sandbox.pay(ORDER["out_trade_no"])["promotion_detail"]
    assert bool(promotions) == fits


def test_best_coupon_is_taken_and_something_is_left_to_pay(asker: Asker) -> None:
    """Of several, the one that takes off the most; a price is lowered, but never to nothing."""
    _send(asker, _stock(asker))
    lowered = {"exchange_coupon": {"exchange_price": 0, "transaction_minimum": 1000}}
    stock_id = _stock(asker, out_request_no="s2", stock_type="EXCHANGE", use=lowered)
    coupon_id = _send(asker, stock_id, "gift2")
    told = _coupon(asker, coupon_id)
    assert (told["coupon_type"], told["cut_to_message"]["cut_to_price"]) == ("CUT_TO", 0)
    found = _buy(asker, "order-0001")
    assert found["amount"]["payer_total"] == 1
    assert found["promotion_detail"][0]["coupon_id"] == coupon_id
    assert _buy(asker, "order-0002")["amount"]["payer_total"] == 700


def test_sender_may_say_what_it_is_worth(asker: Asker) -> None:
    """A coupon may have a value and a minimum of its own."""
    coupon_id = _send(asker, _stock(asker), coupon_value=50, coupon_minimum=60)
    terms = _coupon(asker, coupon_id)["normal_coupon_information"]
    assert terms == {"coupon_amount": 50, "transaction_minimum": 60}
    assert _buy(asker, "order-0001", 60)["amount"]["payer_total"] == 10


def test_budget_ends(asker: Asker) -> None:
    """What the budget does not cover is not taken off."""
    _send(asker, _stock(asker, limits={"max_amount": 299}))
    assert _buy(asker, "order-0001")["promotion_detail"] == []


def test_coupons_expire(asker: Asker) -> None:
    """After its time a coupon is expired, and is not taken off any more."""
    coupon_id = _send(asker, _stock(asker))
    asker.sandbox.advance(30 * _DAY)
    assert _coupon(asker, coupon_id)["status"] == "EXPIRED"
    assert _buy(asker, "order-0001")["promotion_detail"] == []


def test_coupons_of_a_user_are_listed(asker: Asker) -> None:
    """By state, stock, creator and merchant, in pages."""
    stock_id = _stock(asker)
    for number in ("gift1", "gift2"):
        _send(asker, stock_id, number)
    _buy(asker, "order-0001")
    path = f"{_BASE}/users/{CUSTOMER}/coupons?appid=wx"
    assert asker.get(path)["total_count"] == 2
    counts = {
        "status=SENDED": 1,
        "status=USED": 1,
        f"stock_id={stock_id}": 2,
        "stock_id=nothing": 0,
        f"creator_mchid={OWN}": 2,
        "creator_mchid=1": 0,
        f"available_mchid={OWN}": 2,
        "available_mchid=1": 0,
    }
    for query, count in counts.items():
        assert asker.get(f"{path}&{query}")["total_count"] == count, query


def test_where_and_for_what_a_stock_is_good(asker: Asker) -> None:
    """Its merchants and goods are told; goods can be changed."""
    stock_id = _stock(asker, use={"available_items": ["shirt"]})
    page = f"?offset=0&limit=9&{_BY_CREATOR}"
    assert asker.get(f"{_STOCKS}/{stock_id}/merchants{page}")["data"] == [OWN]
    change = {"add_goods_id_list": ["hat"], "delete_goods_id_list": ["shirt"]}
    asker.post(f"{_STOCKS}/{stock_id}/modify-goods-id", change)
    assert asker.get(f"{_STOCKS}/{stock_id}/items{page}")["data"] == ["hat"]


def test_refund_example_of_the_documentation(asker: Asker) -> None:
    """Of 10 yuan, a coupon of 3 and 7 paid, a refund of 9 pays back 6.30."""
    _send(asker, _stock(asker, no_cash=True))
    _buy(asker, "order-0001")
    said = _refund(asker, "refund1", 900)["amount"]
    assert (said["payer_total"], said["payer_refund"]) == (700, 630)
    assert (said["discount_refund"], said["refund"]) == (270, 900)
    assert (said["settlement_total"], said["settlement_refund"]) == (700, 630)
    rest = _refund(asker, "refund2", 100)
    assert rest["amount"]["payer_refund"] == 70
    (promotion,) = rest["promotion_detail"]
    assert (promotion["type"], promotion["amount"], promotion["refund_amount"]) == (
        "NOCASH",
        300,
        30,
    )
    assert asker.balance() == (0, 0)


def test_refund_that_is_closed_gives_nothing_back(asker: Asker) -> None:
    """What was to go back to customer and coupon can be refunded again."""
    stock_id = _stock(asker)
    _send(asker, stock_id)
    _buy(asker, "order-0001")
    _refund(asker, "refund1", 1000, reason="CLOSED")
    assert _refund(asker, "refund2", 1000)["amount"]["payer_refund"] == 700
    amount = {"refund": 1, "total": 1000, "currency": "CNY"}
    body = {"out_trade_no": "order-0001", "out_refund_no": "refund3", "amount": amount}
    assert asker.refused("POST", "v3/refund/domestic/refunds", body).startswith("400")
    _become(asker, stock_id, "stop")
    assert asker.balance() == (0, 0)


def test_only_what_the_merchant_gets_is_shared(asker: Asker) -> None:
    """Of 10 yuan with a coupon of 3 that was not prepaid, 7 can be shared."""
    _send(asker, _stock(asker, no_cash=True))
    paid = _buy(asker, "order-0001", settle_info={"profit_sharing": True})
    path = f"v3/profitsharing/transactions/{paid['transaction_id']}/amounts"
    assert asker.get(path)["unsplit_amount"] <= 700
    assert asker.balance() == (-4, 700)


def test_reversed_payment_gives_the_coupon_back(asker: Asker) -> None:
    """A payment with a payment code that is reversed leaves the budget as it was."""
    stock_id = _stock(asker)
    _send(asker, stock_id)
    names = ("appid", "mchid", "description", "out_trade_no")
    body = {name: ORDER[name] for name in names} | {"amount": {"total": 1000, "currency": "CNY"}}
    body |= {
        "payer": {"auth_code": "130061098828009401"},
        "scene_info": {"store_info": {"id": "1"}},
    }
    said = asker.post("v3/pay/transactions/codepay", body)
    assert said["amount"]["payer_total"] == 700
    path = f"v3/pay/transactions/out-trade-no/{ORDER['out_trade_no']}/reverse"
    asker.post(path, {"appid": ORDER["appid"], "mchid": OWN})
    _become(asker, stock_id, "stop")
    assert asker.balance() == (0, 0)


def test_combined_orders_have_coupons(asker: Asker) -> None:
    """Of a combined order, each part tells what was taken off it."""
    _send(asker, _stock(asker))
    subs = [
        {
            "mchid": OWN,
            "attach": "x",
            "amount": {"total_amount": fen, "currency": "CNY"},
            "out_trade_no": f"part-{fen}",
            "description": "x",
        }
        for fen in (500, 1000)
    ]
    body: dict[str, Any] = {"combine_appid": "wx", "combine_mchid": OWN, "sub_orders": subs}
    body |= {"combine_out_trade_no": "combined1", "notify_url": ORDER["notify_url"]}
    asker.post("v3/combine-transactions/native", body)
    first, second = asker.sandbox.pay("combined1")["sub_orders"]
    assert (first["amount"]["payer_amount"], second["amount"]["payer_amount"]) == (500, 700)
    assert len(second["promotion_detail"]) == 1


@pytest.mark.parametrize("no_cash", [False, True])
def test_bills_tell_of_coupons(asker: Asker, no_cash: bool) -> None:
    """Trade bills have what was taken off, and what the merchant gets and gives back."""
    _send(asker, _stock(asker, no_cash=no_cash))
    _buy(asker, "order-0001")
    _refund(asker, "refund1", 1000)
    asker.sandbox.advance(2 * _DAY)
    trades = bill.trades(Bills(asker.sandbox.world).trades("2026-01-01", "ALL", OWN)[1])
    paid, back = sorted(trades, key=lambda row: row.trade_state, reverse=True)
    due, whole, off = Decimal(7 if no_cash else 10), Decimal(10), Decimal(3)
    assert (paid.order_amount, paid.settlement_amount, paid.coupon_amount) == (whole, due, off)
    assert (back.applied_refund_amount, back.refund_amount) == (whole, due)
    assert back.coupon_refund_amount == (0 if no_cash else 3)
    assert trades.summary.fee == 0


def test_files_of_uses_and_refunds(asker: Asker) -> None:
    """What was used and refunded of a stock is in files, of all days or of one."""
    stock_id = _stock(asker)
    one = f"{_STOCKS}/{stock_id}"
    kinds = ("use", "refund")
    for kind in kinds:
        assert asker.refused("GET", f"{one}/{kind}-flow") == "404 RESOURCE_NOT_EXISTS"
    coupon_id = _send(asker, stock_id)
    _buy(asker, "order-0001")
    _refund(asker, "refund0", 1, reason="PROCESSING")
    _refund(asker, "refund1", 999)
    for kind in kinds:
        said = asker.get(f"{one}/{kind}-flow")
        url = urlsplit(str(said["url"]))
        rows = asker.answer("GET", f"{url.path[1:]}?{url.query}").body.decode().splitlines()
        assert [row.split(",")[1] for row in rows[1:]] == [f"`{coupon_id}"]
        by_day = f"{one}/{kind}-flow-by-day?bill_date="
        assert asker.get(f"{by_day}2026-01-01")[f"stock_{kind}flow_count"] == "1"
        assert asker.refused("GET", f"{by_day}2026-01-02") == "404 RESOURCE_NOT_EXISTS"


def test_address_for_uses(asker: Asker) -> None:
    """It is told when it was set; switched off, nobody is told of uses."""
    path = f"{_BASE}/callbacks"
    assert asker.refused("GET", f"{path}?mchid={OWN}") == "404 RESOURCE_NOT_EXISTS"
    url = "https://shop.example/coupons"
    asker.post(path, {"mchid": OWN, "notify_url": url, "switch": False})
    assert asker.get(f"{path}?mchid={OWN}")["notify_url"] == url
    _send(asker, _stock(asker))
    _buy(asker, "order-0001")
    assert asker.told("COUPON.USE") == []


def test_old_dialect_sends_coupons(asker: Asker) -> None:
    """APIv2's calls are about the same stocks and coupons, with times in seconds since 1970."""
    stock_id = _stock(asker)
    till = Till(asker.sandbox)
    whose = {"coupon_stock_id": stock_id, "appid": "wx"}
    send = {**whose, "openid_count": 1, "partner_trade_no": "gift1", "openid": CUSTOMER}
    sent = till.ask("/mmpaymkttransfers/send_coupon", **send)
    assert (sent["ret_code"], sent["success_count"]) == ("SUCCESS", "1")
    assert till.ask("/mmpaymkttransfers/send_coupon", **send) == sent
    found = till.ask("/mmpaymkttransfers/query_coupon_stock", **whose)
    assert (found["coupon_stock_status"], found["is_send_num"]) == ("4", "1")
    assert (found["coupon_value"], found["create_time"]) == ("300", str(int(NOON)))
    query = {"coupon_id": sent["coupon_id"], "openid": CUSTOMER, "appid": "wx"}
    told: list[tuple[str, ...]] = []
    names = ("coupon_state", "coupon_remain_value", "coupon_use_value")
    for _ in range(2):
        said = till.ask("/mmpaymkttransfers/querycouponsinfo", stock_id=stock_id, **query)
        told.append(tuple(said[name] for name in names))
        _buy(asker, f"order-{len(told):04d}")
    assert told == [("SENDED", "300", "0"), ("USED", "0", "300")]
    other = till.ask("/mmpaymkttransfers/querycouponsinfo", stock_id="1", **query)
    assert refused(other)[0] == "RESOURCE_NOT_EXISTS"


@pytest.mark.parametrize("no_cash", [False, True])
def test_old_dialect_tells_of_coupons(asker: Asker, no_cash: bool) -> None:
    """Under APIv2 the same payment and its refunds have APIv2's fields for coupons."""
    coupon_id = _send(asker, _stock(asker, no_cash=no_cash))
    till = Till(asker.sandbox)
    till.place(out_trade_no="order-0001", total_fee="1000")
    asker.sandbox.pay("order-0001")
    found = till.query(out_trade_no="order-0001")
    assert (found["total_fee"], found["cash_fee"], found["coupon_fee"]) == ("1000", "700", "300")
    assert found["settlement_total_fee"] == ("700" if no_cash else "1000")
    kind = "NO_CASH" if no_cash else "CASH"
    assert (found["coupon_type_0"], found["coupon_id_0"]) == (kind, coupon_id)
    asked = {"out_trade_no": "order-0001", "out_refund_no": "r1", "total_fee": "1000"}
    back = till.refund(**asked, refund_fee="900")
    assert (back["cash_refund_fee"], back["coupon_refund_fee"]) == ("630", "270")


_fen = st.integers(1, 10**6)


@given(
    paid=_fen,
    off=st.lists(_fen, max_size=3),
    cuts=st.lists(st.floats(0, 1), max_size=6),
)
def test_no_fen_is_made_or_lost(paid: int, off: list[int], cuts: list[float]) -> None:
    """However an order is refunded in parts, all of it goes back where it came from, exactly."""
    total = left = paid + sum(off)
    before: list[Shares] = []
    for part in [*(max(int(total * cut), 1) for cut in cuts), total]:
        refund = min(part, left)
        if not refund:
            break
        made = shares(refund, paid, off, before)
        assert made.customer + sum(made.promotions) == refund
        assert min(made.customer, *made.promotions, 0) == 0
        if not before and refund < total:  # what comes later is bound by what is left
            exact = refund * paid / total
            assert abs(made.customer - exact) <= 0.5
        before.append(made)
        left -= refund
    assert sum(each.customer for each in before) == paid
    for index, amount in enumerate(off):
        assert sum(each.promotions[index] for each in before) == amount
