"""`binarywang/WxJava`: both dialects in Java; its comments say lengths and what is required."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from catalogue.declared import Class, Classes
from catalogue.models import Model, Place, Tree
from catalogue.refusals import row

from .braces import blanked, closing, line_of
from .java import read_classes
from .official_java import mode_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["read"]

_CODE = "weixin-java-pay/src/main/java/com/github/binarywang/wxpay"
_METHOD = re.compile(r"\bpublic\s+(?:<\w+>\s+)?[\w.<>]+\s+\w+\(([^)]*)\)[^{;]*\{")
_OLD = re.compile(r"getPayBaseUrl\(\)\s*\+\s*\"/([a-z][\w/]*)\"")
_NEW = re.compile(r"String\.format\(\s*\"%s/(v3/[^\"?]*)[\"?]")
_VERB = re.compile(r"\b(post|get|patch|put|delete)V3\w*\(")
_REPLY = re.compile(r"(?:fromJson|fromXML)\(\s*\w+\s*,\s*(\w+)\.class")
_CODES = re.compile(r"static class (\w+) \{")
_ERROR = re.compile(
    r"/\*\*((?:(?!\*/).)*)\*/\s*public static final String \w+ = \"([^\"]+)\"", re.DOTALL
)
_CALLS = {
    "UnifiedOrder": "v2/pay/unifiedorder",
    "OrderClose": "v2/pay/closeorder",
    "Refund": "v2/secapi/pay/refund",
    "RefundQuery": "v2/pay/refundquery",
}
_IMPORT = re.compile(r"^import\s+([\w.]+)\.(\w+|\*);", re.MULTILINE)


def read(top: Path) -> Iterator[Model]:
    """Yield a model for each call whose path the code spells out.

    Args:
        top: The top of the checkout.
    """
    classes = read_classes(top / _CODE, top)
    for path in sorted((top / _CODE / "service/impl").glob("*.java")):
        yield from _service(path, top, classes)
    yield from _refusals(top / _CODE / "constant" / "WxPayErrorCode.java", top)


def _service(path: Path, top: Path, classes: Classes) -> Iterator[Model]:
    text = path.read_text("utf-8")
    code = blanked(text)
    says = path.relative_to(top).as_posix()
    imports = {name: f"{where}.{name}" for where, name in _IMPORT.findall(text) if name != "*"}
    here = Class(path.stem, "", imports=imports)
    for match in _METHOD.finditer(code):
        body = text[match.end() - 1 : closing(code, match.end() - 1)]
        old, new, verb = _OLD.search(body), _NEW.search(body), _VERB.search(body)
        if new is not None and verb is not None:
            where, how = _templated(new[1]), verb[1]
        elif old is not None and "v3/" not in old[1]:
            where, how = f"v2/{old[1]}", "post"
        else:
            continue
        parts = dict(_parts(match[1], body, how, here, classes))
        if parts:
            line = line_of(text, match.start())
            yield Model(how, where, parts, mode_of(where), says=f"{says}:{line}")


def _refusals(path: Path, top: Path) -> Iterator[Model]:
    """Yield the error codes that stand in classes named like APIv2's calls."""
    text = path.read_text("utf-8") if path.exists() else ""
    says = path.relative_to(top).as_posix()
    classes = list(_CODES.finditer(text))
    for match, follower in zip_longest(classes, classes[1:]):
        start, end = match.end(), follower.start() if follower else len(text)
        found = [
            row((each[2], each[1].rpartition("解决方案")[2]))
            for each in _ERROR.finditer(text, start, end)
        ]
        errors = tuple(each for each in found if each is not None)
        if match[1] in _CALLS and errors:
            line = line_of(text, start)
            yield Model("post", _CALLS[match[1]], {}, errors=errors, says=f"{says}:{line}")


def _templated(path: str) -> str:
    """Return a format's path as a template."""
    numbers = iter(range(99))
    return re.sub(r"%s", lambda _: f"{{p{next(numbers)}}}", path)


def _parts(
    parameters: str, body: str, verb: str, here: Class, classes: Classes
) -> Iterator[tuple[Place, Tree]]:
    kinds = [words.split()[-2] for words in parameters.split(",") if len(words.split()) > 1]
    requests = [found for kind in kinds if (found := classes.find(kind, here)) is not None]
    requests = [each for each in requests if each.members]
    if requests and verb != "get" and ("toJson(" in body or "toXML()" in body):
        own = {member.name for member in requests[0].members}
        tree = {name: item for name, item in classes.tree(requests[0]).items() if name in own}
        yield "body", tree
    reply = _REPLY.search(body)
    found = classes.find(reply[1], here) if reply else None
    if found is not None:
        own = {member.name for member in found.members}
        yield "reply", {name: item for name, item in classes.tree(found).items() if name in own}
