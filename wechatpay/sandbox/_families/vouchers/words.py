"""The words of merchants' own coupons: of WeChat Pay, of the sandbox and of its page."""

from __future__ import annotations

from ..._base import No, Text, Words

NO_SUCH_STOCK = No(404, "RESOURCE_NOT_EXISTS", Text("批次不存在", "no such stock"), location="url")
STOCK_TAKEN = No(
    400,
    "RESOURCE_ALREADY_EXISTS",
    Text("商户单号重复，且参数与原请求不一致", "not the same content as before"),
    "/out_request_no",
)
NO_SUCH_VOUCHER = No(404, "RESOURCE_NOT_EXISTS", Text("券不存在", "no such coupon"))
NOT_USABLE = No(
    400, "INVALID_REQUEST", Text("当前券状态不支持此操作", "it is {state}"), "/coupon_code"
)
NOT_USED = No(400, "INVALID_REQUEST", Text("券未核销", "it is {state}"), "/coupon_code")
NOT_UNDER_WAY = No(
    403, "REQUEST_BLOCKED", Text("活动未开始或已结束", "its time is over"), "/stock_id"
)
USER_HAS_ENOUGH = No(
    403, "RULE_LIMIT", Text("用户已达最大领券次数", "as many as anybody may have"), "/openid"
)
ALL_SENT = No(403, "NOT_ENOUGH", Text("批次预算不足", "all of it was sent"), "/stock_id")
CODE_NEEDED = No(
    400, "PARAM_ERROR", Text("券code为空或已存在", "a new code is needed"), "/coupon_code"
)
NO_CODES = No(
    400,
    "INVALID_REQUEST",
    Text("批次不支持上传code", "it makes its codes"),
    "stock_id",
    "url",
)
DISPATCHED = No(400, "INVALID_REQUEST", Text("code已发放", "a user has it"), "coupon_code", "url")
ANOTHER_BUDGET = No(400, "INVALID_REQUEST", Text("当前预算与传入值不一致", "it is another one"))
NO_ADDRESS = No(
    404, "RESOURCE_NOT_EXISTS", Text("没有设置通知地址", "no address was set"), "mchid", "query"
)
NO_SUCH_TIME = No(400, "PARAM_ERROR", Text("时间不合法", "no such time"))
SUBSIDY_TOO_MUCH = No(
    400, "INVALID_REQUEST", Text("回退金额超过补差金额", "{left} left to take back"), "/amount"
)
NO_SUCH_SUBSIDY = No(
    404, "RESOURCE_NOT_EXISTS", Text("补差单不存在", "nothing was paid"), location="url"
)
RECEIVED = Text("用户领取商家券通知", "A user has received a coupon")

WORDS: Words = {
    "menu.vouchers": Text("商家券", "Merchants’ coupons"),
    "vouchers.none": Text("还没有商家券批次。", "There are no stocks yet."),
    "vouchers.sent": Text("用户的商家券", "Coupons of users"),
    "voucher_stock.number": Text("批次号", "stock_id"),
    "voucher_stock.name": Text("批次名称", "Name"),
    "voucher_stock.sent": Text("已发放", "Sent"),
    "voucher_stock.RUNNING": Text("运行中", "Running"),
    "voucher_stock.STOPED": Text("已停止", "Over"),
    "voucher.code": Text("券code", "coupon_code"),
    "voucher.openid": Text("用户", "User"),
    "voucher.receive": Text("以用户身份领取", "Receive one as the user"),
    "do.receive_voucher": Text("领取", "Receive"),
    "voucher.SENDED": Text("可用", "Can be used"),
    "voucher.USED": Text("已核销", "Used"),
    "voucher.EXPIRED": Text("已过期", "Expired"),
    "voucher.DEACTIVATED": Text("已失效", "Void"),
}
"""What the page says, by name."""
