"""`fudiwei/DotNetCore.SKIT.FlurlHttpClient.Wechat`: the broadest independent models, in C#."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from catalogue.comments import said
from catalogue.declared import Class, Classes, Member
from catalogue.models import Mode, Model, Place, Tree

from .braces import blanked, closing, line_of
from .official_java import mode_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["read"]

SCALARS = {
    "string": "string",
    "int": "integer",
    "long": "integer",
    "short": "integer",
    "ulong": "integer",
    "uint": "integer",
    "decimal": "number",
    "double": "number",
    "float": "number",
    "bool": "boolean",
    "DateTimeOffset": "string",
    "DateTime": "string",
    "byte": "binary",
    "object": "object",
    "IDictionary": "object",
}
_CODE = "src/SKIT.FlurlHttpClient.Wechat.TenpayV3"
_CLASS = re.compile(r"\b(?:class|interface)\s+(\w+)(?:<[^>{]*>)?(?:\s*:\s*([\w.]+))?[^{;]*\{")
_PROPERTY = re.compile(
    r"public\s+(?:override\s+|virtual\s+|new\s+)*(?P<type>[\w.<>,\[\] ]+?)(?P<may>\?)?\s+"
    r"(?P<name>\w+)\s*\{\s*get;"
)
_WIRE = re.compile(r"Newtonsoft\.Json\.JsonProperty\(\"([^\"]+)\"")
_LIST = re.compile(r"(?:I?List|I?ReadOnlyList|IEnumerable)<([\w.]+)\??>")
_CALL = re.compile(r"\[(GET|POST|PUT|PATCH|DELETE)\]\s*/(\S+)\s*接口")
_METHOD = re.compile(r"Task<Models\.([\w.]+)>\s+\w+\(\s*this \w+ client, Models\.([\w.]+) request")
_QUERY = re.compile(r"\.SetQueryParam\(\"(\w+)\",\s*request\.(\w+)")
_EVENT = re.compile(r"(?:表示|标识)[^A-Z<]*([A-Z_.、/ ]+?)\s*(（[^）]*）)?\s*通知的数据")
_DOC = re.compile(r"CDATA\[\s*(https://pay\.weixin\.qq\.com/\S+)")


def read(top: Path) -> Iterator[Model]:
    """Yield a model for each call and each notification.

    Args:
        top: The top of the checkout.
    """
    classes = Classes(SCALARS)
    for name in ("Models", "Events"):
        for path in sorted((top / _CODE / name).rglob("*.cs")):
            for found in _classes(path, top):
                found.package = name
                classes.add(found)
    for path in sorted((top / _CODE / "Extensions").glob("*.cs")):
        yield from _calls(path, top, classes)
    for path in sorted((top / _CODE / "Events").rglob("*.cs")):
        yield from _events(path, top, classes)


def _classes(path: Path, top: Path) -> Iterator[Class]:
    text = path.read_text("utf-8-sig")
    code = blanked(text)
    says = path.relative_to(top).as_posix()
    spans = [
        (match[1], match[2] or "", match.end() - 1, closing(code, match.end() - 1))
        for match in _CLASS.finditer(code)
    ]
    for name, base, start, end in spans:
        inside = [(s, e) for _, _, s, e in spans if start < s and e < end]
        outer = [n for n, _, s, e in spans if s < start and end < e]
        members = list(_members(text, code, (start, end), inside, says))
        yield Class(".".join((*outer, name)), "", members, base=base)


def _members(
    text: str, code: str, span: tuple[int, int], inside: list[tuple[int, int]], says: str
) -> Iterator[Member]:
    last = span[0]
    for match in _PROPERTY.finditer(code, *span):
        if any(start < match.start() < end for start, end in inside):
            continue
        between = max((end for _, end in inside if end < match.start()), default=0)
        head = text[max(last, between) : match.start()]
        last = match.end()
        wire = _WIRE.search(head)
        hidden = "JsonIgnore" in head
        if wire is None and not hidden:
            continue
        facts: dict[str, Any] = said(head)
        if "不指定将使用构造" not in head:
            facts["required"] = not match["may"]
        if "WechatTenpaySensitiveProperty(" in head and "RSA_2048_ECB" in head:
            facts["sealed"] = True
        if "Rfc3339DateTimeOffset" in head:
            facts["format"] = "rfc3339"
        kind = match["type"].strip()
        many = _LIST.search(kind)
        listed = many is not None or kind.endswith("[]")
        kind = many[1] if many else kind.removesuffix("[]")
        name = wire[1] if wire else f"-{match['name']}"
        line = line_of(text, match.start())
        yield Member(
            name,
            match["name"],
            kind.partition("<")[0],
            listed,
            facts,
            wire is None,
            f"{says}:{line}",
        )


def _calls(path: Path, top: Path, classes: Classes) -> Iterator[Model]:
    text = path.read_text("utf-8-sig")
    says = path.relative_to(top).as_posix()
    marks = list(_CALL.finditer(text))
    for match, follower in zip_longest(marks, marks[1:]):
        body = text[match.start() : follower.start() if follower else len(text)]
        method = _METHOD.search(body)
        if method is None:
            continue
        verb, where = match[1].lower(), match[2].partition("?")[0]
        where = where if where.startswith(("v2/", "v3/")) else f"v3/{where}"
        yield Model(
            verb,
            where,
            dict(_parts(method[1], method[2], body, where, classes)),
            mode_of(where),
            docs=tuple(_DOC.findall(body)),
            says=f"{says}:{line_of(text, match.start())}",
        )


def _parts(
    answered: str, asked: str, body: str, path: str, classes: Classes
) -> Iterator[tuple[Place, Tree]]:
    models = Class("", "Models")
    request, reply = classes.find(asked, models), classes.find(answered, models)
    if request is not None:
        codes = {m.code: (m, owner) for m, owner in classes.members(request).values()}
        query = {
            name: classes.item(*codes[code]) for name, code in _QUERY.findall(body) if code in codes
        }
        if query:
            yield "query", query
        names = set(query) | set(re.findall(r"\{(\w+)\}", path))
        tree = {n: i for n, i in classes.tree(request).items() if n not in names}
        if tree and "SendFlurlRequestAsJson" in body and not re.search(r"HttpMethod\.Get\b", body):
            yield "body", tree
    if reply is not None and (tree := classes.tree(reply)):
        yield "reply", tree


def _events(path: Path, top: Path, classes: Classes) -> Iterator[Model]:
    text = path.read_text("utf-8-sig")
    found = classes.find(path.stem, Class("", "Events"))
    if found is None:
        return
    for match in _EVENT.finditer(text):
        mode: Mode = "partner" if "服务商" in (match[2] or "") else "direct" if match[2] else ""
        for event in re.findall(r"[A-Z][A-Z_]*(?:\.[A-Z_]+)+", match[1]):
            yield Model(
                "event",
                f"v3/{event}",
                {"event": classes.tree(found)},
                mode,
                docs=tuple(_DOC.findall(text)),
                says=path.relative_to(top).as_posix(),
            )
