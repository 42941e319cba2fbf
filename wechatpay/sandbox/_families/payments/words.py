"""The words of payments: of WeChat Pay's refusals, of the page, and of notifications.

The codes and statuses are documented, those of APIv2 too. That the customer is being asked for a
password is worded as merchants report it; that an order was reversed has APIv2's code.
"""

from __future__ import annotations

from ..._base import No, Old, OldNo, Text, Words

NO_SUCH_ORDER = No(
    404,
    "ORDER_NOT_EXIST",
    Text("订单不存在", "no such order"),
    location="url",
    old=Old("ORDERNOTEXIST"),
)
NUMBER_USED = No(
    403,
    "OUT_TRADE_NO_USED",
    Text("商户订单号重复", "not the same content as before"),
    "/out_trade_no",
)
PAID = No(400, "ORDERPAID", Text("该订单已支付", "already paid"), "/out_trade_no")
CLOSED = No(
    400, "ORDER_CLOSED", Text("该订单已关闭", "closed"), "/out_trade_no", old=Old("ORDERCLOSED")
)
TIME_IS_OVER = No(
    400,
    "ORDER_CLOSED",
    Text(
        "订单已超过商户设置的最晚支付成功时间，请重新发起支付",
        "past its time_expire: close it, and place another order",
    ),
    "/out_trade_no",
    old=Old("ORDERCLOSED"),
)
"""What a customer who wants to pay is told; the order is still not paid."""
STALE = No(
    400,
    "INVALID_REQUEST",
    Text("支付请求已失效，请重新发起支付", "lapsed: place the order again for a new one"),
)
"""A `prepay_id`, `code_url` or `h5_url` that is too old, or that a newer one took the place of."""
ONLY_REVERSIBLE = No(
    400,
    "INVALID_REQUEST",
    Text("当前交易不允许进行普通关单（只能撤销）", "paid with a payment code: reverse it"),
    "/out_trade_no",
    internal=268449641,
)
CODE_USED = No(
    400,
    "AUTH_CODE_ERROR",
    Text("每个二维码仅限使用一次，请刷新再试", "used for another order"),
    "/payer/auth_code",
)
ANOTHER_APPID = No(
    400,
    "APPID_MCHID_NOT_MATCH",
    Text("appid和mch_id不匹配", "not an appid of this merchant's, such as wxd678efh567hg6787"),
    "/appid",
)
APPID_NOT_BOUND = No(
    400,
    "PARAM_ERROR",
    Text("商户号与appid不匹配", "not an appid of this merchant's, such as wxd678efh567hg6787"),
    "/appid",
)
"""The same where the pages have no code for it; the code is the sandbox's own."""
ANOTHER_OPENID = No(
    400,
    "PARAM_ERROR",
    Text("appid和openid不匹配", "not an openid, or one of another appid"),
    "/payer/openid",
)
REVERSED = No(400, "ORDERREVERSED", Text("该订单已撤销", "reversed"), "/out_trade_no")
NOT_REVERSIBLE = No(
    400,
    "INVALID_REQUEST",
    Text("仅付款码支付的订单可以撤销", "not paid with a payment code"),
    "/out_trade_no",
)
TOO_LATE_TO_REVERSE = No(
    400,
    "INVALID_REQUEST",
    Text("订单已超过可撤销的期限", "more than a week ago"),
    "/out_trade_no",
    old=Old("REVERSE_EXPIRE", Text("订单无法撤销", "more than a week ago")),
)
PARTLY_REFUNDED = No(
    400,
    "INVALID_REQUEST",
    Text("订单已发生退款", "refunded"),
    "/out_trade_no",
    old=Old("TRADE_ERROR"),
)
SHARED = No(
    400, "INVALID_REQUEST", Text("订单已分账", "shared"), "/out_trade_no", old=Old("TRADE_ERROR")
)
NO_SUCH_TIME = No(
    400,
    "PARAM_ERROR",
    Text(
        "输入源“/body/time_expire”映射到值字段“time_expire”规则校验失败，不是合法的时间",
        "no such time",
    ),
    "/time_expire",
)

# Refunds of an order: what is left of it is the order's own business.
UNPAID = No(
    400,
    "INVALID_REQUEST",
    Text("订单未支付", "not paid"),
    "/out_trade_no",
    old=Old("TRADE_STATE_ERROR"),
)
NOTHING_LEFT = No(
    400,
    "INVALID_REQUEST",
    Text("订单已全额退款", "0 left to refund"),
    "/amount/refund",
    old=Old("ERROR"),
)
TOO_MUCH = No(
    400,
    "INVALID_REQUEST",
    Text("退款金额大于可退金额", "{left} left to refund"),
    "/amount/refund",
    old=Old("REFUND_FEE_INVALID", Text("累计退款金额大于支付金额", "more than was paid")),
)
SHARED_AWAY = No(
    403,
    "NOT_ENOUGH",
    Text(
        "基本账户余额不足，请充值后重新发起",
        "{held} left that is not shared: have a share returned first",
    ),
    "/amount/refund",
    old=Old("NOTENOUGH"),
)
"""The merchant does not have the money: others have their share of it."""

# Only APIv2
OPENID_NEEDED = OldNo(
    "PARAM_ERROR", Text("JSAPI支付必须传openid", "openid is required with JSAPI"), failed=True
)
NO_SUCH_OLD_TIME = OldNo(
    "PARAM_ERROR", Text("参数错误：{name}（时间不存在）", "{name}: no such time"), failed=True
)
NO_PAYMENT_CODE = OldNo(
    "AUTH_CODE_INVALID", Text("请扫描微信支付被扫条码/二维码", "not a payment code")
)
PASSWORD_NEEDED = OldNo("USERPAYING", Text("需要用户输入支付密码", "a password is needed"))
"""The customer is typing a password; whether the order is paid is not known yet."""
NOT_ENOUGH = OldNo("NOTENOUGH", Text("余额不足", "the customer does not have the money"))
NOTICE = Text("支付成功", "Payment succeeded")
"""The summary of the notification."""
STATES: Words = {
    "NOTPAY": Text("订单未支付", "Not paid"),
    "USERPAYING": Text("用户支付中", "Being paid"),
    "PAYERROR": Text("支付失败", "Payment failed"),
    "SUCCESS": Text("支付成功", "Paid"),
    "REFUND": Text("订单发生过退款", "Refunded"),
    "CLOSED": Text("订单已关闭", "Closed"),
    "REVOKED": Text("订单已撤销", "Reversed"),
}
"""The `trade_state_desc` of each state."""

WORDS: Words = {
    "menu.checkout": Text("收银台", "Checkout"),
    "menu.orders": Text("订单", "Orders"),
    "start.orders": Text("最近的订单", "Latest orders"),
    "scan.title": Text("收银台", "Checkout"),
    "scan.lead": Text(
        "扮演用户：把商户展示的内容粘贴到这里，就像用微信扫码一样。",
        "Be the customer: paste what a shop shows you, as if WeChat scanned it.",
    ),
    "scan.code": Text(
        "code_url、h5_url、prepay_id 或商户订单号", "code_url, h5_url, prepay_id or order number"
    ),
    "scan.go": Text("扫一扫", "Scan"),
    "scan.waiting": Text("待支付", "Waiting to be paid"),
    "scan.none": Text("没有待支付的订单。", "No order waits to be paid."),
    "checkout.title": Text("支付", "Pay"),
    "checkout.to": Text("付款给商户 {merchant}", "To merchant {merchant}"),
    "checkout.qr": Text("订单 code_url 的二维码", "QR code of the order’s code_url"),
    "checkout.qr_note": Text(
        "商户展示的 code_url。真实的微信并不认识它，请在下方支付。",
        "The code_url as a shop would show it. The real WeChat does not know it: pay below.",
    ),
    "do.pay": Text("支付 {amount}", "Pay {amount}"),
    "checkout.cancel": Text("取消支付", "Cancel"),
    "checkout.fail": Text("支付失败", "Let it fail"),
    "checkout.cancelled": Text(
        "已取消支付。订单仍可支付，可以再试一次。",
        "You gave up. The order still waits: you may try again.",
    ),
    "checkout.failed": Text(
        "支付失败。订单仍可支付，可以再试一次。",
        "The payment failed. The order still waits: you may try again.",
    ),
    "checkout.paid": Text("支付成功", "Paid"),
    "checkout.refunded": Text("已退款", "Refunded"),
    "checkout.refunded_of": Text(
        "已退或正在退回 {amount}。", "{amount} went back, or is on its way."
    ),
    "checkout.closed": Text("订单已关闭", "Order closed"),
    "checkout.over": Text("已过支付截止时间", "Too late to pay"),
    "checkout.reversed": Text("支付已撤销", "Payment reversed"),
    "checkout.expired": Text("支付截止时间为 {time}。", "It could be paid until {time}."),
    "checkout.until": Text("支付截止", "Payable until"),
    "checkout.history": Text("查看详情", "What happened"),
    "orders.none": Text("还没有订单。", "There are no orders yet."),
    "orders.how": Text("在下方创建一笔，或用客户端调用：", "Place one below, or with a client, by"),
    "orders.form": Text("在“订单”页面上可以创建一笔", "Place one on the page of orders"),
    "orders.add": Text("以商户身份下单", "Place an order, as the merchant"),
    "orders.place": Text("下单", "Place it"),
    "orders.yuan": Text("金额（元）", "Amount in yuan"),
    "mistake.amount": Text("请填写大于 0 的金额。", "Type an amount above 0."),
    "mistake.way": Text("请选择支付方式。", "Choose a way to pay."),
    "order.title": Text("订单", "Order"),
    "order.number": Text("商户订单号", "Order number"),
    "order.way": Text("支付方式", "Way to pay"),
    "order.checkout": Text("去支付", "Check out"),
    "order.merchant": Text("商户号", "Merchant"),
    "order.payer": Text("支付者", "Payer"),
    "order.combined": Text("合单商户订单号", "Combined order"),
    "order.transaction_id": Text("微信支付订单号", "transaction_id"),
    "order.success_time": Text("支付完成时间", "Paid at"),
    "order.refunded": Text("已退款", "Refunded"),
    "order.kept": Text("商户实收", "Kept by the merchant"),
    "order.NOTPAY": Text("未支付", "Not paid"),
    "order.USERPAYING": Text("等待输入密码", "Asked for password"),
    "order.PAYERROR": Text("支付失败", "Payment failed"),
    "order.SUCCESS": Text("支付成功", "Paid"),
    "order.REFUND": Text("转入退款", "Refunded"),
    "order.CLOSED": Text("已关闭", "Closed"),
    "order.REVOKED": Text("已撤销", "Reversed"),
    "way.JSAPI": Text("JSAPI／小程序", "JSAPI or mini program"),
    "way.APP": Text("App 支付", "App"),
    "way.MWEB": Text("H5 支付", "H5"),
    "way.NATIVE": Text("Native 扫码", "Native QR code"),
    "way.AUTH": Text("支付分扣款", "Collected by pay score"),
    "way.MICROPAY": Text("付款码", "Payment code"),
    "history.paid": Text("支付成功", "Paid"),
    "history.reversed": Text("已撤销", "Reversed"),
    "history.expires": Text("支付截止", "End of the time to pay"),
}
"""What the page says, by name."""
