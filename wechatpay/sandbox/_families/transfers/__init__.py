"""Transfers of a merchant to users, who confirm them."""

from __future__ import annotations

from .family import TransferFamily
from .transfers import Transfer, Transfers

__all__ = ["Transfer", "TransferFamily", "Transfers"]
