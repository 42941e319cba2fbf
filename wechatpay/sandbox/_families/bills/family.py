"""Bills, as a family of the sandbox's: what is in them, the other families know."""

from __future__ import annotations

from ..._parts import Family, Parts
from . import files, routes, v2_routes

_ROUTES = (*routes.ROUTES, *files.ROUTES, *v2_routes.ROUTES)


class BillFamily(Family, parts=Parts(routes=_ROUTES)):
    """What a customer does about bills: nothing."""
