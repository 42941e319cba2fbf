"""Lays out the sources of one language's site: the pages, and one for each public module."""

from __future__ import annotations

import pkgutil
import re
import shutil
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import wechatpay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .words import Language

__all__ = ["DOCS", "joined", "modules", "pages", "stage"]

DOCS = Path(__file__).parents[1]
"""Where the pages are."""

_CHINESE = ".zh-CN.md"
_LOCAL_LINK = re.compile(r"(\]\([\w./-]+)\.zh-CN(\.md|\.svg|\.webp)")
_FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_HAN = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_BROKEN = re.compile(rf"(?<={_HAN})\n *(?={_HAN})")
_NOT_FOR_IMPORT = re.compile(r"(^|\.)_|^wechatpay\.(api|cli|sandbox)\.")
_MODULE = """# `{name}`

```{{eval-rst}}
.. automodule:: {name}
   :members:
   :exclude-members: {elsewhere}
{more}```
"""

_FAMILY = "   :show-inheritance:\n"


def pages(language: Language) -> dict[str, Path]:
    """Return the pages of a language: their names, and where each is written."""
    found = {path.name: path for path in DOCS.glob("*.md")}
    chinese = {
        name.removesuffix(_CHINESE): found[name] for name in found if name.endswith(_CHINESE)
    }
    if language == "zh":
        return chinese
    return {
        name.removesuffix(".md"): path
        for name, path in found.items()
        if not name.endswith(_CHINESE)
    }


def modules() -> list[str]:
    """Return the names of the modules that people import."""
    return ["wechatpay", *sorted(set(_below([*wechatpay.__path__], "wechatpay.")))]


def joined(text: str) -> str:
    """Return a page with lines put together that end and go on in Chinese.

    Chinese has no spaces, and a browser makes one of the end of a line.
    """
    # Every other piece is a fence.
    pieces = _FENCE.split(text)
    return "".join(one if number % 2 else _BROKEN.sub("", one) for number, one in enumerate(pieces))


def stage(language: Language, into: Path, referred: str = "") -> None:
    """Write the sources of a language's site.

    Args:
        language: Whose pages.
        into: A directory, which is emptied first.
        referred: A regular expression: which modules to take, by their names.
    """
    shutil.rmtree(into, ignore_errors=True)
    (into / "reference").mkdir(parents=True)
    for name, path in pages(language).items():
        text = joined(_LOCAL_LINK.sub(r"\1\2", path.read_text("utf-8")))
        (into / f"{name}.md").write_text(text, "utf-8")
    for module in filter(re.compile(referred).search, modules()):
        more = _FAMILY if module == "wechatpay.errors" else ""
        page = _MODULE.format(name=module, elsewhere=", ".join(_elsewhere(module)), more=more)
        (into / "reference" / f"{module}.md").write_text(page, "utf-8")
    for data in DOCS.glob("*.json"):
        shutil.copy(data, into)
    for image in (DOCS / "images").iterdir():
        name = image.name
        if (".zh-CN." in name) == (language == "zh"):
            (into / "images").mkdir(exist_ok=True)
            shutil.copy(image, into / "images" / name.replace(".zh-CN.", "."))


def _below(path: list[str], prefix: str) -> Iterator[str]:
    for module in pkgutil.iter_modules(path, prefix):
        if _NOT_FOR_IMPORT.search(module.name):
            continue
        inner = [str(Path(one) / module.name.rpartition(".")[2]) for one in path]
        below = list(_below(inner, f"{module.name}.")) if module.ispkg else []
        # A package that only holds others has nothing to show.
        if not below or _has_names(module.name, path):
            yield module.name
        yield from below


def _elsewhere(name: str) -> list[str]:
    """Return what a module hands on from another one that has a page."""
    module, others = import_module(name), {*modules()} - {name}
    names: list[str] = getattr(module, "__all__", [])
    return [one for one in names if getattr(getattr(module, one), "__module__", name) in others]


def _has_names(name: str, path: list[str]) -> bool:
    source = Path(path[0]) / name.rpartition(".")[2] / "__init__.py"
    return "__all__" in source.read_text("utf-8")
