"""`wechatpay.crypto.sm2`: keys in every form, signatures and ciphertexts of the standard."""

import base64
import copy
import importlib
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509 import load_der_x509_certificate
from hypothesis import given, settings
from hypothesis import strategies as st
from sm_keys import certificate_of, element, integer, pem
from soak import runs

from wechatpay.crypto import load_private_key, sm2
from wechatpay.crypto._sm2_keys import _N, _P
from wechatpay.errors import ConfigurationError, DecryptionError

pytest.importorskip("gmssl_pyx", reason="the extra gm is not installed")

# GM/T 0003.5, the examples on the recommended curve.
STANDARD = sm2.SM2PrivateKey(
    bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
)
STANDARD_POINT = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
STANDARD_R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
STANDARD_S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
STANDARD_SEALED = (
    0x04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73,
    0xE858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0,
    "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766",
    "21886ca989ca9c7d58087307ca93092d651efa",
)
# The numbers of the official Java module's tests.
OFFICIAL = sm2.SM2PrivateKey(
    bytes.fromhex("fd4f526b3e5c78319084504c7ff707221dbeab92f3be1adbf0bd92238b0f511f")
)
OFFICIAL_SIGNATURE = (
    "MEYCIQD35Rp3CKt7pLme/a0GaCVmwSeOl7X/12+ppRivcJuf6QIhAO5Vpy4tSk9SJUrgH5I5Qy0aYhFG9lN0aof1f5wJ"
    "OI05"
)
OFFICIAL_SEALED = (
    "MHECIAGn23Ew8nF0zRfu3qgdD6VATSmGM5wrVFvNqg1ToXneAiBgfOJLVi1NtpRVH2qanzooL4gOrDKKOloD7gS17g+i"
    "CQQgcTtJpGhytHZeV/HeTqYkg3YqOY+Vybx+OQx217Ktn0QECdMjiI7lpId5dg=="
)


CURVE = bytes.fromhex("06082a811ccf5501822d")


def sec1(key: sm2.SM2PrivateKey, *, with_point: bool = True, number: bytes = b"") -> bytes:
    """Return a private key as SEC 1 has it: what `-----BEGIN EC PRIVATE KEY-----` holds."""
    curve = element(0xA0, CURVE)
    point = element(0xA1, element(0x03, b"\0\4" + key.public_key().point)) if with_point else b""
    return element(0x30, integer(1), element(0x04, number or key.number), curve, point)


def pkcs8(inner: bytes, algorithm: bytes = bytes.fromhex("06072a8648ce3d0201") + CURVE) -> bytes:
    """Return a private key as PKCS#8 has it: what `-----BEGIN PRIVATE KEY-----` holds."""
    return element(0x30, integer(0), element(0x30, algorithm), element(0x04, inner))


def bare(der: bytes) -> str:
    """Return a structure as platforms show it: base64, and nothing around it."""
    return base64.b64encode(der).decode()


SHORT = sm2.SM2PrivateKey(bytes(2) + STANDARD.number[2:])


def test_the_standards_public_key_is_worked_out() -> None:
    """The public key that belongs to the standard's private key is the standard's."""
    assert STANDARD.public_key().point == STANDARD_POINT


def test_the_standards_signature_is_verified() -> None:
    """The standard's signature over "message digest" is right, and over anything else wrong."""
    raw = element(0x30, integer(STANDARD_R), integer(STANDARD_S))
    signature = base64.b64encode(raw).decode()
    assert sm2.verify(b"message digest", signature, STANDARD.public_key())
    assert not sm2.verify(b"message digesT", signature, STANDARD.public_key())
    assert not sm2.verify(b"message digest", signature, OFFICIAL.public_key())


def test_the_standards_ciphertext_opens() -> None:
    """The standard's ciphertext opens to its text."""
    x, y, digest, sealed = STANDARD_SEALED
    octets = [element(0x04, bytes.fromhex(one)) for one in (digest, sealed)]
    raw = element(0x30, integer(x), integer(y), *octets)
    assert sm2.decrypt(base64.b64encode(raw), STANDARD) == "encryption standard"


def test_the_official_examples() -> None:
    """The signature and the ciphertext of the official Java module's tests are right."""
    assert sm2.verify(b"message", OFFICIAL_SIGNATURE, OFFICIAL.public_key())
    assert not sm2.verify(b"false-message", OFFICIAL_SIGNATURE, OFFICIAL.public_key())
    assert sm2.decrypt(OFFICIAL_SEALED, OFFICIAL) == "plaintext"
    with pytest.raises(DecryptionError, match="does not open"):
        sm2.decrypt(OFFICIAL_SEALED.replace("1", "2"), OFFICIAL)


@settings(max_examples=runs(5))
@given(st.binary(max_size=500))
def test_what_is_signed_is_verified(message: bytes) -> None:
    """A signature over any message is right for its key only."""
    signature = sm2.sign(message, STANDARD)
    assert sm2.verify(message, signature, STANDARD.public_key())
    assert not sm2.verify(message + b"\0", signature, STANDARD.public_key())
    assert not sm2.verify(message, signature, OFFICIAL.public_key())


@settings(max_examples=runs(10))
@given(st.data())
def test_no_mutation_of_a_signature_is_right(data: st.DataObject) -> None:
    """No signature that differs from the right one in its bytes is accepted, and none raises."""
    raw = bytearray(base64.b64decode(OFFICIAL_SIGNATURE))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    end = data.draw(st.sampled_from([len(raw), len(raw) // 2]))
    wrong = base64.b64encode(raw[:end]).decode()
    assert not sm2.verify(b"message", wrong, OFFICIAL.public_key())


@pytest.mark.parametrize("wrong", ["", "%", "AAAA", OFFICIAL_SIGNATURE[:-1], "支付", "MAA="])
def test_what_is_no_signature_is_wrong(wrong: str) -> None:
    """What is not base64, not DER or empty is a wrong signature, and not an error."""
    assert not sm2.verify(b"message", wrong, OFFICIAL.public_key())


@settings(max_examples=runs(5))
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=63))
def test_what_is_encrypted_opens(text: str) -> None:
    """Any text opens again with its key, and with no other."""
    sealed = sm2.encrypt(text, STANDARD.public_key())
    assert sm2.decrypt(sealed, STANDARD) == text
    with pytest.raises(DecryptionError):
        sm2.decrypt(sealed, OFFICIAL)


def test_lengths_that_cannot_be_encrypted() -> None:
    """1 to 255 bytes are encrypted; nothing at all and more are refused before GmSSL sees them."""
    assert sm2.decrypt(sm2.encrypt(b"x" * 255, STANDARD.public_key()), STANDARD) == "x" * 255
    for wrong in (b"", b"x" * 256):
        with pytest.raises(ValueError, match=f"{len(wrong)} bytes cannot be encrypted"):
            sm2.encrypt(wrong, STANDARD.public_key())


@pytest.mark.parametrize("wrong", ["", "%", "AAAA"])
def test_what_is_no_ciphertext_does_not_open(wrong: str) -> None:
    """What is not base64, or not a ciphertext, is a `DecryptionError`."""
    with pytest.raises(DecryptionError, match="does not open"):
        sm2.decrypt(wrong, STANDARD)


def test_what_opens_to_bytes_is_refused() -> None:
    """A ciphertext of what is not UTF-8 is refused: WeChat Pay encrypts text."""
    with pytest.raises(DecryptionError):
        sm2.decrypt(sm2.encrypt(b"\xff", STANDARD.public_key()), STANDARD)


PRIVATE_FORMS: dict[str, sm2.PrivateKeySource] = {
    "PKCS#8": pem("PRIVATE KEY", STANDARD.to_der()),
    "SEC 1": pem("EC PRIVATE KEY", sec1(STANDARD)),
    "SEC 1 without the public key": pem("EC PRIVATE KEY", sec1(STANDARD, with_point=False)),
    "with its parameters in front": pem("EC PARAMETERS", bytes.fromhex("06082a811ccf5501822d"))
    + pem("EC PRIVATE KEY", sec1(STANDARD)),
    "DER": STANDARD.to_der(),
    "base64 without BEGIN": bare(STANDARD.to_der()),
    "that, SEC 1 without the public key": bare(sec1(STANDARD, with_point=False)),
    "that, PKCS#8 with the number alone": bare(
        pkcs8(element(0x30, integer(1), element(0x04, STANDARD.number)))
    ),
    "SM2 as its algorithm": pkcs8(sec1(STANDARD), CURVE),
    "a zero before the number": sec1(STANDARD, number=b"\0" + STANDARD.number),
    "a key object": STANDARD,
}


@pytest.mark.parametrize("form", PRIVATE_FORMS)
def test_private_keys_in_every_form(form: str) -> None:
    """A private key loads from each form that it comes in, with its public key."""
    loaded = sm2.load_private_key(PRIVATE_FORMS[form])
    assert loaded.public_key() == STANDARD.public_key()
    assert sm2.verify(b"x", sm2.sign(b"x", loaded), STANDARD.public_key())


def test_a_number_is_as_long_as_it_is_written() -> None:
    """A number that begins with zeros is the same without them."""
    loaded = sm2.load_private_key(sec1(SHORT, number=SHORT.number[2:]))
    assert (loaded.number, loaded.public_key()) == (SHORT.number, SHORT.public_key())


@pytest.mark.parametrize(
    "text", ["MB" + "a" * 70, "MACHINES/wechatpay/keys-of-the-merchant/1900000109/of-2026/key"]
)
def test_a_long_name_is_not_a_key(text: str) -> None:
    """What begins as base64 of a structure, and is none, is a file's name."""
    with pytest.raises(ConfigurationError, match="nor a readable file"):
        load_private_key(text)


@pytest.mark.parametrize("text", [STANDARD.number.hex(), "04" + STANDARD_POINT.hex()])
def test_hexadecimal_is_called_what_it_is(text: str) -> None:
    """Numbers as other tools print them are named, and not shown."""
    with pytest.raises(ConfigurationError, match="private_key is hexadecimal") as caught:
        load_private_key(text)
    assert text not in str(caught.value)


def test_public_keys_in_every_form(tmp_path: Path) -> None:
    """A public key loads from SPKI, from a certificate, from a file and from an object."""
    key = STANDARD.public_key()
    certificate = certificate_of(key)
    path = tmp_path / "pub_key.pem"
    path.write_text(pem("PUBLIC KEY", key.to_der()))
    assert sm2.load_public(key) == (key, None)
    assert sm2.load_public_key(path) == key
    assert sm2.load_public_key(key.to_der()) == key
    assert sm2.load_public_key(load_der_x509_certificate(certificate)) == key
    loaded, found = sm2.load_public(pem("CERTIFICATE", certificate))
    assert loaded == key
    assert found is not None
    assert found.serial_number == 4711


def test_a_points_second_coordinate_may_be_left_to_the_reader() -> None:
    """A public key with its first coordinate alone is the one whose second is even, or odd."""
    x, y = STANDARD_POINT[:32], int.from_bytes(STANDARD_POINT[32:], "big")
    for one in (y, _P - y):
        key = sm2.SM2PublicKey(x + one.to_bytes(32, "big"))
        bits = element(0x03, b"\0", bytes([2 + one % 2]), x)
        der = element(0x30, element(0x30, bytes.fromhex("06072a8648ce3d0201") + CURVE), bits)
        assert sm2.load_public_key(der) == key


ONE = element(0x02, b"\1")
R, S = integer(STANDARD_R), integer(STANDARD_S)
WRONG: dict[str, bytes] = {
    "a zero too many": element(0x30, element(0x02, b"\0" + R[2:]), S),
    "a length too long": b"\x30\x81" + element(0x30, R, S)[1:],
    "no end": b"\x30\x80" + R + S + bytes(2),
    "bytes after it": element(0x30, R, S) + b"\0",
    "a third number": element(0x30, R, S, ONE),
    "negative": element(0x30, element(0x02, STANDARD_R.to_bytes(32, "big")), S),
    "r and s the other way round": element(0x30, S, R),
    "no DER": STANDARD_R.to_bytes(32, "big") + STANDARD_S.to_bytes(32, "big"),
    "r is 0": element(0x30, integer(0), S),
    "s is 0": element(0x30, R, integer(0)),
    "r is n": element(0x30, integer(_N), S),
    "s is n": element(0x30, R, integer(_N)),
    "r + n": element(0x30, integer(STANDARD_R + _N), S),
    "s + n": element(0x30, R, integer(STANDARD_S + _N)),
    "-s": element(0x30, R, integer(_N - STANDARD_S)),
    "r + s = n": element(0x30, integer(_N - STANDARD_S), S),
    "long numbers": element(0x30, integer(1 << 4096), integer(1 << 4096)),
}


def test_a_signature_has_one_form() -> None:
    """Numbers out of range, and DER that is not the shortest, are wrong signatures."""
    right = element(0x30, R, S)
    key = STANDARD.public_key()
    assert sm2.verify(b"message digest", bare(right), key)
    assert [
        name for name, raw in WRONG.items() if sm2.verify(b"message digest", bare(raw), key)
    ] == []


def test_what_another_identity_signed_is_wrong() -> None:
    """Who signs is part of what is signed: the standard's own example has another identity."""
    library: Any = importlib.import_module("gmssl_pyx")
    point = STANDARD_POINT
    raw: bytes = library.sm2_sign(STANDARD.number, point, b"x", b"ALICE123@YAHOO.COM")
    assert not sm2.verify(b"x", bare(raw), STANDARD.public_key())


def test_a_ciphertext_has_one_form() -> None:
    """Cut short anywhere, in another order, not of the curve or longer: it does not open."""
    x, y, *octets = STANDARD_SEALED
    digest, sealed = (element(0x04, bytes.fromhex(one)) for one in octets)
    right = element(0x30, integer(x), integer(y), digest, sealed)
    wrong = [right[:end] for end in range(len(right))]
    wrong += [
        element(0x30, integer(x), integer(y), sealed, digest),
        element(0x30, integer(x), integer(y ^ 1), digest, sealed),
        element(0x30, integer(x), integer(_P - y), digest, sealed),
        element(0x30, integer(x + _P), integer(y), digest, sealed),
        element(0x30, integer(0), integer(0), digest, sealed),
        element(0x30, integer(x), integer(y), digest, element(0x04)),
        element(0x30, integer(x), integer(y), digest, element(0x04, bytes(4000))),
        b"\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big") + bytes.fromhex("".join(octets)),
        right + b"\0",
    ]
    assert sm2.decrypt(bare(right), STANDARD) == "encryption standard"
    for raw in wrong:
        with pytest.raises(DecryptionError):
            sm2.decrypt(bare(raw), STANDARD)


def test_another_kind_of_key_is_named() -> None:
    """An RSA key is refused by what it is, and so is a private key where a public one goes."""
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = other.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = other.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(ConfigurationError, match="private_key is not an SM2 key: RSA"):
        sm2.load_private_key(private)
    with pytest.raises(ConfigurationError, match="certs is not an SM2 public key: RSA"):
        sm2.load_public_key(public)
    with pytest.raises(ConfigurationError, match="holds a private key"):
        sm2.load_public_key(STANDARD.to_der())
    with pytest.raises(ConfigurationError, match="holds a public key"):
        sm2.load_private_key(STANDARD.public_key().to_der())


def damaged_keys() -> dict[str, bytes]:
    """Return structures that say they hold an SM2 key and do not."""
    der, point = STANDARD.public_key().to_der(), STANDARD.public_key().point
    return {
        "off the curve": der.replace(point, point[:-1] + b"\0"),
        "of two forms": der.replace(b"\0\4" + point, b"\0\2" + point),
        "of no form": der.replace(b"\0\4" + point, b"\0\5" + point),
        "no number": element(0x30, sec1(STANDARD)[2:5], element(0x04), sec1(STANDARD)[39:51]),
    }


def test_damaged_keys_are_refused() -> None:
    """A point off the curve or not written as points are, or a number that is none, is damage."""
    forms = damaged_keys()
    for name in ("off the curve", "of two forms", "of no form"):
        with pytest.raises(ConfigurationError, match="damaged"):
            sm2.load_public_key(forms[name])
    with pytest.raises(ConfigurationError, match="damaged"):
        sm2.load_private_key(forms["no number"])


def test_a_key_that_is_not_its_own_public_keys_is_broken() -> None:
    """A private key filed with another's public key is refused before it signs anything."""
    mixed = sec1(STANDARD).replace(STANDARD_POINT, OFFICIAL.public_key().point)
    with pytest.raises(ConfigurationError, match="cannot verify its own signature"):
        sm2.load_private_key(mixed)


@pytest.mark.parametrize("number", [b"", bytes(32), b"\xff" * 32, b"\1" * 31])
def test_numbers_that_are_no_private_keys(number: bytes) -> None:
    """Zero, a number beyond the order, or one of another length is not a private key."""
    with pytest.raises(ValueError, match="not a private key"):
        sm2.SM2PrivateKey(number)


def test_keys_are_values_that_show_nothing() -> None:
    """Keys cannot be changed; public ones are equal, hashable and pickled; private ones are not."""
    public, private = STANDARD.public_key(), STANDARD
    assert public == pickle.loads(pickle.dumps(public)) == copy.copy(public)
    assert public != OFFICIAL.public_key()
    assert public != STANDARD_POINT
    assert len({public, sm2.SM2PublicKey(STANDARD_POINT)}) == 1
    for key in (public, private):
        with pytest.raises(AttributeError, match="does not change"):
            key.point = b""
        assert "3945" not in repr(key)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(private)


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without GmSSL every function that needs it says which extra brings it."""
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)
    sm2._library.cache_clear()
    with pytest.raises(ConfigurationError, match=r"wechatpay-openapi\[gm\]"):
        sm2.sign(b"x", STANDARD)
    sm2._library.cache_clear()
    monkeypatch.undo()
    assert sm2.sign(b"x", STANDARD)
