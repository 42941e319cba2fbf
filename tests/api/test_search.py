"""`wechatpay.api.search`: what is meant comes first."""

import pytest

from wechatpay import api

MEANT = {
    "退款": ("post", "v3/refund/domestic/refunds"),
    "refund": ("post", "v3/refund/domestic/refunds"),
    "关闭订单": ("post", "v3/pay/transactions/out-trade-no/{out_trade_no}/close"),
    "小程序": ("post", "v3/pay/transactions/jsapi"),
    "jsapi": ("post", "v3/pay/transactions/jsapi"),
    "native 下单": ("post", "v3/pay/transactions/native"),
    "商家转账": ("post", "v3/fund-app/mch-transfer/transfer-bills"),
    "app": ("post", "v3/pay/transactions/app"),
    "query order": ("get", "v3/pay/transactions/id/{transaction_id}"),
    "close order": ("post", "v3/pay/transactions/out-trade-no/{out_trade_no}/close"),
    "partner close order": (
        "post",
        "v3/pay/partner/transactions/out-trade-no/{out_trade_no}/close",
    ),
    "Bill": ("get", "v3/bill/tradebill"),
    "投诉": ("get", "v3/merchant-service/complaints-v2"),
    "/pay/transactions/native": ("post", "v3/pay/transactions/native"),
    "partner transactions/native": ("post", "v3/pay/partner/transactions/native"),
    "怎么申请退款": ("post", "v3/refund/domestic/refunds"),
    "小程序下单接口": ("post", "v3/pay/transactions/jsapi"),
    "服务商下单": ("post", "v3/pay/partner/transactions/jsapi"),
    "how to refund": ("post", "v3/refund/domestic/refunds"),
    "QR code payment": ("post", "v3/pay/transactions/native"),
    "split payment": ("post", "v3/profitsharing/orders"),
}


@pytest.mark.parametrize("words", MEANT)
def test_what_is_meant_comes_first(words: str) -> None:
    """A word, or one that means the same, finds first what it usually means."""
    first = api.search(words)[0]
    assert (first.verb, first.path) == MEANT[words]


def test_what_is_out_of_use_comes_after_the_rest() -> None:
    """An endpoint that was withdrawn stands behind the one that took its place."""
    found = [each.path for each in api.search("transfer")]
    assert found.index("v3/fund-app/mch-transfer/transfer-bills") < found.index(
        "v2/mmpaymkttransfers/promotion/transfers"
    )


@pytest.mark.parametrize("words", ["", "nosuchthing", "refund nosuchthing", "敏感斑马", "how to"])
def test_every_word_has_to_be_there(words: str) -> None:
    """Nothing is found for no words, or where one of them is nowhere."""
    assert api.search(words) == ()


def test_a_slip_is_put_right() -> None:
    """A misspelt word suggests the one that is close to it; one close to nothing, none."""
    assert api.suggestion("refnud") == "refund"
    assert api.suggestion("refnud domestik") == "refund domestic"
    assert api.suggestion("xyzzyxyzzy") is None
    assert api.suggestion("") is None
