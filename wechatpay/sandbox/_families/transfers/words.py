"""The words of transfers: of WeChat Pay, of the sandbox and of its page."""

from __future__ import annotations

from ..._base import No, Old, OldNo, Text, Words

NO_SUCH_TRANSFER = No(404, "NOT_FOUND", Text("记录不存在", "no such transfer"), location="url")
DIFFERS = No(
    400,
    "ALREADY_EXISTS",
    Text("单号已存在但信息不一致，请查单后比较确认", "not the same content as before"),
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
OVER_LIMIT = No(
    400,
    "INVALID_REQUEST",
    Text("超过单笔转账上下限，核实产品设置是否准确", "the merchant's limit is {most} fen"),
    "/transfer_amount",
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
    old=Old("NOTENOUGH"),
)
WRONG_REPORT = No(
    400,
    "PARAM_ERROR",
    Text(
        "未传入完整且对应的转账场景报备信息，请根据接口文档检查",
        "this scene reports exactly {expected}",
    ),
    "/transfer_scene_report_infos",
)
UNKNOWN_PERCEPTION = No(
    400,
    "INVALID_REQUEST",
    Text("暂不支持展示当前传入的用户收款感知", "not one of this scene's"),
    "/user_recv_perception",
)
NO_OLD_TRANSFERS = No(
    403,
    "NO_AUTH",
    Text(
        "当前商户号接入升级版本功能，暂不支持使用升级前功能，请在产品中心-商家转账-前往功能查看接口文档",
        "only merchants who have had the old transfers since before 2025-01-15",
    ),
)
ANOTHER_TRANSFER = OldNo(
    "FATAL_ERROR", Text("两次请求参数不一致", "not the same content as before")
)
NAME_TO_CHECK = OldNo("PARAM_ERROR", Text("缺少参数re_user_name", "re_user_name is required"))
WRONG_TOTAL = No(
    400,
    "PARAM_ERROR",
    Text("转账总金额或总笔数与明细不符", "not what the parts come to"),
)
NO_RECEIPT_OF_IT = No(
    400,
    "INVALID_REQUEST",
    Text(
        "转账未成功，或未传入收款用户姓名，不支持申请电子回单",
        "only of what has succeeded, and was sent with a name",
    ),
    "/out_bill_no",
)
NO_RECEIPT_ANY_MORE = No(
    400,
    "INVALID_REQUEST",
    Text("转账成功已超过六个月，不支持申请电子回单", "it succeeded more than six months ago"),
    "/out_bill_no",
)
NO_SUCH_RECEIPT = No(
    404, "NOT_FOUND", Text("电子回单不存在", "no such receipt"), "out_bill_no", "url"
)
AUTHORIZATION_DIFFERS = No(
    400,
    "ALREADY_EXISTS",
    Text("商户授权单号已存在但信息不一致", "not the same content as before"),
    "/out_authorization_no",
)
NO_SUCH_AUTHORIZATION = No(
    404, "NOT_FOUND", Text("授权单不存在", "no such authorization"), "out_authorization_no", "url"
)
AUTHORIZATION_STATE = No(
    400,
    "INVALID_REQUEST",
    Text("当前授权单状态不支持此操作", "it is {state}"),
    "out_authorization_no",
    "url",
)
TOO_MANY_AUTHORIZATIONS = No(
    400,
    "INVALID_REQUEST",
    Text(
        "用户在当前场景下的授权数量达到限制，不支持发起授权",
        "the user has agreed to this scene already",
    ),
    "/openid",
)
NOT_AUTHORIZED = No(
    400,
    "INVALID_REQUEST",
    Text("免确认收款授权不存在或未生效", "no authorization that is in effect"),
    "/authorization_id",
)
NOT_INVITED = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("子商户没有待处理的转账授权申请", "nobody waits for its answer"),
    "sub_mchid",
    "url",
)
AUTHORIZATION_NOTICE = Text("免确认收款授权状态变更通知", "An authorization has changed")
BATCH_NOTICE = Text("商家转账批次完成通知", "A batch of transfers has ended")
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
    "do.fail_transfer": Text("转账失败", "Let it fail"),
    "do.limit_transfers": Text("设为单笔上限", "Make it the limit"),
    "transfers.limit": Text("单笔上限（分）", "Limit in fen, or 0"),
    "do.allow_old_transfers": Text("开通旧版转账", "Allow the old transfers"),
    "transfers.old_allowed": Text("已开通旧版转账。", "The merchant has the old transfers."),
    "transfers.old_refused": Text(
        "没有开通旧版转账：批次接口应答 NO_AUTH。",
        "The merchant does not have the old transfers: batches are NO_AUTH.",
    ),
    "transfers.forbid_old": Text("关闭旧版转账", "Forbid the old transfers"),
    "batches.title": Text("旧版转账批次", "Batches of old transfers"),
    "batch.number": Text("商家批次单号", "out_batch_no"),
    "batch.parts": Text("笔数", "Parts"),
    "batch.ACCEPTED": Text("已受理", "Accepted"),
    "batch.FINISHED": Text("已完成", "Finished"),
    "authorizations.title": Text("免确认收款授权", "Authorizations"),
    "transfer_authorization.number": Text("商户授权单号", "out_authorization_no"),
    "transfer_authorization.name": Text("用户展示名称", "Shown name"),
    "transfer_authorization.WAIT_USER_CONFIRM": Text("待用户确认", "Waits for the user"),
    "transfer_authorization.TAKING_EFFECT": Text("生效中", "In effect"),
    "transfer_authorization.CLOSED": Text("已关闭", "Closed"),
    "do.confirm_transfer_authorization": Text("以用户身份同意授权", "Agree as the user"),
    "do.end_transfer_authorization": Text("以用户身份关闭授权", "End it as the user"),
    "permits.title": Text("子商户的转账授权", "Permissions of sub-merchants"),
    "permit.sub_mchid": Text("子商户号", "Sub-merchant"),
    "permit.INVITED": Text("待子商户处理", "Waits for the sub-merchant"),
    "permit.PASSED": Text("已通过", "Given"),
    "permit.REJECTED": Text("已拒绝", "Refused"),
    "do.answer_transfer_permit": Text("子商户同意", "Give it"),
    "permit.refuse": Text("子商户拒绝", "Refuse it"),
    "transfer.ACCEPTED": Text("已受理", "Accepted"),
    "transfer.WAIT_USER_CONFIRM": Text("待用户确认", "Waits for the user"),
    "transfer.SUCCESS": Text("转账成功", "Received"),
    "transfer.FAIL": Text("转账失败", "Failed"),
    "transfer.CANCELING": Text("撤销中", "Being cancelled"),
    "transfer.CANCELLED": Text("已撤销", "Cancelled"),
    "history.transfer": Text("申请转账", "Transfer asked for"),
    "agenda.authorization lapses": Text(
        "无人同意的授权到期", "An authorization ends that nobody agreed to"
    ),
    "agenda.transfer expires": Text("无人确认的转账到期", "A transfer ends that nobody confirmed"),
}
"""What the page says, by name."""
