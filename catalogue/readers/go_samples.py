"""The samples of `wechatpay-apiv3/wechatpay-skills` in Go: the same calls with models of their own.

What they set is what the Java samples set; their models have fields that those leave out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from catalogue.declared import Class, Classes
from catalogue.models import Item, Mode, Model, Place, Tree

from .braces import line_of
from .official_go import SCALARS, read_file

__all__ = ["read"]

_PATH = re.compile(r"\bpath\s*=\s*\"/([^\"?]+)")
_VERB = re.compile(r"\bmethod\s*=\s*\"([A-Z]+)\"")
_ASKED = re.compile(r"\brequest \*(\w+)")
_ANSWERED = re.compile(r"\(response \*(\w+)")
_QUERY = re.compile(r"query\.(?:Add|Set)\(\"(\w+)\"")
_SEALED = re.compile(r"^\s*(\w+):[^\n]*/\*\s*请传入[^\n]*Encrypt\w*", re.MULTILINE)


def read(top: Path, folder: str, mode: Mode) -> Iterator[Model]:
    """Yield a model for each sample.

    Args:
        top: The top of the checkout.
        folder: The folder of those whose samples they are, in each product's.
        mode: Whose they are.
    """
    for product in sorted(top.glob(f"*/references/{folder}")):
        files = sorted(product.rglob("*.go"))
        declared = {path: list(read_file(path, top)) for path in files}
        for path in files:
            text = path.read_text("utf-8")
            where, verb = _PATH.search(text), _VERB.search(text)
            if where is None or verb is None or "multipart" in text:
                continue
            classes = _classes(declared, path)
            kept = dict(_parts(text, verb[1], where[1], classes))
            says = f"{path.relative_to(top).as_posix()}:{line_of(text, where.start())}"
            yield Model(verb[1].lower(), where[1], kept, mode, says=says)


def _classes(declared: Mapping[Path, Iterable[Class]], path: Path) -> Classes:
    """Return what a file declares, and what it does not from the others."""
    classes = Classes(SCALARS)
    own = {found.name for found in declared[path]}
    for other, found in declared.items():
        for each in found:
            if other == path or each.name not in own:
                each.package = ""
                classes.add(each)
    return classes


def _parts(text: str, verb: str, path: str, classes: Classes) -> Iterator[tuple[Place, Tree]]:
    nowhere = Class("", "")
    asked, answered = _ASKED.search(text), _ANSWERED.search(text)
    request = classes.find(f".{asked[1]}", nowhere) if asked else None
    sealed = frozenset(_SEALED.findall(text))
    if request is not None:
        tree = classes.tree(request)
        query = [name for name in tree if name in _QUERY.findall(text)]
        outside = {*re.findall(r"\{(\w+)\}", path), *query}
        if query:
            yield "query", _plain({name: tree[name] for name in query}, frozenset())
        body = {name: item for name, item in tree.items() if name not in outside}
        if body and verb != "GET":
            yield "body", _plain(body, sealed)
    reply = classes.find(f".{answered[1]}", nowhere) if answered else None
    if reply is not None:
        yield "reply", _plain(classes.tree(reply), frozenset())


def _plain(tree: Tree, sealed: frozenset[str]) -> dict[str, Item]:
    """Return a tree without a word on what is required, for `omitempty` stands everywhere."""
    return {
        name: item.having(
            required=None,
            sealed=_code(name) in sealed and item.kind == "string",
            fields=_plain(item.fields, sealed),
        )
        for name, item in tree.items()
    }


def _code(name: str) -> str:
    """Return a field's name as Go has it."""
    return "".join(part.capitalize() for part in name.split("_"))
