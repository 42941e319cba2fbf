"""The number at the end of a Request-ID: what it means, and who is told."""

from __future__ import annotations

import pytest
from gateway import Answer, Gateway
from ways import client_of

from wechatpay import APIError, api


def test_a_request_id_tells() -> None:
    """The last number of a Request-ID, or the number alone, is looked up; most are not known."""
    known = api.internal_code("08E68E97CC0610DF0618AC86BCA80120082880CF05-268578704")
    assert known is not None
    assert known == api.internal_code(268578704) == api.internal_code("268578704")
    assert known.message == "传入的 AppID 非法"
    assert known.products == ("product-coupon",)
    assert api.internal_code("08E68E97CC0610DF06-0") is None
    assert api.internal_code("no-number") is None
    assert api.internal_code("") is None
    assert api.internal_code(f"A-{'2' * 5000}") is None


def test_all_are_worded() -> None:
    """Each has official words and English ones, and they are sorted."""
    codes = api.internal_codes()
    assert [each.number for each in codes] == sorted({each.number for each in codes})
    for each in codes:
        assert each.message
        assert each.meaning.isascii()
        assert each.products


@pytest.mark.parametrize(("number", "told"), [("268447840", "too many requests"), ("0", "")])
def test_an_error_tells_what_the_number_means(gateway: Gateway, number: str, told: str) -> None:
    """The text of a refusal has the manual's reason, in front of the Request-ID."""
    body = {"code": "FREQUENCY_LIMITED", "message": "频率超限"}
    request_id = f"08E68E97CC0610DF0618AC86BCA80120082880CF05-{number}"
    gateway.default = Answer(429, body, {"Request-ID": request_id})
    with client_of(gateway, retries=0) as wxpay, pytest.raises(APIError) as caught:
        wxpay.v3.pay.transactions.native.post(json={})  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    expected = f"WeChat Pay's manuals on {number}: {told}. " if told else ""
    assert str(caught.value).endswith(f". {expected}[Request-ID {request_id}]")
    assert ("manuals" in str(caught.value)) is bool(told)
