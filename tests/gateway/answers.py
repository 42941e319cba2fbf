"""What the gateway is asked, and what it answers."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from .keys import APIV3_KEY, Identity

Fault = Literal["reset", "close", "truncate", "garbage", "hang"]
"""Instead of answering: reset or close the connection, stop half-way through the body, write what
is not HTTP, or fall silent."""

REQUEST_ID = "08F7AB4E1D5F2C3A-268435456"
_NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242"
_CLAIM = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire.

    Attributes:
        method: In capitals.
        target: The request line's, as raw as it came.
        headers: Their names in lower case.
        body: The raw bytes.
        connection: Which connection it came by, counted from 1.
        client_certificate: What the client showed under mutual TLS, in DER.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int
    client_certificate: bytes | None = None

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def claims(self) -> dict[str, str]:
        """The parameters of the `Authorization` header."""
        return dict(_CLAIM.findall(self.headers.get("authorization", "")))

    def is_signed_by(self, key: RSAPrivateKey) -> bool:
        """Tell whether the signature is `key`'s over exactly what came over the wire."""
        claims = self.claims
        head = [self.method, self.target, claims.get("timestamp"), claims.get("nonce_str"), ""]
        message = "\n".join(map(str, head)).encode() + self.body + b"\n"
        try:
            signature = base64.b64decode(claims.get("signature", ""), validate=True)
            key.public_key().verify(signature, message, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Answer:
    """One answer, signed as WeChat Pay would unless it says otherwise.

    Attributes:
        status: The HTTP status.
        body: Bytes, or what is dumped as JSON.
        headers: Headers that win over those made by signing; `None` takes one away.
        signed: Whether it is signed at all.
        signer: Who signs; `None` stands for the gateway's own identity.
        covers: The bytes that the signature covers, if not the body.
        skew: Seconds by which the signer's clock is ahead.
        delay: Seconds before it is sent.
        drip: Seconds between two bytes of it.
        asked: It is not sent before the gateway has been asked so often.
        fault: How it fails instead.
        last: Close the connection afterwards, without having said so.
    """

    status: int = 200
    body: Any = b"{}"
    headers: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])
    signed: bool = True
    signer: Identity | None = None
    covers: bytes | None = None
    skew: int = 0
    delay: float = 0.0
    drip: float = 0.0
    asked: int = 0
    fault: Fault | None = None
    last: bool = False

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    def all_headers(self, identity: Identity) -> dict[str, str]:
        """Return every header of this answer, sent now by `identity`."""
        headers: dict[str, str | None] = {
            "Content-Type": "application/json",
            "Request-ID": REQUEST_ID,
        }
        if self.signed:
            covered = self.content if self.covers is None else self.covers
            now = str(int(time.time()) + self.skew)
            headers |= signature_headers(self.signer or identity, covered, now)
        headers |= self.headers
        return {name: value for name, value in headers.items() if value is not None}

    def serialise(self, identity: Identity) -> bytes:
        """Return the very bytes of this answer, sent now by `identity`; faults cut it short."""
        content = self.content
        head = [f"HTTP/1.1 {self.status} Scripted"]
        head += [f"{name}: {value}" for name, value in self.all_headers(identity).items()]
        if self.status != 204:
            head.append(f"Content-Length: {len(content)}")
        whole = "\r\n".join([*head, "", ""]).encode("latin-1") + content
        if self.fault == "garbage":
            return b"\x16\x03\x01 this is not an HTTP\r\n\r\n"
        return whole[: len(whole) - (len(content) + 1) // 2] if self.fault == "truncate" else whole


@lru_cache(maxsize=256)
def signature_headers(
    signer: Identity, covered: bytes, timestamp: str, nonce: str = _NONCE
) -> dict[str, str | None]:
    """Return the `Wechatpay-…` headers of an answer; the same ones for the same within a second."""
    message = f"{timestamp}\n{nonce}\n".encode() + covered + b"\n"
    signature = signer.key.sign(message, PKCS1v15(), SHA256())
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": signer.id,
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
    }


def certificate_list(
    identities: Iterable[Identity], key: str = APIV3_KEY, signer: Identity | None = None
) -> Answer:
    """Return the answer of `GET /v3/certificates`, each certificate sealed with the APIv3 key.

    Args:
        identities: Whose certificates, the longest in use first.
        key: The APIv3 key.
        signer: Who signs; `None` stands for the first of them.
    """
    listed = list(identities)
    data = [_sealed(one, number, key) for number, one in enumerate(listed, 1)]
    return Answer(body={"data": data}, signer=signer or (listed[0] if listed else None))


def _sealed(identity: Identity, number: int, key: str) -> dict[str, object]:
    nonce = f"nonce{number:07}"
    certificate = identity.certificate.encode()
    sealed = AESGCM(key.encode()).encrypt(nonce.encode(), certificate, b"certificate")
    return {
        "serial_no": identity.id,
        "effective_time": f"2020-{number:02}-01T00:00:00+08:00",
        "expire_time": "2031-01-01T00:00:00+08:00",
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "certificate",
            "ciphertext": base64.b64encode(sealed).decode(),
        },
    }
