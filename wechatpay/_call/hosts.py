"""Where calls may go: the configured hosts and WeChat Pay's own, by exact name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast
from urllib.parse import SplitResult, urlsplit

from ..errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

    from .call import Call

API_HOSTS = frozenset(
    {
        "api.mch.weixin.qq.com",
        "api.wechatpay.cn",
        "api2.mch.weixin.qq.com",
        "api2.wechatpay.cn",
        "apieu.mch.weixin.qq.com",
        "apihk.mch.weixin.qq.com",
        "apius.mch.weixin.qq.com",
        "fraud.mch.weixin.qq.com",
        "payapp.weixin.qq.com",
    }
)
"""The hosts that WeChat Pay documents for its API.

Beside the hosts that a client is configured with, `Authorization` is sent to these alone.
"""
DEFAULT_BASE_URL = "https://api.mch.weixin.qq.com/"
_BACKUPS = {
    "https://api.mch.weixin.qq.com/": ("https://api2.mch.weixin.qq.com/",),
    "https://api.wechatpay.cn/": ("https://api2.wechatpay.cn/",),
}
_OVERSEAS = frozenset({"apihk", "apius", "apieu"})


def at_wechat_pay(reply: httpx.Response) -> bool:
    """Tell whether an answer is from one of WeChat Pay's own hosts."""
    return reply.request.url.host in API_HOSTS


class Hosts:
    """The base URLs of a client: the one it uses, and those it falls back to.

    Attributes:
        base: The base URL, with a slash at its end.
        all: The base URL and its backups, in order.
        unsigned_prefix: What a gateway takes away from the path before WeChat Pay sees it.
    """

    def __init__(
        self, base_url: str, backup_urls: Iterable[str] | None, *, signed_prefix: bool = True
    ) -> None:
        """Check the URLs.

        Args:
            base_url: Where to send, with a path prefix where there is one.
            backup_urls: Where to turn instead.
            signed_prefix: Whether WeChat Pay sees the prefix, or a gateway takes it away.

        Raises:
            ConfigurationError: One is not a base URL, or a backup has another path than the base: a
                signature covers the path, so it would not hold there.
        """
        self.base: str = _checked("base_url", base_url)
        backups = _BACKUPS.get(self.base, ()) if backup_urls is None else backup_urls
        if isinstance(backups, str) or not isinstance(cast("object", backups), Iterable):
            raise ConfigurationError("backup_urls must be a list of URLs")
        self.all: tuple[str, ...] = (self.base, *(_checked("backup_urls", one) for one in backups))
        prefix = urlsplit(self.base).path
        if any(urlsplit(one).path != prefix for one in self.all):
            raise ConfigurationError(f"backup_urls must have the path of base_url, {prefix}")
        self._origins = frozenset(urlsplit(one)[:2] for one in self.all)
        self._at_wechat_pay = urlsplit(self.base).hostname in API_HOSTS
        self._prefix = "" if self._at_wechat_pay else prefix[:-1]
        if not signed_prefix and not self._prefix:
            raise ConfigurationError(
                "signed_prefix=False is for a base_url with the path of a gateway that takes it "
                "away; WeChat Pay's own paths are signed"
            )
        self.unsigned_prefix: bytes = b"" if signed_prefix else self._prefix.encode()

    def of(self, call: Call) -> tuple[str, ...]:
        """Return the base URLs to try: the caller's own, the endpoint's, or the client's.

        Raises:
            ConfigurationError: The caller's host is neither configured nor one of WeChat Pay's.
        """
        if call.base_url is not None:
            return (self._allowed(call.base_url),)
        if call.rule.base_url is None:
            return self.all
        if self._at_wechat_pay:
            return (call.rule.base_url,)
        # A client of a gateway or a sandbox calls that, and never WeChat Pay itself for one
        # endpoint.
        return (self.base[:-1] + urlsplit(call.rule.base_url).path,)

    def seen(self, call: Call, target: bytes) -> bytes:
        """Return what WeChat Pay sees of a path that is sent, which is what a signature covers."""
        prefix = self.unsigned_prefix
        is_ours = call.base_url is None or self._is_own(_checked("base_url", call.base_url))
        return target[len(prefix) :] if is_ours and target.startswith(prefix + b"/") else target

    def advice(self, call: Call) -> str:
        """Say what a wrong signature may have to do with the base URL; empty without a prefix."""
        if not self._prefix or call.base_url is not None:
            return ""
        if self.unsigned_prefix:
            return (
                f"What was signed is /{call.shown_path}: if the gateway does not take "
                f"{self._prefix}/ away, leave signed_prefix out"
            )
        return (
            f"What was signed is {self._prefix}/{call.shown_path}: if a gateway takes "
            f"{self._prefix}/ away, pass signed_prefix=False"
        )

    def knows(self, url: str) -> bool:
        """Tell whether a URL is on a host that may see a signature."""
        return self._is_own(url) or urlsplit(url).hostname in API_HOSTS

    def _is_own(self, url: str) -> bool:
        return urlsplit(url)[:2] in self._origins

    @property
    def certificates_path(self) -> str:
        """Where platform certificates are: overseas hosts have them elsewhere."""
        name = (urlsplit(self.base).hostname or "").partition(".")[0]
        return "v3/global/certificates" if name in _OVERSEAS else "v3/certificates"

    def _allowed(self, base_url: str) -> str:
        url = _checked("base_url", base_url)
        if self.knows(url):
            return url
        raise ConfigurationError(
            f"base_url: {urlsplit(url).netloc} is neither this client's host nor one of WeChat "
            "Pay's, and a signature is sent to no other; make a client with that base_url if "
            "it is meant"
        )


def _checked(name: str, url: str) -> str:
    """Return a base URL with one slash at its end."""
    try:
        split = urlsplit(url)
        split.port  # noqa: B018  raises where the port is not a number
    except (ValueError, TypeError, AttributeError):
        raise ConfigurationError(f"{name} is not a URL") from None
    if split.scheme not in ("http", "https") or not split.hostname or _has_more(split):
        raise ConfigurationError(f"{name} must be https://host[:port][/prefix] and nothing else")
    host = _spelled_out(name, split.hostname)
    if split.scheme == "http" and host in API_HOSTS:
        raise ConfigurationError(f"{name}: {host} is reached by https only")
    return f"{split.scheme}://{split.netloc.lower()}{split.path.rstrip('/')}/"


def _spelled_out(name: str, host: str) -> str:
    """A host as it is looked up: dots of other scripts are dots, and one at the end has no meaning.

    Raises:
        ConfigurationError: It cannot be looked up.
    """
    try:
        found = host if ":" in host else host.encode("idna").decode()
    except UnicodeError:
        found = ""
    # What is percent-encoded in it might be decoded further down, to another name.
    if not found or "%" in found:
        raise ConfigurationError(f"{name} is not a URL: its host is not a name") from None
    return found.lower().removesuffix(".")


def _has_more(split: SplitResult) -> bool:
    return bool(split.query or split.fragment or "@" in split.netloc)
