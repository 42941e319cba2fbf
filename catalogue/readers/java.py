"""Classes and enumerations of Java, with the annotations that say how they look on the wire."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from catalogue.comments import said
from catalogue.declared import Class, Classes, Member

from .braces import blanked, closing, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["SCALARS", "read_classes", "read_file", "typed"]

SCALARS = {
    "String": "string",
    "Long": "integer",
    "long": "integer",
    "Integer": "integer",
    "int": "integer",
    "Boolean": "boolean",
    "boolean": "boolean",
    "Double": "number",
    "Float": "number",
    "BigDecimal": "number",
    "Object": "object",
    "Date": "string",
    "OffsetDateTime": "string",
    "byte": "binary",
}
_DECLARED = re.compile(r"\b(class|enum)\s+(\w+)(?:<[^>{]*>)?(?:\s+extends\s+([\w.]+))?[^{;]*\{")
_FIELD = re.compile(
    r"(?:private|public|protected)\s+(?:final\s+)?(?P<type>[A-Za-z][\w.]*(?:\s*<[^;=()]*>)?(?:\[\])?)"
    r"\s+(?P<name>\w+)\s*(?:=[^;]*)?;"
)
_IMPORT = re.compile(r"^import\s+([\w.]+)\.(\w+);", re.MULTILINE)
_PACKAGE = re.compile(r"^package\s+([\w.]+);", re.MULTILINE)
_WIRE = re.compile(r"@(?:SerializedName|XStreamAlias)\(\s*(?:value\s*=\s*)?\"([^\"]+)\"")
_LIST = re.compile(r"(?:List|ArrayList|Set)\s*<\s*([\w.]+)[^>]*>")
_CONSTANT = re.compile(
    r"(?:@SerializedName\(\"([^\"]+)\"\)\s*)?\b([A-Z][A-Za-z0-9_]*)\b(?=\s*[,;({}]|\s*$)"
)


def read_classes(folder: Path, top: Path) -> Classes:
    """Return every class below a folder."""
    classes = Classes(SCALARS)
    for path in sorted(folder.rglob("*.java")):
        for found in read_file(path, top):
            classes.add(found)
    return classes


def read_file(path: Path, top: Path) -> Iterator[Class]:
    """Yield the classes of a file, nested ones too.

    Args:
        path: The file.
        top: The top of the checkout.
    """
    text = path.read_text("utf-8", "replace")
    match = _PACKAGE.search(text)
    package = match[1] if match else ""
    imports = {name: f"{where}.{name}" for where, name in _IMPORT.findall(text)}
    says = path.relative_to(top).as_posix()
    code = blanked(text)
    spans = list(_spans(code))
    for kind, name, base, start, end in spans:
        inside = [(s, e) for _, _, _, s, e in spans if start < s and e < end]
        own = _without(code, start, end, inside)
        outer = [n for _, n, _, s, e in spans if s < start and end < e]
        found = Class(".".join((*outer, name)), package, base=base, imports=imports)
        if kind == "enum":
            found.values = tuple(_constants(text, own, start))
        else:
            found.members = list(_members(text, own, start, inside, says))
        yield found


def typed(source: str) -> tuple[str, bool]:
    """Return the type of a field without what says that it is a list, and whether it is one."""
    if match := _LIST.search(source):
        return match[1], True
    if source.endswith("[]"):
        return source[:-2], True
    return source.partition("<")[0].strip(), False


def _spans(code: str) -> Iterator[tuple[str, str, str, int, int]]:
    for match in _DECLARED.finditer(code):
        start = match.end() - 1
        yield match[1], match[2], match[3] or "", start, closing(code, start)


def _without(code: str, start: int, end: int, inside: list[tuple[int, int]]) -> str:
    """Return a class's own code, with everything in further braces blanked."""
    own = list(code[start + 1 : end])
    for s, e in inside:
        for at in range(s, e + 1):
            own[at - start - 1] = own[at - start - 1] if own[at - start - 1] == "\n" else " "
    depth = 0
    for at, char in enumerate(own):
        depth += (char == "{") - (char == "}")
        if depth or char == "}":
            own[at] = char if char == "\n" else " "
    return "".join(own)


def _members(
    text: str, own: str, start: int, inside: list[tuple[int, int]], says: str
) -> Iterator[Member]:
    last = 0
    for match in _FIELD.finditer(own):
        here = start + 1 + match.start()
        # What stands in a class in between is not said of this field.
        between = max((end + 1 for _, end in inside if end < here), default=0)
        head = text[max(start + 1 + last, between) : here]
        last = match.end()
        wire = _WIRE.search(head)
        if wire is None or "static " in match[0]:
            continue
        kind, listed = typed(match["type"])
        comment = " ".join(re.findall(r"/\*\*.*?\*/", head, re.DOTALL))
        facts: dict[str, Any] = said(comment)
        if ("@Encryption" in head or "@SpecEncrypt" in head) and SCALARS.get(kind) == "string":
            facts["sealed"] = True
        if "@Required" in head:
            facts["required"] = True
        outside = "serialize = false" in head
        line = line_of(text, start + 1 + match.start())
        yield Member(wire[1], match["name"], kind, listed, facts, outside, f"{says}:{line}")


def _constants(text: str, own: str, start: int) -> Iterator[str]:
    """Yield the values of an enumeration, as they are on the wire."""
    head = own.partition(";")[0]
    names = re.compile(r"\b([A-Z][A-Za-z0-9_]*)\b")
    last = 0
    depth = 0
    for match in re.finditer(r"[(){}]|@\w+|\b[A-Za-z_]\w*\b", head):
        word = match[0]
        depth += (word in "({") - (word in ")}")
        if depth == 0 and names.fullmatch(word):
            before = text[start + 1 + last : start + 1 + match.start()]
            wire = _WIRE.search(before)
            yield wire[1] if wire else word
            last = match.end()
