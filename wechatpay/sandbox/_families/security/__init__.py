"""The keys of both sides, and the echo with which a merchant tests them."""

from __future__ import annotations

from .family import SecurityFamily

__all__ = ["SecurityFamily"]
