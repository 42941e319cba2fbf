"""The words of profit sharing: of WeChat Pay, of the sandbox and of its page."""

from __future__ import annotations

from ..._base import No, Text, Words

NOT_SHAREABLE = No(
    400,
    "INVALID_REQUEST",
    Text("非分账订单不支持分账", "ordered without settle_info.profit_sharing"),
    "/transaction_id",
)
TOO_MUCH = No(403, "NOT_ENOUGH", Text("分账金额不足", "{left} left to share"), "/receivers")
OVER_RATIO = No(
    403,
    "RULE_LIMIT",
    Text("分账金额超出最大分账比例", "at most {most} of this payment, all shares together"),
    "/receivers",
)
"""The page says so; a live reply of 2026-08 was a 400 `INVALID_REQUEST`."""
TOO_SOON = No(
    400,
    "INVALID_REQUEST",
    Text("订单处理中，请稍后重试", "paid less than {seconds} seconds ago"),
    "/transaction_id",
)
RELATION_NEEDED = No(
    400,
    "PARAM_ERROR",
    Text(
        "输入源“/body/custom_relation”映射到字段“custom_relation”必填性规则校验失败，此字段为必填项",
        "required where relation_type is CUSTOM",
    ),
    "/custom_relation",
)
UNKNOWN = No(
    400,
    "INVALID_REQUEST",
    Text("分账接收方关系不存在，请检查参数中每个接收方的关系", "a receiver that was never added"),
    "/receivers",
)
TWICE = No(
    400,
    "INVALID_REQUEST",
    Text("单次分账不能向同一接收方分多笔", "the same receiver twice"),
    "/receivers",
)
WRONG_COUNT = No(
    400, "PARAM_ERROR", Text("分账接收方数量应为1到{most}个", "1 to {most}"), "/receivers"
)
TOO_MANY = No(
    400,
    "INVALID_REQUEST",
    Text("一笔订单最多分账{most}次", "at most {most} requests of one payment"),
    "/out_order_no",
)
NOTHING_TO_FREE = No(
    403, "NOT_ENOUGH", Text("没有可解冻的资金", "nothing left to release"), "/transaction_id"
)
SHARE_DIFFERS = No(
    400,
    "INVALID_REQUEST",
    Text("商户分账单号重复，且参数与原请求不一致", "not the same content as before"),
    "/out_order_no",
)
NO_SUCH_SHARE = No(
    404, "RESOURCE_NOT_EXISTS", Text("分账单不存在", "no such share"), "out_order_no", "url"
)
RETURN_DIFFERS = No(
    400,
    "INVALID_REQUEST",
    Text("商户回退单号重复，且参数与原请求不一致", "not the same content as before"),
    "/out_return_no",
)
RETURN_TOO_MUCH = No(
    400, "INVALID_REQUEST", Text("回退金额超过可回退金额", "{left} left to return"), "/amount"
)
NO_SUCH_RETURN = No(
    404, "RESOURCE_NOT_EXISTS", Text("回退单不存在", "no such return"), "out_return_no", "url"
)
FREED = Text("解冻给分账方", "Released to the merchant")
"""The description of the part that is the merchant's own."""
LAPSED = Text("到期自动解冻", "Released automatically")
"""The same of what nobody has shared in time."""

WORDS: Words = {
    "menu.shares": Text("分账", "Profit sharing"),
    "shares.none": Text("还没有分账。", "No payment was shared yet."),
    "do.set_sharing_ratio": Text("设置最大分账比例", "Set the highest share"),
    "agenda.sharing ends": Text("到期自动解冻", "What is not shared is released"),
    "share.ratio": Text("最大分账比例（万分之）", "Highest share, in ten-thousandths"),
    "share.of": Text("分账的微信支付订单", "Shared of payment"),
    "share.account": Text("接收方", "Receiver"),
    "share.returned": Text("已回退", "Given back"),
    "part.SUCCESS": Text("分账成功", "Received"),
    "part.CLOSED": Text("分账关闭", "Closed"),
}
"""What the page says, by name."""
