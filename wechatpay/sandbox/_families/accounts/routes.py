"""Balances, withdrawals and top-ups, of the merchant and of a platform's sub-merchants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limit, Limits, downloads
from ..bills import Bills
from ..payments import NOTIFY_URL
from . import exceptions, words
from .employees import Employees
from .ledger import Balance, Ledger
from .recharges import Recharges
from .reservation import Reservations
from .withdrawal import BANK, Withdrawal
from .withdrawals import Withdrawals

_OWN, _SUBS = "v3/merchant/fund", "v3/ecommerce/fund"
_PLATFORM = "v3/platsolution/ecommerce"
_RECHARGE = "v3/recharge/bank-transfer-recharges"
_OF_MERCHANTS = ("BASIC", "OPERATION", "FEES")
_OF_SUB_MERCHANTS = (*_OF_MERCHANTS, "DEPOSIT")
_DAY: Limit = {"pattern": "[0-9]{4}-[0-9]{2}-[0-9]{2}"}
_NUMBER: Limit = {"length": (1, 32), "pattern": "[0-9A-Za-z]+"}
_MOST = 80_000_000_000  # fen: 800 million yuan
_WITHDRAWAL: Limits = {
    "out_request_no": _NUMBER,
    "amount": {"minimum": 1},
    "account_type": {"enum": _OF_MERCHANTS},
    "remark": {"length": (0, 56)},
    "bank_memo": {"length": (0, 32)},
    "notify_url": NOTIFY_URL,
}
_RESERVED: Limits = {
    "sub_mchid": {"required": True, "length": (1, 32)},
    "out_request_no": {**_NUMBER, "required": True},
    "calculate_amount_type": {"enum": ("ONLY_DAY_END_BALANCE", "ALLOW_CURRENT_BALANCE")},
    "reserve_amount": {"minimum": 0},
    "notify_url": NOTIFY_URL,
}
_RECHARGED: Limits = {
    "out_recharge_no": {"length": (1, 64)},
    "recharge_amount": {
        "fields": {
            "amount": {"required": True, "minimum": 1},
            "currency": {"enum": ("CNY",)},
        }
    },
}
_PAGE: Limits = {"date": _DAY, "offset": {"minimum": 0}, "limit": {"minimum": 1}}


def own_balance(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what there is on an account of the merchant's."""
    account = _opened(call.path["account_type"], _OF_MERCHANTS)
    return _balance(Ledger(call.world).balance(call.world.keys.mchid, account))


def own_day_end(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what there was on an account of the merchant's at the end of a day."""
    account = _opened(call.path["account_type"], _OF_MERCHANTS)
    return _balance(_day_end(call, call.world.keys.mchid, account))


def sub_balance(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what there is on an account of a sub-merchant's."""
    account = _opened(call.query.get("account_type", "BASIC"), _OF_SUB_MERCHANTS)
    mchid = call.path["sub_mchid"]
    found = _balance(Ledger(call.world).balance(mchid, account))
    return {"sub_mchid": mchid, "account_type": account, **found}


def sub_day_end(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what there was on an account of a sub-merchant's at the end of a day."""
    account = _opened(call.query.get("account_type", "BASIC"), _OF_SUB_MERCHANTS)
    mchid = call.path["sub_mchid"]
    found = _balance(_day_end(call, mchid, account))
    return {"sub_mchid": mchid, "account_type": account, **found}


def withdraw(call: IncomingCall) -> Mapping[str, Any]:
    """Send money to the bank."""
    if call.body["amount"] > _MOST:
        raise words.NOT_ENOUGH(call.body["amount"])
    made = Withdrawals(call.world).ask(call.body)
    said = {"withdraw_id": made.withdraw_id, "out_request_no": made.number}
    if "sub_mchid" in call.body:
        said |= {"sub_mchid": made.mchid, "account_type": made.account}
    return said


def own_by_number(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a withdrawal of the merchant's is, by its number."""
    mchid, number = call.world.keys.mchid, call.path["out_request_no"]
    return _own(Withdrawals(call.world).find(mchid, number))


def own_by_id(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a withdrawal of the merchant's is, by WeChat Pay's number."""
    mchid, number = call.world.keys.mchid, call.path["withdraw_id"]
    said = _own(Withdrawals(call.world).find_by_id(mchid, number))
    return {name: value for name, value in said.items() if name not in BANK}


def sub_by_number(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a withdrawal of a sub-merchant's is, by the merchant's number."""
    mchid, number = call.query["sub_mchid"], call.path["out_request_no"]
    return _sub(call, Withdrawals(call.world).find(mchid, number))


def sub_by_id(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a withdrawal of a sub-merchant's is, by WeChat Pay's number."""
    mchid, number = call.query["sub_mchid"], call.path["withdraw_id"]
    return _sub(call, Withdrawals(call.world).find_by_id(mchid, number))


def exceptions_of_day(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where the file is of a day's withdrawals whose money came back."""
    content = exceptions.file(call.world, call.query["bill_date"])
    token = Bills(call.world).offer(content)
    packed = call.query.get("tar_type") == "GZIP"
    return downloads.said_of(token, call.url, content=content, packed=packed)


def reserve(call: IncomingCall) -> Mapping[str, Any]:
    """Reserve a withdrawal of what there is at the end of the day."""
    return Reservations(call.world).ask(call.body).report(call.world.keys.mchid)


def reserved(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a reserved withdrawal is."""
    mchid = call.query.get("sub_mchid", "")
    found = Reservations(call.world).find(mchid, call.path["out_request_no"])
    return found.report(call.world.keys.mchid)


def recharge(call: IncomingCall) -> Mapping[str, Any]:
    """Ask for a top-up."""
    made = Recharges(call.world).ask(call.body)
    said: dict[str, Any] = {"recharge_id": made.recharge_id, "out_recharge_no": made.number}
    if made.by_sub_merchant:
        return {**said, "recharge_url": f"{call.url}/page/accounts"}
    bank = {"bank_name": "招商银行", "bank_account_name": "财付通支付科技有限公司"}
    numbers = {"bank_account_no": made.recharge_id, "bank_code": "308", "bank_address_code": ""}
    return {**said, "transfer_in_account": {**bank, **numbers}}


def own_recharge(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a top-up of the merchant's is."""
    mchid = call.world.keys.mchid
    return Recharges(call.world).find(mchid, call.path["out_recharge_no"]).report(mchid)


def sub_recharge(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where a top-up of a sub-merchant's is."""
    found = Recharges(call.world).find(call.query["sub_mchid"], call.path["out_recharge_no"])
    return found.report(call.world.keys.mchid)


def close_recharge(call: IncomingCall) -> Mapping[str, Any]:
    """Close a top-up of a sub-merchant's, so that it cannot be paid any more."""
    recharges = Recharges(call.world)
    found = recharges.find(call.query["sub_mchid"], call.path["out_recharge_no"])
    return recharges.end(found, "CLOSED").report(call.world.keys.mchid)


def own_income(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what came from banks to the merchant on a day."""
    return _income(call, call.world.keys.mchid, "mchid")


def sub_income(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what came from banks to a sub-merchant on a day."""
    return _income(call, call.query["sub_mchid"], "sub_mchid")


def add_employee(call: IncomingCall) -> Mapping[str, Any]:
    """Let an employee top up for a sub-merchant."""
    return Employees(call.world).add(call.body["sub_mchid"], call.body["sp_openid"])


def delete_employee(call: IncomingCall) -> Mapping[str, Any]:
    """Forbid an employee to top up for a sub-merchant."""
    return Employees(call.world).delete(call.path["sub_mchid"], call.path["sp_openid"])


def employees(call: IncomingCall) -> Mapping[str, Any]:
    """Tell who may top up for a sub-merchant."""
    return {"employees": Employees(call.world).of(call.path["sub_mchid"])}


def _opened(account: str, opened: tuple[str, ...]) -> str:
    if account not in opened:
        raise words.NOT_OPENED(account)
    return account


def _day_end(call: IncomingCall, mchid: str, account: str) -> Balance:
    day = call.query["date"]
    try:
        found = Ledger(call.world).day_end(mchid, account, day)
    except ValueError:
        found = None
    if found is None:
        raise words.NO_SUCH_TIME(day)
    return found


def _balance(found: Balance) -> dict[str, Any]:
    return {"available_amount": found.available, "pending_amount": found.pending}


def _own(found: Withdrawal) -> Mapping[str, Any]:
    return {**found.report(), "solution": ""}


def _sub(call: IncomingCall, found: Withdrawal) -> Mapping[str, Any]:
    whose = {"sp_mchid": call.world.keys.mchid, "sub_mchid": found.mchid}
    return {**whose, **found.report()}


def _income(call: IncomingCall, mchid: str, whose: str) -> Mapping[str, Any]:
    account, day = call.query["account_type"], call.query["date"]
    offset, limit = int(call.query.get("offset", 0)), int(call.query["limit"])
    found = Recharges(call.world).received(mchid, account, day)
    said: dict[str, Any] = {"total_count": len(found), "offset": offset, "limit": limit}
    if found[offset : offset + limit]:
        said["data"] = [each.report(whose) for each in found[offset : offset + limit]]
    return said


ROUTES = (
    EndpointRoute("GET", f"{_OWN}/balance/{{account_type}}", own_balance),
    EndpointRoute(
        "GET", f"{_OWN}/dayendbalance/{{account_type}}", own_day_end, query_limits={"date": _DAY}
    ),
    EndpointRoute("POST", f"{_OWN}/withdraw", withdraw, limits=_WITHDRAWAL),
    EndpointRoute("GET", f"{_OWN}/withdraw/out-request-no/{{out_request_no}}", own_by_number),
    EndpointRoute("GET", f"{_OWN}/withdraw/withdraw-id/{{withdraw_id}}", own_by_id),
    EndpointRoute(
        "GET",
        f"{_OWN}/withdraw/bill-type/{{bill_type}}",
        exceptions_of_day,
        query_limits={"bill_date": _DAY},
    ),
    EndpointRoute("GET", f"{_SUBS}/balance/{{sub_mchid}}", sub_balance),
    EndpointRoute(
        "GET", f"{_SUBS}/enddaybalance/{{sub_mchid}}", sub_day_end, query_limits={"date": _DAY}
    ),
    EndpointRoute("POST", f"{_SUBS}/withdraw", withdraw, limits=_WITHDRAWAL),
    EndpointRoute("GET", f"{_SUBS}/withdraw/out-request-no/{{out_request_no}}", sub_by_number),
    EndpointRoute("GET", f"{_SUBS}/withdraw/{{withdraw_id}}", sub_by_id),
    EndpointRoute(
        "POST", f"{_PLATFORM}/withdraw/day-end-balance-withdraw", reserve, limits=_RESERVED
    ),
    EndpointRoute(
        "GET",
        f"{_PLATFORM}/withdraw/day-end-balance-withdraw/out-request-no/{{out_request_no}}",
        reserved,
    ),
    EndpointRoute("POST", f"{_RECHARGE}/apply", recharge, limits=_RECHARGED),
    EndpointRoute("GET", f"{_RECHARGE}/out-recharge-no/{{out_recharge_no}}", own_recharge),
    EndpointRoute(
        "POST", f"{_PLATFORM}/bank-transfer-recharges/apply", recharge, limits=_RECHARGED
    ),
    EndpointRoute(
        "GET",
        f"{_PLATFORM}/bank-transfer-recharges/out-recharge-no/{{out_recharge_no}}",
        own_recharge,
    ),
    EndpointRoute("POST", f"{_PLATFORM}/recharges/apply", recharge, limits=_RECHARGED),
    EndpointRoute(
        "GET", f"{_PLATFORM}/recharges/out-recharge-no/{{out_recharge_no}}", sub_recharge
    ),
    EndpointRoute(
        "POST", f"{_PLATFORM}/recharges/out-recharge-no/{{out_recharge_no}}/close", close_recharge
    ),
    EndpointRoute("GET", "v3/merchantfund/merchant/income-records", own_income, query_limits=_PAGE),
    EndpointRoute("GET", "v3/merchantfund/partner/income-records", sub_income, query_limits=_PAGE),
    EndpointRoute("POST", f"{_PLATFORM}/recharge-employees", add_employee),
    EndpointRoute("GET", f"{_PLATFORM}/recharge-employees/sub-mchid/{{sub_mchid}}", employees),
    EndpointRoute(
        "POST",
        f"{_PLATFORM}/recharge-employees/sub-mchid/{{sub_mchid}}/sp-openid/{{sp_openid}}/delete",
        delete_employee,
    ),
)
