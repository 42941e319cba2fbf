"""How often things are tried at random: a small share in `make test`, all of it in `make soak`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

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


def spread(items: Sequence[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Part tests into those that are tried each time, and those of which `make soak` is for.

    What is parametrised by a `way` and something else besides is tried in every second or third
    combination: that is each way, and each case in two or three ways. Without anything else a test
    is run in each way.
    """
    ranks: dict[tuple[str, str], dict[int, int]] = {}
    groups: dict[str, list[tuple[pytest.Item, int]]] = {}
    for item in items:
        given: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
        if "way" in given and len(given) > 1:
            test = item.nodeid.partition("[")[0]
            seen = [(ranks.setdefault((test, name), {}), id(each)) for name, each in given.items()]
            place = sum(rank.setdefault(value, len(rank)) for rank, value in seen)
            groups.setdefault(test, []).append((item, place))
    left = {
        item
        for test, group in groups.items()
        for item, place in group
        if place % min(3, len(group) // len(ranks[test, "way"]))
    }
    for group in groups.values():
        for item, _ in group:
            item.add_marker("soak")
    return [item for item in items if item not in left], [item for item in items if item in left]
