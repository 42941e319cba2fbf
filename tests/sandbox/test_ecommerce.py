"""Platforms and their merchants: applications, subsidies, shares, refunds, advances and bills."""

from __future__ import annotations

import base64
import gzip
import hashlib
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from wechatpay.sandbox import Refusal, Sandbox
from wechatpay.sandbox._families.payments import CUSTOMER

from .asker import NOON, OPENING, OWN, SUB, Asker
from .merchant import ORDER

pytestmark = pytest.mark.usefixtures("at_once")

_APPLY = "v3/ecommerce/applyments"
_SHARING = "v3/ecommerce/profitsharing"
_REFUNDS = "v3/ecommerce/refunds"
_SUBSIDIES = "v3/ecommerce/subsidies"
_URL = "https://www.weixin.qq.com/wxpay/pay.php"
_DAY = 86400
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox at noon."""
    return Sandbox(clock=lambda: NOON)


def _application(asker: Asker, **change: object) -> dict[str, Any]:
    account = {"bank_account_type": "74", "account_bank": "工商银行", "bank_address_code": "110000"}
    account |= {"account_name": asker.seal("测试公司"), "account_number": asker.seal("6222021234")}
    contact = {"contact_type": "65", "contact_name": asker.seal("张三")}
    return {
        "out_request_no": "apply1",
        "organization_type": "2",
        "account_info": account,
        "contact_info": contact,
        "sales_scene_info": {"store_name": "测试店铺", "store_url": "https://shop.example"},
        "merchant_shortname": "测试店铺",
        **change,
    }


def _apply(asker: Asker, **change: object) -> Any:
    return asker.post(f"{_APPLY}/", _application(asker, **change), sealed=True)


def _state(asker: Asker, number: str = "apply1") -> Any:
    return asker.get(f"{_APPLY}/out-request-no/{number}")


def _sold(asker: Asker, number: str = "order-0001", fen: int = 1000, **change: object) -> str:
    """Have a customer pay a merchant of the platform's."""
    body = {name: ORDER[name] for name in ("description", "notify_url")}
    body |= {"sp_appid": "wx", "sp_mchid": OWN, "sub_mchid": SUB, "out_trade_no": number}
    body |= {"amount": {"total": fen, "currency": "CNY"}, **change}
    asker.post("v3/pay/partner/transactions/native", body)
    transaction_id: str = asker.sandbox.pay(number)["transaction_id"]
    return transaction_id


def test_application_goes_through_all_its_states(asker: Asker) -> None:
    """Each state tells what it has to, and nothing of another."""
    made = _apply(asker)
    assert asker.get(f"{_APPLY}/{made['applyment_id']}") == _state(asker)
    told: list[tuple[str, set[str], str]] = []
    for _ in range(5):
        found = _state(asker)
        own = {"account_validation", "sign_url", "sub_mchid", "audit_detail"} & found.keys()
        told.append((found["applyment_state"], own, found["sign_state"]))
        if found["applyment_state"] != "FINISH":
            asker.sandbox.step_applyment("apply1")
    assert told == [
        ("CHECKING", set(), "NOT_SIGNABLE"),
        ("ACCOUNT_NEED_VERIFY", {"account_validation"}, "NOT_SIGNABLE"),
        ("AUDITING", set(), "NOT_SIGNABLE"),
        ("NEED_SIGN", {"sign_url", "sub_mchid"}, "UNSIGNED"),
        ("FINISH", {"sub_mchid"}, "SIGNED"),
    ]
    with pytest.raises(Refusal, match="INVALID_REQUEST"):
        asker.sandbox.step_applyment("apply1")


def test_account_to_verify_is_encrypted(asker: Asker) -> None:
    """What is to be remitted from which account only the platform can read."""
    _apply(asker)
    asker.sandbox.step_applyment("apply1")
    validation = _state(asker)["account_validation"]
    assert asker.open(validation["account_name"]) == "测试公司"
    assert validation["pay_amount"] > 0


def test_who_trades_alone_has_nothing_to_verify(asker: Asker) -> None:
    """Without a public account an application is audited right after it was checked."""
    account = {**_application(asker)["account_info"], "bank_account_type": "75"}
    _apply(asker, organization_type="4", account_info=account)
    assert asker.sandbox.step_applyment("apply1")["applyment_state"] == "AUDITING"


def test_rejected_application_is_made_anew(asker: Asker) -> None:
    """It says what was wrong; with the same number another one takes its place."""
    body = _application(asker)
    made = asker.post(f"{_APPLY}/", body, sealed=True)
    assert asker.post(f"{_APPLY}/", body, sealed=True) == made
    other = {**body, "merchant_shortname": "x"}
    assert asker.refused("POST", f"{_APPLY}/", other, sealed=True) == "400 INVALID_REQUEST"
    asker.sandbox.step_applyment("apply1", "REJECTED", "id_card_copy", "看不清")
    detail = {"param_name": "id_card_copy", "reject_reason": "看不清"}
    assert _state(asker)["audit_detail"] == [detail]
    assert asker.post(f"{_APPLY}/", other, sealed=True) == made
    assert _state(asker)["applyment_state"] == "CHECKING"
    asker.sandbox.step_applyment("apply1", "FROZEN")
    assert _state(asker)["applyment_state"] == "FROZEN"


def test_orders_of_a_new_merchant_are_paid_within_15_days(asker: Asker) -> None:
    """What is later is moved there, of single and of combined orders; others have 90 days."""
    _apply(asker)
    for _ in range(4):
        asker.sandbox.step_applyment("apply1")
    new: str = _state(asker)["sub_mchid"]
    late = "2026-01-31T12:00:00+08:00"
    whose = {"sp_appid": "wx", "sp_mchid": OWN, "description": "x", "notify_url": _URL}
    order = {**whose, "time_expire": late, "amount": {"total": 1, "currency": "CNY"}}
    path = "v3/pay/partner/transactions/native"
    asker.post(path, {**order, "sub_mchid": new, "out_trade_no": "order-new"})
    asker.post(path, {**order, "sub_mchid": SUB, "out_trade_no": "order-old"})
    sub: dict[str, Any] = {"mchid": OWN, "sub_mchid": new, "attach": "x", "description": "x"}
    sub |= {"amount": {"total_amount": 1, "currency": "CNY"}}
    subs = [{**sub, "out_trade_no": f"part-{each}"} for each in range(2)]
    body: dict[str, Any] = {
        "combine_appid": "wx",
        "combine_mchid": OWN,
        "combine_out_trade_no": "both",
    }
    body |= {"sub_orders": subs, "notify_url": _URL, "time_expire": late}
    asker.post("v3/combine-transactions/native", body)
    asker.sandbox.advance(15 * _DAY)
    asker.sandbox.pay("order-old")
    for number in ("order-new", "part-0"):
        with pytest.raises(Refusal):
            asker.sandbox.pay(number)


@pytest.mark.parametrize("by_id", [False, True])
def test_application_is_revoked(asker: Asker, by_id: bool) -> None:
    """It is taken back by either number, and once; one that is over is not."""
    made = _apply(asker)
    which = str(made["applyment_id"]) if by_id else "out-request-no/apply1"
    assert asker.post(f"{_APPLY}/{which}/revoke") == made
    assert asker.post(f"{_APPLY}/{which}/revoke") == made
    assert _state(asker)["applyment_state"] == "CANCELED"
    _apply(asker, out_request_no="apply2")
    asker.sandbox.step_applyment("apply2", "FROZEN")
    over = f"{_APPLY}/out-request-no/apply2/revoke"
    assert asker.refused("POST", over) == "400 INVALID_REQUEST"
    for missing in ("7", "out-request-no/nothing"):
        assert asker.refused("GET", f"{_APPLY}/{missing}") == "404 RESOURCE_NOT_EXISTS"


def test_platform_signs_for_its_merchant(asker: Asker) -> None:
    """Where the platform verifies who it is, it signs by a call, once there is something to."""
    body = _application(asker, proxy_sign_verify_mode=True)
    made = asker.post(f"{_APPLY}/submit-account-hosting-applyment", body, sealed=True)
    sign = f"{_APPLY}/submit-sign-verify-info"
    asker.post(sign, {"out_request_no": "apply1"})
    assert _state(asker)["applyment_state"] == "CHECKING"
    for _ in range(3):
        asker.sandbox.step_applyment("apply1")
    assert asker.post(sign, {"out_request_no": "apply1"}) == {"applyment_id": made["applyment_id"]}
    assert _state(asker)["applyment_state"] == "FINISH"


def test_new_merchant_settles_to_its_account(asker: Asker) -> None:
    """Signed, it has a settlement account; it may be changed, and that is audited."""
    account = {"account_type": "ACCOUNT_TYPE_PRIVATE", "account_bank": "招商银行"}
    account |= {"account_number": asker.seal("6225880001")}
    nobody = "v3/apply4sub/sub_merchants/1900000199"
    assert asker.refused("GET", f"{nobody}/settlement") == "404 RESOURCE_NOT_EXISTS"
    _apply(asker)
    for _ in range(4):
        asker.sandbox.step_applyment("apply1")
    base = f"v3/apply4sub/sub_merchants/{_state(asker)['sub_mchid']}"
    found = asker.get(f"{base}/settlement")
    assert (found["account_number"], found["verify_result"]) == ("******1234", "VERIFY_SUCCESS")
    assert found["account_type"] == "ACCOUNT_TYPE_BUSINESS"
    number = asker.post(f"{base}/modify-settlement", account, sealed=True)["application_no"]
    assert asker.get(f"{base}/settlement")["account_number"] == "******0001"
    assert asker.get(f"{base}/application/{number}")["verify_result"] == "AUDIT_SUCCESS"
    assert asker.refused("GET", f"{base}/application/7") == "404 RESOURCE_NOT_EXISTS"


def _subsidy(paid: str, fen: int = 100, number: str = "s1") -> dict[str, Any]:
    body = {"sub_mchid": SUB, "transaction_id": paid, "amount": fen, "description": "补差"}
    return {**body, "out_subsidy_no": number}


def _back(paid: str, fen: int, number: str) -> dict[str, Any]:
    body = {"sub_mchid": SUB, "transaction_id": paid, "amount": fen, "description": "回退"}
    return {**body, "out_order_no": number}


def test_subsidy_is_given_and_taken_back(asker: Asker) -> None:
    """The platform gives, its merchant has; no more is taken back than was given."""
    paid = _sold(asker)
    asker.sandbox.set_balance("BASIC", 99)
    create = f"{_SUBSIDIES}/create"
    assert asker.refused("POST", create, _subsidy(paid)) == "403 NOT_ENOUGH"
    asker.sandbox.top_up("BASIC", 1)
    made = asker.post(create, _subsidy(paid))
    assert asker.post(create, _subsidy(paid)) == made
    assert asker.refused("POST", create, _subsidy(paid, 99)) == "400 INVALID_REQUEST"
    assert asker.balance() == (-OPENING, 0)
    assert asker.balance(mchid=SUB) == (994 + 100, 0)
    back = f"{_SUBSIDIES}/return"
    said = asker.post(back, _back(paid, 60, "b1"))
    assert asker.post(back, _back(paid, 60, "b1")) == said
    assert asker.refused("POST", back, _back(paid, 41, "b2")) == "400 INVALID_REQUEST"
    assert asker.balance() == (60 - OPENING, 0)
    asker.sandbox.set_balance("BASIC", 0, SUB)
    assert asker.refused("POST", back, _back(paid, 40, "b3")) == "403 NOT_ENOUGH"


def test_no_subsidy_after_it_was_cancelled(asker: Asker) -> None:
    """A platform that says so gives nothing any more; an order that was not paid gets nothing."""
    paid = _sold(asker)
    body = {"sub_mchid": SUB, "transaction_id": paid, "description": "x"}
    assert asker.post(f"{_SUBSIDIES}/cancel", body)["result"] == "SUCCESS"
    create = f"{_SUBSIDIES}/create"
    assert asker.refused("POST", create, _subsidy(paid)) == "400 INVALID_REQUEST"
    assert asker.refused("POST", create, _subsidy("4200")).startswith("404")


def _share(paid: str, fen: int = 300, number: str = "p1", **change: object) -> dict[str, Any]:
    part = {"type": "MERCHANT_ID", "receiver_account": OWN, "amount": fen, "description": "佣金"}
    body = {"appid": "wx", "sub_mchid": SUB, "transaction_id": paid, "out_order_no": number}
    return {**body, "receivers": [part], "finish": False, **change}


def test_platform_takes_its_share(asker: Asker) -> None:
    """Receivers are the platform's, for all merchants; what one gets it has; the rest is free."""
    known = {"appid": "wx", "type": "MERCHANT_ID", "account": OWN, "relation_type": "PLATFORM"}
    asker.post(f"{_SHARING}/receivers/add", known)
    paid = _sold(asker, settle_info={"profit_sharing": True})
    assert asker.balance(mchid=SUB) == (-6, 1000)
    asker.sandbox.advance(61)
    made = asker.post(f"{_SHARING}/orders", _share(paid))
    assert made["receivers"][0]["result"] == "PENDING"
    which = f"sub_mchid={SUB}&transaction_id={paid}&out_order_no="
    found = asker.get(f"{_SHARING}/orders?{which}p1")
    (part,) = found["receivers"]
    assert (part["result"], part["receiver_mchid"], part["amount"]) == ("SUCCESS", OWN, 300)
    assert "finish_amount" not in found
    assert asker.balance() == (300, 0)
    left = asker.get(f"{_SHARING}/orders/{paid}/amounts")["unsplit_amount"]
    body = {"sub_mchid": SUB, "transaction_id": paid, "out_order_no": "p2", "description": "x"}
    asker.post(f"{_SHARING}/finish-order", body)
    found = asker.get(f"{_SHARING}/orders?{which}p2")
    assert (found["receivers"], found["finish_amount"]) == ([], left)
    assert asker.balance(mchid=SUB) == (694, 0)
    back: dict[str, Any] = {"sub_mchid": SUB, "out_order_no": "p1", "return_mchid": OWN}
    back |= {"out_return_no": "r1", "amount": 100, "description": "x"}
    assert asker.post(f"{_SHARING}/returnorders", back)["result"] == "PROCESSING"
    query = f"{_SHARING}/returnorders?sub_mchid={SUB}&out_order_no=p1&out_return_no=r1"
    assert asker.get(query)["result"] == "SUCCESS"
    assert asker.balance() == (200, 0)
    assert asker.balance(mchid=SUB) == (794, 0)
    asker.post(f"{_SHARING}/receivers/delete", {name: known[name] for name in list(known)[:3]})


def test_share_of_a_person(asker: Asker) -> None:
    """A person's share leaves all accounts, and finishing at once sets the rest free."""
    known = {"appid": "wx", "type": "PERSONAL_OPENID", "account": "o1"}
    asker.post(f"{_SHARING}/receivers/add", {**known, "relation_type": "DISTRIBUTOR"})
    paid = _sold(asker, settle_info={"profit_sharing": True})
    asker.sandbox.advance(61)
    person = {"type": "PERSONAL_OPENID", "receiver_account": "o1", "amount": 100}
    body = _share(paid, receivers=[{**person, "description": "x"}], finish=True)
    (part,) = asker.post(f"{_SHARING}/orders", body)["receivers"]
    assert "receiver_mchid" not in part
    assert asker.balance(mchid=SUB) == (894, 0)
    assert asker.balance() == (0, 0)


def _refund(fen: int = 400, number: str = "r1", **change: object) -> dict[str, Any]:
    amount = {"refund": fen, "total": 1000, "currency": "CNY"}
    body = {"sub_mchid": SUB, "sp_appid": "wx", "out_trade_no": "order-0001", "reason": "x"}
    return {**body, "out_refund_no": number, "amount": amount, **change}


def test_merchant_refunds(asker: Asker) -> None:
    """From its own money, found by either number; without any it is refused, to be repeated."""
    _sold(asker)
    asker.sandbox.set_balance("BASIC", 397, SUB)
    assert asker.refused("POST", f"{_REFUNDS}/apply", _refund()) == "403 NOT_ENOUGH"
    asker.sandbox.top_up("BASIC", 3, SUB)
    made = asker.post(f"{_REFUNDS}/apply", _refund())
    assert made["amount"]["payer_refund"] == 400
    found = asker.get(f"{_REFUNDS}/id/{made['refund_id']}?sub_mchid={SUB}")
    assert found["status"] == "SUCCESS"
    for query in ("", f"?sub_mchid={SUB}"):
        assert asker.get(f"{_REFUNDS}/out-refund-no/r1{query}") == found
    missing = f"{_REFUNDS}/out-refund-no/nothing"
    assert asker.refused("GET", missing) == "404 RESOURCE_NOT_EXISTS"
    assert asker.balance(mchid=SUB) == (2 - OPENING, 0)  # the fee came back


def test_refund_of_a_part_of_a_combined_order(asker: Asker) -> None:
    """Named by the combined order alone, the part is meant that is the merchant's."""
    subs = [
        {
            "mchid": OWN,
            "sub_mchid": mchid,
            "attach": "x",
            "amount": {"total_amount": 1000, "currency": "CNY"},
            "out_trade_no": f"part-{mchid}",
            "description": "x",
        }
        for mchid in ("1230000110", SUB)
    ]
    body: dict[str, Any] = {"combine_appid": "wx", "combine_mchid": OWN, "sub_orders": subs}
    body |= {"combine_out_trade_no": "combined1", "notify_url": _URL}
    asker.post("v3/combine-transactions/native", body)
    number = asker.sandbox.pay("combined1")["combine_transaction_id"]
    refund = _refund(combine_transaction_id=number)
    del refund["out_trade_no"]
    asker.post(f"{_REFUNDS}/apply", refund)
    assert asker.get(f"{_REFUNDS}/out-refund-no/r1")["out_trade_no"] == f"part-{SUB}"
    other = {**refund, "sub_mchid": "1230000111", "out_refund_no": "r2"}
    assert asker.refused("POST", f"{_REFUNDS}/apply", other) == "404 ORDER_NOT_EXIST"


def test_refund_that_is_closed_or_goes_wrong(asker: Asker) -> None:
    """Its states have names of their own; an abnormal one is sent elsewhere."""
    _sold(asker)
    asker.post(f"{_REFUNDS}/apply", _refund(reason="CLOSED"))
    assert asker.get(f"{_REFUNDS}/out-refund-no/r1")["status"] == "CLOSE"
    made = asker.post(f"{_REFUNDS}/apply", _refund(number="r2", reason="ABNORMAL"))
    path = f"{_REFUNDS}/{made['refund_id']}/apply-abnormal-refund"
    body = {"sub_mchid": SUB, "out_refund_no": "r2", "type": "MERCHANT_BANK_CARD"}
    assert asker.post(path, body)["status"] == "PROCESSING"
    assert asker.get(f"{_REFUNDS}/id/{made['refund_id']}")["status"] == "SUCCESS"


def test_refund_of_a_discounted_order(asker: Asker) -> None:
    """Coupons have the names here that they have on the platforms' pages."""
    limits = {"max_coupons": 1, "max_amount": 300, "max_coupons_per_user": 1}
    limits |= {"natural_person_limit": False, "prevent_api_abuse": False}
    terms = {"coupon_amount": 300, "transaction_minimum": 1000}
    stock: dict[str, Any] = {"stock_name": "x", "belong_merchant": OWN, "out_request_no": "s1"}
    stock |= {"available_begin_time": "2025-12-01T00:00:00+08:00", "no_cash": True}
    stock |= {"available_end_time": "2026-12-01T00:00:00+08:00", "stock_type": "NORMAL"}
    stock |= {"stock_use_rule": limits, "coupon_use_rule": {"fixed_normal_coupon": terms}}
    stock_id = asker.post("v3/marketing/favor/coupon-stocks", stock)["stock_id"]
    creator = {"stock_creator_mchid": OWN}
    asker.post(f"v3/marketing/favor/stocks/{stock_id}/start", creator)
    gift = {**creator, "stock_id": stock_id, "out_request_no": "g1", "appid": "wx"}
    asker.post(f"v3/marketing/favor/users/{CUSTOMER}/coupons", gift)
    _sold(asker)
    made = asker.post(f"{_REFUNDS}/apply", _refund(900))
    assert (made["amount"]["payer_refund"], made["amount"]["discount_refund"]) == (630, 270)
    assert made["promotion_detail"][0]["type"] == "DISCOUNT"


def test_platform_advances_a_refund(asker: Asker) -> None:
    """The platform pays where its merchant cannot, once; the merchant pays it back, once."""
    _sold(asker)
    asker.sandbox.set_balance("BASIC", 0, SUB)
    body = _refund(refund_account="REFUND_SOURCE_PARTNER_ADVANCE")
    made = asker.post(f"{_REFUNDS}/apply", body)
    assert made["amount"]["advance"] == 400
    asker.post(f"{_REFUNDS}/apply", body)
    assert asker.balance() == (-400, 0)
    path = f"{_REFUNDS}/{made['refund_id']}/return-advance"
    assert asker.refused("GET", f"{path}?sub_mchid={SUB}") == "404 RESOURCE_NOT_EXISTS"
    assert asker.refused("POST", path, {"sub_mchid": SUB}) == "403 NOT_ENOUGH"
    asker.sandbox.top_up("BASIC", 400, SUB)
    said = asker.post(path, {"sub_mchid": SUB})
    assert asker.post(path, {"sub_mchid": SUB}) == said == asker.get(f"{path}?sub_mchid={SUB}")
    assert asker.balance() == (0, 0)
    own = asker.post(f"{_REFUNDS}/apply", _refund(1, "r2"))
    other = f"{_REFUNDS}/{own['refund_id']}/return-advance"
    assert asker.refused("POST", other, {"sub_mchid": SUB}) == "400 INVALID_REQUEST"


def test_platform_without_money_advances_nothing(asker: Asker) -> None:
    """What is refused leaves no refund behind."""
    _sold(asker)
    asker.sandbox.set_balance("BASIC", 399)
    body = _refund(refund_account="REFUND_SOURCE_PARTNER_ADVANCE")
    assert asker.refused("POST", f"{_REFUNDS}/apply", body) == "403 NOT_ENOUGH"
    assert asker.refused("GET", f"{_REFUNDS}/out-refund-no/r1") == "404 RESOURCE_NOT_EXISTS"


@pytest.mark.parametrize("algorithm", ["AEAD_AES_256_GCM", "SM4_GCM"])
@pytest.mark.parametrize("packed", [False, True])
def test_bills_are_encrypted(asker: Asker, algorithm: str, packed: bool) -> None:
    """The bill of one merchant and that of all open with the platform's key, and with no other."""
    _sold(asker)
    asker.sandbox.advance(2 * _DAY)
    tail = f"bill_date=2026-01-01&algorithm={algorithm}" + ("&tar_type=GZIP" if packed else "")
    one = f"v3/bill/sub-merchant-fundflowbill?sub_mchid={SUB}&{tail}"
    every = f"v3/ecommerce/bill/fundflowbill?account_type=ALL&{tail}"
    for path in (one, every):
        said = asker.get(path)
        (part,) = said["download_bill_list"]
        assert said["download_bill_count"] == 1
        url = urlsplit(str(part["download_url"]))
        sealed = asker.answer("GET", f"{url.path[1:]}?{url.query}").body
        key = asker.merchant.key.decrypt(base64.b64decode(part["encrypt_key"]), _OAEP)
        file = _open(algorithm, key, part["nonce"], sealed)
        file = gzip.decompress(file) if packed else file
        assert hashlib.sha1(file).hexdigest() == part["hash_value"]
        assert "扣除交易手续费" in file.decode()
        assert (SUB in file.decode()) == (path == every)
        with pytest.raises(InvalidTag):
            _open(algorithm, key[::-1], part["nonce"], sealed)
    other = one.replace(SUB, "1230000110")
    assert asker.refused("GET", other) == "400 NO_STATEMENT_EXIST"


def _open(algorithm: str, key: bytes, nonce: str, sealed: bytes) -> bytes:
    cipher = algorithms.SM4(key) if algorithm == "SM4_GCM" else algorithms.AES(key)
    opening = Cipher(cipher, modes.GCM(nonce.encode(), sealed[-16:])).decryptor()
    return opening.update(sealed[:-16]) + opening.finalize()
