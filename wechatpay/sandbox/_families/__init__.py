"""The families of endpoints: each module is a table of routes and what answers them."""

from __future__ import annotations

from . import certificates, payments, payscore

ROUTES = (*certificates.ROUTES, *payments.ROUTES, *payscore.ROUTES)
"""Every endpoint of the sandbox."""
