"""What is said to people, in the language that their environment asks for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from importlib import import_module


def language() -> str:
    """Return `zh` where `LC_ALL`, `LC_MESSAGES` or `LANG` (the first that is set) asks for it."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next(filter(None, map(os.environ.get, names)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


@cache
def table(name: str) -> Mapping[str, str]:
    """Return all messages in one language, by their keys."""
    messages: Mapping[str, str] = import_module(f".{name}", __name__).MESSAGES
    descriptions: Mapping[str, str] = import_module(f".{name}_help", __name__).HELP
    return {**descriptions, **messages}


def text(key: str, /, **values: object) -> str:
    """Return a message, with values in its placeholders."""
    message = table(language())[key]
    return message.format(**values) if values else message
