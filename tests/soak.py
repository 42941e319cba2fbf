"""How often things are tried at random: a small share in `make test`, all of it in `make soak`."""

from __future__ import annotations

import os

TIMES = int(os.environ.get("SOAK", "1"))
"""How many times the share."""


def runs(share: int) -> int:
    """Return how often to try something that `make test` tries so often."""
    return share * TIMES
