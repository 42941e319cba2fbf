"""`wechatpay doctor`: what is right with the settings, what is not, and what to do about it."""

from __future__ import annotations

import sys
from itertools import chain

import typer

from .. import _output
from .._checks import NAMES, Check, State
from .._layout import columns, padded, width, wrapped
from .._sandbox import kept_by_sandbox
from .._settings import Settings, configured
from ..words import text

_STYLES = {State.PASS: typer.colors.GREEN, State.FAIL: typer.colors.RED, State.SKIP: None}


@configured
def doctor(settings: Settings) -> None:
    """Check the settings, here and at WeChat Pay, and say what to do."""
    from .._checks import local
    from .._checks_online import online

    failed: list[Check] = []
    for check in chain(local(settings), online(settings)):
        _print(check)
        if check.state is State.FAIL:
            failed.append(check)
    if failed:
        _output.say(text("doctor.failed", count=len(failed)))
        if not settings.variables:
            _output.say(text("doctor.no_settings", path=kept_by_sandbox()))
        raise typer.Exit(failed[0].exit)
    _output.say(text("doctor.fine"))


def _print(check: Check) -> None:
    """Print one line: on a terminal it is folded, in a pipe its three parts have tabs between."""
    state, name = text(f"doctor.{check.state.value}"), text(f"check.{check.name}")
    if not _output.is_terminal():
        _output.put("\t".join((state, name, check.words)))
        return
    left = max(width(text(f"doctor.{each.value}")) for each in State) + 2
    middle = max(width(text(f"check.{each}")) for each in NAMES) + 2
    first, *rest = wrapped(check.words, max(10, columns() - left - middle))
    mark = padded(state, left)
    if _output.is_colored():
        mark = typer.style(mark, fg=_STYLES[check.state], bold=True)
    sys.stdout.write(f"{mark}{padded(name, middle)}{first}\n")
    for line in rest:
        sys.stdout.write(f"{' ' * (left + middle)}{line}\n")
    sys.stdout.flush()
