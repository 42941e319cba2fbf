"""国密 in the sandbox: SM2 keys, their files and certificates, and what is sealed with SM4.

The facts are those of GM/T 0003, 0009 and 0015, and of WeChat Pay's page; GmSSL does the sums.

Official page: https://pay.weixin.qq.com/doc/v3/partner/4012082629
"""

from __future__ import annotations

import base64
import binascii
import textwrap
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_IDENTITY = b"1234567812345678"
_EXTRA = 'a sandbox with SM keys needs the extra "gm": pip install "wechatpay-openapi[gm]"'
_CURVE = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")  # id-ecPublicKey, sm2p256v1
_SM2_WITH_SM3 = bytes.fromhex("300a06082a811ccf55018375")
_COMMON_NAME = bytes.fromhex("0603550403")
_INTEGER, _BITS, _OCTETS, _TEXT, _TIME, _SEQUENCE, _SET = 0x02, 0x03, 0x04, 0x0C, 0x18, 0x30, 0x31
_TAG = 16


@dataclass(frozen=True)
class SMPublicKey:
    """A point of SM2's curve.

    Attributes:
        point: Its coordinates, 64 bytes.
    """

    point: bytes

    def verify(self, message: bytes, signature: str) -> bool:
        """Tell whether a signature, in base64, is one of this message by this key."""
        library = _library()
        try:
            raw = base64.b64decode(signature, validate=True)
            return bool(library.sm2_verify(self.point, message, raw, _IDENTITY))
        except (binascii.Error, ValueError, library.GmsslInnerError):
            return False

    def encrypt(self, text: str) -> str:
        """Encrypt a field, as C1C3C2 in DER and base64."""
        return base64.b64encode(_library().sm2_encrypt(self.point, text.encode())).decode()

    def dump(self) -> str:
        """Return the key as `pub_key.pem` holds it."""
        return _pem("PUBLIC KEY", self.info)

    @property
    def info(self) -> bytes:
        """The key as certificates have it."""
        return _der(_SEQUENCE, _CURVE, _der(_BITS, b"\0\4" + self.point))


@dataclass(frozen=True)
class SMPrivateKey:
    """A number, and its point.

    Attributes:
        number: The secret, 32 bytes.
        point: Its point's coordinates, 64 bytes.
    """

    number: bytes = field(repr=False)
    point: bytes

    @classmethod
    def new(cls) -> SMPrivateKey:
        """Make a key.

        Raises:
            ImportError: The extra `gm` is not installed.
        """
        point, number = _library().sm2_key_generate()
        return cls(number, point)

    @classmethod
    def load(cls, pem: str) -> SMPrivateKey | None:
        """Return the key that `dump` wrote; `None` if it is one of another kind."""
        lines = pem.strip().splitlines()
        raw = base64.b64decode("".join(lines[1:-1]))
        if _CURVE not in raw:
            return None
        # What `dump` writes has the same length always, so all of it is where it was put.
        return cls(raw[36:68], raw[-64:])

    def public_key(self) -> SMPublicKey:
        """Return what everybody may know."""
        return SMPublicKey(self.point)

    def sign(self, message: bytes) -> str:
        """Sign with SM2 and SM3, in base64."""
        raw = _library().sm2_sign(self.number, self.point, message, _IDENTITY)
        return base64.b64encode(raw).decode()

    def decrypt(self, ciphertext: str) -> str:
        """Decrypt a field.

        Raises:
            ValueError: It is not base64, not for this key, or not text.
        """
        library = _library()
        raw = base64.b64decode(ciphertext, validate=True)
        try:
            opened: bytes = library.sm2_decrypt(self.number, raw)
        except library.GmsslInnerError:
            raise ValueError("not encrypted for this key") from None
        return opened.decode()

    def dump(self) -> str:
        """Return the key as `apiclient_key.pem` holds it, PKCS #8."""
        public = _der(0xA1, _der(_BITS, b"\0\4" + self.point))
        inner = _der(_SEQUENCE, _der(_INTEGER, b"\1"), _der(_OCTETS, self.number), public)
        whole = _der(_SEQUENCE, _der(_INTEGER, b"\0"), _CURVE, _der(_OCTETS, inner))
        return _pem("PRIVATE KEY", whole)

    def certify(self, who: str, serial: int, effective: datetime, expire: datetime) -> str:
        """Return a certificate of this key, signed with itself."""
        name = _der(_SEQUENCE, _der(_SET, _der(_SEQUENCE, _COMMON_NAME, _der(_TEXT, who.encode()))))
        fields = (
            _der(0xA0, _der(_INTEGER, b"\2")),
            _der(_INTEGER, serial.to_bytes(serial.bit_length() // 8 + 1, "big")),
            *(_SM2_WITH_SM3, name, _der(_SEQUENCE, _time(effective), _time(expire)), name),
            self.public_key().info,
        )
        body = _der(_SEQUENCE, *fields)
        signature = base64.b64decode(self.sign(body))
        return _pem("CERTIFICATE", _der(_SEQUENCE, body, _SM2_WITH_SM3, _bits(signature)))


def seal_with_sm4(plaintext: bytes, apiv3_key: str, nonce: str, associated_data: str) -> bytes:
    """Seal with SM4-GCM under the first half of the APIv3 key's SM3, the tag at the end."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(apiv3_key.encode())
    key = digest.finalize()[:16]
    sealer = Cipher(algorithms.SM4(key), modes.GCM(nonce.encode())).encryptor()
    sealer.authenticate_additional_data(associated_data.encode())
    return sealer.update(plaintext) + sealer.finalize() + sealer.tag[:_TAG]


def _bits(content: bytes) -> bytes:
    return _der(_BITS, b"\0" + content)


def _der(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _time(moment: datetime) -> bytes:
    return _der(_TIME, f"{moment.astimezone(timezone.utc):%Y%m%d%H%M%SZ}".encode())


def _pem(label: str, der: bytes) -> str:
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


@cache
def _library() -> Any:
    try:
        import gmssl_pyx  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        raise ImportError(_EXTRA) from error
    return gmssl_pyx
