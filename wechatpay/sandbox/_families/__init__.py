"""The families: one folder each, which says in `family` what it brings, and one line here.

A family imports the rooms below, and of other families what they offer in their `__init__`.
"""

from __future__ import annotations

from .accounts import AccountFamily
from .applyments import ApplymentFamily
from .bills import BillFamily
from .combined import CombinedFamily
from .complaints import ComplaintFamily
from .coupons import CouponFamily
from .ecommerce import EcommerceFamily
from .payments import PaymentFamily
from .payscore import PayscoreFamily
from .product_coupons import ProductCouponFamily
from .refunds import RefundFamily
from .security import SecurityFamily
from .sharing import SharingFamily
from .transfers import TransferFamily
from .vouchers import VoucherFamily

__all__ = ["Families"]


class Families(
    PaymentFamily,
    CombinedFamily,
    RefundFamily,
    TransferFamily,
    SharingFamily,
    AccountFamily,
    CouponFamily,
    VoucherFamily,
    ProductCouponFamily,
    EcommerceFamily,
    ApplymentFamily,
    PayscoreFamily,
    ComplaintFamily,
    BillFamily,
    SecurityFamily,
):
    """All families of the sandbox, in the order in which the page shows them."""
