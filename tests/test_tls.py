"""TLS: whom the client trusts, and how it shows the merchant's certificate."""

from __future__ import annotations

import gc
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from gateway import Authority, Gateway, private_pem, rsa_key
from ways import Way, client_of, each_way

from wechatpay import ConfigurationError, TransportError, VerificationError, _exchange
from wechatpay._network import Network

MUTUAL = (b"https", b"api.mch.weixin.qq.com", True)


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Who certifies the servers and the merchant."""
    return Authority()


@pytest.fixture(scope="module")
def merchant(authority: Authority) -> dict[str, str]:
    """The merchant's certificate and key as PEM, the key also encrypted."""
    certificate, key = authority.issue()
    return {
        "certificate": certificate,
        "key": private_pem(key),
        "encrypted": private_pem(key, b"pass"),
    }


@pytest.fixture
def server(authority: Authority, tmp_path: Path) -> Iterator[Gateway]:
    """A WeChat Pay over TLS."""
    with Gateway(tls=authority.server_context(tmp_path)) as gateway:
        yield gateway


@pytest.fixture
def demanding(authority: Authority, tmp_path: Path) -> Iterator[Gateway]:
    """A WeChat Pay that lets in only whom the authority has certified."""
    context = authority.server_context(tmp_path, demand_client_certificate=True)
    with Gateway(tls=context) as gateway:
        yield gateway


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names the authority's root as trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))


@each_way
@pytest.mark.usefixtures("trusted")
def test_server_is_trusted_by_its_root(server: Gateway, way: Way) -> None:
    """`SSL_CERT_FILE` names the roots to trust, as for any program on OpenSSL."""
    with client_of(server) as wxpay:
        reply = way.call(wxpay["v3/x"], "post", json={"a": "撤销"})
    assert reply.extensions["wechatpay"].verified
    assert server.requests[0].is_signed_by(rsa_key("merchant"))
    assert server.requests[0].client_certificate is None


@each_way
def test_stranger_gets_nothing(server: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that no trusted root vouches for is sent nothing, however often it is tried."""
    monkeypatch.setattr(_exchange, "BACKOFF", 0.001)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with client_of(server) as wxpay, pytest.raises(TransportError) as caught:
        way.call(wxpay["v3/x"], "post")
    assert "was never sent, nothing happened" in str(caught.value)
    assert not caught.value.outcome_unknown
    assert server.requests == []


@each_way
@pytest.mark.usefixtures("trusted")
def test_name_of_the_server_matters(
    server: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate for another name is none."""
    monkeypatch.setattr(_exchange, "BACKOFF", 0.001)
    found = socket.getaddrinfo

    def resolve(host: Any, *more: Any, **options: Any) -> Any:
        return found("127.0.0.1", *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with client_of(server.url.replace("127.0.0.1", "localhost")) as wxpay:
        way.call(wxpay["v3/x"])
    with (
        client_of(server.url.replace("127.0.0.1", "other.invalid")) as wxpay,
        pytest.raises(TransportError, match="was never sent"),
    ):
        way.call(wxpay["v3/x"])
    assert len(server.requests) == 1


def given(how: str, merchant: dict[str, str], folder: Path) -> tuple[Any, Any]:
    """Return the `merchant` argument in one of its forms."""
    for name, pem in merchant.items():
        (folder / f"{name}.pem").write_text(pem)
    certificate, key, encrypted = (folder / f"{name}.pem" for name in merchant)
    text = merchant["encrypted"]
    return {
        "paths": (certificate, key),
        "paths as text": (str(certificate), str(key)),
        "paths as bytes": (str(certificate).encode(), str(key).encode()),
        "text": (merchant["certificate"], merchant["key"]),
        "bytes": (merchant["certificate"].encode(), merchant["key"].encode()),
        "password": (certificate, (encrypted, "pass")),
        "password as bytes": (merchant["certificate"], (text, b"pass")),
    }[how]


FORMS = [
    "paths",
    "paths as text",
    "paths as bytes",
    "text",
    "bytes",
    "password",
    "password as bytes",
]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("how", FORMS)
def test_merchants_certificate_is_shown(
    demanding: Gateway, merchant: dict[str, str], tmp_path: Path, how: str
) -> None:
    """With `security=True` the server sees the merchant's certificate, in whatever form it came."""
    with client_of(demanding, merchant=given(how, merchant, tmp_path)) as wxpay:
        assert wxpay["v3/x"].post(security=True).status_code == 200
    expected = load_pem_x509_certificate(merchant["certificate"].encode())
    shown = demanding.requests[0].client_certificate
    assert shown == expected.public_bytes(Encoding.DER)


@each_way
@pytest.mark.usefixtures("trusted")
@pytest.mark.filterwarnings("ignore:unclosed transport:ResourceWarning")  # asyncio's, on 3.10
def test_certificate_is_shown_where_it_is_asked_for(
    demanding: Gateway, merchant: dict[str, str], way: Way
) -> None:
    """Calls with and without it go over connections of their own; the server lets in the former."""
    pair = (merchant["certificate"], merchant["key"])
    with client_of(demanding, merchant=pair, retries=0) as wxpay:
        assert way.call(wxpay["v3/x"], security=True).status_code == 200
        with pytest.raises(TransportError):
            way.call(wxpay["v3/x"])
        assert way.call(wxpay["v3/x"], security=True).status_code == 200
    gc.collect()
    assert len(demanding.requests) == 2


@each_way
def test_no_certificate_to_show(demanding: Gateway, way: Way) -> None:
    """Without `merchant=` a call that needs it is refused before a connection is made."""
    with (
        client_of(demanding) as wxpay,
        pytest.raises(ConfigurationError, match=r"pass merchant=\(apiclient_cert\.pem"),
    ):
        way.call(wxpay["v3/x"], "post", security=True)
    assert demanding.connections == 0


@pytest.mark.usefixtures("trusted")
def test_endpoint_that_needs_it_shows_it_unasked(
    demanding: Gateway, merchant: dict[str, str]
) -> None:
    """What is known to need mutual TLS gets it without `security=`, unless that says otherwise."""
    pair = (merchant["certificate"], merchant["key"])
    with client_of(demanding, merchant=pair, secret="x" * 32, retries=0) as wxpay:
        refund: Any = wxpay.v2.secapi.pay.refund
        with pytest.raises(VerificationError, match="not XML"):
            refund.post(xml={"out_trade_no": "1"})
        with pytest.raises(TransportError):
            refund.post(xml={"out_trade_no": "1"}, security=False)
    assert demanding.requests[0].target == "/secapi/pay/refund"
    assert demanding.requests[0].client_certificate is not None


@pytest.mark.parametrize(
    "broken",
    [
        ("certificate", ("encrypted", "wrong")),
        ("certificate", "encrypted"),
        ("certificate", "certificate"),
        ("key", "key"),
        ("certificate", "other"),
        ("certificate", "nowhere"),
    ],
)
def test_pair_that_does_not_load(
    merchant: dict[str, str], tmp_path: Path, broken: tuple[str, Any]
) -> None:
    """A wrong password, a wrong key, a wrong file: one error, which shows no secret."""
    pems = {**merchant, "other": private_pem(rsa_key("other")), "nowhere": str(tmp_path / "no")}
    certificate, key = broken
    pair: tuple[Any, Any] = (
        pems[certificate],
        (pems[key[0]], key[1]) if isinstance(key, tuple) else pems[key],
    )
    network = Network(None, pair)
    with pytest.raises(ConfigurationError, match="for mutual TLS do not load") as caught:
        network.context(MUTUAL)
    assert "wrong" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_pem_text_leaves_no_file(
    merchant: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSL reads it from a file of the user's own, which is gone afterwards."""
    seen: list[tuple[int, int]] = []
    load = ssl.SSLContext.load_cert_chain

    def watch(self: ssl.SSLContext, certfile: str, keyfile: str, password: str) -> None:
        for name in (certfile, keyfile):
            file, folder = Path(name).stat(), Path(name).parent.stat()
            seen.append((file.st_mode & 0o777, folder.st_mode & 0o777))
        load(self, certfile, keyfile, password)

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watch)
    Network(None, (merchant["certificate"], merchant["key"])).context(MUTUAL)
    assert seen == [(0o600, 0o700)] * 2
    assert list(tmp_path.iterdir()) == []
