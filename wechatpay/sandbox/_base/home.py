"""A folder in which keys outlive the process: for the command, which starts many sandboxes."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast


class PrivateFolder:
    """A folder with small documents in it, whose files only their owner can read.

    Args:
        folder: The folder; it is made, for its owner alone, if it is not there.

    Raises:
        OSError: It cannot be made, or nothing can be written there.

    Attributes:
        folder: The folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(None, "nothing can be written here", str(folder))

    def load(self, name: str) -> Mapping[str, Any] | None:
        """Return what was kept under a name; `None` if there is nothing that can be read."""
        try:
            document = json.loads((self.folder / f"{name}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return cast("Mapping[str, Any]", document) if isinstance(document, dict) else None

    def keep(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep what JSON can hold, in place of what was kept under that name."""
        self.write(f"{name}.json", json.dumps(document))

    def write(self, name: str, text: str) -> Path:
        """Write a file that only its owner can read, whole or not at all; return its path."""
        path = self.folder / name
        part = path.with_name(f".{name}.{secrets.token_hex(6)}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return path


def user_folder(environ: Mapping[str, str], platform: str, home: Path) -> Path:
    """Return where programs of a user keep what they remember, by the platform's convention.

    Args:
        environ: The environment; `XDG_STATE_HOME` counts on every platform.
        platform: As `sys.platform` has it.
        home: The user's own folder.
    """
    if named := environ.get("XDG_STATE_HOME"):
        base = Path(named)
    elif platform == "win32":
        local = environ.get("LOCALAPPDATA")
        base = Path(local) if local else home / "AppData" / "Local"
    elif platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = home / ".local" / "state"
    return base / "wechatpay" / "sandbox"
