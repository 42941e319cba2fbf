"""The keys of both sides, as a family of the sandbox's."""

from __future__ import annotations

from ..._parts import Family, Parts
from . import certificates, echo, v2_key

_ROUTES = (*certificates.ROUTES, *echo.ROUTES, *v2_key.ROUTES)


class SecurityFamily(Family, parts=Parts(routes=_ROUTES)):
    """What a customer does about keys: nothing."""
