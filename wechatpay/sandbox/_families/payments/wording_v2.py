"""How WeChat Pay says no to payments and refunds under APIv2.

The codes are documented; the messages are as documented or as merchants report them. What is
refused in APIv3's words elsewhere is said in APIv2's here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from ..._base.refusal import Refusal
from ..._endpoint import wording as _wording
from ..._endpoint.wording_v2 import OldRefusal
from ..bills import words as _wording_bills

_WORDS = {
    refusal.message: (code, message)
    for refusal, code, message in (
        (_wording.no_such_order("", ""), "ORDERNOTEXIST", "订单不存在"),
        (_wording.no_order_to_refund(""), "ORDERNOTEXIST", "订单不存在"),
        (_wording.order_number_used(""), "OUT_TRADE_NO_USED", "商户订单号重复"),
        (_wording.order_paid(""), "ORDERPAID", "该订单已支付"),
        (_wording.order_closed(""), "ORDERCLOSED", "该订单已关闭"),
        (_wording.order_being_paid(""), "USERPAYING", "用户支付中，需要输入密码"),
        (_wording.order_reversed(""), "ORDERREVERSED", "该订单已撤销"),
        (_wording.not_reversible(""), "INVALID_REQUEST", "仅付款码支付的订单可以撤销"),
        (_wording.order_refunded(""), "TRADE_ERROR", "订单已发生退款"),
        (_wording.order_shared(""), "TRADE_ERROR", "订单已分账"),
        (_wording.no_such_refund("", ""), "REFUNDNOTEXIST", "退款单不存在"),
        (_wording.refund_unpaid(""), "TRADE_STATE_ERROR", "订单未支付"),
        (
            _wording.refund_differs(""),
            "REFUND_FEE_MISMATCH",
            "订单金额或退款金额与之前请求不一致，请核实后再试",
        ),
        (_wording.refund_too_much(0, 0), "ERROR", "订单已全额退款"),
        (_wording.refund_too_much(0, 1), "REFUND_FEE_INVALID", "累计退款金额大于支付金额"),
        (
            _wording.refund_of_what_is_shared(0, 0),
            "NOTENOUGH",
            "基本账户余额不足，请充值后重新发起",
        ),
        (_wording.too_many_refunds(50), "INVALID_REQUEST", "一笔订单最多部分退款50次"),
    )
}
"""APIv2's code and message, by APIv3's message."""
_OLD_BILLS = {
    _wording_bills.no_such_day("").message: ("20001", "invalid bill_date"),
    _wording_bills.bill_too_old("").message: ("20001", "invalid bill_date"),
    _wording_bills.no_bill("").message: ("20002", "No Bill Exist"),
    _wording_bills.no_bill_yet("").message: ("20002", "Bill Creating"),
}


@contextlib.contextmanager
def in_old_words(*, reversing: bool = False) -> Generator[None]:
    """Say what is refused inside in APIv2's words.

    Args:
        reversing: Whether a reversal is refused: then `recall` tells if there is use in asking
            again, which is so while the customer is typing his password.
    """
    try:
        yield
    except OldRefusal:
        raise
    except Refusal as refusal:
        code, message = _WORDS[refusal.message]
        fields = {"recall": "Y" if code == "USERPAYING" else "N"} if reversing else {}
        raise OldRefusal(code, message, fields) from refusal


@contextlib.contextmanager
def of_a_trade_bill() -> Generator[None]:
    """Say why there is no bill: with an `error_code`, which the page lists with the words."""
    try:
        yield
    except Refusal as refusal:
        code, message = _OLD_BILLS[refusal.message]
        raise OldRefusal(code, message, {"error_code": code}, failed=True) from refusal


@contextlib.contextmanager
def of_a_fund_flow() -> Generator[None]:
    """Say why there is no fund-flow bill, as an `err_code`; the codes are APIv3's."""
    try:
        yield
    except Refusal as refusal:
        raise OldRefusal(refusal.code, refusal.message) from refusal


def openid_needed() -> OldRefusal:
    """Who pays in WeChat has to be named."""
    return OldRefusal("PARAM_ERROR", "JSAPI支付必须传openid", failed=True)


def no_such_time(name: str) -> OldRefusal:
    """The calendar or the clock does not have that moment."""
    return OldRefusal("PARAM_ERROR", f"参数错误：{name}（no such time）", failed=True)


def no_payment_code() -> OldRefusal:
    """What was scanned is no payment code."""
    return OldRefusal("AUTH_CODE_INVALID", "请扫描微信支付被扫条码/二维码")


def password_needed() -> OldRefusal:
    """The customer is typing his password; whether he pays is not known yet."""
    return OldRefusal("USERPAYING", "需要用户输入支付密码")


def not_enough() -> OldRefusal:
    """The customer has not got the money."""
    return OldRefusal("NOTENOUGH", "余额不足")


def too_late_to_reverse() -> OldRefusal:
    """An order can be reversed for a week."""
    return OldRefusal("REVERSE_EXPIRE", "订单无法撤销", {"recall": "N"})


def invalid_refund_fee() -> OldRefusal:
    """More is to be refunded than the order is said to have cost."""
    return OldRefusal("PARAM_ERROR", "invalid refund_fee", failed=True)
