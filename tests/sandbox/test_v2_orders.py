"""APIv2's payments, with the standard library: placed, paid, asked for, closed, reversed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from string import Formatter
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.sandbox import Refusal, Sandbox
from wechatpay.sandbox._base import No, OldRefusal
from wechatpay.sandbox._families.payments import words as of_payments
from wechatpay.sandbox._families.refunds import words as of_refunds

from .merchant import BY_NUMBER, NATIVE, Merchant, read
from .merchant import ORDER as V3_ORDER
from .old_shop import APPID, NUMBER, Till, failed, refused

_HANDLES = {
    "NATIVE": {"code_url": r"weixin://wxpay/bizpayurl\?pr=.+"},
    "JSAPI": {},
    "APP": {},
    "MWEB": {"mweb_url": r"https://wx\.tenpay\.com/.+\?prepay_id=wx[0-9a-f]{34}&package=[0-9]+"},
}
_BEIJING = timezone(timedelta(hours=8))
_WEEK = 7 * 24 * 3600


@pytest.fixture
def till(sandbox: Sandbox) -> Till:
    """A till."""
    return Till(sandbox)


@pytest.mark.parametrize("trade_type", list(_HANDLES))
def test_order(till: Till, trade_type: str) -> None:
    """Each way to pay is answered with what the customer's side needs, and named once paid."""
    placed = till.place(trade_type=trade_type, openid="o-customer", device_info="013467007045764")
    assert re.fullmatch("wx[0-9a-f]{34}", placed["prepay_id"])
    for name, pattern in _HANDLES[trade_type].items():
        assert re.fullmatch(pattern, placed[name])
    if trade_type == "MWEB":
        assert f"prepay_id={placed['prepay_id']}&" in placed["mweb_url"]
    assert (placed["trade_type"], placed["device_info"]) == (trade_type, "013467007045764")
    assert till.query()["trade_state"] == "NOTPAY"
    till.sandbox.pay(NUMBER)
    paid = till.query()
    assert (paid["trade_type"], paid["openid"]) == (trade_type, "o-customer")


def test_own_merchant_is_no_sub_merchant(till: Till) -> None:
    """A partner's merchant is another than the partner."""
    assert failed(till.place(sub_mch_id="1900000109"))
    assert refused(till.query())[0] == "ORDERNOTEXIST"


def test_paid_order(till: Till) -> None:
    """An order that is paid tells how, when and by whom; before that, only which one it is."""
    till.place(attach="深圳分店")
    waiting = {
        "return_code": "SUCCESS",
        "return_msg": "OK",
        "result_code": "SUCCESS",
        "appid": APPID,
        "mch_id": "1900000109",
        "out_trade_no": NUMBER,
        "attach": "深圳分店",
        "trade_state": "NOTPAY",
        "trade_state_desc": "订单未支付",
    }
    assert till.query() == waiting
    till.sandbox.pay(NUMBER)
    paid = till.query()
    moment = datetime.strptime(paid.pop("time_end"), "%Y%m%d%H%M%S").replace(tzinfo=_BEIJING)
    assert abs(moment - datetime.now(timezone.utc)) < timedelta(minutes=1)
    assert re.fullmatch("[0-9]{28}", paid.pop("transaction_id"))
    assert paid == {
        **waiting,
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "is_subscribe": "N",
        "trade_type": "NATIVE",
        "bank_type": "OTHERS",
        "fee_type": "CNY",
        "total_fee": "100",
        "cash_fee": "100",
        "cash_fee_type": "CNY",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
    }


def test_by_either_number(till: Till) -> None:
    """WeChat Pay's number finds an order that was paid, and comes before the merchant's."""
    till.pay()
    number = till.query()["transaction_id"]
    by_id = till.ask("/pay/orderquery", appid=APPID, transaction_id=number, out_trade_no="none")
    assert by_id == till.query()
    code, _ = refused(till.ask("/pay/orderquery", appid=APPID, transaction_id="4200"))
    assert code == "ORDERNOTEXIST"
    assert refused(till.query(out_trade_no="nobody's")) == ("ORDERNOTEXIST", "订单不存在")


def test_same_order(till: Till) -> None:
    """The same order a second time is the same; with other content the number is refused."""
    first, second = till.place(), till.place()
    assert first.keys() == second.keys()
    assert first["code_url"] != second["code_url"]
    assert refused(till.place(total_fee=101)) == ("OUT_TRADE_NO_USED", "商户订单号重复")
    till.sandbox.pay(NUMBER)
    assert refused(till.place()) == ("ORDERPAID", "该订单已支付")


def test_closing(till: Till) -> None:
    """What is closed can neither be paid nor closed again; what is paid cannot be closed."""
    assert refused(till.close()) == ("ORDERNOTEXIST", "订单不存在")
    till.place()
    assert till.close()["result_msg"] == "OK"
    assert till.query()["trade_state"] == "CLOSED"
    assert refused(till.close()) == ("ORDERCLOSED", "该订单已关闭")
    assert refused(till.place()) == ("ORDERCLOSED", "该订单已关闭")
    with pytest.raises(Refusal):
        till.sandbox.pay(NUMBER)
    till.pay(out_trade_no="another")
    assert refused(till.close(out_trade_no="another")) == ("ORDERPAID", "该订单已支付")


def test_expiry(till: Till) -> None:
    """An order can be paid until its `time_expire`, which is Beijing's, and is closed by nobody."""
    moment = datetime.now(_BEIJING) + timedelta(minutes=10)
    till.place(time_expire=f"{moment:%Y%m%d%H%M%S}")
    till.sandbox.advance(500)
    assert till.query()["trade_state"] == "NOTPAY"
    till.sandbox.advance(100)
    assert till.query()["trade_state"] == "NOTPAY"
    with pytest.raises(Refusal, match="ORDER_CLOSED"):
        till.sandbox.pay(NUMBER)
    assert refused(till.place(time_expire=f"{moment:%Y%m%d%H%M%S}"))[0] == "ORDERCLOSED"


@pytest.mark.words
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trade_type": "JSAPI"}, "JSAPI支付必须传openid"),
        ({"time_expire": "20260231000000"}, "参数错误：time_expire（时间不存在）"),
        ({"time_expire": "2026"}, "参数错误：time_expire（does not match [0-9]{14}）"),
        ({"total_fee": 0}, "参数错误：total_fee（less than 1）"),
        ({"total_fee": "1.5"}, "参数错误：total_fee（not integer）"),
        ({"out_trade_no": "a b"}, None),
        ({"out_trade_no": "1" * 33}, "参数错误：out_trade_no（longer than 32）"),
        ({"trade_type": "PIGEON"}, None),
        ({"fee_type": "USD"}, None),
        ({"notify_url": "https://shop.example/?a=1"}, None),
        ({"body": ""}, "缺少参数body"),
    ],
)
def test_wrong_orders(till: Till, change: dict[str, Any], message: str | None) -> None:
    """What cannot be right is refused by name, and nothing is ordered."""
    said = failed(till.place(**change))
    assert said == message if message else f"参数错误：{next(iter(change))}" in said
    assert refused(till.query())[0] == "ORDERNOTEXIST"


def test_partner(till: Till) -> None:
    """A service provider orders for its merchants, whose numbers are their own."""
    sub = {"sub_mch_id": "1230000109", "sub_appid": "wx8888888888888888"}
    customer = {"sub_openid": "o-sub", "trade_type": "JSAPI"}
    placed = till.place(**sub, **customer)
    assert (placed["sub_mch_id"], placed["sub_appid"]) == tuple(sub.values())
    assert till.place(total_fee=7)["prepay_id"] != placed["prepay_id"]
    till.place(**sub, **customer, out_trade_no="theirs", profit_sharing="Y")
    till.sandbox.pay("theirs")
    theirs = till.query(sub_mch_id="1230000109", out_trade_no="theirs")
    assert (theirs["mch_id"], theirs["sub_mch_id"]) == ("1900000109", "1230000109")
    assert (theirs["openid"], theirs["sub_openid"]) == ("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "o-sub")
    assert refused(till.query(out_trade_no="theirs"))[0] == "ORDERNOTEXIST"


def test_either_api_sees_it(sandbox: Sandbox, till: Till, merchant: Merchant) -> None:
    """An order of one API is asked for, closed and kept single by the other."""
    by_number = BY_NUMBER.format(NUMBER) + "?mchid=1900000109"
    till.pay(attach="x")
    seen = read(merchant.call(sandbox.gateway, "GET", by_number))
    assert seen["transaction_id"] == till.query()["transaction_id"]
    assert (seen["amount"]["total"], seen["attach"], seen["trade_type"]) == (100, "x", "NATIVE")
    assert seen["success_time"].endswith("+08:00")
    other = {**V3_ORDER, "out_trade_no": "of-v3-order"}
    merchant.call(sandbox.gateway, "POST", NATIVE, other)
    assert till.query(out_trade_no="of-v3-order")["trade_state"] == "NOTPAY"
    assert refused(till.place(out_trade_no="of-v3-order"))[0] == "OUT_TRADE_NO_USED"
    till.close(out_trade_no="of-v3-order")
    closed = merchant.call(sandbox.gateway, "POST", NATIVE, other)
    assert read(closed)["code"] == "ORDER_CLOSED"


def test_code_is_paid(till: Till) -> None:
    """A payment code is paid at once, and answered as a query answers it."""
    paid = till.charge(1)
    assert (paid["trade_type"], paid["total_fee"]) == ("MICROPAY", "100")
    asked = till.query()
    assert asked.pop("trade_state") == "SUCCESS"
    del asked["trade_state_desc"]
    assert asked == paid
    assert refused(till.charge(1)) == ("ORDERPAID", "该订单已支付")


@pytest.mark.parametrize("ends", ["paid", "gives up", "waits"])
def test_code_with_password(till: Till, ends: str) -> None:
    """After a code that ends with 0 the customer types the password, within a minute."""
    assert refused(till.charge(0)) == ("USERPAYING", "需要用户输入支付密码")
    assert refused(till.charge(0))[0] == "USERPAYING"
    assert till.query()["trade_state"] == "USERPAYING"
    if ends == "paid":
        till.sandbox.pay(NUMBER)
    elif ends == "gives up":
        till.sandbox.fail(NUMBER)
    else:
        till.sandbox.advance(61)
    expected = "SUCCESS" if ends == "paid" else "PAYERROR"
    assert till.query()["trade_state"] == expected


def test_code_without_money(till: Till) -> None:
    """With a code that ends with 9 the customer cannot pay."""
    assert refused(till.charge(9)) == ("NOTENOUGH", "余额不足")
    assert till.query()["trade_state"] == "PAYERROR"
    assert refused(till.charge(9)) == ("ORDERCLOSED", "该订单已关闭")


def test_no_code(till: Till) -> None:
    """What is not a payment code is said to be none, and nothing is ordered."""
    assert refused(till.charge(0, auth_code="42"))[0] == "AUTH_CODE_INVALID"
    assert refused(till.query())[0] == "ORDERNOTEXIST"


def test_other_code_under_the_number(till: Till) -> None:
    """A number is for one code: with another it is refused."""
    till.charge(0)
    assert refused(till.charge(1))[0] == "OUT_TRADE_NO_USED"


def test_reversing(till: Till) -> None:
    """A paid code is reversed, as often as one likes, and its number is over."""
    till.charge(1)
    for _ in range(2):
        assert till.reverse()["recall"] == "N"
    assert till.query()["trade_state"] == "REVOKED"
    assert refused(till.charge(1)) == ("ORDERREVERSED", "该订单已撤销")


def test_reversing_says_whether_to_go_on(till: Till) -> None:
    """Whatever is refused, there is no use in reversing again; even a password need not be typed.

    The 15 seconds between payment and reversal are advice.
    """
    missing = till.reverse()
    assert (refused(missing)[0], missing["recall"]) == ("ORDERNOTEXIST", "N")
    till.charge(0)
    assert till.reverse()["recall"] == "N"
    with pytest.raises(Refusal, match="ORDERREVERSED"):
        till.sandbox.pay(NUMBER)
    till.place(out_trade_no="native")
    other = till.reverse(out_trade_no="native")
    assert (refused(other)[0], other["recall"]) == ("INVALID_REQUEST", "N")
    till.charge(1, out_trade_no="refunded")
    till.refund(out_trade_no="refunded")
    gone = till.reverse(out_trade_no="refunded")
    assert (refused(gone)[0], gone["recall"]) == ("TRADE_ERROR", "N")


def test_reversing_too_late(till: Till) -> None:
    """A payment can be reversed for a week."""
    till.charge(1)
    till.sandbox.advance(_WEEK - 60)
    late = "late"
    till.charge(2, out_trade_no=late)
    assert till.reverse()["recall"] == "N"
    till.sandbox.advance(_WEEK + 60)
    said = till.reverse(out_trade_no=late)
    assert (refused(said)[0], said["recall"]) == ("REVERSE_EXPIRE", "N")


@pytest.mark.parametrize("kind", ["MD5", "HMAC-SHA256"])
def test_either_signature(till: Till, kind: str) -> None:
    """What is signed either way is answered the same way, refusals as well."""
    assert till.place(sign_type=kind)["prepay_id"]
    assert till.query(sign_type=kind)["trade_state"] == "NOTPAY"
    assert refused(till.reverse(sign_type=kind))[0] == "INVALID_REQUEST"


@pytest.mark.parametrize("words", [of_payments, of_refunds], ids=["payments", "refunds"])
def test_every_refusal_has_old_words(words: ModuleType) -> None:
    """Whatever the domain refuses can be said in APIv2's words, whose codes have no status."""
    refusals = [each for each in vars(words).values() if isinstance(each, No)]
    assert len(refusals) > 5
    for no in refusals:
        names = {name for text in no.text for _, name, _, _ in Formatter().parse(text) if name}
        old = OldRefusal.of(no("", **dict.fromkeys(names, "x")))
        assert (old.status, old.code.isupper(), bool(old.message)) == (200, True, True)


def test_refusals_by_hand_keep_their_code() -> None:
    """A refusal that stands in no words has the same code and message in APIv2's."""
    old = OldRefusal.of(Refusal(400, "PARAM_ERROR", "no"))
    assert (old.code, old.message, old.failed) == ("PARAM_ERROR", "no", False)


def test_old_words_stay() -> None:
    """What is in APIv2's words already is left alone."""
    refusal = of_payments.NOT_ENOUGH()
    assert OldRefusal.of(refusal) is refusal


@given(st.from_regex("[0-9]{14}", fullmatch=True))
def test_any_digits_are_a_time_or_refused(digits: str) -> None:
    """Fourteen digits are a moment, which says so again, or no moment."""
    from wechatpay.sandbox._families.payments import in_v2

    try:
        moment = in_v2.moment(digits)
    except ValueError:
        return
    assert f"{moment.year:04}{moment:%m%d%H%M%S}" == digits
