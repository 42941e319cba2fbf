"""APIv2: the key that sensitive fields of transfers to banks are encrypted for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization

from ..._endpoint import EndpointRoute, IncomingCall


def public_key(call: IncomingCall) -> Mapping[str, Any]:
    """Give the key, as PKCS #1."""
    keys = call.world.keys
    key = keys.bank.public_key()
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.PKCS1
    return {"mch_id": keys.mchid, "pub_key": key.public_bytes(encoding, form).decode()}


ROUTES = (EndpointRoute("POST", "v2/risk/getpublickey", public_key),)
