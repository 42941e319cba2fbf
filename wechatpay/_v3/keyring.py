"""WeChat Pay's public keys by id: swapped whole, refreshed by one caller at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .._locks import Ticket
from ..crypto import RSA, PublicKeySource, Suite, load_public, merchant_number, suite_of
from ..errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..crypto import PublicKey

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

PUBLIC_KEY_PREFIX = "PUB_KEY_ID_"
FORGED_ID_INTERVAL = 60.0
"""Seconds between two refreshes that an unknown id may cause."""
MAX_AGE = 11 * 3600.0
"""Seconds after which downloaded certificates are refreshed: WeChat Pay asks for under 12 hours."""

_ID = r"PUB_KEY_ID_[0-9A-Za-z]+|[0-9A-Fa-f]{1,40}"
_SERIAL = r"[0-9A-Fa-f]{1,40}"
_LOST_PREFIX = r"[0-9]{20,39}"
"""What a key id looks like without `PUB_KEY_ID_`; a certificate's serial number has 40 digits."""
_IN_DECIMAL = r"[0-9]{41,49}"
_AROUND_A_SERIAL = r"(?i)^(?:serial(?: number)?\s*[=:]\s*)?(?:0x)?|(?<=[0-9a-f])[: ](?=[0-9a-f]{2})"
_WHERE = "账户中心 → API安全 → 微信支付公钥"


class PlatformKey(NamedTuple):
    """One of WeChat Pay's keys.

    Attributes:
        id: `PUB_KEY_ID_…`, or a platform certificate's serial number.
        key: What verifies its signatures and encrypts for it.
        effective: When a certificate becomes the one to encrypt with, as a Unix time.
        pem: The certificate it came in, where it was downloaded.
        suite: The algorithms that go with the key.
    """

    id: str
    key: PublicKey
    effective: float = 0.0
    pem: bytes = b""
    suite: Suite = RSA

    @property
    def is_public_key(self) -> bool:
        """Whether it is a long-lived public key and not a certificate's."""
        return self.id.startswith(PUBLIC_KEY_PREFIX)


def platform_key(key_id: str, source: PublicKeySource) -> PlatformKey:
    """Load one entry of the `certs` argument.

    Raises:
        ConfigurationError: The id or the key is not usable, or they do not belong together.
    """
    if key_id.upper().startswith(PUBLIC_KEY_PREFIX):
        key_id = PUBLIC_KEY_PREFIX + key_id[len(PUBLIC_KEY_PREFIX) :]
    name = f"certs[{key_id!r}]"
    if not re.fullmatch(_ID, key_id):
        raise ConfigurationError(
            f"certs has an id of {len(key_id)} characters that is neither PUB_KEY_ID_… nor a "
            "certificate's serial number in hexadecimal"
            + (": there is white space in it" if re.search(r"\s", key_id) else "")
        )
    key, certificate = load_public(source, name)
    if certificate is None:
        if re.fullmatch(_LOST_PREFIX, key_id):
            raise ConfigurationError(
                f"{name} is a public key whose id has lost its beginning: write "
                f"{PUBLIC_KEY_PREFIX}{key_id}"
            )
        return PlatformKey(key_id, key, suite=suite_of(key))
    merchant = merchant_number(certificate)
    if merchant is not None:
        raise ConfigurationError(
            f"{name} is merchant {merchant}'s own certificate, apiclient_cert.pem; certs holds "
            f"WeChat Pay's keys: pub_key.pem is under {_WHERE}"
        )
    serial = f"{certificate.serial_number:X}"
    if not key_id.startswith(PUBLIC_KEY_PREFIX) and fold(key_id).lstrip("0") != serial:
        raise ConfigurationError(f"{name} holds a certificate with another serial number, {serial}")
    effective = certificate.not_valid_before_utc.timestamp()
    return PlatformKey(key_id, key, effective, suite=suite_of(key))


def check_serial(serial: object, certs: Iterable[str]) -> str:
    """Return the merchant's own serial number, or say what is wrong with it.

    Raises:
        ConfigurationError: It is missing, not a serial number, or filed among the platform's keys.
    """
    if not serial:
        raise ConfigurationError("private_key needs serial, the merchant API certificate's number")
    if not isinstance(serial, str):
        raise ConfigurationError(f"serial must be text, not {type(serial).__name__}")
    # OpenSSL writes `serial=37:75:B6`, others 0x before it.
    serial = re.sub(_AROUND_A_SERIAL, "", serial.strip())
    if serial.upper().startswith(PUBLIC_KEY_PREFIX):
        raise ConfigurationError(
            "serial holds the id of WeChat Pay's public key; it must be the merchant API "
            "certificate's own serial number, and the id belongs in certs"
        )
    if re.fullmatch(_IN_DECIMAL, serial):
        raise ConfigurationError(
            f"serial is the certificate's number in decimal; WeChat Pay has it as {int(serial):X}"
        )
    if not re.fullmatch(_SERIAL, serial):
        raise ConfigurationError(
            f"serial is not a serial number: {len(serial)} characters, not 1 to 40 in hexadecimal"
        )
    if fold(serial) in map(fold, certs):
        raise ConfigurationError(
            f"certs[{serial!r}] is filed under the merchant's own serial number; certs holds "
            "WeChat Pay's keys: a PUB_KEY_ID_…, or a platform certificate's serial number"
        )
    return serial


def check_theirs(keys: Iterable[PlatformKey], own: object) -> None:
    """Check that none of WeChat Pay's keys is the merchant's own public key.

    What is encrypted with that nobody but the merchant can read, and no answer verifies with it,
    not even that of a payment that was made.

    Args:
        keys: WeChat Pay's keys.
        own: The merchant's public key; `None` if it is not at hand.

    Raises:
        ConfigurationError: One of them is.
    """
    for one in keys:
        if one.key == own:
            raise ConfigurationError(
                f"certs[{one.id!r}] is the merchant's own public key, which belongs to "
                f"private_key; WeChat Pay's is another: pub_key.pem is under {_WHERE}"
            )


def fold(key_id: str) -> str:
    """Return the form in which two ids are compared: text, whatever the case of its digits."""
    return key_id.upper()


class Keyring:
    """The keys a client holds.

    Readers take no lock: `keys` is replaced as a whole and never changed, so each reader has one
    consistent state. Only the holder of `ticket` writes.

    Attributes:
        keys: The keys by folded id.
        ticket: Held by the one caller that is refreshing.
        finished: How many refreshes have come to an end, well or not.
        failure: Why the last one failed, if it did.
        attempted: When the last refresh began that did not bring the id that it was for, on the
            monotonic clock.
        fetched: When the downloaded keys were, as a Unix time; `None` when none are.
    """

    __slots__ = ("_looked_at", "attempted", "failure", "fetched", "finished", "keys", "ticket")

    def __init__(self, keys: Iterable[PlatformKey] = (), fetched: float | None = None) -> None:
        self.keys: Mapping[str, PlatformKey] = {fold(one.id): one for one in keys}
        self.fetched = fetched
        self.ticket: Ticket = Ticket()
        self.finished: int = 0
        self.failure: Exception | None = None
        self.attempted: float | None = None
        # Keys are replaced and never changed, so it is enough to look through them once.
        self._looked_at: tuple[object, PlatformKey | None] = (None, None)

    def find(self, key_id: str) -> PlatformKey | None:
        """Return the key of that id."""
        # WeChat Pay writes ids in the case in which they are kept: folding is seldom needed.
        return self.keys.get(key_id) or self.keys.get(fold(key_id))

    def current(self, now: float) -> PlatformKey | None:
        """Return the key to name and to encrypt with: a public key, else the newest certificate."""
        held = self.keys
        if held is not self._looked_at[0]:
            public = [one for one in held.values() if one.is_public_key]
            self._looked_at = held, public[-1] if public else None
        if self._looked_at[1] is not None:
            return self._looked_at[1]
        keys = list(held.values())
        ready = [one for one in keys if one.effective <= now] or keys
        return max(ready, key=lambda one: one.effective, default=None)

    def swap(self, downloaded: Iterable[PlatformKey], now: float) -> None:
        """Replace all certificates by those just downloaded; no download replaces a public key.

        Nor does one put another key under a serial number that is held.
        """
        held = self.keys
        kept = {name: one for name, one in held.items() if one.is_public_key}
        new = {fold(one.id): one for one in downloaded if not one.is_public_key}
        other = [name for name, one in new.items() if name in held and held[name].key != one.key]
        self.keys = {**kept, **new, **{name: held[name] for name in other}}
        self.fetched = now

    def is_stale(self, now: float) -> bool:
        """Tell whether downloaded certificates are due for a refresh."""
        return self.fetched is not None and now - self.fetched > MAX_AGE

    def postpone(self, now: float) -> None:
        """Put the next refresh off by a minute, for this one failed."""
        self.fetched = now - MAX_AGE + FORGED_ID_INTERVAL

    def may_attempt(self, monotonic: float) -> bool:
        """Tell whether an unknown id may cause a refresh now, or is taken for a forged one."""
        return self.attempted is None or monotonic - self.attempted >= FORGED_ID_INTERVAL

    def __repr__(self) -> str:
        return f"<Keyring {', '.join(one.id for one in self.keys.values())}>"
