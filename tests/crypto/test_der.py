"""`wechatpay.crypto._der`: what is written is read, and what cannot be read is not a structure."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wechatpay.crypto._der import (
    EC,
    RSA,
    SM2,
    Element,
    Shape,
    declared_length,
    element,
    parts_of,
    shape_of,
)

SEQUENCE = 0x30


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=300)), max_size=4))
def test_what_is_written_is_read(elements: list[tuple[int, bytes]]) -> None:
    """Elements written one after another are read as they were."""
    data = b"".join(element(tag, content) for tag, content in elements)
    assert parts_of(data) == [Element(tag, content) for tag, content in elements]
    whole = element(SEQUENCE, data)
    assert declared_length(whole) == len(whole)


@pytest.mark.parametrize(
    "data", [b"\x30", b"\x30\x80\x00\x00", b"\x30\x85\x01\x00\x00\x00\x00\x00"]
)
def test_a_length_that_is_none_is_no_structure(data: bytes) -> None:
    """A length that is missing, indefinite or of too many bytes is refused, and says no length."""
    assert declared_length(data) is None
    with pytest.raises(ValueError):
        parts_of(data)


@pytest.mark.parametrize(
    ("length", "head"),
    [(0, "0400"), (127, "047f"), (128, "048180"), (255, "0481ff"), (256, "04820100")],
)
def test_a_length_is_as_short_as_can_be(length: int, head: str) -> None:
    """DER has one way to write each."""
    assert element(4, bytes(length)) == bytes.fromhex(head) + bytes(length)


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        (Shape("private key", RSA), "RSA"),
        (Shape("private key", "1.2.840.113549.1.1.10"), "RSA-PSS"),
        (Shape("private key", "1.2.840.10040.4.1"), "DSA"),
        (Shape("private key", "1.3.101.112"), "Ed25519"),
        (Shape("private key", EC, "1.2.840.10045.3.1.7"), "EC"),
        (Shape("private key", EC, SM2), "SM2"),
        (Shape("private key", "1.2.3"), "1.2.3"),
        (Shape("PKCS#12 file"), "unknown"),
    ],
)
def test_a_key_has_a_name(shape: Shape, name: str) -> None:
    """What it is for is told in a word, or as it is numbered."""
    assert shape.name == name


@given(
    st.integers(0, 2).flatmap(
        lambda top: st.tuples(st.just(top), st.integers(0, 39 if top < 2 else 2**40))
    ),
    st.lists(st.integers(0, 2**40), min_size=1, max_size=6),
)
@example((1, 2), [16384, 128, 0])
def test_an_identifier_is_read(first: tuple[int, int], rest: list[int]) -> None:
    """Any object identifier is read as its numbers."""
    numbers = [40 * first[0] + first[1], *rest]
    content = b"".join(map(_in_sevens, numbers))
    algorithm = element(0x30, element(0x06, content))
    shape = shape_of(element(0x30, algorithm, element(0x03, b"\0")))
    assert shape == Shape("public key", ".".join(map(str, (*first, *rest))))


def _in_sevens(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.insert(0, 0x80 | number & 0x7F)
    return bytes(digits)
