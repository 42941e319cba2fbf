"""One card, at one moment.

OPEN → FULL      the last stamp is added
→ LAPSED    nobody filled it for a week
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from . import words

CardState = Literal["OPEN", "FULL", "LAPSED"]


@dataclass(frozen=True)
class Card:
    """One card; it never changes, a transition returns another."""

    card_no: str
    places: int
    notify_url: str
    stamps: int = 0
    state: CardState = "OPEN"
    full_time: str = ""

    def add(self, stamps: int, time: str) -> Card:
        """Add stamps, as many as there is room for."""
        self._refuse_unless_open()
        stamped = replace(self, stamps=min(self.stamps + stamps, self.places))
        full = stamped.stamps == self.places
        return replace(stamped, state="FULL", full_time=time) if full else stamped

    def lapse(self) -> Card:
        """Let it lapse, unless it is full."""
        return replace(self, state="LAPSED") if self.state == "OPEN" else self

    def _refuse_unless_open(self) -> None:
        if self.state != "OPEN":
            raise words.FULL(self.card_no, state=self.state)
