"""The certificate for mutual TLS in the forms that keys come in elsewhere."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from gateway import MCHID, certificate_pem, private_pem, public_pem, rsa_key

from wechatpay import ConfigurationError
from wechatpay._wire.merchant import check_shape, load_into
from wechatpay.crypto import as_pem

KEY = rsa_key("merchant")
CURVE = ec.generate_private_key(ec.SECP256R1())


def shown(merchant: Any) -> None:
    """Load a certificate as the first call that needs it does."""
    check_shape(merchant)
    load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), merchant, MCHID)


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda pem: pem,
    "escaped": lambda pem: pem.replace("\n", "\\n"),
    "escaped twice": lambda pem: pem.replace("\n", "\\\\r\\\\n"),
    "CRLF": lambda pem: pem.replace("\n", "\r\n"),
    "blanks for line ends": lambda pem: pem.replace("\n", " "),
    "base64 of the file": lambda pem: base64.b64encode(pem.encode()).decode(),
    "without BEGIN": lambda pem: "".join(pem.splitlines()[1:-1]),
}


def written(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, form: str) -> str:
    """Write a key in PKCS#8, or in the older form."""
    how = PrivateFormat.PKCS8 if form == "PKCS#8" else PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(Encoding.PEM, how, NoEncryption()).decode()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["PKCS#8", "older"])
@pytest.mark.parametrize("key", [KEY, CURVE], ids=["RSA", "EC"])
def test_a_pair_may_come_in_any_form(form: str, kind: str, key: Any, tmp_path: Path) -> None:
    """As text, and in files whose paths have blanks round them."""
    change = FORMS[form]
    pair = change(certificate_pem(key, 1)), change(written(key, kind))
    shown(pair)
    for name, text in zip(("cert.pem", "key.pem"), pair, strict=True):
        (tmp_path / name).write_text(text)
    shown((f"{tmp_path}/cert.pem\n", f" {tmp_path}/key.pem"))


@pytest.mark.parametrize("change", [FORMS["as it is"], FORMS["CRLF"], FORMS["escaped twice"]])
@pytest.mark.parametrize("how", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_encrypted_key_may_too(change: Callable[[str], str], how: PrivateFormat) -> None:
    """Its password goes with it."""
    word = BestAvailableEncryption(b"word")
    pem = change(KEY.private_bytes(Encoding.PEM, how, word).decode())
    shown((certificate_pem(KEY, 1), (pem, "word")))
    with pytest.raises(ConfigurationError, match="the password does not open the key"):
        shown((certificate_pem(KEY, 1), (pem, "another")))
    with pytest.raises(ConfigurationError, match="the key is encrypted"):
        shown((certificate_pem(KEY, 1), pem))


def test_a_pkcs12_file_may_be_base64() -> None:
    """As panels take files."""
    certificate = x509.load_pem_x509_certificate(certificate_pem(KEY, 1).encode())
    encryption = BestAvailableEncryption(MCHID.encode())
    packed = serialize_key_and_certificates(b"x", KEY, certificate, None, encryption)
    shown((base64.b64encode(packed).decode(), MCHID))


@pytest.mark.parametrize("text", ["", "nothing", "-----BEGIN X-----\nAAAA\n-----END X-----"])
def test_what_holds_no_key_comes_back_as_it_is(text: str) -> None:
    """Whoever reads it says what is wrong."""
    assert as_pem(text) == as_pem(text.encode()) == text.encode()
    assert as_pem(public_pem(KEY) + private_pem(KEY)).count(b"-----BEGIN ") == 2
