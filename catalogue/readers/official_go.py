"""`wechatpay-apiv3/wechatpay-go`, the official SDK for Go: it says which fields are required."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from catalogue.comments import said
from catalogue.declared import Class, Classes, Member
from catalogue.models import Model, Place, Tree
from catalogue.refusals import Refusal, row

from .braces import blanked, closing, line_of
from .official_java import mode_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["SCALARS", "read", "read_file"]

SCALARS = {
    "string": "string",
    "int64": "integer",
    "int32": "integer",
    "int": "integer",
    "bool": "boolean",
    "float64": "number",
    "float32": "number",
    "time.Time": "string",
    "map": "object",
    "interface{}": "object",
    "json.RawMessage": "object",
}
_STRUCT = re.compile(r"^type (\w+) struct \{$", re.MULTILINE)
_ALIAS = re.compile(r"^type (\w+) ([A-Z]\w*)$", re.MULTILINE)
_STRING = re.compile(r"^type (\w+) string", re.MULTILINE)
_VALUE = re.compile(r"^\s*\w+\s+(\w+)\s*=\s*\"([^\"]*)\"", re.MULTILINE)
_FIELD = re.compile(
    r"^\s*(?P<name>[A-Z]\w*)\s+(?P<type>\S+)\s+`json:\"(?P<wire>\w+)(?P<may>,omitempty)?\""
    r"(?P<more>[^`]*)`",
)
_FUNCTION = re.compile(
    r"^func \(a \*\w+\) \w+\(ctx context\.Context(?:, req (\w+))?\) \(([^)]*)\) \{", re.MULTILINE
)
_REQUIRED = re.compile(r"if req\.(\w+) == nil \{\s*return")
_QUERY = re.compile(r"localVarQueryParams\.Add\(\"(\w+)\"")
_ERROR = re.compile(r"^//\s*\|\s*([A-Z][A-Z_\\]+\s*\|.*)$", re.MULTILINE)


def read(top: Path) -> Iterator[Model]:
    """Yield a model for each call of the SDK.

    Args:
        top: The top of the checkout.
    """
    classes = Classes(SCALARS)
    files = [f for f in sorted((top / "services").rglob("*.go")) if not f.name.endswith("_test.go")]
    for path in files:
        for found in read_file(path, top):
            classes.add(found)
    for path in files:
        if path.name.startswith("api_"):
            yield from _calls(path, top, classes)


def read_file(path: Path, top: Path) -> Iterator[Class]:
    """Yield the structures and enumerations of a file.

    Args:
        path: The file.
        top: The top of the checkout.
    """
    text = path.read_text("utf-8")
    package = path.parent.relative_to(top).as_posix()
    says = path.relative_to(top).as_posix()
    for match in _STRUCT.finditer(text):
        end = text.index("\n}", match.start())
        yield Class(match[1], package, list(_members(text, match.end(), end, says)))
    for name, base in _ALIAS.findall(text):
        yield Class(name, package, base=base)
    values: dict[str, list[str]] = {}
    for kind, value in _VALUE.findall(text):
        values.setdefault(kind, []).append(value)
    for match in _STRING.finditer(text):
        yield Class(match[1], package, values=tuple(values.get(match[1], ())))


def _members(text: str, start: int, end: int, says: str) -> Iterator[Member]:
    comment, line = "", line_of(text, start)
    for number, written in enumerate(text[start:end].split("\n"), line):
        match = _FIELD.match(written)
        if match is None:
            comment = f"{comment} {written.strip(' /')}" if written.strip().startswith("//") else ""
            continue
        facts: dict[str, Any] = {**said(comment), "required": not match["may"]}
        if "EM_APIV3" in match["more"]:
            facts["sealed"] = True
        kind = match["type"].lstrip("*")
        listed = kind.startswith("[]")
        kind = kind.removeprefix("[]").lstrip("*")
        if kind == "time.Time":
            facts["format"] = "rfc3339"
        kind = "map" if kind.startswith("map[") else kind
        kind = kind if kind in SCALARS else kind.rpartition(".")[2]
        yield Member(match["wire"], match["name"], kind, listed, facts, says=f"{says}:{number}")
        comment = ""


def _calls(path: Path, top: Path, classes: Classes) -> Iterator[Model]:
    text = path.read_text("utf-8")
    code = blanked(text)
    says = path.relative_to(top).as_posix()
    here = Class("", path.parent.relative_to(top).as_posix())
    for match in _FUNCTION.finditer(text):
        end = closing(code, match.end() - 1)
        body = text[match.start() : end]
        found = re.search(r"\"/(v3/[^\"]*)\"", body)
        verb = re.search(r"nethttp\.Method(\w+)", body)
        if found is None or verb is None:
            continue
        head = text[: match.start()].rpartition("\n}\n")[2]
        yield Model(
            verb[1].lower(),
            found[1],
            dict(_parts(match[1], match[2], body, found[1], here, classes)),
            mode_of(found[1]),
            errors=tuple(_errors(head)),
            says=f"{says}:{line_of(text, match.start())}",
        )


def _errors(comment: str) -> Iterator[Refusal]:
    for cells in _ERROR.findall(comment):
        found = row(cells.rstrip("| ").split("|"))
        if found is not None:
            yield found


def _parts(
    asked: str, answered: str, body: str, path: str, here: Class, classes: Classes
) -> Iterator[tuple[Place, Tree]]:
    request = classes.find(asked, here) if asked else None
    if request is not None:
        tree = classes.tree(request)
        codes = {name: member.code for name, (member, _) in classes.members(request).items()}
        needed = set(_REQUIRED.findall(body))
        placeholders = set(re.findall(r"\{(\w+)\}", path))
        yield "path", {n: i.having(required=True) for n, i in tree.items() if n in placeholders}
        queried = set(_QUERY.findall(body))
        query = {
            name: item.having(required=codes[name] in needed)
            for name, item in tree.items()
            if name in queried
        }
        yield "query", query
        sent = re.search(r"localVarPostBody = (?:&(\w+)\{|(req)\b)", body)
        if sent is not None:
            inner = classes.find(sent[1], here) if sent[1] else request
            if inner is not None:
                others = placeholders | queried
                yield "body", {n: i for n, i in classes.tree(inner).items() if n not in others}
    reply = re.search(r"resp \*([\w.]+)", answered)
    found = classes.find(reply[1].rpartition(".")[2], here) if reply else None
    if found is None and reply is not None and "." in reply[1]:
        near = Class("", here.package.rpartition("/")[0])
        found = classes.find(reply[1].rpartition(".")[2], near)
    if found is not None:
        yield "reply", classes.tree(found)
