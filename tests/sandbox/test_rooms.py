"""The sandbox's rooms, held against the table in CONTRIBUTING.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import wechatpay.sandbox

pytestmark = pytest.mark.untraced

_ROOT = Path(wechatpay.sandbox.__file__).parent
_GUIDE = Path(__file__).parents[2] / "CONTRIBUTING.md"
_HEADING = "| rooms of the sandbox | what they know |"
Name = tuple[str, ...]
"""A module, by its path from `wechatpay.sandbox`; the package itself is empty."""


def _modules() -> dict[Name, Path]:
    found = {path.relative_to(_ROOT).with_suffix("").parts: path for path in _ROOT.rglob("*.py")}
    return {name[:-1] if name[-1] == "__init__" else name: path for name, path in found.items()}


_MODULES = _modules()


def _imports(name: Name) -> Iterator[Name]:
    """What a module imports of the sandbox: for types and inside functions as well."""
    path = _MODULES[name]
    package = name if path.name == "__init__.py" else name[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and 0 < node.level <= len(package) + 1:
            above = package[: len(package) - node.level + 1]
            module = (*above, *(node.module or "").split(".")) if node.module else above
            for alias in node.names:
                inner = (*module, alias.name)
                yield inner if inner in _MODULES else module


@cache
def _graph() -> Mapping[Name, set[Name]]:
    """Each module, and what it imports."""
    return {name: set(_imports(name)) for name in _MODULES}


def _order() -> list[str]:
    """The rooms, from the bottom up."""
    table = _GUIDE.read_text("utf-8").partition(_HEADING)[2].partition("\n\n")[0]
    return [room for row in table.splitlines() for room in re.findall(r"`(\w+)`", _cell(row))]


def _cell(row: str) -> str:
    return row.split("|")[1] if "|" in row else ""


def test_no_circle() -> None:
    """No module imports one that imports it in turn, by whatever way."""
    without_itself = {name: found - {name} for name, found in _graph().items()}
    assert list(TopologicalSorter(without_itself).static_order())


def test_rooms_stand_on_each_other() -> None:
    """Every import goes to the same room or to one below, in the order of the table."""
    order = _order()
    rooms = {name[0] for name in _MODULES if name}
    assert set(order) == rooms
    wrong = [
        (name, other)
        for name, found in _graph().items()
        for other in found
        if name and other and order.index(other[0]) > order.index(name[0])
    ]
    assert wrong == []


def test_nobody_reaches_past_a_door() -> None:
    """What lies in another room, or in another family, is imported by its `__init__`."""
    wrong = [
        (name, other)
        for name, found in _graph().items()
        for other in found
        if _door(other) != _door(name) and not _is_shown(other)
    ]
    assert wrong == []


def test_no_family_knows_the_front() -> None:
    """A family imports the rooms below and other families, and nothing of what is above."""
    below = {"_base", "_time", "_world", "_endpoint", "_parts", "_families"}
    for name, found in _graph().items():
        if name[:1] == ("_families",):
            assert {other[0] for other in found} <= below, name


def _is_shown(name: Name) -> bool:
    """Tell whether a module is a door, or is shown there by name."""
    door = _door(name)
    if name == door:
        return True
    text = _MODULES[door].read_text("utf-8")
    return len(name) == len(door) + 1 and f'"{name[-1]}",' in text.partition("__all__")[2]


def _door(name: Name) -> Name:
    """Where a module is entered from elsewhere: its family, or its room."""
    return name[:2] if name[:1] == ("_families",) else name[:1]
