"""The cards of a world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wechatpay.sandbox._time import Appointment, Event, seconds
from wechatpay.sandbox._world import World

from . import words
from .card import Card

_KIND, _LAPSES = "card", "card lapses"
_WEEK = 7 * 86400


class Cards:
    """The cards, by their numbers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def attend(self) -> None:
        """See to it that cards lapse."""
        self._world.agenda.do(_LAPSES, self._lapse)

    def issue(self, asked: Mapping[str, Any]) -> Card:
        """Issue a card."""
        with self._store.transaction():
            number = self._world.number("77", _KIND, 6)
            card = Card(number, asked["places"], asked.get("notify_url", ""))
            self._world.agenda.at(self._world.clock() + _WEEK, _LAPSES, card_no=number)
            return self._write(card)

    def find(self, card_no: str) -> Card:
        """Find a card."""
        found = self._store.get(_KIND, card_no)
        if found is None:
            raise words.NO_SUCH_CARD(card_no)
        return Card(**found)

    def add(self, card_no: str, stamps: int) -> Card:
        """Add stamps; the merchant is told when a card is full."""
        with self._store.transaction():
            time = self._world.clock.moment().isoformat()
            card = self._write(self.find(card_no).add(stamps, time))
            if card.state == "FULL" and card.notify_url:
                said = words.NOTICE.zh
                told = {"card_no": card_no, "stamps": card.stamps}
                self._world.tell(Event("STAMPS.FULL", "stamps", said, told, card.notify_url))
            return card

    def latest(self, limit: int = 20, skip: int = 0) -> list[Card]:
        """Return a page of all cards, newest first."""
        return [Card(**each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def between(self, start: float, end: float) -> list[Card]:
        """Return the cards that became full from a moment to before another."""
        return [Card(**each) for each in self._store.between(_KIND, "full_at", start, end)]

    def _lapse(self, appointment: Appointment) -> None:
        with self._store.transaction():
            self._write(self.find(appointment.payload["card_no"]).lapse())

    def _write(self, card: Card) -> Card:
        self._store.put(_KIND, card.card_no, vars(card), full_at=seconds(card.full_time))
        return card
