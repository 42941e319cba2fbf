"""What families put into bills: rows of trade bills, and movements of the merchant's money."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .._world import Hook

RATE = Decimal("0.006")
"""The fee, as a part of the amount. Merchants' rates differ; this is the sandbox's."""

OPENING = 100_000_000
"""What every account of every merchant begins with, in fen; this is the sandbox's own rule."""


@dataclass(frozen=True)
class TradeRow:
    """One row of a trade bill: a payment, a reversal or a refund.

    Attributes:
        time: When it happened.
        mchid: Whose order it was, a merchant's or a service provider's.
        appid: Where it was placed.
        sub_mchid: The service provider's merchant; empty if there is none.
        transaction_id: WeChat Pay's number for the order.
        out_trade_no: The merchant's.
        openid: Who paid.
        trade_type: How.
        state: `SUCCESS`, `REVOKED` or `REFUND`.
        paid: What the merchant got, in fen.
        gone: What was refunded or reversed, in fen.
        coupons: How much of that was taken off, and the customer did not pay or get back.
        lost: How much of the coupons nobody pays: they were not prepaid.
        description: What it was for.
        attach: What the merchant attached.
        refund_id: WeChat Pay's number for the refund, if it is one.
        out_refund_no: The merchant's.
        channel: Which way the refund went.
        status: Where the refund is.
        done: When the refund was done.
    """

    time: str
    mchid: str
    appid: str
    sub_mchid: str
    transaction_id: str
    out_trade_no: str
    openid: str
    trade_type: str
    state: str
    paid: int = 0
    gone: int = 0
    coupons: int = 0
    lost: int = 0
    description: str = ""
    attach: str = ""
    refund_id: str = ""
    out_refund_no: str = ""
    channel: str = ""
    status: str = ""
    done: str = ""


@dataclass(frozen=True)
class Flow:
    """One movement of a merchant's money, a row of a fund-flow bill.

    Attributes:
        time: When.
        number: WeChat Pay's number for what moved it.
        voucher: The merchant's number for it.
        business: What it was, such as `交易`.
        fen: How much came; below zero, went.
        frozen: How much of it came to, or went from, what the merchant cannot use yet
            (不可用余额). One that comes to nothing and only freezes or frees is in no bill.
        mchid: Whose money it is; empty for the sandbox's merchant.
        account: On which account: `BASIC`, `OPERATION`, `FEES` or `DEPOSIT`.
        booked: Whether the account's book has it already.
    """

    time: str
    number: str
    voucher: str
    business: str
    fen: int
    frozen: int = 0
    mchid: str = ""
    account: str = "BASIC"
    booked: bool = False


TRADES: Hook[Callable[[float, float], Iterable[TradeRow]]] = Hook()
"""The rows of trade bills, from a moment to before another, in seconds since 1970."""
FLOWS: Hook[Callable[[float, float], Iterable[Flow]]] = Hook()
"""The rows of fund-flow bills, likewise."""


def fee_in_fen(fen: int) -> int:
    """Return the fee of an amount as it is debited, in fen."""
    return int((fen * RATE).quantize(Decimal(1), ROUND_HALF_UP))
