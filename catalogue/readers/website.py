"""`wechatpay-im/website`: the widest index, a table of fields for each call and notification."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from catalogue.models import Item, Mode, Model, Place, Tree

__all__ = ["read"]

_HEADING = re.compile(r"^#{1,3} .*\{#([\w-]+)\}\s*$", re.MULTILINE)
_TITLE = re.compile(r"^title:\s*(.+)$", re.MULTILINE)
_TABLE = re.compile(r"((?:^\|.*\n)+)\n?\{\.im-table #(\w+)\}", re.MULTILINE)
_ROW = re.compile(r"^\|\s*(?P<name>[^|{]*?)\s*(?:\{(?P<how>[^}]*)\})?\s*\|(?P<rest>.*)$")
_INDENT = re.compile(r"data-indent=(\d)")
_SEALED = re.compile(r"data-encrypted=(\S+)")
_VALUES = re.compile(r"((?:`[^`]*`(?:\s*\\\|\s*)?)+)\s*枚举值")
_ONE_BY_ONE = re.compile(r"`([^`]+)`\s*[:：]")
_LENGTH = re.compile(r"最长(\d+)字符")
_DOC = re.compile(r"\]\((https://pay\.weixin\.qq\.com/[^)]+)\)")
_VERBS = ("get", "post", "put", "patch", "delete")
_PARTS: dict[str, Place] = {"json": "body", "xml": "body", "query": "query", "body": "body"}
_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean", "object": "object"}
_NAME = re.compile(r"[A-Za-z][\w$-]*")


class _Row(NamedTuple):
    indent: int
    name: str
    item: Item


def read(top: Path) -> Iterator[Model]:
    """Yield a model for each call and each notification.

    Args:
        top: The top of the checkout.
    """
    for path in sorted((top / "openapi").rglob("*.md")):
        where = path.relative_to(top / "openapi").with_suffix("").as_posix()
        if "/" in where:
            yield from _page(path, top, where)
    for path in sorted((top / "webhook").rglob("*.md")):
        where = path.relative_to(top / "webhook").with_suffix("").as_posix()
        if "/" in where:
            yield _event(path, top, where)


def _page(path: Path, top: Path, where: str) -> Iterator[Model]:
    text = path.read_text("utf-8")
    says = path.relative_to(top).as_posix()
    title = _TITLE.search(text)
    heads = [match for match in _HEADING.finditer(text) if match[1] in _VERBS]
    for match, follower in zip_longest(heads, heads[1:]):
        start, end = match.start(), follower.start() if follower else len(text)
        name = match[0].strip("# \n").partition("{#")[0].strip()
        docs = tuple(dict.fromkeys(_DOC.findall(text[start:end])))
        yield Model(
            match[1],
            where,
            _parts(text, start, end, says, where),
            _mode(docs),
            (title[1] if title else "") if "{{" in name or name.startswith("$") else name,
            docs,
            says=f"{says}:{text.count(chr(10), 0, start) + 1}",
        )


def _mode(docs: tuple[str, ...]) -> Mode:
    partner = [("/partner/" in doc or "_partner/" in doc) for doc in docs]
    if not docs or (any(partner) and not all(partner)):
        return ""
    return "partner" if all(partner) else "direct"


def _parts(text: str, start: int, end: int, says: str, where: str) -> dict[Place, Tree]:
    parts: dict[Place, Tree] = {}
    placeholders = set(re.findall(r"\{(\w+)\}", where))
    for table in _TABLE.finditer(text, start, end):
        first = text.count("\n", 0, table.start()) + 1
        tree = _tree(list(_rows(table[1], says, first)))
        if table[2] == "response":
            parts["reply"] = tree
            continue
        for name, item in tree.items():
            if name in placeholders:
                parts["path"] = {**parts.get("path", {}), name: item}
            elif name in _PARTS and item.kind == "object":
                parts[_PARTS[name]] = item.fields
    return {place: tree for place, tree in parts.items() if tree}


def _rows(table: str, says: str, first: int) -> Iterator[_Row]:
    for number, line in enumerate(table.splitlines(), first):
        match = _ROW.match(line)
        if match is None or not _NAME.fullmatch(match["name"]) or match["name"].isupper():
            continue  # a value of the row above, on a row of its own
        how = match["how"] or ""
        cells = re.split(r"(?<!\\)\|", match["rest"])
        indent = _INDENT.search(how)
        kind, facts = _kind(cells[0])
        described = cells[1].strip() if len(cells) > 1 else ""
        facts.update(_described(described))
        if kind == "array<string>" and described.startswith("加密的"):
            facts["sealed"] = True
        item = Item(kind, "data-required" in how, **facts, says=f"{says}:{number}")
        yield _Row(int(indent[1]) if indent else 0, match["name"], item)


def _kind(cell: str) -> tuple[str, dict[str, Any]]:
    word, _, how = cell.strip().partition("{")
    word = word.strip()
    listed = word.endswith("[]")
    kind = _TYPES.get(word.removesuffix("[]"), "string")
    facts: dict[str, Any] = {}
    sealed = _SEALED.search(how)
    if sealed and sealed[1].rstrip("}") in ("by-rsa-pubkey", "by-rsa-privatekey"):
        facts["sealed"] = True
    if match := _LENGTH.search(how):
        facts["max_length"] = int(match[1])
    return (f"array<{kind}>" if listed else kind), facts


def _described(cell: str) -> dict[str, Any]:
    match = _VALUES.search(cell)
    values = re.findall(r"`([^`]+)`", match[1]) if match else _ONE_BY_ONE.findall(cell)
    return {"values": tuple(dict.fromkeys(values))} if values else {}


def _tree(rows: list[_Row]) -> dict[str, Item]:
    """Return the rows as a tree, by how far each is indented."""
    tree: dict[str, Item] = {}
    at = 0
    while at < len(rows):
        row = rows[at]
        end = at + 1
        while end < len(rows) and rows[end].indent > row.indent:
            end += 1
        inner = _tree(rows[at + 1 : end])
        tree.setdefault(row.name, row.item.having(fields=inner) if inner else row.item)
        at = end
    return tree


def _event(path: Path, top: Path, where: str) -> Model:
    text = path.read_text("utf-8")
    says = path.relative_to(top).as_posix()
    title = _TITLE.search(text)
    event: Tree = {}
    for table in _TABLE.finditer(text):
        if table[2] == "request":
            first = text.count("\n", 0, table.start()) + 1
            body = _tree(list(_rows(table[1], says, first))).get("body", Item()).fields
            inside = body["resource"].fields if "resource" in body else body
            hidden = inside.get("ciphertext")
            event = (hidden.fields if hidden is not None else inside) or event
    docs = tuple(dict.fromkeys(_DOC.findall(text)))
    return Model("event", where, {"event": event}, "", title[1] if title else "", docs, says=says)
