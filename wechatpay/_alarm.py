"""Loggers for what has to be seen even if logging is not configured.

Python prints a warning that no handler takes to stderr. The library's own logger has a handler that
takes everything and does nothing, so that calls are not printed unasked. But a failed handler of a
notification was called by WeChat Pay, and only the log can tell the application.
"""

from __future__ import annotations

import logging

__all__ = ["alarm"]


class _LastResort(logging.Handler):
    """Does what Python does without handlers, if this is the only handler."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record that no other handler takes."""
        last = logging.lastResort
        if last is not None and record.levelno >= last.level and not _heard(record.name):
            last.handle(record)


def alarm(name: str) -> logging.Logger:
    """Return the logger of this name; its warnings and errors are never lost."""
    logger = logging.getLogger(name)
    if not any(isinstance(handler, _LastResort) for handler in logger.handlers):
        logger.addHandler(_LastResort())
    return logger


def _heard(name: str) -> bool:
    """Tell whether a handler of the application takes the records of this logger."""
    logger: logging.Logger | None = logging.getLogger(name)
    while logger is not None:
        for handler in logger.handlers:
            if not isinstance(handler, (_LastResort, logging.NullHandler)):
                return True
        logger = logger.parent if logger.propagate else None
    return False
