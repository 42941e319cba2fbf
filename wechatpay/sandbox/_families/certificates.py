"""Platform certificates, encrypted with the APIv3 key."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .._keys import BEIJING
from .._routes import Call, Route

_ASSOCIATED_DATA = "certificate"


def certificates(call: Call) -> Mapping[str, Any]:
    """List the platform certificates."""
    keys = call.world.keys
    certificate = keys.certificate
    nonce = secrets.token_hex(6)
    sealed = AESGCM(keys.apiv3_key.encode()).encrypt(
        nonce.encode(), certificate.pem.encode(), _ASSOCIATED_DATA.encode()
    )
    return {
        "data": [
            {
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
        ]
    }


ROUTES = (Route("GET", "v3/certificates", certificates),)
