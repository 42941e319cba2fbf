"""Stamps, as a family of a sandbox's."""

from __future__ import annotations

from collections.abc import Iterator

from wechatpay.sandbox._parts import Family, Flow, Menu, PageRoute, Parts, Shown, Visit, action
from wechatpay.sandbox._world import World

from . import routes
from .cards import Cards
from .words import WORDS


def attend(world: World) -> None:
    """See to it that cards lapse."""
    Cards(world).attend()


def flows(world: World, start: float, end: float) -> Iterator[Flow]:
    """Tell what full cards cost, a fen for each stamp."""
    for card in Cards(world).between(start, end):
        yield Flow(card.full_time, card.card_no, card.card_no, "集点", -card.stamps)


def cards(visit: Visit) -> Shown:
    """Show the cards."""
    return Shown("stamps/cards.html", {"listed": visit.list_page(Cards(visit.world).latest)})


_PARTS = Parts(
    routes=routes.ROUTES,
    words=WORDS,
    attend=attend,
    flows=flows,
    menu=(Menu("money", "/page/stamps", "menu.stamps"),),
    places=(PageRoute("GET", "/page/stamps", cards),),
    tones={"card": {"OPEN": "waiting", "FULL": "good", "LAPSED": "over"}},
)


class StampFamily(Family, parts=_PARTS):
    """What a customer does about stamps."""

    @action("stamps/{card_no}/add", answers="state", limits={"stamps": {"minimum": 1}})
    def add_stamp(self, card_no: str, stamps: int = 1) -> str:
        """Let the customer collect stamps, and return where the card is then."""
        return Cards(self.world).add(card_no, stamps).state
