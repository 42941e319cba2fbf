"""Who signs a merchant's requests: a private key in this process, or a service that holds one."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from ..crypto import rsa


@runtime_checkable
class Signer(Protocol):
    """An HSM, a KMS or a signing service in place of a private key.

    It signs what both schemes are named after, SHA256-RSA2048. One for SM2 would be a `Signer` as
    well, but more than that is missing: see `wechatpay._v3.scheme`.

    Attributes:
        serial: The merchant API certificate's serial number, in hexadecimal.
    """

    @property
    def serial(self) -> str:
        """The merchant API certificate's serial number, in hexadecimal."""
        ...

    def sign(self, message: bytes) -> str:
        """Return the SHA256-RSA2048 signature of `message`, in base64; called from any thread."""
        ...


@runtime_checkable
class Decrypter(Protocol):
    """What a `Signer` may do besides: open the sensitive fields of answers."""

    def decrypt(self, ciphertext: str, padding: rsa.Padding = "oaep") -> str:
        """Return the text of a field, given in base64, that was encrypted for the merchant."""
        ...


@runtime_checkable
class KeyOpener(Protocol):
    """What a `Decrypter` may do besides: open the keys of encrypted bills, which are not text."""

    def decrypt_bytes(self, ciphertext: str) -> bytes:
        """Return what was encrypted for the merchant with RSA-OAEP, given in base64."""
        ...


class KeySigner:
    """The signer that holds the key itself."""

    __slots__ = ("_key", "serial")

    def __init__(self, serial: str, key: RSAPrivateKey) -> None:
        self.serial = serial
        self._key = key

    def sign(self, message: bytes) -> str:
        """Return the SHA256-RSA2048 signature of `message`, in base64."""
        return rsa.sign(message, self._key)

    def decrypt(self, ciphertext: str, padding: rsa.Padding = "oaep") -> str:
        """Return the text of a sensitive field that was encrypted for this merchant."""
        return rsa.decrypt(ciphertext, self._key, padding)

    def decrypt_bytes(self, ciphertext: str) -> bytes:
        """Return the key of a bill that was encrypted for this merchant."""
        return rsa.decrypt_bytes(ciphertext, self._key)

    @property
    def public_key(self) -> RSAPublicKey:
        """The merchant's public key."""
        return self._key.public_key()

    def __repr__(self) -> str:
        return f"<KeySigner {self.serial}>"
