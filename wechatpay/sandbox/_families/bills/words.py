"""How WeChat Pay says that there is no bill; the words are the sandbox's own."""

from __future__ import annotations

from collections.abc import Mapping

from ..._base import No, OldNo, Text

NO_SUCH_DAY = No(400, "PARAM_ERROR", Text("账单日期不合法", "no such day"), "bill_date", "query")
NO_BILL = No(
    400,
    "NO_STATEMENT_EXIST",
    Text("账单文件不存在", "nothing happened on that day"),
    "bill_date",
    "query",
)
NO_BILL_YET = No(
    400,
    "STATEMENT_CREATING",
    Text("账单生成中，请稍后再试", "ready at 10 the next morning, in Beijing"),
    "bill_date",
    "query",
)
TOO_OLD = No(
    400,
    "PARAM_ERROR",
    Text("账单日期超出可下载范围", "more than three months ago"),
    "bill_date",
    "query",
)

OLD: Mapping[No, OldNo] = {
    no: OldNo(code, text, failed=True, fields={"error_code": code})
    for no, code, text in (
        (NO_SUCH_DAY, "20001", Text("invalid bill_date", "invalid bill_date")),
        (TOO_OLD, "20001", Text("invalid bill_date", "invalid bill_date")),
        (NO_BILL, "20002", Text("No Bill Exist", "No Bill Exist")),
        (NO_BILL_YET, "20002", Text("Bill Creating", "Bill Creating")),
    )
}
"""How APIv2 says why there is no trade bill: with an `error_code`. Of a fund-flow bill it says it
with an `err_code`, and APIv3's codes and words."""
