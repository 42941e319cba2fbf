"""The two sets of algorithms that a merchant may have, as values: RSA with AES, and 国密.

A key's own kind decides which of them it belongs to. All that differs between the two is here; what
they have in common is written once, elsewhere, and uses a suite.

Official page of 国密: https://pay.weixin.qq.com/doc/v3/partner/4012082629
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from . import rsa
from ._der import shape_of
from ._given import read
from ._sm2_keys import SM2PrivateKey, SM2PublicKey, is_sm2

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

PrivateKey = Union[RSAPrivateKey, SM2PrivateKey]
PublicKey = Union[RSAPublicKey, SM2PublicKey]
PrivateKeySource = Union[rsa.PrivateKeySource, SM2PrivateKey]
PublicKeySource = Union[rsa.PublicKeySource, SM2PublicKey]


class Suite(NamedTuple):
    """One of the two sets.

    Attributes:
        name: What its keys are.
        signature: How the `Authorization` header names its signatures, after who signs.
        aead: How a notification or a certificate list names its encryption.
        algorithm_type: How a certificate list is asked for; empty where it need not be said.
        sign: Makes a signature of a message with a private key.
        verify: Tells whether a signature of a message is a public key's.
        encrypt: Encrypts a text with a public key and a padding, which SM2 does not have.
        decrypt: Decrypts that with a private key and a padding.
        decrypt_bytes: The same for what is not text, such as the key of a bill.
        open: Decrypts a ciphertext under an APIv3 key, a nonce and associated data.
    """

    name: str
    signature: str
    aead: str
    algorithm_type: str
    sign: Callable[[bytes, Any], str]
    verify: Callable[[bytes, str, Any], bool]
    encrypt: Callable[[str, Any, rsa.Padding], str]
    decrypt: Callable[[str, Any, rsa.Padding], str]
    decrypt_bytes: Callable[[str, Any], bytes]
    open: Callable[[str, bytes, str, str | None], str]

    def __repr__(self) -> str:
        return f"<Suite {self.name}>"


def suite_of(key: PrivateKey | PublicKey) -> Suite:
    """Return the suite that a key belongs to."""
    return SM if isinstance(key, (SM2PrivateKey, SM2PublicKey)) else RSA


def load_private_key(
    source: PrivateKeySource, name: str = "private_key", *, password: str | bytes | None = None
) -> PrivateKey:
    """Load a merchant's private key of either kind; see `wechatpay.crypto.rsa.load_private_key`.

    Raises:
        ConfigurationError: It cannot be right; or it is an SM2 key and the extra `gm` is missing.
    """
    if isinstance(source, SM2PrivateKey) or _holds_sm2(source, name):
        from . import sm2

        given: Any = source
        return sm2.load_private_key(given, name)
    return rsa.load_private_key(source, name, password=password)


def load_public(
    source: PublicKeySource, name: str = "certs"
) -> tuple[PublicKey, Certificate | None]:
    """Load one of WeChat Pay's public keys of either kind, with the certificate that it came in.

    Raises:
        ConfigurationError: It cannot be right.
    """
    if isinstance(source, SM2PublicKey) or _holds_sm2(source, name):
        from . import sm2

        given: Any = source
        return sm2.load_public(given, name)
    return rsa.load_public(source, name)


def _holds_sm2(source: object, name: str) -> bool:
    if isinstance(source, (RSAPrivateKey, RSAPublicKey)):
        return False
    if hasattr(source, "public_bytes"):
        from cryptography.hazmat.primitives.serialization import Encoding
        from cryptography.x509 import Certificate

        if not isinstance(source, Certificate):
            return False
        shape = shape_of(source.public_bytes(Encoding.DER))
        return shape is not None and is_sm2(shape)
    # Of a key object of a third kind, the loader of RSA keys says what it is.
    readable = isinstance(source, (str, bytes, bytearray)) or hasattr(source, "__fspath__")
    return readable and any(is_sm2(item.shape) for item in read(source, name))


@cache
def _aes() -> Callable[[str, bytes, str, str | None], str]:
    # A program without notifications and certificate lists does not pay for importing it, and
    # others pay once.
    from .aes import decrypt

    return decrypt


def _open_aes(ciphertext: str, key: bytes, nonce: str, associated_data: str | None) -> str:
    return _aes()(ciphertext, key, nonce, associated_data)


def _open_sm4(ciphertext: str, key: bytes, nonce: str, associated_data: str | None) -> str:
    from . import sm4

    return sm4.decrypt(ciphertext, key, nonce, associated_data)


def _sign_sm2(message: bytes, key: SM2PrivateKey) -> str:
    from . import sm2

    return sm2.sign(message, key)


def _verify_sm2(message: bytes, signature: str, key: SM2PublicKey) -> bool:
    from . import sm2

    return sm2.verify(message, signature, key)


def _encrypt_sm2(text: str, key: SM2PublicKey, _padding: rsa.Padding = "oaep") -> str:
    from . import sm2

    return sm2.encrypt(text, key)


def _decrypt_sm2(ciphertext: str, key: SM2PrivateKey, _padding: rsa.Padding = "oaep") -> str:
    from . import sm2

    return sm2.decrypt(ciphertext, key)


def _decrypt_sm2_bytes(ciphertext: str, key: SM2PrivateKey) -> bytes:
    from . import sm2

    return sm2.decrypt_bytes(ciphertext, key)


RSA = Suite(
    "RSA", "SHA256-RSA2048", "AEAD_AES_256_GCM", "",
    rsa.sign, rsa.verify, rsa.encrypt, rsa.decrypt, rsa.decrypt_bytes, _open_aes,
)  # fmt: skip
SM = Suite(
    "SM2", "SM2-WITH-SM3", "AEAD_SM4_GCM", "SM2",
    _sign_sm2, _verify_sm2, _encrypt_sm2, _decrypt_sm2, _decrypt_sm2_bytes, _open_sm4,
)  # fmt: skip
