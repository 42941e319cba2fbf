"""Applications of a partner's merchants (特约商户进件), who settle by themselves.

Those of a platform's second-tier merchants are in `ecommerce`.
"""

from __future__ import annotations

from .application import Application
from .applications import Applications
from .family import ApplymentFamily

__all__ = ["Application", "Applications", "ApplymentFamily"]
