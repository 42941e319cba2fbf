"""Combined payments, as a family of the sandbox's: they are paid as any order is."""

from __future__ import annotations

from ..._parts import Family, Parts
from ..._world import World
from ..payments import TOGETHER
from . import routes
from .combined_orders import CombinedOrders


def attend(world: World) -> None:
    """See to it that orders which were placed together are paid together."""
    TOGETHER.add(world, CombinedOrders(world).whole)


class CombinedFamily(Family, parts=Parts(routes=routes.ROUTES, attend=attend)):
    """What a customer does about combined orders: nothing of its own."""
