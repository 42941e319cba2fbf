"""Mutual TLS: in which forms the merchant's certificate comes, when it is shown, and to whom."""

from __future__ import annotations

import gc
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PBES,
    PKCS12PrivateKeyTypes,
    serialize_key_and_certificates,
)
from cryptography.x509.oid import NameOID
from gateway import MCHID, Answer, Authority, Gateway, private_pem, public_pem, rsa_key
from hypothesis import given as for_all
from hypothesis import strategies as st
from ways import Way, client_of, each_way

from wechatpay import ConfigurationError, TransportError, WeChatPay, WeChatPayError
from wechatpay._client import from_environment
from wechatpay._wire import Network
from wechatpay._wire.merchant import load_into
from wechatpay.api import endpoints

MUTUAL = (b"https", b"api.mch.weixin.qq.com", True)
DOCUMENTED = {
    one.path.format(**{field.name: field.const for field in one.placeholders}): one.options
    for one in endpoints()
    if one.path.startswith("v2/") and one.verb == "post"
}


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Who certifies the servers and the merchant."""
    return Authority()


Pair = tuple[str, ec.EllipticCurvePrivateKey]


@pytest.fixture(scope="module")
def pair(authority: Authority) -> Pair:
    """The merchant's certificate as PEM, and its key."""
    return authority.issue()


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names the authority's root as trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))


@pytest.fixture
def demanding(authority: Authority, tmp_path: Path, trusted: None) -> Iterator[Gateway]:
    """A WeChat Pay that lets in only whom the authority has certified."""
    context = authority.server_context(tmp_path, demand_client_certificate=True)
    with Gateway(tls=context) as gateway:
        yield gateway


@pytest.fixture
def curious(authority: Authority, tmp_path: Path, trusted: None) -> Iterator[Gateway]:
    """A WeChat Pay that asks for a certificate, lets everybody in, and refuses every call."""
    context = authority.server_context(tmp_path, demand_client_certificate=True)
    context.verify_mode = ssl.CERT_OPTIONAL
    with Gateway(tls=context) as gateway:
        body = b"<xml><return_code>FAIL</return_code></xml>"
        gateway.default = Answer(200, body, signed=False)
        yield gateway


def pkcs12(pair: Pair, password: str = MCHID, *, old: bool = False, key: bool = True) -> bytes:
    """Return certificate and key in one file; `old` as WeChat Pay's own tool encrypts it."""
    certificate = x509.load_pem_x509_certificate(pair[0].encode())
    how: Any = NoEncryption() if not password else BestAvailableEncryption(password.encode())
    if old:
        builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2048)
        builder = builder.key_cert_algorithm(PBES.PBESv1SHA1And3KeyTripleDESCBC)
        how = builder.hmac_hash(SHA1()).build(password.encode())
    held: PKCS12PrivateKeyTypes | None = pair[1] if key else None
    return serialize_key_and_certificates(b"Tenpay Certificate", held, certificate, None, how)


def given(how: str, pair: Pair, folder: Path) -> Any:
    """Return the `merchant` argument in one of its forms."""
    certificate, key = pair[0], private_pem(pair[1])
    encrypted = private_pem(pair[1], b"pass")
    files = [folder / name for name in ("cert.pem", "key.pem", "encrypted.pem")]
    for file, pem in zip(files, (certificate, key, encrypted), strict=True):
        file.write_text(pem)
    own, other = folder / "apiclient_cert.p12", folder / "no suffix"
    own.write_bytes(pkcs12(pair, old=True))
    other.write_bytes(pkcs12(pair, "pass"))
    classic = pair[1].private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"pass")
    )
    return {
        "paths": (files[0], files[1]),
        "paths as text": (str(files[0]), str(files[1])),
        "paths as bytes": (str(files[0]).encode(), str(files[1]).encode()),
        "text": (certificate, key),
        "text of the environment": tuple(x.replace("\n", "\\n") for x in (certificate, key)),
        "bytes": (certificate.encode(), key.encode()),
        "key object": (certificate, pair[1]),
        "password": (files[0], (files[2], "pass")),
        "password as bytes": (certificate, (encrypted, b"pass")),
        "password for the older encryption": (certificate, (classic, "pass")),
        "password without need": (certificate, (key, "pass")),
        "pkcs12": own,
        "pkcs12 as text": str(own),
        "pkcs12 as a URL": own.as_uri(),
        "pkcs12 as bytes": pkcs12(pair),
        "pkcs12 with a password": (other, "pass"),
        "pkcs12 with a password as bytes": (pkcs12(pair, "pass"), b"pass"),
        "pkcs12 without a password": (pkcs12(pair, ""), ""),
    }[how]


FORMS = [
    "paths",
    "paths as text",
    "paths as bytes",
    "text",
    "text of the environment",
    "bytes",
    "key object",
    "password",
    "password as bytes",
    "password for the older encryption",
    "password without need",
    "pkcs12",
    "pkcs12 as text",
    "pkcs12 as a URL",
    "pkcs12 as bytes",
    "pkcs12 with a password",
    "pkcs12 with a password as bytes",
    "pkcs12 without a password",
]


def der(pair: Pair) -> bytes:
    """Return a certificate as a server sees it."""
    return x509.load_pem_x509_certificate(pair[0].encode()).public_bytes(Encoding.DER)


@pytest.mark.parametrize("how", FORMS)
def test_merchants_certificate_is_shown(
    demanding: Gateway, pair: Pair, tmp_path: Path, how: str
) -> None:
    """The server sees the merchant's certificate, in whatever form it came."""
    with client_of(demanding, merchant=given(how, pair, tmp_path)) as wxpay:
        assert wxpay["v3/x"].post(security=True).status_code == 200
    assert demanding.requests[0].client_certificate == der(pair)


@pytest.mark.untraced
@each_way
@pytest.mark.filterwarnings("ignore:unclosed transport:ResourceWarning")  # asyncio's, on 3.10
def test_certificate_is_shown_where_it_is_asked_for(
    demanding: Gateway, pair: Pair, way: Way
) -> None:
    """Calls with and without it go over connections of their own; the server lets in the former."""
    with client_of(demanding, merchant=pkcs12(pair), retries=0) as wxpay:
        assert way.call(wxpay["v3/x"], security=True).status_code == 200
        with pytest.raises(TransportError):
            way.call(wxpay["v3/x"])
        assert way.call(wxpay["v3/x"], security=True).status_code == 200
    gc.collect()
    assert len(demanding.requests) == 2


@pytest.mark.untraced
@each_way
def test_certificate_is_shown_by_the_endpoints_that_need_it_and_only_by_them(
    curious: Gateway, pair: Pair, way: Way
) -> None:
    """All 57 documented endpoints show it unasked; the other APIv2 calls and APIv3 do not."""
    with client_of(curious, merchant=pkcs12(pair), secret="x" * 32) as wxpay:
        nodes: list[Any] = [wxpay.chain(path) for path in (*DOCUMENTED, "v3/x")]

        async def main() -> None:
            for node in nodes:
                with suppress(WeChatPayError):
                    await node.post_async(content=b"<xml></xml>")

        if way.is_async:
            way.run(main)
        else:
            for node in nodes:
                with suppress(WeChatPayError):
                    node.post(content=b"<xml></xml>")
    shown = {one.target[1:]: one.client_certificate for one in curious.requests}
    needed = {path[len("v2/") :] for path, options in DOCUMENTED.items() if options.mutual_tls}
    assert len(needed) == 57
    assert len(curious.requests) == len(nodes) > 100
    assert {path for path, one in shown.items() if one is not None} == needed
    assert set(shown.values()) == {der(pair), None}
    assert len({one.connection for one in curious.requests}) == 2


def test_endpoint_may_be_told_otherwise(demanding: Gateway, pair: Pair) -> None:
    """`security=False` keeps the certificate back from an endpoint that would get it."""
    with client_of(demanding, merchant=pkcs12(pair), secret="x" * 32) as wxpay:
        refund: Any = wxpay.v2.secapi.pay.refund
        with pytest.raises(TransportError):
            refund.post(xml={}, security=False)
    assert demanding.requests == []


@each_way
def test_no_certificate_to_show(demanding: Gateway, way: Way) -> None:
    """Without `merchant=` a call that needs it is refused before a connection is made."""
    with (
        client_of(demanding, secret="x" * 32) as wxpay,
        pytest.raises(
            ConfigurationError, match=r"v2/secapi/pay/refund needs.*pass merchant=\(api.*\.p12"
        ),
    ):
        way.call(wxpay.v2.secapi.pay.refund, "post", xml={})
    assert demanding.connections == 0


@each_way
def test_certificate_that_cannot_be_used_stops_the_call(
    demanding: Gateway, pair: Pair, way: Way
) -> None:
    """The first call that needs the certificate says what is wrong, and so does the next."""
    with client_of(demanding, merchant=(pkcs12(pair), "wrong")) as wxpay:
        for _ in range(2):
            with pytest.raises(ConfigurationError, match="password does not open the PKCS#12"):
                way.call(wxpay["v3/x"], "post", security=True)
    assert demanding.connections == 0


NOW = datetime.now(timezone.utc)


def issued(
    authority: Authority,
    *,
    begins: int = -1,
    ends: int = 1,
    issuer: str | None = None,
    number: str = "CN",
) -> Pair:
    """Return a merchant's certificate, valid from some days from now to others, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    organisation = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, issuer)] if issuer else []
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, number)]))
        .issuer_name(x509.Name([*organisation, *authority.name]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=begins))
        .not_valid_after(NOW + timedelta(days=ends))
        .sign(authority.key, SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode(), key


def load(merchant: Any) -> ssl.SSLContext:
    """Load a certificate as the first call that needs it does."""
    return Network(None, merchant, MCHID).context(MUTUAL)


def told(merchant: Any) -> str:
    """Return what the error about a certificate says."""
    with pytest.raises(ConfigurationError) as caught:
        load(merchant)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert str(caught.value).startswith("merchant")
    return str(caught.value)


Broken = Callable[[Pair, Path], Any]
BROKEN: dict[str, tuple[Broken, str]] = {
    "wrong password of a key": (
        lambda pair, _: (pair[0], (private_pem(pair[1], b"pass"), "wrong")),
        "the password does not open the key",
    ),
    "no password for a key": (
        lambda pair, _: (pair[0], private_pem(pair[1], b"pass")),
        "the key is encrypted; pass it as",
    ),
    "wrong password of a file": (
        lambda pair, _: (pkcs12(pair, "pass"), "wrong"),
        "the password does not open the PKCS#12 file",
    ),
    "a file whose password is not the merchant number": (
        lambda pair, _: pkcs12(pair, "pass"),
        "It is the merchant number unless it was changed",
    ),
    "a file with a key beside it": (
        lambda pair, _: (pkcs12(pair), (private_pem(pair[1]), "pass")),
        "the second of the pair is its password",
    ),
    "half a file": (lambda pair, _: pkcs12(pair)[:-9], "cut short"),
    "a file without a key": (lambda pair, _: pkcs12(pair, key=False), "lacks the certificate or"),
    "der": (lambda pair, _: (der(pair), private_pem(pair[1])), "neither PEM nor a PKCS#12 file"),
    "no pem": (
        lambda pair, folder: (written(folder, b"nothing"), private_pem(pair[1])),
        "holds no certificate, neither as PEM nor as PKCS#12",
    ),
    "text that begins as der does": (
        lambda pair, folder: (written(folder, b"0123"), private_pem(pair[1])),
        "holds no certificate, neither as PEM nor as PKCS#12",
    ),
    "an empty file": (
        lambda pair, folder: (written(folder, b""), private_pem(pair[1])),
        "holds no certificate, neither as PEM nor as PKCS#12",
    ),
    "the wrong way round": (
        lambda pair, _: (private_pem(pair[1]), pair[0]),
        "holds a key, and no certificate",
    ),
    "two certificates": (lambda pair, _: (pair[0], pair[0]), "holds no private key"),
    "a public key": (lambda pair, _: (pair[0], public_pem(pair[1])), "holds no private key"),
    "pem without its key": (
        lambda pair, folder: written(folder, pair[0].encode()),
        "a certificate without its key",
    ),
    "damaged certificate": (
        lambda pair, _: (pair[0][:200] + pair[0][240:], private_pem(pair[1])),
        "the certificate is damaged",
    ),
    "damaged key": (
        lambda pair, _: (pair[0], private_pem(pair[1])[:60] + private_pem(pair[1])[90:]),
        "the key is damaged",
    ),
    "another key": (
        lambda pair, _: (pair[0], private_pem(rsa_key("other"))),
        "the key is not the certificate's",
    ),
    "nowhere": (
        lambda pair, folder: (str(folder / "nowhere.pem"), private_pem(pair[1])),
        "nowhere.pem is neither PEM text nor a readable file",
    ),
    "an empty key": (
        lambda pair, _: (pair[0], ""),
        "merchant is empty",
    ),
    "a secret in place of a path": (
        lambda pair, _: "SECRET" * 6,
        "a string of 36 characters is neither",
    ),
}


def written(folder: Path, content: bytes) -> Path:
    """Return a file with this content."""
    (folder / "file").write_bytes(content)
    return folder / "file"


@pytest.mark.parametrize("case", BROKEN)
def test_certificate_that_does_not_load(pair: Pair, tmp_path: Path, case: str) -> None:
    """Each fault has its own words, and none of them shows a key or a password."""
    broken, words = BROKEN[case]
    said = told(broken(pair, tmp_path))
    assert words in said
    assert "wrong" not in said
    assert "SECRET" not in said


def test_certificate_that_has_expired(authority: Authority) -> None:
    """An expired certificate is told by its last day."""
    certificate, key = issued(authority, begins=-3, ends=-1)
    said = told((certificate, key))
    assert f"expired on {NOW - timedelta(days=1):%Y-%m-%d}" in said


def test_certificate_that_is_not_valid_yet(authority: Authority) -> None:
    """One from the future makes one look at the clock."""
    certificate, key = issued(authority, begins=1, ends=3)
    said = told((certificate, key))
    assert f"not valid before {NOW + timedelta(days=1):%Y-%m-%d}" in said
    assert "clock" in said


def test_certificate_of_another_merchant(authority: Authority) -> None:
    """What WeChat Pay has issued names its merchant, and another's is refused."""
    certificate, key = issued(authority, issuer="Tenpay.com", number="1230000109")
    assert told((certificate, key)).endswith(
        "the certificate is merchant 1230000109's, and mchid is 1900000109"
    )


@pytest.mark.parametrize(
    ("issuer", "number"),
    [("Tenpay.com", MCHID), ("Tenpay.com", "CN"), ("Example", "1230000109"), (None, "1230000109")],
)
def test_certificate_that_is_not_surely_anothers(
    authority: Authority, issuer: str | None, number: str
) -> None:
    """One with the own number is taken, and so is one that says nothing certain."""
    certificate, key = issued(authority, issuer=issuer, number=number)
    load((certificate, key))


def test_certificate_that_openssl_does_not_take(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSL's own reason is told, such as a digest that its policy forbids."""

    def refuse(*_: object, **__: object) -> None:
        error = ssl.SSLError(1, "[SSL: CA_MD_TOO_WEAK] ca md too weak")
        error.reason = "CA_MD_TOO_WEAK"
        raise error

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", refuse)
    assert "OpenSSL does not take the certificate (CA_MD_TOO_WEAK)" in told(pair)


@pytest.mark.parametrize(
    "shape",
    [
        (),
        ("cert.pem",),
        ("cert.pem", None),
        ("cert.pem", "key.pem", "pass"),
        ["cert.pem", "key.pem"],
        {"cert": "key"},
        7,
        "",
        b"",
        ("", "key.pem"),
        ("cert.pem", 7),
        ("cert.pem", ("key.pem",)),
        ("cert.pem", ("key.pem", None)),
        ("cert.pem", ("", "pass")),
        "-----BEGIN CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----",
    ],
    ids=repr,
)
def test_shape_that_cannot_be(make_client: Callable[..., WeChatPay], shape: Any) -> None:
    """What is not a certificate with a key is refused by the constructor, which reads no file."""
    with pytest.raises(ConfigurationError, match=r"^merchant") as caught:
        make_client(merchant=shape)
    assert "pass merchant=(apiclient_cert.pem, apiclient_key.pem)" in str(caught.value)


def test_constructor_reads_nothing(make_client: Callable[..., WeChatPay], tmp_path: Path) -> None:
    """Files that are not there matter only to the first call that needs them."""
    for merchant in (tmp_path / "no.p12", (tmp_path / "no.pem", tmp_path / "no key.pem")):
        make_client(merchant=merchant)


@for_all(st.binary(max_size=80), st.sampled_from([b"", b"0\x82", b"-----BEGIN CERTIFICATE-----"]))
def test_whatever_bytes(data: bytes, begin: bytes) -> None:
    """Any bytes are a certificate, or a `ConfigurationError`."""
    with pytest.raises(ConfigurationError, match=r"^merchant"):
        load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), (begin + data, "pass"), MCHID)


@pytest.mark.parametrize("fails", ["memory", "unheard of", "both"])
def test_no_file_for_openssl(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    """Without files in memory one on the disk is used; without either there is an error."""

    def forbid(*_: object) -> int:
        raise PermissionError(1, "Operation not permitted")

    if fails == "unheard of":
        monkeypatch.delattr(os, "memfd_create", raising=False)
    else:
        monkeypatch.setattr(os, "memfd_create", forbid, raising=False)
    folder = tmp_path / "none" if fails == "both" else tmp_path
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    if fails != "both":
        load((pair[0], private_pem(pair[1])))
    else:
        assert "(No such file or directory); have TMPDIR name a folder" in told(pair)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("in_memory", [True, False])
def test_key_is_never_written_as_it_is(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    """OpenSSL's file holds the key encrypted; it is in memory, or the user's alone and then gone.

    What is in it is looked at while OpenSSL reads it.
    """
    seen: list[bytes] = []
    modes: list[int] = []
    load_cert_chain = ssl.SSLContext.load_cert_chain

    def watch(self: ssl.SSLContext, certfile: str, *, password: bytes) -> None:
        seen.append(Path(certfile).read_bytes())
        if not in_memory:
            modes.extend(x.stat().st_mode & 0o777 for x in (Path(certfile), Path(certfile).parent))
            assert Path(certfile).parent.parent == tmp_path
        load_cert_chain(self, certfile, password=password)

    if not in_memory and os.name == "nt":
        pytest.skip("files have no modes on this system: the folder's rights hold")
    if in_memory and not hasattr(os, "memfd_create"):
        pytest.skip("no files in memory on this system")
    if not in_memory:
        monkeypatch.setattr("wechatpay._wire.merchant._FILES_IN_MEMORY", str(tmp_path / "none"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watch)
    for merchant in ((pair[0], private_pem(pair[1])), pkcs12(pair)):
        load(merchant)
    assert len(seen) == 2
    for content in seen:
        assert b"BEGIN ENCRYPTED PRIVATE KEY" in content
        assert private_pem(pair[1]).splitlines()[1].encode() not in content
    assert modes == ([] if in_memory else [0o600, 0o700] * 2)
    assert list(tmp_path.iterdir()) == []


def test_pkcs12_file_of_the_environment(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`WECHATPAY_MERCHANT_CERT` may be a PKCS#12 file, which needs no private key beside it."""
    path = tmp_path / "apiclient_cert.P12"
    path.write_bytes(pkcs12(pair))
    monkeypatch.setenv("WECHATPAY_MCHID", MCHID)
    monkeypatch.setenv("WECHATPAY_MERCHANT_CERT", str(path))
    arguments = from_environment(os.environ, {})
    assert arguments == {"mchid": MCHID, "certs": None, "merchant": str(path)}
    load(arguments["merchant"])
    assert from_environment(os.environ, {"merchant": pair})["merchant"] == pair
