"""What a merchant does with its money on a busy day, for the page to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wechatpay.sandbox import Sandbox

Call = Callable[..., Any]


def tell(sandbox: Sandbox, call: Call) -> None:
    """Let it all happen.

    Args:
        sandbox: Where.
        call: Asks for something, and returns what is answered.
    """
    accounts(sandbox, call)


def accounts(sandbox: Sandbox, call: Call) -> None:
    """Have withdrawals and top-ups of every state."""
    for number in ("withdrawn0001", "withdrawn0002", "withdrawn0003", "withdrawn0004"):
        asked: dict[str, Any] = {"out_request_no": number, "amount": 12345, "account_type": "BASIC"}
        call("POST", "/v3/merchant/fund/withdraw", asked)
    sandbox.end_withdrawal("withdrawn0002", "SUCCESS")
    sandbox.end_withdrawal("withdrawn0003", "FAIL")
    sandbox.end_withdrawal("withdrawn0004", "SUCCESS")
    sandbox.return_withdrawal("withdrawn0004")
    for number in ("recharge-0001", "recharge-0002"):
        asked = {"out_recharge_no": number, "recharge_scene": "NORMAL_BANK_TRANSFER"}
        asked |= {"account_type": "OPERATION", "recharge_amount": {"amount": 5000}}
        call("POST", "/v3/recharge/bank-transfer-recharges/apply", asked)
    sandbox.complete_recharge("recharge-0002")
    sandbox.top_up("DEPOSIT", 100, "1230000109")
