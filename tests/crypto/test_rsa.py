"""`wechatpay.crypto.rsa`: keys in every form, refusals that tell the way out, and signatures."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from gateway import certificate_pem, private_pem, public_pem, rsa_key
from hypothesis import given
from hypothesis import strategies as st

from wechatpay import ConfigurationError, DecryptionError
from wechatpay.crypto.rsa import (
    Padding,
    decrypt,
    encrypt,
    load_private_key,
    load_public,
    load_public_key,
    sign,
    verify,
)

KEY = rsa_key("merchant")
OTHER = rsa_key("platform")
SMALL = rsa.generate_private_key(65537, 1024)
CURVE = ec.generate_private_key(ec.SECP256R1())
EDWARDS = ed25519.Ed25519PrivateKey.generate()
CERTIFICATE = certificate_pem(KEY, 0xABC)


def pem(key: Any, form: PrivateFormat, password: bytes | None = None) -> bytes:
    """Write a private key."""
    how = BestAvailableEncryption(password) if password else NoEncryption()
    written: bytes = key.private_bytes(Encoding.PEM, form, how)
    return written


PKCS8 = pem(KEY, PrivateFormat.PKCS8)
PKCS1 = pem(KEY, PrivateFormat.TraditionalOpenSSL)
SPKI = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PKCS1_PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1)

PADDINGS: dict[Padding, padding.AsymmetricPadding] = {
    "oaep": padding.OAEP(padding.MGF1(SHA1()), SHA1(), None),
    "pkcs1": padding.PKCS1v15(),
}
each_padding = pytest.mark.parametrize("kind", PADDINGS)

FORMS: dict[str, Callable[[bytes, Path], object]] = {
    "bytes": lambda data, path: data,
    "text": lambda data, path: data.decode(),
    "surrounded": lambda data, path: "\n\n  " + data.decode() + " \r\n",
    "CRLF": lambda data, path: data.replace(b"\n", b"\r\n"),
    "escaped": lambda data, path: data.decode().replace("\n", "\\n"),
    "noted": lambda data, path: b"Bag Attributes\n    friendlyName: Tenpay\n" + data,
    "path": lambda data, path: str(path),
    "Path": lambda data, path: path,
    "URL": lambda data, path: path.as_uri(),
}
each_form = pytest.mark.parametrize("form", FORMS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where keys lie; its name has to be quoted in a URL."""
    folder = tmp_path / "钥 匙"
    folder.mkdir()
    return folder


def given_as(form: str, data: bytes, folder: Path) -> Any:
    """Give a key in a form."""
    path = folder / "apiclient_key.pem"
    path.write_bytes(data)
    return FORMS[form](data, path)


@each_form
@pytest.mark.parametrize("data", [PKCS8, PKCS1], ids=["PKCS#8", "PKCS#1"])
def test_a_private_key_may_come_in_any_form(form: str, data: bytes, folder: Path) -> None:
    """Text, bytes, a path or a URL: what is loaded is the same key."""
    assert load_private_key(given_as(form, data, folder)).private_numbers() == KEY.private_numbers()


@each_form
@pytest.mark.parametrize(
    "data",
    [SPKI, PKCS1_PUBLIC, CERTIFICATE.encode()],
    ids=["SPKI", "PKCS#1", "X.509"],
)
def test_a_public_key_may_come_in_any_form(form: str, data: bytes, folder: Path) -> None:
    """A public key, or a certificate, wherever it is."""
    key, certificate = load_public(given_as(form, data, folder))
    assert key == KEY.public_key()
    assert (certificate is not None) == (b"CERTIFICATE" in data)


def test_a_key_object_is_taken_as_it_is() -> None:
    """What `cryptography` loaded is not loaded again, and a certificate object is kept."""
    certificate = x509.load_pem_x509_certificate(CERTIFICATE.encode())
    assert load_private_key(KEY) is KEY
    assert load_public_key(public := KEY.public_key()) is public
    assert load_public(certificate) == (KEY.public_key(), certificate)


PRIVATE_REFUSALS: list[tuple[object, str]] = [
    (SPKI, "holds a public key; it must be the merchant's private key, apiclient_key.pem"),
    (PKCS1_PUBLIC, "holds a public key; it must be the merchant's private key"),
    (CERTIFICATE, "holds a certificate; it must be the merchant's private key"),
    (pem(KEY, PrivateFormat.PKCS8, b"word"), "is encrypted; pass it decrypted"),
    (pem(KEY, PrivateFormat.TraditionalOpenSSL, b"word"), "is encrypted; pass it decrypted"),
    (pem(CURVE, PrivateFormat.PKCS8), "is not an RSA key: EC"),
    (pem(CURVE, PrivateFormat.TraditionalOpenSSL), "is not an RSA key: EC"),
    (pem(EDWARDS, PrivateFormat.PKCS8), "is not an RSA key: Ed25519"),
    (pem(SMALL, PrivateFormat.PKCS8), "has 1024 bits; WeChat Pay's keys have 2048"),
    (SMALL, "has 1024 bits; WeChat Pay's keys have 2048"),
    (PKCS8[:900] + b"\n-----END PRIVATE KEY-----", "is cut short: 644 bytes are there of 1"),
    (PKCS8.replace(b"MII", b"MIJ"), "is cut short: 1"),
    (PKCS8[:900], "is cut short: its line '-----BEGIN …-----' has no line '-----END …-----'"),
    (PKCS8.decode().replace("M", "\ud800", 1), "is damaged: between BEGIN and END are char"),
    (b"", "private_key is empty"),
    (CURVE, "must be PEM text, a path or a key object, not ECPrivateKey"),
    (KEY.public_key(), "must be PEM text, a path or a key object, not RSAPublicKey"),
    (None, "must be PEM text, a path or a key object, not NoneType"),
    (1, "must be PEM text, a path or a key object, not int"),
    ("nowhere.pem", "nowhere.pem is neither PEM text nor a readable file (No such file"),
    (Path("nowhere/k.PEM"), "nowhere/k.PEM is neither PEM text nor a readable file (No such"),
    ("file:///nowhere/k.key", "k.key is neither PEM text nor a readable file (No such file"),
    ("/", "a string of 1 characters is neither PEM text nor a readable file (Is a directory)"),
    ("a\x00b", "a string of 3 characters is neither PEM text nor a readable file (that cannot be"),
    ("x" * 5000, "a string of 5000 characters is neither PEM text nor a readable file (File name"),
]


@pytest.mark.parametrize(("source", "message"), PRIVATE_REFUSALS)
def test_what_is_no_usable_private_key_is_refused(source: Any, message: str) -> None:
    """Whatever is wrong, the error says what it is and shows nothing of the key."""
    with pytest.raises(ConfigurationError) as caught:
        load_private_key(source)
    assert str(caught.value).startswith("private_key")
    assert message in str(caught.value)
    assert_shows_nothing(caught.value, source)


PUBLIC_REFUSALS: list[tuple[object, str]] = [
    (PKCS8, "holds a private key; WeChat Pay's public key or platform certificate goes here"),
    (PKCS1, "holds a private key; WeChat Pay's public key or platform certificate goes here"),
    (KEY, "is not an RSA public key: RSAPrivateKey"),
    (public_pem(CURVE), "is not an RSA public key: EC"),
    (CURVE.public_key(), "is not an RSA public key: ECPublicKey"),
    (certificate_pem(CURVE, 1), "is not an RSA public key: EC"),
    (SMALL.public_key(), "has 1024 bits; WeChat Pay's keys have 2048"),
    (certificate_pem(SMALL, 1), "has 1024 bits; WeChat Pay's keys have 2048"),
    (SPKI[:200] + b"\n-----END PUBLIC KEY-----", "is cut short: "),
    (CERTIFICATE[:200] + "\n-----END CERTIFICATE-----", "is cut short: "),
    (1, "is not an RSA public key: int"),
    (None, "is not an RSA public key: NoneType"),
    ("pub_key.pem", "pub_key.pem is neither PEM text nor a readable file (No such file"),
    (b"pub_key.pem", "is not PEM: no line '-----BEGIN …-----' in 11 bytes"),
]


@pytest.mark.parametrize(("source", "message"), PUBLIC_REFUSALS)
def test_what_is_no_usable_public_key_is_refused(source: Any, message: str) -> None:
    """The error names the entry, and a private key in the wrong place is not shown."""
    with pytest.raises(ConfigurationError) as caught:
        load_public_key(source, "certs['x']")
    assert str(caught.value).startswith("certs['x']")
    assert message in str(caught.value)
    assert_shows_nothing(caught.value, source)


def assert_shows_nothing(error: BaseException, source: object) -> None:
    """An error and whatever hangs on to it hold no line of a key."""
    shown = "".join(map(repr, (error, error.__cause__)))
    if not error.__suppress_context__:
        shown += repr(error.__context__)
    text = source.decode("latin-1") if isinstance(source, bytes) else str(source)
    assert not [line for line in text.splitlines() if len(line) > 30 and line in shown]


SECRETS = [
    "0123456789abcdef0123456789abcde-f",
    "0123456789abcdef0123456789abcdef",
    base64.b64encode(bytes(range(96))).decode(),
    "Z" + "".join(PKCS8.decode().splitlines()[1:-1]),
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("load", [load_private_key, load_public_key])
def test_a_secret_in_the_wrong_place_is_not_shown(
    load: Callable[[Any], object], secret: str
) -> None:
    """What may be an APIv3 key, or some other base64, is told by its length alone."""
    told = f"a string of {len(secret)} characters|as long as the APIv3 key"
    with pytest.raises(ConfigurationError, match=told) as caught:
        load(secret)
    assert secret not in repr(caught.value)


def of_numbers(**changes: int) -> bytes:
    """Write the merchant's key in PKCS#1 with some of its numbers changed."""
    own = KEY.private_numbers()
    numbers = {"version": 0, "n": own.public_numbers.n, "e": own.public_numbers.e}
    numbers |= {name: getattr(own, name) for name in ("d", "p", "q", "dmp1", "dmq1", "iqmp")}
    written = [
        der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))
        for number in (numbers | changes).values()
    ]
    text = base64.encodebytes(der(0x30, b"".join(written)))
    return b"-----BEGIN RSA PRIVATE KEY-----\n%b-----END RSA PRIVATE KEY-----\n" % text


def der(tag: int, content: bytes) -> bytes:
    """Write one element of ASN.1."""
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, *([size] if size < 128 else [0x80 | len(octets), *octets])]) + content


THEIRS = OTHER.private_numbers()
BREAKS = {
    "another key's modulus": {"n": THEIRS.public_numbers.n},
    "another key's primes": {"p": THEIRS.p, "q": THEIRS.q},
    "another key's p": {"p": THEIRS.p},
    "another key's exponent": {"d": THEIRS.d},
    "dmp1": {"dmp1": KEY.private_numbers().dmp1 + 2},
    "dmq1": {"dmq1": KEY.private_numbers().dmq1 + 2},
    "iqmp": {"iqmp": KEY.private_numbers().iqmp + 1},
    "public exponent": {"e": 3},
}


@pytest.mark.parametrize("changes", BREAKS.values(), ids=list(BREAKS))
def test_a_broken_key_is_found(changes: dict[str, int]) -> None:
    """A key whose numbers do not belong together is refused, though OpenSSL's check is skipped."""
    with pytest.raises(ConfigurationError, match="its numbers do not belong together"):
        load_private_key(of_numbers(**changes))


def test_the_key_of_its_own_numbers_is_whole() -> None:
    """What the tests above change is otherwise a good key."""
    assert load_private_key(of_numbers()).private_numbers() == KEY.private_numbers()


def test_a_key_of_no_primes_is_found() -> None:
    """Numbers that fit but are not of primes cannot verify their own signature."""
    own = KEY.private_numbers()
    p, q, e = own.p, 3 * THEIRS.q, own.public_numbers.e
    d = pow(e, -1, (p - 1) * (q - 1))
    broken = of_numbers(
        n=p * q, d=d, p=p, q=q, dmp1=d % (p - 1), dmq1=d % (q - 1), iqmp=pow(q, -1, p)
    )
    with pytest.raises(ConfigurationError, match="it cannot verify its own signature"):
        load_private_key(broken)


def test_a_key_object_that_does_not_work_is_found() -> None:
    """A key that raises, as that of a disconnected token, is broken: the error is of one kind."""
    key = mock.create_autospec(rsa.RSAPrivateKey, instance=True, key_size=2048)
    key.sign.side_effect = RuntimeError("token removed")
    with pytest.raises(ConfigurationError, match="it cannot verify its own signature"):
        load_private_key(key)


@given(st.binary())
def test_a_signature_is_sha256_rsa2048(message: bytes) -> None:
    """Plain cryptography verifies what `sign` makes, and `verify` what plain cryptography does."""
    raw = base64.b64decode(sign(message, KEY), validate=True)
    KEY.public_key().verify(raw, message, padding.PKCS1v15(), SHA256())
    theirs = base64.b64encode(KEY.sign(message, padding.PKCS1v15(), SHA256())).decode()
    assert verify(message, theirs, KEY.public_key())
    assert not verify(message + b"\0", theirs, KEY.public_key())
    assert not verify(message, theirs, OTHER.public_key())


@pytest.mark.parametrize("signature", ["", "=", "not base64!", "AAAA", "签名", "A" * 345, "\ud800"])
def test_what_is_no_signature_is_wrong(signature: str) -> None:
    """Bad base64 or a wrong length is a wrong signature, not another error."""
    assert verify(b"x", signature, KEY.public_key()) is False


@given(st.text() | st.text(st.sampled_from("ABCDabcd+/=")))
def test_no_text_raises(signature: str) -> None:
    """Whatever comes in a header, `verify` says yes or no."""
    assert verify(b"x", signature, KEY.public_key()) is False


def test_the_tools_write_what_the_forms_expect() -> None:
    """PKCS#8 and SPKI are what the shared tools write, too."""
    assert (private_pem(KEY), public_pem(KEY)) == (PKCS8.decode(), SPKI.decode())


@each_padding
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_a_field_is_encrypted_as_wechat_pay_decrypts_it(kind: Padding, text: str) -> None:
    """Plain cryptography opens what `encrypt` makes, and `decrypt` what plain cryptography does."""
    sealed = base64.b64decode(encrypt(text, KEY.public_key(), kind), validate=True)
    assert KEY.decrypt(sealed, PADDINGS[kind]).decode() == text
    theirs = KEY.public_key().encrypt(text.encode(), PADDINGS[kind])
    assert decrypt(base64.b64encode(theirs).decode(), KEY, kind) == text


def test_bytes_are_encrypted_as_they_are() -> None:
    """Text and its UTF-8 are the same; each ciphertext is new."""
    first, second = (encrypt(plain, KEY.public_key()) for plain in ("张三", "张三".encode()))
    assert first != second
    assert decrypt(first, KEY) == decrypt(second, KEY) == "张三"


@pytest.mark.parametrize(("kind", "most"), [("oaep", 214), ("pkcs1", 245)])
def test_a_field_has_a_longest_length(kind: Padding, most: int) -> None:
    """What the key takes is encrypted; one byte more is a ValueError that shows none of it."""
    assert decrypt(encrypt("x" * most, KEY.public_key(), kind), KEY, kind) == "x" * most
    with pytest.raises(ValueError, match=f"^{most + 1} bytes are too long to encrypt") as caught:
        encrypt("x" * (most + 1), KEY.public_key(), kind)
    assert "xx" not in str(caught.value)


@pytest.mark.parametrize(
    "ciphertext",
    [
        *("", "not base64!", "AAAA", "密文", b"\xff"),
        encrypt("张三", OTHER.public_key()),
        base64.b64encode(KEY.public_key().encrypt(b"\xff\xfe", PADDINGS["oaep"])).decode(),
    ],
)
def test_what_does_not_open_is_one_kind_of_error(ciphertext: str | bytes) -> None:
    """No base64, another key's, or no text inside: the error shows nothing of it."""
    with pytest.raises(DecryptionError, match="does not open") as caught:
        decrypt(ciphertext, KEY)
    assert caught.value.__suppress_context__
    assert str(ciphertext) == "" or str(ciphertext) not in str(caught.value)
