"""`wechatpay._call.hosts`: where a call may go, and that a signature goes nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from wechatpay import ConfigurationError
from wechatpay._call import API_HOSTS, DEFAULT_BASE_URL, Call, Hosts

LOCAL = "http://127.0.0.1:8080/"


def hosts(base_url: Any = DEFAULT_BASE_URL, backup_urls: Iterable[str] | None = None) -> Hosts:
    """Make the hosts of a client."""
    return Hosts(base_url, backup_urls)


def call(template: str = "v3/certificates", method: str = "GET", **arguments: Any) -> Call:
    """Make a call."""
    return Call.asked(method, template, arguments)


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://api.mch.weixin.qq.com", "https://api.mch.weixin.qq.com/"),
        ("https://api.mch.weixin.qq.com/", "https://api.mch.weixin.qq.com/"),
        ("https://apihk.mch.weixin.qq.com/hk", "https://apihk.mch.weixin.qq.com/hk/"),
        ("https://apihk.mch.weixin.qq.com/hk//", "https://apihk.mch.weixin.qq.com/hk/"),
        ("HTTPS://API.mch.weixin.qq.com", "https://api.mch.weixin.qq.com/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("http://[::1]:8080", "http://[::1]:8080/"),
        ("https://gateway.example:8443/a/b", "https://gateway.example:8443/a/b/"),
    ],
)
def test_a_base_url_ends_with_one_slash(base_url: str, expected: str) -> None:
    """However it is written, paths can be put right behind it."""
    assert hosts(base_url, ()).base == expected


@pytest.mark.parametrize(
    ("base_url", "reason"),
    [
        *[(bad, "must be https://host") for bad in ("", "api.mch.weixin.qq.com", "//x/", "/x")],
        *[(bad, "must be https://host") for bad in ("ftp://x/", "file:///etc", "https:///x")],
        *[(f"https://x/{more}", "must be https://host") for more in ("?a=b", "#a", "y?a#b")],
        *[(f"https://{who}@x/", "must be https://host") for who in ("", "user", "user:word")],
        *[(bad, "is not a URL") for bad in ("https://x:port/", "https://x:70000/", "https://[x/")],
        *[(bad, "is not a URL") for bad in (1, Path("x"), ["https://x/"])],
        *[(bad, "must be https://host") for bad in (None, b"https://x/")],
        ("http://api.mch.weixin.qq.com/", "reached by https only"),
        ("http://api2.wechatpay.cn:80/", "reached by https only"),
    ],
)
def test_what_is_no_base_url_is_refused(base_url: Any, reason: str) -> None:
    """Only a scheme, a host and a prefix make one; WeChat Pay itself is never asked in clear."""
    with pytest.raises(ConfigurationError, match=f"^base_url.*{reason}") as caught:
        hosts(base_url)
    assert "word" not in str(caught.value)


@pytest.mark.parametrize(
    ("base_url", "backups"),
    [
        ("https://api.mch.weixin.qq.com/", ("https://api2.mch.weixin.qq.com/",)),
        ("https://API.MCH.WEIXIN.QQ.COM", ("https://api2.mch.weixin.qq.com/",)),
        ("https://api.wechatpay.cn", ("https://api2.wechatpay.cn/",)),
        ("https://apihk.mch.weixin.qq.com/", ()),
        ("https://api.mch.weixin.qq.com/hk/", ()),
        (LOCAL, ()),
    ],
)
def test_official_hosts_have_an_official_backup(base_url: str, backups: tuple[str, ...]) -> None:
    """What to fall back to is known for the two main hosts, and for no others."""
    assert hosts(base_url).all[1:] == backups
    assert hosts(base_url, ()).all[1:] == ()


def test_backups_can_be_given() -> None:
    """A merchant's own take the place of the official ones, in order."""
    given = ["https://a.example", "https://b.example/"]
    chosen = hosts(backup_urls=given)
    assert chosen.all == (DEFAULT_BASE_URL, "https://a.example/", "https://b.example/")
    assert chosen.of(call()) == chosen.all


@pytest.mark.parametrize(
    ("base_url", "backup"),
    [
        ("https://a.example/", "https://b.example/hk/"),
        ("https://a.example/hk/", "https://b.example/"),
    ],
)
def test_a_backup_has_the_same_path(base_url: str, backup: str) -> None:
    """The signature covers the path, so that it would not hold under another prefix."""
    with pytest.raises(ConfigurationError, match=r"^backup_urls must have the path of base_url"):
        hosts(base_url, [backup])


def test_a_backup_is_a_base_url() -> None:
    """What is wrong with a backup is said of `backup_urls`."""
    with pytest.raises(ConfigurationError, match=r"^backup_urls must be https://host"):
        hosts(backup_urls=["a.example"])


@pytest.mark.parametrize("host", sorted(API_HOSTS))
def test_a_call_may_name_any_host_of_wechat_pay(host: str) -> None:
    """`base_url` takes a call to another documented host, whatever the client's own is."""
    for client in (hosts(), hosts(LOCAL)):
        assert client.of(call(base_url=f"https://{host}/hk")) == (f"https://{host}/hk/",)


@pytest.mark.parametrize("prefix", ["", "hk/", "brand/"])
def test_a_call_may_name_the_client_s_own_hosts(prefix: str) -> None:
    """Under any prefix, a backup as well as the first."""
    client = hosts("https://a.example", ["https://b.example:8443"])
    for own in ("https://a.example/", "https://b.example:8443/"):
        assert client.of(call(base_url=own + prefix)) == (own + prefix,)


@pytest.mark.parametrize(
    "base_url",
    [
        *("https://evil.example/", "https://api.mch.weixin.qq.com.evil.example/"),
        *("https://evil-api.mch.weixin.qq.com/", "https://mch.weixin.qq.com/"),
        *("https://pay.wechatpay.cn/", "https://wechatpay.cn/", "https://api.mch.weixin.qq.com./"),
        *("http://127.0.0.1:8081/", "https://127.0.0.1:8080/", "http://localhost:8080/"),
    ],
)
def test_a_call_may_name_no_other_host(base_url: str) -> None:
    """Look-alikes, download hosts, another port or another scheme get no signature."""
    with pytest.raises(ConfigurationError, match="a signature is sent to no other"):
        hosts(LOCAL).of(call(base_url=base_url))


@pytest.mark.parametrize(
    ("base_url", "reason"),
    [
        ("http://api.mch.weixin.qq.com/", "https only"),
        ("https://x@api.mch.weixin.qq.com/", "must be https://host"),
        ("https://evil.example\\@api.mch.weixin.qq.com/", "must be https://host"),
    ],
)
def test_a_call_s_host_is_checked_like_the_client_s(base_url: str, reason: str) -> None:
    """Nothing but a base URL is one, for a single call either."""
    with pytest.raises(ConfigurationError, match=f"^base_url.*{reason}"):
        hosts().of(call(base_url=base_url))


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        (DEFAULT_BASE_URL, "https://fraud.mch.weixin.qq.com/"),
        (LOCAL, LOCAL),
        (f"{LOCAL}prefix", f"{LOCAL}prefix/"),
    ],
)
def test_an_endpoint_may_have_a_host_of_its_own(base_url: str, expected: str) -> None:
    """It is used by clients of WeChat Pay; one that talks to something local stays there."""
    assert hosts(base_url).of(call("v2/risk/getpublickey", "POST")) == (expected,)


def test_an_endpoint_s_prefix_holds_everywhere() -> None:
    """An endpoint that lives under `hk/` is found there on a local host, too."""
    method, path = "POST", "v3/transactions/app"
    official = hosts().of(call(path, method))[0]
    assert official.endswith("/hk/")
    assert hosts(LOCAL).of(call(path, method)) == (f"{LOCAL}hk/",)


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        (DEFAULT_BASE_URL, "v3/certificates"),
        ("https://apihk.mch.weixin.qq.com/", "v3/global/certificates"),
        ("https://apius.mch.weixin.qq.com/hk/", "v3/global/certificates"),
        ("https://apieu.mch.weixin.qq.com/", "v3/global/certificates"),
        (LOCAL, "v3/certificates"),
    ],
)
def test_certificates_are_elsewhere_overseas(base_url: str, path: str) -> None:
    """The overseas hosts have a path of their own for them."""
    assert hosts(base_url).certificates_path == path


@pytest.mark.parametrize("backups", ["https://api.example/", 5, object()])
def test_backups_are_a_list(backups: Any) -> None:
    """One URL in place of a list is not a list of its letters."""
    with pytest.raises(ConfigurationError, match="backup_urls must be a list of URLs"):
        hosts(backup_urls=backups)


@pytest.mark.parametrize(
    "host", ["a..b", "api.mch.weixin.qq.com%2e", "a" * 64, ".example", "a" * 64 + ".example"]
)
def test_a_host_that_no_name_server_can_be_asked_for_is_refused(host: str) -> None:
    """An empty label, an encoded dot, or more than 63 letters, is found when the client is made."""
    with pytest.raises(ConfigurationError, match="its host is not a name"):
        hosts(f"https://{host}/")
