"""Proxies and trusted roots of the environment: read as httpx reads them, and named when wrong."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import certifi
import httpx
import pytest
from gateway import Answer, Authority, Gateway, closed_port, socks
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ways import CURL, Way, client_of, each_way

from wechatpay import ConfigurationError, TransportError, WeChatPayError
from wechatpay._call import exchange
from wechatpay._wire.environment import proxy_for

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
ROOTS = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the tests has nothing but their own, and retries come at once."""
    for name in (*NAMES, *map(str.upper, NAMES), *ROOTS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(exchange, "BACKOFF", 0.001)


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Who certifies the server."""
    return Authority()


@pytest.fixture
def server(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Gateway]:
    """A WeChat Pay over TLS that is trusted."""
    with Gateway(tls=authority.server_context(tmp_path)) as gateway:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
        yield gateway


def refused(way: Way, url: str = "https://127.0.0.1:9/") -> str:
    """Make a call that a wrong environment prevents, and return what is said of it."""
    with client_of(url) as wxpay, pytest.raises(ConfigurationError) as caught:
        way.call(wxpay["v3/x"], "post", json={"a": 1})
    return str(caught.value)


@each_way
def test_roots_that_cannot_be_loaded(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file, no certificates, a directory: the variable is named, and nothing was sent."""
    no_pem = tmp_path / "no.pem"
    no_pem.write_text("not PEM")
    for path, why in (
        (tmp_path / "none.pem", "cannot be read (No such file or directory)"),
        (no_pem, "holds no certificates as PEM"),
        (tmp_path, "is a directory"),
        ("/" + "x" * 5000, "cannot be read (File name too long)"),
    ):
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        said = refused(way)
        assert said.startswith("SSL_CERT_FILE: ")
        assert why in said
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", str(no_pem))
    assert refused(way) == f"SSL_CERT_DIR: {no_pem} is not a directory of certificates"
    monkeypatch.setenv("SSL_CERT_DIR", f"{no_pem}{os.pathsep}{'x' * 5000}")
    assert "is not a directory of certificates" in refused(way)
    monkeypatch.setenv("SSL_CERT_DIR", "\x1b]0;x")
    assert refused(way).startswith(r"SSL_CERT_DIR: \x1b]0;x is not")
    monkeypatch.delenv("SSL_CERT_DIR")
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "none" / "keys"))
    assert "cannot be written (No such file or directory); unset it" in refused(way)


@each_way
def test_several_directories_of_roots(
    server: Gateway, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`SSL_CERT_DIR` is a list, as OpenSSL has it; they are looked into, and nobody is in them."""
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'none'}{os.pathsep}{tmp_path}")
    with client_of(server) as wxpay, pytest.raises(TransportError, match="is not trusted"):
        way.call(wxpay["v3/x"])


@each_way
def test_roots_of_certifi_that_are_gone(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package without its data, as in a frozen program: that is said, and nothing was sent."""
    monkeypatch.setattr(certifi, "where", lambda: str(tmp_path / "cacert.pem"))
    assert refused(way).startswith("certifi's certificates cannot be read (No such file")


@each_way
def test_a_key_log_that_can_be_written(
    server: Gateway, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets the keys of the session, as with any program on OpenSSL."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    with client_of(server) as wxpay:
        assert way.call(wxpay["v3/x"]).status_code == 200
    # libcurl writes one only if it was built to.
    assert way is CURL or "TRAFFIC_SECRET" in (tmp_path / "keys").read_text()


@each_way
@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("http://127.0.0.1:abc", "is not the URL of a proxy"),
        ("http://user:secret@[::1", "is not the URL of a proxy"),
        ("socks://user:secret@127.0.0.1:1080", "has the scheme socks://"),
        ("socks4://127.0.0.1:1080", "has the scheme socks4://"),
        ("http://:3128", "names no host"),
        ("http://127.0.0.1:99999", "is not the URL of a proxy"),
        ("http://127.0.0.1:-1", "is not the URL of a proxy"),
        ("http://127.0.0.1:0", "is not the URL of a proxy"),
        (" http://127.0.0.1:3128", "is not the URL of a proxy"),
        ("http://127.0.0.1:3128 ", "is not the URL of a proxy"),
        ("http:// 127.0.0.1:3128", "is not the URL of a proxy"),
        ("http://a..b:3128", "is not the URL of a proxy"),
        ("a" * 64, "is not the URL of a proxy"),
        ("http://user:secret%00@127.0.0.1:3128", "is not the URL of a proxy"),
    ],
)
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "all_proxy"])
def test_proxy_that_is_none(
    way: Way, name: str, value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is named as it is spelled, and no login is shown."""
    monkeypatch.setenv(name, value)
    said = refused(way)
    assert said.startswith(f"{name} {why}")
    assert "secret" not in said


@each_way
def test_a_proxy_by_ipv6(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address of IPv6 is not a name to be looked up."""
    monkeypatch.setenv("HTTPS_PROXY", "socks4://[::1]:3128")
    assert refused(way).startswith("HTTPS_PROXY has the scheme socks4://")


@each_way
def test_exempt_host_that_is_none(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """`NO_PROXY` is named as well."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "localhost,[::")
    assert refused(way).startswith("NO_PROXY has an entry that is not a host: ")


@each_way
def test_proxy_without_a_scheme(
    gateway: Gateway, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`127.0.0.1:3128` means `http://127.0.0.1:3128`, as for curl and requests."""
    monkeypatch.setenv("HTTP_PROXY", urlsplit(gateway.url).netloc)
    with closed_port() as url, client_of(url) as wxpay:
        assert way.call(wxpay["v3/x"]).status_code == 200
    assert gateway.requests[0].target == f"{url}v3/x"


@each_way
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_login_at_a_proxy(way: Way, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the same on every transport, whatever letters it has; the host behind gets none."""
    with Gateway() as proxy:
        monkeypatch.setenv(
            f"{scheme}_proxy", f"http://a%3Ab:%E5%AF%86@码%@{urlsplit(proxy.url).netloc}"
        )
        proxy.default = Answer(status=407)
        wxpay = client_of(f"{scheme}://127.0.0.1:9/", retries=0)
        with wxpay, pytest.raises(WeChatPayError, match="407"):
            way.call(wxpay["v3/x"])
    login = proxy.requests[0].headers["proxy-authorization"].split()[1]
    assert base64.b64decode(login).decode() == "a:b:密@码%"


@each_way
@pytest.mark.parametrize("scheme", ["socks5", "SOCKS5h"])
def test_socks_proxy(
    server: Gateway, way: Way, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It carries calls on every transport, and no HTTP is ever said to its port."""
    with socks() as proxy, client_of(server) as wxpay:
        monkeypatch.setenv("ALL_PROXY", proxy.url.replace("socks5", scheme))
        for _ in range(2):
            assert way.call(wxpay["v3/x"], "post", json={"a": 1}).status_code == 200
    assert {one[:1] for one in proxy.first} == {b"\x05"}
    assert len(server.requests) == 2


@each_way
@pytest.mark.parametrize("behaviour", ["hangs up", "junk", "refuses", "hangs"])
def test_socks_proxy_that_fails(
    server: Gateway, way: Way, behaviour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing was sent, and it is tried again; no error of the SOCKS library leaves."""
    timeout = httpx.Timeout(20, connect=0.3 if behaviour == "hangs" else 20)
    with (
        socks(behaviour) as proxy,
        client_of(server, timeout=timeout, retries=1) as wxpay,
        pytest.raises(TransportError, match="was never sent") as caught,
    ):
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        way.call(wxpay["v3/x"], "post", json={"a": 1})
    assert not caught.value.outcome_unknown
    assert len(proxy.first) == 2
    assert server.requests == []


@each_way
def test_socks_without_its_package(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "socksio", None)
    assert "pip install wechatpay-openapi[socks]" in refused(way)


HOSTS = ("api.mch.weixin.qq.com", "weixin.qq.com", "127.0.0.1", "[::1]", "localhost", "xn--fiq")
ENTRIES = (
    *("weixin.qq.com", ".qq.com", "*", "*.qq.com", "qq.com:443", "127.0.0.1", "127.0.0.0/8"),
    *("::1", "localhost", "LOCALHOST", "https://api.mch.weixin.qq.com", "http://127.0.0.1", ""),
    *(
        "127.0.0.1:8080",
        "all://",
        "all://*",
        "all://qq.com",
        "https://",
        "https://*",
        "com",
        "*qq.com",
        " qq.com ",
    ),
)
PROXIES = ("", "http://p:1", "p:1", "socks5://p:1", "https://p:1")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scheme=st.sampled_from(["http", "https"]),
    host=st.sampled_from(HOSTS),
    port=st.sampled_from(["", ":443", ":8080"]),
    exempt=st.lists(st.sampled_from(ENTRIES), max_size=3),
    proxies=st.tuples(*[st.sampled_from(PROXIES)] * 3),
)
@example("https", "qq.com", "", ["https://"], ("", "", "http://p:1"))
@example("https", "qq.com", "", ["https://*"], ("", "http://p:1", ""))
@example("https", "127.0.0.1", ":443", ["http://qq.com", "127.0.0.1:8080"], ("", "p:1", ""))
def test_the_environment_is_read_as_httpx_reads_it(
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    host: str,
    port: str,
    exempt: list[str],
    proxies: tuple[str, str, str],
) -> None:
    """For any variables and any URL the proxy is the one that an httpx client would take."""
    for name, value in zip(NAMES, (*proxies, ",".join(exempt)), strict=True):
        monkeypatch.setenv(name, value)
    url = httpx.URL(f"{scheme}://{host}{port}/v3/x")
    with httpx.Client(verify=False) as client:
        theirs: Any = client._transport_for_url(url)
        pool: Any = theirs._pool
        is_direct = theirs is client._transport
    ours = proxy_for(url)
    assert (ours is None) == is_direct
    if ours is not None:
        found = httpx.URL(ours)
        assert found.raw_host == pool._proxy_url.host
        assert found.raw_scheme == pool._proxy_url.scheme
