"""Platform certificates, encrypted with the APIv3 key."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..._base import BEIJING, Certificate
from ..._endpoint import Call, Route
from . import words

_ASSOCIATED_DATA = "certificate"


def certificates(call: Call) -> Mapping[str, Any]:
    """List the platform certificates; a merchant who has to do with the public key has none.

    Raises:
        Refusal: There are none.
    """
    keys = call.world.keys
    if keys.mode == "public-key":
        raise words.NO_CERTIFICATES()
    listed = keys.listed(call.world.clock())
    return {"data": [_sealed(certificate, keys.apiv3_key) for certificate in listed]}


def _sealed(certificate: Certificate, apiv3_key: str) -> dict[str, Any]:
    nonce = secrets.token_hex(6)
    sealed = AESGCM(apiv3_key.encode()).encrypt(
        nonce.encode(), certificate.pem.encode(), _ASSOCIATED_DATA.encode()
    )
    return {
        "serial_no": certificate.serial,
        "effective_time": certificate.effective.astimezone(BEIJING).isoformat(),
        "expire_time": certificate.expire.astimezone(BEIJING).isoformat(),
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": _ASSOCIATED_DATA,
            "ciphertext": base64.b64encode(sealed).decode(),
        },
    }


ROUTES = (Route("GET", "v3/certificates", certificates),)
