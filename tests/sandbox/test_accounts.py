"""Accounts: what is on them, what goes to the bank, what comes from it and what comes back."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

import pytest

from wechatpay.sandbox import Refusal, Sandbox

from .asker import NOON, OPENING, OWN, SUB, Asker
from .merchant import NATIVE, ORDER

pytestmark = pytest.mark.usefixtures("at_once")

_OWN, _SUBS = "v3/merchant/fund", "v3/ecommerce/fund"
_RESERVED = "v3/platsolution/ecommerce/withdraw/day-end-balance-withdraw"
_RECHARGES = "v3/platsolution/ecommerce/recharges"
_URL = "https://www.weixin.qq.com/wxpay/pay.php"
_DAY, _HOUR = 86400, 3600


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox at noon of a Thursday."""
    return Sandbox(clock=lambda: NOON)


def _withdraw(asker: Asker, number: str = "w1", fen: int = 1000, **more: object) -> Any:
    body = {"out_request_no": number, "amount": fen, "account_type": "BASIC", "notify_url": _URL}
    return asker.post(f"{_OWN}/withdraw", {**body, **more})


def _state(asker: Asker, number: str = "w1") -> Any:
    return asker.get(f"{_OWN}/withdraw/out-request-no/{number}")["status"]


def _pay(asker: Asker, number: str, fen: int, **more: object) -> str:
    amount = {"total": fen, "currency": "CNY"}
    asker.post(NATIVE[1:], {**ORDER, "out_trade_no": number, "amount": amount, **more})
    transaction_id: str = asker.sandbox.pay(number)["transaction_id"]
    return transaction_id


def test_payments_are_on_the_basic_account(asker: Asker) -> None:
    """What was paid is there, less the fee; what went back is not; other accounts have nothing."""
    _pay(asker, "order-00001", 1000)
    assert asker.balance() == (994, 0)
    amount = {"refund": 500, "total": 1000, "currency": "CNY"}
    refund = {"out_trade_no": "order-00001", "out_refund_no": "r", "amount": amount}
    asker.post("v3/refund/domestic/refunds", refund)
    assert asker.balance() == (497, 0)
    asker.sandbox.advance(60)  # what is settled is not added up again
    assert asker.balance() == (497, 0)
    _pay(asker, "order-00002", 1000)
    assert asker.balance() == (497 + 994, 0)
    assert asker.balance("OPERATION") == asker.balance("FEES") == (0, 0)


def test_sub_merchants_have_their_own(asker: Asker) -> None:
    """What a sub-merchant was paid is on its account, not on the partner's."""
    body = {"sp_appid": "wx", "sp_mchid": OWN, "sub_mchid": SUB, "out_trade_no": "order-00001"}
    placed = {name: value for name, value in ORDER.items() if name not in ("mchid", "appid")}
    asker.post("v3/pay/partner/transactions/native", {**placed, **body})
    asker.sandbox.pay("order-00001")
    assert asker.balance(mchid=SUB) == (99, 0)
    assert asker.balance() == (0, 0)
    assert asker.balance("DEPOSIT", SUB) == (0, 0)


def test_what_is_to_be_shared_is_pending(asker: Asker) -> None:
    """It cannot be used before it was shared and set free; what is refunded meanwhile is its."""
    paid = _pay(asker, "order-00001", 1000, settle_info={"profit_sharing": True})
    assert asker.balance() == (-6, 1000)
    amount = {"refund": 100, "total": 1000, "currency": "CNY"}
    refund = {"out_trade_no": "order-00001", "out_refund_no": "r", "amount": amount}
    refunded = asker.post("v3/refund/domestic/refunds", refund)
    assert (refunded["funds_account"], asker.balance()) == ("UNAVAILABLE", (-5, 900))
    asker.sandbox.advance(61)
    receiver = {"type": "MERCHANT_ID", "account": "1900000110"}
    known = {"appid": "wx", **receiver, "relation_type": "STORE"}
    asker.post("v3/profitsharing/receivers/add", known)
    part = {**receiver, "amount": 200, "description": "x"}
    shared = {"appid": "wx", "transaction_id": paid, "out_order_no": "s1", "receivers": [part]}
    asker.post("v3/profitsharing/orders", {**shared, "unfreeze_unsplit": False})
    assert asker.balance() == (-5, 700)
    free = {"transaction_id": paid, "out_order_no": "s2", "description": "x"}
    asker.post("v3/profitsharing/orders/unfreeze", free)
    assert asker.balance() == (695, 0)
    asker.sandbox.advance(1)
    refunded = asker.post("v3/refund/domestic/refunds", {**refund, "out_refund_no": "r2"})
    assert (refunded["funds_account"], asker.balance()) == ("AVAILABLE", (596, 0))


def test_withdrawal_arrives_on_the_next_working_day(asker: Asker) -> None:
    """The money is gone at once, arrives on Friday, and the merchant is told."""
    made = _withdraw(asker)
    assert asker.balance() == (-1000, 0)
    found = asker.get(f"{_OWN}/withdraw/withdraw-id/{made['withdraw_id']}")
    assert (found["status"], found["amount"]) == ("CREATE_SUCCESS", 1000)
    asker.sandbox.advance(21 * _HOUR)
    assert _state(asker) == "CREATE_SUCCESS"
    asker.sandbox.advance(_HOUR)
    assert _state(asker) == "SUCCESS"
    (told,) = asker.told("MCHWITHDRAW.CHANGE")
    assert (told["out_request_no"], told["status"]) == ("w1", "SUCCESS")


def test_weekends_do_not_count(asker: Asker) -> None:
    """What is asked for on a Friday arrives on Monday."""
    asker.sandbox.advance(_DAY)
    _withdraw(asker)
    asker.sandbox.advance(2 * _DAY + 21 * _HOUR)
    assert _state(asker) == "CREATE_SUCCESS"
    asker.sandbox.advance(_HOUR)
    assert _state(asker) == "SUCCESS"


def test_bank_sends_it_back(asker: Asker) -> None:
    """Within seven working days after it arrived the money may come back; later it does not."""
    for number in ("w1", "w2"):
        _withdraw(asker, number)
        asker.sandbox.end_withdrawal(number, "SUCCESS")
    asker.sandbox.advance(11 * _DAY)  # Monday, the seventh working day
    back = asker.sandbox.return_withdrawal("w1", "户名不符")
    assert (back["status"], back["reason"]) == ("REFUND", "户名不符")
    assert asker.balance() == (-1000, 0)
    asker.sandbox.advance(_DAY)
    with pytest.raises(Refusal, match="INVALID_REQUEST"):
        asker.sandbox.return_withdrawal("w2")
    with pytest.raises(Refusal, match="INVALID_REQUEST"):
        asker.sandbox.end_withdrawal("w1")
    with pytest.raises(Refusal, match="ORDER_NOT_EXIST"):
        asker.sandbox.end_withdrawal("w3")


def test_what_went_wrong_is_in_a_file(asker: Asker) -> None:
    """Failed and returned withdrawals of a day are in its file; of another day there is none."""
    bill = f"{_OWN}/withdraw/bill-type/NO_SUCC?bill_date="
    assert asker.refused("GET", f"{bill}2026-01-01") == "400 NO_STATEMENT_EXIST"
    assert asker.refused("GET", f"{bill}2026-13-01") == "400 NO_STATEMENT_EXIST"
    _withdraw(asker)
    asker.sandbox.end_withdrawal("w1", "FAIL", "账户冻结")
    assert asker.balance() == (0, 0)
    for tail in ("", "&tar_type=GZIP"):
        said = asker.get(f"{bill}2026-01-01{tail}")
        url = urlsplit(str(said["download_url"]))
        file = asker.answer("GET", f"{url.path[1:]}?{url.query}").body
        if not tail:
            assert hashlib.sha1(file).hexdigest() == said["hash_value"]
            assert [file.decode().split("\r\n")[1].split(",")[n] for n in (1, 5)] == [
                "`w1",
                "`FAIL",
            ]
    assert asker.refused("GET", f"{bill}2026-01-02") == "400 NO_STATEMENT_EXIST"


def test_too_little_is_refused_and_can_be_repeated(asker: Asker) -> None:
    """What is not there cannot be withdrawn: it is not accepted until there is enough."""
    assert asker.sandbox.set_balance("BASIC", 999) == {"available": 999, "pending": 0}
    body = {"out_request_no": "w1", "amount": 1000, "account_type": "BASIC", "notify_url": _URL}
    assert asker.refused("POST", f"{_OWN}/withdraw", body) == "403 NOT_ENOUGH"
    by_number = f"{_OWN}/withdraw/out-request-no/w1"
    assert asker.refused("GET", f"{by_number}0") == "404 ORDER_NOT_EXIST"
    assert (asker.get(by_number)["status"], asker.balance()) == ("INIT", (999 - OPENING, 0))
    other = {**body, "amount": 999}
    assert asker.refused("POST", f"{_OWN}/withdraw", other) == "400 INVALID_REQUEST"
    assert asker.refused("POST", f"{_OWN}/withdraw", body) == "403 NOT_ENOUGH"
    assert asker.sandbox.top_up("BASIC", 1)["available"] == 1000
    _withdraw(asker)
    assert (asker.get(by_number)["status"], asker.get(by_number)["reason"]) == (
        "CREATE_SUCCESS",
        "",
    )
    assert asker.balance() == (-OPENING, 0)
    body = {**body, "out_request_no": "w2", "amount": 80_000_000_001}
    assert asker.refused("POST", f"{_OWN}/withdraw", body) == "403 NOT_ENOUGH"


def test_what_is_not_accepted_may_be_given_up(asker: Asker) -> None:
    """WeChat Pay closes it for good: its number is of no use, and the merchant is told."""
    asker.sandbox.set_balance("BASIC", 0)
    body = {"out_request_no": "w1", "amount": 1, "account_type": "BASIC", "notify_url": _URL}
    assert asker.refused("POST", f"{_OWN}/withdraw", body) == "403 NOT_ENOUGH"
    assert asker.sandbox.end_withdrawal("w1", "CLOSE")["status"] == "CLOSE"
    asker.sandbox.top_up("BASIC", 1)
    assert asker.refused("POST", f"{_OWN}/withdraw", body) == "400 INVALID_REQUEST"
    assert (_state(asker), asker.balance()) == ("CLOSE", (1 - OPENING, 0))
    assert [each["status"] for each in asker.told("MCHWITHDRAW.CHANGE")] == ["CLOSE"]


def test_number_is_one_withdrawal_for_six_days(asker: Asker) -> None:
    """Repeated, it is the same one; with other content or after six days it is refused."""
    assert _withdraw(asker) == _withdraw(asker)
    body = {"out_request_no": "w1", "amount": 1, "account_type": "BASIC", "notify_url": _URL}
    assert asker.refused("POST", f"{_OWN}/withdraw", body) == "400 INVALID_REQUEST"
    asker.sandbox.advance(6 * _DAY)
    _withdraw(asker)
    asker.sandbox.advance(1)
    body["amount"] = 1000
    assert asker.refused("POST", f"{_OWN}/withdraw", body) == "400 INVALID_REQUEST"
    assert asker.balance() == (-1000, 0)


def test_sub_merchant_withdraws(asker: Asker) -> None:
    """A platform withdraws for a sub-merchant: from its account, told with both merchants."""
    body = {"sub_mchid": SUB, "out_request_no": "w1", "amount": 5, "notify_url": _URL}
    made = asker.post(f"{_SUBS}/withdraw", body)
    assert (made["sub_mchid"], made["account_type"]) == (SUB, "BASIC")
    assert asker.balance(mchid=SUB) == (-5, 0)
    found = asker.get(f"{_SUBS}/withdraw/out-request-no/w1?sub_mchid={SUB}")
    assert found == asker.get(f"{_SUBS}/withdraw/{made['withdraw_id']}?sub_mchid={SUB}")
    assert (found["sp_mchid"], found["sub_mchid"]) == (OWN, SUB)
    other = f"{_SUBS}/withdraw/{made['withdraw_id']}?sub_mchid=1230000110"
    assert asker.refused("GET", other) == "404 ORDER_NOT_EXIST"
    asker.sandbox.end_withdrawal("w1")
    (told,) = asker.told("MCHWITHDRAW.CHANGE")
    assert (told["sp_mchid"], told["sub_mchid"], told["status"]) == (OWN, SUB, "FAIL")


def test_withdrawal_ended_by_hand_does_not_arrive(asker: Asker) -> None:
    """What has failed stays so on the next working day; without a URL nobody is told."""
    body = {"out_request_no": "w1", "amount": 1000, "account_type": "BASIC"}
    asker.post(f"{_OWN}/withdraw", body)
    asker.sandbox.end_withdrawal("w1")
    asker.sandbox.advance(_DAY)
    assert _state(asker) == "FAIL"
    assert asker.told("MCHWITHDRAW.CHANGE") == []


def test_balance_of_a_day_stays(asker: Asker) -> None:
    """What there was at the end of a day is told when it is over, and does not change later."""
    _pay(asker, "order-00001", 1000, settle_info={"profit_sharing": True})
    path = f"{_OWN}/dayendbalance/BASIC?date="
    assert asker.refused("GET", f"{path}2026-01-01") == "400 INVALID_REQUEST"
    assert asker.refused("GET", f"{path}2026-02-30") == "400 INVALID_REQUEST"
    asker.sandbox.advance(12 * _HOUR)
    _pay(asker, "order-00002", 1000)
    found = asker.get(f"{path}2026-01-01")
    assert found == {"available_amount": OPENING - 6, "pending_amount": 1000}
    assert asker.get(f"{path}2025-12-31") == {"available_amount": OPENING, "pending_amount": 0}
    of_sub = asker.get(f"{_SUBS}/enddaybalance/{SUB}?date=2026-01-01&account_type=DEPOSIT")
    assert (of_sub["sub_mchid"], of_sub["available_amount"]) == (SUB, OPENING)


def test_there_are_four_kinds_of_accounts(asker: Asker) -> None:
    """A merchant has three, a sub-merchant one more, and nobody has another."""
    assert asker.refused("GET", f"{_OWN}/balance/DEPOSIT") == "400 INVALID_REQUEST"
    other = f"{_SUBS}/balance/{SUB}?account_type=GOLD"
    assert asker.refused("GET", other) == "400 INVALID_REQUEST"


@pytest.mark.parametrize("now_too", [False, True])
def test_day_end_is_withdrawn(asker: Asker, now_too: bool) -> None:
    """Reserved by day, what there is at its end less the reserve is withdrawn after it."""
    body = {"sub_mchid": SUB, "out_request_no": "d1", "notify_url": _URL}
    body |= {
        "calculate_amount_type": "ALLOW_CURRENT_BALANCE" if now_too else "ONLY_DAY_END_BALANCE"
    }
    asked = {**body, "reserve_amount": 100}
    made = asker.post(_RESERVED, asked)
    assert made["status"] == "CREATED"
    assert asker.post(_RESERVED, asked) == made
    assert asker.refused("POST", _RESERVED, body) == "400 INVALID_REQUEST"
    asker.sandbox.set_balance("BASIC", 1000, SUB)
    asker.sandbox.advance(12 * _HOUR)
    query = f"{_RESERVED}/out-request-no/d1?sub_mchid={SUB}"
    found = asker.get(query)
    assert (found["status"], found["total_amount"]) == ("PROCESSING", 900)
    assert asker.balance(mchid=SUB) == (100 - OPENING, 0)
    asker.sandbox.advance(10 * _HOUR)
    found = asker.get(query)
    assert (found["status"], found["success_amount"]) == ("FINISHED", 900)
    assert [each["status"] for each in asker.told("MCHWITHDRAW.CHANGE")] == ["FINISHED"]


def test_day_end_that_is_not_there_any_more(asker: Asker) -> None:
    """Nothing to withdraw is an abnormal end; outside of the hours nothing can be reserved."""
    asker.sandbox.set_balance("BASIC", 0, SUB)
    asker.post(_RESERVED, {"sub_mchid": SUB, "out_request_no": "d1"})
    asker.sandbox.advance(12 * _HOUR)
    found = asker.get(f"{_RESERVED}/out-request-no/d1?sub_mchid={SUB}")
    assert (found["status"], found["success_amount"]) == ("ABNORMAL", 0)
    body = {"sub_mchid": SUB, "out_request_no": "d2"}
    assert asker.refused("POST", _RESERVED, body) == "400 INVALID_REQUEST"
    missing = f"{_RESERVED}/out-request-no/d2?sub_mchid={SUB}"
    assert asker.refused("GET", missing) == "404 ORDER_NOT_EXIST"


@pytest.mark.parametrize("path", ["v3/recharge", "v3/platsolution/ecommerce"])
def test_top_up_by_bank_transfer(asker: Asker, path: str) -> None:
    """What is asked for waits for the bank; when it has sent it, it is on the account, once."""
    base = f"{path}/bank-transfer-recharges"
    scene = "NORMAL_BANK_TRANSFER" if "platsolution" not in path else "ECOMMERCE_BANK_TRANSFER"
    body: dict[str, Any] = {"out_recharge_no": "c1", "recharge_scene": scene}
    body |= {"account_type": "OPERATION", "recharge_amount": {"amount": 700, "currency": "CNY"}}
    made = asker.post(f"{base}/apply", body)
    assert made == asker.post(f"{base}/apply", body)
    other = {**body, "account_type": "FEES"}
    assert asker.refused("POST", f"{base}/apply", other) == "400 INVALID_REQUEST"
    query = f"{base}/out-recharge-no/c1"
    assert asker.get(query)["recharge_state"] == "RECHARGING"
    asker.sandbox.complete_recharge("c1")
    found = asker.get(query)
    assert (found["recharge_state"], found["mchid"]) == ("SUCCESS", OWN)
    assert asker.balance("OPERATION") == (700, 0)
    with pytest.raises(Refusal, match="INVALID_REQUEST"):
        asker.sandbox.complete_recharge("c1")
    with pytest.raises(Refusal, match="RESOURCE_NOT_EXISTS"):
        asker.sandbox.complete_recharge("c2")
    assert asker.refused("GET", f"{base}/out-recharge-no/c2") == "404 RESOURCE_NOT_EXISTS"


@pytest.mark.parametrize("closed", [False, True])
def test_sub_merchant_tops_up(asker: Asker, closed: bool) -> None:
    """A sub-merchant's top-up is paid or closed, and told either way."""
    body = {"sub_mchid": SUB, "out_recharge_no": "c1", "recharge_scene": "ECOMMERCE_DEPOSIT"}
    amount = {"recharge_amount": {"amount": 700, "currency": "CNY"}, "notify_url": _URL}
    body |= {"account_type": "DEPOSIT"}
    channels = {"available_recharge_channels": ["BANK_TRANSFER"]}
    asker.post(f"{_RECHARGES}/apply", {**body, **amount, **channels})
    query = f"{_RECHARGES}/out-recharge-no/c1"
    if closed:
        said = asker.post(f"{query}/close?sub_mchid={SUB}")
        assert said["recharge_state"] == "CLOSED"
        assert asker.refused("POST", f"{query}/close?sub_mchid={SUB}") == "400 INVALID_REQUEST"
    else:
        asker.sandbox.complete_recharge("c1")
    assert asker.balance("DEPOSIT", SUB) == (0 if closed else 700, 0)
    found = asker.get(f"{query}?sub_mchid={SUB}")
    assert found["available_recharge_channels"] == ["BANK_TRANSFER"]
    (told,) = asker.told("RECHARGE.CLOSED" if closed else "RECHARGE.SUCCESS")
    assert told["recharge_state"] == found["recharge_state"] == ("CLOSED" if closed else "SUCCESS")


def test_money_that_nobody_asked_for_is_an_income_record(asker: Asker) -> None:
    """What a bank sends by itself is told by account and day, in pages."""
    for fen in (1, 2, 3):
        asker.sandbox.top_up("OPERATION", fen)
    asker.sandbox.top_up("OPERATION", 9, SUB)
    path = "v3/merchantfund/merchant/income-records?account_type=OPERATION&date=2026-01-01"
    found = asker.get(f"{path}&limit=2&offset=1")
    assert (found["total_count"], [each["amount"] for each in found["data"]]) == (3, [2, 3])
    assert "data" not in asker.get(f"{path}&limit=2&offset=3")
    of_sub = path.replace("/merchant/", "/partner/") + f"&limit=5&sub_mchid={SUB}"
    (record,) = asker.get(of_sub)["data"]
    assert (record["sub_mchid"], record["amount"]) == (SUB, 9)


def test_employees_who_may_top_up(asker: Asker) -> None:
    """Those who were added are told of, and those who were deleted as such."""
    base = "v3/platsolution/ecommerce/recharge-employees"
    of_sub = f"{base}/sub-mchid/{SUB}"
    assert asker.get(of_sub) == {"employees": []}
    asker.post(base, {"sub_mchid": SUB, "sp_openid": "o1"})
    assert [each["state"] for each in asker.get(of_sub)["employees"]] == ["EFFECTIVE"]
    assert asker.post(f"{of_sub}/sp-openid/o1/delete")["state"] == "DELETED"
    assert [each["state"] for each in asker.get(of_sub)["employees"]] == ["DELETED"]
    missing = f"{of_sub}/sp-openid/o2/delete"
    assert asker.refused("POST", missing) == "404 RESOURCE_NOT_EXISTS"


def test_setting_a_balance_twice_changes_nothing(asker: Asker) -> None:
    """To set what is there already moves no money."""
    asker.sandbox.set_balance("FEES", 5)
    asker.sandbox.set_balance("FEES", 5)
    assert asker.balance("FEES") == (5 - OPENING, 0)
