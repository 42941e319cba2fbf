"""Who signs a request, and by which scheme: everything in which merchants and brands differ.

A scheme is a value, and `authorization` writes the header of any. One more is one more function
like `brand_scheme`.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from ..crypto import RSA
from ..errors import ConfigurationError

if TYPE_CHECKING:
    from ..crypto import Suite
    from .signer import Signer


class Scheme(NamedTuple):
    """How the `Authorization` header says who signs, and by what.

    Attributes:
        name: The signature scheme.
        parameter: What the header calls the signer's number.
        number: That number.
        has_certificates: Whether WeChat Pay's platform certificates can be downloaded by it.
    """

    name: str
    parameter: str
    number: str
    has_certificates: bool = True

    def __str__(self) -> str:
        return f"{self.parameter}={self.number}"


def merchant_scheme(mchid: str, suite: Suite = RSA) -> Scheme:
    """Return the scheme of merchants and service providers."""
    return Scheme(f"WECHATPAY2-{suite.signature}", "mchid", mchid)


def brand_scheme(brand_id: str) -> Scheme:
    """Return the scheme of brands, whose answers are signed with WeChat Pay's public key only.

    See https://pay.weixin.qq.com/doc/brand/4015407575
    """
    return Scheme("WECHATPAY-BRAND-SHA256-RSA2048", "brand_id", brand_id, has_certificates=False)


def signed_with(scheme: Scheme, suite: Suite) -> Scheme:
    """Return a scheme with another suite's signatures.

    Raises:
        ConfigurationError: It is a brand's: how one would sign with 国密 is not documented.
    """
    if suite is RSA:
        return scheme
    if scheme.parameter != "mchid":
        raise ConfigurationError("a brand's key must be an RSA key: 国密 is for merchants")
    return merchant_scheme(scheme.number, suite)


def authorization(scheme: Scheme, signer: Signer, method: str, target: bytes, body: bytes) -> str:
    """Return the `Authorization` header for a request.

    Args:
        scheme: Who signs.
        signer: What signs.
        method: The HTTP method, in capitals.
        target: The path and query exactly as they go on the wire.
        body: The bytes that the signature covers: the body, or an upload's `meta`.
    """
    timestamp, nonce = int(time.time()), os.urandom(16).hex()
    message = b"%b\n%b\n%d\n%b\n%b\n" % (
        method.encode(), target, timestamp, nonce.encode(), body,
    )  # fmt: skip
    signature = signer.sign(message)
    return (
        f'{scheme.name} {scheme.parameter}="{scheme.number}",nonce_str="{nonce}",'
        f'signature="{signature}",timestamp="{timestamp}",serial_no="{signer.serial}"'
    )
