"""Platforms and their second-tier merchants (电商收付通): what they need beside orders.

Their orders are those of partners, single and combined; their accounts are in `accounts`.
"""

from __future__ import annotations

from .applyment import Applyment
from .applyments import Applyments
from .family import EcommerceFamily

__all__ = ["Applyment", "Applyments", "EcommerceFamily"]
