"""The words of complaints: of WeChat Pay's refusals, of the page, and of notifications.

The codes are the documented ones. Only of the first two is it documented when they are given; for
the others that is the sandbox's choice, and all words are its own.
"""

from __future__ import annotations

from ..._base import No, Text, Words

NO_URL = No(
    400, "RESOURCE_NOT_EXISTS", Text("查询的通知回调不存在", "no address was set"), "url", "url"
)
NO_SUCH_COMPLAINT = No(
    404, "RESOURCE_NOT_EXISTS", Text("投诉单不存在", "no such complaint"), "complaint_id", "url"
)
URL_SET = No(
    400, "INVALID_REQUEST", Text("通知回调已存在，请使用更新接口", "an address is set"), "/url"
)
STATE = No(
    400,
    "INVALID_REQUEST",
    Text("投诉单当前状态不支持此操作", "it is {state}"),
    "complaint_id",
    "url",
)
NO_REFUND_TO_JUDGE = No(
    400,
    "INVALID_REQUEST",
    Text("投诉单没有待审批的退款申请", "no refund to decide on"),
    "complaint_id",
    "url",
)
UNPAID = No(400, "INVALID_REQUEST", Text("订单未支付", "not paid"), "out_trade_no", "url")
ANOTHER_MERCHANT = No(
    400,
    "PARAM_ERROR",
    Text("被诉商户号与投诉单不匹配", "not the merchant who is complained about"),
    "/complainted_mchid",
)
NO_SUCH_IMAGE = No(
    404, "RESOURCE_NOT_EXISTS", Text("图片不存在", "no such image"), "media_id", "url"
)
NOT_UPLOADED = No(400, "PARAM_ERROR", Text("图片media_id不存在", "no such image"))
TOO_MANY_IMAGES = No(400, "PARAM_ERROR", Text("最多上传{most}张图片", "more than {most}"))
IMAGE_TOO_LARGE = No(
    400, "PARAM_ERROR", Text("图片大小超过限制", "more than {most} bytes"), "/file"
)
OTHER_ACTION = No(400, "PARAM_ERROR", Text("{name}仅在{action}时填写", "only with {action}"))
WRONG_PAGE = No(
    400, "PARAM_ERROR", Text("{name}超出范围，最大值为{most}", "more than {most}"), location="query"
)
NO_SUCH_DAY = No(
    400,
    "PARAM_ERROR",
    Text("查询日期不合法，日期跨度不超过30天", "no such day"),
    location="query",
)
TOO_MANY_DAYS = No(
    400,
    "PARAM_ERROR",
    Text("查询日期不合法，日期跨度不超过30天", "not within 30 days of begin_date"),
    "end_date",
    "query",
)

MADE = Text("产生新投诉", "A new complaint")
CHANGED = Text("投诉单状态变更", "A complaint has changed")
"""The summaries of notifications."""

WORDS: Words = {
    "menu.complaints": Text("用户投诉", "Complaints"),
    "complaints.none": Text(
        "还没有投诉。在已支付的订单页面上可以发起投诉。",
        "Nobody has complained yet. An order that was paid has a form for it.",
    ),
    "complaint.times": Text("共投诉 {times} 次，最近一次：", "Complained {times}×, most recently:"),
    "complaint.wanted": Text("申请退款 {amount}", "Wants back {amount}"),
    "complaint.title": Text("以用户身份投诉", "Complain as the customer"),
    "complaint.text": Text("哪里不满意？", "What is wrong?"),
    "complaint.refund": Text("申请退款", "I want my money back"),
    "do.complain": Text("提交投诉", "Complain"),
    "complaint.PENDING": Text("待处理", "Waits for the merchant"),
    "complaint.PROCESSING": Text("处理中", "Being dealt with"),
    "complaint.PROCESSED": Text("已处理完成", "Done"),
}
"""What the page says, by name."""
