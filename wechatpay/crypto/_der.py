"""What a DER structure is, by how it is built: the one place that tells kinds of keys apart.

A PEM file's label may be wrong; the structure below it cannot be, so nothing here reads a label.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal[
    "certificate",
    "certificate request",
    "encrypted private key",
    "PKCS#7 file",
    "PKCS#12 file",
    "private key",
    "public key",
]

RSA = "1.2.840.113549.1.1.1"
EC = "1.2.840.10045.2.1"
SM2 = "1.2.156.10197.1.301"
"""The curve of SM2's keys, whose algorithm is `EC`."""

_NAMES = {
    RSA: "RSA",
    EC: "EC",
    SM2: "SM2",
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.113549.1.1.10": "RSA-PSS",
    "1.3.101.112": "Ed25519",
}
_INTEGER, _BITS, _OCTETS, _OID, _SEQUENCE, _FIRST = 0x02, 0x03, 0x04, 0x06, 0x30, 0xA0
_INDEFINITE = 0x80
_PKCS12_WITHOUT_LENGTH = b"\x30\x80\x02\x01\x03"
_MOST_LENGTH_BYTES = 4


class Shape(NamedTuple):
    """What a structure is.

    Attributes:
        kind: What it holds.
        algorithm: The key's algorithm, as an object identifier; empty if that is encrypted.
        curve: The curve of the key, if it has one, in the same way.
    """

    kind: Kind
    algorithm: str = ""
    curve: str = ""

    @property
    def name(self) -> str:
        """The key's algorithm in a word, such as `RSA` or `SM2`."""
        known = _NAMES.get(self.curve) or _NAMES.get(self.algorithm)
        return known or self.algorithm or "unknown"


class Element(NamedTuple):
    """One element: its tag and what is in it."""

    tag: int
    content: bytes


def declared_length(data: bytes) -> int | None:
    """Return how many bytes a structure claims to have, head included; `None` if it is not one."""
    if data.startswith(_PKCS12_WITHOUT_LENGTH):
        return len(data)
    try:
        _, start, end = _bounds(data, 0) if data[:1] == b"\x30" else (0, 0, 0)
    except ValueError:
        return None
    return end if start else None


def shape_of(data: bytes) -> Shape | None:
    """Return what a whole structure is; `None` if it does not hold a key."""
    if data.startswith(_PKCS12_WITHOUT_LENGTH):
        return Shape("PKCS#12 file")
    try:
        parts = parts_of(parts_of(data)[0].content)
        return _shape(parts, [one.tag for one in parts])
    except (ValueError, IndexError):
        return None


def _shape(parts: list[Element], tags: list[int]) -> Shape | None:
    version = parts[0].content if tags[0] == _INTEGER else b""
    if tags[:3] == [_INTEGER, _SEQUENCE, _OCTETS]:
        return Shape("private key", *_algorithm(parts[1]))
    if tags == [_INTEGER] * 9:
        return Shape("private key", RSA)
    if tags == [_INTEGER] * 2:
        return Shape("public key", RSA)
    if tags[:2] == [_INTEGER, _OCTETS]:
        curves = [_oid(parts_of(one.content)[0]) for one in parts if one.tag == _FIRST]
        return Shape("private key", EC, *curves)
    if tags[:2] == [_INTEGER, _SEQUENCE] and version == b"\x03":
        return Shape("PKCS#12 file")
    if tags == [_SEQUENCE, _BITS]:
        return Shape("public key", *_algorithm(parts[0]))
    if tags == [_SEQUENCE, _OCTETS]:
        return Shape("encrypted private key")
    if tags == [_SEQUENCE, _SEQUENCE, _BITS]:
        return _signed(parts_of(parts[0].content))
    return Shape("PKCS#7 file") if tags == [_OID, _FIRST] else None


def _signed(fields: list[Element]) -> Shape:
    """A certificate, or a request for one: both are fields, an algorithm and a signature."""
    if fields[-1].tag == _FIRST:
        return Shape("certificate request", *_algorithm(parts_of(fields[2].content)[0]))
    after_version = fields[1:] if fields[0].tag == _FIRST else fields
    # serial number, signature, issuer, validity, subject, and the subject's public key
    return Shape("certificate", *_algorithm(parts_of(after_version[5].content)[0]))


def _algorithm(element: Element) -> tuple[str, ...]:
    """An algorithm's identifier, and that of the curve that it names as its parameter."""
    return tuple(_oid(one) for one in parts_of(element.content)[:2] if one.tag == _OID)


def _oid(element: Element) -> str:
    numbers = [0]
    for byte in element.content:
        numbers[-1] = numbers[-1] << 7 | byte & 0x7F
        if byte < _INDEFINITE:
            numbers.append(0)
    first, *rest = numbers[:-1]
    top = min(first // 40, 2)
    return ".".join(map(str, (top, first - 40 * top, *rest)))


def parts_of(data: bytes) -> list[Element]:
    """Return the elements that follow one another in `data`.

    Raises:
        ValueError: There is something else.
    """
    parts: list[Element] = []
    at = 0
    while at < len(data):
        tag, start, at = _bounds(data, at)
        parts.append(Element(tag, data[start:at]))
    return parts


def element(tag: int, *contents: bytes) -> bytes:
    """Return the DER of an element of `tag` with `contents` in it."""
    content = b"".join(contents)
    if len(content) < _INDEFINITE:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, _INDEFINITE | len(length))) + length + content


def _bounds(data: bytes, at: int) -> tuple[int, int, int]:
    """An element's tag, and where its content begins and ends.

    Raises:
        ValueError: There is no element.
    """
    if len(data) < at + 2:
        raise ValueError
    tag, length, start = data[at], data[at + 1], at + 2
    if length >= _INDEFINITE:
        size = length - _INDEFINITE
        if not 0 < size <= _MOST_LENGTH_BYTES or len(data) < start + size:
            raise ValueError
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    return tag, start, start + length
