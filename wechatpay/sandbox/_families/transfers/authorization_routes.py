"""Users' agreements to transfers that need not be confirmed, and sub-merchants' permissions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._endpoint import EndpointRoute, IncomingCall, Limits
from .authorizations import Authorizations
from .permits import Permits
from .routes import NOTIFY_URL

_BASE = "v3/fund-app/mch-transfer"
_OWN, _PARTNER = (
    f"{_BASE}/user-confirm-authorization",
    f"{_BASE}/partner/user-confirm-authorizations",
)
_BY_NUMBER = f"{_OWN}/out-authorization-no/{{out_authorization_no}}"
_PERMITS = f"{_BASE}/partner/sub-mch-authorizations"
_SIGNED = "v3/ecommerce/mch-transfer/authorizations"
_REQUIRED: Limits = {
    "out_authorization_no": {"required": True, "length": (1, 32), "pattern": "[0-9A-Za-z]+"},
    "appid": {"required": True},
    "openid": {"required": True, "length": (1, 64)},
    "user_display_name": {"required": True},
}
_LIMITS: Limits = {**_REQUIRED, "authorization_notify_url": NOTIFY_URL}
_PARTNERS: Limits = {**_REQUIRED, "notify_url": NOTIFY_URL}
_INVITED: Limits = {"sub_mchid": {"required": True}, "out_apply_no": {"required": True}}


def ask(call: IncomingCall) -> Mapping[str, Any]:
    """Ask a user to agree."""
    made = Authorizations(call.world).ask(call.body)
    said = {"out_authorization_no": made.number, "create_time": made.create_time}
    return {**said, "state": made.state, "package_info": made.package_info}


def query(call: IncomingCall) -> Mapping[str, Any]:
    """Tell where an authorization is."""
    found = Authorizations(call.world).find(call.path["out_authorization_no"])
    said = found.report()
    if found.state == "WAIT_USER_CONFIRM" and "is_display_authorization" in call.query:
        said["package_info"] = found.package_info
    return said


def close(call: IncomingCall) -> Mapping[str, Any]:
    """End an authorization."""
    number = call.path["out_authorization_no"]
    return Authorizations(call.world).close(number, "CLOSE_VIA_MCH_API").report()


def invite(call: IncomingCall) -> Mapping[str, Any]:
    """Ask a sub-merchant for its permission."""
    return Permits(call.world).invite(call.body)


def permit(call: IncomingCall) -> Mapping[str, Any]:
    """Tell whether a sub-merchant has given its permission."""
    return Permits(call.world).of(call.path["sub_mchid"])


def sign(call: IncomingCall) -> Mapping[str, Any]:
    """Say that a sub-merchant has signed."""
    return Permits(call.world).sign(call.body["sub_mchid"])


def signed(call: IncomingCall) -> Mapping[str, Any]:
    """Tell whether a sub-merchant has signed."""
    return Permits(call.world).signed(call.path["sub_mchid"])


ROUTES = (
    EndpointRoute("POST", _OWN, ask, limits=_LIMITS),
    EndpointRoute("GET", _BY_NUMBER, query),
    EndpointRoute("POST", f"{_BY_NUMBER}/close", close),
    EndpointRoute("POST", _PARTNER, ask, limits=_PARTNERS),
    EndpointRoute("GET", f"{_PARTNER}/{{out_authorization_no}}", query),
    EndpointRoute("POST", f"{_PARTNER}/{{out_authorization_no}}/close", close),
    EndpointRoute("POST", _PERMITS, invite, limits=_INVITED),
    EndpointRoute("GET", f"{_PERMITS}/{{sub_mchid}}", permit),
    EndpointRoute("POST", _SIGNED, sign),
    EndpointRoute("GET", f"{_SIGNED}/{{sub_mchid}}", signed),
)
