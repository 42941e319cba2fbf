"""Profit sharing, as a family of the sandbox's."""

from __future__ import annotations

from collections.abc import Iterator

from ..._parts import Family, Flow, Menu, Parts, Place, Shown, Visit
from ..._world import World
from . import routes
from .sharing import Sharing
from .words import WORDS


def flows(world: World, start: float, end: float) -> Iterator[Flow]:
    """Tell what went to receivers, and what they returned."""
    shares, returns = Sharing(world).between(start, end)
    for share in shares:
        if share.given_away:
            yield Flow(share.time, share.order_id, share.number, "分账", -share.given_away)
    for each in returns:
        numbers = each.return_id, each.asked["out_return_no"]
        yield Flow(each.time, *numbers, "分账回退", each.asked["amount"])


def shares(visit: Visit) -> Shown:
    """Show the shares, newest first, with what was given back of them."""
    sharing = Sharing(visit.world)
    leaf = visit.leaf(sharing.latest)
    returns = {share.number: sharing.returns(share) for share in leaf.items}
    return Shown("sharing/shares.html", {"leaf": leaf, "returns": returns})


_PARTS = Parts(
    routes=routes.ROUTES,
    words=WORDS,
    flows=flows,
    menu=(Menu("money", "/page/shares", "menu.shares"),),
    places=(Place("GET", "/page/shares", shares),),
    tones={"part": {"SUCCESS": "good", "CLOSED": "bad"}},
)


class SharingFamily(Family, parts=_PARTS):
    """What a customer does about shares: nothing, for nobody tells them."""
