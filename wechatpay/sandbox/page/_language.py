"""Which language somebody reads, and what is said in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, cast

from ._chinese import WORDS as _CHINESE
from ._english import WORDS as _ENGLISH

Language = Literal["zh", "en"]

_AND = ", and "

COOKIE = "wechatpay_sandbox_language"
TABLES: Mapping[Language, Mapping[str, str]] = {"zh": _CHINESE, "en": _ENGLISH}
"""All that the page says, by language; the tables have the same keys."""
TAGS: Mapping[Language, str] = {"zh": "zh-CN", "en": "en"}
"""The languages as HTML names them."""


def chosen(text: str | None) -> Language | None:
    """Return a language by its name; `None` if it is none of ours."""
    return cast("Language", text) if text in TABLES else None


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


class Words:
    """Says things in one language.

    Args:
        language: The language.
    """

    def __init__(self, language: Language) -> None:
        self._words = TABLES[language]

    def __call__(self, key: str, **values: object) -> str:
        """Say something.

        Args:
            key: What, as in the tables.
            values: What goes into the braces.
        """
        return self._words[key].format(**values) if values else self._words[key]

    def known(self, text: str) -> str:
        """Say something, or one thing and another, if there are words; or return it as it is."""
        return self("and").join(self._words.get(each, each) for each in text.split(_AND))


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name == "q" and math.isfinite(weight) else 0.0
