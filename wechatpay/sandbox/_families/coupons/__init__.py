"""Coupons that WeChat Pay takes off a payment by itself (代金券)."""

from __future__ import annotations

from .coupon import Coupon
from .coupons import Coupons
from .family import CouponFamily
from .stock import Stock
from .stocks import Stocks

__all__ = ["Coupon", "CouponFamily", "Coupons", "Stock", "Stocks"]
