"""SM4 as WeChat Pay uses it for merchants with 国密: in GCM mode, in place of AES.

The functions are those of `wechatpay.crypto.aes` with the same arguments.

Official page: https://pay.weixin.qq.com/doc/v3/partner/4012082629
"""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3, Hash

from ..errors import ConfigurationError, DecryptionError
from .aes import CHECK_V3, NONCES, TAG_LENGTH, Opening, opened_text, unbase64, wrong_nonce
from .digest import to_bytes

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

__all__ = ["decrypt", "encrypt"]

_APIV3_KEY, _KEY, _NONCE = 32, 16, 12


def encrypt(
    plaintext: str | bytes,
    key: str | bytes,
    nonce: str | bytes,
    associated_data: str | bytes | None = "",
) -> str:
    """Encrypt with SM4-GCM and return base64, the 16-byte tag at its end.

    Args:
        plaintext: What to encrypt.
        key: The APIv3 key, 32 bytes: the SM4 key is the first half of its SM3 digest. Or an SM4
            key itself, 16 bytes.
        nonce: 12 bytes, never twice under one key.
        associated_data: What to authenticate along with it; may be empty or `None`.

    Raises:
        ConfigurationError: The key is neither 32 nor 16 bytes.
        ValueError: The nonce is not 12 bytes.
    """
    cipher, nonce = SM4(_key(to_bytes(key))), to_bytes(nonce)
    if len(nonce) != _NONCE:
        raise ValueError(f"the nonce must be {_NONCE} bytes, not {len(nonce)}")
    encryptor = Cipher(cipher, GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(to_bytes(associated_data or b""))
    sealed = encryptor.update(to_bytes(plaintext)) + encryptor.finalize()
    return b64encode(sealed + encryptor.tag).decode()


def decrypt(
    ciphertext: str | bytes,
    key: str | bytes,
    nonce: str | bytes,
    associated_data: str | bytes | None = "",
) -> str:
    """Decrypt the `ciphertext` of a notification or a certificate.

    Args:
        ciphertext: Base64, the 16-byte tag at its end.
        key: As in `encrypt`.
        nonce: The 12 bytes that came with the ciphertext.
        associated_data: What came with it under that name; may be empty or `None`.

    Raises:
        ConfigurationError: The key is neither 32 nor 16 bytes.
        DecryptionError: It does not open, or is not what its fields say; the message tells what
            to check.
    """
    cipher, sealed, nonce = SM4(_key(to_bytes(key))), unbase64(ciphertext), to_bytes(nonce)
    if len(nonce) != _NONCE:
        raise DecryptionError(f"the nonce must be {_NONCE} bytes, not {len(nonce)}")
    if len(sealed) < TAG_LENGTH:
        raise DecryptionError(f"{len(sealed)} bytes are too few for a ciphertext and its tag")
    decryptor = Cipher(cipher, GCM(nonce, sealed[-TAG_LENGTH:])).decryptor()
    decryptor.authenticate_additional_data(to_bytes(associated_data or b""))
    plaintext: bytes | None
    try:
        plaintext = decryptor.update(sealed[:-TAG_LENGTH]) + decryptor.finalize()
    except InvalidTag:
        plaintext = None
    return opened_text(plaintext, CHECK_V3)


def opening(key: bytes, nonce: bytes, tag: bytes) -> Opening:
    """Return what opens a ciphertext that memory does not hold; see `aes.opening`.

    Args:
        key: 16 bytes.
        nonce: 12 or 16 bytes.
        tag: The last 16 bytes of what was sealed.

    Raises:
        DecryptionError: The nonce has another length.
    """
    if len(nonce) not in NONCES:
        raise DecryptionError(wrong_nonce(nonce))
    return Cipher(SM4(key), GCM(nonce, tag)).decryptor()


@lru_cache(maxsize=1024)
def _key(key: bytes) -> bytes:
    if len(key) == _KEY:
        return key
    if len(key) != _APIV3_KEY:
        raise ConfigurationError(f"the APIv3 key must be {_APIV3_KEY} bytes, not {len(key)}")
    digest = Hash(SM3())
    digest.update(key)
    return digest.finalize()[:_KEY]
