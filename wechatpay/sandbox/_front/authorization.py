"""The `Authorization` header of a request, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from . import words

_PAIR = re.compile(r'([a-z_]+)="([^"]*)"')
_PAIRS = re.compile(rf"{_PAIR.pattern}(?:,{_PAIR.pattern})*")

_VALUES = {
    "mchid": re.compile(r"[0-9]{1,32}"),
    "serial_no": re.compile(r"[0-9A-Za-z]{1,64}"),
    "timestamp": re.compile(r"[0-9]{1,12}"),
    "nonce_str": re.compile(r"[0-9A-Za-z]{1,32}"),
    "signature": re.compile(r".+", re.DOTALL),
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


def parse(header: str, expected: str) -> Authorization:
    """Take the header apart.

    Args:
        header: The header.
        expected: The scheme that the merchant's key is for.

    Raises:
        Refusal: 401 `SIGN_ERROR`: it is missing, of another scheme, or not written as it has to be.
    """
    scheme, _, rest = header.partition(" ")
    if not scheme:
        raise words.NO_HEADER()
    if scheme != expected:
        raise words.WRONG_SCHEME(expected=expected)
    if not _PAIRS.fullmatch(rest):
        raise words.NO_PAIRS()
    pairs = _PAIR.findall(rest)
    values = dict(pairs)
    if len(pairs) != len(values) or values.keys() != _VALUES.keys():
        raise words.NOT_ALL_PAIRS(names=", ".join(_VALUES))
    for name, pattern in _VALUES.items():
        if not pattern.fullmatch(values[name]):
            raise words.WRONG_PAIR(name=name, form=words.FORMS[name])
    return Authorization(**values)
