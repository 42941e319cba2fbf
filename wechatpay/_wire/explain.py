"""Why a try failed, in words: which host, which step, and what to look at."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .roots import named

if TYPE_CHECKING:
    from .steps import Reason, Stage

_STEPS: dict[Stage, str] = {
    "pool": "waiting for a connection",
    "connect": "connecting",
    "proxy": "speaking to the proxy",
    "tls": "agreeing on TLS",
    "write": "sending the request, or waiting for the answer to begin",
    "read": "waiting for the answer",
}
_LOGIN = r"\b407\b"
_REFUSED = (ConnectionRefusedError,)
_LONGEST_REASON = 80
_VARIABLES = "HTTPS_PROXY, ALL_PROXY and NO_PROXY"


def explained(
    reason: Reason,
    stage: Stage,
    chain: Iterable[BaseException],
    host: str,
    port: int | None,
    proxy: str = "",
) -> str:
    """Return half a sentence that says why a try failed.

    Args:
        reason: What failed.
        stage: The step that was begun last.
        chain: The error and what led to it.
        host: Where the request was going.
        port: At which port, if the URL names one.
        proxy: Host and port of the proxy that it was going through, if that is known.
    """
    chain = [one for error in chain for one in _members(error)]
    place = host if port is None else f"{host}:{port}"
    if proxy and stage in ("connect", "proxy"):
        # Only the proxy was reached so far.
        place = f"the proxy {proxy}"
    if reason == "resolve":
        return f"the name {host} was not resolved: is it spelled right, and does DNS answer?"
    if reason == "timeout":
        return f"{place} took too long: the time limit ended {_STEPS[stage]}"
    if reason == "proxy":
        return _of_proxy(chain, proxy)
    if reason == "tls":
        return _of_tls(chain, host)
    if reason == "closed":
        return f"{place} closed the connection {_STEPS[stage]}"
    if reason == "protocol":
        return f"{place} answered something that is not whole HTTP"
    if any(isinstance(one, _REFUSED) for one in chain):
        return f"{place} refused the connection: nothing listens there, or a firewall answers"
    return f"{place} could not be reached"


def _of_proxy(chain: list[BaseException], proxy: str) -> str:
    name = f"the proxy {proxy}" if proxy else "the proxy that the environment names"
    if any(re.search(_LOGIN, str(one)) for one in chain):
        return (
            f"{name} requires a login (407): write it into HTTPS_PROXY as http://name:password@host"
        )
    if any(isinstance(one, ssl.SSLError) for one in chain):
        words = _of_tls(chain, name)
        return f"{words}{' See' if words.endswith('?') else ': see'} {_VARIABLES}"
    if any(isinstance(one, socket.gaierror) for one in chain):
        what = "was not found, for its name was not resolved"
    elif any(isinstance(one, _REFUSED) for one in chain):
        what = "refused the connection"
    else:
        what = "did not make the connection"
    return f"{name} {what}: see {_VARIABLES}"


def _of_tls(chain: list[BaseException], host: str) -> str:
    found = next((one for one in chain if isinstance(one, ssl.SSLCertVerificationError)), None)
    if found is not None:
        return (
            f"the certificate that {host} shows is not trusted ({_plain(found.verify_message)}), "
            f"judged by {_roots()}"
        )
    said = next((words for one in chain if (words := _said(one))), "")
    if said == "WRONG_VERSION_NUMBER":
        return f"{host} does not speak TLS at that port: is it plain HTTP?"
    return f"TLS with {host} failed" + (f" ({_plain(said)})" if said else "")


def _said(error: BaseException) -> str:
    found: object = getattr(error, "reason", None) if isinstance(error, ssl.SSLError) else None
    return found if isinstance(found, str) else ""


def _members(error: BaseException) -> list[BaseException]:
    """An error, and what it is a group of: a host has several addresses, each of which fails."""
    inside: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    return [error, *inside]


def _roots() -> str:
    if any(place := named()):
        return f"the certificates in {place[0] or place[1]} (SSL_CERT_FILE, SSL_CERT_DIR)"
    import certifi

    return f"the certificates in {certifi.where()}; SSL_CERT_FILE names others"


def _plain(words: str) -> str:
    return re.sub(r"[^\x20-\x7e]+", " ", words)[:_LONGEST_REASON]
