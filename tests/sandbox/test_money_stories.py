"""Where the money is: each fen that left an account is on another, and in the bills.

Stories are told at random, of all families that move money and by both APIs, in process and over a
socket; the sandbox is restarted, and killed, in between. `make soak` tells many more.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from soak import runs

from . import money_checks as checks
from .money_platform import Platform

_DAY = 86400
_STEPS = 18


@pytest.mark.untraced
@pytest.mark.soak
@pytest.mark.parametrize("seed", range(runs(4)))
def test_no_fen_is_lost(seed: int, tmp_path: Path) -> None:
    """Balances, bills and notifications say what the shop's own books say, each fen once."""
    chance = random.Random(seed)
    story = Platform(chance, tmp_path, served=seed % 2 == 1)
    try:
        clock = story.sandbox.world.clock
        # Early on a day, in Beijing, so that all of the story happens on it.
        story.sandbox.advance(_DAY - (clock() + 8 * 3600) % _DAY + 3600)
        day = f"{clock.moment():%Y-%m-%d}"
        before = {each: checks.balance(story, *each) for each in checks.ACCOUNTS}
        restart, kill = chance.sample(range(_STEPS), 2)
        story.tell(_STEPS, restart=restart, kill=kill)
        moved = {each: checks.balance(story, *each) - fen for each, fen in before.items()}
        assert moved == {each: story.books.moved[each] for each in checks.ACCOUNTS}
        # What was on its way while the sandbox was down, and the shop not yet back, is repeated.
        story.sandbox.deliver()
        delivered = story.sandbox.settle()
        assert {each.state for each in delivered} <= {"acknowledged"}
        # What was sent and not yet noted when it was killed is sent again, under the same id.
        assert story.told.keys() >= {each.id for each in delivered if each.event.form == "v3"}
        checks.told(story, delivered)
        story.sandbox.advance(_DAY + 9 * 3600)
        for each, fen in moved.items():
            assert not fen or checks.flows(story, day, *each) == fen
        checks.trades(story, day)
    finally:
        story.sandbox.close()
