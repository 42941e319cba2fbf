"""What the command says in a terminal, in the terminal's language."""

from __future__ import annotations

from . import words
from .lines import Lines
from .speech import say

__all__ = [
    "Lines",
    "say",
    "words",
]
