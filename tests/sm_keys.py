"""Throw-away SM2 keys, and certificates for them, which no other library makes."""

from __future__ import annotations

import base64
import secrets
import textwrap

from wechatpay.crypto.sm2 import SM2PrivateKey, SM2PublicKey


def element(tag: int, *contents: bytes) -> bytes:
    """Return a DER element."""
    content = b"".join(contents)
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(value: int) -> bytes:
    """Return a DER integer."""
    return element(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def certificate_of(key: SM2PublicKey, serial: int = 4711) -> bytes:
    """Return the DER of a certificate with a key; its signature is not worth anything."""
    sm2_with_sm3 = bytes.fromhex("300a06082a811ccf55018375")
    name = element(0x30)
    dates = element(0x30, *[element(0x17, one) for one in (b"260101000000Z", b"360101000000Z")])
    fields = (integer(serial), sm2_with_sm3, name, dates, name, key.to_der())
    body = element(0x30, element(0xA0, integer(2)), *fields)
    return element(0x30, body, sm2_with_sm3, element(0x03, b"\0", element(0x30)))


def new_key() -> SM2PrivateKey:
    """Return a key that was never used."""
    return SM2PrivateKey(b"\x7f" + secrets.token_bytes(31))


def pem(label: str, der: bytes) -> str:
    """Return a PEM file's text."""
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])
