"""The words of platforms and their merchants: of WeChat Pay and of the sandbox's page."""

from __future__ import annotations

from ..._base import No, Text, Words

NO_SUCH_APPLYMENT = No(
    404, "RESOURCE_NOT_EXISTS", Text("申请单不存在", "no such application"), location="url"
)
NUMBER_TAKEN = No(
    400,
    "INVALID_REQUEST",
    Text("业务申请编号已存在，且参数与原请求不一致", "not the same content as before"),
    "/out_request_no",
)
APPLYMENT_OVER = No(
    400,
    "INVALID_REQUEST",
    Text("当前申请单状态不支持此操作", "it is {state}"),
    "out_request_no",
    "url",
)
NO_SETTLEMENT = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("结算账户不存在", "no application of it was signed"),
    "sub_mchid",
    "url",
)
SUBSIDY_TAKEN = No(
    400,
    "INVALID_REQUEST",
    Text("商户单号重复，且参数与原请求不一致", "not the same content as before"),
    "/out_subsidy_no",
)
SUBSIDY_CANCELLED = No(
    400, "INVALID_REQUEST", Text("订单已取消补差", "it can no longer be given"), "/transaction_id"
)
SUBSIDY_TOO_MUCH = No(
    400, "INVALID_REQUEST", Text("回退金额超过补差金额", "{left} left to take back"), "/amount"
)
NOT_ENOUGH = No(
    403, "NOT_ENOUGH", Text("账户余额不足", "not enough on the basic account"), "/amount"
)
NOT_ADVANCED = No(
    400, "INVALID_REQUEST", Text("退款不是电商平台垫付的", "nobody advanced it"), "refund_id", "url"
)
NO_SUCH_ADVANCE = No(
    404,
    "RESOURCE_NOT_EXISTS",
    Text("垫付回补单不存在", "nothing was paid back"),
    "refund_id",
    "url",
)

WORDS: Words = {
    "menu.applyments": Text("二级商户进件", "Applications"),
    "applyments.none": Text("还没有进件申请。", "There are no applications yet."),
    "applyment.number": Text("业务申请编号", "out_request_no"),
    "applyment.name": Text("商户简称", "Name"),
    "applyment.sub_mchid": Text("二级商户号", "Sub-merchant"),
    "applyment.CHECKING": Text("资料校验中", "Being checked"),
    "applyment.ACCOUNT_NEED_VERIFY": Text("待账户验证", "Account to be verified"),
    "applyment.AUDITING": Text("审核中", "Being audited"),
    "applyment.NEED_SIGN": Text("待签约", "To be signed"),
    "applyment.FINISH": Text("完成", "Finished"),
    "applyment.REJECTED": Text("已驳回", "Rejected"),
    "applyment.FROZEN": Text("已冻结", "Frozen"),
    "applyment.CANCELED": Text("已作废", "Cancelled"),
    "do.step_applyment": Text("进入下一步", "Next step"),
    "applyment.reject": Text("驳回", "Reject"),
}
"""What the page says, by name."""
