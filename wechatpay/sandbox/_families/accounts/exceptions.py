"""The daily file of withdrawals whose money came back: failed, or sent back by the bank.

What columns WeChat Pay's file has is not documented publicly: these are the sandbox's own.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ..._base import BEIJING
from ..._world import World
from ..bills import NO_BILL
from .withdrawals import Withdrawals

_HEADING = "提现单号,商户提现单号,商户号,账户类型,金额(分),状态,原因,更新时间"


def file(world: World, day: str) -> bytes:
    """Return a day's file.

    Raises:
        Refusal: Nothing went wrong on that day, or there is no such day.
    """
    try:
        start = datetime.fromisoformat(day).replace(tzinfo=BEIJING)
    except ValueError as error:
        raise NO_BILL(day) from error
    end = start + timedelta(days=1)
    found = Withdrawals(world).given_back(start.timestamp(), end.timestamp())
    if not found:
        raise NO_BILL(day)
    rows = (
        (
            each.withdraw_id,
            each.number,
            each.mchid,
            each.account,
            str(each.fen),
            each.status,
            each.reason,
            each.update_time,
        )
        for each in found
    )
    lines = [_HEADING, *(",".join("`" + value for value in row) for row in rows)]
    return "".join(f"{line}\r\n" for line in lines).encode()
