"""How WeChat Pay says no to what is done with complaints.

The codes are the documented ones; which of them is meant for what is not documented but for the
first two, and the messages are the sandbox's own.
"""

from __future__ import annotations

from ..._base.refusal import Refusal
from ..._endpoint.wording import wrong_parameter


def no_notification_url() -> Refusal:
    """400: no address was set, so there is none to tell, to change or to forget."""
    detail = {"field": "url", "issue": "no address was set", "location": "url"}
    return Refusal(400, "RESOURCE_NOT_EXISTS", "查询的通知回调不存在", detail)


def no_such_complaint(complaint_id: str) -> Refusal:
    """404: no complaint has this number."""
    detail = {"field": "complaint_id", "value": complaint_id, "issue": "no such complaint"}
    return Refusal(404, "RESOURCE_NOT_EXISTS", "投诉单不存在", {**detail, "location": "url"})


def notification_url_set(url: str) -> Refusal:
    """400: an address was set already; it can be changed."""
    detail = {"field": "/url", "value": url, "issue": "an address is set", "location": "body"}
    return Refusal(400, "INVALID_REQUEST", "通知回调已存在，请使用更新接口", detail)


def complaint_is(complaint_id: str, state: str) -> Refusal:
    """400: where the complaint is, that cannot be done."""
    detail = {"field": "complaint_id", "value": complaint_id, "issue": f"it is {state}"}
    message = "投诉单当前状态不支持此操作"
    return Refusal(400, "INVALID_REQUEST", message, {**detail, "location": "url"})


def no_refund_to_judge(complaint_id: str) -> Refusal:
    """400: the customer wants no refund, or was told already whether he gets one."""
    detail = {"field": "complaint_id", "value": complaint_id, "issue": "no refund to decide on"}
    message = "投诉单没有待审批的退款申请"
    return Refusal(400, "INVALID_REQUEST", message, {**detail, "location": "url"})


def nothing_to_complain_about(out_trade_no: str) -> Refusal:
    """400: the order was never paid."""
    detail = {"field": "out_trade_no", "value": out_trade_no, "issue": "not paid"}
    return Refusal(400, "INVALID_REQUEST", "订单未支付", {**detail, "location": "url"})


def another_merchants(mchid: str) -> Refusal:
    """400: another merchant is complained about."""
    issue, message = "not the merchant who is complained about", "被诉商户号与投诉单不匹配"
    field = "/complainted_mchid"
    return wrong_parameter(message, field=field, value=mchid, issue=issue, location="body")


def no_such_image(media_id: str) -> Refusal:
    """404: no picture was uploaded that has this number."""
    detail = {"field": "media_id", "value": media_id, "issue": "no such image", "location": "url"}
    return Refusal(404, "RESOURCE_NOT_EXISTS", "图片不存在", detail)


def not_uploaded(field: str, media_id: str) -> Refusal:
    """400: something names a picture that was never uploaded."""
    message, issue = "图片media_id不存在", "no such image"
    return wrong_parameter(message, field=field, value=media_id, issue=issue, location="body")


def too_many_images(field: str, most: int) -> Refusal:
    """400: so many pictures go with one answer at most."""
    message, issue = f"最多上传{most}张图片", f"more than {most}"
    return wrong_parameter(message, field=field, value="", issue=issue, location="body")


def image_too_large(most: int) -> Refusal:
    """400: the picture has more bytes than are taken."""
    message, issue = "图片大小超过限制", f"more than {most} bytes"
    return wrong_parameter(message, field="/file", value="", issue=issue, location="body")


def only_of(action: str, field: str) -> Refusal:
    """400: the parameter belongs to the other action."""
    message, issue = f"{field}仅在{action}时填写", f"only with {action}"
    return wrong_parameter(message, field=f"/{field}", value="", issue=issue, location="body")


def wrong_page(field: str, value: str, most: int) -> Refusal:
    """400: there are pages of so many at most."""
    message, issue = f"{field}超出范围，最大值为{most}", f"more than {most}"
    return wrong_parameter(message, field=field, value=value, issue=issue, location="query")


def wrong_dates(field: str, value: str, issue: str) -> Refusal:
    """400: not a date, or not a span of days that is answered."""
    message = "查询日期不合法，日期跨度不超过30天"
    return wrong_parameter(message, field=field, value=value, issue=issue, location="query")
