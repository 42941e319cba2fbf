"""Which language a visitor reads, and the page's words in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from .._base import Text, Words

Language = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")
"""As in a `Text`."""
COOKIE = "wechatpay_sandbox_language"
TAGS: Mapping[Language, str] = {"zh": "zh-CN", "en": "en"}
"""The languages as HTML names them."""


def chosen(text: str | None) -> Language | None:
    """Return a language by its name; `None` if it is not one of ours."""
    return text if text in LANGUAGES else None


def accepted(header: str) -> Language:
    """Return the language that an `Accept-Language` header prefers; English if it names none."""
    best: tuple[float, Language] = (0.0, "en")
    for part in header.split(","):
        tag, _, parameter = part.partition(";")
        language = chosen(tag.strip().lower().partition("-")[0])
        weight = _weight(parameter)
        if language and weight > best[0]:
            best = (weight, language)
    return best[1]


def other(language: Language) -> Language:
    """Return the language to switch to."""
    return "en" if language == "zh" else "zh"


class Speech:
    """Says things in one language.

    Args:
        language: The language.
        words: What there is to say, by name.
    """

    def __init__(self, language: Language, words: Words) -> None:
        self._at = LANGUAGES.index(language)
        self._words = words

    def __call__(self, what: str | Text, **values: object) -> str:
        """Say something.

        Args:
            what: Its name, or the words themselves.
            values: What goes into the braces.
        """
        text = self._words[what] if isinstance(what, str) else what
        return text.filled(**values)[self._at]

    def known(self, name: str, otherwise: str) -> str:
        """Say something if there are words for it, or else what is given."""
        return self(name) if name in self._words else otherwise


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name == "q" and math.isfinite(weight) else 0.0
