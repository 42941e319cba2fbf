"""SM2 keys, signatures and encryption, for merchants who use 国密 in place of RSA.

The functions are those of `wechatpay.crypto.rsa` with the same arguments. They need the extra
`gm`: `cryptography` does not know SM2, so GmSSL does the work, by way of `gmssl_pyx`.

Official page: https://pay.weixin.qq.com/doc/v3/partner/4012082629
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from functools import cache
from typing import TYPE_CHECKING, Any, Union

from ..errors import ConfigurationError, DecryptionError
from ._given import damaged, private_item, public_item
from ._sm2_keys import (
    SM2PrivateKey,
    SM2PublicKey,
    certificate_key,
    is_sm2,
    private_key_of,
    public_key_of,
)

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

__all__ = [
    "PrivateKeySource",
    "PublicKeySource",
    "SM2PrivateKey",
    "SM2PublicKey",
    "decrypt",
    "decrypt_bytes",
    "encrypt",
    "load_private_key",
    "load_public",
    "load_public_key",
    "sign",
    "verify",
]

PrivateKeySource = Union[str, bytes, "os.PathLike[str]", SM2PrivateKey]
PublicKeySource = Union[str, bytes, "os.PathLike[str]", SM2PublicKey, "Certificate"]

IDENTITY = b"1234567812345678"
"""The signer's id: the default of GM/T 0009, which WeChat Pay uses."""
_DOES_NOT_OPEN = (
    "a field does not open with the merchant's SM2 private key: it is for another certificate, or "
    "it is not a ciphertext"
)
MOST_PLAINTEXT = 255
"""Bytes that GmSSL encrypts at once. RSA takes 214 with a key of 2048 bits."""


def sign(message: bytes, key: SM2PrivateKey) -> str:
    """Return the SM2-with-SM3 signature of `message`: r and s as a DER sequence, in base64.

    Raises:
        ConfigurationError: The extra `gm` is not installed.
    """
    point = key.public_key().point
    signature: bytes = _library().sm2_sign(key.number, point, message, IDENTITY)
    return b64encode(signature).decode()


def verify(message: bytes, signature: str, key: SM2PublicKey) -> bool:
    """Tell whether `signature` (base64) is `key`'s over `message`; bad base64 is simply wrong.

    Raises:
        ConfigurationError: The extra `gm` is not installed.
    """
    library = _library()
    try:
        raw = b64decode(signature, validate=True)
        return bool(library.sm2_verify(key.point, message, raw, IDENTITY))
    except (ValueError, library.GmsslInnerError):
        return False


def encrypt(plaintext: str | bytes, key: SM2PublicKey) -> str:
    """Encrypt a sensitive field with WeChat Pay's key.

    Args:
        plaintext: Text, or its UTF-8 bytes; 1 to 255 bytes.
        key: WeChat Pay's public key.

    Returns:
        The ciphertext in base64: x, y, the SM3 digest and the ciphertext as a DER sequence.

    Raises:
        ConfigurationError: The extra `gm` is not installed.
        ValueError: The text is empty, or longer than 255 bytes.
    """
    data = plaintext.encode() if isinstance(plaintext, str) else plaintext
    if not 0 < len(data) <= MOST_PLAINTEXT:
        raise ValueError(f"{len(data)} bytes cannot be encrypted: 1 to {MOST_PLAINTEXT} can")
    ciphertext: bytes = _library().sm2_encrypt(key.point, data)
    return b64encode(ciphertext).decode()


def decrypt(ciphertext: str | bytes, key: SM2PrivateKey) -> str:
    """Decrypt a sensitive field of an answer with the merchant's private key.

    Args:
        ciphertext: In base64.
        key: The merchant's private key.

    Raises:
        ConfigurationError: The extra `gm` is not installed.
        DecryptionError: It is not base64, not for this key, or not text.
    """
    try:
        return decrypt_bytes(ciphertext, key).decode()
    except UnicodeDecodeError:
        raise DecryptionError(_DOES_NOT_OPEN) from None


def decrypt_bytes(ciphertext: str | bytes, key: SM2PrivateKey) -> bytes:
    """Decrypt what is not text, such as the key of an encrypted bill; see `decrypt`.

    Raises:
        ConfigurationError: The extra `gm` is not installed.
        DecryptionError: It is not base64, or not for this key.
    """
    library = _library()
    try:
        opened: bytes = library.sm2_decrypt(key.number, b64decode(ciphertext, validate=True))
    except (ValueError, library.GmsslInnerError):  # base64's errors are ValueErrors
        raise DecryptionError(_DOES_NOT_OPEN) from None
    return opened


def load_private_key(source: PrivateKeySource, name: str = "private_key") -> SM2PrivateKey:
    """Load a merchant's private key and check that it works.

    Args:
        source: The key as PEM or DER (PKCS#8 or SEC 1), or either in base64; or a path, a
            `file://` URL, or a key object.
        name: What the errors call it.

    Raises:
        ConfigurationError: Not found, not a private key, not of SM2, encrypted, cut short or
            broken, or the extra `gm` is not installed.
    """
    if isinstance(source, SM2PrivateKey):
        return source
    item = private_item(source, name)
    if not is_sm2(item.shape):
        raise ConfigurationError(f"{name} is not an SM2 key: {item.shape.name}")
    try:
        key = private_key_of(item.data)
    except (ValueError, IndexError):
        raise damaged(item, name) from None
    if not verify(b"wechatpay", sign(b"wechatpay", key), key.public_key()):
        raise ConfigurationError(f"{name} is broken: it cannot verify its own signature")
    return key


def load_public_key(source: PublicKeySource, name: str = "certs") -> SM2PublicKey:
    """Load one of WeChat Pay's public keys.

    Args:
        source: The key as PEM or DER (SPKI or an X.509 certificate), or either in base64; or a
            path, a `file://` URL, or a key or certificate object.
        name: What the errors call it.

    Raises:
        ConfigurationError: Not found, not a public key, not of SM2, cut short or damaged.
    """
    return load_public(source, name)[0]


def load_public(
    source: PublicKeySource, name: str = "certs"
) -> tuple[SM2PublicKey, Certificate | None]:
    """As `load_public_key`, and the certificate that the key came in, if it came in one."""
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import Certificate, load_der_x509_certificate

    if isinstance(source, SM2PublicKey):
        return source, None
    given = source.public_bytes(Encoding.DER) if isinstance(source, Certificate) else source
    item = public_item(given, name)
    if not is_sm2(item.shape):
        raise ConfigurationError(f"{name} is not an SM2 public key: {item.shape.name}")
    try:
        if item.shape.kind == "public key":
            return public_key_of(item.data), None
        certificate = load_der_x509_certificate(item.data)
        return certificate_key(certificate), certificate
    except (ValueError, IndexError):
        raise damaged(item, name) from None


@cache
def _library() -> Any:
    try:
        import gmssl_pyx  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        raise ConfigurationError(
            "SM2 needs the extra gm: pip install 'wechatpay-openapi[gm]'"
        ) from error
    return gmssl_pyx
