"""Who signs a request, and by which scheme: all in which merchants and brands differ.

A scheme is a value, and `authorization` writes the header of any. One more that signs with
SHA256-RSA2048 is one more function like `brand_scheme`.

**SM2 with SM3** (`WECHATPAY2-SM2-WITH-SM3`) is not built: WeChat Pay opens it to few, and
`cryptography` has SM3 and SM4 but no SM2. Requests would need a `Scheme` of that name and a
`Signer` that signs with SM2; no other line on the way out would change. On the way in it is
more than a value: `verification.verify` would choose the algorithm by the kind of key it finds,
`keyring.platform_key` would load SM2 certificates (`v3/certificates?algorithm_type=SM2`),
`notification` and `certificates` would open `AEAD_SM4_GCM` besides `AEAD_AES_256_GCM`, and
`outgoing` would encrypt sensitive fields with SM2. Until then an SM2 signature is refused as any
wrong one is, and what is encrypted with SM4 is a `DecryptionError`.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .signer import Signer


class Scheme(NamedTuple):
    """How the `Authorization` header says who signs, and by what.

    Attributes:
        name: The signature scheme.
        parameter: What the header calls the number of who signs.
        number: That number.
        has_certificates: Whether WeChat Pay's platform certificates can be downloaded by it.
    """

    name: str
    parameter: str
    number: str
    has_certificates: bool = True

    def __str__(self) -> str:
        return f"{self.parameter}={self.number}"


def merchant_scheme(mchid: str) -> Scheme:
    """Return the scheme of merchants and service providers."""
    return Scheme("WECHATPAY2-SHA256-RSA2048", "mchid", mchid)


def brand_scheme(brand_id: str) -> Scheme:
    """Return the scheme of brands, whose answers are signed with WeChat Pay's public key only.

    See https://pay.weixin.qq.com/doc/brand/4015407575
    """
    return Scheme("WECHATPAY-BRAND-SHA256-RSA2048", "brand_id", brand_id, has_certificates=False)


def authorization(scheme: Scheme, signer: Signer, method: str, target: bytes, body: bytes) -> str:
    """Return the `Authorization` header for a request.

    Args:
        scheme: Who signs.
        signer: What signs.
        method: The HTTP method, in capitals.
        target: The path and query exactly as they go on the wire.
        body: The bytes that the signature covers: the body, or an upload's `meta`.
    """
    timestamp, nonce = str(int(time.time())), os.urandom(16).hex()
    message = b"%b\n%b\n%b\n%b\n%b\n" % (
        method.encode(), target, timestamp.encode(), nonce.encode(), body,
    )  # fmt: skip
    signature = signer.sign(message)
    return (
        f'{scheme.name} {scheme.parameter}="{scheme.number}",nonce_str="{nonce}",'
        f'signature="{signature}",timestamp="{timestamp}",serial_no="{signer.serial}"'
    )
