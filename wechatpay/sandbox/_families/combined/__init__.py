"""Payments of several orders with one password."""

from __future__ import annotations

from .combined import Combined
from .combined_orders import CombinedOrders
from .family import CombinedFamily

__all__ = ["Combined", "CombinedFamily", "CombinedOrders"]
