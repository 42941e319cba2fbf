"""The settings that lead to a sandbox, with its keys in files for as long as it is served."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from .. import settings
from .._control import Control

_PREFIX = "wechatpay-sandbox-"


class SettingsFolder:
    """Writes a sandbox's keys to a folder of its own, once a visitor wants to see the settings.

    Args:
        sandbox: The sandbox.
        write: Writes its keys to a folder, and returns the variables that lead to it.
    """

    def __init__(self, sandbox: Control, write: Callable[[Path], dict[str, str]]) -> None:
        self._sandbox = sandbox
        self._write = write
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._exports: dict[str, str] = {}

    def exports(self) -> str:
        """Return the settings as `export` lines; which there are is a matter of the mode."""
        with self._lock:
            mode = self._sandbox.mode
            if mode not in self._exports:
                self._folder = self._folder or tempfile.TemporaryDirectory(prefix=_PREFIX)
                folder = Path(self._folder.name, mode)
                folder.mkdir(mode=0o700)
                variables = self._write(folder)
                self._exports[mode] = settings.exports(variables)
            return self._exports[mode]

    def close(self) -> None:
        """Remove the files."""
        with self._lock:
            self._exports.clear()
            if self._folder:
                self._folder.cleanup()
                self._folder = None
