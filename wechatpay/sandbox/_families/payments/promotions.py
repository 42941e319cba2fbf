"""What is taken off a payment, such as a coupon: payments do not know what does it; that joins in.

A promotion is as `promotion_detail` tells it: of `type` `CASH` the merchant gets it all the same,
of `NOCASH` nobody does. https://pay.weixin.qq.com/doc/v3/merchant/4012791899
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._world import Hook, World
from .order import Order

Promotion = Mapping[str, Any]

TAKE_OFF: Hook[Callable[[Order], Sequence[Promotion]]] = Hook()
"""Takes promotions off an order that was just paid, and returns them."""
GIVE_BACK: Hook[Callable[[Promotion, int], None]] = Hook()
"""Gives so many fen of a promotion back to who paid for it; below zero, takes them again."""


def take_off(world: World, order: Order) -> Order:
    """Take off an order what there is to take off."""
    found = [each for take in TAKE_OFF.of(world) for each in take(order)]
    return replace(order, promotions=found) if found else order


def give_back(world: World, promotion: Promotion, fen: int) -> None:
    """Give a promotion back, in part or whole."""
    for give in GIVE_BACK.of(world):
        give(promotion, fen)
