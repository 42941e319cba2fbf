"""TLS with certificates that are thrown away: the server's, and the merchant's for mutual TLS."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from .._base import Keys

_VALID = timedelta(days=365)
_SKEW = timedelta(days=1)
_SOON = timedelta(days=30)


class Authority:
    """A certificate authority of the sandbox's own, and what both sides need of it.

    Args:
        keys: Whose merchant is certified.
        hosts: The addresses and names at which it serves; the certificate is issued to the first.
        held: What `dump` has returned of an authority that clients may trust already.

    Attributes:
        path: Its certificate in a file, for a client to trust.
        pem: That certificate.
        merchant: The merchant's API certificate, as `apiclient_cert.pem` holds it.
        context: The server's side: it asks clients for a certificate of this authority's, but
            demands none.
    """

    def __init__(self, keys: Keys, *hosts: str, held: Mapping[str, str] | None = None) -> None:
        certificate = _valid(held)
        self._key = (
            _load(held["key"]) if held and certificate else generate_private_key(SECP256R1())
        )
        self._name = _name("WeChat Pay sandbox CA")
        self._folder = TemporaryDirectory(prefix="wechatpay-sandbox-")
        folder, serial = Path(self._folder.name), x509.random_serial_number()
        self.path = folder / "ca.pem"
        self.pem = certificate or self._certify(
            self._key.public_key(), self._name, serial, authority=True
        )
        self.path.write_text(self.pem)
        serial = int(keys.merchant_serial, 16)
        merchant = cast("RSAPublicKey", keys.merchant.public_key())  # as `Sandbox` sees to
        self.merchant = self._certify(merchant, _name(keys.mchid), serial)
        self._shown = folder / "merchant.pem"
        self._shown.touch(mode=0o600)
        self._shown.write_text(self.merchant + keys.private_key_pem)
        self.context = self._server(hosts, folder)

    def client_context(self) -> ssl.SSLContext:
        """Return the client's side: it trusts this authority alone, and shows the merchant's."""
        context = ssl.create_default_context(cafile=str(self.path))
        context.load_cert_chain(self._shown)
        return context

    def dump(self) -> dict[str, str]:
        """Return what JSON can hold: what another one goes on with, so that it is trusted too."""
        return {"key": _private(self._key), "certificate": self.pem}

    def close(self) -> None:
        """Remove the files."""
        self._folder.cleanup()

    def _server(self, hosts: Sequence[str], folder: Path) -> ssl.SSLContext:
        key = generate_private_key(SECP256R1())
        names = dict.fromkeys([*hosts, "localhost"])
        alternative = x509.SubjectAlternativeName([_address(name) for name in names])
        serial = x509.random_serial_number()
        certificate = self._certify(key.public_key(), _name(hosts[0]), serial, alternative)
        chain = folder / "server.pem"
        chain.touch(mode=0o600)
        chain.write_text(certificate + _private(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(self.path)
        return context

    def _certify(
        self,
        key: RSAPublicKey | EllipticCurvePublicKey,
        name: x509.Name,
        serial: int,
        alternative: x509.SubjectAlternativeName | None = None,
        *,
        authority: bool = False,
    ) -> str:
        now = datetime.now(timezone.utc)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(serial)
            .not_valid_before(now - _SKEW)
            .not_valid_after(now + _VALID)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(_usage(authority=authority), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(issuer, critical=False)
        )
        if alternative is not None:
            builder = builder.add_extension(alternative, critical=False)
        return builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM).decode()


def serial_of(certificate: bytes) -> str:
    """Return the serial number of a certificate in DER, in hexadecimal; empty for none."""
    if not certificate:
        return ""
    return f"{x509.load_der_x509_certificate(certificate).serial_number:040X}"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _address(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _valid(held: Mapping[str, str] | None) -> str | None:
    """Return the certificate of an authority, unless it ends soon."""
    if held is None:
        return None
    certificate = x509.load_pem_x509_certificate(held["certificate"].encode())
    ends_late = certificate.not_valid_after_utc > datetime.now(timezone.utc) + _SOON
    return held["certificate"] if ends_late else None


def _load(pem: str) -> EllipticCurvePrivateKey:
    return cast("EllipticCurvePrivateKey", load_pem_private_key(pem.encode(), None))


def _private(key: EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
