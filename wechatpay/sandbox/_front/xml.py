"""APIv2's messages: XML of one level, or nearly so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from . import words


def parse(body: bytes) -> dict[str, str]:
    """Read a message of one level.

    Raises:
        Refusal: It is empty, is not XML, declares a document type, or has more levels.
    """
    if not body.strip():
        raise words.NO_MESSAGE()
    try:
        root = _root(body)
    except (ParseError, ValueError, LookupError) as error:
        raise words.NOT_XML() from error
    if root.tag != "xml" or any(len(child) for child in root):
        raise words.NOT_XML()
    return {child.tag: child.text or "" for child in root}


def dump(fields: Mapping[str, Any], root: str = "xml") -> bytes:
    """Write a message; a mapping becomes a level of its own, a list repeats its name."""
    return f"<{root}>{''.join(_elements(fields))}</{root}>".encode()


def _root(body: bytes) -> Element:
    parser = XMLParser(target=_Builder())  # noqa: S314
    parser.feed(body)
    root: Element = parser.close()
    return root


class _Builder(TreeBuilder):
    """Builds no tree of a message that declares what its names and entities mean."""

    def doctype(self, *_: str | None) -> None:
        raise ValueError("a document type")


def _elements(fields: Mapping[str, Any]) -> Iterable[str]:
    for name, value in fields.items():
        repeated: list[Any] = cast("Any", value) if isinstance(value, list) else [value]
        for each in repeated:
            yield f"<{name}>{_content(each)}</{name}>"


def _content(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(_elements(cast("dict[str, Any]", value)))
    text = str(value).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{text}]]>"
