"""Coupons for products (商品券), made by partners for brands: the successor of merchants' own."""

from __future__ import annotations

from .coupon import ProductCoupon
from .coupons import ProductCoupons
from .family import ProductCouponFamily
from .products import Products

__all__ = ["ProductCoupon", "ProductCouponFamily", "ProductCoupons", "Products"]
