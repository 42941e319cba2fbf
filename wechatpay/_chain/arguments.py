"""What was meant by an argument that does not exist: another library's, or a typo.

It is loaded when somebody gives one, and not before.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_OPTIONS = {
    "data": "json= for APIv3 or xml= for APIv2",
    "form": "xml= for APIv2",
    "form_params": "xml= for APIv2",
    "body": "json= for APIv3 or xml= for APIv2",
    "file": "media=",
    "files": "media=",
    "auth": "nothing: the client signs by itself",
    "verify": "nothing: what comes is always verified",
    "stream": "sink=",
}
_ARGUMENTS = {
    "app_id": "appid, a field of each order",
    "appid": "appid, a field of each order",
    "notify_url": "notify_url, a field of each order",
    "cert_serial_no": "serial",
    "serial_no": "serial",
    "merchant_serial": "serial",
    "merchant_id": "mchid",
    "cert_dir": "certs, which takes a directory",
    "platform_certs": "certs",
    "public_key": 'certs={"PUB_KEY_ID_…": key}',
    "public_key_id": 'certs={"PUB_KEY_ID_…": key}',
    "key": "secret, the APIv2 key",
    "apikey": "secret, the APIv2 key",
    "partner_mode": "nothing: partners call paths of their own, wxpay.v3.pay.partner.…",
    "proxy": "http_client and async_http_client, or HTTPS_PROXY in the environment",
    "logger": "nothing: it logs as `wechatpay`",
}


def option(name: str, known: Iterable[str]) -> str:
    """Return what was meant by an unknown argument of a call; empty if unclear."""
    return _OPTIONS.get(name) or _close(name, known)


def argument(name: str, known: Iterable[str]) -> str:
    """Return the message for an argument that a client does not take."""
    meant = _ARGUMENTS.get(name) or _close(name, known)
    return f"a client takes no {name}" + (f"; did you mean {meant}?" if meant else "")


def _close(name: str, known: Iterable[str]) -> str:
    """Return the known name that is the same but for its spelling, or else close to it."""
    folded = {one.replace("_", "").lower(): one for one in known}
    close = get_close_matches(name.replace("_", "").lower(), folded, 1)
    return folded[close[0]] if close else ""
