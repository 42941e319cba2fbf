"""The skill: a folder of texts from which a coding agent learns how this library is used."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

__all__ = ["folder", "install", "text"]

_NAME = "wechatpay"


def folder() -> Path:
    """Return where the skill is."""
    return Path(str(files("wechatpay.cli.assistant"))) / "skill_files"


def text() -> str:
    """Return the skill's first page."""
    return (folder() / "SKILL.md").read_text("utf-8")


def install(into: Path, *, force: bool = False) -> Path:
    """Copy the skill, and return where it is then.

    Args:
        into: A folder of skills; the skill's own is made in it.
        force: Whether one that is there is replaced.

    Raises:
        FileExistsError: There is one already, with other texts.
    """
    target = into / _NAME
    if target.exists() and not force and _texts(target) != _texts(folder()):
        raise FileExistsError(str(target))
    shutil.copytree(folder(), target, dirs_exist_ok=True)
    return target


def _texts(place: Path) -> dict[str, str]:
    return {
        str(path.relative_to(place)): path.read_text("utf-8")
        for path in sorted(place.rglob("*.md"))
    }
