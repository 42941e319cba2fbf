"""A merchant's own certificate: read from any file that has it, and which merchant it names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import ConfigurationError
from ._given import read

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

_MCHID = r"[0-9]{8,10}"
"""A merchant number as WeChat Pay issues them; anything else in a certificate is not one."""
_ISSUER = "Tenpay.com"


def load_certificate(source: object, name: str, password: str | None = None) -> Certificate | None:
    """Return the certificate in what was given; `None` if it holds no certificate.

    Args:
        source: PEM or DER, or a PKCS#12 file, or a path.
        name: What the errors call it.
        password: What opens a PKCS#12 file.

    Raises:
        ConfigurationError: It cannot be read, or is damaged.
    """
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
    from cryptography.x509 import load_der_x509_certificate

    kinds = {one.shape.kind: one for one in reversed(read(source, name))}
    packed, plain = kinds.get("PKCS#12 file"), kinds.get("certificate")
    try:
        if packed is not None:
            return load_key_and_certificates(packed.data, (password or "").encode())[1]
        return load_der_x509_certificate(plain.data) if plain is not None else None
    except Exception:  # noqa: BLE001  cryptography raises many kinds for bad input
        if packed is not None:
            raise ConfigurationError(
                f"{name} is a PKCS#12 file that the merchant number does not open"
            ) from None
        raise ConfigurationError(f"{name} is damaged; get the file again") from None


def merchant_number(certificate: Certificate) -> str | None:
    """Return the merchant's number in a certificate that Tenpay issued; `None` for any other."""
    from cryptography.x509.oid import NameOID

    issuers = certificate.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if [one.value for one in issuers] != [_ISSUER] or len(names) != 1:
        return None
    name = str(names[0].value)
    return name if re.fullmatch(_MCHID, name) else None
