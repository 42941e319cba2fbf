"""What is said to people, in the language that their environment asks for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from ..._language import user_language as language

__all__ = ["language", "table", "text"]


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
