"""What of all that is known each answer about a transfer says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RECEIPT = ("out_bill_no", "transfer_bill_no", "create_time", "state", "fail_reason", "package_info")
BILL = (
    "out_bill_no",
    "transfer_bill_no",
    "appid",
    "state",
    "transfer_amount",
    "transfer_remark",
    "fail_reason",
    "openid",
    "user_name",
    "create_time",
    "update_time",
)
CANCELLED = ("out_bill_no", "transfer_bill_no", "state", "update_time")
OWN, SUB = ("mch_id",), ("mchid", "sub_mchid")


def only(said: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return what is called so, as far as it is there."""
    return {name: said[name] for name in names if name in said}
