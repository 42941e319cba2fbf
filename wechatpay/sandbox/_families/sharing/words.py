"""How WeChat Pay says no to profit sharing; the messages are the sandbox's own."""

from __future__ import annotations

from ..._base.refusal import Refusal


def not_shareable(transaction_id: str) -> Refusal:
    """400: the order did not ask for profit sharing."""
    issue, message = "ordered without settle_info.profit_sharing", "非分账订单不支持分账"
    return _body(400, "INVALID_REQUEST", message, "/transaction_id", transaction_id, issue)


def share_too_much(wanted: int, left: int) -> Refusal:
    """403: less is left of the payment."""
    issue = f"{left} left to share"
    return _body(403, "NOT_ENOUGH", "分账金额不足", "/receivers", wanted, issue)


def nothing_to_free() -> Refusal:
    """403: all of the payment was shared, refunded, or set free."""
    issue, field = "nothing left to set free", "/transaction_id"
    return _body(403, "NOT_ENOUGH", "没有可解冻的资金", field, "", issue)


def share_differs(out_order_no: str) -> Refusal:
    """400: the number belongs to a share with other particulars."""
    issue, message = "other particulars than before", "商户分账单号重复，且参数与原请求不一致"
    return _body(400, "INVALID_REQUEST", message, "/out_order_no", out_order_no, issue)


def no_such_share(number: str) -> Refusal:
    """404: no share has this number."""
    return _url("分账单不存在", "out_order_no", number, "no such share")


def return_differs(out_return_no: str) -> Refusal:
    """400: the number belongs to a return with other particulars."""
    issue, message = "other particulars than before", "商户回退单号重复，且参数与原请求不一致"
    return _body(400, "INVALID_REQUEST", message, "/out_return_no", out_return_no, issue)


def return_too_much(amount: int, left: int) -> Refusal:
    """400: the merchant did not get as much, or gave it back already."""
    issue = f"{left} left to return"
    return _body(400, "INVALID_REQUEST", "回退金额超过可回退金额", "/amount", amount, issue)


def no_such_return(out_return_no: str) -> Refusal:
    """404: no return has this number."""
    return _url("回退单不存在", "out_return_no", out_return_no, "no such return")


def _body(status: int, code: str, message: str, field: str, value: object, issue: str) -> Refusal:
    detail = {"field": field, "value": value, "issue": issue, "location": "body"}
    return Refusal(status, code, message, detail)


def _url(message: str, field: str, value: str, issue: str) -> Refusal:
    detail = {"field": field, "value": value, "issue": issue, "location": "url"}
    return Refusal(404, "RESOURCE_NOT_EXISTS", message, detail)
