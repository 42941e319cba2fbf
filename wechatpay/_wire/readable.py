"""What the system says of sockets: whether there is something to read, or room to write."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

if hasattr(select, "poll"):  # pragma: no branch  Windows has none
    _EVENTS = (0, select.POLLIN, select.POLLOUT, select.POLLIN | select.POLLOUT)


def watch(socket: Any) -> Callable[[], object]:
    """Return what tells, as a truth, whether a socket has something to read, or has ended.

    The library that reads it may not know yet: an event loop finds out when it runs again, which
    may be after the next request was written. The same happens after the process was stopped for a
    while.
    """
    if not hasattr(select, "poll"):  # pragma: no cover  Windows
        return lambda: select.select([socket], [], [], 0)[0]
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return partial(poll.poll, 0)


def wait(sockets: Mapping[int, int], seconds: float) -> list[tuple[int, int]]:
    """Wait for sockets, or for so long, and return those that are ready with what they are.

    Args:
        sockets: What to wait for by the socket's number: 1 to read, 2 to write, 3 for both.
        seconds: How long.
    """
    if not hasattr(select, "poll"):  # pragma: no cover  Windows
        if not sockets:
            time.sleep(seconds)
            return []
        reads, writes = ([number for number in sockets if sockets[number] & one] for one in (1, 2))
        ready = select.select(reads, writes, [], seconds)
        return [(number, 0) for number in {*ready[0], *ready[1]}]
    poll = select.poll()
    for number, what in sockets.items():
        poll.register(number, _EVENTS[what])
    return poll.poll(seconds * 1000)
