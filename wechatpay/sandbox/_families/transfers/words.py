"""What is said of transfers: by WeChat Pay, in the sandbox's words, and by the page."""

from __future__ import annotations

from ..._base import No, Text, Words

NO_SUCH_TRANSFER = No(404, "NOT_FOUND", Text("记录不存在", "no such transfer"), location="url")
DIFFERS = No(
    400,
    "ALREADY_EXISTS",
    Text("该商户单号已存在，且参数与原请求不一致", "other particulars"),
    "/out_bill_no",
)
STATE = No(
    400,
    "INVALID_REQUEST",
    Text("当前单据状态不支持此操作", "it is {state}"),
    "out_bill_no",
    "url",
)
NAME_NEEDED = No(
    400,
    "PARAM_ERROR",
    Text("转账金额大于等于2000元时，收款用户姓名必填", "required from {fen} fen on"),
    "/user_name",
)
NAME_REFUSED = No(
    400,
    "PARAM_ERROR",
    Text("转账金额小于0.3元时，不允许填写收款用户姓名", "not below {fen} fen"),
    "/user_name",
)
NOT_ENOUGH = No(
    403,
    "NOT_ENOUGH",
    Text(
        "商户运营账户资金不足，充值后可以原单号发起重试，请勿更换商户单号",
        "not enough on the operation account: top it up, and ask again with the same number",
    ),
    "/transfer_amount",
)
NOTICE = Text("商家转账单据终态通知", "A transfer has ended")
"""The summary of the notification."""

WORDS: Words = {
    "menu.transfers": Text("商家转账", "Transfers"),
    "transfers.none": Text("还没有转账。", "There are no transfers yet."),
    "transfer.title": Text("转账", "Transfer"),
    "transfer.number": Text("商户单号", "Bill number"),
    "transfer.bill": Text("微信转账单号", "transfer_bill_no"),
    "transfer.openid": Text("收款用户", "User"),
    "transfer.remark": Text("转账备注", "Remark"),
    "transfer.updated": Text("更新时间", "Changed at"),
    "do.confirm_transfer": Text("以用户身份确认收款", "Confirm as the user"),
    "transfer.WAIT_USER_CONFIRM": Text("待用户确认", "Waits for the user"),
    "transfer.SUCCESS": Text("转账成功", "Received"),
    "transfer.FAIL": Text("转账失败", "Failed"),
    "transfer.CANCELING": Text("撤销中", "Being cancelled"),
    "transfer.CANCELLED": Text("已撤销", "Cancelled"),
    "history.transfer": Text("申请转账", "Transfer asked for"),
    "agenda.transfer expires": Text("无人确认的转账到期", "A transfer ends that nobody confirmed"),
}
"""What the page says, by name."""
