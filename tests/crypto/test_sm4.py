"""`wechatpay.crypto.sm4`: what is sealed opens, and nothing else does."""

import base64

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB, GCM
from cryptography.hazmat.primitives.hashes import SM3, Hash
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.crypto.sm4 import decrypt, encrypt, opening
from wechatpay.errors import ConfigurationError, DecryptionError

# The numbers of the official Java module's tests.
KEY = "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"
NONCE, DATA = "uluk4a9R25RW", "associatedData"
SEALED = "+lcLNfkZQQx+iQm20Apa3x9Mb/5L7PgZ7w=="

texts = st.text(st.characters(exclude_categories=["Cs"]))


def test_the_official_example_opens_and_is_made_again() -> None:
    """The ciphertext of the official Java module's test opens, and encrypting gives it again."""
    assert decrypt(SEALED, KEY, NONCE, DATA) == "plaintext"
    assert encrypt("plaintext", KEY, NONCE, DATA) == SEALED


def test_the_official_wrong_example_does_not_open() -> None:
    """The changed ciphertext of the official Java module's test is refused."""
    with pytest.raises(DecryptionError, match="does not open"):
        decrypt("+lcLNfkZQQx+iQm20Apa3x9Mb/5L7PgZ8w==", KEY, NONCE, DATA)


def test_the_standards_examples() -> None:
    """SM3 of "abc" (GM/T 0004) and SM4 of one block (GM/T 0002) are those of the standards."""
    digest = Hash(SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(SM4(block), ECB()).encryptor()
    assert encryptor.update(block).hex() == "681edf34d206965e86b3e94f536e4246"


@given(texts, st.binary(min_size=12, max_size=12), texts, st.sampled_from([KEY, KEY[:16]]))
def test_what_is_sealed_opens(text: str, nonce: bytes, data: str, key: str) -> None:
    """Any text opens again with its nonce and associated data, under either kind of key."""
    assert decrypt(encrypt(text, key, nonce, data), key, nonce, data) == text


@given(st.integers(0, 24 * 8 - 1))
def test_a_changed_bit_is_noticed(bit: int) -> None:
    """Whatever bit of a ciphertext or its tag is turned, it does not open."""
    sealed = bytearray(base64.b64decode(SEALED))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DecryptionError):
        decrypt(base64.b64encode(sealed), KEY, NONCE, DATA)


def test_missing_associated_data_is_none_or_empty() -> None:
    """No associated data may be left out, or given as an empty text or as `None`."""
    for sealed in (encrypt("x", KEY, NONCE), encrypt("x", KEY, NONCE, None)):
        assert decrypt(sealed, KEY, NONCE) == decrypt(sealed, KEY, NONCE, "") == "x"


@pytest.mark.parametrize("key", ["", "0" * 31, "0" * 33])
def test_a_key_of_another_length_is_refused(key: str) -> None:
    """A key that is neither an APIv3 key nor an SM4 key is named by its length."""
    with pytest.raises(ConfigurationError, match=f"not {len(key)}"):
        decrypt(SEALED, key, NONCE)
    with pytest.raises(ConfigurationError, match=f"not {len(key)}"):
        encrypt("x", key, NONCE)


def test_a_nonce_of_another_length_is_refused() -> None:
    """A nonce that is not 12 bytes is named by its length."""
    with pytest.raises(DecryptionError, match="12 bytes, not 11"):
        decrypt(SEALED, KEY, NONCE[:11])
    with pytest.raises(ValueError, match="12 bytes, not 11"):
        encrypt("x", KEY, NONCE[:11])


@pytest.mark.parametrize(("sealed", "reason"), [("AAAA", "3 bytes are too few"), ("%", "base64")])
def test_what_is_no_ciphertext_is_refused(sealed: str, reason: str) -> None:
    """What is too short, or is not base64, is refused and not quoted."""
    with pytest.raises(DecryptionError, match=reason):
        decrypt(sealed, KEY, NONCE)


@pytest.mark.parametrize("length", [12, 16])
def test_what_memory_does_not_hold_is_opened(length: int) -> None:
    """A bill opens piece by piece, with a nonce of either length that bills have."""
    key, nonce, text = bytes(range(16)), bytes(range(length)), b"a bill" * 100
    encryptor = Cipher(SM4(key), GCM(nonce)).encryptor()
    sealed = encryptor.update(text) + encryptor.finalize()
    opener = opening(key, nonce, encryptor.tag)
    assert opener.update(sealed[:99]) + opener.update(sealed[99:]) + opener.finalize() == text


@pytest.mark.parametrize("length", [11, 13, 17])
def test_a_bill_s_nonce_of_another_length_is_refused(length: int) -> None:
    """It is named by its length."""
    with pytest.raises(DecryptionError, match=f"or 16 for a bill, not {length}"):
        opening(bytes(16), bytes(length), bytes(16))
