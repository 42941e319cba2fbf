"""Why no answer came: `TransportError.reason`, and words that name the host and what to look at."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from gateway import Answer, Authority, Breaking, Gateway
from gateway.server import closed_port
from patience import LONG
from ways import ASYNCIO, SYNC, TRIO, Way, client_of, each_way

from wechatpay import TransportError, WeChatPay
from wechatpay._wire import Reason, Stage, explained


def failed(client: WeChatPay, way: Way) -> TransportError:
    """Return how a query fails."""
    with client as wxpay, pytest.raises(TransportError) as caught:
        way.call(wxpay["v3/x"])
    assert caught.value.outcome_unknown is False
    return caught.value


@each_way
def test_nobody_listens(way: Way, make_client: Callable[..., WeChatPay]) -> None:
    """A refused connection names host and port."""
    with closed_port() as url:
        error = failed(make_client(base_url=url), way)
    assert error.reason == "connect"
    assert f"{httpx.URL(url).host}:{httpx.URL(url).port} refused the connection" in str(error)
    assert error.__cause__ is not None


@each_way
def test_a_name_that_is_not_resolved(way: Way, make_client: Callable[..., WeChatPay]) -> None:
    """A host name that does not resolve is named, without a port."""
    error = failed(make_client(base_url="https://nope.invalid/"), way)
    assert error.reason == "resolve"
    assert "the name nope.invalid was not resolved" in str(error)


@each_way
@pytest.mark.parametrize("where", ["closed", "nope.invalid"])
def test_a_proxy_that_is_not_there(
    way: Way, where: str, make_client: Callable[..., WeChatPay], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the proxy that is named, without its login, and not the host that nobody spoke to."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    with closed_port() as url:
        place = httpx.URL(url).netloc.decode() if where == "closed" else "nope.invalid:3128"
        monkeypatch.setenv("HTTPS_PROXY", f"http://name:secret@{place}")
        error = failed(make_client(base_url="https://pay.example/"), way)
    assert error.reason == "proxy"
    assert f"the proxy {place} " in str(error)
    assert "secret" not in str(error)
    assert "pay.example" not in str(error)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Breaking]:
    """A proxy over TLS whose certificate is not trusted."""
    with Breaking(Authority().server_context(tmp_path_factory.mktemp("tls"))) as proxy:
        yield proxy


@each_way
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_over_tls_that_is_not_trusted(
    stranger: Breaking, way: Way, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the proxy's certificate, and nothing of the host's."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv(f"{scheme}_proxy", f"https://{stranger.address}")
    error = failed(client_of(f"{scheme}://pay.example/", retries=0), way)
    assert error.reason == "proxy"
    assert f"the certificate that the proxy {stranger.address} shows is not trusted" in str(error)
    assert "pay.example" not in str(error)


@pytest.mark.parametrize("way", [SYNC, ASYNCIO, TRIO], ids=lambda way: way.name)
@pytest.mark.parametrize("kind", ["closed", "stranger"])
def test_a_proxy_of_the_users_own_client(stranger: Breaking, way: Way, kind: str) -> None:
    """It is named as well, though nobody but that client knows of it."""
    with closed_port() as url:
        place = httpx.URL(url).netloc.decode() if kind == "closed" else stranger.address
        proxy = f"{'http' if kind == 'closed' else 'https'}://name:secret@{place}"
        own: dict[str, Any] = (
            {"async_http_client": httpx.AsyncClient(proxy=proxy)}
            if way.is_async
            else {"http_client": httpx.Client(proxy=proxy)}
        )
        error = failed(client_of("https://pay.example/", retries=0, **own), way)
    assert error.reason == "proxy"
    assert f"the proxy {place} " in str(error)
    assert "secret" not in str(error)
    assert "pay.example" not in str(error)


@each_way
def test_an_answer_that_does_not_come(gateway: Gateway, way: Way) -> None:
    """A time limit wins over the step, which the words name."""
    gateway.default = Answer(fault="hang")
    error = failed(client_of(gateway, retries=0, timeout=httpx.Timeout(LONG, read=0.05)), way)
    assert error.reason == "timeout"
    assert "took too long: the time limit ended" in str(error)
    assert "waiting for the answer" in str(error)


@each_way
def test_an_answer_that_is_cut_off(gateway: Gateway, way: Way) -> None:
    """A connection that the server closes in the middle is said to be closed by it."""
    gateway.default = Answer(fault="reset")
    with client_of(gateway, retries=0) as wxpay, pytest.raises(TransportError) as caught:
        way.call(wxpay["v3/x"], "post", json={})
    assert caught.value.outcome_unknown
    assert caught.value.reason == "closed"
    assert "closed the connection" in str(caught.value)


@pytest.fixture
def plain() -> Iterator[str]:
    """The URL of a server that answers whatever it gets with plain HTTP."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@each_way
def test_plain_http_where_tls_is_meant(
    way: Way, plain: str, make_client: Callable[..., WeChatPay]
) -> None:
    """A port that does not speak TLS is said not to."""
    error = failed(make_client(base_url=plain), way)
    assert error.reason == "tls"
    assert "does not speak TLS" in str(error) or "TLS with 127.0.0.1 failed" in str(error)


def untrusted() -> ssl.SSLCertVerificationError:
    """Return the error of a certificate that is not trusted."""
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_message = "self-signed certificate\x1b[31m"
    return error


WORDS: list[tuple[Reason, Stage, BaseException, str]] = [
    ("proxy", "proxy", httpx.ProxyError("407 Proxy Authentication Required"), "requires a login"),
    ("proxy", "proxy", httpx.ProxyError("502 Bad Gateway"), "HTTPS_PROXY, ALL_PROXY"),
    ("tls", "tls", ssl.SSLError(1, "x"), "TLS with pay.example failed"),
    ("protocol", "read", httpx.RemoteProtocolError("x"), "not whole HTTP"),
    ("connect", "connect", OSError("x"), "pay.example:443 could not be reached"),
]


@pytest.mark.parametrize(("reason", "stage", "error", "expected"), WORDS)
def test_words(reason: Reason, stage: Stage, error: BaseException, expected: str) -> None:
    """Each reason has words of its own."""
    assert expected in explained(reason, stage, [error], "pay.example", 443)


def test_a_certificate_that_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said by which file it was judged, and OpenSSL's words hurt no terminal."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    words = explained("tls", "tls", [OSError(), untrusted()], "pay.example", None)
    assert "the certificate that pay.example shows is not trusted (self-signed" in words
    assert "cacert.pem" in words
    assert "\x1b" not in words
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/own.pem")
    assert "/etc/own.pem" in explained("tls", "tls", [untrusted()], "pay.example", None)
    wrong: Any = ssl.SSLError(1, "x")
    wrong.reason = "WRONG_VERSION_NUMBER"
    assert "plain HTTP?" in explained("tls", "tls", [wrong], "pay.example", None)
    wrong.reason = "NO_SHARED_CIPHER"
    assert "(NO_SHARED_CIPHER)" in explained("tls", "tls", [wrong], "pay.example", None)


def test_nothing_of_it_is_guessed() -> None:
    """An error that was rebuilt from its text alone does not claim a reason."""
    assert TransportError("lost").reason is None
