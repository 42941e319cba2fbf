"""A family of the smallest kind: cards that customers collect stamps on."""

from __future__ import annotations

from .family import StampFamily

__all__ = ["StampFamily"]
