"""Words for a terminal, in the language of the environment."""

from __future__ import annotations

from ..._language import user_language
from .._base import Text


def say(text: Text, **values: object) -> str:
    """Say something; `values` go into the braces."""
    said = text.filled(**values)
    return said.zh if user_language() == "zh" else said.en
