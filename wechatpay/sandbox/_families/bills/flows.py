"""Fund-flow bills: one row for each movement of the merchant's money.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4013071249
"""

from __future__ import annotations

from collections.abc import Iterable

from ..._parts import Flow
from .text import clock, written, yuan

_HEADING = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
_SUMS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def file(flows: Iterable[Flow], balance: int, *, remarked: bool = False) -> bytes:
    """Write a bill.

    Args:
        flows: The day's movements.
        balance: What there was before the first of them, in fen.
        remarked: Whether the remark says whose money it is.

    Returns:
        The file; nothing if there are no movements.
    """
    rows: list[list[str]] = []
    came: list[int] = []
    went: list[int] = []
    for n, flow in enumerate(sorted(flows, key=lambda each: each.time), 1):
        balance += flow.fen
        (came if flow.fen >= 0 else went).append(abs(flow.fen))
        rows.append(
            [
                clock(flow.time),
                flow.number,
                f"{flow.number}{n:04d}",
                flow.business,
                flow.business,
                "收入" if flow.fen >= 0 else "支出",
                yuan(abs(flow.fen)),
                yuan(balance),
                "system",
                flow.mchid if remarked else "",
                flow.voucher,
            ]
        )
    sums = [str(len(came)), yuan(sum(came)), str(len(went)), yuan(sum(went))]
    return written(_HEADING, rows, _SUMS, sums)
