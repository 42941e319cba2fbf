"""Trade bills: one row for each payment, reversal and refund.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4013071246
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ..._parts import RATE, TradeRow
from .text import clock, fee, written, yuan

_HEADING = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,{times}微信退款单号,商户退款单号,退款金额,"
    "充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
_TIMES = "退款申请时间,退款成功时间,"
_SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


def file(trades: Iterable[TradeRow], *, times: bool) -> bytes:
    """Write a bill; with `times`, one of refunds alone, which tells theirs.

    Returns:
        The file; nothing if there are no trades.
    """
    rows = sorted(trades, key=lambda trade: (trade.time, trade.transaction_id))
    paid, gone = sum(trade.paid for trade in rows), sum(trade.gone for trade in rows)
    due = sum(_due(trade) for trade in rows if trade.paid)
    back = sum(_due(trade) for trade in rows if trade.gone)
    prepaid = sum(_prepaid(trade) for trade in rows)
    fees = sum((_fee(trade) for trade in rows), Decimal())
    heading = _HEADING.format(times=_TIMES if times else "")
    sums = [yuan(due), yuan(back), yuan(prepaid), f"{fees:.5f}", yuan(paid), yuan(gone)]
    return written(heading, [_row(trade, times=times) for trade in rows], _SUMS, sums)


def _row(trade: TradeRow, *, times: bool) -> list[str]:
    """Return the values of a row; with `times`, those of a refund as well."""
    is_refund = bool(trade.refund_id)
    return [
        clock(trade.time),
        trade.appid,
        trade.mchid,
        trade.sub_mchid or "0",
        "",
        trade.transaction_id,
        trade.out_trade_no,
        trade.openid,
        trade.trade_type,
        trade.state,
        "OTHERS",
        "CNY",
        yuan(_due(trade) if trade.paid else 0),
        yuan(trade.coupons if trade.paid else 0),
        *([clock(trade.time), clock(trade.done)] if is_refund and times else []),
        trade.refund_id or "0",
        trade.out_refund_no or "0",
        yuan(_due(trade) if trade.gone else 0),
        yuan(_prepaid(trade)),
        trade.channel,
        trade.status,
        trade.description,
        trade.attach,
        f"{_fee(trade):.5f}",
        f"{RATE:.2%}",
        yuan(trade.paid),
        yuan(trade.gone),
        "",
    ]


def _fee(trade: TradeRow) -> Decimal:
    """The fee, or what of it is given back."""
    return fee(_due(trade)) * (1 if trade.paid else -1)


def _due(trade: TradeRow) -> int:
    """What the merchant gets, or gives back: all but coupons that were not prepaid."""
    return trade.paid + trade.gone - trade.lost


def _prepaid(trade: TradeRow) -> int:
    """What goes back to the budgets of prepaid coupons."""
    return trade.coupons - trade.lost if trade.gone else 0
