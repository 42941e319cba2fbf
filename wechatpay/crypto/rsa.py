"""RSA keys in every form that merchants have them, and SHA256-RSA2048 signatures.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012365342
"""

from __future__ import annotations

import os
import sys
from base64 import b64decode
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from functools import partial
from typing import TYPE_CHECKING, Literal, Union

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
)

from ..errors import ConfigurationError, DecryptionError
from ._der import RSA
from ._given import Item, damaged, private_item, public_item

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

PrivateKeySource = Union[str, bytes, "os.PathLike[str]", RSAPrivateKey]
PublicKeySource = Union[str, bytes, "os.PathLike[str]", RSAPublicKey, "Certificate"]

Padding = Literal["oaep", "pkcs1"]

_PADDING, _HASH = PKCS1v15(), SHA256()
_OAEP = OAEP(MGF1(SHA1()), SHA1(), None)  # noqa: S303  WeChat Pay's choice
_OVERHEAD: dict[Padding, int] = {"oaep": 42, "pkcs1": 11}
_SMALLEST = 2048
# `b64decode` does the same in Python, and slower; each call verifies once.
if sys.version_info >= (3, 11):
    _strictly_decoded = partial(a2b_base64, strict_mode=True)
else:  # pragma: no cover  3.10 has no such mode
    _strictly_decoded = partial(b64decode, validate=True)
_NOT_OURS = (
    "a field does not open with the merchant's private key: it is for another certificate, or it "
    "is not a ciphertext"
)


def sign(message: bytes, key: RSAPrivateKey) -> str:
    """Return the SHA256-RSA2048 (PKCS#1 v1.5) signature of `message`, in base64."""
    return b2a_base64(key.sign(message, _PADDING, _HASH), newline=False).decode()


def verify(message: bytes, signature: str, key: RSAPublicKey) -> bool:
    """Tell whether `signature` (base64) is `key`'s over `message`; bad base64 is simply wrong."""
    try:
        key.verify(_strictly_decoded(signature), message, _PADDING, _HASH)
    except (InvalidSignature, Base64Error, ValueError):
        return False
    return True


def load_private_key(
    source: PrivateKeySource, name: str = "private_key", *, password: str | bytes | None = None
) -> RSAPrivateKey:
    """Load a merchant's private key and check that it works.

    Args:
        source: The key as PEM or DER (PKCS#1 or PKCS#8), or either in base64; a PKCS#12 file with
            the key in it; or a path, a `file://` URL, or a key object.
        name: What the errors call it.
        password: What opens a PKCS#12 file.

    Raises:
        ConfigurationError: Not found, not a private key, not RSA, under 2048 bits, encrypted, cut
            short or broken; the message tells what it is instead.
    """
    key: object = source
    if not isinstance(source, RSAPrivateKey):
        key = _private(private_item(source, name), name, password)
    if not isinstance(key, RSAPrivateKey):
        raise ConfigurationError(f"{name} is not an RSA key: {type(key).__name__}")
    _check_size(key.key_size, name)
    _check_works(key, name)
    return key


def load_public_key(source: PublicKeySource, name: str = "certs") -> RSAPublicKey:
    """Load one of WeChat Pay's public keys.

    Args:
        source: The key as PEM or DER (SPKI, PKCS#1 or an X.509 certificate), or either in base64;
            or a path, a `file://` URL, or a key or certificate object.
        name: What the errors call it.

    Raises:
        ConfigurationError: Not found, not a public key, not RSA, under 2048 bits, cut short or
            damaged; the message tells what it is instead.
    """
    return load_public(source, name)[0]


def load_public(
    source: PublicKeySource, name: str = "certs"
) -> tuple[RSAPublicKey, Certificate | None]:
    """As `load_public_key`, and the certificate that the key came in, if it came in one."""
    key, certificate = _public(source, name)
    if not isinstance(key, RSAPublicKey):
        raise ConfigurationError(f"{name} is not an RSA public key: {type(key).__name__}")
    _check_size(key.key_size, name)
    return key, certificate


def _private(item: Item, name: str, password: str | bytes | None) -> object:
    """The private key of an item that holds one."""
    if item.shape.kind == "PKCS#12 file":
        return _of_pkcs12(item.data, name, password)
    if item.shape.algorithm != RSA:
        raise ConfigurationError(f"{name} is not an RSA key: {item.shape.name}")
    try:
        # OpenSSL's full check takes 40 ms; a signature made and verified finds a broken key.
        key = load_der_private_key(item.data, None, unsafe_skip_rsa_key_validation=True)
        coherent = not isinstance(key, RSAPrivateKey) or _is_coherent(key)
    except Exception:  # noqa: BLE001  cryptography raises many kinds for bad input
        raise damaged(item, name) from None
    if not coherent:
        raise ConfigurationError(f"{name} is broken: its numbers do not belong together")
    return key


def _of_pkcs12(data: bytes, name: str, password: str | bytes | None) -> object:
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

    word = password.encode(errors="replace") if isinstance(password, str) else password
    try:
        key = load_key_and_certificates(data, word)[0]
    except Exception:  # noqa: BLE001  cryptography raises many kinds for bad input
        key = None
    if key is None:
        raise ConfigurationError(
            f"{name} is a PKCS#12 file that the merchant number does not open, or that has no RSA "
            "key in it; pass apiclient_key.pem, which comes with it"
        )
    return key


def _public(source: PublicKeySource, name: str) -> tuple[object, Certificate | None]:
    if isinstance(source, RSAPublicKey):
        return source, None
    if hasattr(source, "public_key"):
        from cryptography.x509 import Certificate

        if isinstance(source, Certificate):
            return source.public_key(), source
    if not isinstance(source, (str, bytes, bytearray, os.PathLike)):
        return source, None
    item = public_item(source, name)
    if item.shape.algorithm != RSA:
        raise ConfigurationError(f"{name} is not an RSA public key: {item.shape.name}")
    try:
        if item.shape.kind == "public key":
            return load_der_public_key(item.data), None
        # Public-key merchants never need it, so they do not pay for importing it.
        from cryptography.x509 import load_der_x509_certificate

        certificate = load_der_x509_certificate(item.data)
        return certificate.public_key(), certificate
    except Exception:  # noqa: BLE001  cryptography raises many kinds for bad input
        raise damaged(item, name) from None


def _check_size(bits: int, name: str) -> None:
    if bits < _SMALLEST:
        raise ConfigurationError(f"{name} has {bits} bits; WeChat Pay's keys have {_SMALLEST}")


def _is_coherent(key: RSAPrivateKey) -> bool:
    """Tell whether a key's numbers belong together: OpenSSL takes some that do not."""
    own = key.private_numbers()
    public = own.public_numbers
    return (
        own.p * own.q == public.n
        and public.e * own.dmp1 % (own.p - 1) == 1
        and public.e * own.dmq1 % (own.q - 1) == 1
        and own.d % (own.p - 1) == own.dmp1
        and own.d % (own.q - 1) == own.dmq1
        and own.q * own.iqmp % own.p == 1
    )


def _check_works(key: RSAPrivateKey, name: str) -> None:
    message = b"wechatpay"
    try:
        works = verify(message, sign(message, key), key.public_key())
    except Exception:  # noqa: BLE001  OpenSSL reports a broken key in several ways
        works = False
    if not works:
        raise ConfigurationError(f"{name} is broken: it cannot verify its own signature")


def encrypt(plaintext: str | bytes, key: RSAPublicKey, padding: Padding = "oaep") -> str:
    """Encrypt a sensitive field with WeChat Pay's key.

    Official page: https://pay.weixin.qq.com/doc/v3/merchant/4013053257

    Args:
        plaintext: Text, or its UTF-8 bytes.
        key: WeChat Pay's public key.
        padding: `oaep` (RSA-OAEP with SHA-1), or `pkcs1` for the few endpoints that ask for it.

    Returns:
        The ciphertext in base64.

    Raises:
        ValueError: It is longer than the key can take: 214 bytes for 2,048 bits.
    """
    data = plaintext.encode() if isinstance(plaintext, str) else plaintext
    most = key.key_size // 8 - _OVERHEAD[padding]
    if len(data) > most:
        raise ValueError(f"{len(data)} bytes are too long to encrypt: the key takes {most}")
    return b2a_base64(key.encrypt(data, _padding(padding)), newline=False).decode()


def decrypt(ciphertext: str | bytes, key: RSAPrivateKey, padding: Padding = "oaep") -> str:
    """Decrypt a sensitive field of an answer with the merchant's private key.

    Args:
        ciphertext: In base64.
        key: The merchant's private key.
        padding: As in `encrypt`.

    Raises:
        DecryptionError: It is not base64, not for this key, or not text.
    """
    try:
        return decrypt_bytes(ciphertext, key, padding).decode()
    except UnicodeDecodeError:
        raise DecryptionError(_NOT_OURS) from None


def decrypt_bytes(ciphertext: str | bytes, key: RSAPrivateKey, padding: Padding = "oaep") -> bytes:
    """Decrypt what is not text, such as the `encrypt_key` of a bill; see `decrypt`.

    Raises:
        DecryptionError: It is not base64, or not for this key.
    """
    try:
        return key.decrypt(_strictly_decoded(ciphertext), _padding(padding))
    except ValueError:  # base64's errors are of this kind too
        raise DecryptionError(_NOT_OURS) from None


def _padding(name: Padding) -> PKCS1v15 | OAEP:
    return _PADDING if name == "pkcs1" else _OAEP
