"""Made-up answers: what was given comes back, and the rest looks like what it is called."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._endpoint import IncomingCall
from wechatpay.sandbox._endpoint import answer as made_up
from wechatpay.sandbox._endpoint.documented import Document, find
from wechatpay.sandbox._endpoint.plausible import Wish, integer, text

_DAY = datetime.fromisoformat("2026-01-02T00:00:00+08:00")
_NUMBERS = st.integers(min_value=0, max_value=2**128 - 1)


def _document(method: str, path: str) -> Document:
    document = find(method, path)
    assert document
    return document


def _answer(sandbox: Sandbox, method: str, path: str, /, **given_: Any) -> dict[str, Any]:
    call = IncomingCall(
        sandbox.world, given_.get("path", {}), given_.get("query", {}), given_["body"]
    )
    said = made_up(_document(method, path), call)
    assert isinstance(said, dict)
    return said


def test_what_was_given_comes_back(sandbox: Sandbox) -> None:
    """A value comes back where the answer has its name, if it is of the same type."""
    path = "v3/marketing/favor/coupon-stocks"
    answer = _answer(sandbox, "POST", path, body={"stock_id": "98065001"})
    assert answer["stock_id"] == "98065001"
    assert _answer(sandbox, "POST", path, body={"stock_id": ["98065001"]})["stock_id"] != [
        "98065001"
    ]


def test_lists_come_back_whole(sandbox: Sandbox) -> None:
    """A list of things is answered with as many things, each with its own number."""
    receivers = [{"account": "1", "amount": 5}, {"account": "2", "amount": 7}]
    body = {"out_order_no": "P1", "receivers": receivers, "transaction_id": 5}
    answer = _answer(sandbox, "POST", "v3/ecommerce/profitsharing/orders", body=body)
    assert answer["out_order_no"] == "P1"
    assert answer["transaction_id"] == "5"
    assert [each["amount"] for each in answer["receivers"]] == [5, 7]
    details = {each["detail_id"] for each in answer["receivers"]}
    assert len(details) == 2


def test_a_count_counts(sandbox: Sandbox) -> None:
    """A number called a count is the length of the list beside it."""
    answer = _answer(
        sandbox, "GET", "v3/merchant-service/complaints-v2", body={}, query={"limit": "5"}
    )
    assert answer["total_count"] == len(answer["data"]) == 1
    assert answer["limit"] == 5


def test_what_is_no_documented_value_does_not_come_back(sandbox: Sandbox) -> None:
    """A given value that an answer cannot have there is replaced by one that it can."""
    answer = _answer(
        sandbox,
        "GET",
        "v3/ecommerce/fund/balance/{sub_mchid}",
        body={"account_type": "NO SUCH"},
        path={"sub_mchid": "1230000109"},
    )
    assert answer["sub_mchid"] == "1230000109"
    assert answer["account_type"] in ("BASIC", "OPERATION", "FEES", "DEPOSIT")


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("name", "form", "pattern"),
    [
        ("create_time", "", r"2026-01-01T\d\d:\d\d:\d\d\+08:00"),
        ("expire_time", "rfc3339", r"2026-02-01T.*"),
        ("bill_date", "", "2026-01-01"),
        ("anything", "date", "2026-01-01"),
        ("mchid", "", "1900000109"),
        ("sp_mchid", "", "1900000109"),
        ("sub_mch_id", "", "1230000109"),
        ("sub_appid", "", "wx[0-9a-f]{16}"),
        ("openid", "", "o[0-9A-Za-z]{27}"),
        ("prepay_id", "", r"wx20260102\d{26}"),
        ("code_url", "", r"weixin://wxpay/bizpayurl\?pr=\w{9}"),
        ("h5_url", "", "https://sandbox.invalid/sandbox/h5_url/[0-9a-f]{32}"),
        ("media_id", "MediaId", r"\w{20}"),
        ("currency", "", "CNY"),
        ("mobile_phone", "", r"1380013\d{4}"),
        ("contact_email", "", r"user\d+@example\.com"),
        ("file_digest", "", "[0-9a-f]{32}"),
        ("transaction_id", "", r"42\d{8}20260102\d{10}"),
        ("count", "uint64", r"[1-9]\d{0,18}"),
        ("store_name", "", r"沙箱\d{4}"),
        ("whatever", "", "[0-9a-f]{32}"),
    ],
)
@given(number=_NUMBERS)
def test_a_value_looks_like_its_name(name: str, form: str, pattern: str, number: int) -> None:
    """A value is made from name and format: the same number, the same value."""
    wish = Wish(name, number, "1900000109", "https://sandbox.invalid", _DAY)
    made = text(wish, form)
    assert re.fullmatch(pattern, made)
    assert made == text(wish, form)


@given(_NUMBERS)
def test_numbers_are_numbers(number: int) -> None:
    """A number is fen, or the seconds of a time; bytes are base64."""
    wish = Wish("amount", number, "", "", _DAY)
    assert 1 <= integer(wish) <= 10_000
    assert integer(Wish("end_time", number, "", "", _DAY)) > _DAY.timestamp()
    assert len(base64.b64decode(text(wish, "base64"), validate=True)) == 16
