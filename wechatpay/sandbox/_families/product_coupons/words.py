"""The words of coupons for products: of WeChat Pay, of the sandbox and of its page.

WeChat Pay's own numbers, with which the `Request-ID` ends, are those of its manual for 商品券.
"""

from __future__ import annotations

from ..._base import No, Text, Words

NO_SUCH_PRODUCT = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("当前访问对象不存在", "no such product, stock or store"),
    location="url",
    internal=268578608,
)
NO_SUCH_COUPON = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("用户券不存在", "no such coupon"),
    "coupon_code",
    "url",
    internal=268578851,
)
DIFFERS = No(
    400,
    "INVALID_REQUEST",
    Text("相同单号但请求数据不一致", "other particulars than before"),
    "/out_request_no",
    internal=268578927,
)
NOT_SENDING = No(
    400,
    "INVALID_REQUEST",
    Text("商品券批次状态不是发放中", "the stock is {state}"),
    "/stock_id",
    internal=268577984,
)
USER_HAS_ENOUGH = No(
    400,
    "INVALID_REQUEST",
    Text("用户领取券张数已达上限", "as many as anybody may have"),
    "openid",
    "url",
    internal=272756740,
)
ALL_SENT = No(400, "INVALID_REQUEST", Text("批次预算不足", "all of it was sent"), "/stock_id")
COUPON_STATE = No(
    400,
    "INVALID_REQUEST",
    Text("用户券状态非法", "it is {state}"),
    "coupon_code",
    "url",
    internal=268578367,
)
EXPIRED = No(
    400,
    "INVALID_REQUEST",
    Text("用户券已过期", "it is {state}"),
    "coupon_code",
    "url",
    internal=268578776,
)
ONE_ORDER = No(
    400,
    "PARAM_ERROR",
    Text("订单与支付分订单必须且只能填一个", "exactly one of the two"),
    "/associated_order_info",
)
CODE_NEEDED = No(400, "PARAM_ERROR", Text("券code为空或已存在", "a new one"), "/coupon_code")
NO_CODES = No(
    400, "INVALID_REQUEST", Text("批次不支持上传code", "it makes its codes"), "stock_id", "url"
)
ANOTHER_BUDGET = No(400, "INVALID_REQUEST", Text("当前预算与传入值不一致", "it is another one"))
NOT_SINGLE = No(
    400,
    "INVALID_REQUEST",
    Text("沙箱只发放单次核销的商品券", "the sandbox sends coupons of usage_mode SINGLE only"),
    "/stock_id",
)
NO_ADDRESS = No(404, "RESOURCE_NOT_EXISTS", Text("没有设置通知地址", "no address was set"))
NO_SUCH_TIME = No(400, "PARAM_ERROR", Text("时间不合法", "no such time"))
NOTICE = Text("商品券通知", "A coupon for a product has changed")

WORDS: Words = {
    "menu.product_coupons": Text("商品券", "Product coupons"),
    "product_coupons.none": Text("还没有商品券。", "There are no coupons for products yet."),
    "product_coupons.stocks": Text("批次", "Stocks"),
    "product_coupons.sent": Text("用户的商品券", "Coupons of users"),
    "product.number": Text("商品券 ID", "product_coupon_id"),
    "product.name": Text("名称", "Name"),
    "product.EFFECTIVE": Text("生效中", "In effect"),
    "product.DEACTIVATED": Text("已失效", "Void"),
    "product_stock.number": Text("批次号", "stock_id"),
    "product_stock.sent": Text("已发放", "Sent"),
    "product_stock.SENDING": Text("发放中", "Being sent"),
    "product_stock.DEACTIVATED": Text("已失效", "Void"),
    "product_stock.receive": Text("以用户身份领取", "Receive one as the user"),
    "do.receive_product_coupon": Text("领取", "Receive"),
    "product_coupon.code": Text("券code", "coupon_code"),
    "product_coupon.openid": Text("用户", "User"),
    "product_coupon.CONFIRMING": Text("待确认", "To be confirmed"),
    "product_coupon.PENDING": Text("未到可用时间", "Not yet"),
    "product_coupon.EFFECTIVE": Text("可用", "Can be used"),
    "product_coupon.USED": Text("已核销", "Used"),
    "product_coupon.EXPIRED": Text("已过期", "Expired"),
    "product_coupon.DEACTIVATED": Text("已失效", "Void"),
}
"""What the page says, by name."""
