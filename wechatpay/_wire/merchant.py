"""The merchant's own certificate for mutual TLS: read in any form it comes in, checked, loaded.

The constructor looks at no more than the argument's shape (`check_shape`). Files are read, keys
decrypted and dates compared by the first call that needs mutual TLS (`load_into`), before anything
is sent.

OpenSSL takes a key from a file only. It is given one that holds the key encrypted with a password
of its own, made for this once: a file in memory on Linux, elsewhere one that only this user may
read and that is removed at once. A key is never written as it is.

Official page: https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union, cast

from ..crypto import as_pem, merchant_number, path_of, read_file
from ..errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
    from cryptography.x509 import Certificate

    Credentials = tuple[CertificateIssuerPrivateKeyTypes, list[Certificate]]

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

Source = Union[str, bytes, "os.PathLike[str]"]
Merchant = Union[Source, tuple[Source, Source | tuple[Source, str | bytes]]]

FORMS = (
    "merchant=(apiclient_cert.pem, apiclient_key.pem), as paths or PEM text, an encrypted key as "
    "(key, password), or merchant=apiclient_cert.p12, with a password other than the merchant "
    "number as (apiclient_cert.p12, password)"
)
_BEGIN = b"-----BEGIN "
_FILES_IN_MEMORY = "/proc/self/fd"


def check_shape(merchant: object) -> None:
    """Check the shape of the client's `merchant` argument; nothing is read.

    Raises:
        ConfigurationError: It has another.
    """
    first, second = _parts(merchant)
    if not _is_source(first) or (not isinstance(merchant, tuple) and _holds_pem(first)):
        raise ConfigurationError(f"merchant has no certificate with its key: pass {FORMS}")
    if second is not None and not _is_key(second):
        raise ConfigurationError(
            f"merchant: the second of the pair is neither a key nor a password: pass {FORMS}"
        )


def load_into(context: ssl.SSLContext, merchant: Merchant, mchid: str) -> None:
    """Have a TLS context show the merchant's certificate.

    Args:
        context: The context.
        merchant: What `check_shape` let pass.
        mchid: The merchant number: a PKCS#12 file's password where none is given.

    Raises:
        ConfigurationError: It cannot be read, its password is wrong, it is not valid now, it is
            another merchant's, or the key is another's; the message says which.
    """
    import ssl

    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )

    key, chain = _credentials(merchant, mchid)
    once = os.urandom(16).hex().encode()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(once))
    try:
        with _file(pem + b"".join(one.public_bytes(Encoding.PEM) for one in chain)) as path:
            context.load_cert_chain(path, password=once)
    except ssl.SSLError as error:
        raise ConfigurationError(
            f"merchant: OpenSSL does not take the certificate ({error.reason})"
        ) from None
    except OSError as error:  # uncaught, it would be taken for a network error
        raise ConfigurationError(
            "merchant: OpenSSL reads a certificate from a file only, and none can be made for it "
            f"({error.strerror}); have TMPDIR name a folder that can be written to"
        ) from None


def as_pem_pair(merchant: Merchant, mchid: str) -> tuple[bytes, bytes]:
    """Return the merchant's certificate and its key, not encrypted, for what takes them in memory.

    Args:
        merchant: What `check_shape` let pass.
        mchid: As for `load_into`.

    Raises:
        ConfigurationError: As by `load_into`.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key, chain = _credentials(merchant, mchid)
    return (
        b"".join(one.public_bytes(Encoding.PEM) for one in chain),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def _credentials(merchant: Merchant, mchid: str) -> Credentials:
    """Read the certificate and its key, and check that they belong together and to the merchant."""
    source, second = _parts(merchant)
    data = _read(source)
    if _is_der(data):
        key, chain = _of_pkcs12(data, mchid if second is None else second)
    else:
        key, chain = _of_pem(data, second)
    _check(chain[0], key, mchid)
    return key, chain


def _parts(merchant: object) -> tuple[Any, Any]:
    if not isinstance(merchant, tuple):
        return merchant, None
    pair = cast("Any", merchant)
    if len(pair) != 2 or pair[1] is None:
        raise ConfigurationError(f"merchant has no certificate with its key: pass {FORMS}")
    return pair[0], pair[1]


def _is_source(part: object) -> bool:
    return isinstance(part, os.PathLike) or (isinstance(part, (str, bytes)) and len(part) > 0)


def _is_key(part: object) -> bool:
    if isinstance(part, tuple):
        pair = cast("tuple[object, ...]", part)
        return len(pair) == 2 and _is_source(pair[0]) and isinstance(pair[1], (str, bytes))
    return isinstance(part, (str, bytes, os.PathLike)) or hasattr(part, "private_bytes")


def _holds_pem(source: object) -> bool:
    return (isinstance(source, str) and path_of(source) is None) or (
        isinstance(source, bytes) and _BEGIN in source
    )


def _is_der(data: bytes) -> bool:
    """Tell a DER sequence from a text that begins with `0`, which is the same byte."""
    return data[:1] == b"0" and data[1:2] >= b"\x80"


def _read(source: Source) -> bytes:
    if isinstance(source, bytes):
        if _is_der(source) or _BEGIN in source:
            return source if _is_der(source) else as_pem(source)
        source = source.decode(errors="surrogateescape")
    if isinstance(source, str) and path_of(source) is None:
        return as_pem(source)
    data = read_file(os.fspath(source), "merchant")
    return data if _is_der(data) else as_pem(data)


def _of_pkcs12(data: bytes, password: object) -> Credentials:
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    content = 2 + (data[1] & 0x7F)
    if data[content : content + 3] != b"\x02\x01\x03":
        raise ConfigurationError(f"merchant is neither PEM nor a PKCS#12 file: pass {FORMS}")
    if len(data) < content + int.from_bytes(data[2:content], "big"):
        raise ConfigurationError("merchant: the PKCS#12 file is cut short; get it again")
    if not isinstance(password, (str, bytes)):
        raise ConfigurationError(
            "merchant: a PKCS#12 file has its key in it; the second of the pair is its password"
        )
    try:
        found = load_pkcs12(data, _bytes(password) or None)
    except Exception:  # noqa: BLE001  cryptography raises many kinds for bad input
        raise ConfigurationError(
            "merchant: the password does not open the PKCS#12 file. It is the merchant number "
            "unless it was changed; pass (apiclient_cert.p12, password)"
        ) from None
    if found.cert is None or found.key is None:
        raise ConfigurationError("merchant: the PKCS#12 file lacks the certificate or its key")
    chain = [found.cert, *found.additional_certs]
    key = cast("CertificateIssuerPrivateKeyTypes", found.key)
    return key, [one.certificate for one in chain]


def _of_pem(data: bytes, key: object) -> Credentials:
    from cryptography.x509 import load_pem_x509_certificates

    if b"-----BEGIN CERTIFICATE-----" not in data:
        held = "a key, and no certificate" if b"PRIVATE KEY-----" in data else "no certificate"
        raise ConfigurationError(
            f"merchant: the first of the pair holds {held}, neither as PEM nor as PKCS#12: "
            f"pass {FORMS}"
        )
    if key is None:
        raise ConfigurationError(f"merchant is a certificate without its key: pass {FORMS}")
    try:
        chain = load_pem_x509_certificates(data)
    except Exception:  # noqa: BLE001  as above
        raise ConfigurationError("merchant: the certificate is damaged") from None
    return _key(key), chain


def _key(given: Any) -> CertificateIssuerPrivateKeyTypes:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if hasattr(given, "private_bytes"):
        key: CertificateIssuerPrivateKeyTypes = given
        return key
    source, password = (
        cast("tuple[Source, Any]", given) if isinstance(given, tuple) else (given, b"")
    )
    pem = _read(source)
    if b"PRIVATE KEY-----" not in pem:
        raise ConfigurationError(
            "merchant: the second of the pair holds no private key; it must be apiclient_key.pem"
        )
    encrypted = b"ENCRYPTED" in pem
    if encrypted and not password:
        raise ConfigurationError("merchant: the key is encrypted; pass it as (key, password)")
    try:
        loaded = load_pem_private_key(pem, _bytes(password) if encrypted else None)
    except Exception:  # noqa: BLE001  as above
        wrong = "the password does not open the key" if encrypted else "the key is damaged"
        raise ConfigurationError(f"merchant: {wrong}") from None
    return cast("CertificateIssuerPrivateKeyTypes", loaded)


def _bytes(password: str | bytes) -> bytes:
    return password.encode(errors="surrogatepass") if isinstance(password, str) else password


def _check(certificate: Certificate, key: CertificateIssuerPrivateKeyTypes, mchid: str) -> None:
    if certificate.public_key() != key.public_key():
        raise ConfigurationError(
            "merchant: the key is not the certificate's; apiclient_cert.pem and apiclient_key.pem "
            "must come from the same download"
        )
    now = datetime.now(timezone.utc)
    if now > certificate.not_valid_after_utc:
        raise ConfigurationError(
            f"merchant: the certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}; "
            "make a new one under 账户中心 → API安全"
        )
    if now < certificate.not_valid_before_utc:
        raise ConfigurationError(
            "merchant: the certificate is not valid before "
            f"{certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC; is the clock right?"
        )
    named = merchant_number(certificate)
    if named is not None and named != mchid:
        raise ConfigurationError(
            f"merchant: the certificate is merchant {named}'s, and mchid is {mchid}"
        )


@contextmanager
def _file(content: bytes) -> Generator[str, None, None]:
    """Lend a file with this content that nobody else can read and that leaves nothing behind."""
    memory = _file_in_memory()
    if memory is not None:
        with os.fdopen(memory, "wb") as file:
            file.write(content)
            file.flush()
            yield f"{_FILES_IN_MEMORY}/{memory}"
        return
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pem")
        path.touch(mode=0o600)
        path.write_bytes(content)
        yield str(path)


def _file_in_memory() -> int | None:
    """Return the descriptor of a new file in memory; `None` where there is no such thing."""
    if hasattr(os, "memfd_create"):
        with suppress(OSError):  # a sandbox may forbid it, or hide the path that leads to it
            number = os.memfd_create("merchant")
            if os.access(f"{_FILES_IN_MEMORY}/{number}", os.R_OK):
                return number
            os.close(number)
    return None
