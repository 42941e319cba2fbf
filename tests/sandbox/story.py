"""A shop's busy day, for the page to show: something of everything."""

from __future__ import annotations

import json
from typing import Any

from wechatpay.sandbox import Sandbox

from . import story_money
from .merchant import BY_NUMBER, NATIVE, ORDER, Merchant, read
from .old_shop import Till

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}"
"""What nobody would call their goods."""
PAID, WAITING, ASKED, CLOSED, HOSTILE = (
    "paid-0001",
    "waiting-0002",
    "asked-0003",
    "shut-0004",
    "h-0005",
)
JSAPI, COMBINED, PARTNER, TAKEN = "jsapi-0006", "combined-0007", "partner-0008", "failed-0009"
REFUND, LATE_REFUND, TRANSFER, SHARE = "refund-0001", "refund-0002", "transfer0001", "share-0001"
SERVICES = ("service-0001", "service-0002", "service-0003")

OLD = "old-0010"

_PARTNER = "/v3/pay/partner/transactions/native"
_SERVICE: dict[str, Any] = {
    "appid": ORDER["appid"],
    "service_id": "500001",
    "service_introduction": "某某酒店",
    "time_range": {"start_time": "20991225091010"},
    "risk_fund": {"name": "DEPOSIT", "amount": 10000},
    "notify_url": "https://shop.example/notify",
}


class Shop:
    """What a merchant does; whatever is refused is a failure of the test.

    Args:
        sandbox: Where.
        url: Where it wants to be notified.
    """

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.sandbox = sandbox
        self.merchant = Merchant(sandbox.config)
        self.url = url

    def call(self, method: str, target: str, payload: object = None, **claims: str) -> Any:
        """Ask for something, and return what is answered."""
        answer = self.merchant.call(self.sandbox.gateway, method, target, payload, **claims)
        assert answer.status in (200, 204), answer.body
        return read(answer) if answer.body else None

    def order(self, number: str, path: str = NATIVE, **change: object) -> Any:
        """Place an order."""
        placed = {**ORDER, "out_trade_no": number, "notify_url": self.url, **change}
        if "sp_mchid" in placed:
            del placed["appid"], placed["mchid"]
        return self.call("POST", path, placed)

    def refund(self, number: str, reason: str, order: str = PAID) -> None:
        """Refund a part of an order that was paid."""
        amount = {"refund": 10, "total": 100, "currency": "CNY"}
        asked = {"out_trade_no": order, "out_refund_no": number, "reason": reason}
        asked |= {"notify_url": self.url}
        self.call("POST", "/v3/refund/domestic/refunds", {**asked, "amount": amount})

    def charge(self, number: str, auth_code: str) -> None:
        """Charge with a payment code."""
        asked = {name: ORDER[name] for name in ("appid", "mchid", "description", "amount")}
        payer, scene = {"auth_code": auth_code}, {"store_info": {"id": "0001"}}
        asked |= {"out_trade_no": number, "payer": payer, "scene_info": scene}
        self.call("POST", "/v3/pay/transactions/codepay", asked)

    def combine(self, number: str) -> None:
        """Place two orders that are paid together."""
        subs = [
            {
                "mchid": "1900000109",
                "attach": "深圳分店",
                "amount": {"total_amount": fen, "currency": "CNY"},
                "out_trade_no": f"{number}-{fen}",
                "description": "腾讯充值中心-QQ会员充值",
            }
            for fen in (10, 20)
        ]
        asked = {"combine_appid": ORDER["appid"], "combine_mchid": "1900000109"}
        asked |= {"combine_out_trade_no": number, "notify_url": self.url}
        self.call("POST", "/v3/combine-transactions/native", {**asked, "sub_orders": subs})

    def share(self) -> None:
        """Share the order that was paid, with a shop and with somebody."""
        number = self.call("GET", f"{BY_NUMBER.format(PAID)}?mchid=1900000109")["transaction_id"]
        base, appid = "/v3/profitsharing", {"appid": ORDER["appid"]}
        known = {"type": "MERCHANT_ID", "account": "1230000109"}
        somebody = {"type": "PERSONAL_OPENID", "account": "o"}
        for each in (known, somebody):
            self.call("POST", f"{base}/receivers/add", {**appid, **each, "relation_type": "STORE"})
        receivers = [
            {**known, "amount": 10, "description": "分给门店"},
            {**somebody, "amount": 1, "description": EVIL[:80]},
        ]
        asked = {**appid, "transaction_id": number, "out_order_no": SHARE}
        asked |= {"unfreeze_unsplit": False, "receivers": receivers}
        self.call("POST", f"{base}/orders", asked)
        back = {"out_order_no": SHARE, "out_return_no": "back-0001", "return_mchid": "1230000109"}
        self.call("POST", f"{base}/return-orders", {**back, "amount": 5, "description": "回退"})

    def transfer(self, number: str = TRANSFER) -> None:
        """Ask for a transfer."""
        asked = {
            "appid": ORDER["appid"],
            "out_bill_no": number,
            "transfer_scene_id": "1000",
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "transfer_amount": 1234,
            "transfer_remark": "新会员开通有礼",
            "notify_url": self.url,
            "transfer_scene_report_infos": [
                {"info_type": "活动名称", "info_content": "有礼"},
                {"info_type": "奖励说明", "info_content": "注册会员抽奖"},
            ],
        }
        self.call("POST", "/v3/fund-app/mch-transfer/transfer-bills", asked)

    def serve(self) -> None:
        """Have three service orders: one to be confirmed, one in use, one to be paid."""
        for number in SERVICES:
            asked = {**_SERVICE, "out_order_no": number, "need_user_confirm": True}
            self.call("POST", "/v3/payscore/serviceorder", asked)
        for number in SERVICES[1:]:
            self.sandbox.confirm_service_order(number)
        done = {"appid": ORDER["appid"], "service_id": "500001", "total_amount": 400}
        done |= {"post_payments": [{"name": "就餐费用", "amount": 400}]}
        self.call("POST", f"/v3/payscore/serviceorder/{SERVICES[2]}/complete", done)

    def err(self) -> None:
        """Sign wrongly in two ways, send too little, and use APIv2."""
        gateway, target = self.sandbox.gateway, BY_NUMBER.format(PAID)
        headers = self.merchant.headers("GET", target)
        gateway.handle("GET", f"{target}?mchid=1900000109".encode(), headers)
        payload = {**ORDER, "out_trade_no": "never-was-0010"}
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers = self.merchant.headers("POST", NATIVE, json.dumps(payload).encode())
        gateway.handle("POST", NATIVE.encode(), headers, body)
        self.merchant.call(gateway, "GET", f"{target}?mchid=1900000109", serial="unknown")
        self.merchant.call(gateway, "GET", f"{target}?mchid=1900000109", timestamp="1")
        gateway.handle("POST", b"/pay/unifiedorder", [(b"User-Agent", b"x")], b"<xml></xml>")
        gateway.handle("GET", b"/v3/nowhere", [], b"\xff\xfe")


def tell(sandbox: Sandbox, url: str) -> Shop:
    """Let it all happen.

    Args:
        sandbox: Where.
        url: Where the shop wants to be notified.
    """
    shop = Shop(sandbox, url)
    shop.order(PAID, settle_info={"profit_sharing": True})
    sandbox.pay(PAID)
    shop.refund(REFUND, "破损")
    sandbox.advance(61)
    shop.order(WAITING)
    shop.charge(ASKED, "130000000000000000")
    shop.charge(TAKEN, "130000000000000009")
    shop.order(CLOSED)
    shop.call("POST", f"{BY_NUMBER.format(CLOSED)}/close", {"mchid": "1900000109"})
    shop.order(HOSTILE, description=EVIL, attach=EVIL, notify_url="https://shop.example/x")
    payer = {"openid": "o-customer"}
    shop.order(JSAPI, "/v3/pay/transactions/jsapi", payer=payer)
    shop.combine(COMBINED)
    partner = {"sp_appid": ORDER["appid"], "sp_mchid": "1900000109", "sub_mchid": "1230000109"}
    shop.order(PARTNER, _PARTNER, **partner)
    sandbox.pay(PARTNER)
    Till(sandbox).place(out_trade_no=OLD, body=EVIL[:40], notify_url=url)
    sandbox.pay(OLD)
    shop.refund(LATE_REFUND, "PROCESSING")
    shop.share()
    shop.transfer()
    shop.serve()
    sandbox.authorize("agreed-0001")
    sandbox.complain(PAID, EVIL, refund=True)
    story_money.tell(sandbox, shop.call)
    shop.err()
    sandbox.fault("get", "v3/certificates", "delay", seconds=0)
    sandbox.settle()
    return shop
