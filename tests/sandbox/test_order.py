"""The tables of what an order and a refund can become."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

import pytest

from wechatpay import api
from wechatpay.sandbox._families.payments import Order, TradeState
from wechatpay.sandbox._families.payments.order import TRANSITIONS
from wechatpay.sandbox._families.refunds import RefundState
from wechatpay.sandbox._families.refunds.refund import TRANSITIONS as OF_REFUNDS

from .merchant import ORDER


def _enum(name: str, fields: Iterable[api.Field]) -> set[str]:
    return {str(value) for field in fields if field.name == name for value in field.enum or ()}


@pytest.mark.words
def test_states_are_the_documented_ones() -> None:
    """An order has the states that the catalogue knows, but for that of contract payments."""
    query = api.endpoint("get", "v3/pay/transactions/out-trade-no/{out_trade_no}")
    assert query
    documented = _enum("trade_state", query.reply.fields)
    assert documented - {"ACCEPT"} == set(get_args(TradeState)) == set(TRANSITIONS)
    assert set().union(*TRANSITIONS.values()) <= documented
    (notice,) = (
        each for each in api.notifications() if each.name.startswith("退款成功(REFUND.SUCC")
    )
    ended = _enum("refund_status", notice.resource)
    assert ended | {"PROCESSING"} == set(get_args(RefundState)) == set(OF_REFUNDS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (before, after)
        for before in get_args(TradeState)
        for after in get_args(TradeState)
        if after not in TRANSITIONS[before]
    ],
)
def test_order_keeps_to_its_table(before: TradeState, after: TradeState) -> None:
    """A transition that is not in the table is a mistake of the sandbox, whatever asks for it."""
    order = Order(ORDER, "NATIVE", {}, 0, trade_state=before)
    with pytest.raises(AssertionError, match=f"that is {before} cannot become {after}"):
        order._become(after)


@pytest.mark.parametrize("fen", [-1, 61])
def test_no_more_is_shared_than_there_is(fen: int) -> None:
    """To share more than was kept, or to take back more than was shared, is such a mistake too."""
    paid = Order(ORDER, "NATIVE", {}, 0, trade_state="REFUND", transaction_id="1", refunded=40)
    assert (paid.share(60).held, paid.share(60).share(-60)) == (0, paid)
    with pytest.raises(AssertionError, match=f"{fen} more cannot be"):
        paid.share(fen)
