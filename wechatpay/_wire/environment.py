"""What the environment says of proxies and of the certificates to trust, read as httpx reads it.

httpx reads it when a client is made, and raises whatever comes. Here it is read when a connection
is needed, before anything is sent, and what cannot be right is named.
"""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from contextlib import suppress
from pathlib import Path
from urllib.request import getproxies

import httpx

from ..errors import ConfigurationError
from .roots import named
from .transports import is_installed

_LAST_PORT = 65535
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PROXIES = frozenset({"http", "https", "socks5", "socks5h"})


def proxy_for(url: httpx.URL) -> str | None:
    """Return the URL of the proxy that is to carry a request, or `None`.

    It is that of `HTTPS_PROXY` (or `HTTP_PROXY`), else of `ALL_PROXY`, unless `NO_PROXY` names the
    host; `http://` is what a proxy without a scheme means. The system's settings count where
    Python reads them.

    Raises:
        ConfigurationError: The proxy's URL is not usable.
    """
    found = getproxies()
    name = url.scheme if found.get(url.scheme) else "all"
    value = found.get(name)
    if not value or _is_exempt(url, found.get("no", ""), name):
        return None
    return _checked(value if "://" in value else f"http://{value}", _variable(f"{name}_proxy"))


def _checked(proxy: str, variable: str) -> str:
    try:
        url = httpx.URL(proxy)
        port = 80 if url.port is None else url.port
        if re.search(r"\s", proxy) or not 0 < port <= _LAST_PORT:
            raise httpx.InvalidURL("white space, or no port")
        if ":" not in url.host:
            url.host.encode("idna")  # as the system does when it looks the name up
        if _CONTROL.search(url.username + url.password):
            raise httpx.InvalidURL("no login has such characters: RFC 7617, section 2")
    except (httpx.InvalidURL, UnicodeError):
        raise ConfigurationError(
            f"{variable} is not the URL of a proxy: write http://host:port"
        ) from None
    if url.scheme not in _PROXIES:
        raise ConfigurationError(
            f"{variable} has the scheme {url.scheme[:20]}://, and proxies are reached by http://, "
            "https://, socks5:// or socks5h://"
        )
    if not url.host:
        raise ConfigurationError(f"{variable} names no host: write http://host:port")
    if url.scheme.startswith("socks") and not is_installed("socksio"):
        raise ConfigurationError(
            f"{variable} is a SOCKS proxy, which needs socksio: pip install "
            "wechatpay-openapi[socks]"
        )
    # Its scheme in small letters, by which all who get it tell what kind it is.
    return url.scheme + proxy[len(url.scheme) :]


def _variable(name: str) -> str:
    """Return the name under which a variable is set, for either spelling counts."""
    return next(
        (one for one in (name, name.upper()) if os.environ.get(one)),
        f"the system's setting for {name.upper()}",
    )


def _is_exempt(url: httpx.URL, exempt: str, name: str) -> bool:
    """Tell whether `NO_PROXY` names a URL's host, or all URLs of its scheme."""
    entries = [one.strip() for one in exempt.split(",")]
    return "*" in entries or any(_names(one, url, name) for one in entries if one)


def _names(entry: str, url: httpx.URL, name: str) -> bool:
    try:
        pattern = httpx.URL(_as_pattern(entry))
        host = pattern.host
    except (httpx.InvalidURL, UnicodeError):
        raise ConfigurationError(
            f"{_variable('no_proxy')} has an entry that is not a host: {entry[:40]!r}"
        ) from None
    if host == "*":
        # As good as the proxy's own entry, which stands before it.
        return pattern.scheme == url.scheme != name
    if not host:
        return pattern.scheme in (name, url.scheme)
    if pattern.scheme not in ("all", url.scheme):
        return False
    if pattern.port is not None and pattern.port != url.port:
        return False
    before = "(.+[.])" if host.startswith("*.") else "(.+[.])?" if host.startswith("*") else ""
    return (
        re.fullmatch(before + re.escape(host.removeprefix("*").lstrip(".")), url.host) is not None
    )


def _as_pattern(entry: str) -> str:
    """Spell an entry as httpx does: a domain stands for all below it, an address for itself."""
    if "://" in entry:
        return entry
    address = entry.split("/")[0]
    with suppress(ValueError):
        ipaddress.IPv4Address(address)
        return f"all://{entry}"
    with suppress(ValueError):
        ipaddress.IPv6Address(address)
        return f"all://[{entry}]"
    return f"all://{entry}" if entry.lower() == "localhost" else f"all://*{entry}"


def tls_context() -> ssl.SSLContext:
    """Return a new TLS context that trusts what `SSL_CERT_FILE` or `SSL_CERT_DIR` name, or certifi.

    Raises:
        ConfigurationError: One of the variables, or `SSLKEYLOGFILE`, names what cannot be used.
    """
    _check_key_log(os.environ.get("SSLKEYLOGFILE"))
    file, folder = named()
    if file:
        _check_roots(file)
    elif folder and not any(map(_is_directory, folder.split(os.pathsep))):
        raise ConfigurationError(
            f"SSL_CERT_DIR: {_shown(folder)} is not a directory of certificates"
        )
    try:
        if not (file or folder):
            import certifi

            # Older versions of httpx would trust nobody.
            with Path(certifi.where()).open("rb"):
                pass
        return httpx.create_ssl_context()
    except OSError as error:
        # The environment's were read above, so these are certifi's: a package that is not whole.
        why = error.strerror or "damaged"
        raise ConfigurationError(
            f"certifi's certificates cannot be read ({why}): install certifi anew, or name others "
            "in SSL_CERT_FILE"
        ) from None


def _check_roots(file: str) -> None:
    if _is_directory(file):
        raise ConfigurationError(
            f"SSL_CERT_FILE: {_shown(file)} is a directory, and must be a file of certificates; "
            "name a directory in SSL_CERT_DIR"
        )
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
    except ssl.SSLError:
        raise ConfigurationError(
            f"SSL_CERT_FILE: {_shown(file)} holds no certificates as PEM"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"SSL_CERT_FILE: {_shown(file)} cannot be read ({error.strerror})"
        ) from None


def _is_directory(path: str) -> bool:
    """Tell whether it is one that may be looked at; `is_dir` raises where it may not."""
    with suppress(OSError):
        return Path(path).is_dir()
    return False


def _check_key_log(file: str | None) -> None:
    if not file:
        return
    try:
        with Path(file).open("a"):
            pass
    except OSError as error:
        raise ConfigurationError(
            f"SSLKEYLOGFILE: {_shown(file)} cannot be written ({error.strerror}); unset it"
        ) from None


def _shown(path: str) -> str:
    """A path as a message has it: a control character in it is spelled out."""
    return repr(path)[1:-1]
