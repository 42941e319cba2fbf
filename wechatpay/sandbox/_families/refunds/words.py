"""The words of refunds: of WeChat Pay's refusals, of the page, and of notifications.

The codes are documented; the words are the sandbox's own where no merchant reported any.
"""

from __future__ import annotations

from ..._base import No, Old, OldNo, Text, Words

NO_SUCH_REFUND = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("退款单不存在", "no such refund"),
    location="url",
    old=Old("REFUNDNOTEXIST"),
)
NO_SUCH_ORDER = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("订单不存在", "no such order"),
    "/out_trade_no",
    old=Old("ORDERNOTEXIST"),
)
NOT_ENOUGH = No(
    403,
    "NOT_ENOUGH",
    Text("基本账户余额不足，请充值后重新发起", "not enough on the basic account"),
    "/amount/refund",
    old=Old("NOTENOUGH"),
)
DIFFERS = No(
    400,
    "INVALID_REQUEST",
    Text("订单金额或退款金额与之前请求不一致，请核实后再试", "not the same content as before"),
    "/out_refund_no",
    old=Old("REFUND_FEE_MISMATCH"),
)
ANOTHER_TOTAL = No(
    400,
    "INVALID_REQUEST",
    Text("订单金额或退款金额与之前请求不一致，请核实后再试", "not the order's amount"),
    "/amount/total",
    old=Old("REFUND_FEE_MISMATCH"),
)
OVER = No(400, "INVALID_REQUEST", Text("退款单状态不允许此操作", "{status}"), "/out_refund_no")
NOT_ABNORMAL = No(
    400, "INVALID_REQUEST", Text("退款单状态不是退款异常", "{status}"), "/out_refund_no"
)
ANOTHER_NUMBER = No(
    400,
    "INVALID_REQUEST",
    Text("退款单号与商户退款单号不匹配", "not this refund's number"),
    "/out_refund_no",
)
TOO_OLD = No(
    400,
    "INVALID_REQUEST",
    Text("订单已超过可退款的期限", "paid more than 365 days ago"),
    "/transaction_id",
    old=Old("TRADE_OVERDUE"),
)
TOO_SOON = No(
    429,
    "FREQUENCY_LIMITED",
    Text("同一订单的退款请求过于频繁，请稍后重试", "the last one is not {seconds} seconds old"),
    "/out_refund_no",
)
"""That there is a minute between two refunds of an order is documented, but not in which words."""
SOURCES_DIFFER = No(
    400,
    "PARAM_ERROR",
    Text("退款出资金额之和与退款金额不一致", "not {refund} together"),
    "/amount/from",
)
ACCOUNT_TWICE = No(
    400, "PARAM_ERROR", Text("退款出资账户类型重复", "an account twice"), "/amount/from"
)
NOTHING_PENDING = No(
    400,
    "INVALID_REQUEST",
    Text("仅待分账或分账中的订单可以指定退款出资账户", "nothing of it waits to be shared"),
    "/amount/from",
)
TOO_MANY = No(
    400,
    "INVALID_REQUEST",
    Text("一笔订单最多部分退款{most}次", "at most {most} refunds of one order"),
    "/out_refund_no",
)
ACCOUNT_NEEDED = No(
    400,
    "PARAM_ERROR",
    Text("输入源“/body/{name}”映射到字段“{name}”必填性规则校验失败，此字段为必填项", "required"),
)
INVALID_FEE = OldNo("PARAM_ERROR", Text("invalid refund_fee", "invalid refund_fee"), failed=True)

NOTICES: Words = {
    "SUCCESS": Text("退款成功", "Refunded"),
    "CLOSED": Text("退款关闭", "Refund closed"),
    "ABNORMAL": Text("退款异常", "Refund failed"),
}
"""The summaries of notifications."""

WORDS: Words = {
    "menu.refunds": Text("退款", "Refunds"),
    "refunds.none": Text("还没有退款。", "There are no refunds yet."),
    "refunds.how": Text(
        "在已支付的订单页面上退款，或用客户端调用：",
        "Refund a paid order on its page, or with a client, by",
    ),
    "refund.add": Text("以商户身份退款", "Refund it, as the merchant"),
    "refund.place": Text("退款", "Refund"),
    "refund.title": Text("退款", "Refund"),
    "refund.number": Text("商户退款单号", "Refund number"),
    "refund.id": Text("微信支付退款单号", "refund_id"),
    "refund.reason": Text("退款原因", "Reason"),
    "refund.account": Text("退款入账账户", "Back to"),
    "refund.done": Text("退款成功时间", "Done at"),
    "refund.end": Text("结束为", "Let it end as"),
    "do.end_refund": Text("结束退款", "End it"),
    "refund.PROCESSING": Text("退款处理中", "Under way"),
    "refund.SUCCESS": Text("退款成功", "Done"),
    "refund.CLOSED": Text("退款关闭", "Closed"),
    "refund.ABNORMAL": Text("退款异常", "Abnormal"),
    "history.refund": Text("申请退款", "Refund asked for"),
    "history.refunded": Text("退款成功", "Refund done"),
}
"""What the page says, by name."""
