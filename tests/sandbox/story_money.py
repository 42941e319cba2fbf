"""What a merchant does with its money on a busy day, for the page to show."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from wechatpay.sandbox import Refusal, Sandbox
from wechatpay.sandbox._families.accounts.withdrawals import Withdrawals
from wechatpay.sandbox._families.applyments import Applications
from wechatpay.sandbox._families.ecommerce import Applyments

Call = Callable[..., Any]
COUPON_ORDER = "coupon-0001"


def tell(sandbox: Sandbox, call: Call) -> None:
    """Let it all happen.

    Args:
        sandbox: Where.
        call: Asks for something, and returns what is answered.
    """
    accounts(sandbox, call)
    transfers(sandbox, call)
    coupons(sandbox, call)
    applications(sandbox)
    vouchers(sandbox, call)
    product_coupons(sandbox, call)


def accounts(sandbox: Sandbox, call: Call) -> None:
    """Have withdrawals and top-ups of every state."""
    for number in ("withdrawn0001", "withdrawn0002", "withdrawn0003", "withdrawn0004"):
        asked: dict[str, Any] = {"out_request_no": number, "amount": 12345, "account_type": "BASIC"}
        call("POST", "/v3/merchant/fund/withdraw", asked)
    sandbox.end_withdrawal("withdrawn0002", "SUCCESS")
    sandbox.end_withdrawal("withdrawn0003", "FAIL")
    sandbox.end_withdrawal("withdrawn0004", "SUCCESS")
    sandbox.return_withdrawal("withdrawn0004")
    for number in ("withdrawn0005", "withdrawn0006"):
        with contextlib.suppress(Refusal):
            Withdrawals(sandbox.world).ask({"out_request_no": number, "amount": 10**10})
    sandbox.end_withdrawal("withdrawn0006", "CLOSE")
    for number in ("recharge-0001", "recharge-0002"):
        asked = {"out_recharge_no": number, "recharge_scene": "NORMAL_BANK_TRANSFER"}
        asked |= {"account_type": "OPERATION", "recharge_amount": {"amount": 5000}}
        call("POST", "/v3/recharge/bank-transfer-recharges/apply", asked)
    sandbox.complete_recharge("recharge-0002")
    sandbox.top_up("DEPOSIT", 100, "1230000109")


def transfers(sandbox: Sandbox, call: Call) -> None:
    """Have agreements and permissions of every state, and an old batch."""
    base = "/v3/fund-app/mch-transfer"
    for number in ("agreed0001", "agreed0002", "agreed0003"):
        asked = {"out_authorization_no": number, "appid": "wx", "openid": f"o{number}"}
        asked |= {"user_display_name": "骑手小王", "transfer_scene_id": "1005"}
        call("POST", f"{base}/user-confirm-authorization", asked)
    for number in ("agreed0002", "agreed0003"):
        sandbox.confirm_transfer_authorization(number)
    sandbox.end_transfer_authorization("agreed0003")
    for number in ("1230000109", "1230000110"):
        asked = {"sub_mchid": number, "out_apply_no": "invited0001"}
        call("POST", f"{base}/partner/sub-mch-authorizations", asked)
    sandbox.answer_transfer_permit("1230000110")
    sandbox.allow_old_transfers()
    part = {"out_detail_no": "detail0001", "transfer_amount": 100, "openid": "o-old"}
    batch: dict[str, Any] = {"appid": "wx", "out_batch_no": "batch0001", "batch_name": "报销"}
    batch |= {"batch_remark": "报销", "total_amount": 100, "total_num": 1}
    batch["transfer_detail_list"] = [{**part, "transfer_remark": "报销"}]
    call("POST", "/v3/transfer/batches", batch)


def coupons(sandbox: Sandbox, call: Call) -> None:
    """Have stocks of every state, coupons that are used and not, and an order with one."""
    own, base = sandbox.world.keys.mchid, "/v3/marketing/favor"
    openid = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
    amounts = {"coupon_amount": 30, "transaction_minimum": 100}
    rule = {"max_coupons": 9, "max_amount": 900, "max_coupons_per_user": 9}
    rule |= {"natural_person_limit": False, "prevent_api_abuse": False}
    for n in range(4):
        asked: dict[str, Any] = {"stock_name": f"满一元减三角 {n}", "no_cash": n == 1}
        asked |= {"belong_merchant": own, "stock_type": "NORMAL", "stock_use_rule": rule}
        asked |= {"available_begin_time": "2020-01-01T00:00:00+08:00"}
        asked |= {"available_end_time": "2099-01-01T00:00:00+08:00"}
        asked["coupon_use_rule"] = {"fixed_normal_coupon": amounts, "goods_tag": ["tea"]}
        made = call("POST", f"{base}/coupon-stocks", {**asked, "out_request_no": f"stock-{n}"})
        one, who = f"{base}/stocks/{made['stock_id']}", {"stock_creator_mchid": own}
        for what in ("start", "pause", "stop")[:n]:
            call("POST", f"{one}/{what}", who)
        if n == 1:
            for gift in ("gift-1", "gift-2"):
                asked = {"stock_id": made["stock_id"], "appid": "wx", **who}
                asked["out_request_no"] = gift
                call("POST", f"{base}/users/{openid}/coupons", asked)
    order: dict[str, Any] = {"appid": "wxd678efh567hg6787", "mchid": own, "goods_tag": "tea"}
    order |= {"description": "一杯茶", "out_trade_no": COUPON_ORDER}
    order |= {"notify_url": "https://shop.example/notify", "amount": {"total": 100}}
    call("POST", "/v3/pay/transactions/native", order)
    sandbox.pay(COUPON_ORDER)


def applications(sandbox: Sandbox) -> None:
    """Have applications of every state."""
    known = Applyments(sandbox.world)
    for n in range(8):
        account = {"bank_account_type": "74", "account_number": "6222021234"}
        account |= {"account_bank": "工商银行", "account_name": "测试公司"}
        asked = {"out_request_no": f"applied-{n}", "organization_type": "2"}
        known.apply({**asked, "account_info": account, "merchant_shortname": f"测试店铺 {n}"})
        for _ in range(n if n < 5 else 0):
            sandbox.step_applyment(f"applied-{n}")
    sandbox.step_applyment("applied-5", "REJECTED", "id_card_copy", "看不清")
    sandbox.step_applyment("applied-6", "FROZEN")
    known.revoke(known.find("applied-7"))
    others = Applications(sandbox.world)
    for n in range(6):
        account = {"bank_account_type": "", "account_number": "6222021234"}
        business = {"merchant_shortname": f"测试店铺 {n}"}
        named: dict[str, Any] = {"business_code": f"partner-{n}", "business_info": business}
        others.apply({**named, "bank_account_info": account})
        for _ in range(n if n < 5 else 0):
            sandbox.step_application(f"partner-{n}")
    sandbox.step_application("partner-5", rejected=True, field="id_card_copy", reason="看不清")


def vouchers(sandbox: Sandbox, call: Call) -> None:
    """Have a merchant's own coupons in every state."""
    base = "/v3/marketing/busifavor"
    times = {"available_begin_time": "2020-01-01T00:00:00+08:00"}
    times |= {"available_end_time": "2099-01-01T00:00:00+08:00"}
    amounts = {"discount_amount": 100, "transaction_minimum": 200}
    rule = {"coupon_available_time": times, "fixed_normal_coupon": amounts}
    asked: dict[str, Any] = {"stock_name": "八月一日活动券", "goods_name": "填充物"}
    asked |= {"belong_merchant": sandbox.world.keys.mchid, "stock_type": "NORMAL"}
    asked |= {"coupon_use_rule": {**rule, "use_method": "OFF_LINE"}}
    asked |= {"stock_send_rule": {"max_coupons": 9, "max_coupons_per_user": 9}}
    asked |= {"out_request_no": "vouchers-1", "coupon_code_mode": "WECHATPAY_MODE"}
    stock_id = call("POST", f"{base}/stocks", asked)["stock_id"]
    codes = [sandbox.receive_voucher(stock_id) for _ in range(3)]
    used = {"coupon_code": codes[0], "appid": "wx", "use_request_no": "used-1"}
    used |= {"use_time": "2026-01-01T00:00:00+08:00"}
    call("POST", f"{base}/coupons/use", used)
    void = {"coupon_code": codes[1], "stock_id": stock_id, "deactivate_request_no": "void-1"}
    call("POST", f"{base}/coupons/deactivate", void)


def product_coupons(sandbox: Sandbox, call: Call) -> None:
    """Have coupons for products in every state, and a product that is void."""
    base = "/v3/marketing/partner/product-coupon"
    images = {"image_url": "https://shop.example/a.png", "background_url": "https://a.example/b"}
    rule: dict[str, Any] = {"normal_coupon": {"threshold": 10000, "discount_amount": 100}}
    rule["coupon_available_period"] = {"available_end_time": "2099-01-01T00:00:00+08:00"}
    stock: dict[str, Any] = {"coupon_code_mode": "WECHATPAY", "single_usage_rule": rule}
    stock |= {"stock_send_rule": {"max_count": 9}, "store_scope": "NONE"}
    shown = {"coupon_usage_method_list": ["OFFLINE"], "usage_description": "全场可用"}
    stock |= {
        "usage_rule_display_info": shown,
        "coupon_display_info": {"code_display_mode": "QRCODE"},
    }
    made: list[Any] = []
    for n in range(2):
        asked: dict[str, Any] = {"brand_id": "120344", "scope": "ALL", "type": "NORMAL"}
        asked |= {"usage_mode": "SINGLE", "out_request_no": f"product-{n}", "stock": stock}
        asked |= {"display_info": {"name": f"全场满100减{n + 1}", **images}}
        made.append(call("POST", f"{base}/product-coupons", asked))
    its = {"brand_id": "120344", "product_coupon_id": made[0]["product_coupon_id"], "appid": "wx"}
    its["stock_id"] = made[0]["stock"]["stock_id"]
    codes = [sandbox.receive_product_coupon(its["stock_id"]) for _ in range(4)]
    who = f"{base}/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons"
    for code in codes[:2]:
        call("POST", f"{who}/{code}/confirm", {**its, "out_request_no": "confirm-1"})
    used = {"use_time": "2026-01-01T00:00:00+08:00", "out_request_no": "use-0001"}
    order = {"associated_order_info": {"out_trade_no": COUPON_ORDER}}
    call("POST", f"{who}/{codes[0]}/use", {**its, **used, **order})
    void = {"out_request_no": "void-001", "deactivate_reason": "x"}
    call("POST", f"{who}/{codes[3]}/deactivate", {**its, **void})
    path = f"{base}/product-coupons/{made[1]['product_coupon_id']}/deactivate"
    call("POST", path, {"brand_id": "120344", **void})
