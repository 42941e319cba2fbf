"""`wechatpay.crypto.aes`: what is sealed opens, and nothing else does."""

import base64
import contextlib
import gzip
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from hypothesis import given, settings
from hypothesis import strategies as st
from soak import runs

from wechatpay.crypto.aes import decrypt, ecb_decrypt, ecb_encrypt, encrypt, opening, unbase64
from wechatpay.errors import ConfigurationError, DecryptionError

KEY = "0123456789abcdef0123456789ABCDEF"
NONCE = "fdasflkja484"
SECRET = "192006250b4c09247ec02edce69f6a2d"
PLAIN = '{"mchid": "1900000109", "描述": "支付成功"}'

texts = st.text(st.characters(exclude_categories=["Cs"]))


def seal(plaintext: bytes, associated_data: bytes | None = b"transaction") -> str:
    """Encrypt as WeChat Pay does, with nothing of ours."""
    sealed = AESGCM(KEY.encode()).encrypt(NONCE.encode(), plaintext, associated_data)
    return base64.b64encode(sealed).decode()


def ecb_by_hand(padded: bytes) -> str:
    """Encrypt whole blocks under the MD5 of the APIv2 key, with nothing of ours."""
    aes = AES(hashlib.md5(SECRET.encode()).hexdigest().encode())
    encryptor = Cipher(aes, ECB()).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def assert_shows_nothing(error: BaseException) -> None:
    """An error and whatever hangs on to it hold no key, plaintext or ciphertext."""
    shown = repr(error) + repr(error.__context__) + repr(error.__cause__)
    for secret in (KEY, SECRET, PLAIN, "1900000109", seal(PLAIN.encode())):
        assert secret not in shown


# AES-256-GCM


def test_a_resource_is_decrypted() -> None:
    """A notification's ciphertext gives its text, its parts being text or bytes."""
    assert decrypt(seal(PLAIN.encode()), KEY, NONCE, "transaction") == PLAIN
    sealed = seal(PLAIN.encode()).encode()
    assert decrypt(sealed, KEY.encode(), NONCE.encode(), b"transaction") == PLAIN


@pytest.mark.parametrize("absent", ["", b"", None])
def test_associated_data_may_be_absent(absent: str | bytes | None) -> None:
    """Empty, missing and null associated data are all the same."""
    assert decrypt(seal(PLAIN.encode(), None), KEY, NONCE, absent) == PLAIN
    assert decrypt(seal(PLAIN.encode(), b""), KEY, NONCE) == PLAIN
    assert encrypt(PLAIN, KEY, NONCE, absent) == encrypt(PLAIN, KEY, NONCE)


@given(texts, st.binary(min_size=32, max_size=32), st.binary(min_size=12, max_size=12), texts)
def test_what_is_encrypted_is_decrypted(
    plaintext: str, key: bytes, nonce: bytes, associated_data: str
) -> None:
    """Any text comes back, and another implementation reads it too."""
    sealed = encrypt(plaintext, key, nonce, associated_data)
    assert decrypt(sealed, key, nonce, associated_data) == plaintext
    opened = AESGCM(key).decrypt(nonce, base64.b64decode(sealed), associated_data.encode())
    assert opened == plaintext.encode()


@given(st.data())
def test_a_changed_byte_is_never_accepted(data: st.DataObject) -> None:
    """Ciphertext, tag, nonce, key and associated data: each must be as it was, to the bit."""
    parts = [base64.b64decode(seal(PLAIN.encode())), KEY.encode(), NONCE.encode(), b"transaction"]
    which = data.draw(st.integers(0, 3))
    changed = bytearray(parts[which])
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    parts[which] = bytes(changed)
    sealed, key, nonce, associated_data = parts
    with pytest.raises(DecryptionError, match="APIv3 key"):
        decrypt(base64.b64encode(sealed), key, nonce, associated_data)


def test_a_failure_says_what_to_check() -> None:
    """The error names the likely mistakes and shows nothing secret."""
    with pytest.raises(
        DecryptionError, match=r"not the APIv2 key.*nonce.*associated_data"
    ) as caught:
        decrypt(seal(PLAIN.encode()), KEY.swapcase(), NONCE, "transaction")
    assert_shows_nothing(caught.value)


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "0", "密" * 32, "\ud800" * 32, b"x" * 16])
@pytest.mark.parametrize("act", [encrypt, decrypt])
def test_a_key_of_another_length_is_refused(act: Callable[..., str], key: str | bytes) -> None:
    """An APIv3 key has 32 bytes; the error tells the length it has, and no more."""
    size = len(key.encode("utf-8", "surrogatepass") if isinstance(key, str) else key)
    with pytest.raises(ConfigurationError) as caught:
        act(seal(PLAIN.encode()), key, NONCE)
    assert str(caught.value) == f"the APIv3 key must be 32 bytes, not {size}"
    assert caught.value.__context__ is None


@pytest.mark.parametrize("nonce", ["", NONCE[:-1], NONCE + "0", "\ud800"])
def test_a_nonce_of_another_length_is_refused(nonce: str) -> None:
    """WeChat Pay's nonces have 12 bytes, and no other is tried or used."""
    with pytest.raises(DecryptionError, match="nonce must be 12 bytes"):
        decrypt(seal(PLAIN.encode()), KEY, nonce)
    with pytest.raises(ValueError, match="nonce must be 12 bytes"):
        encrypt(PLAIN, KEY, nonce)


BILL_KEY, BILL_NONCE = b"k" * 31 + b"\xff", b"a8607ef79034c49c"


def test_a_bill_is_bytes_under_a_longer_nonce() -> None:
    """Bytes that are not base64 are the ciphertext itself, and bytes come back."""
    packed = gzip.compress("记账时间\r\n".encode())
    sealed = AESGCM(BILL_KEY).encrypt(BILL_NONCE, packed, b"")
    assert decrypt(sealed, BILL_KEY, BILL_NONCE.decode()) == packed
    assert decrypt(sealed, BILL_KEY, BILL_NONCE, None) == packed
    text = encrypt(PLAIN, BILL_KEY, BILL_NONCE)
    assert decrypt(text, BILL_KEY, BILL_NONCE) == PLAIN
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(DecryptionError, match="does not open"):
        decrypt(changed, BILL_KEY, BILL_NONCE)


@given(st.binary(max_size=300), st.integers(1, 64))
def test_a_bill_is_opened_piece_by_piece(plain: bytes, step: int) -> None:
    """What memory does not hold opens to the same, and only the end proves it."""
    sealed = AESGCM(BILL_KEY).encrypt(BILL_NONCE, plain, b"")
    sealed, tag = sealed[:-16], sealed[-16:]
    opener = opening(BILL_KEY, BILL_NONCE, tag)
    found = [opener.update(sealed[at : at + step]) for at in range(0, len(sealed), step)]
    assert b"".join([*found, opener.finalize()]) == plain
    wrong = opening(BILL_KEY, BILL_NONCE, bytes([tag[0] ^ 1]) + tag[1:])
    wrong.update(sealed)
    with pytest.raises(InvalidTag):
        wrong.finalize()


def test_what_cannot_open_a_bill_is_told_by_its_length() -> None:
    """The error shows neither the key nor the nonce."""
    with pytest.raises(DecryptionError, match=r"^the key must be 32 bytes, not 16$"):
        opening(b"k" * 16, BILL_NONCE, bytes(16))
    with pytest.raises(DecryptionError, match=r"^the nonce must be 12 bytes, or 16 for a bill, no"):
        opening(BILL_KEY, b"short", bytes(16))


GOOD = seal(PLAIN.encode())


@pytest.mark.parametrize(
    "spoilt",
    [
        GOOD[:-1],
        GOOD[:-2],
        GOOD + "=",
        GOOD + "\n",
        " " + GOOD,
        GOOD[:8] + "\r\n" + GOOD[8:],
        GOOD[:8] + "-_" + GOOD[10:],
        GOOD[:8] + "密" + GOOD[9:],
        GOOD[:8] + "\ud800" + GOOD[9:],
        "QR==",  # decodes to one byte, for which encoders write QQ==
        "QQ==QQ==",
        "=",
        "\0",
    ],
)
def test_base64_has_one_spelling(spoilt: str) -> None:
    """What an encoder would not have written is not decoded."""
    with pytest.raises(DecryptionError, match="is not base64") as caught:
        decrypt(spoilt, KEY, NONCE, "transaction")
    assert_shows_nothing(caught.value)
    with pytest.raises(DecryptionError, match="is not base64"):
        ecb_decrypt(spoilt, SECRET)


@pytest.mark.parametrize("size", [0, 1, 15])
def test_a_ciphertext_without_a_tag_is_refused(size: int) -> None:
    """Anything shorter than a tag cannot have one."""
    with pytest.raises(DecryptionError, match=f"{size} bytes are too few"):
        decrypt(base64.b64encode(b"x" * size), KEY, NONCE)


def test_a_plaintext_that_is_not_text_is_refused() -> None:
    """WeChat Pay encrypts UTF-8; anything else was encrypted by someone else."""
    with pytest.raises(DecryptionError, match="does not open") as caught:
        decrypt(seal(b"1900000109\xff"), KEY, NONCE, "transaction")
    assert_shows_nothing(caught.value)


@given(st.binary() | st.text(), st.binary() | st.text(), st.none() | st.binary() | st.text())
def test_anything_is_one_error(ciphertext: Any, nonce: Any, associated_data: Any) -> None:
    """Whatever a stranger sends, it does not open, and says so in one way."""
    with pytest.raises(DecryptionError):
        decrypt(ciphertext, KEY, nonce, associated_data)
    with pytest.raises(DecryptionError):
        ecb_decrypt(ciphertext, SECRET)


# AES-256-ECB


def test_req_info_is_decrypted() -> None:
    """A refund notice's ciphertext opens with the lower-case MD5 of the APIv2 key."""
    plain = b"<root><refund_id>1</refund_id></root>"
    padding = 16 - len(plain) % 16
    sealed = ecb_by_hand(plain + bytes([padding]) * padding)
    assert ecb_decrypt(sealed, SECRET) == ecb_decrypt(sealed.encode(), SECRET) == plain.decode()
    assert ecb_encrypt(plain, SECRET) == ecb_encrypt(plain.decode(), SECRET) == sealed


@given(texts, texts.filter(bool))
def test_what_is_encrypted_for_v2_is_decrypted(plaintext: str, secret: str) -> None:
    """Any text comes back, whole blocks included."""
    assert ecb_decrypt(ecb_encrypt(plaintext, secret), secret) == plaintext


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        base64.b64encode(b"x" * 17).decode(),
        ecb_by_hand(b"1900000109" + b"\x07" * 6),
        ecb_by_hand(b"1900000109" + b"\x00" * 6),
        ecb_by_hand(b"1900000109\xff" + b"\x05" * 5),
    ],
    ids=["empty", "half a block", "wrong padding", "no padding", "not text"],
)
def test_a_req_info_that_does_not_open_says_what_to_check(sealed: str) -> None:
    """Part of a block, wrong padding and what is not UTF-8 are one error, which shows nothing."""
    with pytest.raises(DecryptionError, match="APIv2 key is the merchant's current one") as caught:
        ecb_decrypt(sealed, SECRET)
    assert_shows_nothing(caught.value)


def test_another_key_does_not_open_req_info() -> None:
    """The MD5 itself is not the key to pass, and the error says which is."""
    with pytest.raises(DecryptionError, match="not the APIv3 key"):
        ecb_decrypt(ecb_encrypt(PLAIN, SECRET), hashlib.md5(SECRET.encode()).hexdigest())


def test_an_empty_v2_key_is_refused() -> None:
    """An empty key is a mistake in the configuration, not one of the ciphertext."""
    with pytest.raises(ConfigurationError, match="APIv2 key is empty"):
        ecb_decrypt(ecb_encrypt(PLAIN, SECRET), "")
    with pytest.raises(ConfigurationError, match="APIv2 key is empty"):
        ecb_encrypt(PLAIN, "")


_SPELLINGS = st.text("ABQRg+/=\n -_", max_size=12) | st.binary(max_size=30).map(
    lambda data: base64.b64encode(data).decode()
)


@given(_SPELLINGS | st.tuples(_SPELLINGS, _SPELLINGS).map("".join))
@settings(max_examples=runs(100))
def test_only_what_an_encoder_writes_is_decoded(text: str) -> None:
    """A text is decoded if, and only if, encoding the result gives that text again."""
    try:
        decoded = unbase64(text)
    except DecryptionError:
        decoded = None
    lenient = None
    with contextlib.suppress(ValueError):
        lenient = base64.b64decode(text)
    canonical = lenient is not None and base64.b64encode(lenient).decode() == text
    assert decoded == (lenient if canonical else None)


def test_threads_may_decrypt_at_once() -> None:
    """What was prepared for a key serves every thread, and other keys beside it."""
    keys = [f"{at}".rjust(32, "k") for at in range(3)]
    texts = [f"{at}" * 2000 for at in range(3)]
    sealed = [encrypt(text, key, NONCE) for text, key in zip(texts, keys, strict=True)]

    def opened(at: int) -> bool:
        return decrypt(sealed[at % 3], keys[at % 3], NONCE) == texts[at % 3]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(opened, range(1500)))
