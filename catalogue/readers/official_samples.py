"""`wechatpay-apiv3/wechatpay-skills`: official samples, each a whole call with its models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from catalogue.declared import Class, Classes
from catalogue.models import Item, Mode, Model, Place, Tree
from catalogue.plain import is_list, is_object

from . import go_samples, manuals
from .braces import blanked, closing, line_of
from .java import SCALARS, read_file
from .java_values import Sealed, assigned, helpers

__all__ = ["Sample", "read", "samples"]

_PATH = re.compile(r"String PATH\s*=\s*\"/([^\"]+)\"")
_VERB = re.compile(r"String METHOD\s*=\s*\"([A-Z]+)\"")
_RUN = re.compile(r"public\s+(\w+)\s+run\((?:(\w+)\s+\w+)?\)")
_QUERY = re.compile(r"args\.put\(\"(\w+)\"")
_MAIN = re.compile(r"static void main\([^)]*\)\s*\{")
_MODES: tuple[tuple[str, Mode], ...] = (
    ("1-商户", "direct"),
    ("2-服务商", "partner"),
    ("1-品牌", "brand"),
)


class Sample(NamedTuple):
    """One sample: a call, and what it sets.

    Attributes:
        verb: In lower case.
        path: Its template.
        mode: Whose sample it is.
        values: What it sets: of the path, the query, the body.
        multipart: Whether it uploads a file.
        says: Where it stands.
    """

    verb: str
    path: str
    mode: Mode
    values: Mapping[Place, Mapping[str, Any]]
    multipart: bool
    says: str


class _Call(NamedTuple):
    verb: str
    path: str
    request: Class | None
    reply: Class | None
    asked: frozenset[str]
    multipart: bool
    says: str


def read(top: Path) -> Iterator[Model]:
    """Yield a model for each sample.

    Args:
        top: The top of the checkout.
    """
    for mode, call, made, classes, says in _all(top):
        parts: dict[Place, Tree] = {}
        if call.request is not None:
            for place, names, tree in _split(call, classes):
                values = made if made is None else {n: v for n, v in made.items() if n in names}
                parts[place] = _marked(tree, values) if place != "path" else tree
        if call.reply is not None:
            parts["reply"] = classes.tree(call.reply)
        kept: dict[Place, Tree] = {place: tree for place, tree in parts.items() if tree}
        yield Model(call.verb, call.path, kept, mode, says=says)
    yield from manuals.refusals(top)
    for folder, mode in _MODES:
        yield from go_samples.read(top, folder, mode)


def samples(top: Path) -> Iterator[Sample]:
    """Yield every sample with what it sets."""
    for mode, call, made, classes, says in _all(top):
        if call.request is None or made is None:
            continue
        values: dict[Place, Mapping[str, Any]] = {
            place: {name: made[name] for name in names if name in made}
            for place, names, _ in _split(call, classes)
        }
        yield Sample(call.verb, call.path, mode, values, call.multipart, says)


def _all(
    top: Path,
) -> Iterator[tuple[Mode, _Call, dict[str, Any] | None, Classes, str]]:
    for name, mode in _MODES:
        for folder in sorted(top.glob(f"*/references/{name}")):
            yield from _folder(folder, top, mode)


def _folder(
    folder: Path, top: Path, mode: Mode
) -> Iterator[tuple[Mode, _Call, dict[str, Any] | None, Classes, str]]:
    classes = Classes(SCALARS)
    files = sorted(folder.rglob("*.java"))
    for path in files:
        for found in read_file(path, top):
            found.package = folder.relative_to(top).as_posix()
            classes.add(found)
    calls: dict[str, _Call] = {}
    for path in files:
        call = _call(path, top, folder, classes)
        if call is not None and call.request is not None:
            calls.setdefault(call.request.name.rpartition(".")[2], call)
        text = path.read_text("utf-8")
        made, kind = _made(text, classes, call)
        if call is None and made is not None:
            call = calls.get(kind) or _shared(files, kind, top, folder, classes)
        if call is not None and (made is not None or _MAIN.search(text) or call.says):
            yield mode, call, made, classes, path.relative_to(top).as_posix()


def _shared(
    files: list[Path], kind: str, top: Path, folder: Path, classes: Classes
) -> _Call | None:
    """Return the call of another file that takes a request of this kind."""
    for path in files:
        call = _call(path, top, folder, classes)
        if call and call.request and call.request.name.rpartition(".")[2] == kind:
            return call
    return None


def _call(path: Path, top: Path, folder: Path, classes: Classes) -> _Call | None:
    text = path.read_text("utf-8")
    where, verb, run = _PATH.search(text), _VERB.search(text), _RUN.search(text)
    if where is None or verb is None or run is None:
        return None
    outer = re.search(r"public class (\w+)", text)
    here = Class(outer[1] if outer else path.stem, folder.relative_to(top).as_posix())
    return _Call(
        verb[1].lower(),
        where[1].partition("?")[0],
        classes.find(run[2], here) if run[2] else None,
        classes.find(run[1], here),
        frozenset(_QUERY.findall(text)),
        "MultipartBody" in text,
        f"{path.relative_to(top).as_posix()}:{line_of(text, where.start())}",
    )


def _made(text: str, classes: Classes, call: _Call | None) -> tuple[dict[str, Any] | None, str]:
    """Return what the sample's `main` puts into its request, by names on the wire."""
    main = _MAIN.search(text)
    if main is None:
        return None, ""
    code = blanked(text)
    body = text[main.end() : closing(code, main.end() - 1)]
    masked = code[main.end() : main.end() + len(body)]
    start = re.search(r"\b(\w+)\s+request\s*=\s*new\s+\w+\(\)\s*;", masked)
    if start is None:
        return None, ""
    end = masked.find("try {", start.end())
    outer = re.search(r"public class (\w+)", text)
    package = call.request.package if call and call.request else ""
    here = Class(outer[1] if outer else "", package)
    request = call.request if call else classes.find(start[1], here)

    def constant(name: str) -> Any:
        kind, _, value = name.rpartition(".")
        found = classes.find(kind, request) if request is not None else None
        same = [each for each in found.values if each == value] if found is not None else []
        return (same or [value])[0]

    code = body[start.start() : end if end > 0 else None]
    made = assigned(code, constant, helpers(text)).get("request", {})
    if request is None:
        return made, start[1]
    return _wired(made, request, classes), start[1]


def _wired(made: Mapping[str, Any], of: Class, classes: Classes) -> dict[str, Any]:
    """Return an object with the names that its fields have on the wire."""
    wired: dict[str, Any] = {}
    for name, (member, owner) in classes.members(of).items():
        if member.code in made:
            inner = classes.find(member.type, owner)
            wired[name] = _wire_value(made[member.code], inner, classes)
    return wired


def _wire_value(value: Any, of: Class | None, classes: Classes) -> Any:
    if isinstance(value, Sealed) or of is None:
        return value
    if is_list(value):
        return [_wire_value(each, of, classes) for each in value]
    if is_object(value):
        return _wired(value, of, classes)
    return value


def _split(call: _Call, classes: Classes) -> Iterator[tuple[Place, set[str], Tree]]:
    """Yield the parts of a request: place, names and tree."""
    if call.request is None:
        return
    tree = classes.tree(call.request, outside=True)
    inside = {n for n, (m, _) in classes.members(call.request).items() if not m.outside}
    path = set(re.findall(r"\{(\w+)\}", call.path)) & set(tree)
    query = (call.asked & set(tree)) - path
    body = (inside - path - query) if call.verb != "get" else set[str]()
    places: tuple[tuple[Place, set[str]], ...] = (
        ("path", path),
        ("query", set(query)),
        ("body", body),
    )
    for place, names in places:
        if names:
            yield place, names, {name: tree[name] for name in tree if name in names}


def _marked(tree: Tree, made: Mapping[str, Any] | None) -> Tree:
    """Return a tree in which each item says whether the sample sets it, and how."""
    if made is None:
        return tree
    marked: dict[str, Item] = {}
    for name, item in tree.items():
        if name not in made:
            marked[name] = item.having(shown=False)
            continue
        value = made[name]
        values: list[Any] = value if is_list(value) else [value]
        sealed = item.sealed or any(isinstance(each, Sealed) for each in values)
        dicts = [each for each in values if is_object(each)]
        fields = _marked(item.fields, _union(dicts)) if dicts else item.fields
        example = str(values[0]) if values and isinstance(values[0], (str, int)) else None
        marked[name] = item.having(shown=True, sealed=sealed, fields=fields, example=example)
    return marked


def _union(dicts: list[Any]) -> dict[str, Any]:
    """Return what every one of some objects has."""
    first, *rest = cast("list[dict[str, Any]]", dicts)
    return {name: value for name, value in first.items() if all(name in each for each in rest)}
