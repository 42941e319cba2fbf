"""Which language a terminal speaks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

Language = Literal["zh", "en"]


def user_language(environ: Mapping[str, str] = os.environ) -> Language:
    """Return `zh` where `LC_ALL`, `LC_MESSAGES` or `LANG` (the first that is set) asks for it."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next(filter(None, map(environ.get, names)), "")
    return "zh" if locale.lower().startswith("zh") else "en"
