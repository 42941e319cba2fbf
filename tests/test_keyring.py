"""WeChat Pay's keys: what may be one, which one is current, and when they are renewed."""

from __future__ import annotations

import pytest
from cryptography.x509 import load_pem_x509_certificate
from gateway import (
    PUBLIC_KEY_ID,
    certificate_identity,
    certificate_pem,
    private_pem,
    public_pem,
    rsa_key,
)

from wechatpay import ConfigurationError
from wechatpay._v3 import Keyring, PlatformKey, check_serial, platform_key
from wechatpay._v3.keyring import FORGED_ID_INTERVAL, MAX_AGE

KEY = rsa_key("platform").public_key()
SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
IDENTITY = certificate_identity(int(SERIAL, 16))


@pytest.mark.parametrize(
    "source", [KEY, public_pem(rsa_key("platform")), IDENTITY.certificate.encode()]
)
def test_public_key_may_come_in_any_form(source: object) -> None:
    """Under a `PUB_KEY_ID_…` any form of a public key does, a certificate's too."""
    held = platform_key(PUBLIC_KEY_ID, source)  # type: ignore[arg-type]
    assert held.id == PUBLIC_KEY_ID
    assert held.is_public_key
    assert held.key == KEY


@pytest.mark.parametrize("key_id", [SERIAL, SERIAL.lower(), "00" + SERIAL[:-2]])
def test_certificate_belongs_to_its_serial(key_id: str) -> None:
    """A certificate is held under its own serial number, as it was written."""
    identity = certificate_identity(int(key_id, 16))
    held = platform_key(key_id, identity.certificate)
    assert held.id == key_id
    assert not held.is_public_key
    certificate = load_pem_x509_certificate(identity.certificate.encode())
    assert held.effective == certificate.not_valid_before_utc.timestamp()


def test_bare_key_under_a_serial_is_taken() -> None:
    """Without a certificate there is no serial number to compare with."""
    assert platform_key(SERIAL, KEY) == PlatformKey(SERIAL, KEY)


@pytest.mark.parametrize(
    "key_id", ["", "PUB_KEY_ID_", "0x51", "G1", "A" * 41, " AB", "AB\n", "公钥"]
)
def test_what_is_no_id_is_refused(key_id: str) -> None:
    """The error tells the id's length, for it may be a key in the wrong place."""
    with pytest.raises(ConfigurationError, match=f"an id of {len(key_id)} characters"):
        platform_key(key_id, KEY)


def test_certificate_under_another_serial_is_refused() -> None:
    """The error says which serial number the certificate really has."""
    with pytest.raises(ConfigurationError, match=f"another serial number, {SERIAL}"):
        platform_key("AB12", IDENTITY.certificate)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (private_pem(rsa_key("platform")), "holds a private key"),
        (certificate_pem(rsa_key("platform"), 5)[:-100], "cut short"),
        (42, "not an RSA public key: int"),
    ],
)
def test_unusable_key_is_refused(source: object, words: str) -> None:
    """The error names the entry of `certs` that is wrong, and how."""
    with pytest.raises(ConfigurationError, match=f"certs\\['AB12'\\].*{words}"):
        platform_key("AB12", source)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("serial", "certs", "words"),
    [
        (None, [], "private_key needs serial"),
        ("", [], "private_key needs serial"),
        (PUBLIC_KEY_ID, [], "the id belongs in certs"),
        ("not hexadecimal", [], "not a serial number: 15 characters"),
        ("A" * 41, [], "not a serial number: 41 characters"),
        ("ab12", [PUBLIC_KEY_ID, "AB12"], "filed under the merchant's own serial number"),
    ],
)
def test_wrong_merchant_serial_is_refused(serial: str | None, certs: list[str], words: str) -> None:
    """The merchant's serial number is neither missing, nor WeChat Pay's id, nor among its keys."""
    with pytest.raises(ConfigurationError, match=words):
        check_serial(serial, certs)


def test_merchant_serial_is_kept_as_written() -> None:
    """A right serial number goes on the wire in the case it was given in."""
    assert check_serial("ab12", [PUBLIC_KEY_ID, SERIAL]) == "ab12"


def old(key_id: str, effective: float) -> PlatformKey:
    """Return a certificate's key in use since a time."""
    return PlatformKey(key_id, KEY, effective)


PUBLIC = PlatformKey(PUBLIC_KEY_ID, KEY)


@pytest.mark.parametrize(
    ("keys", "current"),
    [
        ([], None),
        ([old("A", 10)], "A"),
        ([old("A", 10), old("B", 20)], "B"),
        ([old("B", 20), old("A", 10)], "B"),
        ([old("A", 10), old("B", 200)], "A"),
        ([old("A", 150), old("B", 200)], "B"),
        ([old("A", 10), PUBLIC, old("B", 20)], PUBLIC_KEY_ID),
        ([PUBLIC, PlatformKey("PUB_KEY_ID_2", KEY)], "PUB_KEY_ID_2"),
    ],
)
def test_current_key(keys: list[PlatformKey], current: str | None) -> None:
    """A public key goes before certificates; of these the newest that is in use already."""
    found = Keyring(keys).current(now=100)
    assert (found.id if found else None) == current


def test_swap_replaces_certificates_and_keeps_public_keys() -> None:
    """Downloaded certificates take the place of all others; readers never see a half."""
    ring = Keyring([PUBLIC, old("A", 1)])
    before = ring.keys
    ring.swap([old("B", 2), old("c", 3)], now=50)
    assert {one.id for one in ring.keys.values()} == {PUBLIC_KEY_ID, "B", "c"}
    assert set(before) == {PUBLIC_KEY_ID, "A"}
    assert ring.fetched == 50
    assert ring.find("C") == ring.find("c") == old("c", 3)
    assert ring.find("A") is None


def test_only_downloaded_keys_grow_stale() -> None:
    """Keys from the configuration stay; downloaded ones are due after eleven hours."""
    assert not Keyring([PUBLIC]).is_stale(10**10)
    ring = Keyring([old("A", 1)], fetched=1000)
    assert not ring.is_stale(1000 + MAX_AGE)
    assert ring.is_stale(1001 + MAX_AGE)
    assert MAX_AGE < 12 * 3600


def test_failed_renewal_is_put_off_by_a_minute() -> None:
    """Old certificates go on serving; the next try is in a minute."""
    ring = Keyring([old("A", 1)], fetched=0)
    ring.postpone(10**6)
    assert not ring.is_stale(10**6 + FORGED_ID_INTERVAL)
    assert ring.is_stale(10**6 + FORGED_ID_INTERVAL + 1)


def test_unknown_ids_cause_one_refresh_a_minute() -> None:
    """After a refresh that brought nothing, the next unknown id counts as forged for a minute."""
    ring = Keyring()
    assert ring.may_attempt(0)
    ring.attempted = 5
    assert not ring.may_attempt(5 + FORGED_ID_INTERVAL - 1)
    assert ring.may_attempt(5 + FORGED_ID_INTERVAL)


def test_ids_are_compared_as_text() -> None:
    """The case of its digits does not make another id of it; a leading zero does."""
    ring = Keyring([PlatformKey("0AB1", rsa_key("platform").public_key())])
    assert ring.find("0ab1") is ring.find("0AB1") is not None
    assert ring.find("AB1") is None


def test_ring_shows_ids_only() -> None:
    """Its `repr` names the keys by their ids."""
    assert repr(Keyring([PUBLIC, old("AB", 1)])) == f"<Keyring {PUBLIC_KEY_ID}, AB>"
