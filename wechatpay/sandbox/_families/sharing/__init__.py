"""Profit sharing: parts of a payment go to receivers, the rest is set free for the merchant."""

from __future__ import annotations

from .family import SharingFamily
from .sharing import Return, Share, Sharing

__all__ = ["Return", "Share", "Sharing", "SharingFamily"]
