"""How WeChat Pay says no to a transfer; the messages are the sandbox's own."""

from __future__ import annotations

from ..._base.refusal import Refusal
from ..._endpoint.wording import wrong_parameter

NAME_NEEDED = 200_000
"""From so many fen on, the user's name has to be given."""
NAME_REFUSED = 30
"""Below so many fen it must not be."""


def no_such_transfer(field: str, value: str) -> Refusal:
    """404: no transfer has this number."""
    detail = {"field": field, "value": value, "issue": "no such transfer", "location": "url"}
    return Refusal(404, "NOT_FOUND", "记录不存在", detail)


def transfer_differs(out_bill_no: str) -> Refusal:
    """400: the number belongs to a transfer with other particulars."""
    detail = {"field": "/out_bill_no", "value": out_bill_no, "issue": "other particulars"}
    message = "该商户单号已存在，且参数与原请求不一致"
    return Refusal(400, "ALREADY_EXISTS", message, {**detail, "location": "body"})


def transfer_is(out_bill_no: str, state: str) -> Refusal:
    """400: where the transfer is, that cannot be done."""
    issue, message = f"it is {state}", "当前单据状态不支持此操作"
    detail = {"field": "out_bill_no", "value": out_bill_no, "issue": issue, "location": "url"}
    return Refusal(400, "INVALID_REQUEST", message, detail)


def name_needed() -> Refusal:
    """400: so much is not transferred without a name to compare."""
    issue, field = f"required from {NAME_NEEDED} fen on", "/user_name"
    message = "转账金额大于等于2000元时，收款用户姓名必填"
    return wrong_parameter(message, field=field, value="", issue=issue, location="body")


def name_refused() -> Refusal:
    """400: so little is not transferred with a name."""
    issue, field = f"not below {NAME_REFUSED} fen", "/user_name"
    message = "转账金额小于0.3元时，不允许填写收款用户姓名"
    return wrong_parameter(message, field=field, value="", issue=issue, location="body")
