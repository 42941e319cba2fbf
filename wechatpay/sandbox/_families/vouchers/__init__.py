"""Merchants' own coupons (商家券): WeChat Pay keeps them, the merchant takes them off by itself."""

from __future__ import annotations

from .family import VoucherFamily
from .voucher import Voucher
from .vouchers import Vouchers

__all__ = ["Voucher", "VoucherFamily", "Vouchers"]
