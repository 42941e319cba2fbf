"""A copy of the project whose every sentence is nonsense, in both languages and in the data."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path
from typing import Any, cast

_ROOT = Path(__file__).parents[2]
_COPIED = ("wechatpay", "tests", "docs", "pyproject.toml", "CONTRIBUTING.md")
_SENTENCES = {"name", "tags", "groups", "why"}
"""What of a record of the catalogue is for people; `meaning` is at any depth."""
_LETTER = re.compile(r"[^\W\d_]")


def mangled(sentence: str) -> str:
    """Return a sentence with other letters; what is filled in between braces stays."""
    parts = re.split(r"(\{[^{}]*\})", sentence)
    return "".join(each if each.startswith("{") else _LETTER.sub("ʬ", each) for each in parts)


def copy(folder: Path) -> int:
    """Copy the project to a folder, with nonsense for sentences, and return how many there are."""
    for name in _COPIED:
        if (_ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(_ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(_ROOT / name, folder / name)
    data = (folder / "wechatpay" / "api" / "data").glob("*.jsonl")
    words = (folder / "wechatpay" / "sandbox").rglob("words.py")
    return sum(map(_mangle_words, words)) + sum(map(_mangle_data, data))


def _mangle_words(path: Path) -> int:
    mangler = _Mangler()
    path.write_text(ast.unparse(mangler.visit(ast.parse(path.read_text("utf-8")))), "utf-8")
    return mangler.count


class _Mangler(ast.NodeTransformer):
    """Mangles what stands in a `Text`."""

    def __init__(self) -> None:
        self.count = 0

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Mangle the sentences of a `Text`; look into every other call."""
        if not (isinstance(node.func, ast.Name) and node.func.id == "Text"):
            return self.generic_visit(node)
        for each in ast.walk(node):
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                each.value = mangled(each.value)
                self.count += 1
        return node


def _mangle_data(path: Path) -> int:
    first, *records = map(json.loads, path.read_text("utf-8").splitlines())
    made = [first]
    for record in records:
        named = {key: _nonsense(record[key]) for key in _SENTENCES & record.keys()}
        made.append({**_without_meaning(record), **named})
    path.write_text("".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in made), "utf-8")
    return len(records)


def _nonsense(value: Any) -> Any:
    if isinstance(value, str):
        return mangled(value)
    if isinstance(value, list):
        return [_nonsense(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return {key: _nonsense(each) for key, each in value.items()}


def _without_meaning(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_meaning(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(value, dict):
        return value
    made: dict[str, Any] = {}
    for key, each in cast("dict[str, Any]", value).items():
        said = key == "meaning" and isinstance(each, dict) and {"zh", "en"} >= each.keys()
        made[key] = _nonsense(each) if said else _without_meaning(each)
    return made
