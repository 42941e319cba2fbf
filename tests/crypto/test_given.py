"""Keys in the forms that downloads, environments, panels and other SDKs leave them in."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from gateway import certificate_pem, private_pem, public_pem, rsa_key
from hypothesis import given
from hypothesis import strategies as st

from wechatpay import ConfigurationError
from wechatpay.crypto import _given, load_certificate
from wechatpay.crypto._der import EC, RSA, SM2, declared_length, shape_of
from wechatpay.crypto.rsa import load_private_key, load_public, load_public_key

KEY = rsa_key("merchant")
CURVE = ec.generate_private_key(ec.SECP256R1())
PKCS8, PKCS1 = (
    KEY.private_bytes(Encoding.DER, form, NoEncryption())
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL)
)
SPKI, PKCS1_PUBLIC = (
    KEY.public_key().public_bytes(Encoding.DER, form)
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)
)
CERTIFICATE = x509.load_pem_x509_certificate(certificate_pem(KEY, 0xABC).encode())
X509 = CERTIFICATE.public_bytes(Encoding.DER)
REQUEST = (
    x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(KEY, SHA256())
).public_bytes(Encoding.DER)
PKCS12 = serialize_key_and_certificates(
    b"x", KEY, CERTIFICATE, None, BestAvailableEncryption(b"1900000109")
)
EMPTY_PKCS12 = serialize_key_and_certificates(
    b"x", None, CERTIFICATE, None, BestAvailableEncryption(b"1900000109")
)
PKCS7 = serialize_certificates([CERTIFICATE], Encoding.DER)


def pem(der: bytes, label: str) -> str:
    """Write PEM."""
    text = base64.encodebytes(der).decode().replace("\n", "")
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def bare(der: bytes) -> str:
    """Write base64 as other SDKs' examples show it: without BEGIN, END and line ends."""
    return base64.b64encode(der).decode()


FORMS: dict[str, Callable[[bytes, str], str | bytes]] = {
    "base64 without BEGIN": lambda der, _: bare(der),
    "the same in lines": lambda der, _: base64.encodebytes(der).decode(),
    "the same in lines of Windows": lambda der, _: base64.encodebytes(der).replace(b"\n", b"\r\n"),
    "the same with escapes": lambda der, _: base64.encodebytes(der).decode().replace("\n", "\\n"),
    "the same without its padding": lambda der, _: bare(der).rstrip("="),
    "base64 of the PEM file": lambda der, label: bare(pem(der, label).encode()),
    "CRLF": lambda der, label: pem(der, label).replace("\n", "\r\n"),
    "escaped": lambda der, label: pem(der, label).replace("\n", "\\n"),
    "escaped CRLF": lambda der, label: pem(der, label).replace("\n", "\\r\\n"),
    "escaped twice": lambda der, label: pem(der, label).replace("\n", "\\\\n"),
    "escaped CRLF, twice": lambda der, label: pem(der, label).replace("\n", "\\\\r\\\\n"),
    "escaped twice, undone once": lambda der, label: pem(der, label).replace("\n", "\\\n"),
    "escaped in a file": lambda der, label: pem(der, label).replace("\n", "\\n").encode(),
    "blanks for line ends": lambda der, label: pem(der, label).replace("\n", " "),
    "no line ends": lambda der, label: pem(der, label).replace("\n", ""),
    "indented": lambda der, label: pem(der, label).replace("\n", "\n    "),
    "blank lines": lambda der, label: pem(der, label).replace("\n", "\n\n"),
    "in quotes": lambda der, label: f'"{pem(der, label)}"',
    "other dashes": lambda der, label: pem(der, label).replace("-----", "—————"),
    "a byte order mark": lambda der, label: b"\xef\xbb\xbf" + pem(der, label).encode(),
    "a mark no one sees": lambda der, label: pem(der, label).replace("\n", "\u200b\n", 3),
    "UTF-16": lambda der, label: pem(der, label).encode("utf-16"),
    "a note in GBK": lambda der, label: "备注\n".encode("gbk") + pem(der, label).encode(),
    "another label": lambda der, label: pem(der, "RSA PUBLIC KEY" if "PRIV" in label else "X"),
    "DER": lambda der, _: der,
    "DER and a line end": lambda der, _: der + b"\n",
}
each_form = pytest.mark.parametrize("form", FORMS)
each_place = pytest.mark.parametrize("place", ["given", "in a file"])


def placed(form: str, der: bytes, label: str, place: str, folder: Path) -> Any:
    """Give a key in a form, as it is or in a file."""
    made = FORMS[form](der, label)
    if place == "given":
        return made
    path = folder / "key.pem"
    path.write_bytes(made if isinstance(made, bytes) else made.encode())
    return path


@each_place
@each_form
@pytest.mark.parametrize(
    ("der", "label"), [(PKCS8, "PRIVATE KEY"), (PKCS1, "RSA PRIVATE KEY")], ids=["PKCS#8", "PKCS#1"]
)
def test_a_private_key_is_found_in_every_form(
    form: str, place: str, der: bytes, label: str, tmp_path: Path
) -> None:
    """What a panel, a file or another SDK made of it: it is the same key."""
    source = placed(form, der, label, place, tmp_path)
    assert load_private_key(source).private_numbers() == KEY.private_numbers()


@each_place
@each_form
@pytest.mark.parametrize(
    ("der", "label"),
    [(SPKI, "PUBLIC KEY"), (PKCS1_PUBLIC, "RSA PUBLIC KEY"), (X509, "CERTIFICATE")],
    ids=["SPKI", "PKCS#1", "X.509"],
)
def test_a_public_key_is_found_in_every_form(
    form: str, place: str, der: bytes, label: str, tmp_path: Path
) -> None:
    """What a panel, a file or another SDK made of it: it is the same key or certificate."""
    key, certificate = load_public(placed(form, der, label, place, tmp_path))
    assert key == KEY.public_key()
    assert (certificate is not None) == (der is X509)


WRONG_LABELS = [
    (PKCS8, "RSA PRIVATE KEY"),
    (PKCS1, "PRIVATE KEY"),
    (PKCS8, "CERTIFICATE"),
    (SPKI, "RSA PUBLIC KEY"),
    (PKCS1_PUBLIC, "PUBLIC KEY"),
    (SPKI, "CERTIFICATE"),
    (X509, "PUBLIC KEY"),
    (X509, "PRIVATE KEY"),
]


@pytest.mark.parametrize(("der", "label"), WRONG_LABELS)
def test_a_wrong_label_does_no_harm(der: bytes, label: str) -> None:
    """What counts is what stands below the label."""
    if der in (PKCS8, PKCS1):
        assert load_private_key(pem(der, label)).private_numbers() == KEY.private_numbers()
    else:
        assert load_public_key(pem(der, label)) == KEY.public_key()


@pytest.mark.parametrize("load", [load_private_key, load_public_key])
def test_other_spellings_of_a_key_are_the_key(load: Callable[[Any], object]) -> None:
    """Base64 of the kind for URLs, and a label in small letters, say what the usual ones say."""
    der = PKCS8 if load is load_private_key else SPKI
    label = "private key" if load is load_private_key else "public key"
    text = base64.encodebytes(der).decode()
    load(base64.urlsafe_b64encode(der).decode())
    load(f"-----begin {label}-----\n{text}-----end {label}-----\n")


VALUES = {
    "": "certs is empty",
    " \n": "certs is empty",
    "3775B6A45ACD588826D15E583A95F5DD00000000": "was it meant for serial?",
    "PUB_KEY_ID_0114232134912410000000000000": "the id of WeChat Pay's public key",
    "0123456789abcdef0123456789abcdeF": "was it meant for apiv3_key?",
    PKCS8.hex(): "certs is hexadecimal",
    "ssh-rsa AAAAB3Nza": "certs is a key of OpenSSH's",
    "<RSAKeyValue><Modulus>": "certs is HTML or XML",
    "\ud800": "certs: a string of 1 characters is neither PEM text nor a readable file",
}


@pytest.mark.parametrize(("source", "message"), VALUES.items(), ids=range(len(VALUES)))
def test_another_value_in_a_key_s_place_is_called_what_it_is(source: str, message: str) -> None:
    """A text that is neither key nor file is told by its form, and not shown."""
    with pytest.raises(ConfigurationError) as caught:
        load_private_key(source, "certs")
    assert message in str(caught.value)
    assert len(source) < 9 or source not in str(caught.value)


@pytest.mark.parametrize("around", ["{} ", "{}\n", " {}\r\n", '"{}"', "'{}'\n", "\t{}"])
@pytest.mark.parametrize("load", [load_private_key, load_public_key])
def test_blanks_and_quotes_round_a_path_do_no_harm(
    load: Callable[[Any], object], around: str, tmp_path: Path
) -> None:
    """Settings files and `echo` leave them there."""
    path = tmp_path / "key.pem"
    path.write_text(private_pem(KEY) if load is load_private_key else public_pem(KEY))
    load(around.format(path))
    load(around.format(path.as_uri()))


def test_a_path_that_does_end_with_a_blank_is_left_alone(tmp_path: Path) -> None:
    """A file is looked for under the name as it was given, first."""
    path = tmp_path / "key.pem "
    path.write_text(private_pem(KEY))
    assert load_private_key(str(path)).private_numbers() == KEY.private_numbers()


@pytest.mark.parametrize("password", ["1900000109", b"1900000109"])
def test_a_pkcs12_file_gives_its_key(password: str | bytes, tmp_path: Path) -> None:
    """`apiclient_cert.p12` has the merchant's key in it, under the merchant number."""
    path = tmp_path / "apiclient_cert.p12"
    path.write_bytes(PKCS12)
    for source in (path, str(path), PKCS12, bare(PKCS12)):
        key = load_private_key(source, password=password)
        assert key.private_numbers() == KEY.private_numbers()


def test_a_pkcs12_file_may_have_another_kind_of_key() -> None:
    """Its algorithm is told as any other's."""
    data = serialize_key_and_certificates(b"x", CURVE, None, None, BestAvailableEncryption(b"1"))
    with pytest.raises(ConfigurationError, match="is not an RSA key: ECPrivateKey"):
        load_private_key(data, password="1")


@pytest.mark.parametrize(
    ("data", "password"), [(PKCS12, "wrong"), (PKCS12, None), (EMPTY_PKCS12, "1900000109")]
)
def test_a_pkcs12_file_that_gives_no_key_is_called_by_its_name(
    data: bytes, password: str | None
) -> None:
    """The message says what it is, and which file to pass."""
    with pytest.raises(ConfigurationError, match=r"is a PKCS#12 file .* pass apiclient_key\.pem"):
        load_private_key(data, password=password)


def test_without_line_ends_base64_is_told_by_its_whole_length() -> None:
    """A text that ends in the middle is not a path: it is cut short, and by how much is told."""
    with pytest.raises(ConfigurationError, match=r"is cut short: \d+ bytes are there of 1\d+"):
        load_private_key(bare(PKCS8)[:601])


def zipped() -> bytes:
    """The merchant platform's download, as it comes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("apiclient_key.pem", private_pem(KEY))
    return file.getvalue()


OPENSSH = KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
LOOKS: dict[str, tuple[Any, str]] = {
    "nothing": (b" \n", "certs is empty"),
    "an empty block": ("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "certs is empty"),
    "zip": (zipped(), "certs is a zip archive: unpack it"),
    "OpenSSH": (OPENSSH, "certs is a key of OpenSSH's"),
    "ssh-rsa": (b"ssh-rsa AAAAB3Nza", "certs is a key of OpenSSH's"),
    "PuTTY": (b"PuTTY-User-Key-File-3: ssh-rsa", "certs is a key of PuTTY's"),
    "Java": (b"\xfe\xed\xfe\xed\0\0\0\2", "certs is a Java keystore"),
    "page": (b"<!DOCTYPE html><title>login</title>", "certs is HTML or XML"),
    "JSON": (b'{"private_key": "x"}', "certs is JSON"),
    "request": (pem(REQUEST, "CERTIFICATE REQUEST"), "certs holds a certificate request"),
    "PKCS#7": (PKCS7, "certs holds a PKCS#7 file"),
    "another structure": (
        pem(b"\x30\x81\x80" + b"\x04\x7e" + bytes(126), "X"),
        "holds no key: 131",
    ),
    "no structure": (pem(bytes(99), "PRIVATE KEY"), "certs is not PEM"),
    "parameters": (pem(bytes(9), "EC PARAMETERS"), "certs is not PEM"),
    "an APIv3 key": (b"0123456789abcdef0123456789abcdef", "certs is not PEM"),
    "more behind": (SPKI + b"more", "certs is damaged: 4 bytes follow its 294"),
    "changed": (SPKI[:24] + b"\x31" + SPKI[25:], "certs is damaged: 294 bytes that are built as"),
}


@pytest.mark.parametrize(("source", "message"), LOOKS.values(), ids=list(LOOKS))
@pytest.mark.parametrize("load", [load_private_key, load_public_key])
def test_what_holds_no_key_is_called_what_it_is(
    load: Callable[..., object], source: Any, message: str
) -> None:
    """The message comes from a look at what was given."""
    with pytest.raises(ConfigurationError) as caught:
        load(source, "certs")
    if not (load is load_private_key and message.startswith("certs is damaged: 294")):
        assert message in str(caught.value)
    assert "Error" not in str(caught.value)


def test_a_file_without_an_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    """No key is as long as a megabyte."""
    path = tmp_path / "key.pem"
    path.write_bytes(b"x" * (1024 * 1024 + 1))
    with pytest.raises(ConfigurationError, match="too long to be a key's"):
        load_private_key(path)


def test_a_certificate_below_a_public_key_is_not_looked_at() -> None:
    """Of several things the first that fits is taken; a private key among them is refused."""
    both = public_pem(KEY) + certificate_pem(rsa_key("platform"), 1)
    assert load_public(both) == (KEY.public_key(), None)
    whole = certificate_pem(KEY, 1) + private_pem(KEY)
    assert load_private_key(whole).private_numbers() == KEY.private_numbers()
    with pytest.raises(ConfigurationError, match="holds a private key"):
        load_public(whole)


def test_the_structure_of_a_damaged_key_is_no_reason_to_take_it() -> None:
    """A structure that is built like a key may be none."""
    broken = bytearray(PKCS8)
    broken[30:34] = b"\x02\x01\x01\x04"
    with pytest.raises(ConfigurationError, match="built as a private key and are not one"):
        load_private_key(bytes(broken))


CURVES = [
    ("EC", ec.generate_private_key(ec.SECP256R1())),
    ("Ed25519", ed25519.Ed25519PrivateKey.generate()),
    ("DSA", dsa.generate_private_key(1024)),
]


@pytest.mark.parametrize(("algorithm", "key"), CURVES, ids=[name for name, _ in CURVES])
def test_another_kind_of_key_is_told_by_its_algorithm(algorithm: str, key: Any) -> None:
    """Not by its label, and not by what a library makes of it."""
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(ConfigurationError, match=f"is not an RSA key: {algorithm}$"):
        load_private_key(pem(private, "RSA PRIVATE KEY"))
    with pytest.raises(ConfigurationError, match=f"is not an RSA public key: {algorithm}$"):
        load_public_key(pem(public, "RSA PUBLIC KEY"))


def test_a_key_of_sm2_is_told_from_others_on_a_curve() -> None:
    """The algorithm's parameter names the curve; what nothing here knows keeps its identifier."""
    head = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
    (item,) = _given.read(pem(head + bytes(64), "PUBLIC KEY"), "certs")
    assert (item.shape.kind, item.shape.algorithm, item.shape.curve) == ("public key", EC, SM2)
    assert item.shape.name == "SM2"
    assert item.shape._replace(algorithm="1.2.3", curve="").name == "1.2.3"
    assert item.shape._replace(algorithm="", curve="").name == "unknown"


SEC1 = CURVE.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
WORD = BestAvailableEncryption(b"word")
SHAPES = [
    (PKCS8, "private key", RSA),
    (PKCS1, "private key", RSA),
    (SEC1, "private key", EC),
    (SPKI, "public key", RSA),
    (PKCS1_PUBLIC, "public key", RSA),
    (X509, "certificate", RSA),
    (REQUEST, "certificate request", RSA),
    (PKCS12, "PKCS#12 file", ""),
    (b"\x30\x80\x02\x01\x03\x30\x80", "PKCS#12 file", ""),
    (PKCS7, "PKCS#7 file", ""),
    (KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, WORD), "encrypted private key", ""),
]


@pytest.mark.parametrize(("der", "kind", "algorithm"), SHAPES, ids=[one[1] for one in SHAPES])
def test_a_structure_is_told_by_how_it_is_built(der: bytes, kind: str, algorithm: str) -> None:
    """Each has its own order of parts, and says how long it is."""
    shape = shape_of(der)
    assert shape is not None
    assert (shape.kind, shape.algorithm) == (kind, algorithm)
    assert declared_length(der) == len(der)


@given(st.binary() | st.binary().map(lambda rest: b"\x30\x82\x00\x20" + rest))
def test_any_bytes_are_a_key_or_an_error_that_is_documented(data: bytes) -> None:
    """Whatever is given, nothing but a ConfigurationError leaves; and nothing is shown."""
    for load in (load_private_key, load_public_key):
        with pytest.raises(ConfigurationError):
            load(data)
    assert shape_of(data) is None or declared_length(data) is not None


@given(st.integers(0, len(PKCS8) - 1), st.integers(0, 255))
def test_any_byte_of_a_key_may_be_another(at: int, byte: int) -> None:
    """A key with a changed byte still is one, or it is a ConfigurationError."""
    changed = PKCS8[:at] + bytes([byte]) + PKCS8[at + 1 :]
    try:
        load_private_key(changed)
    except ConfigurationError:
        assert changed != PKCS8


@given(st.text() | st.text("-—BEGINEND PRIVATEKEY\\nrMIAbc=\n"))
def test_any_text_is_a_key_or_an_error_that_is_documented(text: str) -> None:
    """Blocks that are none, escapes that are none, paths that are none."""
    with pytest.raises(ConfigurationError):
        load_private_key(text)


def test_what_is_a_path_and_what_is_the_key_itself_is_told_in_one_place(tmp_path: Path) -> None:
    """Who looks at a file's modes asks here."""
    path = tmp_path / "key.pem"
    assert _given.path_of(str(path)) == _given.path_of(path) == path
    assert _given.path_of(f"{path}\n") == _given.path_of(path.as_uri()) == path
    assert _given.path_of(private_pem(KEY)) is None
    assert _given.path_of(bare(PKCS8)) is None
    assert _given.path_of(bare(private_pem(KEY).encode())) is None
    assert _given.path_of(PKCS8) is None
    assert _given.path_of(KEY) is None


def test_a_certificate_that_is_damaged_is_said_to_be() -> None:
    """What is built as a certificate and is none is damaged, and nothing of it is shown."""
    broken = bytearray(X509)
    at = broken.index(b"\x17\x0d")
    broken[at : at + 2] = b"\x17\x0c"
    with pytest.raises(ConfigurationError, match=r"^mine is damaged; get the file again$"):
        load_certificate(bytes(broken), "mine")
