"""The end of a pay-score authorization."""

from __future__ import annotations

import pytest

from wechatpay.sandbox import Gateway, Sandbox

from .merchant import TERMINATE, TERMINATION, Merchant, read

_SAMPLE = TERMINATE.format("1234323JKHDFE1243252")


def test_termination_is_a_204(gateway: Gateway, merchant: Merchant) -> None:
    """The documentation's sample answers 204 without a body, as often as it is sent."""
    for _ in range(6):
        answer = merchant.call(gateway, "POST", _SAMPLE, TERMINATION)
        assert (answer.status, answer.body) == (204, b"")
        assert answer.header("content-type") == answer.header("content-length") == ""


def test_code_has_to_be_known(sandbox: Sandbox, merchant: Merchant) -> None:
    """A code is a 404 until a user agrees under it."""
    path = TERMINATE.format("A-new_code*1")
    answer = merchant.call(sandbox.gateway, "POST", path, TERMINATION)
    assert answer.status == 404
    assert read(answer)["code"] == "RESOURCE_NOT_EXISTS"
    assert read(answer)["detail"]["value"] == "A-new_code*1"
    sandbox.authorize("A-new_code*1")
    assert merchant.call(sandbox.gateway, "POST", path, TERMINATION).status == 204


@pytest.mark.words
@pytest.mark.parametrize("field", list(TERMINATION))
def test_every_field_is_required(gateway: Gateway, merchant: Merchant, field: str) -> None:
    """A missing field is a 400 that points at it."""
    body = {name: value for name, value in TERMINATION.items() if name != field}
    answer = merchant.call(gateway, "POST", _SAMPLE, body)
    assert answer.status == 400
    said = read(answer)
    assert said["detail"].pop("meaning").keys() == {"zh", "en"}
    assert said == {
        "code": "PARAM_ERROR",
        "message": f"输入源“/body/{field}”映射到字段“{field}”必填性规则校验失败，此字段为必填项",
        "detail": {"field": f"/{field}", "value": "", "issue": "required", "location": "body"},
    }


def test_long_reason_is_refused(gateway: Gateway, merchant: Merchant) -> None:
    """A reason has fifty characters at most, whatever their bytes."""
    fits = {**TERMINATION, "reason": "撤" * 50}
    assert merchant.call(gateway, "POST", _SAMPLE, fits).status == 204
    long = {**TERMINATION, "reason": "撤" * 51}
    answer = merchant.call(gateway, "POST", _SAMPLE, long)
    assert read(answer)["detail"]["issue"] == "longer than 50"


def test_body_has_to_be_json(gateway: Gateway, merchant: Merchant) -> None:
    """A body that is not JSON, or not there, is a 400."""
    for body in (b"", b"service_id=500001"):
        answer = merchant.call(gateway, "POST", _SAMPLE, body)
        assert (answer.status, read(answer)["code"]) == (400, "PARAM_ERROR")
