"""What libcurl's numbers mean: httpx's errors, with the system's own as their cause."""

from __future__ import annotations

import os
import re
import socket
import ssl
from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from .attempt import Attempt
    from .steps import Stage

_curl: Any = import_module("pycurl")
_PROXY = 97
_NAMES = frozenset({_curl.E_COULDNT_RESOLVE_HOST, _curl.E_COULDNT_RESOLVE_PROXY})
_TLS = frozenset(
    {
        _curl.E_SSL_CONNECT_ERROR,
        _curl.E_PEER_FAILED_VERIFICATION,
        _curl.E_SSL_CERTPROBLEM,
        _curl.E_SSL_CIPHER,
        _curl.E_SSL_CACERT_BADFILE,
    }
)
_ENDED = frozenset({_curl.E_GOT_NOTHING, _curl.E_PARTIAL_FILE, _curl.E_ABORTED_BY_CALLBACK})
_BROKEN = frozenset({_curl.E_SEND_ERROR, _curl.E_RECV_ERROR})
_OPENSSL = re.compile(r"SSL routines:[^:]*:([a-z0-9 ]+)", re.IGNORECASE)
_UNTRUSTED = re.compile(r"(?:certificate problem: |verify result: |SSL: )([^(]+)")
_DONE = 200


def raised_for(
    number: int, words: str, easy: Any, attempt: Attempt, request: httpx.Request
) -> httpx.TransportError:
    """Return what to raise for a transfer that failed, and report the step that it was at.

    Args:
        number: libcurl's number of the error.
        words: Its words, of which none is shown that could be the user's.
        easy: The handle of the transfer.
        attempt: What is known of the try.
        request: What was sent.
    """
    if attempt.sent:
        return _of_sending(number, attempt, request)
    attempt.reach(_stage(number, easy, attempt))
    cause: Exception | None = None
    kind: type[httpx.TransportError] = httpx.ConnectError
    said = f"libcurl's error {number}"
    if attempt.stage == "proxy":
        kind, said = httpx.ProxyError, f"{easy.getinfo(_curl.HTTP_CONNECTCODE) or said}"
    if number in _NAMES:
        cause = socket.gaierror(socket.EAI_NONAME, "the name was not resolved")
    elif attempt.stage == "tls" or number in _TLS:
        cause = _of_tls(number, words)
    elif system := easy.getinfo(_curl.OS_ERRNO):
        cause = OSError(system, os.strerror(system))
    error = kind(said, request=request)
    error.__cause__ = cause
    return error


def timed_out(easy: Any, attempt: Attempt) -> httpx.TransportError:
    """Return what to raise for a try whose time is over, and report the step that it was at."""
    if not attempt.sent:
        attempt.reach(_stage(_curl.E_OPERATION_TIMEDOUT, easy, attempt))
        return httpx.ConnectTimeout("connecting takes too long")
    if attempt.stage == "read":
        return httpx.ReadTimeout("the answer takes too long")
    return httpx.WriteTimeout("sending takes too long")


def _stage(number: int, easy: Any, attempt: Attempt) -> Stage:
    """Return the step that was begun last, before a request could leave."""
    if attempt.proxy:
        by_tls = number in _TLS
        if easy.getinfo(_curl.HTTP_CONNECTCODE) // 100 * 100 == _DONE:
            return "tls"
        if number == _PROXY or by_tls or easy.getinfo(_curl.CONNECT_TIME):
            return "proxy"
        return "connect"
    return "tls" if number in _TLS or easy.getinfo(_curl.CONNECT_TIME) else "connect"


def _of_sending(number: int, attempt: Attempt, request: httpx.Request) -> httpx.TransportError:
    said = f"libcurl's error {number}"
    if number in _ENDED:
        attempt.has_ended = True
        return httpx.RemoteProtocolError(said, request=request)
    if number in _BROKEN:
        return httpx.ReadError(said, request=request)
    return httpx.RemoteProtocolError(said, request=request)


def _of_tls(number: int, words: str) -> ssl.SSLError:
    """Return Python's own error for what libcurl says of TLS."""
    if number == _curl.E_PEER_FAILED_VERIFICATION:
        untrusted = ssl.SSLCertVerificationError(1, "certificate verify failed")
        why = _UNTRUSTED.search(words)
        untrusted.verify_message = why[1] if why else ""
        return untrusted
    error = ssl.SSLError(1, "TLS failed")
    said = _OPENSSL.search(words)
    error.reason = said[1].strip().upper().replace(" ", "_") if said else ""
    return error
