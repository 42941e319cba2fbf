"""A sandbox for another shell: served until it is stopped, with the settings that lead to it."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from . import FaultRule, Sandbox, _settings


def serve(*, faults: Iterable[str] = (), **options: Any) -> None:
    """Serve on loopback until Ctrl-C or SIGTERM.

    Standard output gets one `export` line for each setting, standard error what is going on.

    Args:
        faults: What goes wrong on demand, as `FaultRule.parse` reads it.
        options: The arguments of `Sandbox`.

    Raises:
        ValueError: A fault is none.
        ImportError: The extra `sandbox` is not installed.
        OSError: The port is taken.
    """
    rules = [FaultRule.parse(each) for each in faults]
    signal.signal(signal.SIGTERM, _interrupt)
    with (
        Sandbox(**options) as sandbox,
        tempfile.TemporaryDirectory(prefix="wechatpay-sandbox-") as folder,
    ):
        for rule in rules:
            sandbox.faults.add(rule)
        sys.stdout.write(_settings.exports(_settings.write(sandbox.config, Path(folder))))
        sys.stdout.flush()
        sys.stderr.write("Serving until Ctrl-C.\n")
        sys.stderr.flush()
        try:
            wait()
        except KeyboardInterrupt:
            sys.stderr.write("Closed.\n")


def wait() -> None:
    """Wait for a signal."""
    threading.Event().wait()


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
