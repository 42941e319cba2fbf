"""The `Authorization` header of a request, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .._endpoint import wording as _wording

SCHEME = "WECHATPAY2-SHA256-RSA2048"

_PAIR = re.compile(r'([a-z_]+)="([^"]*)"')
_PAIRS = re.compile(rf"{_PAIR.pattern}(?:,{_PAIR.pattern})*")

_VALUES = {
    "mchid": (re.compile(r"[0-9]{1,32}"), "1 to 32 digits"),
    "serial_no": (re.compile(r"[0-9A-Za-z]{1,64}"), "1 to 64 letters and digits"),
    "timestamp": (re.compile(r"[0-9]{1,12}"), "seconds since 1970"),
    "nonce_str": (re.compile(r"[0-9A-Za-z]{1,32}"), "1 to 32 letters and digits"),
    "signature": (re.compile(r".+", re.DOTALL), "base64"),
}


@dataclass(frozen=True, slots=True)
class Authorization:
    """Who signed, when, with which certificate.

    Attributes:
        mchid: The merchant.
        serial_no: The merchant API certificate.
        timestamp: Seconds since 1970, as written: this text is what was signed.
        nonce_str: The random string.
        signature: The signature in base64, unchecked.
    """

    mchid: str
    serial_no: str
    timestamp: str
    nonce_str: str
    signature: str = field(repr=False)


def parse(header: str) -> Authorization:
    """Take the header apart.

    Raises:
        Refusal: 401 `SIGN_ERROR`: it is missing, of another scheme, or not written as it has to be.
    """
    scheme, _, rest = header.partition(" ")
    if not scheme:
        raise _wording.bad_authorization("the header is missing")
    if scheme != SCHEME:
        raise _wording.bad_scheme(SCHEME)
    if not _PAIRS.fullmatch(rest):
        raise _wording.bad_authorization('write name="value" pairs, commas between, no spaces')
    pairs = _PAIR.findall(rest)
    values = dict(pairs)
    if len(pairs) != len(values) or values.keys() != _VALUES.keys():
        raise _wording.bad_authorization(f"write {', '.join(_VALUES)}, each of them once")
    for name, (pattern, form) in _VALUES.items():
        if not pattern.fullmatch(values[name]):
            raise _wording.bad_authorization(f"{name} must be {form}")
    return Authorization(**values)
