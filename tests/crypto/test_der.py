"""`wechatpay.crypto._der`: what is written is read, and what cannot be read is not a structure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.crypto._der import Element, declared_length, element, parts_of

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
