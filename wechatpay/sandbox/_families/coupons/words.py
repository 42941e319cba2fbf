"""The words of coupons: of WeChat Pay, of the sandbox and of its page."""

from __future__ import annotations

from ..._base import No, Text, Words

NO_SUCH_STOCK = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("批次不存在", "no such stock"),
    "stock_id",
    "url",
    internal=270079488,
)
STOCK_DIFFERS = No(
    400,
    "RESOURCE_ALREADY_EXISTS",
    Text("商户单号重复，且参数与原请求不一致", "not the same content as before"),
    "/out_request_no",
)
STOCK_STATE = No(
    403,
    "REQUEST_BLOCKED",
    Text("当前批次状态不支持此操作", "it is {status}"),
    "stock_id",
    "url",
)
NO_BUDGET = No(
    403,
    "NOT_ENOUGH",
    Text("账户余额不足，无法锁定批次预算", "not enough money for the budget"),
    "stock_id",
    "url",
)
ANOTHER_CREATOR = No(
    403,
    "NO_AUTH",
    Text("不支持跨商户发券", "another merchant made the stock"),
    "/stock_creator_mchid",
    internal=270079508,
)
ANOTHER_APPID = No(
    400,
    "APPID_MCHID_NOT_MATCH",
    Text("商户号与 appid 不匹配", "not one of the merchant’s appids"),
    "/appid",
    internal=270079507,
)
NO_OPENID = No(
    400, "PARAM_ERROR", Text("openid 非法", "not an openid"), "openid", "url", internal=270079498
)
ANOTHER_OPENID = No(
    400,
    "PARAM_ERROR",
    Text("openid 与 appid 不匹配", "a user of another appid"),
    "openid",
    "url",
    internal=270079501,
)
NOT_UNDER_WAY = No(
    403,
    "REQUEST_BLOCKED",
    Text("活动未开始或已结束", "the stock is not running, or not at this time"),
    "/stock_id",
    internal=270079533,
)
ALL_SENT = No(
    403,
    "NOT_ENOUGH",
    Text("批次预算不足", "all of it was sent"),
    "/stock_id",
    internal=270079534,
)
USER_HAS_ENOUGH = No(
    403,
    "RULE_LIMIT",
    Text("用户已达最大领券次数", "the user has as many as anybody may"),
    "openid",
    "url",
)
NO_SUCH_COUPON = No(
    404, "RESOURCE_NOT_EXISTS", Text("优惠券不存在", "no such coupon"), "coupon_id", "url"
)
NO_SUCH_TIME = No(400, "PARAM_ERROR", Text("时间不合法", "no such time"))
NO_ADDRESS = No(
    404, "RESOURCE_NOT_EXISTS", Text("没有设置通知地址", "no address was set"), "mchid", "query"
)
NO_USES = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("批次当日无核销记录", "none was used"),
    "stock_id",
    "url",
    internal=268586001,
)
NO_REFUNDS = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("批次当日无退款记录", "none was refunded"),
    "stock_id",
    "url",
    internal=268586003,
)
USED = Text("代金券核销通知", "A coupon was used")

WORDS: Words = {
    "menu.coupons": Text("代金券", "Coupons"),
    "coupons.none": Text("还没有代金券批次。", "There are no stocks of coupons yet."),
    "stock.number": Text("批次号", "stock_id"),
    "stock.name": Text("批次名称", "Name"),
    "stock.sent": Text("已发放", "Sent"),
    "stock.spent": Text("已核销金额", "Used"),
    "stock.budget": Text("预算", "Budget"),
    "stock.kind": Text("出资", "Funding"),
    "stock.cash": Text("预充值", "Prepaid"),
    "stock.no_cash": Text("免充值", "Not prepaid"),
    "stock.unactivated": Text("未激活", "Not started"),
    "stock.running": Text("运行中", "Running"),
    "stock.paused": Text("已暂停", "Paused"),
    "stock.stoped": Text("已停止", "Stopped"),
    "coupons.sent": Text("用户的代金券", "Coupons of users"),
    "coupon.number": Text("代金券 ID", "coupon_id"),
    "coupon.openid": Text("用户", "User"),
    "coupon.used": Text("核销订单", "Used for payment"),
    "coupon.SENDED": Text("可用", "Can be used"),
    "coupon.USED": Text("已使用", "Used"),
    "coupon.EXPIRED": Text("已过期", "Expired"),
    "promotion.title": Text("优惠", "Promotions"),
    "promotion.paid": Text("用户实付", "The customer paid"),
    "promotion.CASH": Text("充值型代金券", "Prepaid coupon"),
    "promotion.NOCASH": Text("免充值型代金券", "Coupon, not prepaid"),
}
"""What the page says, by name."""
