"""Applications of a partner's merchants: each state, what ends them, and who settles then."""

from __future__ import annotations

from typing import Any

import pytest

from wechatpay.sandbox import Refusal, Sandbox

from .asker import NOON, Asker

_APPLY = "v3/applyment4sub/applyment"
_DAY = 86400


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox at noon."""
    return Sandbox(clock=lambda: NOON)


def _application(asker: Asker, *, public: bool = True, **change: object) -> dict[str, Any]:
    contact = {"contact_name": "张三", "mobile_phone": "13800000000", "contact_email": "a@b.cn"}
    kind = "CORPORATE" if public else "PERSONAL"
    account = {"bank_account_type": f"BANK_ACCOUNT_TYPE_{kind}", "account_bank": "工商银行"}
    sealed = {"account_name": asker.seal("张三"), "account_number": asker.seal("62220000001234")}
    identity = {"id_doc_type": "IDENTIFICATION_TYPE_IDCARD"}
    sales = {"sales_scenes_type": ["SALES_SCENES_MP"]}
    return {
        "business_code": "1900013511_10000",
        "contact_info": {name: asker.seal(text) for name, text in contact.items()},
        "subject_info": {"subject_type": "SUBJECT_TYPE_MICRO", "identity_info": identity},
        "business_info": {
            "merchant_shortname": "张三餐饮店",
            "service_phone": "0758XXXXX",
            "sales_info": sales,
        },
        "settlement_info": {"settlement_id": "719"},
        "bank_account_info": {**account, "bank_address_code": "110000", **sealed},
        **change,
    }


def _apply(asker: Asker, **change: Any) -> int:
    body = _application(asker, **change)
    applyment_id: int = asker.post(f"{_APPLY}/", body, sealed=True)["applyment_id"]
    return applyment_id


def _found(asker: Asker) -> Any:
    return asker.get(f"{_APPLY}/business_code/1900013511_10000")


def _state(asker: Asker) -> str:
    state: str = _found(asker)["applyment_state"]
    return state.removeprefix("APPLYMENT_STATE_")


@pytest.mark.parametrize("public", [True, False])
def test_application_goes_through_all_its_states(asker: Asker, public: bool) -> None:
    """The merchant has its number when it is to sign, and settles when all is done."""
    applyment_id = _apply(asker, public=public)
    told: list[tuple[str, bool]] = []
    for step in range(4):
        found = _found(asker)
        assert found == asker.get(f"{_APPLY}/applyment_id/{applyment_id}")
        assert found["sign_url"]
        told.append((_state(asker), "sub_mchid" in found))
        if step < 3:
            asker.sandbox.step_application("1900013511_10000")
    assert told == [
        ("AUDITING", False),
        ("TO_BE_CONFIRMED", False),
        ("TO_BE_SIGNED", True),
        ("SIGNING", True),
    ]
    settlement = f"v3/apply4sub/sub_merchants/{_found(asker)['sub_mchid']}/settlement"
    assert asker.refused("GET", settlement) == "404 RESOURCE_NOT_EXISTS"
    asker.sandbox.advance(30 * 60)
    assert _state(asker) == "FINISHED"
    account = asker.get(settlement)
    assert account["account_number"] == "**********1234"
    assert account["account_type"] == f"ACCOUNT_TYPE_{'BUSINESS' if public else 'PRIVATE'}"
    with pytest.raises(Refusal, match="INVALID_REQUEST"):
        asker.sandbox.step_application("1900013511_10000")


@pytest.mark.parametrize(("steps", "days", "state"), [(1, 10, "REJECTED"), (2, 30, "CANCELED")])
def test_application_ends_by_itself(asker: Asker, steps: int, days: int, state: str) -> None:
    """Whoever does not verify the account in ten days, or sign in thirty, has to begin anew."""
    _apply(asker)
    for _ in range(steps):
        asker.sandbox.step_application("1900013511_10000")
    before = _state(asker)
    asker.sandbox.advance(days * _DAY - 1)
    assert _state(asker) == before
    asker.sandbox.advance(1)
    assert _state(asker) == state


def test_rejected_application_is_overwritten(asker: Asker) -> None:
    """It says what was wrong; with the same number it is made anew; one that goes on is not."""
    first = _apply(asker)
    other = _application(asker, settlement_info={"settlement_id": "716"})
    assert asker.refused("POST", f"{_APPLY}/", other, sealed=True) == "400 INVALID_REQUEST"
    assert _apply(asker) == first
    told = asker.sandbox.step_application(
        "1900013511_10000", rejected=True, field="id_card_copy", reason="照片不清楚"
    )
    detail = {"field": "id_card_copy", "field_name": "id_card_copy", "reject_reason": "照片不清楚"}
    assert told["audit_detail"] == [detail]
    with pytest.raises(Refusal, match="INVALID_REQUEST"):
        asker.sandbox.step_application("1900013511_10000", rejected=True)
    assert _apply(asker) == first
    assert _state(asker) == "AUDITING"


def test_there_is_no_other_application(asker: Asker) -> None:
    """A number that nobody used is not found, by either way."""
    for way in ("business_code/1", "applyment_id/1"):
        assert asker.refused("GET", f"{_APPLY}/{way}") == "404 RESOURCE_NOT_EXISTS"
