"""What is let in: programs and people at this machine, and no page of another origin.

The sandbox listens on loopback, yet every page that a browser shows can send requests there, and a
name on the internet can lead there as well (DNS rebinding). So a request has to name the sandbox by
an address, or by a name that leads to this machine only, and what a browser sends has to come from
the sandbox's own page. What is not signed does nothing, but it is kept to be shown.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

MOST = 16 << 20
"""Bytes of a body; of what is documented, videos are the largest, with 5 MiB."""

_WECHAT_PAY = (".weixin.qq.com", ".wechatpay.cn", ".tenpay.com")
_SAME = ("same-origin", "none")


def at_home(host: str, configured: str, public: str = "") -> bool:
    """Tell whether a `Host` header names the sandbox.

    Args:
        host: The header.
        configured: Where the sandbox was told to listen. Where that is every address of this
            machine, any address will do: only a name can be made to lead elsewhere.
        public: The name, and the port if it has one, by which others reach it; empty for none.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if public and host.lower() == public.lower():
        return True
    if name == configured.lower() or name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    if address is None:
        return False
    listening = _address(configured)
    return address.is_loopback or (listening is not None and listening.is_unspecified)


def is_named(host: str, configured: str, public: str = "") -> bool:
    """Tell whether a `Host` header names what endpoints are served by.

    Beside the sandbox's own names these are WeChat Pay's, which a test may let lead here, and names
    without a dot, as Compose and Kubernetes give them: no page on the internet has either.

    Args:
        host: The header.
        configured: Where the sandbox was told to listen.
        public: The name, and the port if it has one, by which others reach it; empty for none.
    """
    if at_home(host, configured, public):
        return True
    name = host.lower().partition(":")[0]
    return bool(name) and ("." not in name or name.endswith(_WECHAT_PAY))


def from_home(headers: Mapping[str, str], scheme: str, public: str = "") -> bool:
    """Tell whether a request was sent by the page itself, as far as a browser says.

    What is not a browser says nothing, and could not be led astray by a foreign page.

    Args:
        headers: The request's headers, by their names in lower case.
        scheme: `http` or `https`.
        public: The origin by which others reach it.
    """
    origin = headers.get("origin")
    own = f"{scheme}://{headers.get('host', '')}"
    if origin is not None and origin.lower() not in (own.lower(), public.lower()):
        return False
    return headers.get("sec-fetch-site", "none") in _SAME


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
