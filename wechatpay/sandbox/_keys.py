"""Who holds which key: the merchant's one, WeChat Pay's two, and the APIv3 key they share.

All are thrown away with the process. Making an RSA key takes a moment, so that a process makes
three of them, once; names, certificates and the APIv3 key are new with every sandbox.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)

Mode = Literal["public-key", "certificate"]
"""The key that signs replies to a merchant who names none."""

BEIJING = timezone(timedelta(hours=8))
_FIVE_YEARS = timedelta(days=5 * 365)


@dataclass(frozen=True)
class Certificate:
    """A platform certificate.

    Attributes:
        serial: Its serial number, 40 hexadecimal digits.
        pem: The certificate.
        effective: When it begins to be valid.
        expire: When it ceases to be.
    """

    serial: str
    pem: str
    effective: datetime
    expire: datetime


@dataclass(frozen=True, repr=False)
class Keys:
    """Every key of one merchant and of the WeChat Pay that it talks to.

    Attributes:
        mchid: The merchant.
        merchant: The merchant's private key.
        merchant_serial: The serial number of the merchant API certificate.
        platform: WeChat Pay's private keys: by certificate serial, and by public key id.
        certificate: The platform certificate.
        public_key_id: The id of WeChat Pay's public key, `PUB_KEY_ID_…`.
        apiv3_key: The APIv3 key, 32 characters.
    """

    mchid: str
    merchant: RSAPrivateKey
    merchant_serial: str
    platform: Mapping[str, RSAPrivateKey]
    certificate: Certificate
    public_key_id: str
    apiv3_key: str

    @classmethod
    def throwaway(cls, mchid: str) -> Keys:
        """Make keys for a merchant."""
        merchant, certified, public = _pairs()
        certificate = _certify(certified)
        public_key_id = f"PUB_KEY_ID_01{mchid:0>10}{secrets.randbelow(10**16):016d}"
        return cls(
            mchid=mchid,
            merchant=merchant,
            merchant_serial=_serial(x509.random_serial_number()),
            platform={certificate.serial: certified, public_key_id: public},
            certificate=certificate,
            public_key_id=public_key_id,
            apiv3_key=secrets.token_hex(16),
        )

    @property
    def private_key_pem(self) -> str:
        """The merchant's private key, as `apiclient_key.pem` holds it."""
        return self.merchant.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    @property
    def public_key_pem(self) -> str:
        """WeChat Pay's public key, as `pub_key.pem` holds it."""
        key = self.platform[self.public_key_id].public_key()
        encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_bytes(encoding, form).decode()

    def signer(self, mode: Mode) -> str:
        """Return the id of the key that signs when the merchant names none."""
        return self.certificate.serial if mode == "certificate" else self.public_key_id


def sign(key: RSAPrivateKey, message: bytes) -> str:
    """Sign with SHA-256 and RSA (PKCS #1 v1.5), in base64."""
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def covers(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    """Tell whether a signature is one of this message by this key."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, message, padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


@lru_cache(maxsize=1)
def _pairs() -> tuple[RSAPrivateKey, RSAPrivateKey, RSAPrivateKey]:
    with ThreadPoolExecutor(3) as pool:
        made = [pool.submit(generate_private_key, 65537, 2048) for _ in range(3)]
        first, second, third = (each.result() for each in made)
    return first, second, third


def _certify(key: RSAPrivateKey) -> Certificate:
    effective = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=1)
    expire = effective + _FIVE_YEARS
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "WeChat Pay sandbox")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(effective)
        .not_valid_after(expire)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return Certificate(_serial(certificate.serial_number), pem, effective, expire)


def _serial(number: int) -> str:
    return f"{number:040X}"
