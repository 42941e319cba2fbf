"""Refunds that do not simply succeed, and those of partners."""

from __future__ import annotations

import base64
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from wechatpay.sandbox import Answer, Refusal, Sandbox

from .merchant import NATIVE, ORDER, merchant_of, read

pytestmark = pytest.mark.usefixtures("at_once")

_NUMBER = str(ORDER["out_trade_no"])
_REFUNDS = "/v3/refund/domestic/refunds"
_URL = "https://www.weixin.qq.com/wxpay/refund.php"


def _call(sandbox: Sandbox, method: str, target: str, body: object = None, **serial: str) -> Answer:
    return merchant_of(sandbox).call(sandbox.gateway, method, target, body, **serial)


def _refund(sandbox: Sandbox, number: str, reason: str, refund: int = 40, **change: Any) -> Answer:
    amount = {"refund": refund, "total": 100, "currency": "CNY"}
    body = {"out_trade_no": _NUMBER, "out_refund_no": number, "reason": reason, "amount": amount}
    return _call(sandbox, "POST", _REFUNDS, {**body, "notify_url": _URL, **change})


def _query(sandbox: Sandbox, number: str) -> dict[str, Any]:
    return read(_call(sandbox, "GET", f"{_REFUNDS}/{number}"))


def _retry(sandbox: Sandbox, refund_id: str, number: str, **change: str) -> Answer:
    body = {"out_refund_no": number, "type": "MERCHANT_BANK_CARD", **change}
    target = f"{_REFUNDS}/{refund_id}/apply-abnormal-refund"
    serial = sandbox.world.keys.public_key_id
    return _call(sandbox, "POST", target, body, serial=serial)


def _told(sandbox: Sandbox) -> list[tuple[str, str]]:
    return [
        (each.event.event_type, each.event.resource["refund_status"])
        for each in sandbox.settle()
        if each.event.original_type == "refund"
    ]


def _refused(answer: Answer, status: int, code: str, field: str) -> None:
    said = read(answer)
    assert (answer.status, said["code"], said["detail"]["field"]) == (status, code, field)


@pytest.fixture
def shop(sandbox: Sandbox) -> Sandbox:
    """A sandbox with a paid order of 100."""
    _call(sandbox, "POST", NATIVE, ORDER)
    sandbox.pay(_NUMBER)
    return sandbox


def test_abnormal_refund(shop: Sandbox) -> None:
    """An abnormal refund is notified, holds its money, and can be sent to a bank account."""
    refund_id = read(_refund(shop, "1", "ABNORMAL"))["refund_id"]
    seen = _query(shop, "1")
    assert (seen["status"], "success_time" in seen) == ("ABNORMAL", False)
    assert _told(shop) == [("REFUND.ABNORMAL", "ABNORMAL")]
    _refused(_refund(shop, "2", "", 61), 400, "INVALID_REQUEST", "/amount/refund")
    answer = read(_retry(shop, refund_id, "1"))
    assert (answer["status"], answer["channel"]) == ("PROCESSING", "OTHER_BANKCARD")
    seen = _query(shop, "1")
    assert (seen["status"], seen["user_received_account"]) == ("SUCCESS", "商户银行账户")
    assert _told(shop)[1:] == [("REFUND.SUCCESS", "SUCCESS")]
    again = _retry(shop, refund_id, "1")
    _refused(again, 400, "INVALID_REQUEST", "/out_refund_no")
    assert read(again)["detail"]["issue"] == "SUCCESS"


def test_money_goes_to_the_customers_account(shop: Sandbox) -> None:
    """The customer's account and name come encrypted; only the account's end is shown."""
    refund_id = read(_refund(shop, "1", "ABNORMAL"))["refund_id"]
    keys = shop.world.keys
    key = cast("RSAPublicKey", keys.platform[keys.public_key_id].public_key())
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    account, name = (
        base64.b64encode(key.encrypt(text.encode(), oaep)).decode()
        for text in ("6222020000000001234", "张三")
    )
    user = {"type": "USER_BANK_CARD", "bank_type": "ICBC_DEBIT"}
    _refused(_retry(shop, refund_id, "1", **user), 400, "PARAM_ERROR", "/bank_account")
    user |= {"bank_account": account, "real_name": name}
    answer = read(_retry(shop, refund_id, "1", **user))
    assert answer["user_received_account"] == "ICBC_DEBIT 1234"


def test_retry_of_what_is_none(shop: Sandbox) -> None:
    """Both of a refund's numbers have to be right, and it has to be the merchant's."""
    refund_id = read(_refund(shop, "1", "ABNORMAL"))["refund_id"]
    _refused(_retry(shop, "5000000", "1"), 404, "RESOURCE_NOT_EXISTS", "refund_id")
    answer = _retry(shop, refund_id, "1", sub_mchid="1230000109")
    _refused(answer, 404, "RESOURCE_NOT_EXISTS", "refund_id")
    _refused(_retry(shop, refund_id, "2"), 400, "INVALID_REQUEST", "/out_refund_no")
    assert _query(shop, "1")["status"] == "ABNORMAL"


def test_closed_refund(shop: Sandbox) -> None:
    """A refund that is closed is told, and its money is the merchant's again."""
    _refund(shop, "1", "CLOSED", 100)
    assert _query(shop, "1")["status"] == "CLOSED"
    assert _told(shop) == [("REFUND.CLOSED", "CLOSED")]
    assert _refund(shop, "2", "", 100).status == 200
    _refused(_refund(shop, "3", "", 1), 400, "INVALID_REQUEST", "/amount/refund")


def test_refund_takes_its_time(shop: Sandbox) -> None:
    """A refund that is under way stays so until it is ended, which is told."""
    taken = read(_refund(shop, "1", "PROCESSING"))
    assert _query(shop, "1") == taken == read(_refund(shop, "1", "PROCESSING"))
    assert _told(shop) == []
    ended = shop.end_refund("1")
    assert ended["status"] == "SUCCESS"
    assert _query(shop, "1") == ended
    assert _told(shop) == [("REFUND.SUCCESS", "SUCCESS")]
    with pytest.raises(Refusal, match="INVALID_REQUEST"):
        shop.end_refund("1", "CLOSED")
    with pytest.raises(Refusal, match="RESOURCE_NOT_EXISTS"):
        shop.end_refund("2")


def test_partners_refund(sandbox: Sandbox) -> None:
    """A partner refunds for its merchant, says so each time, and is told with both numbers."""
    order: dict[str, Any] = {name: ORDER[name] for name in ORDER if name not in ("appid", "mchid")}
    order |= {"sp_appid": "wx1", "sp_mchid": "1900000109", "sub_mchid": "1230000109"}
    _call(sandbox, "POST", "/v3/pay/partner/transactions/native", order)
    sandbox.pay(_NUMBER)
    _refused(_refund(sandbox, "1", ""), 404, "RESOURCE_NOT_EXISTS", "/out_trade_no")
    assert _refund(sandbox, "1", "", sub_mchid="1230000109").status == 200
    assert _call(sandbox, "GET", f"{_REFUNDS}/1").status == 404
    done = read(_call(sandbox, "GET", f"{_REFUNDS}/1?sub_mchid=1230000109"))
    assert done["status"] == "SUCCESS"
    notice = sandbox.settle()[-1].event.resource
    assert (notice["sp_mchid"], notice["sub_mchid"]) == ("1900000109", "1230000109")
    assert "mchid" not in notice


def test_history(shop: Sandbox) -> None:
    """All orders and refunds are listed newest first, those of one order oldest first."""
    from wechatpay.sandbox._families.payments import Orders
    from wechatpay.sandbox._families.refunds import Refunds

    _call(shop, "POST", NATIVE, {**ORDER, "out_trade_no": "another"})
    _refund(shop, "1", "", 1)
    _refund(shop, "2", "", 1)
    orders, refunds = Orders(shop.world), Refunds(shop.world)
    unpaid, paid = orders.latest()
    assert (unpaid.number, paid.number) == ("another", _NUMBER)
    assert [each.number for each in orders.latest(limit=1, skip=1)] == [_NUMBER]
    assert [each.number for each in refunds.latest()] == ["2", "1"]
    assert [each.number for each in refunds.of_order(paid)] == ["1", "2"]
    assert refunds.of_order(unpaid) == []
    assert (paid.received, paid.refunded, paid.kept) == (100, 2, 98)
