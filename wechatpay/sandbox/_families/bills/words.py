"""How WeChat Pay says that there is no bill; the messages are the sandbox's own."""

from __future__ import annotations

from ..._base.refusal import Refusal


def no_such_day(day: str) -> Refusal:
    """400: the calendar does not have that day."""
    return _refusal("PARAM_ERROR", "账单日期不合法", day, "no such day")


def no_bill(day: str) -> Refusal:
    """400: nothing happened on that day."""
    return _refusal("NO_STATEMENT_EXIST", "账单文件不存在", day, "nothing happened on that day")


def no_bill_yet(day: str) -> Refusal:
    """400: the bill is written at ten the next morning."""
    issue = "ready at 10 the next morning, in Beijing"
    return _refusal("STATEMENT_CREATING", "账单生成中，请稍后再试", day, issue)


def bill_too_old(day: str) -> Refusal:
    """400: bills are kept for three months."""
    return _refusal("PARAM_ERROR", "账单日期超出可下载范围", day, "more than three months ago")


def _refusal(code: str, message: str, day: str, issue: str) -> Refusal:
    detail = {"field": "bill_date", "value": day, "issue": issue, "location": "query"}
    return Refusal(400, code, message, detail)
