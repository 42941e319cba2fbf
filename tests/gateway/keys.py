"""Throw-away keys and certificates, each made once in a process."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

MCHID = "1900000109"
MERCHANT_SERIAL = "3775B6A45ACD588826D15E583A95F5DD00000000"
PUBLIC_KEY_ID = "PUB_KEY_ID_0114232134912410000000000000"
APIV3_KEY = "0123456789abcdef0123456789abcdef"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Identity(NamedTuple):
    """Who signs an answer.

    Attributes:
        id: What `Wechatpay-Serial` says.
        key: What the signature is made with.
        certificate: The platform certificate as PEM; empty where the id is a public key's.
    """

    id: str
    key: rsa.RSAPrivateKey
    certificate: str = ""


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """Return the key of that name, the same one in all of a process."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_key_identity() -> Identity:
    """Return WeChat Pay as public-key merchants know it."""
    return Identity(PUBLIC_KEY_ID, rsa_key("platform"))


@cache
def certificate_identity(serial: int, name: str = "platform") -> Identity:
    """Return WeChat Pay as it is known by a platform certificate with that serial number."""
    key = rsa_key(name)
    return Identity(f"{serial:X}", key, certificate_pem(key, serial))


def private_pem(key: PrivateKey, password: bytes | None = None) -> str:
    """Return a private key as PKCS#8, encrypted if there is a password."""
    how = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode()


def public_pem(key: PrivateKey) -> str:
    """Return the public half of a key as SPKI."""
    spki = PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(Encoding.PEM, spki).decode()


def certificate_pem(
    key: PrivateKey,
    serial: int,
    *,
    issuer: Authority | None = None,
    is_authority: bool = False,
    days: int = 30,
    names: Iterable[str] = ("localhost",),
) -> str:
    """Return a certificate for `key` and the loopback host, self-signed unless there is an issuer.

    Args:
        key: Whose public half is certified.
        serial: The serial number.
        issuer: Who signs it.
        is_authority: Whether it may sign others.
        days: For how long it is valid; negative for one that has expired.
        names: The hosts that it is for, besides the loopback address.
    """
    now = datetime.now(timezone.utc)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{serial:X}")])
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.name if issuer else name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([loopback, *map(x509.DNSName, names)]), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if is_authority:
        builder = builder.add_extension(_MAY_CERTIFY, critical=True)
    if issuer is not None:
        known = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(known, critical=False)
    certificate = builder.sign(issuer.key if issuer else key, SHA256())
    return certificate.public_bytes(Encoding.PEM).decode()


def merchant_pem(key: PrivateKey, serial: int, mchid: str) -> str:
    """Return `apiclient_cert.pem` as WeChat Pay issues it: the merchant's number is its subject."""
    now = datetime.now(timezone.utc)
    tenpay = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tenpay.com")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, mchid)]))
        .issuer_name(x509.Name([tenpay]))
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=300))
        .sign(key, SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode()


_MAY_CERTIFY = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


class Authority:
    """A certificate authority of its own, and what a TLS server and its clients need of it.

    Attributes:
        key: Its private key.
        name: Its name.
        pem: Its certificate, which clients must trust.
    """

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        serial = x509.random_serial_number()
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{serial:X}")])
        self.pem = certificate_pem(self.key, serial, is_authority=True)

    def issue(
        self, names: Iterable[str] = ("localhost",)
    ) -> tuple[str, ec.EllipticCurvePrivateKey]:
        """Return a certificate as PEM for hosts of these names, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        return certificate_pem(key, x509.random_serial_number(), issuer=self, names=names), key

    def server_context(
        self,
        folder: Path,
        *,
        demand_client_certificate: bool = False,
        names: Iterable[str] = ("localhost",),
    ) -> ssl.SSLContext:
        """Return a server's TLS context; `folder` is where its files are kept.

        Args:
            folder: A folder of the test's own; `root.pem` in it is for clients to trust.
            demand_client_certificate: Whether only clients certified by this authority get in.
            names: The hosts that it is for, besides the loopback address.
        """
        certificate, key = self.issue(names)
        (folder / "root.pem").write_text(self.pem)
        (folder / "server.pem").write_text(certificate + private_pem(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        if demand_client_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(folder / "root.pem")
        return context
