"""A merchant's working directory and environment, as the documentation speaks of them."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

SERIAL = "7132D72A03E93CDDF8C03BBD1F37EEDF00000000"
ENVIRONMENT = {
    "MCHID": "1900000109",
    "SERIAL": "3775B6A45ACD588826D15E583A95F5DD00000000",
    "PRIVATE_KEY": "apiclient_key.pem",
    "PUBLIC_KEY_ID": "PUB_KEY_ID_0114232134912410000000000000",
    "PUBLIC_KEY": "pub_key.pem",
}


def certificate(key: RSAPrivateKey, serial: str) -> bytes:
    """Return a certificate of a key, valid today, as PEM."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "somebody")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int(serial, 16))
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM)


@cache
def files() -> dict[str, bytes]:
    """Return what a merchant's working directory holds, with throw-away keys."""
    key, theirs = (generate_private_key(65537, 2048) for _ in range(2))
    public = theirs.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "apiclient_key.pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "apiclient_cert.pem": certificate(key, ENVIRONMENT["SERIAL"]),
        "wechatpay_cert.pem": certificate(theirs, SERIAL),
        "pub_key.pem": public,
    }


@pytest.fixture
def merchant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory and an environment such as a merchant has them, and no network."""
    for file, content in files().items():
        (tmp_path / file).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    for variable, value in ENVIRONMENT.items():
        monkeypatch.setenv(f"WECHATPAY_{variable}", value)
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        assert address[0] == "127.0.0.1", f"an example reaches out to {address}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)
