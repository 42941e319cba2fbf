"""Profit sharing: parts of a payment go to receivers, the rest is set free for the merchant."""

from __future__ import annotations

from .family import SharingFamily
from .sharing import Share, Sharing

__all__ = ["Share", "Sharing", "SharingFamily"]
