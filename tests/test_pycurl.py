"""What only connections on libcurl can get wrong, and how its numbers are read."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pycurl
import pytest
from gateway import (
    PUBLIC_KEY_ID,
    Answer,
    Authority,
    Gateway,
    private_pem,
    public_pem,
    rsa_key,
)
from test_sent_or_not import send
from test_surplus import smuggler
from ways import CURL, IDLE, client_of

from wechatpay import TransportError
from wechatpay._wire import Attempt, Failure, Network, Route, pycurl_pool
from wechatpay._wire.pycurl_errors import raised_for, timed_out
from wechatpay._wire.pycurl_head import Head
from wechatpay._wire.readable import wait

LIMITS = {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": None}
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
REQUEST = httpx.Request("GET", "https://x/")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A server's TLS, and the folder of its root."""
    folder = tmp_path_factory.mktemp("tls")
    return folder, Authority().server_context(folder)


@pytest.fixture
def secure(root: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A WeChat Pay over TLS that is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(root[0] / "root.pem"))
    with Gateway(tls=root[1]) as gateway:
        yield gateway


def test_connections_are_kept_over_tls(secure: Gateway) -> None:
    """What is looked for behind each answer is not there, and leaves the connection as it is."""
    with client_of(secure, transport="pycurl") as wxpay:
        for _ in range(3):
            assert wxpay["v3/x"].get(params={"a": "%2f"}).extensions["wechatpay"].verified
    assert secure.connections == 1
    assert {one.target for one in secure.requests} == {"/v3/x?a=%252f"}


def test_who_is_not_trusted(
    secure: Gateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The error says so, and whose certificates judge; a directory of them counts as well."""
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with (
        client_of(secure, transport="pycurl", retries=0) as wxpay,
        pytest.raises(TransportError, match="is not trusted") as caught,
    ):
        wxpay["v3/x"].get()
    assert caught.value.reason == "tls"
    assert "SSL_CERT_DIR" in str(caught.value)


def test_a_proxy_that_is_reached_by_tls(secure: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is trusted by the same roots; that it makes no tunnel is its fault."""
    secure.default = Answer(status=403)
    monkeypatch.setenv("HTTPS_PROXY", secure.url.rstrip("/"))
    (failed,) = send(CURL, ("GET", "https://127.0.0.1:9/v3/x"))
    assert isinstance(failed, Failure)
    assert (failed.sent, failed.reason, failed.stage) == (False, "proxy", "proxy")


@pytest.mark.parametrize(
    ("proxy", "given"),
    [
        ("http://u:p@one", "http://one:80"),
        ("https://[::1]", "https://[::1]:443"),
        ("socks5://one", "socks5h://one:1080"),
    ],
)
def test_a_proxy_without_a_port(proxy: str, given: str) -> None:
    """It is at the port that its scheme means elsewhere; libcurl would take 1080 for HTTP, too."""
    settings = dict(pycurl_pool._settings(Route("http://127.0.0.1:9", TLS, proxy)))
    assert settings[pycurl.PROXY] == given


def test_a_header_that_cannot_be_sent(gateway: Gateway) -> None:
    """A line break in a header would be a header of somebody else's: nothing is sent."""
    request = httpx.Request(
        "GET", f"{gateway.url}v3/x", headers={"X": "a\r\nb"}, extensions={"timeout": LIMITS}
    )
    pool = pycurl_pool.PycurlPool(Route(gateway.url.rstrip("/"), TLS, None))
    attempt = Attempt(LIMITS)
    with pytest.raises(httpx.LocalProtocolError):
        pool.send(request, attempt)
    assert not attempt.sent
    assert gateway.requests == []


def test_nothing_is_added_to_a_request(gateway: Gateway) -> None:
    """What libcurl sends by itself is not sent, and an empty header is."""
    headers = {"X-Empty": "", "Host": "pay.example"}
    request = httpx.Request("POST", f"{gateway.url}v3/x", headers=headers, content=b"{}")
    for name in ("Accept", "User-Agent", "Accept-Encoding", "Connection"):
        request.headers.pop(name, None)
    pool = pycurl_pool.PycurlPool(Route(gateway.url.rstrip("/"), TLS, None))
    assert pool.send(request, Attempt(LIMITS)).status_code == 200
    pool.close()
    names = sorted(name.lower() for name in gateway.requests[0].headers)
    assert names == ["content-length", "host", "x-empty"]


def test_verbs_on_one_connection(gateway: Gateway) -> None:
    """What one call had does not stay for the next."""
    verbs = ("post", "get", "put", "delete", "get", "patch")
    with client_of(gateway, transport="pycurl", **IDLE) as wxpay:
        node: Any = wxpay["v3/x"]
        for verb in verbs:
            body = {"json": {"verb": verb}} if verb in ("post", "put", "patch") else {}
            getattr(node, verb)(**body)
    assert [one.method.lower() for one in gateway.requests] == list(verbs)
    assert [bool(one.body) for one in gateway.requests] == [True, False, True, False, False, True]
    assert gateway.connections == 1


def test_a_fork_in_the_middle_of_a_call(gateway: Gateway) -> None:
    """In the child no connection leads anywhere, idle or waiting; in the parent nothing changes."""
    with client_of(gateway, transport="pycurl", retries=0, **IDLE) as wxpay:
        node: Any = wxpay["v3/x"]
        node.get()
        pycurl_pool._disown()  # what a child does first
        node.get()
        assert gateway.connections == 2

        def meanwhile(request: Any) -> Answer:
            time.sleep(0.05)  # until libcurl waits for the answer, and is not in the middle of it
            pycurl_pool._disown()
            return Answer()

        gateway.default = meanwhile
        with pytest.raises(TransportError) as caught:
            node.post()
        assert caught.value.outcome_unknown


def test_what_libcurl_wants_to_be_called_for(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is called when it says, though nothing happened, and the call goes on."""
    gateway.default = Answer(delay=0.02)
    waits: list[float] = []

    def nothing_yet(sockets: dict[int, int], seconds: float) -> list[tuple[int, int]]:
        waits.append(seconds)
        return [] if len(waits) == 1 else wait(sockets, seconds)

    monkeypatch.setattr(pycurl_pool, "wait", nothing_yet)
    with client_of(gateway, transport="pycurl", **IDLE) as wxpay:
        assert wxpay["v3/x"].get().status_code == 200
    assert len(waits) > 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_does_not_end_its_parents_tls(secure: Gateway, tmp_path: Path) -> None:
    """Closing what it got of it would say to the server that it is over."""
    (tmp_path / "key.pem").write_text(private_pem(rsa_key("merchant")))
    (tmp_path / "public.pem").write_text(public_pem(rsa_key("platform")))
    script = f"""
        import gc, os, wechatpay
        wxpay = wechatpay.WeChatPay("1900000109", "AB12", "key.pem", retries=0,
            certs={{"{PUBLIC_KEY_ID}": "public.pem"}}, base_url="{secure.url}", transport="pycurl")
        wxpay["v3/parent"].get()
        child = os.fork()
        if child == 0:
            wxpay["v3/child"].get()
            wxpay.close()
            del wxpay
            gc.collect()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        wxpay["v3/parent"].get()
        wxpay.close()
    """
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(script)]
    subprocess.run(command, check=True, cwd=tmp_path)
    found = [(one.path, one.connection) for one in secure.requests]
    assert found == [("/v3/parent", 1), ("/v3/child", 2), ("/v3/parent", 1)]


def test_threads_have_connections_of_their_own(gateway: Gateway) -> None:
    """Of calls at one time each has its connection, and each its answer."""
    gateway.default = Answer(asked=4)
    statuses: list[int] = []
    with client_of(gateway, transport="pycurl", **IDLE) as wxpay:
        node: Any = wxpay["v3/x"]
        threads = [
            threading.Thread(target=lambda: statuses.append(node.get().status_code))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [200] * 4
    assert gateway.connections == 4


HEADS = {
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n": (200, True),
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 OK\r\ncontent-length:1\r\n\r\n": (202, True),
    b"HTTP/1.1 204 No Content\r\n\r\n": (204, True),
    b"HTTP/1.1 200 OK\r\n\r\n": (200, False),
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n": (200, False),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n": (200, False),
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\n\r\n": (200, False),
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\n": (200, False),
}


@pytest.mark.parametrize("head", HEADS)
def test_heads(head: bytes) -> None:
    """Where two readers could see two ends of an answer, its connection is not used again."""
    read = Head()
    read.lines += head.splitlines(keepends=True)
    read.read()
    assert (read.status, read.is_plain) == HEADS[head]
    assert read.is_whole
    read.lines.append(b"X: a trailer\r\n")
    assert not read.is_plain


@pytest.mark.parametrize("status", [b"HTTP/1.1 200\x16\x03\r\n", b"http/1.1 200 OK\r\n"])
def test_what_is_not_http_s_status(status: bytes) -> None:
    """A status line that only libcurl accepts is refused."""
    read = Head()
    read.lines += [status, b"\r\n"]
    read.read()
    assert (read.status, read.is_whole) == (0, False)


def test_an_answer_that_is_not_http() -> None:
    """A status with junk behind it is nothing that came; the request was sent all the same."""
    with smuggler(b"HTTP/1.1 200\x16\x03\r\nContent-Length: 0\r\n\r\n") as server:
        (failed,) = send(CURL, ("POST", f"{server.url}x"))
    assert isinstance(failed, Failure)
    assert (failed.sent, failed.reason) == (True, "protocol")


def test_the_merchants_certificate() -> None:
    """It goes to libcurl in memory, and nothing shows its key."""
    chain, key = Authority().issue()
    network = Network(30.0, (chain, private_pem(key)), "1900000109")
    route = network.route((b"https", b"x", True), httpx.URL("https://x/"))
    settings = dict(pycurl_pool._settings(route))
    assert settings[pycurl.SSLCERT_BLOB] == chain.encode()
    assert settings[pycurl.SSLKEY_BLOB] == private_pem(key).encode()
    assert "PRIVATE" not in repr(route)
    plain = network.route((b"https", b"x", False), httpx.URL("https://x/"))
    assert plain.certificate is None


class Handle:
    """What libcurl says of a transfer."""

    def __init__(self, **known: int) -> None:
        self.known = {getattr(pycurl, name): value for name, value in known.items()}

    def getinfo(self, what: int) -> int:
        """Return a number."""
        return self.known.get(what, 0)


@pytest.mark.parametrize(
    ("number", "known", "proxy", "stage", "kind"),
    [
        (7, {"OS_ERRNO": 111}, "", "connect", httpx.ConnectError),
        (7, {}, "", "connect", httpx.ConnectError),
        (7, {"OS_ERRNO": 111}, "p:1", "connect", httpx.ConnectError),
        (6, {}, "", "connect", httpx.ConnectError),
        (97, {}, "p:1", "proxy", httpx.ProxyError),
        (56, {"CONNECT_TIME": 1, "HTTP_CONNECTCODE": 407}, "p:1", "proxy", httpx.ProxyError),
        (35, {"CONNECT_TIME": 1, "HTTP_CONNECTCODE": 200}, "p:1", "tls", httpx.ConnectError),
        (35, {"CONNECT_TIME": 1}, "", "tls", httpx.ConnectError),
    ],
)
def test_the_step_that_failed(
    number: int, known: dict[str, int], proxy: str, stage: str, kind: type[Exception]
) -> None:
    """It is told by what stood already, and by the kind of the error."""
    attempt = Attempt(LIMITS)
    attempt.proxy = proxy
    error = raised_for(number, f"{number}", Handle(**known), attempt, REQUEST)
    assert type(error) is kind
    assert attempt.stage == stage
    assert not attempt.sent


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("SSL certificate OpenSSL verify result: self-signed certificate (18)", "self-signed"),
        ("SSL certificate problem: certificate has expired", "has expired"),
        ("SSL: no alternative certificate subject name matches target host name 'x'", "no altern"),
        ("something new", ""),
    ],
)
def test_why_a_certificate_is_not_trusted(words: str, said: str) -> None:
    """That it is not is told by the number, and why by the words of several versions."""
    attempt = Attempt(LIMITS)
    number = pycurl.E_PEER_FAILED_VERIFICATION
    cause = raised_for(number, words, Handle(CONNECT_TIME=1), attempt, REQUEST).__cause__
    assert isinstance(cause, ssl.SSLCertVerificationError)
    assert said in cause.verify_message


@pytest.mark.parametrize(
    ("number", "kind", "ended"),
    [
        (52, httpx.RemoteProtocolError, True),
        (56, httpx.ReadError, False),
        (8, httpx.RemoteProtocolError, False),
    ],
)
def test_what_failed_after_sending(number: int, kind: type[Exception], ended: bool) -> None:
    """Whether the other side closed the connection is told from whether it answered nonsense."""
    attempt = Attempt(LIMITS)
    attempt.send()
    assert type(raised_for(number, "", Handle(), attempt, REQUEST)) is kind
    assert attempt.has_ended is ended


def test_a_time_limit_of_writing() -> None:
    """Which step took too long is told by what was waited for."""
    attempt = Attempt(LIMITS)
    attempt.send()
    assert type(timed_out(Handle(), attempt)) is httpx.WriteTimeout


def test_nothing_to_wait_for() -> None:
    """Then it is the time that passes, as while a name is looked up."""
    assert wait({}, 0.001) == []
