"""The words of accounts and withdrawals: of WeChat Pay, of the sandbox and of its page."""

from __future__ import annotations

from ..._base import No, Text, Words

NOT_OPENED = No(
    400,
    "INVALID_REQUEST",
    Text("输入账户类型未开通", "there is no such account"),
    "account_type",
    "query",
)
NO_SUCH_TIME = No(
    400,
    "INVALID_REQUEST",
    Text("该账户在指定时间不存在", "that day is not over, or not a day"),
    "date",
    "query",
)
NOT_ENOUGH = No(403, "NOT_ENOUGH", Text("账户余额不足", "not enough on the account"), "/amount")
NUMBER_TAKEN = No(
    400,
    "INVALID_REQUEST",
    Text("商户单号重复，且参数与原请求不一致", "not the same content as before"),
    "/out_request_no",
)
NUMBER_TOO_OLD = No(
    400,
    "INVALID_REQUEST",
    Text("当前请求已经超过有效期", "the number was used more than six days ago"),
    "/out_request_no",
)
NO_SUCH_WITHDRAWAL = No(
    404, "ORDER_NOT_EXIST", Text("提现单不存在", "no such withdrawal"), location="url"
)
WITHDRAWAL_STATE = No(
    400,
    "INVALID_REQUEST",
    Text("当前提现单状态不支持此操作", "it is {status}"),
    "out_request_no",
    "url",
)
WITHDRAWAL_CLOSED = No(
    400,
    "INVALID_REQUEST",
    Text("提现单已关闭，请更换商户提现单号", "WeChat Pay gave it up: a new number is needed"),
    "/out_request_no",
)
TOO_LATE_TO_RETURN = No(
    400,
    "INVALID_REQUEST",
    Text("提现成功已超过7个工作日，不会再退票", "it arrived more than seven working days ago"),
    "out_request_no",
    "url",
)
NOT_AT_THIS_HOUR = No(
    400,
    "INVALID_REQUEST",
    Text("请在10:00至23:55之间预约提现", "only from 10:00 to 23:55, in Beijing"),
    "/out_request_no",
)
NO_SUCH_RECHARGE = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("充值单不存在", "no such top-up"),
    "out_recharge_no",
    "url",
)
RECHARGE_OVER = No(
    400,
    "INVALID_REQUEST",
    Text("当前充值单状态不支持此操作", "it is {state}"),
    "out_recharge_no",
    "url",
)
NO_SUCH_EMPLOYEE = No(
    404, "RESOURCE_NOT_EXISTS", Text("员工不存在", "nobody of that name"), "sp_openid", "url"
)
WITHDRAWN = Text("商户提现状态变更", "A withdrawal has changed")
RECHARGED = Text("充值结果通知", "A top-up has ended")
TOO_LITTLE = Text("账户余额不足", "Not enough on the account")
"""Why a withdrawal failed, or was never begun."""

WORDS: Words = {
    "menu.accounts": Text("账户余额", "Accounts"),
    "account.of": Text("商户", "Merchant"),
    "account.type": Text("账户类型", "Account"),
    "account.available": Text("可用余额", "Available"),
    "account.pending": Text("不可用余额", "Pending"),
    "account.BASIC": Text("基本账户", "Basic account"),
    "account.OPERATION": Text("运营账户", "Operation account"),
    "account.FEES": Text("手续费账户", "Fees account"),
    "account.DEPOSIT": Text("保证金账户", "Deposit account"),
    "account.fen": Text("金额（分）", "Fen"),
    "account.change": Text("改变余额", "Change a balance"),
    "do.top_up": Text("银行转账充值", "Top up from the bank"),
    "do.set_balance": Text("设为可用余额", "Make it the available balance"),
    "withdrawals.title": Text("提现", "Withdrawals"),
    "withdrawals.none": Text("还没有提现。", "There are no withdrawals yet."),
    "withdrawal.number": Text("商户提现单号", "out_request_no"),
    "withdrawal.INIT": Text("业务单已创建", "Not accepted"),
    "withdrawal.CLOSE": Text("已关闭", "Given up"),
    "withdrawal.give_up": Text("关单", "Give it up"),
    "withdrawal.CREATE_SUCCESS": Text("受理成功", "Accepted"),
    "withdrawal.SUCCESS": Text("提现成功", "Arrived"),
    "withdrawal.FAIL": Text("提现失败", "Failed"),
    "withdrawal.REFUND": Text("提现退票", "Sent back"),
    "do.end_withdrawal": Text("提现失败", "Let it fail"),
    "withdrawal.arrive": Text("到账", "Let it arrive"),
    "do.return_withdrawal": Text("银行退票", "Let the bank send it back"),
    "reservation.CREATED": Text("已预约", "Reserved"),
    "reservation.PROCESSING": Text("处理中", "Under way"),
    "reservation.FINISHED": Text("已完成", "Arrived"),
    "reservation.ABNORMAL": Text("异常", "Abnormal"),
    "reservations.title": Text("按日终余额预约提现", "Reserved for the end of the day"),
    "recharges.title": Text("充值", "Top-ups"),
    "recharge.number": Text("商户充值单号", "out_recharge_no"),
    "recharge.RECHARGING": Text("充值中", "Waits for the bank"),
    "recharge.SUCCESS": Text("充值成功", "Received"),
    "recharge.CLOSED": Text("已关闭", "Closed"),
    "do.complete_recharge": Text("银行到账", "Let the bank send it"),
    "agenda.withdrawal arrives": Text("提现到账", "A withdrawal arrives"),
    "agenda.reserved withdrawal": Text("预约的提现发起", "A reserved withdrawal starts"),
    "agenda.reserved money arrives": Text("预约的提现到账", "A reserved withdrawal arrives"),
}
"""What the page says, by name."""
