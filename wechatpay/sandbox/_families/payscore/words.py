"""How WeChat Pay says no to what is done with pay score.

The statuses and codes are those of the documentation's table, which is the same for all of these
endpoints; the messages are the ones that merchants report, or else the sandbox's own. Merchants
report other codes as well, `INVALID_REQUEST` and `PARAM_ERROR`, where the table says
`INVALID_ORDER_STATE`.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..._base.refusal import Refusal
from ..._endpoint.wording import wrong_parameter

_OVER: Mapping[str, tuple[str, str]] = {
    "REVOKED": ("ORDER_CANCELED", "单据已取消"),
    "DONE": ("ORDER_DONE", "订单已完成"),
}


def permission_differs(code: str) -> Refusal:
    """400: the code belongs to a permission with other particulars."""
    message, issue = "授权协议号已存在，且参数与原请求不一致", "other particulars"
    return _refusal("INVALID_REQUEST", message, "/authorization_code", code, issue)


def permission_of_another_user(code: str) -> Refusal:
    """400: another user agreed under this code."""
    message, issue = "授权协议号已被其他用户使用", "another user's"
    return _refusal("INVALID_REQUEST", message, "/authorization_code", code, issue)


def token_expired(code: str) -> Refusal:
    """400: the merchant asked too long ago, and has to ask again."""
    message, issue = "预授权token已失效，请重新发起预授权", "asked too long ago"
    return _refusal("INVALID_REQUEST", message, "/authorization_code", code, issue)


def nobody_agreed(code: str) -> Refusal:
    """400: what no user agreed to cannot be ended."""
    message, issue = "用户未授权，无法解除授权", "no user agreed"
    return _refusal("INVALID_ORDER_STATE", message, "/authorization_code", code, issue)


def no_permission_of_user() -> Refusal:
    """404: the user never gave a permission for this service."""
    detail = {"field": "openid", "issue": "no such authorization", "location": "url"}
    return Refusal(404, "RESOURCE_NOT_EXISTS", "授权协议不存在", detail)


def no_user() -> Refusal:
    """400: one of the user's two names has to be given."""
    detail = {"field": "openid", "value": "", "issue": "give openid or sub_openid"}
    return Refusal(400, "PARAM_ERROR", "openid与sub_openid二选一必填", detail)


def not_permitted() -> Refusal:
    """400: without the user's permission, an order needs to be confirmed by him."""
    issue, message = "no permission of this user's for the service", "用户未授权该服务"
    return _refusal("INVALID_REQUEST", message, "/openid", "", issue)


def no_such_service_order(field: str, value: str) -> Refusal:
    """404: no order has this number, or not with these other particulars."""
    detail = {"field": field, "value": value, "issue": "no such order", "location": "url"}
    return Refusal(404, "ORDER_NOT_EXIST", "查询单据不存在", detail)


def one_number_of_two() -> Refusal:
    """400: an order is asked for by one of its numbers."""
    message, issue = "out_order_no与query_id二选一必填", "give either out_order_no or query_id"
    return wrong_parameter(message, field="out_order_no", value="", issue=issue, location="query")


def service_order_differs(out_order_no: str) -> Refusal:
    """400: the same was asked for with other particulars."""
    message, issue = "订单重入参数校验失败", "other particulars"
    return _refusal("INVALID_REQUEST", message, "/out_order_no", out_order_no, issue)


def service_order_is(out_order_no: str, stage: str) -> Refusal:
    """400: where the order is, that cannot be done."""
    code, message = _OVER.get(stage, ("INVALID_ORDER_STATE", "当前订单状态不合法"))
    return _refusal(code, message, "/out_order_no", out_order_no, f"it is {stage}")


def wrong_total(total: int, due: int) -> Refusal:
    """400: the total is not what the payments come to without the discounts."""
    issue = f"post_payments less post_discounts are {due}"
    message = "总金额不等于后付费项目金额之和减去优惠项目金额之和"
    return _refusal("INVALID_REQUEST", message, "/total_amount", total, issue)


def over_risk_fund(total: int, fund: int) -> Refusal:
    """400: with a deposit, no more than that can be collected."""
    issue, message = f"the risk fund is {fund}", "总金额超过服务风险金额"
    return _refusal("INVALID_REQUEST", message, "/total_amount", total, issue)


def not_less(total: int, before: int) -> Refusal:
    """400: a total can only be lowered."""
    issue, message = f"not less than {before}", "修改后的金额必须小于修改前的金额"
    return _refusal("INVALID_REQUEST", message, "/total_amount", total, issue)


def _refusal(code: str, message: str, field: str, value: object, issue: str) -> Refusal:
    detail = {"field": field, "value": value, "issue": issue, "location": "body"}
    return Refusal(400, code, message, detail)
