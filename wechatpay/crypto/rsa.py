"""RSA keys in every form that merchants have them, and SHA256-RSA2048 signatures.

Official page: https://pay.weixin.qq.com/doc/v3/merchant/4012365342
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Union
from urllib.request import url2pathname

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from ..errors import ConfigurationError, DecryptionError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

PrivateKeySource = Union[str, bytes, "os.PathLike[str]", RSAPrivateKey]
PublicKeySource = Union[str, bytes, "os.PathLike[str]", RSAPublicKey, "Certificate"]

Padding = Literal["oaep", "pkcs1"]

_PADDING, _HASH = PKCS1v15(), SHA256()
_OAEP = OAEP(MGF1(SHA1()), SHA1(), None)  # noqa: S303  WeChat Pay's choice
_OVERHEAD: dict[Padding, int] = {"oaep": 42, "pkcs1": 11}
_LABEL = rb"-----BEGIN ([A-Z0-9 ]+)-----"
_LOOKS_LIKE_A_FILE = r"(?i)\.(pem|key|crt|cer|der|p12|pfx|txt)$"
_SMALLEST = 2048


def sign(message: bytes, key: RSAPrivateKey) -> str:
    """Return the SHA256-RSA2048 (PKCS#1 v1.5) signature of `message`, in base64."""
    return b64encode(key.sign(message, _PADDING, _HASH)).decode()


def verify(message: bytes, signature: str, key: RSAPublicKey) -> bool:
    """Tell whether `signature` (base64) is `key`'s over `message`; bad base64 is simply wrong."""
    try:
        key.verify(b64decode(signature, validate=True), message, _PADDING, _HASH)
    except (InvalidSignature, Base64Error, ValueError):
        return False
    return True


def load_private_key(source: PrivateKeySource, name: str = "private_key") -> RSAPrivateKey:
    """Load a merchant's private key and see that it works.

    Args:
        source: PEM text or bytes (PKCS#1 or PKCS#8), a path, a `file://` URL, or a key object.
        name: What the errors call it.

    Raises:
        ConfigurationError: Not found, not PEM, not private, not RSA, under 2048 bits, encrypted,
            or broken.
    """
    key: object = source
    if not isinstance(source, RSAPrivateKey):
        pem, label = _pem(source, name)
        if "PRIVATE" not in label:
            raise ConfigurationError(
                f"{name} holds a {label.lower()}; it must be the merchant's private key, "
                "apiclient_key.pem"
            )
        if "ENCRYPTED" in label or b"Proc-Type: 4,ENCRYPTED" in pem:
            raise ConfigurationError(
                f"{name} is encrypted; pass it decrypted, or a cryptography key object"
            )
        try:
            # OpenSSL's full check takes 40 ms; a signature made and verified finds a broken key.
            key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
            coherent = not isinstance(key, RSAPrivateKey) or _is_coherent(key)
        except Exception as error:  # noqa: BLE001  cryptography raises many kinds for bad input
            raise ConfigurationError(f"{name} is damaged: {_reason(error)}") from None
        if not coherent:
            raise ConfigurationError(f"{name} is broken: its numbers do not belong together")
    if not isinstance(key, RSAPrivateKey):
        raise ConfigurationError(f"{name} is not an RSA key: {type(key).__name__}")
    _check_size(key.key_size, name)
    _check_works(key, name)
    return key


def load_public_key(source: PublicKeySource, name: str = "certs") -> RSAPublicKey:
    """Load one of WeChat Pay's public keys.

    Args:
        source: PEM text or bytes (SPKI, PKCS#1 or an X.509 certificate), a path, a `file://` URL,
            or a key or certificate object.
        name: What the errors call it.

    Raises:
        ConfigurationError: Not found, not PEM, not public, not RSA, under 2048 bits, or damaged.
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


def _public(source: PublicKeySource, name: str) -> tuple[object, Certificate | None]:
    if isinstance(source, RSAPublicKey):
        return source, None
    if hasattr(source, "public_key"):
        from cryptography.x509 import Certificate

        if isinstance(source, Certificate):
            return source.public_key(), source
    if not isinstance(source, (str, bytes, os.PathLike)):
        return source, None
    pem, label = _pem(source, name)
    if "PRIVATE" in label:
        raise ConfigurationError(
            f"{name} holds a private key; WeChat Pay's public key or platform certificate goes here"
        )
    try:
        if "CERTIFICATE" not in label:
            return load_pem_public_key(pem), None
        # Public-key merchants never need it, so they do not pay for importing it.
        from cryptography.x509 import load_pem_x509_certificate

        certificate = load_pem_x509_certificate(pem)
        return certificate.public_key(), certificate
    except Exception as error:  # noqa: BLE001  cryptography raises many kinds for bad input
        raise ConfigurationError(f"{name} is damaged: {_reason(error)}") from None


def _pem(source: object, name: str) -> tuple[bytes, str]:
    """The PEM bytes of a source, and the first block's label."""
    if isinstance(source, str) and "-----BEGIN" in source:
        # Environment variables often carry line ends as the two characters \ and n.
        data = source.replace("\\n", "\n").encode(errors="surrogatepass")
    elif isinstance(source, (bytes, bytearray)):
        data = bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        data = read_file(os.fspath(source), name)
    else:
        raise ConfigurationError(
            f"{name} must be PEM text, a path or a key object, not {type(source).__name__}"
        )
    data = data.strip()
    label = re.search(_LABEL, data)
    if not label:
        raise ConfigurationError(
            f"{name} is not PEM: no line '-----BEGIN …-----' in {len(data)} bytes"
        )
    return data, label[1].decode()


def read_file(place: str, name: str) -> bytes:
    """Return what a key's file holds; `place` is its path or `file://` URL.

    Raises:
        ConfigurationError: It cannot be read; what may be a secret is not quoted.
    """
    path = Path(url2pathname(place[len("file://") :]) if place.startswith("file://") else place)
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        # A string that is not plainly a file's name may be a secret in the wrong place.
        shown = (
            place
            if re.search(_LOOKS_LIKE_A_FILE, place)
            else f"a string of {len(place)} characters"
        )
        why = error.strerror if isinstance(error, OSError) else "no possible path"
        raise ConfigurationError(
            f"{name}: {shown} is neither PEM text nor a readable file ({why})"
        ) from None


def _check_size(bits: int, name: str) -> None:
    if bits < _SMALLEST:
        raise ConfigurationError(f"{name} has {bits} bits; WeChat Pay's keys have {_SMALLEST}")


def _is_coherent(key: RSAPrivateKey) -> bool:
    """Tell whether a key's numbers fit: OpenSSL works round some that do not, at its own risk."""
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


def _reason(error: Exception) -> str:
    return type(error).__name__


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
    return b64encode(key.encrypt(data, _padding(padding))).decode()


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
        return key.decrypt(b64decode(ciphertext, validate=True), _padding(padding)).decode()
    except ValueError:  # base64's and UTF-8's errors are of this kind too
        raise DecryptionError(
            "a field does not open with the merchant's private key: it is for another certificate, "
            "or no ciphertext"
        ) from None


def _padding(name: Padding) -> PKCS1v15 | OAEP:
    return _PADDING if name == "pkcs1" else _OAEP
