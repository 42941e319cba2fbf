"""How long tests wait for what is sure to come: so long that only its absence takes that long."""

from __future__ import annotations

import time
from collections.abc import Callable

import anyio

LONG = 120.0
"""Seconds; a machine that is busy with something else is not a fault of what is tested."""


def until(true: Callable[[], object], what: str = "it does not come") -> None:
    """Wait for something to be true.

    Raises:
        AssertionError: It never was.
    """
    deadline = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.002)


async def until_async(true: Callable[[], object], what: str = "it does not come") -> None:
    """Wait for something to be true, without blocking the event loop.

    Raises:
        AssertionError: It never was.
    """
    deadline = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < deadline, what
        await anyio.sleep(0.002)
