"""The words of applications of a partner's merchants: of WeChat Pay and of the sandbox's page."""

from __future__ import annotations

from ..._base import No, Text, Words

NO_SUCH_APPLICATION = No(
    404, "RESOURCE_NOT_EXISTS", Text("申请单不存在", "no such application"), location="url"
)
NUMBER_TAKEN = No(
    400,
    "INVALID_REQUEST",
    Text("业务申请编号已存在，且申请单未被驳回", "an application with it was not rejected"),
    "/business_code",
)
APPLICATION_OVER = No(
    400,
    "INVALID_REQUEST",
    Text("当前申请单状态不支持此操作", "it is {state}"),
    "business_code",
    "url",
)
NOT_VERIFIED = Text("超过期限未完成账户验证", "Nobody verified the account in time")

WORDS: Words = {
    "menu.applications": Text("特约商户进件", "Partners’ merchants"),
    "applications.none": Text("还没有进件申请。", "There are no applications yet."),
    "application.number": Text("业务申请编号", "business_code"),
    "application.name": Text("商户简称", "Name"),
    "application.sub_mchid": Text("特约商户号", "Sub-merchant"),
    "application.AUDITING": Text("审核中", "Being audited"),
    "application.TO_BE_CONFIRMED": Text("待账户验证", "Account to be verified"),
    "application.TO_BE_SIGNED": Text("待签约", "To be signed"),
    "application.SIGNING": Text("开通权限中", "Being set up"),
    "application.FINISHED": Text("已完成", "Finished"),
    "application.REJECTED": Text("已驳回", "Rejected"),
    "application.CANCELED": Text("已作废", "Cancelled"),
    "do.step_application": Text("进入下一步", "Next step"),
    "application.reject": Text("驳回", "Reject"),
    "agenda.application goes on": Text(
        "特约商户申请到期", "An application goes on, or nobody went on with it"
    ),
}
"""What the page says, by name."""
