"""How a refund of a discounted order is shared between the customer and what was taken off.

A refund is counted in order money. The customer gets back refund × (paid ÷ total), rounded half up
to the fen, and of the last refund what is left; the promotions get the rest, each by its part. No
more is given back of anything than there is.

Official page: docs/merchant/products/refund/introduction (2025-06-27): of 10 yuan with a coupon of
3, a refund of 9 pays back 6.30.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Shares(NamedTuple):
    """Who gets how much of a refund, in fen.

    Attributes:
        customer: The customer.
        promotions: Each promotion.
    """

    customer: int
    promotions: tuple[int, ...]


def shares(refund: int, paid: int, off: Sequence[int], before: Sequence[Shares] = ()) -> Shares:
    """Share a refund.

    Args:
        refund: How much is refunded of the order.
        paid: How much of it the customer paid.
        off: How much each promotion took off.
        before: How earlier refunds were shared.
    """
    total = paid + sum(off)
    parts = (paid, *off)
    left = [
        part - sum((each.customer, *each.promotions)[index] for each in before)
        for index, part in enumerate(parts)
    ]
    got: list[int] = []
    for index, part in enumerate(parts):
        rest = refund - sum(got)
        least = rest - sum(left[index + 1 :])  # what those behind cannot give back
        ideal = (2 * refund * part + total) // (2 * total)  # rounded half up
        got.append(max(min(ideal, left[index], rest), least))
    return Shares(got[0], tuple(got[1:]))
