"""AES-256 as WeChat Pay uses it: GCM, under the APIv3 key or a bill's own, and ECB for APIv2.

Ciphertexts are base64, plaintexts UTF-8. No error shows a key, a ciphertext or a plaintext.
"""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import a2b_base64, b2a_base64
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..errors import ConfigurationError, DecryptionError
from .digest import md5, to_bytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import ECB

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

__all__ = ["decrypt", "ecb_decrypt", "ecb_encrypt", "encrypt"]

TAG_LENGTH = 16
_KEY, _BLOCK = 32, 16
NONCES = (12, 16)
"""Bytes of a nonce: a message's, or a bill's."""
_TEXT = re.compile(rb"[!-~\s]*")
CHECK_V3 = (
    "check that the APIv3 key is the merchant's current one (it is not the APIv2 key), and that "
    "ciphertext, nonce and associated_data belong together and are unchanged"
)
_CHECK_V2 = "check that the APIv2 key is the merchant's current one (it is not the APIv3 key)"


def encrypt(
    plaintext: str | bytes,
    key: str | bytes,
    nonce: str | bytes,
    associated_data: str | bytes | None = "",
) -> str:
    """Encrypt with AES-256-GCM and return base64, the 16-byte tag at its end.

    Args:
        plaintext: What to encrypt.
        key: The APIv3 key, 32 bytes.
        nonce: 12 bytes, or 16 as for bills; never twice under one key.
        associated_data: What to authenticate along with it; may be empty or `None`.

    Raises:
        ConfigurationError: The key is not 32 bytes.
        ValueError: The nonce is neither 12 nor 16 bytes.

    See https://pay.weixin.qq.com/doc/v3/merchant/4012071382
    """
    cipher = _gcm(_key(key))
    nonce = to_bytes(nonce)
    if len(nonce) not in NONCES:
        raise ValueError(wrong_nonce(nonce))
    sealed = cipher.encrypt(nonce, to_bytes(plaintext), to_bytes(associated_data or b""))
    return b64encode(sealed).decode()


@overload
def decrypt(
    ciphertext: str,
    key: str | bytes,
    nonce: str | bytes,
    associated_data: str | bytes | None = "",
) -> str: ...
@overload
def decrypt(
    ciphertext: bytes,
    key: str | bytes,
    nonce: str | bytes,
    associated_data: str | bytes | None = "",
) -> str | bytes: ...
def decrypt(
    ciphertext: str | bytes,
    key: str | bytes,
    nonce: str | bytes,
    associated_data: str | bytes | None = "",
) -> str | bytes:
    """Decrypt the `ciphertext` of a notification, a certificate or an APIv2 event; or a bill.

    Args:
        ciphertext: Base64, the 16-byte tag at its end; or the bytes themselves, as a bill's are,
            and then bytes come back.
        key: The APIv3 key, or a bill's own, 32 bytes.
        nonce: The 12 or 16 bytes that came with the ciphertext.
        associated_data: What came with it under that name; may be empty or `None`.

    Raises:
        ConfigurationError: The key is not 32 bytes.
        DecryptionError: It does not open, or is not what its fields say; the message tells what
            to check.

    See https://pay.weixin.qq.com/doc/v3/merchant/4012071382
    """
    # The class is compared here, for this runs for every notification and a call would cost more.
    cipher = _gcm(key if key.__class__ is bytes and len(key) == _KEY else _key(key))
    # A ciphertext has 16 bytes or more, and hardly ever looks like text as a whole.
    is_raw = ciphertext.__class__ is not str and not _TEXT.fullmatch(to_bytes(ciphertext))
    sealed = to_bytes(ciphertext) if is_raw else unbase64(ciphertext)
    nonce = to_bytes(nonce)
    if len(nonce) not in NONCES:
        raise DecryptionError(wrong_nonce(nonce))
    if len(sealed) < TAG_LENGTH:
        raise DecryptionError(f"{len(sealed)} bytes are too few for a ciphertext and its tag")
    try:
        plaintext = cipher.decrypt(nonce, sealed, to_bytes(associated_data or b""))
    except InvalidTag:
        plaintext = None
    if is_raw and plaintext is not None:
        return plaintext
    return opened_text(plaintext, CHECK_V3)


class Opening(Protocol):
    """A ciphertext that is opened piece by piece.

    Nothing that it gives is authentic until `finalize` has returned.
    """

    def update(self, data: bytes, /) -> bytes:
        """Return what the next piece of the ciphertext, without its tag, opens to."""
        ...

    def finalize(self) -> bytes:
        """End; raise `InvalidTag` if the whole is not what was sealed."""
        ...


def opening(key: bytes, nonce: bytes, tag: bytes) -> Opening:
    """Return what opens a ciphertext that memory does not hold, such as a bill's.

    Args:
        key: 32 bytes.
        nonce: 12 or 16 bytes.
        tag: The last `TAG_LENGTH` bytes of what was sealed.

    Raises:
        DecryptionError: The key or the nonce has another length.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    if len(key) != _KEY:
        raise DecryptionError(f"the key must be {_KEY} bytes, not {len(key)}")
    if len(nonce) not in NONCES:
        raise DecryptionError(wrong_nonce(nonce))
    return Cipher(AES(key), GCM(nonce, tag)).decryptor()


def ecb_encrypt(plaintext: str | bytes, secret: str) -> str:
    """Encrypt as APIv2 encrypts ``req_info``; see `ecb_decrypt`. For tests and simulators.

    Args:
        plaintext: What to encrypt.
        secret: The APIv2 key itself: its MD5, which is the AES key, is taken here.
    """
    from cryptography.hazmat.primitives.padding import PKCS7

    padder = PKCS7(_BLOCK * 8).padder()
    padded = padder.update(to_bytes(plaintext)) + padder.finalize()
    encryptor = _ecb(secret).encryptor()
    return b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def ecb_decrypt(ciphertext: str | bytes, secret: str) -> str:
    """Decrypt the ``req_info`` of APIv2's refund notice: AES-256-ECB with PKCS#7 padding.

    Nothing authenticates it, so a wrong key or a changed byte is noticed most of the time, not
    always: query the refund by its number before you act on what it says.

    Args:
        ciphertext: Base64.
        secret: The APIv2 key itself: its MD5 in lower-case hexadecimal, which is the AES key, is
            taken here.

    Raises:
        ConfigurationError: The key is empty.
        DecryptionError: It does not open; the message tells what to check.

    See https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_16
    """
    from cryptography.hazmat.primitives.padding import PKCS7

    sealed = unbase64(ciphertext)
    decryptor, unpadder = _ecb(secret).decryptor(), PKCS7(_BLOCK * 8).unpadder()
    try:
        padded = decryptor.update(sealed) + decryptor.finalize()
        plaintext = unpadder.update(padded) + unpadder.finalize()
    except ValueError:  # not whole blocks, or not padded
        plaintext = None
    return opened_text(plaintext, _CHECK_V2)


def _ecb(secret: str) -> Cipher[ECB]:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256
    from cryptography.hazmat.primitives.ciphers.modes import ECB

    if not secret:
        raise ConfigurationError("the APIv2 key is empty")
    return Cipher(AES256(md5(secret).encode()), ECB())  # noqa: S305  WeChat Pay's choice, not ours


# The same key opens the next notification, and preparing a cipher takes longer than using it.
_gcm = lru_cache(maxsize=1024)(AESGCM)


def wrong_nonce(nonce: bytes) -> str:
    """Return what is wrong with a nonce of another length."""
    return f"the nonce must be {NONCES[0]} bytes, or {NONCES[1]} for a bill, not {len(nonce)}"


def _key(key: str | bytes) -> bytes:
    key = to_bytes(key)
    if len(key) != _KEY:
        raise ConfigurationError(f"the APIv3 key must be {_KEY} bytes, not {len(key)}")
    return key


def unbase64(data: str | bytes) -> bytes:
    """Decode only what encoding writes; decoders accept more spellings, each in its own way."""
    data = to_bytes(data)
    try:
        decoded = a2b_base64(data)
    except ValueError:
        decoded = None
    # With the right length nothing was skipped, so only the last group can be spelled in several
    # ways: it has to be as encoding writes it.
    if (
        decoded is None
        or len(data) != (len(decoded) + 2) // 3 * 4
        or data[-4:] != b2a_base64(decoded[(len(decoded) - 1) // 3 * 3 :], newline=False)
    ):
        raise DecryptionError(f"the ciphertext is not base64 ({len(data)} bytes of it)")
    return decoded


def opened_text(plaintext: bytes | None, check: str) -> str:
    """Return what was decrypted, if it is what WeChat Pay encrypts: UTF-8."""
    try:
        text = plaintext.decode() if plaintext is not None else None
    except UnicodeDecodeError:
        # This error has the plaintext in it, so it must not be the context of ours.
        text = None
    if text is None:
        raise DecryptionError(f"the ciphertext does not open: {check}")
    return text
