"""Documented calls that were once refused, or sealed wrongly: the sandbox, the types, the facts.

Each is a call as documented, made of the catalogue's least body and what the case changes in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from sandbox.documented import ask

from catalogue import trying
from wechatpay import APIError, api
from wechatpay._call import rule_of
from wechatpay._chain import attribute
from wechatpay.api import Field
from wechatpay.api._format import merge
from wechatpay.sandbox import Sandbox

OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
PAYER = {
    "v3/pay/transactions/jsapi": {"payer": {"openid": OPENID}},
    "v3/pay/partner/transactions/jsapi": {"payer": {"sp_openid": OPENID}},
}
COMBINED: dict[str, Any] = {
    "combine_mchid": "1900000109",
    "sub_orders": [
        {
            "mchid": "1900000109",
            "amount": {"total_amount": 1, "currency": "CNY"},
            "out_trade_no": f"20150806125346{number}",
            "description": "商品",
            "attach": "深圳分店",
        }
        for number in range(2)
    ],
}
ORDERS = [
    f"v3/pay/{who}transactions/{how}"
    for who in ("", "partner/")
    for how in ("jsapi", "app", "h5", "native")
]
SCENE = {"payer_client_ip": "14.23.150.211", "store_info": {"id": "0001"}}
H5 = {"h5_info": {"type": "Wap"}}
DETAIL = {
    "out_detail_no": "x23zy545Bd5436",
    "transfer_amount": 29,
    "transfer_remark": "报销",
    "openid": OPENID,
}
UBO = {
    "ubo_id_type": "IDENTIFICATION_TYPE_IDCARD",
    "ubo_id_card_copy": "demo",
    "ubo_id_card_national": "demo",
    "ubo_id_doc_copy": "demo",
    "ubo_name": "张三",
    "ubo_id_number": "110102199003074514",
    "ubo_id_card_valid_date": '["2017-10-28","2037-10-28"]',
}
LICENCE = {
    "licence_number": "1",
    "licence_copy": "demo",
    "merchant_name": "商户",
    "legal_person": "张三",
    "company_address": "广东",
    "licence_valid_date": '["2017-10-28","2037-10-28"]',
}


class Case(NamedTuple):
    """A call as documented, and what it changes in the least one.

    Attributes:
        path: The template.
        body: A merge patch of the body.
        verb: The verb.
    """

    path: str
    body: dict[str, Any]
    verb: str = "post"

    def arguments(self) -> dict[str, Any]:
        """Return what the verb is called with."""
        endpoint = api.endpoint(self.verb, self.path)
        assert endpoint is not None
        least = ask(endpoint)
        found: dict[str, Any] = dict(least.path)
        if least.query:
            found["params"] = least.query
        if self.verb == "get":
            return found
        return {
            **found,
            "xml" if self.path.startswith("v2") else "json": merge(least.body, self.body),
        }

    def literal(self) -> str:
        """Return the call by attributes."""
        path = ".".join(map(attribute, self.path.split("/")))
        given = ", ".join(f"{name}={value!r}" for name, value in self.arguments().items())
        return f"wxpay.{path}.{self.verb}({given})"


def scene(path: str, **changes: Any) -> dict[str, Any]:
    """Return the scene of an order; `None` takes a part out."""
    return {"scene_info": {**SCENE, **(H5 if path.endswith("h5") else {}), **changes}}


TAKEN = [
    *(Case(path, {**PAYER.get(path, {}), **scene(path)}) for path in ORDERS),
    Case(
        "v3/pay/partner/transactions/jsapi",
        {"payer": {"sub_openid": OPENID}, "sub_appid": "wx8888888888888888"},
    ),
    Case("v3/combine-transactions/jsapi", {**COMBINED, "combine_payer_info": {"openid": OPENID}}),
    Case("v3/combine-transactions/native", COMBINED),
    Case("v3/combine-transactions/h5", {**COMBINED, "scene_info": {"h5_info": {"type": "Wap"}}}),
    Case("v3/combine-transactions/app", {**COMBINED, "combine_payer_info": {"openid": OPENID}}),
    Case(
        "v3/combine-transactions/miniprogram",
        {
            **COMBINED,
            "sub_orders": COMBINED["sub_orders"][:1],
            "combine_payer_info": {"openid": OPENID},
        },
    ),
    Case("v2/vehicle/pay/querystate", {"openid": None, "plate_number": "粤B888888"}),
    Case("v2/vehicle/partnerpay/querystate", {"openid": None, "sub_openid": OPENID}),
    Case("v2/deposit/consume", {"transaction_id": "1009660380201506130728806387"}),
    Case("v2/transit/pay/querystate", {"openid": OPENID}),
    Case("v2/pay/settlementquery", {"usetag": "1"}),
    Case("v2/wxv/finishhotelbill", {"checked_in": "TRUE"}),
    Case(
        "v2/mmpaymkttransfers/sendgroupredpack",
        {"risk_info": "posttime%3d123%26mobile%3d122344545"},
    ),
    Case("v3/vehicle/parking/services/find", {}, "get"),
    Case("v3/new-tax-control-fapiao/merchant/base-information", {}, "get"),
    Case("v3/new-tax-control-fapiao/fapiao-applications/{fapiao_apply_id}/fapiao-files", {}, "get"),
    Case("v3/merchant-store/stores/{store_id}/recipients/bind", {}),
    Case(
        "v3/marketing/membercard-open/cards/{card_id}/codes/{code}/bonus/commit",
        {"mchid": "1900000109"},
    ),
    Case("v3/med-ins/refunds/notify", {}),
    Case(
        "v3/med-ins/refunds/notify",
        {"med_refund_gov_fee": 1, "med_refund_self_fee": 1, "med_refund_other_fee": 1},
    ),
    Case(
        "v3/transfer/batches",
        {"total_amount": 29, "total_num": 1, "transfer_detail_list": [DETAIL]},
    ),
    Case("v3/ecommerce/refunds/apply", {"funds_account": None}),
    Case(
        "v3/fund-app/mch-transfer/transfer-bills", {"transfer_scene_id": "1006", "openid": OPENID}
    ),
    Case(
        "v3/fund-app/mch-transfer/transfer-bills", {"transfer_scene_id": "1999", "openid": OPENID}
    ),
    *(
        Case("v3/ecommerce/profitsharing/receivers/add", {"relation_type": kind})
        for kind in ("SUPPLIER", "DISTRIBUTOR", "SERVICE_PROVIDER", "PLATFORM", "OTHERS")
    ),
    Case(
        "v3/marketing/paygiftactivity/unique-threshold-activity",
        {"advanced_setting": {"delivery_user_category": "DELIVERY_ALL_PERSON"}},
    ),
    Case("v2/mmpaymkttransfers/promotion/paywwsptrans2pocket", {"check_name": "NO_CHECK"}),
    Case(
        "v2/mmpaymkttransfers/sendredpack",
        {"risk_info": "posttime%3d123%26clientversion%3d1", "total_amount": 100, "total_num": 1},
    ),
    Case(
        "v2/pay/unifiedorder",
        {
            "trade_type": "JSAPI",
            "sub_mch_id": "1900000100",
            "sub_appid": "wx8888888888888888",
            "sub_openid": "o",
        },
    ),
    Case("v2/pay/closeorder", {"sub_mch_id": "1900000100", "sub_appid": "wx8888888888888888"}),
    Case("v2/pay/downloadbill", {"sub_mch_id": "1900000100", "bill_date": "20260101"}),
    Case("v2/tools/shorturl", {"sub_mch_id": "1900000100"}),
    Case(
        "v2/pay/unifiedorder",
        {
            "trade_type": "MWEB",
            "scene_info": '{"h5_info": {"type":"IOS","app_name":"a","bundle_id":"com.a"}}',
        },
    ),
    Case(
        "v3/apply4subject/applyment",
        {
            "channel_id": "20001111",
            "subject_info": {
                "business_licence_info": LICENCE,
                "special_operation_list": [
                    {"category_id": 100, "operation_copy_list": ["demo"]},
                ],
            },
            "ubo_info": UBO,
        },
    ),
    Case(
        "v3/payscore/serviceorder",
        {
            "post_discounts": [{"name": "满减", "description": "不叠加", "amount": 100}],
            "risk_fund": {"name": "DEPOSIT", "amount": 10000},
            "time_range": {"start_time": "OnAccept"},
            "need_user_confirm": True,
        },
    ),
    Case(
        "v3/payscore/serviceorder/{out_order_no}/complete",
        {"location": {"start_location": "嗨客", "end_location": "嗨客"}},
    ),
]
REFUSED = [
    *(
        (Case(path, scene(path, store_info={"name": "腾讯大厦分店"})), "/scene_info/store_info/id")
        for path in ORDERS
    ),
    *(
        (Case(path, scene(path, payer_client_ip=None)), "/scene_info/payer_client_ip")
        for path in ORDERS
    ),
    (Case(ORDERS[2], {"scene_info": {**SCENE, "h5_info": None}}), "/scene_info/h5_info"),
    (Case(ORDERS[2], scene(ORDERS[2], h5_info={"type": None})), "/scene_info/h5_info/type"),
]


def name(case: Case) -> str:
    """Return what a case is called."""
    return f"{case.path} {' '.join(case.body)}"


def refusal(case: Case) -> tuple[str, str]:
    """Return the code and the field of the sandbox's refusal; nothing if it took the call."""
    with Sandbox() as sandbox:
        call: Any = getattr(sandbox.client().chain(case.path), case.verb)
        try:
            call(**case.arguments())
        except APIError as error:
            detail: Mapping[str, Any] = error.detail or {}
            return error.code or "", str(detail.get("field") or error)
    return "", ""


@pytest.mark.parametrize("case", TAKEN, ids=name)
def test_what_is_documented_is_taken(case: Case) -> None:
    """The sandbox finds no fault in what an official page or sample shows."""
    code, field = refusal(case)
    assert "PARAM" not in code, field
    assert "参数" not in field  # as APIv2 says it


@pytest.mark.parametrize(("case", "field"), REFUSED, ids=lambda each: str(each)[:60])
def test_what_is_required_is_asked_for(case: Case, field: str) -> None:
    """What official models call required is asked for, and the refusal points at it."""
    assert refusal(case) == ("PARAM_ERROR", field)


@pytest.mark.checkers
def test_the_types() -> None:
    """Both type checkers take what is documented, written out, and find what is lacking."""
    head = "# pyright: strict\nfrom wechatpay import WeChatPay\n\n\n"
    head += "def calls(wxpay: WeChatPay) -> None:\n"
    taken = head + "".join(f"    {case.literal()}\n" for case in TAKEN)
    assert not trying.checked(taken)
    refused = head + "".join(f"    {case.literal()}\n" for case, _ in REFUSED)
    lines = {line.split(":")[1] for line in trying.checked(refused)}
    assert lines >= {str(number) for number in range(6, 6 + len(REFUSED))}


def fields_of(verb: str, path: str, place: str) -> dict[str, Field]:
    """Return every field of a part of a call, or of a notification, by its names from the top."""
    if verb == "event":
        (event,) = (
            one for one in api.notifications() if (one.version, one.event_type) == ("v3", path)
        )
        top = event.resource
    else:
        endpoint = api.endpoint(verb, path)
        assert endpoint is not None
        top = {"body": endpoint.body.fields, "reply": endpoint.reply.fields}[place]
    found: dict[str, Field] = {}
    ahead = [("", each) for each in top]
    while ahead:
        above, field = ahead.pop()
        found[f"{above}{field.name}"] = field
        ahead += [(f"{above}{field.name}/", each) for each in field.fields]
    return found


COMPLAINTS = "v3/brand/partner/card-member/user-cards"
QUERIES = [
    f"v3/pay/{who}transactions/{by}"
    for who in ("", "partner/")
    for by in ("id/{transaction_id}", "out-trade-no/{out_trade_no}")
]


@pytest.mark.parametrize(
    ("verb", "path", "names"),
    [
        (
            "event",
            "TRANSACTION.SUCCESS",
            "amount/total mchid trade_type trade_state_desc sp_appid payer/sp_openid sub_orders "
            "combine_payer_info promotion_detail/amount promotion_detail/goods_detail/goods_id",
        ),
        (
            "event",
            "MEDICAL_INSURANCE.SUCCESS",
            "total_fee med_ins_gov_fee wechat_pay_cash_fee cash_add_detail/cash_add_fee",
        ),
        ("event", "ENTRUST.TERMINATE", "mchid appid openid sp_mchid"),
        *(
            (
                "get",
                path,
                "promotion_detail/coupon_id amount/payer_total amount/payer_currency payer",
            )
            for path in QUERIES
        ),
        ("get", "v3/profitsharing/orders/{out_order_no}", "state receivers/result"),
    ],
)
def test_what_answers_and_notifications_have(verb: str, path: str, names: str) -> None:
    """What is answered and notified has the fields of the official page."""
    found = fields_of(verb, path, "reply")
    assert not [name for name in names.split() if name not in found]


def test_values_are_not_those_of_a_neighbour() -> None:
    """A share's state and a receiver's result have each their own values."""
    found = fields_of("get", "v3/profitsharing/orders/{out_order_no}", "reply")
    assert set(found["state"].enum) == {"PROCESSING", "FINISHED"}
    assert set(found["receivers/result"].enum) == {"PENDING", "SUCCESS", "CLOSED"}


@pytest.mark.parametrize(
    ("verb", "path", "where", "field"),
    [
        ("post", "v3/apply4subject/applyment", "body", "ubo_info/ubo_name"),
        ("post", "v3/apply4subject/applyment", "body", "ubo_info/ubo_id_number"),
        *(
            (verb, path, "body", "user_information/custom_field_list/*/user_chosen_values/*")
            for verb, path in (
                ("post", f"{COMPLAINTS}/import-by-phone"),
                ("post", f"{COMPLAINTS}/import-by-openid"),
                ("patch", f"{COMPLAINTS}/{{user_card_code}}"),
            )
        ),
        (
            "get",
            "v3/transfer/batches/batch-id/{batch_id}/details/detail-id/{detail_id}",
            "response",
            "user_name",
        ),
        (
            "get",
            "v3/bill/sub-merchant-fundflowbill",
            "response",
            "download_bill_list/*/encrypt_key",
        ),
    ],
)
def test_what_is_personal_is_sealed(verb: str, path: str, where: str, field: str) -> None:
    """Names, numbers and lists of them leave encrypted, and come back opened."""
    sealed = {(each.place, each.path) for each in rule_of(verb, path).encrypted}
    assert (where, field) in sealed


def test_an_enumeration_is_not_sealed() -> None:
    """The kind of a document is one of a list, and leaves in clear."""
    sealed = {each.path for each in rule_of("post", "v3/eduschoolpay/contracts/presign").encrypted}
    assert "identity/credential_type" not in sealed


@pytest.mark.parametrize(
    "call",
    """
    post brand/marketing/product-coupon/media/upload-image
    post brand/marketing/product-coupon/notify-configs
    post brand/marketing/product-coupon/product-coupons
    post brand/marketing/product-coupon/product-coupons/{product_coupon_id}/deactivate
    post brand/marketing/product-coupon/product-coupons/{product_coupon_id}/stock-bundles
    post brand/marketing/product-coupon/product-coupons/{product_coupon_id}/stocks
    post brand/marketing/product-coupon/users/{openid}/coupons
    post brand/marketing/product-coupon/users/{openid}/coupons/{coupon_code}/confirm
    post brand/marketing/product-coupon/users/{openid}/coupons/{coupon_code}/deactivate
    post brand/marketing/product-coupon/users/{openid}/coupons/{coupon_code}/return
    post brand/marketing/product-coupon/users/{openid}/coupons/{coupon_code}/use
    post brand/marketing/product-coupon/users/{openid}/pre-send-coupon
    post brand/card-member/cards
    get brand/card-member/user-cards
    post brand/card-member/pre-auth-tokens
    post brand/card-member/media/image-upload
    get brand/store/brandstores
    post v3/marketing/favor/stocks/{stock_id}/stop
    """.strip().split("\n"),
)
def test_what_was_missing_is_there(call: str) -> None:
    """A brand's own endpoints, and the stop of a stock, are documented."""
    verb, path = call.split()
    assert api.endpoint(verb, path) is not None


def test_notifications_of_product_coupons_are_there() -> None:
    """Sent, used and given back: each has its event."""
    known = {each.event_type for each in api.notifications()}
    assert {"PRODUCT_COUPON.SEND", "PRODUCT_COUPON.USE", "PRODUCT_COUPON.RETURN"} <= known


def test_what_only_a_doubtful_manual_has_is_not_there() -> None:
    """A path that nothing but a manual names, which errs elsewhere, is not documented."""
    assert api.endpoint("post", "v3/brand/partner/cardtemplate/brandcards") is None
    states = fields_of("get", "v3/ecommerce/applyments/{applyment_id}", "reply")
    assert "CANCELED" in states["applyment_state"].enum
