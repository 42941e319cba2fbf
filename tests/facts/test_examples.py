"""Which examples need not be written, for the glossary has them."""

from __future__ import annotations

from catalogue.examples import unsaid
from wechatpay.api._glossary import Glossary

GLOSSARY = Glossary(["a\t甲\tA\t1", "b\t乙\tB\tx", "c\t丙\tC"])


def test_an_example_that_the_glossary_has_is_not_written() -> None:
    """It is left out at any depth where it is the same and fits; a field may become its type."""
    tree = {
        "a!": {"type": "integer", "example": "1"},
        "b": {"example": "y"},
        "c": {"example": "z", "fields": {"a": {"example": "1", "unit": "fen"}}},
        "d": {"fields": {"b": {"type": "integer", "example": "x"}, "e": "boolean"}},
    }
    left = {
        "a!": "integer",
        "b": {"example": "y"},
        "c": {"example": "z", "fields": {"a": {"unit": "fen"}}},
        "d": tree["d"],
    }
    entry = {"path": "v3/a", "query": tree, "body": {"kind": "json", "fields": tree}, "reply": {}}
    assert unsaid(entry, "v3/a", GLOSSARY) == {
        "path": "v3/a",
        "query": left,
        "body": {"kind": "json", "fields": left},
        "reply": {},
    }
    assert unsaid({"resource": tree}, "event:A", GLOSSARY) == {"resource": left}
