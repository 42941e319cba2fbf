"""Profit sharing: parts of a payment go to receivers."""

from __future__ import annotations

from .sharing import Share, Sharing

__all__ = ["Share", "Sharing"]
