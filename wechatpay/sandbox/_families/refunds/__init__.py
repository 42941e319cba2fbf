"""Refunds: whole or in parts, what became of them, and what to do if they went wrong."""

from __future__ import annotations

from .family import RefundFamily
from .refund import Refund, RefundState
from .refunds import Refunds
from .routes import abnormal_account

__all__ = ["Refund", "RefundFamily", "RefundState", "Refunds", "abnormal_account"]
