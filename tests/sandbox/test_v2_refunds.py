"""APIv2's refunds, with the standard library: in parts, refused, asked for, by mutual TLS."""

from __future__ import annotations

import re
import ssl
from typing import Any

import httpx
import pytest

from wechatpay.sandbox import Sandbox

from .merchant import Merchant, read
from .old_dialect import NONCE, fields_of, xml_of
from .old_shop import APPID, NUMBER, REFUND, Till, failed, refused

pytestmark = pytest.mark.usefixtures("at_once")

_V3 = "/v3/refund/domestic/refunds"


@pytest.fixture
def till(sandbox: Sandbox) -> Till:
    """A till with an order that was paid."""
    till = Till(sandbox)
    till.pay()
    return till


def test_refund(till: Till) -> None:
    """A part of an order is refunded, once for each number, and is done when it is asked for."""
    asked = till.refund()
    assert re.fullmatch("[0-9]{29}", asked["refund_id"])
    amounts = {"refund_fee": "40", "total_fee": "100", "cash_fee": "100", "cash_refund_fee": "40"}
    assert amounts.items() <= asked.items()
    assert till.refund() == asked
    found = till.refunds(out_refund_no=REFUND["out_refund_no"])
    when = found.pop("refund_success_time_0")
    assert re.fullmatch("[0-9]{4}(-[0-9]{2}){2} [0-9]{2}(:[0-9]{2}){2}", when)
    assert found == {
        "return_code": "SUCCESS",
        "return_msg": "OK",
        "result_code": "SUCCESS",
        "appid": APPID,
        "mch_id": "1900000109",
        "transaction_id": asked["transaction_id"],
        "out_trade_no": NUMBER,
        "total_fee": "100",
        "fee_type": "CNY",
        "cash_fee": "100",
        "refund_count": "1",
        "out_refund_no_0": REFUND["out_refund_no"],
        "refund_id_0": asked["refund_id"],
        "refund_channel_0": "ORIGINAL",
        "refund_fee_0": "40",
        "refund_status_0": "SUCCESS",
        "refund_account_0": "REFUND_SOURCE_UNSETTLED_FUNDS",
        "refund_recv_accout_0": "支付用户零钱",
    }
    assert till.query()["trade_state"] == "REFUND"


@pytest.mark.parametrize(
    ("reason", "status"),
    [("CLOSED", "REFUNDCLOSE"), ("ABNORMAL", "CHANGE"), ("PROCESSING", "PROCESSING")],
)
def test_ends(till: Till, reason: str, status: str) -> None:
    """How it ends is said by `refund_desc`, and by whose money it was."""
    till.refund(refund_desc=reason, refund_account="REFUND_SOURCE_RECHARGE_FUNDS")
    found = till.refunds(out_trade_no=NUMBER)
    assert (found["refund_status_0"], "refund_success_time_0" in found) == (status, False)
    assert found["refund_account_0"] == "REFUND_SOURCE_RECHARGE_FUNDS"


def test_refusals(till: Till) -> None:
    """What cannot be refunded is refused in the words that merchants report."""
    assert failed(till.refund(refund_fee=101)) == "invalid refund_fee"
    assert failed(till.refund(refund_fee=0)) == "参数错误：refund_fee（less than 1）"
    assert refused(till.refund(total_fee=99))[0] == "REFUND_FEE_MISMATCH"
    assert refused(till.refund(out_trade_no="nobody's"))[0] == "ORDERNOTEXIST"
    till.refund()
    assert refused(till.refund(refund_fee=41))[0] == "REFUND_FEE_MISMATCH"
    assert refused(till.refund(out_refund_no="2", refund_fee=61)) == (
        "REFUND_FEE_INVALID",
        "累计退款金额大于支付金额",
    )
    till.refund(out_refund_no="3", refund_fee=60)
    assert refused(till.refund(out_refund_no="4", refund_fee=1)) == ("ERROR", "订单已全额退款")
    till.place(out_trade_no="unpaid")
    assert refused(till.refund(out_trade_no="unpaid", out_refund_no="5")) == (
        "TRADE_STATE_ERROR",
        "订单未支付",
    )


def test_refunds_of_an_order(till: Till) -> None:
    """An order's refunds come ten at a time; `offset` leads to the rest, and says how many."""
    assert refused(till.refunds(out_trade_no=NUMBER)) == ("REFUNDNOTEXIST", "退款单不存在")
    for number in range(12):
        till.refund(out_refund_no=f"refund-{number}", refund_fee=1)
    first = till.refunds(out_trade_no=NUMBER)
    assert (first["refund_count"], first["out_refund_no_9"]) == ("10", "refund-9")
    assert "total_refund_count" not in first
    transaction_id = till.query()["transaction_id"]
    rest = till.refunds(transaction_id=transaction_id, offset=10)
    assert (rest["refund_count"], rest["total_refund_count"]) == ("2", "12")
    assert rest["out_refund_no_1"] == "refund-11"
    assert till.refunds(transaction_id=transaction_id, offset=12)["refund_count"] == "0"


def test_the_most_exact_number_counts(till: Till) -> None:
    """A refund is found by WeChat Pay's number, else by the merchant's, else by its order."""
    one, two = till.refund(), till.refund(out_refund_no="2", refund_fee=1)
    by_id = till.refunds(refund_id=two["refund_id"], out_refund_no=one["out_refund_no"])
    assert by_id["out_refund_no_0"] == "2"
    named = till.refunds(out_refund_no=one["out_refund_no"], out_trade_no=NUMBER)
    assert (named["refund_count"], named["refund_fee_0"]) == ("1", "40")
    for wrong in ({"refund_id": "50"}, {"out_refund_no": "none"}):
        assert refused(till.refunds(**wrong))[0] == "REFUNDNOTEXIST"
    foreign = till.refunds(refund_id=two["refund_id"], sub_mch_id="1230000109")
    assert refused(foreign)[0] == "REFUNDNOTEXIST"


def test_partner(till: Till) -> None:
    """A service provider refunds its merchant's orders, and nobody else's."""
    sub: dict[str, Any] = {"sub_mch_id": "1230000109"}
    till.pay(**sub, out_trade_no="theirs")
    assert refused(till.refund(out_trade_no="theirs"))[0] == "ORDERNOTEXIST"
    asked = till.refund(**sub, out_trade_no="theirs")
    assert (asked["mch_id"], asked["sub_mch_id"]) == ("1900000109", "1230000109")
    assert till.refunds(**sub, out_trade_no="theirs")["sub_mch_id"] == "1230000109"


def test_either_api_sees_it(sandbox: Sandbox, till: Till, merchant: Merchant) -> None:
    """A refund of one API is asked for by the other, and both are of the same money."""
    till.refund()
    found = read(merchant.call(sandbox.gateway, "GET", f"{_V3}/{REFUND['out_refund_no']}"))
    assert (found["status"], found["amount"]["refund"]) == ("SUCCESS", 40)
    body: dict[str, Any] = {"out_trade_no": NUMBER, "out_refund_no": "of-v3"}
    body["amount"] = {"refund": 60, "total": 100, "currency": "CNY"}
    assert merchant.call(sandbox.gateway, "POST", _V3, body).status == 200
    assert till.refunds(out_trade_no=NUMBER)["refund_fee_1"] == "60"
    assert refused(till.refund(out_refund_no="more", refund_fee=1))[0] == "ERROR"


def _post(client: httpx.Client, till: Till, path: str, **fields: Any) -> httpx.Response:
    signed = till.signed({"mch_id": till.mchid, "nonce_str": NONCE, **fields})
    return client.post(f"{till.sandbox.url}{path}", content=xml_of(signed))


@pytest.mark.words
def test_mutual_tls(tmp_path: Any) -> None:
    """By TLS, money goes back only to who shows the merchant's certificate; asking needs none."""
    with Sandbox(port=0, tls=True) as sandbox:
        till = Till(sandbox)
        till.pay()
        certificate, key = sandbox.config["merchant"]
        (tmp_path / "cert.pem").write_text(certificate)
        (tmp_path / "key.pem").write_text(key)
        bare = ssl.create_default_context(cafile=str(sandbox.ca))
        with httpx.Client(verify=bare, trust_env=False) as client:
            for path in ("/secapi/pay/refund", "/secapi/pay/reverse"):
                said = _post(client, till, path, **REFUND)
                assert (said.status_code, said.headers["content-type"]) == (400, "text/html")
                assert "No required SSL certificate was sent" in said.text
            asked = {name: REFUND[name] for name in ("appid", "out_trade_no")}
            assert b"SUCCESS" in _post(client, till, "/pay/refundquery", **asked).content
        bare.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
        with httpx.Client(verify=bare, trust_env=False) as client:
            answer = _post(client, till, "/secapi/pay/refund", **REFUND)
            assert b"<refund_id>" in answer.content
    refusals = [(each.certificate, each.status, each.code) for each in sandbox.exchanges[-4:]]
    serial = sandbox.world.keys.merchant_serial
    none = ("", 400, "CERT_ERROR")
    assert refusals == [none, none, ("", 200, "REFUNDNOTEXIST"), (serial, 200, "")]


def test_plain_front_asks_for_no_certificate() -> None:
    """Where there is no TLS, nobody can show a certificate, and none is asked for."""
    with Sandbox(port=0) as sandbox:
        till = Till(sandbox)
        till.pay()
        with httpx.Client(trust_env=False) as client:
            answer = _post(client, till, "/secapi/pay/refund", **REFUND)
        assert b"<refund_id>" in answer.content
    assert sandbox.exchanges[-1].certificate == ""


def test_a_wrong_message(till: Till) -> None:
    """An unsigned refund is refused, and nothing goes back."""
    answer = till.post("/secapi/pay/refund", xml_of({"mch_id": till.mchid, **REFUND}))
    assert failed(fields_of(answer)) == "缺少参数sign"
    assert till.query()["trade_state"] == "SUCCESS"
