"""Applications of second-tier merchants, their settlement accounts, subsidies and bills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits
from ..bills import Bills
from . import bills
from .applyment import Applyment
from .applyments import Applyments
from .subsidies import Subsidies

_BASE = "v3/ecommerce"
_APPLY = f"{_BASE}/applyments"
_SUB = "v3/apply4sub/sub_merchants/{sub_mchid}"
_NUMBER: Limits = {"out_request_no": {"length": (1, 124)}}
_SUBSIDY: Limits = {
    "out_subsidy_no": {"length": (1, 64), "pattern": "[0-9A-Za-z_|*@-]+"},
    "amount": {"minimum": 1},
    "description": {"length": (1, 80)},
}
_SIGNED: Limits = {"out_request_no": {"required": True}}
_DAY: Limits = {"bill_date": {"pattern": "20[0-9]{2}-[0-9]{2}-[0-9]{2}"}}


def apply(call: IncomingCall) -> Mapping[str, Any]:
    """Apply for a merchant."""
    return _numbers(Applyments(call.world).apply(call.body))


def by_number(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where an application is, by the platform's number."""
    return Applyments(call.world).find(call.path["out_request_no"]).report(call.url)


def by_id(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where an application is, by WeChat Pay's number."""
    return Applyments(call.world).find_by_id(call.path["applyment_id"]).report(call.url)


def revoke_by_number(call: IncomingCall) -> Mapping[str, Any]:
    """Take an application back, by the platform's number."""
    known = Applyments(call.world)
    return _numbers(known.revoke(known.find(call.path["out_request_no"])))


def revoke_by_id(call: IncomingCall) -> Mapping[str, Any]:
    """Take an application back, by WeChat Pay's number."""
    known = Applyments(call.world)
    return _numbers(known.revoke(known.find_by_id(call.path["applyment_id"])))


def sign(call: IncomingCall) -> Mapping[str, Any]:
    """Sign for a merchant, whose identity the platform has verified."""
    known = Applyments(call.world)
    found = known.find(call.body["out_request_no"])
    if found.state == "NEED_SIGN":
        known.go_on(found.number)
    return {"applyment_id": found.applyment_id}


def settlement(call: IncomingCall) -> Mapping[str, Any]:
    """Tell to which account a merchant settles."""
    return Applyments(call.world).settlement(call.path["sub_mchid"])


def change_settlement(call: IncomingCall) -> Mapping[str, Any]:
    """Have a merchant settle to another account."""
    number = Applyments(call.world).change_settlement(call.path["sub_mchid"], call.body)
    return {"application_no": number}


def settlement_change(call: IncomingCall) -> Mapping[str, Any]:
    """Tell what became of such a change."""
    return Applyments(call.world).change(call.path["sub_mchid"], call.path["application_no"])


def subsidize(call: IncomingCall) -> Mapping[str, Any]:
    """Add to a payment of a merchant's."""
    return Subsidies(call.world).create(call.body)


def unsubsidize(call: IncomingCall) -> Mapping[str, Any]:
    """Take a subsidy back."""
    return Subsidies(call.world).give_back(call.body)


def cancel_subsidies(call: IncomingCall) -> Mapping[str, Any]:
    """Say that a payment is given no more."""
    return Subsidies(call.world).cancel(call.body)


def bill_of_one(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where the bill of one merchant is."""
    query = call.query
    account = query.get("account_type", "BASIC")
    known = Bills(call.world)
    return bills.answer(call, known.fund_flow(query["bill_date"], account, query["sub_mchid"])[1])


def bill_of_all(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where the bill of all merchants is."""
    day, account = call.query["bill_date"], call.query["account_type"]
    return bills.answer(call, Bills(call.world).sub_merchants(day, account)[1])


def _numbers(made: Applyment) -> dict[str, Any]:
    return {"applyment_id": made.applyment_id, "out_request_no": made.number}


ROUTES = (
    EndpointRoute("POST", f"{_APPLY}/", apply, limits=_NUMBER),
    EndpointRoute("POST", f"{_APPLY}/submit-account-hosting-applyment", apply, limits=_NUMBER),
    EndpointRoute("POST", f"{_APPLY}/submit-sign-verify-info", sign, limits=_SIGNED),
    EndpointRoute("GET", f"{_APPLY}/out-request-no/{{out_request_no}}", by_number),
    EndpointRoute("GET", f"{_APPLY}/{{applyment_id}}", by_id),
    EndpointRoute("POST", f"{_APPLY}/out-request-no/{{out_request_no}}/revoke", revoke_by_number),
    EndpointRoute("POST", f"{_APPLY}/{{applyment_id}}/revoke", revoke_by_id),
    EndpointRoute("GET", f"{_SUB}/settlement", settlement),
    EndpointRoute("POST", f"{_SUB}/modify-settlement", change_settlement),
    EndpointRoute("GET", f"{_SUB}/application/{{application_no}}", settlement_change),
    EndpointRoute("POST", f"{_BASE}/subsidies/create", subsidize, limits=_SUBSIDY),
    EndpointRoute(
        "POST", f"{_BASE}/subsidies/return", unsubsidize, limits={"amount": {"minimum": 1}}
    ),
    EndpointRoute("POST", f"{_BASE}/subsidies/cancel", cancel_subsidies),
    EndpointRoute("GET", "v3/bill/sub-merchant-fundflowbill", bill_of_one, query_limits=_DAY),
    EndpointRoute("GET", f"{_BASE}/bill/fundflowbill", bill_of_all, query_limits=_DAY),
)
