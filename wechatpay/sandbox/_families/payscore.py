"""Pay score of a service provider: the end of a user's authorization."""

from __future__ import annotations

from .._fields import Tree
from .._routes import Call, Route

_TERMINATE: Tree = {
    "service_id": {"type": "string", "required": True, "length": (1, 32)},
    "sub_mchid": {"type": "string", "required": True, "length": (1, 32)},
    "reason": {"type": "string", "required": True, "length": (1, 50)},
}


def terminate(call: Call) -> None:
    """End a user's authorization, by its code."""
    call.world.authorizations.terminate(call.path["authorization_code"], call.body["reason"])


ROUTES = (
    Route(
        "POST",
        "v3/payscore/partner/permissions/authorization-code/{authorization_code}/terminate",
        terminate,
        body=_TERMINATE,
    ),
)
