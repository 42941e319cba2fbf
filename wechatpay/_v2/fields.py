"""Fields that the messages of APIv2 have in common."""

from __future__ import annotations

MERCHANT_FIELDS = ("mch_id", "mchid", "combine_mch_id")
"""Names under which a message has the merchant's number; which one, its endpoint says."""
