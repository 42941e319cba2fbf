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
    transfers(sandbox, call)


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


def transfers(sandbox: Sandbox, call: Call) -> None:
    """Have agreements and permissions of every state, and an old batch."""
    base = "/v3/fund-app/mch-transfer"
    for number in ("agreed0001", "agreed0002", "agreed0003"):
        asked = {"out_authorization_no": number, "appid": "wx", "openid": f"o{number}"}
        asked |= {"user_display_name": "骑手小王", "transfer_scene_id": "1005"}
        call("POST", f"{base}/user-confirm-authorization", asked)
    for number in ("agreed0002", "agreed0003"):
        sandbox.confirm_transfer_authorization(number)
    sandbox.end_transfer_authorization("agreed0003")
    for number in ("1230000109", "1230000110"):
        asked = {"sub_mchid": number, "out_apply_no": "invited0001"}
        call("POST", f"{base}/partner/sub-mch-authorizations", asked)
    sandbox.answer_transfer_permit("1230000110")
    sandbox.allow_old_transfers()
    part = {"out_detail_no": "detail0001", "transfer_amount": 100, "openid": "o"}
    batch: dict[str, Any] = {"appid": "wx", "out_batch_no": "batch0001", "batch_name": "报销"}
    batch |= {"batch_remark": "报销", "total_amount": 100, "total_num": 1}
    batch["transfer_detail_list"] = [{**part, "transfer_remark": "报销"}]
    call("POST", "/v3/transfer/batches", batch)
