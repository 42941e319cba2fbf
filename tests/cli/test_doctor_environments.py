"""What is wrong with the environment is one line of `wechatpay doctor`, and that names it."""

# ruff: noqa: D103  the functions are a list, and each name says what is wrong

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from gateway import Authority, Break, Breaking, Gateway, closed_port, socks

from .conftest import Run
from .test_doctor import lines

NAMES = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"),
)
OFFICIAL = "https://api.mch.weixin.qq.com/"


class Wrong(NamedTuple):
    """A wrong environment while it lasts.

    Attributes:
        variables: What it sets.
        words: What has to be said of it.
        base_url: Where WeChat Pay is meant to be.
    """

    variables: dict[str, str]
    words: tuple[str, ...]
    base_url: str = OFFICIAL


Made = Callable[[Path], AbstractContextManager[Wrong]]
WRONG: dict[str, Made] = {}


def wrong(make: Callable[[Path], Generator[Wrong, None, None]]) -> Made:
    """Add an environment to the list, by its function's name."""
    return WRONG.setdefault(make.__name__, contextmanager(make))


@wrong
def no_such_roots(folder: Path) -> Generator[Wrong, None, None]:
    path = str(folder / "none.pem")
    yield Wrong({"SSL_CERT_FILE": path}, ("SSL_CERT_FILE: ", path, "No such file"))


@wrong
def roots_that_are_no_pem(folder: Path) -> Generator[Wrong, None, None]:
    (folder / "roots.pem").write_text("not PEM")
    yield Wrong({"SSL_CERT_FILE": "roots.pem"}, ("SSL_CERT_FILE: ", "no certificates as PEM"))


@wrong
def roots_that_are_a_directory(folder: Path) -> Generator[Wrong, None, None]:
    yield Wrong({"SSL_CERT_FILE": str(folder)}, ("SSL_CERT_FILE: ", "is a directory"))


@wrong
def a_directory_of_roots_that_is_none(_: Path) -> Generator[Wrong, None, None]:
    yield Wrong({"SSL_CERT_DIR": "nowhere"}, ("SSL_CERT_DIR: nowhere is not a directory",))


@wrong
def a_key_log_that_cannot_be_written(_: Path) -> Generator[Wrong, None, None]:
    yield Wrong({"SSLKEYLOGFILE": "nowhere/keys"}, ("SSLKEYLOGFILE: ", "cannot be written"))


@wrong
def a_proxy_with_a_port_that_is_none(_: Path) -> Generator[Wrong, None, None]:
    yield Wrong({"HTTPS_PROXY": "http://127.0.0.1:abc"}, ("HTTPS_PROXY is not the URL of a proxy",))


@wrong
def a_proxy_with_an_unknown_scheme(_: Path) -> Generator[Wrong, None, None]:
    yield Wrong({"ALL_PROXY": "socks://127.0.0.1:1080"}, ("ALL_PROXY has the scheme socks://",))


@wrong
def an_exempt_host_that_is_none(_: Path) -> Generator[Wrong, None, None]:
    variables = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "[::"}
    yield Wrong(variables, ("NO_PROXY has an entry that is not a host",))


@wrong
def a_proxy_that_is_not_there(_: Path) -> Generator[Wrong, None, None]:
    with closed_port() as url:
        place = url.removeprefix("http://").rstrip("/")
        yield Wrong({"HTTPS_PROXY": url}, (f"the proxy {place} refused", "see HTTPS_PROXY"))


@wrong
def a_proxy_whose_name_does_not_resolve(_: Path) -> Generator[Wrong, None, None]:
    variables = {"HTTPS_PROXY": "http://user:secret@nope.invalid:3128"}
    yield Wrong(variables, ("the proxy nope.invalid:3128 was not found", "see HTTPS_PROXY"))


@contextmanager
def _proxy(fault: Break) -> Generator[dict[str, str], None, None]:
    with Breaking() as server:
        server.fault = fault
        yield {"HTTPS_PROXY": f"http://{server.address}"}


@wrong
def a_proxy_that_hangs_up(_: Path) -> Generator[Wrong, None, None]:
    with _proxy(Break("tunnel", "cut")) as variables:
        yield Wrong(variables, ("did not make the connection", "see HTTPS_PROXY"))


@wrong
def a_proxy_that_answers_junk(_: Path) -> Generator[Wrong, None, None]:
    with _proxy(Break("tunnel", "junk")) as variables:
        yield Wrong(variables, ("did not make the connection", "see HTTPS_PROXY"))


@wrong
def a_proxy_that_wants_a_login(_: Path) -> Generator[Wrong, None, None]:
    with Breaking() as server:
        server.fault = Break("tunnel", "login")
        yield Wrong(
            {"HTTPS_PROXY": f"http://{server.address}"},
            (f"the proxy {server.address} requires a login (407)", "http://name:password@host"),
        )


@wrong
def a_socks_proxy_that_hangs_up(_: Path) -> Generator[Wrong, None, None]:
    with socks("hangs up") as proxy:
        yield Wrong({"ALL_PROXY": proxy.url}, ("did not make the connection", "ALL_PROXY"))


@wrong
def a_name_that_does_not_resolve(_: Path) -> Generator[Wrong, None, None]:
    yield Wrong({}, ("the name nope.invalid was not resolved",), "https://nope.invalid/")


@wrong
def a_closed_port(_: Path) -> Generator[Wrong, None, None]:
    with closed_port() as url:
        place = url.removeprefix("http://").rstrip("/")
        yield Wrong({}, (f"{place} refused the connection",), url)


@wrong
def plain_http_where_tls_is_expected(_: Path) -> Generator[Wrong, None, None]:
    with Breaking() as server:
        server.fault = Break("request", "refuse", 1)
        url = f"https://{server.address}/"
        yield Wrong({}, ("does not speak TLS at that port: is it plain HTTP?",), url)


@contextmanager
def _tls(folder: Path, *names: str) -> Generator[str, None, None]:
    with Gateway(tls=Authority().server_context(folder, names=names)) as server:
        yield server.url


@wrong
def a_certificate_that_nobody_trusts(folder: Path) -> Generator[Wrong, None, None]:
    with _tls(folder) as url:
        yield Wrong({}, ("shows is not trusted", "judged by the certificates in "), url)


@wrong
def a_certificate_of_another_host(folder: Path) -> Generator[Wrong, None, None]:
    with _tls(folder, "elsewhere.example") as url:
        root = str(folder / "root.pem")
        yield Wrong(
            {"SSL_CERT_FILE": root},
            ("shows is not trusted", "mismatch", root),
            url.replace("127.0.0.1", "localhost"),
        )


@wrong
def roots_of_somebody_else(folder: Path) -> Generator[Wrong, None, None]:
    with _tls(folder) as url:
        (folder / "other.pem").write_text(Authority().pem)
        yield Wrong({"SSL_CERT_FILE": "other.pem"}, ("is not trusted", "other.pem"), url)


@wrong
def a_server_that_hangs_up(_: Path) -> Generator[Wrong, None, None]:
    with Breaking() as server:
        server.fault = Break("request", "cut", 1)
        yield Wrong({}, (f"{server.address} closed the connection",), f"http://{server.address}/")


@wrong
def a_server_that_speaks_no_http(_: Path) -> Generator[Wrong, None, None]:
    with Breaking() as server:
        server.fault = Break("request", "junk", 1)
        yield Wrong({}, ("not whole HTTP",), f"http://{server.address}/")


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_environment_is_one_line(
    name: str,
    make_env: Callable[..., Path],
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever it is, one line fails, with its cause, and nothing after it was tried."""
    for one in NAMES:
        monkeypatch.delenv(one, raising=False)
        monkeypatch.delenv(one.lower(), raising=False)
    with WRONG[name](tmp_path) as made:
        for variable, value in made.variables.items():
            monkeypatch.setenv(variable, value)
        result = run("doctor", "-e", make_env(BASE_URL=made.base_url))
    failed = [(name, words) for name, (state, words) in lines(result).items() if state == "FAIL"]
    assert [name for name, _ in failed] == ["server"], result.out
    assert all(word in failed[0][1] for word in made.words), failed[0][1]
    assert result.code != 0
    assert list(lines(result))[-1] == "server"


def test_socks_without_its_package(
    make_env: Callable[..., Path], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra that is missing is named."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "socksio", None)
    state, words = lines(run("doctor", "-e", make_env()))["server"]
    assert (state, "wechatpay-openapi[socks]" in words) == ("FAIL", True), words
