"""Who holds which key: the merchant's one, WeChat Pay's two, and the APIv3 key they share.

All are thrown away with the sandbox: with the process, or with its state file. Making an RSA key
takes a moment, so that a process makes three of them, once; names, certificates and the APIv3 key
are new with every sandbox.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import cached_property, lru_cache, partial
from typing import Any, Literal, Union, cast, get_args

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.verification import PolicyBuilder

from .sm import SMPrivateKey, SMPublicKey, seal_with_sm4

# cryptography takes for a time what `datetime.datetime` is when it is given the first one, for as
# long as the process lasts. Were that freezegun's stand-in, no certificate could be made any more
# once the clock goes again; so it is given one now.
PolicyBuilder().time(datetime(2020, 1, 1))

Mode = Literal["public-key", "certificate", "switching"]
"""With which of WeChat Pay's keys a merchant has to do: the public key, certificates, or both.

A merchant that is switching gets answers signed with the key that its requests name in
`Wechatpay-Serial`, or else with a certificate; notifications come with either.
"""

PrivateKey = Union[RSAPrivateKey, SMPrivateKey]
PublicKey = Union[RSAPublicKey, SMPublicKey]

MODES = get_args(Mode)
BEIJING = timezone(timedelta(hours=8))
_FIVE_YEARS = timedelta(days=5 * 365)
_A_DAY = 86400
_MOMENTS = ("effective", "expire")


@dataclass(frozen=True)
class Certificate:
    """A platform certificate.

    Attributes:
        serial: Its serial number, 40 hexadecimal digits.
        pem: The certificate.
        effective: When it begins to be valid.
        expire: When it ceases to be.
        until: When it leaves the list, in seconds since 1970 by the sandbox's clock; `None` as long
            as no other has come.
    """

    serial: str
    pem: str
    effective: datetime
    expire: datetime
    until: float | None = None

    @classmethod
    def load(cls, document: Mapping[str, Any]) -> Certificate:
        """Make one of what `dump` made of it."""
        moments = {name: datetime.fromisoformat(document[name]) for name in _MOMENTS}
        everything: dict[str, Any] = {**document, **moments}
        return cls(**everything)

    def dump(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {**vars(self), **{name: vars(self)[name].isoformat() for name in _MOMENTS}}


@dataclass(repr=False)
class Keys:
    """Every key of one merchant and of the WeChat Pay that it talks to.

    Mappings and sequences in it never change: new ones take their place.

    Attributes:
        mchid: The merchant.
        merchant: The merchant's private key.
        merchant_serial: The serial number of the merchant API certificate.
        platform: WeChat Pay's private keys: by certificate serial, and by public key id.
        certificates: The platform certificates, oldest first.
        public_key_id: The id of WeChat Pay's public key, `PUB_KEY_ID_…`.
        apiv3_key: The APIv3 key, 32 characters.
        secret: The APIv2 key, 32 characters.
        mode: Which of WeChat Pay's keys are in use.
    """

    mchid: str
    merchant: PrivateKey
    merchant_serial: str
    platform: Mapping[str, PrivateKey]
    certificates: Sequence[Certificate]
    public_key_id: str
    apiv3_key: str
    mode: Mode = "public-key"
    secret: str = field(default_factory=lambda: secrets.token_hex(16))

    @classmethod
    def throwaway(cls, mchid: str, *, sm: bool = False) -> Keys:
        """Make keys for a merchant.

        Args:
            mchid: The merchant.
            sm: Whether they are of 国密, SM2 in place of RSA.

        Raises:
            ImportError: They are, and the extra `gm` is not installed.
        """
        merchant, certified, public = _sm_pairs() if sm else _pairs()
        certificate = _certify(certified)
        public_key_id = f"PUB_KEY_ID_01{mchid:0>10}{secrets.randbelow(10**16):016d}"
        return cls(
            mchid=mchid,
            merchant=merchant,
            merchant_serial=_serial(x509.random_serial_number()),
            platform={certificate.serial: certified, public_key_id: public},
            certificates=(certificate,),
            public_key_id=public_key_id,
            apiv3_key=secrets.token_hex(16),
        )

    @classmethod
    def load(cls, document: Mapping[str, Any]) -> Keys:
        """Make keys of what `dump` made of them."""
        platform = {name: _load(pem) for name, pem in document["platform"].items()}
        certificates = tuple(Certificate.load(each) for each in document["certificates"])
        made = {"merchant": _load(document["merchant"]), "platform": platform}
        everything: dict[str, Any] = {**document, **made, "certificates": certificates}
        return cls(**everything)

    def dump(self) -> dict[str, Any]:
        """Return what JSON can hold, private keys and all: for the sandbox's own state."""
        return {
            "mchid": self.mchid,
            "merchant": self.private_key_pem,
            "merchant_serial": self.merchant_serial,
            "platform": {name: _dump(key) for name, key in self.platform.items()},
            "certificates": [each.dump() for each in self.certificates],
            "public_key_id": self.public_key_id,
            "apiv3_key": self.apiv3_key,
            "secret": self.secret,
        }

    @property
    def is_sm(self) -> bool:
        """Whether the keys are of 国密."""
        return isinstance(self.merchant, SMPrivateKey)

    @property
    def scheme(self) -> str:
        """How requests and answers name their signatures."""
        return scheme_of(self.merchant.public_key())

    @property
    def aead(self) -> str:
        """How notifications and certificates name what they are sealed with."""
        return "AEAD_SM4_GCM" if self.is_sm else "AEAD_AES_256_GCM"

    @property
    def bank(self) -> RSAPrivateKey:
        """The key for fields of APIv2's transfers to banks, which knows RSA only."""
        key = self.platform[self.public_key_id]
        return key if isinstance(key, RSAPrivateKey) else _pairs()[2]

    def seal(self, plaintext: bytes, nonce: str, associated_data: str) -> str:
        """Seal with the APIv3 key, in base64."""
        if self.is_sm:
            sealed = seal_with_sm4(plaintext, self.apiv3_key, nonce, associated_data)
        else:
            aes = AESGCM(self.apiv3_key.encode())
            sealed = aes.encrypt(nonce.encode(), plaintext, associated_data.encode())
        return base64.b64encode(sealed).decode()

    @property
    def certificate(self) -> Certificate:
        """The newest platform certificate, which signs."""
        return self.certificates[-1]

    @property
    def private_key_pem(self) -> str:
        """The merchant's private key, as `apiclient_key.pem` holds it."""
        return _dump(self.merchant)

    @cached_property
    def merchant_pem(self) -> str:
        """The merchant API certificate, as `apiclient_cert.pem` holds it; nobody vouches for it."""
        effective, serial = self.certificates[0].effective, int(self.merchant_serial, 16)
        return _self_signed(self.merchant, self.mchid, serial, effective)

    @property
    def public_key_pem(self) -> str:
        """WeChat Pay's public key, as `pub_key.pem` holds it."""
        key = self.platform[self.public_key_id].public_key()
        if isinstance(key, SMPublicKey):
            return key.dump()
        encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_bytes(encoding, form).decode()

    @property
    def signer(self) -> str:
        """The id of the key that signs when the merchant names none."""
        return self.public_key_id if self.mode == "public-key" else self.certificate.serial

    def switch(self, mode: Mode) -> None:
        """Put other keys of WeChat Pay's in use.

        Raises:
            ValueError: There is no such mode.
        """
        if mode not in MODES:
            raise ValueError(f"there is no such mode; there are {', '.join(MODES)}")
        self.mode = mode

    def listed(self, now: float) -> list[Certificate]:
        """Return the certificates that merchants can download, oldest first.

        Args:
            now: Seconds since 1970, by the sandbox's clock.
        """
        return [each for each in self.certificates if each.until is None or now < each.until]

    def known(self, name: str, now: float) -> str | None:
        """Return the id of the key in use that has this name, however its digits are written.

        Args:
            name: What a request says in `Wechatpay-Serial`.
            now: Seconds since 1970, by the sandbox's clock.
        """
        certified = [] if self.mode == "public-key" else self.listed(now)
        names = [each.serial for each in certified]
        names += [] if self.mode == "certificate" else [self.public_key_id]
        return next((each for each in names if each.upper() == name.upper()), None)

    def rotate(self, now: float) -> Certificate:
        """Put a new platform certificate in the place of the last, which stays listed for a day.

        Args:
            now: Seconds since 1970, by the sandbox's clock.
        """
        key = SMPrivateKey.new() if self.is_sm else generate_private_key(65537, 2048)
        fresh = _certify(key, timedelta())
        *others, last = self.certificates
        self.platform = {**self.platform, fresh.serial: key}
        self.certificates = (*others, replace(last, until=now + _A_DAY), fresh)
        return fresh


def scheme_of(key: PublicKey) -> str:
    """Return how signatures by a key are named."""
    return f"WECHATPAY2-{'SM2-WITH-SM3' if isinstance(key, SMPublicKey) else 'SHA256-RSA2048'}"


def sign(key: PrivateKey, message: bytes) -> str:
    """Sign with SHA-256 and RSA (PKCS #1 v1.5), or with SM2, in base64."""
    if isinstance(key, SMPrivateKey):
        return key.sign(message)
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def covers(key: PublicKey, message: bytes, signature: str) -> bool:
    """Tell whether a signature is one of this message by this key."""
    if isinstance(key, SMPublicKey):
        return key.verify(message, signature)
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, message, padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


@lru_cache(maxsize=1)
def _pairs() -> tuple[RSAPrivateKey, RSAPrivateKey, RSAPrivateKey]:
    with ThreadPoolExecutor(3) as pool:
        made = [pool.submit(generate_private_key, 65537, 2048) for _ in range(3)]
        first, second, third = (each.result() for each in made)
    return first, second, third


def _sm_pairs() -> tuple[SMPrivateKey, SMPrivateKey, SMPrivateKey]:
    return SMPrivateKey.new(), SMPrivateKey.new(), SMPrivateKey.new()


def _certify(key: PrivateKey, age: timedelta = timedelta(days=1)) -> Certificate:
    effective = datetime.now(timezone.utc).replace(microsecond=0) - age
    serial = x509.random_serial_number()
    pem = _self_signed(key, "WeChat Pay sandbox", serial, effective)
    return Certificate(_serial(serial), pem, effective, effective + _FIVE_YEARS)


def _self_signed(key: PrivateKey, who: str, serial: int, effective: datetime) -> str:
    if isinstance(key, SMPrivateKey):
        return key.certify(who, serial, effective, effective + _FIVE_YEARS)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, who)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(effective)
        .not_valid_after(effective + _FIVE_YEARS)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _dump(key: PrivateKey) -> str:
    if isinstance(key, SMPrivateKey):
        return key.dump()
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()


def _load(pem: str) -> PrivateKey:
    if (key := SMPrivateKey.load(pem)) is not None:
        return key
    # Checking a key takes a moment, and this one was made by a sandbox.
    load = partial(serialization.load_pem_private_key, unsafe_skip_rsa_key_validation=True)
    return cast("RSAPrivateKey", load(pem.encode(), None))


def _serial(number: int) -> str:
    return f"{number:040X}"
