"""Trade bills: one row for each payment, reversal and refund.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4013071246
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ..payments import Order
from ..refunds import Refund
from .text import RATE, clock, fee, written, yuan

_HEADING = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,{times}微信退款单号,商户退款单号,退款金额,"
    "充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
_TIMES = "退款申请时间,退款成功时间,"
_SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


@dataclass(frozen=True)
class Trade:
    """One row.

    Attributes:
        order: The order it is about.
        time: When it happened.
        refund: The refund, if it is one.
        reversed: Whether it is a reversal.
    """

    order: Order
    time: str
    refund: Refund | None = None
    reversed: bool = False

    @property
    def paid(self) -> int:
        """What the merchant got, in fen."""
        return 0 if self.refund or self.reversed else self.order.total

    @property
    def gone(self) -> int:
        """What went back to the customer, in fen."""
        if self.refund:
            return self.refund.fen
        return self.order.total if self.reversed else 0

    @property
    def fee(self) -> Decimal:
        """The fee, or what of it is given back."""
        return fee(self.paid) - fee(self.gone)

    def row(self, *, times: bool) -> list[str]:
        """Return its values; with `times`, those of a refund as well."""
        placed, refund = self.order.placed, self.refund
        number = placed.get("sp_mchid") or placed["mchid"]
        return [
            clock(self.time),
            placed.get("sp_appid") or placed.get("appid", ""),
            number,
            placed.get("sub_mchid", "0"),
            "",
            self.order.transaction_id,
            self.order.number,
            next(iter(self.order.payer().values()), ""),
            self.order.trade_type,
            "REFUND" if refund else "REVOKED" if self.reversed else "SUCCESS",
            "OTHERS",
            "CNY",
            yuan(self.paid),
            yuan(0),
            *([clock(self.time), clock(refund.success_time)] if refund and times else []),
            refund.refund_id if refund else "0",
            refund.number if refund else "0",
            yuan(self.gone),
            yuan(0),
            refund.channel if refund else "",
            refund.status if refund else "",
            placed.get("description", ""),
            placed.get("attach", ""),
            f"{self.fee:.5f}",
            f"{RATE:.2%}",
            yuan(self.paid),
            yuan(self.gone),
            "",
        ]


def file(trades: Iterable[Trade], *, times: bool) -> bytes:
    """Write a bill; with `times`, one of refunds alone, which tells theirs.

    Returns:
        The file; nothing if there are no trades.
    """
    rows = sorted(trades, key=lambda trade: (trade.time, trade.order.transaction_id))
    paid, gone = sum(trade.paid for trade in rows), sum(trade.gone for trade in rows)
    fees = sum((trade.fee for trade in rows), Decimal())
    heading = _HEADING.format(times=_TIMES if times else "")
    sums = [yuan(paid), yuan(gone), yuan(0), f"{fees:.5f}", yuan(paid), yuan(gone)]
    return written(heading, [trade.row(times=times) for trade in rows], _SUMS, sums)
