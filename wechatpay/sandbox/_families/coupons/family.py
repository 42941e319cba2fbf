"""Coupons, as a family of the sandbox: customers need not do anything to use them."""

from __future__ import annotations

from ..._parts import Family, Parts
from ..._world import World
from ..payments import GIVE_BACK, TAKE_OFF
from . import pages, routes, v2_routes
from .coupons import Coupons
from .words import WORDS


def attend(world: World) -> None:
    """See to it that coupons are taken off payments, and given back with refunds."""
    TAKE_OFF.add(world, Coupons(world).take_off)
    GIVE_BACK.add(world, Coupons(world).give_back)


_PARTS = Parts(
    routes=(*routes.ROUTES, *v2_routes.ROUTES),
    words=WORDS,
    attend=attend,
    menu=pages.MENU,
    places=pages.PLACES,
    cards=pages.CARDS,
    tones=pages.TONES,
)


class CouponFamily(Family, parts=_PARTS):
    """What a customer does about coupons: nothing, they are taken off by themselves."""
