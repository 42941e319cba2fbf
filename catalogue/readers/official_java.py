"""`wechatpay-apiv3/wechatpay-java`, the official SDK for Java: services, and models with marks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catalogue.declared import Class, Classes
from catalogue.models import Item, Mode, Model, Place, Tree

from .braces import blanked, closing, line_of
from .java import read_classes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["read"]

_METHOD = re.compile(r"\bpublic\s+([\w.<>]+)\s+(\w+)\s*\(([^)]*)\)\s*\{")
_PATH = re.compile(r"\"https://api\.mch\.weixin\.qq\.com/(v3/[^\"?]*)\"")
_VERB = re.compile(r"HttpMethod\.([A-Z]+)|httpClient\.(get|post|put|patch|delete)\(")
_QUERY = re.compile(r"queryParameter\.add\(\s*\"(\w+)\"")
_REPLY = re.compile(r"HttpResponse<(\w+)>")
_PACKAGE = re.compile(r"^package\s+([\w.]+);", re.MULTILINE)
_IMPORT = re.compile(r"^import\s+([\w.]+)\.(\w+);", re.MULTILINE)
_CODE = "service/src/main/java"


def read(top: Path) -> Iterator[Model]:
    """Yield a model for each call of the SDK.

    Args:
        top: The top of the checkout.
    """
    classes = read_classes(top / _CODE, top)
    for path in sorted((top / _CODE).rglob("*Service.java")):
        yield from _service(path, top, classes)


def _service(path: Path, top: Path, classes: Classes) -> Iterator[Model]:
    text = path.read_text("utf-8")
    code = blanked(text)
    says = path.relative_to(top).as_posix()
    package = _PACKAGE.search(text)
    here = Class(
        path.stem,
        package[1] if package else "",
        imports={n: f"{w}.{n}" for w, n in _IMPORT.findall(text)},
    )
    for match in _METHOD.finditer(code):
        body = text[match.end() - 1 : closing(code, match.end() - 1)]
        found = _PATH.search(re.sub(r"\"\s*\+\s*\"", "", body))
        verb = _VERB.search(body)
        if found is None or verb is None:
            continue
        parts = _parts(match[3], body, found[1], here, classes)
        yield Model(
            (verb[1] or verb[2]).lower(),
            found[1],
            parts,
            mode_of(found[1]),
            says=f"{says}:{line_of(text, match.start())}",
        )


def mode_of(path: str) -> Mode:
    """Return whose call it is, where the path tells."""
    return "partner" if "/partner/" in path or path.startswith("v3/ecommerce/") else ""


def _parts(
    parameters: str, body: str, path: str, here: Class, classes: Classes
) -> dict[Place, Tree]:
    parts: dict[Place, Tree] = {}
    words = parameters.split()
    request = classes.find(words[0], here) if words else None
    if request is not None:
        outside = classes.tree(request, outside=True)
        asked = set(_QUERY.findall(body))
        placeholders = set(re.findall(r"\{(\w+)\}", path))
        parts["path"] = {
            n: i.having(required=True) for n, i in outside.items() if n in placeholders
        }
        parts["query"] = {name: item for name, item in outside.items() if name in asked}
        if "createRequestBody(" in body or ".body(" in body:
            parts["body"] = _body(classes, request, asked | placeholders)
    reply = _REPLY.search(body)
    found = classes.find(reply[1], here) if reply else None
    if found is not None:
        parts["reply"] = classes.tree(found)
    return {place: tree for place, tree in parts.items() if tree}


def _body(classes: Classes, request: Class, others: set[str]) -> dict[str, Item]:
    return {name: item for name, item in classes.tree(request).items() if name not in others}
