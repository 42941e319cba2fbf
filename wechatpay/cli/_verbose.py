"""`-v`: what a call was on the wire, on standard error, with every secret masked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from . import _output
from .words import text

if TYPE_CHECKING:
    import httpx

_MASK = "…"
_CREDENTIAL = re.compile(r'((?:signature|sign)=")[^"]*', re.IGNORECASE)
_SECRET_HEADERS = frozenset({"wechatpay-signature", "cookie", "set-cookie", "proxy-authorization"})
_CLAIM = re.compile(r'(timestamp|nonce_str)="([^"]*)"')
_SIGN = re.compile(rb"(<(?:sign|paySign|pay_sign)>).*?(</)", re.DOTALL)
_LONGEST = 4000


def show(response: httpx.Response) -> None:
    """Say what was sent, what of it was signed, and the head of what came back."""
    request = response.request
    target = request.url.raw_path.decode("ascii")
    _lines(">", [f"{request.method} {target}", *_head(request.headers)], typer.colors.CYAN)
    content = request.content
    signed = _signed(request, content)
    if signed is None:
        # Of APIv2, what is signed ends with the key; its fields are what was sent.
        _lines(">", ["", *_text(_SIGN.sub(rb"\1" + _MASK.encode() + rb"\2", content))], None)
    else:
        _lines(">", [text("verbose.signed")], typer.colors.CYAN)
        _lines("|", signed, None)
    status = f"{response.status_code} {response.reason_phrase}".strip()
    color = typer.colors.GREEN if response.is_success else typer.colors.RED
    _lines("<", [status, *_head(response.headers)], color)


def _signed(request: httpx.Request, content: bytes) -> list[str] | None:
    """The lines that the signature covers; `None` if it is not one of APIv3."""
    claims = dict(_CLAIM.findall(request.headers.get("Authorization", "")))
    if not claims:
        return None
    body = _text(content)
    if request.headers.get("Content-Type", "").startswith("multipart/"):
        body = [text("verbose.meta")]
    target = request.url.raw_path.decode("ascii")
    return [request.method, target, claims["timestamp"], claims["nonce_str"], *body]


def _head(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {_masked(name, value)}" for name, value in headers.items()]


def _masked(name: str, value: str) -> str:
    if name.lower() in _SECRET_HEADERS:
        return _MASK
    return _CREDENTIAL.sub(rf"\1{_MASK}", value)


def _text(content: bytes) -> list[str]:
    shown = content.decode("utf-8", "replace")
    return (shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}{_MASK}").splitlines() or [""]


def _lines(mark: str, lines: list[Any], color: str | None) -> None:
    import sys

    from .._call import cleaned

    is_colored = _output.is_colored(sys.stderr)
    for line in lines:
        shown = f"{mark} {cleaned(line)}".rstrip()
        _output.say(typer.style(shown, fg=color) if is_colored and color else shown)
