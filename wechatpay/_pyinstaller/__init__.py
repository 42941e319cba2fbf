"""For PyInstaller, which finds this by an entry point: what it cannot see is imported."""

from __future__ import annotations

from pathlib import Path


def get_hook_dirs() -> list[str]:
    """Return where the hooks are."""
    return [str(Path(__file__).parent)]
