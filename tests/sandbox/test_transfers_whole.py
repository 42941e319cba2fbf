"""Transfers and what belongs to them: scenes, balance, agreements, receipts, and the old ones."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import hashes

from wechatpay.sandbox import Refusal, Sandbox

from .asker import NOON, OPENING, OWN, SUB, Asker
from .old_dialect import OldMerchant, fields_of
from .old_shop import refused

_BASE = "v3/fund-app/mch-transfer"
_BILLS = f"{_BASE}/transfer-bills"
_BY_NUMBER = f"{_BILLS}/out-bill-no"
_AGREED = f"{_BASE}/user-confirm-authorization"
_OLD = "v3/transfer/batches"
_URL = "https://www.weixin.qq.com/wxpay/pay.php"
_DAY = 86400
_INFOS = [
    {"info_type": "岗位类型", "info_content": "骑手"},
    {"info_type": "报酬说明", "info_content": "配送费"},
]
_TRANSFER: dict[str, Any] = {
    "appid": "wxd678efh567hg6787",
    "out_bill_no": "b1",
    "openid": "o-MYE42l80oelYMDE34nYD456Xoy",
    "transfer_amount": 400,
    "transfer_remark": "2020年4月报销",
    "transfer_scene_id": "1005",
    "transfer_scene_report_infos": _INFOS,
    "notify_url": _URL,
}
_AGREEMENT: dict[str, Any] = {
    "out_authorization_no": "a1",
    "appid": "wxd678efh567hg6787",
    "openid": _TRANSFER["openid"],
    "transfer_scene_id": "1005",
    "user_display_name": "骑手小王",
    "authorization_notify_url": _URL,
}


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox at noon."""
    return Sandbox(clock=lambda: NOON)


def _ask(asker: Asker, path: str = _BILLS, **change: object) -> Any:
    body = {**_TRANSFER, **change}
    return asker.post(path, _without_none(body), sealed="user_name" in body)


def _refused(asker: Asker, **change: object) -> str:
    return asker.refused("POST", _BILLS, _without_none({**_TRANSFER, **change}))


def _without_none(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def test_the_same_number_succeeds_after_topping_up(asker: Asker) -> None:
    """Without cover there is no transfer; with it, the same number makes one; ended, it is back."""
    asker.sandbox.set_balance("OPERATION", 399)
    assert _refused(asker) == "403 NOT_ENOUGH"
    assert asker.refused("GET", f"{_BY_NUMBER}/b1") == "404 NOT_FOUND"
    asker.sandbox.top_up("OPERATION", 1)
    assert _ask(asker)["state"] == "WAIT_USER_CONFIRM"
    assert asker.balance("OPERATION") == (-OPENING, 0)
    asker.sandbox.advance(_DAY)
    assert asker.get(f"{_BY_NUMBER}/b1")["fail_reason"] == "OVERDUE_CLOSE"
    assert asker.balance("OPERATION") == (400 - OPENING, 0)


@pytest.mark.parametrize(
    ("scene", "infos"),
    [
        ("1005", ["岗位类型"]),
        ("1005", ["岗位类型", "报酬说明", "赔付原因"]),
        ("1005", ["岗位类型", "岗位类型"]),
        ("1000", ["岗位类型", "报酬说明"]),
        ("1011", []),
    ],
)
def test_scene_reports_exactly_what_it_asks_for(asker: Asker, scene: str, infos: list[str]) -> None:
    """Too little, too much, something twice or of another scene is refused."""
    reported = [{"info_type": each, "info_content": "x"} for each in infos]
    change: dict[str, Any] = {"transfer_scene_id": scene, "transfer_scene_report_infos": reported}
    assert _refused(asker, **change) == "400 PARAM_ERROR"


@pytest.mark.parametrize("scene", ["1006", "4711"])
def test_other_scenes_report_what_they_like(asker: Asker, scene: str) -> None:
    """There is no closed list: of a scene whose particulars are not documented none are refused."""
    reported = [{"info_type": "采购商品名称", "info_content": "x"}]
    change: dict[str, Any] = {"transfer_scene_id": scene, "transfer_scene_report_infos": reported}
    assert _ask(asker, **change, user_recv_perception="货款")["state"] == "WAIT_USER_CONFIRM"


def test_users_are_shown_what_the_scene_knows(asker: Asker) -> None:
    """What a scene can show is documented for some; anything else is refused there."""
    infos = [{"info_type": "赔付原因", "info_content": "x"}]
    scene: dict[str, Any] = {"transfer_scene_id": "1011", "transfer_scene_report_infos": infos}
    assert _refused(asker, **scene, user_recv_perception="活动奖励") == "400 INVALID_REQUEST"
    assert _ask(asker, **scene, user_recv_perception="商家赔付")["state"] == "WAIT_USER_CONFIRM"
    assert _ask(asker, out_bill_no="b2", user_recv_perception="劳务报酬")["out_bill_no"] == "b2"


@pytest.mark.parametrize(
    "change",
    [
        {"notify_url": "http://shop.example/notify"},
        {"notify_url": "https://shop.example/notify?x=1"},
        {"out_bill_no": "b_1"},
        {"transfer_amount": 9},
        {"transfer_amount": 200_000},
        {"transfer_amount": 200_000, "user_name": ""},
    ],
)
def test_particulars_that_cannot_be(asker: Asker, change: dict[str, Any]) -> None:
    """Addresses, numbers and amounts are refused as documented."""
    assert _refused(asker, **change) == "400 PARAM_ERROR"


def test_shop_on_loopback_is_notified(asker: Asker) -> None:
    """A `notify_url` on loopback may be http."""
    _ask(asker, notify_url="http://127.0.0.1:1/notify")


def test_transfer_that_goes_wrong(asker: Asker) -> None:
    """A transfer that fails is notified with its reason, and the money is back."""
    _ask(asker)
    asker.sandbox.fail_transfer("b1", "NAME_NOT_CORRECT")
    assert asker.get(f"{_BY_NUMBER}/b1")["fail_reason"] == "NAME_NOT_CORRECT"
    (told,) = asker.told("MCHTRANSFER.BILL.FINISHED")
    assert (told["state"], told["fail_reason"]) == ("FAIL", "NAME_NOT_CORRECT")
    assert asker.balance("OPERATION") == (0, 0)
    asker.sandbox.advance(_DAY)
    assert len(asker.told("MCHTRANSFER.BILL.FINISHED")) == 1


def test_transfers_are_found_for_a_month(asker: Asker) -> None:
    """After 30 days neither number finds one any more."""
    made = _ask(asker)
    asker.sandbox.advance(30 * _DAY)
    assert asker.get(f"{_BY_NUMBER}/b1")["state"] == "FAIL"
    asker.sandbox.advance(1)
    assert asker.refused("GET", f"{_BY_NUMBER}/b1") == "404 NOT_FOUND"
    by_bill = f"{_BILLS}/transfer-bill-no/{made['transfer_bill_no']}"
    assert asker.refused("GET", by_bill) == "404 NOT_FOUND"


def _authorize(asker: Asker, **change: object) -> str:
    asker.post(_AGREED, {**_AGREEMENT, **change})
    number = str(change.get("out_authorization_no", "a1"))
    agreed: str = asker.sandbox.confirm_transfer_authorization(number)["authorization_id"]
    return agreed


def test_user_agrees_beforehand(asker: Asker) -> None:
    """Asked, agreed, told; then a transfer needs no confirmation; closed, it is not taken."""
    asked = asker.post(_AGREED, _AGREEMENT)
    assert asked["state"] == "WAIT_USER_CONFIRM"
    assert asker.post(_AGREED, _AGREEMENT) == asked
    other = {**_AGREEMENT, "user_display_name": "x"}
    assert asker.refused("POST", _AGREED, other) == "400 ALREADY_EXISTS"
    query = f"{_AGREED}/out-authorization-no/a1"
    found = asker.get(f"{query}?is_display_authorization=true")
    assert found["package_info"] == asked["package_info"]
    id_ = _authorize(asker)
    (told,) = asker.told("MCHTRANSFER.AUTHORIZATION.CONFIRMED")
    assert (told["state"], told["authorization_id"]) == ("TAKING_EFFECT", id_)
    body = {**_TRANSFER, "authorization_id": id_}
    del body["openid"]
    made = asker.post(f"{_BILLS}/transfer", body)
    assert (made["state"], made["openid"]) == ("ACCEPTED", _TRANSFER["openid"])
    assert asker.post(f"{_BILLS}/transfer", body)["state"] == "SUCCESS"
    assert asker.get(f"{_BY_NUMBER}/b1")["state"] == "SUCCESS"
    assert asker.balance("OPERATION") == (-400, 0)
    asker.sandbox.advance(_DAY)
    assert asker.get(query)["state"] == "TAKING_EFFECT"
    named = {**_TRANSFER, "out_bill_no": "b0", "out_authorization_no": "a1"}
    del named["openid"]
    assert asker.post(f"{_BILLS}/transfer", named)["state"] == "ACCEPTED"
    closed = asker.post(f"{query}/close")
    assert closed["close_info"]["close_reason"] == "CLOSE_VIA_MCH_API"
    assert asker.post(f"{query}/close") == closed
    (told,) = asker.told("MCHTRANSFER.AUTHORIZATION.CLOSED")
    assert told["close_info"] == closed["close_info"]
    again = {**body, "out_bill_no": "b2"}
    assert asker.refused("POST", f"{_BILLS}/transfer", again) == "400 INVALID_REQUEST"
    again |= {"authorization_id": "nobody"}
    assert asker.refused("POST", f"{_BILLS}/transfer", again) == "400 INVALID_REQUEST"
    with pytest.raises(Refusal, match="INVALID_REQUEST"):
        asker.sandbox.confirm_transfer_authorization("a1")


def test_one_agreement_for_each_user_and_scene(asker: Asker) -> None:
    """A second one is refused while one is in effect; of another scene, or after its end, not."""
    _authorize(asker)
    second = {**_AGREEMENT, "out_authorization_no": "a2"}
    assert asker.refused("POST", _AGREED, second) == "400 INVALID_REQUEST"
    asker.post(_AGREED, {**second, "out_authorization_no": "a3", "transfer_scene_id": "1000"})
    asker.sandbox.end_transfer_authorization("a1")
    asker.post(_AGREED, second)


def test_user_agrees_to_one_of_two(asker: Asker) -> None:
    """Two may wait for the same user and scene; who has agreed to one cannot to the other."""
    second = {**_AGREEMENT, "out_authorization_no": "a2"}
    asker.post(_AGREED, _AGREEMENT)
    asker.post(_AGREED, second)
    asker.sandbox.confirm_transfer_authorization("a2")
    with pytest.raises(Refusal, match="授权数量达到限制"):
        asker.sandbox.confirm_transfer_authorization("a1")


def test_merchant_has_a_limit(asker: Asker) -> None:
    """What is more than the merchant may transfer at once is refused, until it may again."""
    asker.sandbox.limit_transfers(399)
    assert _refused(asker) == "400 INVALID_REQUEST"
    asker.sandbox.limit_transfers()
    _ask(asker)


@pytest.mark.parametrize("code", ["FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED"])
def test_there_are_several_codes_for_too_often(asker: Asker, code: str) -> None:
    """Each of those that the pages have can be had, to ask and to query."""
    asker.sandbox.refuse("*", f"{_BILLS}/**", code, times=1)
    assert asker.refused("GET", f"{_BY_NUMBER}/b1") == f"429 {code}"


def test_agreement_lapses_and_is_forgotten(asker: Asker) -> None:
    """Nobody agreed for a day: it is closed and told; 30 days later it is not known any more."""
    asker.post(_AGREED, _AGREEMENT)
    _authorize(asker, out_authorization_no="a2", transfer_scene_id="1000")
    asker.sandbox.advance(_DAY)
    query = f"{_AGREED}/out-authorization-no/a1"
    assert asker.get(query)["close_info"]["close_reason"] == "USER_OVERDUE_UNCONFIRMED"
    assert asker.get(f"{_AGREED}/out-authorization-no/a2")["state"] == "TAKING_EFFECT"
    assert len(asker.told("MCHTRANSFER.AUTHORIZATION.CLOSED")) == 1
    asker.sandbox.advance(30 * _DAY + 1)
    assert asker.refused("GET", query) == "404 NOT_FOUND"


def test_agreement_without_an_address(asker: Asker) -> None:
    """One that does not say where to is not told of."""
    body = _without_none({**_AGREEMENT, "authorization_notify_url": None})
    asker.post(_AGREED, body)
    asker.sandbox.confirm_transfer_authorization("a1")
    assert asker.told("MCHTRANSFER.AUTHORIZATION.CONFIRMED") == []


@pytest.mark.parametrize("end", ["confirmed", "cancelled", "overdue"])
def test_transfer_and_agreement_in_one(asker: Asker, end: str) -> None:
    """Confirmed, both hold; cancelled or overdue, neither does."""
    info = {"user_display_name": "骑手", "out_authorization_no": "a1"}
    info |= {"authorization_notify_url": _URL}
    path = f"{_BILLS}/pre-transfer-with-authorization"
    made = _ask(asker, path, authorization_info=info)
    assert (made["state"], made["out_authorization_no"]) == ("WAIT_USER_CONFIRM", "a1")
    assert _ask(asker, path, authorization_info=info)["package_info"] == made["package_info"]
    if end == "confirmed":
        asker.sandbox.confirm_transfer("b1")
    elif end == "cancelled":
        asker.post(f"{_BY_NUMBER}/b1/cancel", {})
        asker.get(f"{_BY_NUMBER}/b1")
    else:
        asker.sandbox.advance(_DAY)
    found = asker.get(f"{_AGREED}/out-authorization-no/a1")
    assert found["state"] == ("TAKING_EFFECT" if end == "confirmed" else "CLOSED")
    assert asker.balance("OPERATION") == (-400 if end == "confirmed" else 0, 0)


def _file(asker: Asker, said: dict[str, Any]) -> bytes:
    url = urlsplit(str(said["download_url"]))
    answer = asker.answer("GET", f"{url.path[1:]}?{url.query}")
    assert answer.status == 200
    assert not answer.header("wechatpay-signature")
    return answer.body


@pytest.mark.parametrize("by", ["out-bill-no", "transfer-bill-no"])
def test_receipt_is_made_and_downloaded(asker: Asker, by: str) -> None:
    """Of what succeeded with a name, for six months; kept for 90 days, then applied for again."""
    path = f"{_BASE}/elecsign/{by}"
    made = _ask(asker, user_name=asker.seal("张三"))
    number = "b1" if by == "out-bill-no" else made["transfer_bill_no"]
    body = {by.replace("-", "_"): number}
    assert asker.refused("POST", path, body) == "400 INVALID_REQUEST"
    asker.sandbox.confirm_transfer("b1")
    assert asker.refused("GET", f"{path}/{number}") == "404 NOT_FOUND"
    assert asker.post(path, body)["state"] == "GENERATING"
    found = asker.get(f"{path}/{number}")
    assert found["state"] == asker.get(f"{path}/{number}")["state"] == "FINISHED"
    assert hashlib.sha256(_file(asker, found)).hexdigest() == found["hash_value"]
    assert asker.post(path, body)["state"] == "FINISHED"


def test_receipt_is_not_kept_for_ever(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is forgotten after 90 days, and cannot be applied for after six months."""
    monkeypatch.setattr("wechatpay.sandbox._families.transfers.transfers.FOUND", 10**9)
    path = f"{_BASE}/elecsign/out-bill-no"
    _ask(asker, user_name=asker.seal("张三"))
    asker.sandbox.confirm_transfer("b1")
    asker.post(path, {"out_bill_no": "b1"})
    asker.get(f"{path}/b1")
    asker.sandbox.advance(90 * _DAY + 1)
    assert asker.refused("GET", f"{path}/b1") == "404 NOT_FOUND"
    assert asker.post(path, {"out_bill_no": "b1"})["state"] == "GENERATING"
    asker.sandbox.advance(93 * _DAY)
    assert asker.refused("POST", path, {"out_bill_no": "b1"}) == "400 INVALID_REQUEST"


def test_no_receipt_without_a_name(asker: Asker) -> None:
    """What was sent without a name has no receipt."""
    _ask(asker)
    asker.sandbox.confirm_transfer("b1")
    body = {"out_bill_no": "b1"}
    assert asker.refused("POST", f"{_BASE}/elecsign/out-bill-no", body) == "400 INVALID_REQUEST"


def test_partner_transfers_for_a_sub_merchant(asker: Asker) -> None:
    """The sub-merchant pays; the number is its own; the receipt has SM3."""
    path = f"{_BASE}/partner/transfer-bills"
    made = _ask(asker, path, sub_mchid=SUB, user_name=asker.seal("张三"))
    assert made["sub_mchid"] == SUB
    assert asker.balance("OPERATION", SUB) == (-400, 0)
    query = f"{path}/out-bill-no/b1?sub_mchid={SUB}"
    assert asker.get(query)["state"] == "WAIT_USER_CONFIRM"
    assert asker.refused("GET", f"{_BY_NUMBER}/b1") == "404 NOT_FOUND"
    asker.sandbox.confirm_transfer("b1")
    (told,) = asker.told("MCHTRANSFER.BILL.FINISHED")
    assert (told["mchid"], told["sub_mchid"]) == (OWN, SUB)
    receipts = f"{_BASE}/partner/electronic-receipts"
    asker.post(receipts, {"sub_mchid": SUB, "out_bill_no": "b1"})
    found = asker.get(f"{receipts}/b1?sub_mchid={SUB}")
    digest = hashes.Hash(hashes.SM3())
    digest.update(_file(asker, found))
    assert (found["hash_type"], found["hash_value"]) == ("SM3", digest.finalize().hex())
    _ask(asker, path, sub_mchid=SUB, out_bill_no="b2")
    cancel = f"{path}/out-bill-no/b2/cancel"
    assert asker.post(cancel, {"sub_mchid": SUB})["state"] == "CANCELING"


def test_partner_and_agreements(asker: Asker) -> None:
    """A partner's users agree beforehand, or along with a transfer, as a merchant's do."""
    base = f"{_BASE}/partner"
    agreement = _without_none({**_AGREEMENT, "authorization_notify_url": None, "notify_url": _URL})
    agreements = f"{base}/user-confirm-authorizations"
    asker.post(agreements, agreement)
    id_ = asker.sandbox.confirm_transfer_authorization("a1")["authorization_id"]
    assert asker.get(f"{agreements}/a1")["state"] == "TAKING_EFFECT"
    body = {**_TRANSFER, "sub_mchid": SUB, "authorization_id": id_}
    del body["openid"]
    assert asker.post(f"{base}/transfer-bills/transfer", body)["state"] == "ACCEPTED"
    assert asker.balance("OPERATION", SUB) == (-400, 0)
    assert asker.post(f"{agreements}/a1/close")["state"] == "CLOSED"
    info = {"user_display_name": "骑手", "out_authorization_no": "a2"}
    info |= {"authorization_notify_url": _URL}
    path = f"{base}/transfer-bills/pre-transfer-with-authorization"
    made = _ask(asker, path, sub_mchid=SUB, out_bill_no="b2", authorization_info=info)
    assert made["sub_mchid"] == SUB
    asker.sandbox.confirm_transfer("b2")
    assert asker.get(f"{agreements}/a2")["state"] == "TAKING_EFFECT"


@pytest.mark.parametrize("answer", ["PASSED", "REJECTED"])
def test_sub_merchant_gives_its_permission(asker: Asker, answer: Any) -> None:
    """A partner's sub-merchant is asked, and answers once."""
    path = f"{_BASE}/partner/sub-mch-authorizations"
    assert asker.get(f"{path}/{SUB}")["state"] == "UNAUTHORIZED"
    body = {"sub_mchid": SUB, "out_apply_no": "p1"}
    assert asker.post(path, body)["state"] == "INVITED"
    assert asker.post(path, body)["state"] == "INVITED"
    asker.sandbox.answer_transfer_permit(SUB, answer)
    found = asker.get(f"{path}/{SUB}")
    assert found["apply_order"]["state"] == answer
    assert found["state"] == ("AUTHORIZED" if answer == "PASSED" else "UNAUTHORIZED")
    with pytest.raises(Refusal, match="RESOURCE_NOT_EXISTS"):
        asker.sandbox.answer_transfer_permit(SUB)


def test_platform_transfers_for_a_sub_merchant(asker: Asker) -> None:
    """A platform says what was signed, and transfers, asks and cancels by either number."""
    base = "v3/ecommerce/mch-transfer"
    assert asker.get(f"{base}/authorizations/{SUB}")["authorization_state"] == "UNAUTHORIZED"
    signed = {"agreement_code": "x", "agreement_version": "1", "sign_organization": "x"}
    signed |= {"sign_time": "2026-01-01T00:00:00+08:00"}
    body = {"sub_mchid": SUB, "agreement_list": [signed]}
    assert asker.post(f"{base}/authorizations", body)["authorization_state"] == "AUTHORIZED"
    assert asker.get(f"{base}/authorizations/{SUB}")["authorization_state"] == "AUTHORIZED"
    bills = f"{base}/transfer-bills"
    plain = {"transfer_scene_report_infos": None, "transfer_scene_id": "4711"}
    made = _ask(asker, bills, sub_mchid=SUB, **plain)
    by_number = f"{bills}/out-bill-no/b1"
    found = asker.get(f"{by_number}?sub_mchid={SUB}")
    by_bill = f"{bills}/transfer-bill-no/{made['transfer_bill_no']}?sub_mchid={SUB}"
    assert asker.get(by_bill) == found
    assert found["transfer_scene_id"] == "4711"
    assert asker.post(f"{by_number}/cancel", {"sub_mchid": SUB})["state"] == "CANCELING"
    assert asker.get(f"{by_number}?sub_mchid={SUB}")["state"] == "CANCELLED"
    assert asker.balance("OPERATION", SUB) == (0, 0)


def test_transfer_to_a_qq_wallet(asker: Asker) -> None:
    """It waits for the user as others do, and is told by an event of its own."""
    path = f"{_BASE}/transfer-to-qq-wallet-bills"
    change: dict[str, Any] = {"transfer_scene_id": "1401", "user_qq": "10001", "openid": None}
    change |= {"transfer_scene_report_infos": None}
    made = _ask(asker, path, **change)
    assert (made["state"], made["user_qq"]) == ("WAIT_USER_CONFIRM", "10001")
    asker.sandbox.confirm_transfer("b1")
    assert asker.get(f"{path}/b1")["state"] == "SUCCESS"
    (told,) = asker.told("MCHTRANSFER.QQWALLETBILL.FINISHED")
    assert (told["mchid"], told["state"]) == (OWN, "SUCCESS")
    _ask(asker, path, **change, out_bill_no="b2")
    assert asker.post(f"{path}/b2/cancel")["state"] == "CANCELING"


def _batch(*parts: dict[str, Any], **change: object) -> dict[str, Any]:
    given: tuple[dict[str, Any], ...] = parts or ({"transfer_amount": 100},)
    details: list[dict[str, Any]] = [
        {"out_detail_no": f"detail{n}", "transfer_remark": "x", "openid": f"o{n}", **part}
        for n, part in enumerate(given)
    ]
    total: int = sum(each["transfer_amount"] for each in details)
    body = {"appid": "wx", "out_batch_no": "batch1", "batch_name": "x", "batch_remark": "x"}
    whole = {"total_amount": total, "total_num": len(details), "notify_url": _URL}
    return {**body, **whole, "transfer_detail_list": details, **change}


def test_old_transfers_are_for_old_merchants(asker: Asker) -> None:
    """A new merchant has no permission; one who has it may lose it."""
    assert asker.refused("POST", _OLD, _batch()) == "403 NO_AUTH"
    asker.sandbox.allow_old_transfers()
    assert asker.post(_OLD, _batch())["batch_status"] == "ACCEPTED"
    asker.sandbox.allow_old_transfers(allowed=False)
    again = _batch(out_batch_no="batch2")
    assert asker.refused("POST", _OLD, again) == "403 NO_AUTH"


def test_old_dialect_transfers_for_old_merchants(asker: Asker) -> None:
    """APIv2's transfers are for the same merchants: the money goes, once, and a query tells so."""
    merchant = OldMerchant(asker.sandbox)
    transfer: dict[str, Any] = {
        "mch_appid": "wx",
        "mchid": OWN,
        "partner_trade_no": "gift1",
        "openid": "o1",
        "check_name": "NO_CHECK",
        "amount": 400,
        "desc": "x",
        "spbill_create_ip": "1.1.1.1",
    }
    named = {"re_user_name": "王小王", "check_name": "FORCE_CHECK", "partner_trade_no": "gift2"}

    def send(**change: Any) -> dict[str, str]:
        path = "/mmpaymkttransfers/promotion/transfers"
        return fields_of(merchant.call(path, **{**transfer, **change}))

    def find(number: str) -> dict[str, str]:
        path = "/mmpaymkttransfers/gettransferinfo"
        return fields_of(merchant.call(path, appid="wx", partner_trade_no=number))

    assert refused(send())[0] == "NO_AUTH"
    asker.sandbox.allow_old_transfers()
    assert refused(find("gift1"))[0] == "NOT_FOUND"
    assert refused(send(amount=OPENING + 1))[0] == "NOTENOUGH"
    assert refused(send(check_name="FORCE_CHECK"))[0] == "PARAM_ERROR"
    sent = send()
    assert send()["payment_no"] == sent["payment_no"]
    assert refused(send(amount=401))[0] == "FATAL_ERROR"
    assert asker.balance("OPERATION") == (-400, 0)
    found = find("gift1")
    assert (found["status"], found["payment_amount"]) == ("SUCCESS", "400")
    assert (found["detail_id"], found["openid"]) == (sent["payment_no"], "o1")
    assert send(**named)["payment_no"] != sent["payment_no"]
    assert find("gift2")["transfer_name"] == "王小王"


def test_old_batch_is_received_in_part(asker: Asker) -> None:
    """Each part is received or fails; the money of what failed is back; all of it is told."""
    asker.sandbox.allow_old_transfers()
    wrong = {"transfer_amount": 50, "transfer_remark": "NAME_NOT_CORRECT"}
    named = {"transfer_amount": 200_000, "user_name": asker.seal("张三")}
    body = _batch({"transfer_amount": 100}, wrong, named)
    made = asker.post(_OLD, body, sealed=True)
    assert asker.post(_OLD, body, sealed=True)["batch_id"] == made["batch_id"]
    other = {**body, "batch_name": "y"}
    assert asker.refused("POST", _OLD, other, sealed=True) == "400 ALREADY_EXISTS"
    assert asker.balance("OPERATION") == (-200_100, 0)
    query = f"{_OLD}/out-batch-no/batch1?need_query_detail="
    found = asker.get(f"{query}true&detail_status=FAIL")
    assert found["transfer_batch"]["batch_status"] == "FINISHED"
    assert found["transfer_batch"]["success_num"] == 2
    (failed,) = found["transfer_detail_list"]
    assert (failed["out_detail_no"], failed["detail_status"]) == ("detail1", "FAIL")
    by_id = f"{_OLD}/batch-id/{made['batch_id']}"
    assert "transfer_detail_list" not in asker.get(f"{by_id}?need_query_detail=false")
    listed = asker.get(f"{query}true&offset=1&limit=1")["transfer_detail_list"]
    assert [each["out_detail_no"] for each in listed] == ["detail1"]
    assert "transfer_detail_list" not in asker.get(f"{query}true&offset=9")
    detail = asker.get(f"{by_id}/details/detail-id/{failed['detail_id']}")
    assert (detail["fail_reason"], detail["mchid"]) == ("NAME_NOT_CORRECT", OWN)
    detail = asker.get(f"{_OLD}/out-batch-no/batch1/details/out-detail-no/detail2")
    assert asker.open(detail["user_name"]) == "张三"
    missing = f"{_OLD}/out-batch-no/batch1/details/out-detail-no/nothing"
    assert asker.refused("GET", missing) == "404 NOT_FOUND"
    (told,) = asker.told("MCHTRANSFER.BATCH.FINISHED")
    assert (told["success_amount"], told["fail_amount"]) == (200_100, 50)


@pytest.mark.parametrize(
    ("part", "change", "code"),
    [
        ({"transfer_amount": 100}, {"total_amount": 101}, "400 PARAM_ERROR"),
        ({"transfer_amount": 100}, {"total_num": 2}, "400 PARAM_ERROR"),
        ({"transfer_amount": 200_000}, {}, "400 PARAM_ERROR"),
        ({"transfer_amount": 29, "user_name": "sealed"}, {}, "400 PARAM_ERROR"),
        ({"transfer_amount": 500}, {}, "403 NOT_ENOUGH"),
    ],
)
def test_old_batch_that_cannot_be(
    asker: Asker, part: dict[str, Any], change: dict[str, Any], code: str
) -> None:
    """Sums, names and cover are looked at; what is refused is not there."""
    asker.sandbox.allow_old_transfers()
    asker.sandbox.set_balance("OPERATION", 499)
    if "user_name" in part:
        part = {**part, "user_name": asker.seal("张三")}
    body = _batch(part, **change)
    assert asker.refused("POST", _OLD, body, sealed="user_name" in part) == code
    for path in ("out-batch-no/batch1", "batch-id/1030"):
        query = f"{_OLD}/{path}?need_query_detail=false"
        assert asker.refused("GET", query) == "404 NOT_FOUND"


def test_old_receipts(asker: Asker) -> None:
    """A batch has a receipt, and each part that was received."""
    asker.sandbox.allow_old_transfers()
    wrong = {"transfer_amount": 50, "transfer_remark": "ACCOUNT_FROZEN"}
    asker.post(_OLD, _without_none(_batch({"transfer_amount": 100}, wrong, notify_url=None)))
    path = "v3/transfer/bill-receipt"
    assert asker.refused("GET", f"{path}/batch1") == "404 NOT_FOUND"
    assert asker.post(path, {"out_batch_no": "batch1"})["signature_status"] == "ACCEPTED"
    found = asker.get(f"{path}/batch1")
    assert hashlib.sha256(_file(asker, found)).hexdigest() == found["hash_value"]
    path = "v3/transfer-detail/electronic-receipts"
    body = {"accept_type": "BATCH_TRANSFER", "out_batch_no": "batch1", "out_detail_no": "detail0"}
    assert asker.post(path, body)["signature_status"] == "ACCEPTED"
    query = "&".join(f"{name}={value}" for name, value in body.items())
    assert asker.get(f"{path}?{query}")["signature_status"] == "FINISHED"
    refused = {**body, "out_detail_no": "detail1"}
    assert asker.refused("POST", path, refused) == "400 INVALID_REQUEST"
    assert asker.told("MCHTRANSFER.BATCH.FINISHED") == []


def test_partners_have_old_batches(asker: Asker) -> None:
    """A partner's batch is its sub-merchant's money, and is told with both merchants."""
    asker.sandbox.allow_old_transfers()
    path = "v3/partner-transfer/batches"
    part = {"transfer_amount": 100, "user_name": asker.seal("张三")}
    more = {"sub_mchid": SUB, "sub_appid": "wx", "appid": None, "notify_url": None}
    kind = {"authorization_type": "FUND_AUTHORIZATION_TYPE"}
    body = _without_none(_batch(part, **more, **kind))
    made = asker.post(path, body, sealed=True)
    assert "batch_status" not in made
    assert asker.balance("OPERATION", SUB) == (-100, 0)
    found = asker.get(f"{path}/out-batch-no/batch1?need_query_detail=true")
    assert (found["sp_mchid"], found["sub_mchid"], found["success_num"]) == (OWN, SUB, 1)
    detail = asker.get(f"{path}/out-batch-no/batch1/details/out-detail-no/detail0")
    assert asker.open(detail["username"]) == "张三"
    by_id = f"{path}/batch-id/{made['batch_id']}"
    assert asker.get(f"{by_id}?need_query_detail=true") == found
    detail_id = found["transfer_detail_list"][0]["detail_id"]
    assert asker.get(f"{by_id}/details/detail-id/{detail_id}")["out_detail_no"] == "detail0"
    missing = f"{path}/out-batch-no/batch9?need_query_detail=true"
    assert asker.refused("GET", missing) == "404 NOT_FOUND"
