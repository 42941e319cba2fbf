"""Transfers of a merchant to users, who confirm them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import Call, Limits, Route
from .transfers import Transfer, Transfers

_BILLS = "v3/fund-app/mch-transfer/transfer-bills"
_BY_NUMBER = f"{_BILLS}/out-bill-no/{{out_bill_no}}"
_LIMITS: Limits = {
    "appid": {"length": (1, 32)},
    "out_bill_no": {"length": (1, 32), "pattern": "[0-9A-Za-z]+"},
    "openid": {"length": (1, 64)},
    "transfer_amount": {"type": "integer", "minimum": 10},
    "transfer_remark": {"length": (1, 32)},
}


def ask(call: Call) -> Mapping[str, Any]:
    """Ask for a transfer."""
    return Transfers(call.world).ask(call.body).receipt()


def query_by_number(call: Call) -> Mapping[str, Any]:
    """Tell where a transfer is, by the merchant's number."""
    return _report(call, Transfers(call.world).find(call.path["out_bill_no"]))


def query_by_bill(call: Call) -> Mapping[str, Any]:
    """Tell where a transfer is, by WeChat Pay's number."""
    return _report(call, Transfers(call.world).find_bill(call.path["transfer_bill_no"]))


def cancel(call: Call) -> Mapping[str, Any]:
    """Cancel a transfer."""
    transfer = Transfers(call.world).cancel(call.path["out_bill_no"])
    names = ("out_bill_no", "transfer_bill_no", "state", "update_time")
    report = _report(call, transfer)
    return {name: report[name] for name in names}


def _report(call: Call, transfer: Transfer) -> dict[str, Any]:
    return transfer.report(call.world.keys.mchid)


ROUTES = (
    Route("POST", _BILLS, ask, limits=_LIMITS),
    Route("GET", _BY_NUMBER, query_by_number),
    Route("GET", f"{_BILLS}/transfer-bill-no/{{transfer_bill_no}}", query_by_bill),
    Route("POST", f"{_BY_NUMBER}/cancel", cancel),
)
