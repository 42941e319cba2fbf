"""A sandbox for another shell: served until it is stopped, with the settings that lead to it."""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, TextIO

from . import settings
from ._base import PrivateFolder, user_folder
from ._front import FaultRule
from ._sandbox import Sandbox
from ._terminal import Lines, say, words

SETTINGS = "sandbox.env"
"""The settings file in the command's folder."""
_SERVED = "served"
_OTHERS = 0o077


def serve(
    *,
    faults: Iterable[str] = (),
    probes: float = 0.0,
    seed: int | None = None,
    port: int | None = None,
    state: str | Path | None = None,
    open_page: bool = False,
    **options: Any,
) -> None:
    """Serve until Ctrl-C or SIGTERM; keys, serial numbers and port are those of the last time.

    Standard output gets one `export` line for each setting, standard error what is going on: a line
    for each request and each notification.

    Args:
        faults: What goes wrong on demand, as `FaultRule.parse` reads it.
        probes: The share of notifications that is signed wrongly on purpose, from 0 to 1.
        seed: The random seed of probes, and of faults without a seed of their
            own.
        port: The port; last time's by default, or a free one. 0 takes a free one.
        state: The file in which everything is remembered; by default only what `home` keeps.
        open_page: Whether the page is opened in a browser.
        options: More arguments of `Sandbox`.

    Raises:
        ValueError: A fault is none, the share of probes is not from 0 to 1, or what `Sandbox`
            raises.
        StateError: The state file cannot be used.
        ImportError: The extra `sandbox` is not installed.
        OSError: The port is taken.
    """
    rules = [FaultRule.parse(each) for each in faults]
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with home_of(state) as home:
            ports = _ports(home, port)
            sandbox = _started(ports, {**options, "state": state, "home": home})
            with closing(sandbox):
                sandbox.probes(probes, seed)
                for rule in rules:
                    sandbox.faults.add(rule if rule.seed is not None else replace(rule, seed=seed))
                _introduce(sandbox, home, port)
                if open_page:
                    _open(sandbox.url)
                wait()
    except KeyboardInterrupt:
        sys.stderr.write(say(words.CLOSED) + "\n")


def folder_of(state: str | Path | None = None) -> Path:
    """Return where the command keeps its keys: beside the state file, or in a folder of the user's.

    Args:
        state: The state file, if there is one.
    """
    if state is not None:
        path = Path(state).absolute()
        return path.with_name(f"{path.name}.keys")
    return user_folder(os.environ, sys.platform, Path.home()).absolute()


@contextmanager
def home_of(state: str | Path | None) -> Generator[PrivateFolder]:
    """Give the command's folder; a temporary one where that cannot be written to."""
    folder = folder_of(state)
    try:
        home = PrivateFolder(folder)
    except OSError as error:
        why = error.strerror or error
        sys.stderr.write(say(words.NOT_KEPT, folder=folder, why=why) + "\n")
        with tempfile.TemporaryDirectory(prefix="wechatpay-sandbox-") as passing:
            yield PrivateFolder(Path(passing))
    else:
        yield home


def wait() -> None:
    """Wait for a signal."""
    threading.Event().wait()


def _ports(home: PrivateFolder, port: int | None) -> list[int]:
    """The ports to try, the best first."""
    if port is not None:
        return [port]
    kept = (home.load(_SERVED) or {}).get("port")
    return [kept, 0] if isinstance(kept, int) and 0 < kept < 65536 else [0]


def _started(ports: list[int], options: Mapping[str, Any]) -> Sandbox:
    """Start a sandbox at the first port that is free."""
    *others, last = ports
    for port in others:
        try:
            return _start(port, options)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            sys.stderr.write(say(words.OTHER_PORT, port=port) + "\n")
            options = {**options, "new_keys": False}  # they are new already
    return _start(last, options)


def _start(port: int, options: Mapping[str, Any]) -> Sandbox:
    sandbox = Sandbox(port=port, **options)
    sandbox.start()
    return sandbox


def _introduce(sandbox: Sandbox, home: PrivateFolder, asked: int | None) -> None:
    """Print how the sandbox is reached, keep it, and tell from now on what happens."""
    port = sandbox.port
    if asked != 0 and (asked or not home.load(_SERVED)):
        home.keep(_SERVED, {"port": port})
    folder = sandbox.folder_of_keys or home.folder
    exports = settings.exports(settings.write(sandbox, folder))
    kept = home.write(SETTINGS, exports)
    _close_to_others(sys.stdout)
    sys.stdout.write(exports)
    sys.stdout.flush()
    invitation = say(words.INVITATION, url=sandbox.url, folder=home.folder, settings=kept)
    sys.stderr.write(invitation)
    sys.stderr.flush()
    lines = Lines(sys.stderr, sandbox.url)
    sandbox.watch(lines.exchange, lines.delivery)


def _close_to_others(stream: TextIO) -> None:
    """Let nobody else read the file that the settings go to: they hold keys.

    `> sandbox.env` makes a file that everybody may read, and `wechatpay doctor` minds that. One
    that has something in it already belongs to somebody else, and is left alone.
    """
    try:
        descriptor = stream.fileno()
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and not found.st_size and hasattr(os, "fchmod"):
            os.fchmod(descriptor, stat.S_IMODE(found.st_mode) & ~_OTHERS)
    except (OSError, ValueError):  # it is not a file of ours, or none at all
        return


def _open(url: str) -> None:
    """Open the page, where there is a screen: a browser in the terminal would take its place."""
    needs = sys.platform not in ("win32", "darwin")
    names = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    if (needs and not any(map(os.environ.get, names))) or not webbrowser.open(f"{url}/"):
        sys.stderr.write(say(words.NO_BROWSER, url=f"{url}/") + "\n")


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
