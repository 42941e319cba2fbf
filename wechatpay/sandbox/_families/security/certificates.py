"""Platform certificates, encrypted with the APIv3 key."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from ..._base import BEIJING, Certificate, Keys
from ..._endpoint import EndpointRoute, IncomingCall
from . import words

_ASSOCIATED_DATA = "certificate"


def certificates(call: IncomingCall) -> Mapping[str, Any]:
    """List the platform certificates; a merchant with the public key has none.

    Raises:
        Refusal: There are none.
    """
    keys = call.world.keys
    if keys.mode == "public-key":
        raise words.NO_CERTIFICATES()
    listed = keys.listed(call.world.clock())
    wanted = call.query.get("algorithm_type", "RSA")
    if wanted not in ("ALL", "SM2" if keys.is_sm else "RSA"):
        raise words.NO_CERTIFICATES()
    return {"data": [_sealed(certificate, keys) for certificate in listed]}


def _sealed(certificate: Certificate, keys: Keys) -> dict[str, Any]:
    nonce = secrets.token_hex(6)
    sealed = keys.seal(certificate.pem.encode(), nonce, _ASSOCIATED_DATA)
    return {
        "serial_no": certificate.serial,
        "effective_time": certificate.effective.astimezone(BEIJING).isoformat(),
        "expire_time": certificate.expire.astimezone(BEIJING).isoformat(),
        "encrypt_certificate": {
            "algorithm": keys.aead,
            "nonce": nonce,
            "associated_data": _ASSOCIATED_DATA,
            "ciphertext": sealed,
        },
    }


ROUTES = (EndpointRoute("GET", "v3/certificates", certificates),)
