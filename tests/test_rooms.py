"""Where the package's modules belong, and that each imports only what lies below it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

import wechatpay

pytestmark = pytest.mark.untraced

ROOT = Path(wechatpay.__file__).parent
ROW = re.compile(r"^\| (`.*?) \|", re.MULTILINE)
MAKERS = {("_codegen", "api")}
"""Who writes a room's generated files may look into that room."""
NOT_CORE = ("wechatpay.sandbox", "wechatpay.cli")


class Import(NamedTuple):
    """One import: the module that has it, the one that it names, and where."""

    importer: str
    imported: str
    line: int


def module_of(path: Path) -> str:
    """Return a file's module; a stub is its module's."""
    parts = ["wechatpay", *path.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = [path for path in sorted(ROOT.rglob("*.py*")) if path.suffix in (".py", ".pyi")]
MODULES = {module_of(path) for path in FILES}


@cache
def rows() -> list[list[str]]:
    """CONTRIBUTING's table, from the bottom of the house up."""
    text = (ROOT.parent / "CONTRIBUTING.md").read_text("utf-8")
    section = text[text.index("## How the code is laid out") :]
    table = section[: section.index("\n## ", 1)]
    return [re.findall(r"`([\w.]+)`", row) for row in ROW.findall(table)]


@cache
def floors() -> dict[str, int]:
    """Each room, and how high it lies."""
    return {room: floor for floor, row in enumerate(rows()) for room in row}


def room_of(module: str) -> str:
    """Return the room that a module is in: the longest name in the table that fits."""
    path = module.removeprefix("wechatpay").removeprefix(".")
    while path and path not in floors():
        path = path.rpartition(".")[0]
    return path or "wechatpay"


@cache
def imports() -> list[Import]:
    """Every import of the package by itself, those for types and within functions included."""
    return [one for path in FILES for one in _imports(path)]


def _imports(path: Path) -> Iterator[Import]:
    module = module_of(path)
    package = module if path.stem == "__init__" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            above = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names = [_module(base, alias.name) for alias in node.names]
        else:
            continue
        for name in names:
            if name.partition(".")[0] == "wechatpay":
                yield Import(module, name, node.lineno)


def _module(base: str, name: str) -> str:
    whole = f"{base}.{name}"
    return whole if whole in MODULES else base


def test_every_module_has_its_place_in_the_table() -> None:
    """CONTRIBUTING's table has a row for each module of the package, and no room twice."""
    names = [room for row in rows() for room in row]
    assert sorted(names) == sorted(set(names))
    homeless = {one for one in MODULES if room_of(one) == "wechatpay"} - {"wechatpay"}
    assert homeless == set()
    assert {f"wechatpay.{one}" for one in names} - {"wechatpay.wechatpay"} <= MODULES


def test_every_import_goes_to_the_same_room_or_down() -> None:
    """A module imports from its own room and from those in earlier rows of the table."""
    upwards = [
        one
        for one in imports()
        if (here := room_of(one.importer)) != (there := room_of(one.imported))
        and floors()[there] >= floors()[here]
    ]
    assert upwards == []


def test_nobody_reaches_past_a_room() -> None:
    """Of another room a module imports what that room exports, and none of its private modules."""
    past: list[Import] = []
    for one in imports():
        here, there = room_of(one.importer), room_of(one.imported)
        inside = one.imported.removeprefix(f"wechatpay.{there}").strip(".")
        is_private = inside and (there.startswith("_") or re.search(r"(^|\.)_", inside))
        if here != there and is_private and (here, there) not in MAKERS:
            past.append(one)
    assert past == []


def test_no_imports_run_in_a_circle() -> None:
    """No module of the core imports another that, by whatever detour, imports it."""
    graph: dict[str, set[str]] = {}
    for one in imports():
        if not one.importer.startswith(NOT_CORE) and one.importer != one.imported:
            graph.setdefault(one.importer, set()).add(one.imported)
    order = list(TopologicalSorter(graph).static_order())
    assert order.index("wechatpay.errors") < order.index("wechatpay._client.client")


def _packages(path: Path) -> Iterator[str]:
    """Yield the packages that a module imports, by a statement or by `import_module`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_module":
            yield from (str(one.value) for one in node.args if isinstance(one, ast.Constant))


@cache
def users() -> dict[str, set[str]]:
    """Each package that is imported when the code runs, and the modules that do so."""
    found: dict[str, set[str]] = {}
    for path in FILES:
        for one in _packages(path) if path.suffix == ".py" else ():
            found.setdefault(one.partition(".")[0], set()).add(module_of(path))
    return found


@pytest.mark.parametrize(("package", "modules"), [("aiohttp", 1), ("pycurl", 2), ("httpx2", 0)])
def test_a_transports_package_is_imported_in_modules_of_its_name(
    package: str, modules: int
) -> None:
    """Aiohttp and pycurl are; httpx's fork goes by httpx's modules, which are told its name."""
    found = users().get(package, set())
    assert len(found) == modules
    assert all(one.startswith(f"wechatpay._wire.{package}_") for one in found)


ROOMS = [
    path.parent for path in FILES if path.name == "__init__.py" and "lazy(" in path.read_text()
]


@pytest.mark.parametrize("room", ROOMS, ids=[one.name for one in ROOMS])
def test_a_room_exports_what_type_checkers_see(room: Path) -> None:
    """What a room loads when it is asked for is what its imports for type checkers name."""
    tree = ast.parse((room / "__init__.py").read_text("utf-8"))
    typed = {
        (node.module, alias.name)
        for block in ast.walk(tree)
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    [call] = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    homes: dict[str, str] = ast.literal_eval(call.args[1])
    assert typed == {(home, name) for home, names in homes.items() for name in names.split()}
    module = __import__(module_of(room / "__init__.py"), fromlist=["_"])
    for _, name in typed:
        getattr(module, name)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        module.nothing  # noqa: B018


def test_tests_take_from_a_room_what_it_exports() -> None:
    """A test reaches past a room only for what the room keeps to itself."""
    past: list[str] = []
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found = isinstance(node, ast.ImportFrom) and re.fullmatch(
                r"(wechatpay\._\w+)\.\w+", node.module or ""
            )
            if isinstance(node, ast.ImportFrom) and found:
                room = import_module(found[1])
                past += [
                    f"{path.name}: {one.name}" for one in node.names if hasattr(room, one.name)
                ]
    assert past == []
