"""The settings that lead to a sandbox, with its keys in files for as long as it is served."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from .. import settings

if TYPE_CHECKING:
    from .._sandbox import Sandbox

_PREFIX = "wechatpay-sandbox-"


class Settings:
    """Writes a sandbox's keys to a folder of its own, once somebody wants to see the settings.

    Args:
        sandbox: The sandbox.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
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
                variables = settings.write(self._sandbox, folder)
                self._exports[mode] = settings.exports(variables)
            return self._exports[mode]

    def close(self) -> None:
        """Remove the files."""
        with self._lock:
            self._exports.clear()
            if self._folder:
                self._folder.cleanup()
                self._folder = None
