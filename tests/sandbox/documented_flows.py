"""The documented examples of whole families, one after the other as their pages have them."""

from __future__ import annotations

from typing import Any

from wechatpay.sandbox import Sandbox

from .asker import OWN, SUB, Asker
from .followed import Known, Step

_OPENID, _APPID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "wxd678efh567hg6787"
_BEGIN, _END = "2020-01-01T00:00:00+08:00", "2099-01-01T00:00:00+08:00"
_LASTING = {"available_begin_time": _BEGIN, "available_end_time": _END}
_GOODS = {"merchant_goods_id": "123321", "quantity": 1, "unit_price": 1000}
_TOLD = {"notify_url": "https://www.weixin.qq.com/wxpay/pay.php"}
_ANSWERED = {"complainted_mchid": SUB, "response_images": None}
USER = {"openid": _OPENID, "appid": _APPID, "sp_appid": _APPID, "sub_mchid": SUB}


def _sold(number: str = "order-0001", **change: Any) -> Step:
    """Have a sub-merchant's order paid."""

    def sell(sandbox: Sandbox, known: Known) -> Known:
        asked = {"sp_appid": _APPID, "sp_mchid": OWN, "sub_mchid": SUB, "description": "商品"}
        more = {"out_trade_no": number, "amount": {"total": 1000}, **change}
        more["notify_url"] = "https://www.weixin.qq.com/wxpay/pay.php"
        Asker(sandbox).post("v3/pay/partner/transactions/native", {**asked, **more})
        paid = sandbox.pay(number)
        return {"transaction_id": paid["transaction_id"], "out_trade_no": number}

    return sell


def _does(what: str, number: str, *more: str) -> Step:
    """Let somebody do something about what has a number."""

    def do(sandbox: Sandbox, known: Known) -> None:
        getattr(sandbox, what)(known[number], *more)

    return do


def _yesterday(sandbox: Sandbox, _: Known) -> Known:
    """Go to the next day at noon, when the bills of the one before are there."""
    day = f"{sandbox.world.clock.moment():%Y-%m-%d}"
    sandbox.advance(36 * 3600)
    return {"bill_date": day, "date": day}


def _complain(sandbox: Sandbox, known: Known) -> Known:
    return {"complaint_id": sandbox.complain(known["out_trade_no"], "东西没到", sub_mchid=SUB)}


_SCENE = {
    "transfer_scene_id": "1005",
    "transfer_scene_report_infos": [
        {"info_type": "岗位类型", "info_content": "骑手"},
        {"info_type": "报酬说明", "info_content": "配送费"},
    ],
    "user_recv_perception": "劳务报酬",
}
_FUND, _ECOM, _FAVOR = "v3/fund-app/mch-transfer", "v3/ecommerce", "v3/marketing/favor"
_BUSI, _PRODUCT = "v3/marketing/busifavor", "v3/marketing/partner/product-coupon"
_PRODUCTS, _COUPONS = f"{_PRODUCT}/product-coupons", f"{_PRODUCT}/users/{{openid}}/coupons"
_BILLS, _SUB = f"{_FUND}/transfer-bills", "v3/apply4sub/sub_merchants/{sub_mchid}"
_AGREED, _BATCH = f"{_FUND}/user-confirm-authorization", "v3/transfer/batches"
_PLATFORM = "v3/platsolution/ecommerce"
FLOWS: dict[str, tuple[list[Step], set[str]]] = {
    "transfers": (
        [
            (f"post {_BILLS}", _SCENE),
            f"get {_BILLS}/out-bill-no/{{out_bill_no}}",
            _does("confirm_transfer", "out_bill_no"),
            f"get {_BILLS}/transfer-bill-no/{{transfer_bill_no}}",
            f"post {_FUND}/elecsign/out-bill-no",
            f"get {_FUND}/elecsign/out-bill-no/{{out_bill_no}}",
            f"post {_FUND}/elecsign/transfer-bill-no",
            f"get {_FUND}/elecsign/transfer-bill-no/{{transfer_bill_no}}",
            (f"post {_BILLS}", {**_SCENE, "out_bill_no": "plfk2020042014"}),
            f"post {_BILLS}/out-bill-no/{{out_bill_no}}/cancel",
            f"get {_BILLS}/out-bill-no/{{out_bill_no}}",
        ],
        {"MCHTRANSFER.BILL.FINISHED"},
    ),
    "authorizations": (
        [
            (f"post {_AGREED}", _SCENE),
            _does("confirm_transfer_authorization", "out_authorization_no"),
            f"get {_AGREED}/out-authorization-no/{{out_authorization_no}}",
            (f"post {_BILLS}/transfer", _SCENE),
            f"post {_AGREED}/out-authorization-no/{{out_authorization_no}}/close",
            (
                f"post {_BILLS}/pre-transfer-with-authorization",
                {**_SCENE, "out_bill_no": "b2", "out_authorization_no": "a2"},
            ),
        ],
        {
            "MCHTRANSFER.AUTHORIZATION.CONFIRMED",
            "MCHTRANSFER.AUTHORIZATION.CLOSED",
            "MCHTRANSFER.BILL.FINISHED",
        },
    ),
    "transfers of partners": (
        [
            f"post {_FUND}/partner/sub-mch-authorizations",
            _does("answer_transfer_permit", "sub_mchid"),
            f"get {_FUND}/partner/sub-mch-authorizations/{{sub_mchid}}",
            (f"post {_FUND}/partner/transfer-bills", _SCENE),
            f"get {_FUND}/partner/transfer-bills/out-bill-no/{{out_bill_no}}",
            _does("confirm_transfer", "out_bill_no"),
            f"post {_FUND}/partner/electronic-receipts",
            f"get {_FUND}/partner/electronic-receipts/{{out_bill_no}}",
            (f"post {_FUND}/partner/transfer-bills", {**_SCENE, "out_bill_no": "b2"}),
            f"post {_FUND}/partner/transfer-bills/out-bill-no/{{out_bill_no}}/cancel",
            (f"post {_FUND}/partner/user-confirm-authorizations", _SCENE),
            _does("confirm_transfer_authorization", "out_authorization_no"),
            f"get {_FUND}/partner/user-confirm-authorizations/{{out_authorization_no}}",
            (f"post {_FUND}/partner/transfer-bills/transfer", {**_SCENE, "out_bill_no": "b3"}),
            f"post {_FUND}/partner/user-confirm-authorizations/{{out_authorization_no}}/close",
        ],
        {"MCHTRANSFER.BILL.FINISHED", "MCHTRANSFER.AUTHORIZATION.CLOSED"},
    ),
    "old batches": (
        [
            lambda sandbox, _: sandbox.allow_old_transfers(),
            (f"post {_BATCH}", {"total_num": 1, "transfer_amount": 4000000}),
            f"get {_BATCH}/out-batch-no/{{out_batch_no}}",
            f"get {_BATCH}/batch-id/{{batch_id}}",
            f"get {_BATCH}/out-batch-no/{{out_batch_no}}/details/out-detail-no/{{out_detail_no}}",
            f"get {_BATCH}/batch-id/{{batch_id}}/details/detail-id/{{detail_id}}",
            "post v3/transfer/bill-receipt",
            "get v3/transfer/bill-receipt/{out_batch_no}",
            "post v3/transfer-detail/electronic-receipts",
            "get v3/transfer-detail/electronic-receipts",
        ],
        {"MCHTRANSFER.BATCH.FINISHED"},
    ),
    "accounts": (
        [
            "get v3/merchant/fund/balance/{account_type}",
            "post v3/recharge/bank-transfer-recharges/apply",
            _does("complete_recharge", "out_recharge_no"),
            "get v3/recharge/bank-transfer-recharges/out-recharge-no/{out_recharge_no}",
            "post v3/merchant/fund/withdraw",
            "get v3/merchant/fund/withdraw/out-request-no/{out_request_no}",
            _does("end_withdrawal", "out_request_no", "SUCCESS"),
            "get v3/merchant/fund/withdraw/withdraw-id/{withdraw_id}",
            _does("return_withdrawal", "out_request_no"),
            _yesterday,
            "get v3/merchant/fund/dayendbalance/{account_type}",
            "get v3/merchant/fund/withdraw/bill-type/{bill_type}",
        ],
        set(),
    ),
    "accounts of sub-merchants": (
        [
            f"get {_ECOM}/fund/balance/{{sub_mchid}}",
            f"post {_PLATFORM}/recharges/apply",
            f"get {_PLATFORM}/recharges/out-recharge-no/{{out_recharge_no}}",
            f"post {_PLATFORM}/recharges/out-recharge-no/{{out_recharge_no}}/close",
            (f"post {_PLATFORM}/bank-transfer-recharges/apply", {"out_recharge_no": "r2"}),
            _does("complete_recharge", "out_recharge_no"),
            f"get {_PLATFORM}/bank-transfer-recharges/out-recharge-no/{{out_recharge_no}}",
            (f"post {_PLATFORM}/recharges/apply", {"out_recharge_no": "r3"}),
            _does("complete_recharge", "out_recharge_no"),
            f"post {_ECOM}/fund/withdraw",
            f"get {_ECOM}/fund/withdraw/out-request-no/{{out_request_no}}",
            _does("end_withdrawal", "out_request_no", "SUCCESS"),
            f"get {_ECOM}/fund/withdraw/{{withdraw_id}}",
            _yesterday,
            f"get {_ECOM}/fund/enddaybalance/{{sub_mchid}}",
        ],
        {"RECHARGE.SUCCESS", "MCHWITHDRAW.CHANGE"},
    ),
    "applications": (
        [
            f"post {_ECOM}/applyments/",
            f"get {_ECOM}/applyments/out-request-no/{{out_request_no}}",
            _does("step_applyment", "out_request_no"),
            f"get {_ECOM}/applyments/{{applyment_id}}",
            *[_does("step_applyment", "out_request_no")] * 3,
            f"get {_ECOM}/applyments/out-request-no/{{out_request_no}}",
            f"get {_SUB}/settlement",
            f"post {_SUB}/modify-settlement",
            f"get {_SUB}/application/{{application_no}}",
            (f"post {_ECOM}/applyments/", {"out_request_no": "apply2"}),
            f"post {_ECOM}/applyments/out-request-no/{{out_request_no}}/revoke",
        ],
        set(),
    ),
    "applications of partners": (
        [
            "post v3/applyment4sub/applyment/",
            "get v3/applyment4sub/applyment/business_code/{business_code}",
            "get v3/applyment4sub/applyment/applyment_id/{applyment_id}",
        ],
        set(),
    ),
    "platforms": (
        [
            _sold(settle_info={"profit_sharing": True}),
            (f"post {_ECOM}/subsidies/create", {"amount": 10}),
            (f"post {_ECOM}/subsidies/return", {"amount": 10}),
            f"post {_ECOM}/subsidies/cancel",
            (f"post {_ECOM}/profitsharing/receivers/add", {"type": "MERCHANT_ID", "account": OWN}),
            (
                f"post {_ECOM}/profitsharing/orders",
                {"type": "MERCHANT_ID", "receiver_account": OWN, "amount": 100, "finish": False},
            ),
            f"get {_ECOM}/profitsharing/orders",
            f"get {_ECOM}/profitsharing/orders/{{transaction_id}}/amounts",
            (f"post {_ECOM}/profitsharing/returnorders", {"return_mchid": OWN, "amount": 10}),
            f"get {_ECOM}/profitsharing/returnorders",
            (f"post {_ECOM}/profitsharing/finish-order", {"out_order_no": "P20150806125347"}),
            (f"post {_ECOM}/profitsharing/receivers/delete", {"account": OWN}),
        ],
        set(),
    ),
    "refunds of platforms": (
        [
            _sold(),
            (f"post {_ECOM}/refunds/apply", {"refund": 888, "total": 1000, "from": []}),
            f"get {_ECOM}/refunds/out-refund-no/{{out_refund_no}}",
            f"get {_ECOM}/refunds/id/{{refund_id}}",
            _sold("order-0002"),
            _yesterday,
            "get v3/bill/sub-merchant-fundflowbill",
            f"get {_ECOM}/bill/fundflowbill",
        ],
        {"REFUND.SUCCESS", "TRANSACTION.SUCCESS"},
    ),
    "coupons": (
        [
            f"post {_FAVOR}/callbacks",
            f"get {_FAVOR}/callbacks",
            (
                f"post {_FAVOR}/coupon-stocks",
                {**_LASTING, "available_merchants": [OWN], "available_items": ["123321"]},
            ),
            f"post {_FAVOR}/stocks/{{stock_id}}/start",
            f"post {_FAVOR}/users/{{openid}}/coupons",
            f"get {_FAVOR}/users/{{openid}}/coupons/{{coupon_id}}",
            f"get {_FAVOR}/users/{{openid}}/coupons",
            f"get {_FAVOR}/stocks",
            f"get {_FAVOR}/stocks/{{stock_id}}",
            f"get {_FAVOR}/stocks/{{stock_id}}/merchants",
            f"get {_FAVOR}/stocks/{{stock_id}}/items",
            _sold(goods_tag="123321", detail={"goods_detail": [_GOODS]}),
            f"get {_FAVOR}/stocks/{{stock_id}}/use-flow",
            f"post {_FAVOR}/stocks/{{stock_id}}/pause",
            f"post {_FAVOR}/stocks/{{stock_id}}/restart",
            f"post {_FAVOR}/stocks/{{stock_id}}/stop",
        ],
        {"COUPON.USE", "TRANSACTION.SUCCESS"},
    ),
    "vouchers": (
        [
            f"post {_BUSI}/callbacks",
            f"get {_BUSI}/callbacks",
            (f"post {_BUSI}/stocks", _LASTING),
            f"get {_BUSI}/stocks/{{stock_id}}",
            (f"patch {_BUSI}/stocks/{{stock_id}}", {"out_request_no": "modified1"}),
            f"post {_BUSI}/coupons/send",
            f"get {_BUSI}/users/{{openid}}/coupons",
            f"get {_BUSI}/users/{{openid}}/coupons/{{coupon_code}}/appids/{{appid}}",
            f"post {_BUSI}/coupons/use",
            f"post {_BUSI}/coupons/return",
            f"post {_BUSI}/coupons/deactivate",
        ],
        {"COUPON.SEND"},
    ),
    "coupons for products": (
        [
            f"post {_PRODUCT}/notify-configs",
            f"get {_PRODUCT}/notify-configs",
            (f"post {_PRODUCTS}", _LASTING),
            f"get {_PRODUCTS}/{{product_coupon_id}}",
            f"get {_PRODUCTS}/{{product_coupon_id}}/stocks",
            f"get {_PRODUCTS}/{{product_coupon_id}}/stocks/{{stock_id}}",
            f"post {_COUPONS}",
            f"post {_COUPONS}/{{coupon_code}}/confirm",
            f"get {_COUPONS}/{{coupon_code}}",
            f"get {_COUPONS}",
            (f"post {_COUPONS}/{{coupon_code}}/use", {"associated_pay_score_order_info": None}),
            f"post {_COUPONS}/{{coupon_code}}/return",
            f"post {_COUPONS}/{{coupon_code}}/deactivate",
            f"post {_PRODUCTS}/{{product_coupon_id}}/stocks/{{stock_id}}/deactivate",
            f"post {_PRODUCTS}/{{product_coupon_id}}/deactivate",
        ],
        {"PRODUCT_COUPON_SP.SEND"},
    ),
    "complaints": (
        [
            "post v3/merchant-service/complaint-notifications",
            "get v3/merchant-service/complaint-notifications",
            _sold(),
            _complain,
            "get v3/merchant-service/complaints-v2",
            "get v3/merchant-service/complaints-v2/{complaint_id}",
            ("post v3/merchant-service/complaints-v2/{complaint_id}/response", _ANSWERED),
            "get v3/merchant-service/complaints-v2/{complaint_id}/negotiation-historys",
            ("post v3/merchant-service/complaints-v2/{complaint_id}/complete", _ANSWERED),
            "put v3/merchant-service/complaint-notifications",
            "delete v3/merchant-service/complaint-notifications",
        ],
        {"COMPLAINT.CREATE"},
    ),
    "transfers to QQ wallets": (
        [
            (f"post {_FUND}/transfer-to-qq-wallet-bills", _TOLD),
            f"get {_FUND}/transfer-to-qq-wallet-bills/{{out_bill_no}}",
            f"post {_FUND}/transfer-to-qq-wallet-bills/{{out_bill_no}}/cancel",
            f"get {_FUND}/transfer-to-qq-wallet-bills/{{out_bill_no}}",
        ],
        {"MCHTRANSFER.QQWALLETBILL.FINISHED"},
    ),
    "transfers of platforms": (
        [
            f"post {_ECOM}/mch-transfer/authorizations",
            f"get {_ECOM}/mch-transfer/authorizations/{{sub_mchid}}",
            f"post {_ECOM}/mch-transfer/transfer-bills",
            f"get {_ECOM}/mch-transfer/transfer-bills/out-bill-no/{{out_bill_no}}",
            f"get {_ECOM}/mch-transfer/transfer-bills/transfer-bill-no/{{transfer_bill_no}}",
            f"post {_ECOM}/mch-transfer/transfer-bills/out-bill-no/{{out_bill_no}}/cancel",
        ],
        set(),
    ),
    "advances of platforms": (
        [
            _sold(),
            (
                f"post {_ECOM}/refunds/apply",
                {
                    "refund": 10,
                    "total": 1000,
                    "from": [],
                    "refund_account": "REFUND_SOURCE_PARTNER_ADVANCE",
                },
            ),
            f"post {_ECOM}/refunds/{{refund_id}}/return-advance",
            f"get {_ECOM}/refunds/{{refund_id}}/return-advance",
        ],
        set(),
    ),
    "stocks of coupons for products": (
        [
            (f"post {_PRODUCTS}", _LASTING),
            f"patch {_PRODUCTS}/{{product_coupon_id}}",
            (f"post {_PRODUCTS}/{{product_coupon_id}}/stocks", _LASTING),
            f"patch {_PRODUCTS}/{{product_coupon_id}}/stocks/{{stock_id}}",
            f"post {_PRODUCTS}/{{product_coupon_id}}/stocks/{{stock_id}}/associate-stores",
            f"get {_PRODUCTS}/{{product_coupon_id}}/stocks/{{stock_id}}/associated-stores",
            f"post {_PRODUCTS}/{{product_coupon_id}}/stocks/{{stock_id}}/disassociate-stores",
        ],
        set(),
    ),
}
