"""TLS: whom the client trusts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gateway import Authority, Gateway, rsa_key
from ways import Way, client_of, each_way

from wechatpay import TransportError


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Who certifies the servers and the merchant."""
    return Authority()


@pytest.fixture
def server(authority: Authority, tmp_path: Path) -> Iterator[Gateway]:
    """A WeChat Pay over TLS."""
    with Gateway(tls=authority.server_context(tmp_path)) as gateway:
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


def test_a_gateway_that_ends_while_tls_is_agreed_on(authority: Authority, tmp_path: Path) -> None:
    """The tests' own server leaves no connection open, of which another test would be told."""
    with Gateway(tls=authority.server_context(tmp_path)) as gateway:
        port = int(gateway.url.rstrip("/").rpartition(":")[2])
        connection = socket.create_connection(("127.0.0.1", port))
        gateway.wait_until(lambda gateway: len(gateway.listener.accepted) == 1)
    connection.close()
    assert [one.fileno() for one in gateway.listener.accepted] == [-1]
