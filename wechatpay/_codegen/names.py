"""How paths and fields are named in Python."""

from __future__ import annotations

import keyword

__all__ = ["attribute", "camel", "identifier"]


def attribute(segment: str) -> str:
    """Return the attribute that spells a path's segment; an empty one is a slash at the end."""
    if not segment:
        return "_empty_"
    if segment.startswith("{"):
        return f"_{segment[1:-1]}_"
    head, *rest = segment.split("-")
    name = head + "".join(_capital(word) for word in rest)
    return f"{name}_" if keyword.iskeyword(name) else name


def camel(text: str) -> str:
    """Return a segment, a field or an event as the name of a class, or a part of it."""
    return "".join(map(_capital, "".join(c if c.isalnum() else " " for c in text).split()))


def identifier(name: str) -> bool:
    """Say whether a field's name can be written as an attribute in a class."""
    return name.isidentifier() and not keyword.iskeyword(name)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
