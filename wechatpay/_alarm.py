"""Loggers for what somebody has to see, though nobody has configured logging.

Python prints a warning that no handler takes to stderr. The library's own logger has a handler
that takes everything and does nothing, so that calls are not told of unasked; a failed handler of a
notification, which is called by nobody of the application's, has to be.
"""

from __future__ import annotations

import logging

__all__ = ["alarm"]


class _LastResort(logging.Handler):
    """Does what Python does where there is no handler, if there is none but this one."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record that nobody else takes."""
        last = logging.lastResort
        if last is not None and record.levelno >= last.level and not _heard(record.name):
            last.handle(record)


def alarm(name: str) -> logging.Logger:
    """Return the logger of this name: what it says from a warning on is never lost."""
    logger = logging.getLogger(name)
    if not any(isinstance(handler, _LastResort) for handler in logger.handlers):
        logger.addHandler(_LastResort())
    return logger


def _heard(name: str) -> bool:
    """Tell whether any handler of the application's takes what this logger says."""
    logger: logging.Logger | None = logging.getLogger(name)
    while logger is not None:
        for handler in logger.handlers:
            if not isinstance(handler, (_LastResort, logging.NullHandler)):
                return True
        logger = logger.parent if logger.propagate else None
    return False
