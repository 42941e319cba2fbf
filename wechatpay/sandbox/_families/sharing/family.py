"""Profit sharing, as a family of the sandbox's."""

from __future__ import annotations

from collections.abc import Iterator

from ..._parts import Family, Flow, Menu, PageRoute, Parts, Shown, Visit, action
from ..._world import World
from ..payments import Order, Orders
from ..refunds import Refunds
from . import routes
from .sharing import Sharing
from .words import WORDS


def attend(world: World) -> None:
    """See to it that what nobody shares is set free in the end."""
    Sharing(world).attend()


def flows(world: World, start: float, end: float) -> Iterator[Flow]:
    """Tell what went to receivers, what came back, and what was set free of what was frozen."""
    sharing, orders = Sharing(world), Orders(world)
    shares, returns = sharing.between(start, end)
    for share in shares:
        order, gone = orders.find_paid(None, share.asked["transaction_id"]), share.given_away
        numbers = share.order_id, share.number
        if gone:
            yield Flow(share.time, *numbers, "分账", -gone, -gone, order.merchant)
            for mchid, fen in share.merchants():
                yield Flow(share.time, *numbers, "分账", fen, mchid=mchid)
        if share.freed is not None:
            left = _frozen(world, order, share.time)
            yield Flow(share.time, *numbers, "解冻", 0, -left, order.merchant)
    for each in returns:
        numbers = each.return_id, each.asked["out_return_no"]
        mchid = each.asked.get("sub_mchid") or world.keys.mchid
        fen, giver = each.asked["amount"], each.asked["return_mchid"]
        yield Flow(each.time, *numbers, "分账回退", fen, mchid=mchid)
        yield Flow(each.time, *numbers, "分账回退", -fen, mchid=giver)


def _frozen(world: World, order: Order, time: str) -> int:
    """How much of a payment was frozen before it was set free: neither shared nor refunded."""
    refunds = Refunds(world).of_order(order)
    back = sum(each.settled for each in refunds if each.success_time and each.success_time <= time)
    reversed_ = order.settled if order.reverse_time and order.reverse_time <= time else 0
    return order.settled - back - reversed_ - Sharing(world).given(order)


def shares(visit: Visit) -> Shown:
    """Show the shares, newest first, with what was given back of them."""
    sharing = Sharing(visit.world)
    listed = visit.list_page(sharing.latest)
    returns = {share.number: sharing.returns(share) for share in listed.items}
    return Shown(
        "sharing/shares.html", {"listed": listed, "returns": returns, "ratio": sharing.ratio}
    )


_PARTS = Parts(
    routes=routes.ROUTES,
    words=WORDS,
    attend=attend,
    flows=flows,
    menu=(Menu("money", "/page/shares", "menu.shares"),),
    places=(PageRoute("GET", "/page/shares", shares),),
    tones={"part": {"SUCCESS": "good", "CLOSED": "bad"}},
)


class SharingFamily(Family, parts=_PARTS):
    """What is arranged about shares; a customer does nothing, for nobody tells them."""

    @action("sharing/ratio", limits={"max_ratio": {"minimum": 1}})
    def set_sharing_ratio(self, max_ratio: int) -> None:
        """Say how much of a payment can be shared, as merchants arrange it with WeChat Pay.

        Where the sandbox is another process, `POST sandbox/sharing/ratio` does.

        Args:
            max_ratio: In ten-thousandths; 3000 at the start, which is WeChat Pay's usual limit.
        """
        Sharing(self.world).arrange(max_ratio)
