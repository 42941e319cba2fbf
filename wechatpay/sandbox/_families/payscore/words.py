"""The words of pay score: of WeChat Pay's refusals, of the page, and of notifications.

The statuses and codes are those of the documentation's table, which is the same for all of these
endpoints; the words are the ones that merchants report, or else the sandbox's own. Merchants report
other codes as well, `INVALID_REQUEST` and `PARAM_ERROR`, where the table says
`INVALID_ORDER_STATE`.
"""

from __future__ import annotations

from ..._base import No, Text, Words

NO_SUCH_PERMISSION = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("授权协议不存在", "no such authorization"),
    "authorization_code",
    "url",
)
"""The table of this endpoint says `ORDER_NOT_EXIST`; the general one, this."""
PERMISSION_DIFFERS = No(
    400,
    "INVALID_REQUEST",
    Text("授权协议号已存在，且参数与原请求不一致", "not the same content as before"),
    "/authorization_code",
)
ANOTHER_USER = No(
    400,
    "INVALID_REQUEST",
    Text("授权协议号已被其他用户使用", "another user's"),
    "/authorization_code",
)
TOKEN_EXPIRED = No(
    400,
    "INVALID_REQUEST",
    Text("预授权token已失效，请重新发起预授权", "asked too long ago"),
    "/authorization_code",
)
NOBODY_AGREED = No(
    400,
    "INVALID_ORDER_STATE",
    Text("用户未授权，无法解除授权", "no user agreed"),
    "/authorization_code",
)
NO_PERMISSION_OF_USER = No(
    404, "RESOURCE_NOT_EXISTS", Text("授权协议不存在", "no such authorization"), "openid", "url"
)
NO_USER = No(
    400, "PARAM_ERROR", Text("openid与sub_openid二选一必填", "give openid or sub_openid"), "openid"
)
NOT_PERMITTED = No(
    400,
    "INVALID_REQUEST",
    Text("用户未授权该服务", "no permission of this user's for the service"),
    "/openid",
)
NO_SUCH_ORDER = No(
    404,
    "ORDER_NOT_EXIST",
    Text("查询单据不存在", "no such order"),
    location="url",
    internal=271317510,
)
ONE_NUMBER_OF_TWO = No(
    400,
    "PARAM_ERROR",
    Text("out_order_no与query_id二选一必填", "give either out_order_no or query_id"),
    "out_order_no",
    "query",
)
ORDER_DIFFERS = No(
    400,
    "INVALID_REQUEST",
    Text("订单重入参数校验失败", "not the same content as before"),
    "/out_order_no",
    internal=271316598,
)
CANCELLED = No(
    400,
    "ORDER_CANCELED",
    Text("单据已取消", "it is REVOKED"),
    "/out_order_no",
    internal=271302333,
)
DONE = No(400, "ORDER_DONE", Text("订单已完成", "it is DONE"), "/out_order_no")
STATE = No(
    400,
    "INVALID_ORDER_STATE",
    Text("当前订单状态不合法", "it is {stage}"),
    "/out_order_no",
    internal=271302262,
)
NO_SERVICE = No(
    403,
    "NO_AUTH",
    Text("商户暂无权限使用此服务", "not a service of this merchant's: see allow_service"),
    "/service_id",
    internal=268503786,
)
ALREADY_STARTED = No(
    400,
    "PARAM_ERROR",
    Text("服务开始时间不能早于当前时间", "in the past"),
    "/time_range/start_time",
    internal=268435464,
)
ENDS_BEFORE_IT_STARTS = No(
    400,
    "PARAM_ERROR",
    Text("真实结束时间小于预计开始时间", "before {start}, when it starts"),
    "/time_range/end_time",
    internal=271316637,
)
TOO_LATE_TO_CANCEL = No(
    400,
    "PARAM_ERROR",
    Text("当前订单状态不满足撤销条件", "it was completed: see allow_late_cancellation"),
    "/out_order_no",
    internal=271316592,
)
"""So the manual of 2026-04 and a live reply; pages of 2025 allow it until money is taken."""
WRONG_TOTAL = No(
    400,
    "PARAM_ERROR",
    Text(
        "最终总金额计算非法",
        "post_payments less post_discounts are {due}",
    ),
    "/total_amount",
)
OVER_RISK_FUND = No(
    400,
    "INVALID_REQUEST",
    Text("总金额超过服务风险金额", "the risk fund is {fund}"),
    "/total_amount",
    internal=271316656,
)
NOT_LESS = No(
    400,
    "INVALID_REQUEST",
    Text("修改后的金额必须小于修改前的金额", "not less than {before}"),
    "/total_amount",
)

OPENED = Text("授权成功", "A user has agreed")
CLOSED = Text("解除授权成功", "A user's permission has ended")
CONFIRMED = Text("用户确认订单", "The user has confirmed an order")
PAID = Text("用户支付成功", "The user has paid an order")
"""The summaries of notifications."""

WORDS: Words = {
    "menu.payscore": Text("支付分", "Pay score"),
    "service.title": Text("服务订单", "Service orders"),
    "service.none": Text("还没有支付分订单。", "There are no pay-score orders yet."),
    "service.number": Text("商户服务订单号", "Service order number"),
    "service.what": Text("服务信息", "Service"),
    "service.total": Text("收款金额", "To collect"),
    "do.allow_service": Text("开通服务", "Allow a service"),
    "do.allow_late_cancellation": Text("允许完结后撤销", "Allow cancelling after completion"),
    "service.id": Text("服务 ID", "service_id"),
    "do.confirm_service_order": Text("以用户身份确认订单", "Confirm as the user"),
    "do.pay_service_order": Text("以用户身份支付", "Pay as the user"),
    "service.CREATED": Text("待用户确认", "Waits for the user"),
    "service.USER_CONFIRM": Text("服务进行中", "In use"),
    "service.MCH_COMPLETE": Text("待支付", "To be paid"),
    "service.DONE": Text("服务完成", "Done"),
    "service.REVOKED": Text("已取消", "Cancelled"),
    "service.EXPIRED": Text("已失效", "Expired"),
    "permission.title": Text("授权", "Permissions"),
    "permission.none": Text("还没有授权记录。", "No permission was asked for or given yet."),
    "permission.code": Text("授权协议号", "Authorization code"),
    "permission.user": Text("用户", "User"),
    "permission.reason": Text("解除原因", "Why it ended"),
    "do.authorize": Text("以用户身份授权", "Agree as the user"),
    "do.end_authorization": Text("以用户身份解除", "End as the user"),
    "permission.UNBINDUSER": Text("待用户授权", "Asked for"),
    "permission.AVAILABLE": Text("授权可用", "Given"),
    "permission.UNAVAILABLE": Text("已解除", "Ended"),
    "agenda.service order is collected": Text(
        "支付分订单自动扣款", "A pay-score order is collected"
    ),
}
"""What the page says, by name."""
