"""The time, read through Python's `time` at each call.

A default of `clock=time.time` would keep what that name was when the module was loaded: a tool that
stops the clock for a test, as freezegun does, puts another function under the name.
"""

from __future__ import annotations

import time


def wall() -> float:
    """Tell the time, in seconds since 1970."""
    return time.time()


def steady() -> float:
    """Tell seconds that never jump, from some moment on."""
    return time.monotonic()
