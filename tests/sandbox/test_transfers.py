"""Transfers: one for each number, confirmed, cancelled, or ended by time."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from wechatpay.sandbox import Answer, Gateway, Refusal, Sandbox

from .merchant import Merchant, read

_BILLS = "/v3/fund-app/mch-transfer/transfer-bills"
_BY_NUMBER = f"{_BILLS}/out-bill-no/{{}}"
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
_TRANSFER: dict[str, Any] = {
    "appid": "wxd678efh567hg6787",
    "out_bill_no": "plfk2020042013",
    "openid": "o-MYE42l80oelYMDE34nYD456Xoy",
    "transfer_amount": 400,
    "transfer_remark": "2020年4月报销",
    "transfer_scene_id": "1005",
    "transfer_scene_report_infos": [
        {"info_type": "岗位类型", "info_content": "骑手"},
        {"info_type": "报酬说明", "info_content": "配送费"},
    ],
    "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
}


def _ask(gateway: Gateway, merchant: Merchant, **change: object) -> Answer:
    body = {**_TRANSFER, **change}
    serial = next(iter(merchant.platform)) if "user_name" in change else None
    return merchant.call(gateway, "POST", _BILLS, body, serial=serial)


def _query(gateway: Gateway, merchant: Merchant, number: str = "plfk2020042013") -> Answer:
    return merchant.call(gateway, "GET", _BY_NUMBER.format(number))


def _sealed(merchant: Merchant, text: str) -> str:
    (key,) = merchant.platform.values()
    return base64.b64encode(key.encrypt(text.encode(), _OAEP)).decode()


def _refused(answer: Answer, status: int, code: str, field: str) -> None:
    said = read(answer)
    assert (answer.status, said["code"], said["detail"]["field"]) == (status, code, field)


def test_transfer_waits_for_the_user(
    sandbox: Sandbox, gateway: Gateway, merchant: Merchant
) -> None:
    """What is asked for waits; the user confirms it, and the merchant is notified."""
    asked = read(_ask(gateway, merchant))
    assert asked["state"] == "WAIT_USER_CONFIRM"
    assert asked["package_info"]
    found = read(_query(gateway, merchant))
    assert found["transfer_bill_no"] == asked["transfer_bill_no"]
    assert (found["mch_id"], found["transfer_amount"]) == ("1900000109", 400)
    sandbox.confirm_transfer("plfk2020042013")
    bill = f"{_BILLS}/transfer-bill-no/{asked['transfer_bill_no']}"
    done = read(merchant.call(gateway, "GET", bill))
    assert found.pop("package_info") == asked["package_info"]
    assert done == {**found, "state": "SUCCESS", "update_time": done["update_time"]}
    (told,) = sandbox.notifications
    assert told.event.event_type == "MCHTRANSFER.BILL.FINISHED"
    assert told.event.resource["state"] == "SUCCESS"
    assert told.event.resource["openid"] == _TRANSFER["openid"]
    with pytest.raises(Refusal):
        sandbox.confirm_transfer("plfk2020042013")


def test_same_number_is_the_same_transfer(gateway: Gateway, merchant: Merchant) -> None:
    """Asked for twice, a transfer is one; with other content the number is refused."""
    assert read(_ask(gateway, merchant)) == read(_ask(gateway, merchant))
    _refused(_ask(gateway, merchant, transfer_amount=401), 400, "ALREADY_EXISTS", "/out_bill_no")


def test_name_goes_both_ways_encrypted(gateway: Gateway, merchant: Merchant) -> None:
    """A name comes encrypted for WeChat Pay, and goes out encrypted for the merchant."""
    assert _ask(gateway, merchant, user_name=_sealed(merchant, "张三")).status == 200
    found = read(_query(gateway, merchant))
    opened = merchant.key.decrypt(base64.b64decode(found["user_name"]), _OAEP)
    assert opened.decode() == "张三"
    _refused(_ask(gateway, merchant, user_name="张三"), 400, "PARAM_ERROR", "/user_name")


def test_name_goes_with_the_amount(gateway: Gateway, merchant: Merchant) -> None:
    """Large amounts need a name, and there is a least amount."""
    large = {"transfer_amount": 200_000}
    _refused(_ask(gateway, merchant, **large), 400, "PARAM_ERROR", "/user_name")
    named = {"user_name": _sealed(merchant, "张三")}
    assert _ask(gateway, merchant, **large, **named).status == 200
    _refused(_ask(gateway, merchant, transfer_amount=9), 400, "PARAM_ERROR", "/transfer_amount")


def test_merchant_cancels(sandbox: Sandbox, gateway: Gateway, merchant: Merchant) -> None:
    """Cancelling is under way when it is answered, and done when it is asked for."""
    _ask(gateway, merchant)
    cancel = _BY_NUMBER.format("plfk2020042013/cancel")
    assert read(merchant.call(gateway, "POST", cancel))["state"] == "CANCELING"
    assert read(_query(gateway, merchant))["state"] == "CANCELLED"
    assert read(merchant.call(gateway, "POST", cancel))["state"] == "CANCELLED"
    (told,) = sandbox.notifications
    assert told.event.resource["state"] == "CANCELLED"


def test_too_late_to_cancel(sandbox: Sandbox, gateway: Gateway, merchant: Merchant) -> None:
    """What the user has taken cannot be cancelled."""
    _ask(gateway, merchant)
    confirm = "/sandbox/transfers/plfk2020042013/confirm"
    assert read(merchant.call(gateway, "POST", confirm))["state"] == "SUCCESS"
    cancel = _BY_NUMBER.format("plfk2020042013/cancel")
    _refused(merchant.call(gateway, "POST", cancel), 400, "INVALID_REQUEST", "out_bill_no")


@pytest.mark.parametrize("confirmed", [True, False])
def test_time_ends_it(
    sandbox: Sandbox, gateway: Gateway, merchant: Merchant, confirmed: bool
) -> None:
    """What nobody confirms in a day has failed; what was confirmed stays so."""
    _ask(gateway, merchant)
    if confirmed:
        sandbox.confirm_transfer("plfk2020042013")
    sandbox.advance(24 * 3600)
    found = read(_query(gateway, merchant))
    if confirmed:
        assert found["state"] == "SUCCESS"
    else:
        assert (found["state"], found["fail_reason"]) == ("FAIL", "OVERDUE_CLOSE")
        assert "package_info" not in read(_ask(gateway, merchant))
    assert len(sandbox.notifications) == 1


def test_unknown_numbers(sandbox: Sandbox, gateway: Gateway, merchant: Merchant) -> None:
    """A number that nobody gave is a 404, by either number, to the merchant and to the user."""
    _refused(_query(gateway, merchant), 404, "NOT_FOUND", "out_bill_no")
    bill = f"{_BILLS}/transfer-bill-no/1330"
    _refused(merchant.call(gateway, "GET", bill), 404, "NOT_FOUND", "transfer_bill_no")
    with pytest.raises(Refusal, match="NOT_FOUND"):
        sandbox.confirm_transfer("nobody")


def test_no_notice_without_a_url(sandbox: Sandbox, gateway: Gateway, merchant: Merchant) -> None:
    """A transfer that does not say where is not told of."""
    body = {name: value for name, value in _TRANSFER.items() if name != "notify_url"}
    merchant.call(gateway, "POST", _BILLS, body)
    sandbox.confirm_transfer("plfk2020042013")
    assert sandbox.notifications == []
