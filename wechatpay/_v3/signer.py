"""Who signs a merchant's requests: a private key in this process, or a service that holds one."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ..crypto import PrivateKey, PublicKey, Suite, rsa, suite_of


@runtime_checkable
class Signer(Protocol):
    """An HSM, a KMS or a signing service in place of a private key.

    It signs with SHA256-RSA2048, or with SM2 if the merchant has 国密; WeChat Pay's keys in `certs`
    are then SM2's, too.

    Attributes:
        serial: The merchant API certificate's serial number, in hexadecimal.
    """

    @property
    def serial(self) -> str:
        """The merchant API certificate's serial number, in hexadecimal."""
        ...

    def sign(self, message: bytes) -> str:
        """Return the signature of `message`, in base64; called from any thread."""
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

    __slots__ = ("_key", "serial", "suite")

    def __init__(self, serial: str, key: PrivateKey) -> None:
        self.serial = serial
        self._key = key
        self.suite: Suite = suite_of(key)

    def sign(self, message: bytes) -> str:
        """Return the signature of `message`, in base64."""
        return self.suite.sign(message, self._key)

    def decrypt(self, ciphertext: str, padding: rsa.Padding = "oaep") -> str:
        """Return the text of a sensitive field that was encrypted for this merchant."""
        return self.suite.decrypt(ciphertext, self._key, padding)

    def decrypt_bytes(self, ciphertext: str) -> bytes:
        """Return the key of a bill that was encrypted for this merchant."""
        return self.suite.decrypt_bytes(ciphertext, self._key)

    @property
    def ciphertext_size(self) -> int | None:
        """How many bytes whatever is encrypted for this key has; `None` where that varies (SM2)."""
        return self._key.key_size // 8 if isinstance(self._key, RSAPrivateKey) else None

    @property
    def public_key(self) -> PublicKey:
        """The merchant's public key."""
        return self._key.public_key()

    def __repr__(self) -> str:
        return f"<KeySigner {self.serial}>"
