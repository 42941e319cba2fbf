"""Whether a connection that lies idle has said something: a surplus, or its end."""

from __future__ import annotations

import select
from collections.abc import Callable
from functools import partial
from typing import Any


def watch(socket: Any) -> Callable[[], object]:
    """Return what tells, as a truth, whether a socket has something to read, or has ended.

    Whoever reads it may not have seen that yet: an event loop does so when it runs again, and that
    may be after the next request was written. So it is when the process was stopped meanwhile.
    """
    if not hasattr(select, "poll"):  # pragma: no cover  Windows
        return lambda: select.select([socket], [], [], 0)[0]
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return partial(poll.poll, 0)
