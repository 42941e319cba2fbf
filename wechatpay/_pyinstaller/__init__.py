"""For PyInstaller, which finds it by an entry point: what it does not see of the package."""

from __future__ import annotations

from pathlib import Path


def get_hook_dirs() -> list[str]:
    """Return where the hooks are."""
    return [str(Path(__file__).parent)]
