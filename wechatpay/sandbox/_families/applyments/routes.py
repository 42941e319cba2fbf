"""Applications of a partner's merchants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits
from .applications import Applications

_BASE = "v3/applyment4sub/applyment"
_NUMBER: Limits = {"business_code": {"length": (1, 124)}}


def apply(call: IncomingCall) -> Mapping[str, Any]:
    """Apply for a merchant."""
    return {"applyment_id": Applications(call.world).apply(call.body).applyment_id}


def by_number(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where an application is, by the partner's number."""
    return Applications(call.world).find(call.path["business_code"]).report(call.url)


def by_id(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where an application is, by WeChat Pay's number."""
    return Applications(call.world).find_by_id(call.path["applyment_id"]).report(call.url)


ROUTES = (
    EndpointRoute("POST", f"{_BASE}/", apply, limits=_NUMBER),
    EndpointRoute("GET", f"{_BASE}/business_code/{{business_code}}", by_number),
    EndpointRoute("GET", f"{_BASE}/applyment_id/{{applyment_id}}", by_id),
)
