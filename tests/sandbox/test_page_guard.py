"""Who may use the page: this machine, and no other origin."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._front import admission as _guard


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A sandbox with a port."""
    with Sandbox(port=0) as sandbox:
        yield sandbox


@pytest.fixture
def client(served: Sandbox) -> Iterator[httpx.Client]:
    """What a person looks with."""
    with httpx.Client(base_url=served.url, trust_env=False) as opened:
        yield opened
    served.faults.clear()


def _faults(sandbox: Sandbox) -> int:
    return len(sandbox.faults)


_FORM = {"method": "*", "path": "v3/**", "kind": "500"}


@pytest.mark.words
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://{host}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://{host}", "Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example", "Origin": "http://127.0.0.1.evil.example"},
        {"Host": "192.168.1.1"},
    ],
)
def test_foreign_forms_are_refused(
    served: Sandbox, client: httpx.Client, headers: dict[str, str]
) -> None:
    """A form of another origin, or sent to another name, does nothing."""
    host = served.url.partition("://")[2]
    sent = {name: value.format(host=host) for name, value in headers.items()}
    before = _faults(served)
    answer = client.post("/page/faults", data=_FORM, headers=sent)
    assert answer.status_code == 403
    assert "takes forms from itself only" in answer.text
    assert _faults(served) == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://{host}"},
        {"Origin": "http://{host}", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Host": "localhost:1234", "Origin": "http://localhost:1234"},
    ],
)
def test_own_forms_are_taken(
    served: Sandbox, client: httpx.Client, headers: dict[str, str]
) -> None:
    """A form of the page's own is taken, and what is not a browser can send one too."""
    host = served.url.partition("://")[2]
    sent = {name: value.format(host=host) for name, value in headers.items()}
    before = _faults(served)
    assert client.post("/page/faults", data=_FORM, headers=sent).status_code == 303
    assert _faults(served) == before + 1


@pytest.mark.parametrize("path", ["/", "/page/orders", "/page/style.css", "/page/nowhere"])
def test_rebound_names_are_refused(client: httpx.Client, path: str) -> None:
    """A name that somebody made lead here is shown nothing: DNS rebinding."""
    answer = client.get(path, headers={"Host": "rebound.example:80"})
    assert answer.status_code == 403
    assert "WECHATPAY_" not in answer.text
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize(
    "host",
    ["api.mch.weixin.qq.com", "api2.wechatpay.cn:443", "sandbox:8080", "127.0.0.1", "[::1]:1"],
)
def test_endpoints_have_more_names(client: httpx.Client, host: str) -> None:
    """An endpoint is also called by WeChat Pay's names, and by those of containers."""
    answer = client.get("/v3/certificates", headers={"Host": host})
    assert answer.json()["code"] == "SIGN_ERROR"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
        {"Host": "rebound.example:80", "Origin": "http://rebound.example:80"},
        {"Host": "api.mch.weixin.qq.com.evil.example"},
        {"Host": ""},
    ],
)
@pytest.mark.parametrize("path", ["/v3/pay/transactions/native", "/pay/unifiedorder", "/sandbox/x"])
def test_endpoints_are_nothing_to_foreign_pages(
    served: Sandbox, client: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    """What a foreign page has a browser send to an endpoint is refused, and nothing of it kept."""
    before = len(served.exchanges)
    answer = client.post(path, content=b"{}", headers=headers)
    assert (answer.status_code, len(served.exchanges)) == (403, before)
    assert "--public-url" in answer.text


def test_bodies_are_bounded(served: Sandbox, client: httpx.Client) -> None:
    """A body that is longer than any that is documented is refused, and not kept."""
    before = len(served.exchanges)
    answer = client.post("/v3/pay/transactions/native", content=b"x" * (_guard.MOST + 1))
    assert (answer.status_code, len(served.exchanges)) == (413, before)
    assert "16 MiB" in answer.text


def test_what_is_kept_is_bounded() -> None:
    """Of long bodies fewer are kept than of short ones, and the last in any case."""
    with Sandbox() as sandbox:
        for _ in range(6):
            sandbox.gateway.handle("POST", b"/v3/x", [], b"x" * _guard.MOST)
        assert len(sandbox.exchanges) == 3  # 64 MiB, with the answers
        sandbox.gateway.handle("POST", b"/v3/x", [], b"x" * (5 * _guard.MOST))
        assert [len(each.body) for each in sandbox.exchanges] == [5 * _guard.MOST]


@pytest.mark.parametrize(
    ("host", "configured", "allowed"),
    [
        ("127.0.0.1:8080", "127.0.0.1", True),
        ("127.9.9.9", "127.0.0.1", True),
        ("[::1]:8080", "127.0.0.1", True),
        ("localhost", "127.0.0.1", True),
        ("LOCALHOST:1", "127.0.0.1", True),
        ("shop.localhost", "127.0.0.1", True),
        ("sandbox.lan:80", "sandbox.lan", True),
        ("192.168.1.9", "0.0.0.0", True),
        ("[fe80::1]", "::", True),
        ("sandbox.lan", "0.0.0.0", False),
        ("192.168.1.9", "127.0.0.1", False),
        ("evil.example", "127.0.0.1", False),
        ("localhost.evil.example", "127.0.0.1", False),
        ("", "127.0.0.1", False),
        ("[::1", "127.0.0.1", False),
    ],
)
def test_hosts(host: str, configured: str, allowed: bool) -> None:
    """A host is right if it can only lead here, or is where the sandbox was told to be."""
    assert _guard.at_home(host, configured) == allowed


@given(st.text(max_size=40))
def test_any_host_is_judged(host: str) -> None:
    """Whatever stands in the header, it is judged."""
    assert _guard.at_home(host, "127.0.0.1") in (True, False)


def test_by_tls(tmp_path: Path) -> None:
    """By TLS the page is the same, and an origin is one with https."""
    with Sandbox(port=0, tls=True) as sandbox:
        context = ssl.create_default_context(cafile=sandbox.ca)
        with httpx.Client(base_url=sandbox.url, verify=context, trust_env=False) as client:
            assert "SSL_CERT_FILE=" in client.get("/").text
            own, other = sandbox.url, sandbox.url.replace("https", "http")
            for origin, status in ((own, 303), (other, 403)):
                answer = client.post("/page/faults", data=_FORM, headers={"Origin": origin})
                assert answer.status_code == status


def test_the_key_files_are_removed(tmp_path: Path) -> None:
    """The files that the settings name are there while it serves, and gone afterwards."""
    with Sandbox(port=0) as sandbox:
        text = httpx.get(sandbox.url, trust_env=False).text
        line = next(each for each in text.splitlines() if "PRIVATE_KEY" in each)
        file = Path(line.partition("=")[2])
        assert file.read_text() == sandbox.config["private_key"]
        assert file.stat().st_mode & 0o077 == 0
    assert not file.exists()
