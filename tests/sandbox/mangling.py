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
_FILLED = "\0"
_SHORT = 3  # letters: "not {a string}"
_LETTER = re.compile(r"[^\W\d_]")
_SENTENCE = re.compile(r"[a-z]+ |^required$|^[A-Z][a-z]+$|[\u4e00-\u9fff]")
"""What is not a mere name, such as that of a field."""


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
    package, sentences = folder / "wechatpay", set[str]()
    for path in (package / "sandbox").rglob("words.py"):
        _rewrite(path, _Words(sentences))
    expected = _Expected(sentences)
    for path in (folder / "tests" / "sandbox").glob("test_*.py"):
        _rewrite(path, expected)
    return len(sentences) + sum(map(_mangle_data, (package / "api" / "data").glob("*.jsonl")))


def _rewrite(path: Path, by: ast.NodeTransformer) -> None:
    path.write_text(ast.unparse(by.visit(ast.parse(path.read_text("utf-8")))), "utf-8")


class _Words(ast.NodeTransformer):
    """Mangles what stands in a `Text`, and notes what that was."""

    def __init__(self, sentences: set[str]) -> None:
        self._sentences = sentences

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Mangle the sentences of a `Text`; look into every other call."""
        if not (isinstance(node.func, ast.Name) and node.func.id == "Text"):
            return self.generic_visit(node)
        for each in ast.walk(node):
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                self._sentences.add(each.value)
                each.value = mangled(each.value)
        return node


class _Expected(ast.NodeTransformer):
    """Has tests expect nonsense where they expect a sentence, with or without what is filled in."""

    def __init__(self, sentences: set[str]) -> None:
        ordered = sorted(map(_without_braces, filter(_SENTENCE.search, sentences)), key=len)
        self._patterns = [re.compile(_pattern(each)) for each in reversed(ordered)]
        self._any = re.compile("|".join(_pattern(each, "(?:") for each in ordered))
        self._all = sentences

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        """Leave keys as they are: they are names."""
        node.values = [self.visit(each) for each in node.values]
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """Mangle a sentence, and the sentences that are filled in."""
        if isinstance(node.value, str):
            node.value = self._mangled(node.value)
        return node

    def _mangled(self, text: str) -> str:
        for pattern in self._patterns if self._any.fullmatch(text) else ():
            found = pattern.fullmatch(text)
            if found and self._is_said(found.groups()):
                return "".join(
                    self._filled_in(part) if index % 2 else mangled(part)
                    for index, part in enumerate(found.groups())
                )
        return text

    def _is_said(self, parts: tuple[str, ...]) -> bool:
        """Tell whether it is that sentence: of a very short one, by what is filled in."""
        letters = sum(len(_LETTER.findall(part)) for part in parts[::2])
        return letters > _SHORT or all(part in self._all for part in parts[1::2])

    def _filled_in(self, text: str) -> str:
        """Mangle what is filled in, if it is said in words: a mere name may be one there."""
        return mangled(text) if text in self._all else self._mangled(text)


def _without_braces(sentence: str) -> str:
    """Return a sentence with one mark for everything that is filled in."""
    return re.sub(r"\{[^{}]*\}", _FILLED, sentence)


def _pattern(sentence: str, group: str = "(") -> str:
    """Return what matches a sentence: what is always the same, and what is filled in, in turn."""
    return f"{group}.+)".join(f"{group}{re.escape(each)})" for each in sentence.split(_FILLED))


def _mangle_data(path: Path) -> int:
    first, *records = map(json.loads, path.read_text("utf-8").splitlines())
    made = [first]
    for record in records:
        named = {key: _nonsense(record[key]) for key in _SENTENCES & record.keys()}
        made.append({**_without_meaning(record), **named})
    lines = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in made)
    path.write_text("".join(f"{each}\n" for each in lines), "utf-8")
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
