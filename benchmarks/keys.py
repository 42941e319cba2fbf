"""Keys to be thrown away: a merchant's, WeChat Pay's, and a TLS certificate for 127.0.0.1."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

MCHID = "1900000109"
SERIAL = "3775B6A45ACD588826D15E583A95F5DD00000000"
KEY_ID = "PUB_KEY_ID_0119000001092024010100000000000000"
APIV3_KEY = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Keys:
    """Where everyone finds the keys: the server, the floor and the client."""

    folder: Path

    @property
    def merchant(self) -> bytes:
        """The merchant's private key."""
        return (self.folder / "merchant.pem").read_bytes()

    @property
    def merchant_public(self) -> bytes:
        """What the server verifies requests with."""
        return (self.folder / "merchant.pub.pem").read_bytes()

    @property
    def platform(self) -> bytes:
        """What the server signs answers with."""
        return (self.folder / "platform.pem").read_bytes()

    @property
    def platform_public(self) -> bytes:
        """What contenders verify answers with."""
        return (self.folder / "platform.pub.pem").read_bytes()

    @property
    def tls_certificate(self) -> Path:
        """The server's certificate, which contenders trust."""
        return self.folder / "tls.crt"

    @property
    def tls_key(self) -> Path:
        """The key of the server's certificate."""
        return self.folder / "tls.pem"


def make(folder: Path) -> Keys:
    """Write a set of keys to a folder."""
    for name in ("merchant", "platform", "tls"):
        key = rsa.generate_private_key(65537, 2048)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (folder / f"{name}.pem").write_bytes(private)
        (folder / f"{name}.pub.pem").write_bytes(public)
    (folder / "tls.crt").write_bytes(certify(key).public_bytes(Encoding.PEM))
    return Keys(folder)


def certify(key: rsa.RSAPrivateKey) -> x509.Certificate:
    """Return a certificate for 127.0.0.1 that signs itself."""
    now = datetime.now(timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
