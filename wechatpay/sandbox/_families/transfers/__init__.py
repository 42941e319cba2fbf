"""Transfers of a merchant to users, who confirm them."""

from __future__ import annotations

from .family import TransferFamily
from .transfer import Transfer
from .transfers import Transfers

__all__ = ["Transfer", "TransferFamily", "Transfers"]
