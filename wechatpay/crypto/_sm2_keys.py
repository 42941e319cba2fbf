"""SM2 keys as values, and the DER forms that they come in: PKCS#8, SEC 1, SPKI and X.509.

`cryptography` reads none of them: it does not know the curve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._der import EC, SM2, Shape, element, parts_of

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__tracebackhide__ = True
"""What is passed to these functions is secret, and pytest shows the arguments of frames."""

_INTEGER, _BITS, _OCTETS, _SEQUENCE, _PUBLIC = 0x02, 0x03, 0x04, 0x30, 0xA1
_ALGORITHM = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
"""The DER of the two object identifiers `_der.EC` and `_der.SM2`."""
_SIZE = 32
_UNCOMPRESSED = b"\x04"
_COMPRESSED = (b"\0\x02", b"\0\x03")
"""Before a point's first coordinate alone: its second is even, or odd."""

# The curve's numbers: GM/T 0003.5.
_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = _P - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


class SM2PublicKey:
    """A point of the curve sm2p256v1; equal keys are equal.

    Attributes:
        point: Its two coordinates, 64 bytes.
    """

    __slots__ = ("point",)

    point: bytes

    def __init__(self, point: bytes) -> None:
        """Take a point's coordinates.

        Raises:
            ValueError: They are not those of a point of the curve.
        """
        x, y = int.from_bytes(point[:_SIZE], "big"), int.from_bytes(point[_SIZE:], "big")
        if len(point) != 2 * _SIZE or not _is_on_curve(x, y):
            raise ValueError("not a point of the curve sm2p256v1")
        object.__setattr__(self, "point", point)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a key does not change: {name} cannot be set")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SM2PublicKey) and self.point == other.point

    def __hash__(self) -> int:
        return hash(self.point)

    def __reduce__(self) -> tuple[Any, ...]:
        return SM2PublicKey, (self.point,)

    def __repr__(self) -> str:
        return "<SM2PublicKey>"

    def to_der(self) -> bytes:
        """Return the key as a SubjectPublicKeyInfo, as `-----BEGIN PUBLIC KEY-----` holds it."""
        return element(_SEQUENCE, _ALGORITHM, element(_BITS, b"\0" + _UNCOMPRESSED + self.point))


class SM2PrivateKey:
    """A number, and the point that belongs to it; it shows neither.

    Attributes:
        number: The secret number, 32 bytes.
    """

    __slots__ = ("_public", "number")

    number: bytes
    _public: SM2PublicKey

    def __init__(self, number: bytes, public_key: SM2PublicKey | None = None) -> None:
        """Take a private key's number, and its public key if that is known.

        Without one it is worked out. That takes 20 ms and is not done in constant time, so it is
        done here, once, and never while something is signed.

        Raises:
            ValueError: The number is not a private key.
        """
        secret = int.from_bytes(number, "big")
        # n - 1 would make 1 + d zero modulo n, by which signing divides.
        if len(number) != _SIZE or not 0 < secret < _N - 1:
            raise ValueError("not a private key of the curve sm2p256v1")
        object.__setattr__(self, "number", number)
        object.__setattr__(self, "_public", public_key or SM2PublicKey(_times_generator(secret)))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a key does not change: {name} cannot be set")

    def public_key(self) -> SM2PublicKey:
        """Return the public key that belongs to it."""
        return self._public

    def __reduce__(self) -> Any:
        raise TypeError("a private key is not pickled: load it where it is needed")

    def __repr__(self) -> str:
        return "<SM2PrivateKey>"

    def to_der(self) -> bytes:
        """Return the key as PKCS#8, as `-----BEGIN PRIVATE KEY-----` holds it."""
        inner = element(
            _SEQUENCE,
            element(_INTEGER, b"\1"),
            element(_OCTETS, self.number),
            element(_PUBLIC, element(_BITS, b"\0" + _UNCOMPRESSED + self._public.point)),
        )
        return element(_SEQUENCE, element(_INTEGER, b"\0"), _ALGORITHM, element(_OCTETS, inner))


def is_sm2(shape: Shape) -> bool:
    """Tell whether a structure holds a key on SM2's curve, which some name as the algorithm."""
    return (shape.algorithm, shape.curve) == (EC, SM2) or shape.algorithm == SM2


def private_key_of(der: bytes) -> SM2PrivateKey:
    """Return the key in PKCS#8 or SEC 1 DER, which was seen to be on SM2's curve.

    Raises:
        ValueError: It is damaged.
    """
    fields = parts_of(parts_of(der)[0].content)
    if len(fields) > 2 and fields[1].tag == _SEQUENCE:
        fields = parts_of(parts_of(fields[2].content)[0].content)
    public = [parts_of(one.content)[0].content for one in fields[2:] if one.tag == _PUBLIC]
    # Some write the number as short as it gets, or with a zero before it as integers have.
    number = fields[1].content.lstrip(b"\0").rjust(_SIZE, b"\0")
    return SM2PrivateKey(number, _point(public[0]) if public else None)


def public_key_of(der: bytes) -> SM2PublicKey:
    """Return the key in SubjectPublicKeyInfo DER, which was seen to be on SM2's curve.

    Raises:
        ValueError: It is damaged.
    """
    return _point(parts_of(parts_of(der)[0].content)[1].content)


def certificate_key(certificate: Certificate) -> SM2PublicKey:
    """Return the key of a certificate, which was seen to be on SM2's curve.

    Raises:
        ValueError: It is damaged.
    """
    fields = parts_of(parts_of(certificate.tbs_certificate_bytes)[0].content)
    # signature, issuer, validity and subject stand before the subject's public key
    return _point(parts_of([one for one in fields if one.tag == _SEQUENCE][4].content)[1].content)


def _point(bits: bytes) -> SM2PublicKey:
    form, content = bits[:2], bits[2:]
    if form == b"\0" + _UNCOMPRESSED:
        return SM2PublicKey(content)
    if form not in _COMPRESSED:
        raise ValueError("not a point")
    x = int.from_bytes(content, "big")
    # A square root modulo this prime; where there is none, what comes out is not on the curve.
    y = pow(x**3 + _A * x + _B, (_P + 1) // 4, _P)
    if y % 2 != form[1] % 2:
        y = _P - y
    return SM2PublicKey(content + y.to_bytes(_SIZE, "big"))


def _is_on_curve(x: int, y: int) -> bool:
    return x < _P and y < _P and (y * y - x**3 - _A * x - _B) % _P == 0


def _times_generator(number: int) -> bytes:
    """Return the coordinates of `number` times the curve's base point; it is below the order."""
    total = _G
    for bit in bin(number)[3:]:
        total = _add(total, total)
        if bit == "1":
            total = _add(total, _G)
    return b"".join(one.to_bytes(_SIZE, "big") for one in total)


def _add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = one, other
    if one == other:
        slope = (3 * x1 * x1 + _A) * pow(2 * y1, -1, _P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, _P)
    x = (slope * slope - x1 - x2) % _P
    return x, (slope * (x1 - x) - y1) % _P
