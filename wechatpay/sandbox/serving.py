"""A sandbox for another shell: served until it is stopped, with the settings that lead to it."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from . import settings
from ._front import FaultRule
from ._sandbox import Sandbox

_INVITATION = """\
The page: {url}/

In a shell that has these variables:
    from wechatpay import WeChatPay
    wxpay = WeChatPay.from_env()
    wxpay.v3.pay.transactions.native.post(json=…)

Serving until Ctrl-C.
"""


def serve(
    *,
    faults: Iterable[str] = (),
    probes: float = 0.0,
    seed: int | None = None,
    **options: Any,
) -> None:
    """Serve on loopback until Ctrl-C or SIGTERM.

    Standard output gets one `export` line for each setting, standard error what is going on.

    Args:
        faults: What goes wrong on demand, as `FaultRule.parse` reads it.
        probes: The share of notifications that is signed wrongly on purpose, from 0 to 1.
        seed: Makes chance the same each time, that of probes and of faults without a seed of their
            own.
        options: The arguments of `Sandbox`.

    Raises:
        ValueError: A fault is none, or the share of probes is not from 0 to 1.
        StateError: The state file cannot be used.
        ImportError: The extra `sandbox` is not installed.
        OSError: The port is taken.
    """
    rules = [FaultRule.parse(each) for each in faults]
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with (
            Sandbox(**options) as sandbox,
            tempfile.TemporaryDirectory(prefix="wechatpay-sandbox-") as folder,
        ):
            sandbox.probes(probes, seed)
            for rule in rules:
                sandbox.faults.add(rule if rule.seed is not None else replace(rule, seed=seed))
            sys.stdout.write(settings.exports(settings.write(sandbox, Path(folder))))
            sys.stdout.flush()
            sys.stderr.write(_INVITATION.format(url=sandbox.url))
            sys.stderr.flush()
            wait()
    except KeyboardInterrupt:
        sys.stderr.write("Closed.\n")


def wait() -> None:
    """Wait for a signal."""
    threading.Event().wait()


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
