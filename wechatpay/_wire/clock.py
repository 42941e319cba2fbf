"""The clock by which connections grow old: it runs while the machine sleeps, as servers' do."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial

# Linux's and macOS' `time.monotonic` stand still meanwhile: a laptop that wakes up, or a virtual
# machine that is resumed, would find its connections fresh.
uptime: Callable[[], float]
if hasattr(time, "CLOCK_BOOTTIME"):
    uptime = partial(time.clock_gettime, time.CLOCK_BOOTTIME)
elif sys.platform == "darwin":  # pragma: no cover
    uptime = partial(time.clock_gettime, time.CLOCK_MONOTONIC)
else:  # pragma: no cover
    uptime = time.monotonic
