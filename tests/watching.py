"""What coverage watches: switched off and on for a while."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, ClassVar


@contextmanager
def _tracing(here: Any, there: Any) -> Generator[None]:
    before = sys.gettrace(), threading.gettrace()
    sys.settrace(here)
    threading.settrace(there)
    try:
        yield
    finally:
        sys.settrace(before[0])
        threading.settrace(before[1])


@contextmanager
def untraced() -> Generator[None]:
    """Have coverage not watch this thread, and those that are started meanwhile."""
    with _tracing(None, None):
        yield


class Watch:
    """What watches, if anything does, while tests run."""

    functions: ClassVar[tuple[Any, Any]] = (None, None)

    @classmethod
    @contextmanager
    def off(cls) -> Generator[None]:
        """Have coverage not watch this thread.

        Those that are started meanwhile may be a server's, which goes on for watched tests.
        """
        with _tracing(None, cls.functions[1]):
            yield

    @classmethod
    @contextmanager
    def on(cls) -> Generator[None]:
        """Have coverage watch this thread, and those that are started meanwhile."""
        with _tracing(*cls.functions):
            yield
