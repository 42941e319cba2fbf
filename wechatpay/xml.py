"""Dictionaries to and from APIv2's XML; messages may come from anybody, so reading is strict.

An element is a text or, when it has children, a mapping. A list is its element written once for
each item, which is how WeChat Pay writes the two lists it has (``hbinfo``, ``mchinfo``); so a list
of one looks like no list at all, and `loads` is told by name which elements are lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from .errors import WeChatPayError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import httpx

__all__ = ["MAX_DEPTH", "MAX_SIZE", "XMLError", "dumps", "fields", "loads", "text"]

MAX_SIZE = 4 * 1024 * 1024
"""The longest document that is read, in bytes (characters of a `str`)."""

MAX_DEPTH = 64
"""The deepest nesting that is read or written, the root counted. WeChat Pay needs four."""

# Compiled by the first message, not by the import: APIv3 has no use for them.
_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
_FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
_SURROGATE = "[\ud800-\udfff]"
_BLANK = " \t\r\n"
_NESTED = (Mapping, list, tuple)


class XMLError(WeChatPayError, ValueError):
    """A document that is not the plain, bounded XML of APIv2, or a dictionary that cannot be.

    About a document the message tells the fault and its place, and quotes nothing.
    """


def text(value: object, field: str) -> str:
    """Write one value as WeChat Pay expects it, for the XML and for its signature alike.

    Args:
        value: A text, a finite number, or a boolean (``true``, ``false``). Characters that XML
            cannot carry are removed, as the official SDK for PHP removes them.
        field: The field's name, for the error.

    Raises:
        TypeError: It is something else; the message names the field.
        ValueError: It is an infinity or not a number.
    """
    if isinstance(value, str):
        return re.sub(_FORBIDDEN, "", str.__str__(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)

    from decimal import Decimal

    # By way of Decimal, for a float such as 1e-7 has to be written as 0.0000001.
    number = Decimal(float.__repr__(value)) if isinstance(value, float) else value
    if not isinstance(number, Decimal):
        kind = type(value).__name__
        way_out = "; where JSON is wanted, json.dumps it" if isinstance(value, _NESTED) else ""
        raise TypeError(f"field {field!r} must be text, a number or a boolean, not {kind}{way_out}")
    if not number.is_finite():
        raise ValueError(f"field {field!r} must be a finite number")
    return format(number, "f")


def dumps(fields: Mapping[str, object], root: str = "xml") -> bytes:
    """Write a dictionary as XML, in UTF-8 and without a declaration.

    Args:
        fields: Names to values that `text` takes, to mappings of the same kind, or to a list or
            tuple of either. `None` is left out, and so is an empty list; an empty mapping
            cannot be told from an empty text.
        root: The outermost element's name.

    Raises:
        TypeError: A value of another type; the message names the field.
        XMLError: A name that is not ASCII letters, digits, ``_``, ``-`` and ``.``, or nesting
            deeper than `MAX_DEPTH`.
    """
    return "".join(_element(root, fields, 1)).encode()


def _element(name: str, value: object, depth: int) -> Iterator[str]:
    if not isinstance(cast("object", name), str):
        raise TypeError(f"the name of an element is text, not {type(name).__name__}")
    if not re.fullmatch(_NAME, name):
        raise XMLError(f"{name!r} cannot be the name of an element")
    if depth > MAX_DEPTH:
        raise XMLError(f"{name!r} is nested more than {MAX_DEPTH} deep")
    if not isinstance(value, Mapping):
        yield f"<{name}>{_escape(text(value, name))}</{name}>"
        return
    yield f"<{name}>"
    for field, child in cast("Mapping[str, object]", value).items():
        items = cast("list[object]", child) if isinstance(child, (list, tuple)) else [child]
        for item in items:
            if item is not None:
                yield from _element(field, item, depth + 1)
    yield f"</{name}>"


def _escape(value: str) -> str:
    if "\r" in value:  # which every parser reads as a line feed, unless it is a reference
        value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return value.replace("\r", "&#13;")
    if any(character in value for character in '<>&"'):
        return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return value


def loads(data: bytes | str, *, lists: Collection[str] = ()) -> dict[str, Any]:
    """Read XML into a dictionary whose leaves are all text.

    Whatever the root's name, it is a mapping. Attributes, comments, processing instructions and
    blanks between elements are skipped, and characters that XML cannot carry are removed. Nothing
    is ever fetched or expanded.

    Args:
        data: The document, in UTF-8.
        lists: Elements to read as a list, at any depth and however often they occur. Any other
            element may not repeat at the top level, where signatures are computed; further down,
            one that does is a list.

    Raises:
        XMLError: It is too long or too deep, is not UTF-8 or says that it is not, has a document
            type (so any entity), a field twice or text beside elements, or is not well-formed.
    """
    if len(data) > MAX_SIZE:
        raise XMLError(f"a document of {len(data)} is longer than {MAX_SIZE}")
    document = data if isinstance(data, str) else data.decode("utf-8", "surrogateescape")
    if bad := re.search(_SURROGATE, document):
        raise XMLError(f"not UTF-8: character {bad.start()}")

    from xml.parsers import expat  # nearly a millisecond that APIv3 has no use for

    reader = _Reader(lists)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.XmlDeclHandler = reader.declaration
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    try:
        parser.Parse(re.sub(_FORBIDDEN, "", document), True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
    except XMLError as error:
        reason = str(error)
    else:
        return reader.root
    # Raised here and not in the `except`, so that the error refers to no frame that has the
    # document.
    line, column = parser.ErrorLineNumber, parser.ErrorColumnNumber
    raise XMLError(f"{reason}: line {line}, column {column}")


def fields(response: httpx.Response) -> dict[str, Any]:
    """Return the fields of an APIv2 answer, all text; what is documented as a list is one.

    Which elements are lists is known of the endpoint that answered, so `mchinfo` and `hbinfo` are
    lists even of one item, and `coupon_id_0`, `coupon_id_1`, … stay fields of those names.

    Args:
        response: What an APIv2 call of a client returned.

    Raises:
        XMLError: It is not XML: a bill is `response.text`, and `getaccesstoken` answers in JSON.
    """
    rule = getattr(response.extensions.get("wechatpay"), "rule", None)
    return loads(response.content, lists=getattr(rule, "lists", ()))


class _Reader:
    """Makes a dictionary of expat's events; an error raised here stops expat at once."""

    def __init__(self, lists: Collection[str]) -> None:
        self.lists = lists
        self.root: dict[str, Any] = {}
        self.open: list[tuple[dict[str, Any], list[str]]] = []

    def declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "utf8"):
            raise XMLError("declares an encoding other than UTF-8")

    def doctype(self, *_: object) -> None:
        raise XMLError("has a document type declaration")

    def start(self, _name: str, _attributes: dict[str, str]) -> None:
        if len(self.open) == MAX_DEPTH:
            raise XMLError(f"nested more than {MAX_DEPTH} deep")
        self.open.append(({}, []))

    def characters(self, data: str) -> None:
        self.open[-1][1].append(data)

    def end(self, name: str) -> None:
        fields, pieces = self.open.pop()
        content = "".join(pieces)
        if (fields or not self.open) and content.strip(_BLANK):
            raise XMLError("text beside elements")
        if self.open:
            self.add(name, fields or content)
        else:
            self.root = fields

    def add(self, name: str, value: str | dict[str, Any]) -> None:
        siblings = self.open[-1][0]
        if name in self.lists:
            siblings.setdefault(name, []).append(value)
        elif name not in siblings:
            siblings[name] = value
        elif len(self.open) == 1:
            raise XMLError("an element repeats where only one can be the signed one")
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]
