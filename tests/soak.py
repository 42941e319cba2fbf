"""How often things are tried at random: a small share in `make test`, all of it in `make soak`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
TIMES = int(os.environ.get("SOAK", "1"))
"""How many times the share."""


PART = 10 if TIMES == 1 else 1
"""Of what is tried of each of a thousand endpoints, `make test` tries every so many."""


def share(cases: Sequence[T], first: int = 0) -> Sequence[T]:
    """Return the cases that are tried: all in `make soak`, every tenth one in `make test`.

    Args:
        cases: All of them.
        first: Where to begin, so that different tests look at different ones.
    """
    return cases[first % PART :: PART]


def runs(share: int) -> int:
    """Return how often to try something that `make test` tries so often."""
    return share * TIMES
