"""What is public, as text: names, signatures, bases and types, and the documented endpoints.

`python -m release --surface` writes the public names anew, and prints which endpoints are new,
moved or withdrawn since the latest release; with `--released` it keeps those of now as the
latest's. The sources are read by griffe and not imported.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import griffe

from .changelog import ChangelogError, Release

__all__ = [
    "ENDPOINTS",
    "SURFACE",
    "changes",
    "check_endpoints",
    "endpoints",
    "public_modules",
    "surface",
    "write",
]

_ROOT = Path(__file__).parents[1]
SURFACE = Path(__file__).with_name("surface.txt")
"""The public names, a line each."""
ENDPOINTS = Path(__file__).with_name("endpoints.txt")
"""The endpoints that the latest release documented, a line each; empty before the first."""
_NO_API = ("cli", "_")
"""How modules begin that are no interface for programs."""
_STUB = Path("api", "types", "_base.pyi")
"""The one stub that is not generated; the others follow from the endpoints."""
_SPECIAL = ("__init__", "__call__", "__getitem__", "__getattr__", "__iter__", "__enter__")
_Member = griffe.Object | griffe.Alias | None
_POSITIONAL = griffe.ParameterKind.positional_only
_STARS = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}


def public_modules(package: Path) -> list[str]:
    """Return the dotted names of a package's public modules, itself first.

    Args:
        package: Its folder.
    """
    found = [package.name]
    for path in sorted(package.iterdir()):
        if path.name.startswith(_NO_API) or path.stem == "types":
            continue
        if path.suffix == ".py":
            found.append(f"{package.name}.{path.stem}")
        elif (path / "__init__.py").exists():
            inner = public_modules(path)
            # Of the sandbox, what it exports is public, and not how it is made.
            found += [
                f"{package.name}.{one}" for one in inner[: 1 if path.stem == "sandbox" else None]
            ]
    return found


def surface(root: Path, package: str = "wechatpay") -> list[str]:
    """Return what a package's public modules have, a line for each name.

    Args:
        root: The folder in which the package is.
        package: Its name.
    """
    code = _Code(root)
    lines: set[str] = set()
    for module in public_modules(root / package):
        for name in code.exports(module):
            lines.update(code.described(f"{module}.{name}", code.found(f"{module}.{name}")))
    stub = root / package / _STUB
    if stub.exists():
        types = f"{package}.api.types"
        tree = griffe.visit(types, filepath=stub, code=stub.read_text("utf-8"))
        for name, member in tree.members.items():
            if not member.is_alias:
                lines.update(code.described(f"{types}.{name}", member))
    return sorted(lines)


def endpoints(root: Path) -> list[str]:
    """Return the documented endpoints, as ``POST v3/pay/transactions/native``.

    Those that the overlay adds are among them, those that it removes are not.

    Args:
        root: The folder in which the package is.
    """
    data = root / "wechatpay" / "api" / "data"
    listed: dict[str, bool] = {}
    for name in ("endpoints.jsonl", "overlay.jsonl"):
        for row in map(json.loads, (data / name).read_text("utf-8").splitlines()):
            if "path" in row:
                is_removed = row.get("patch", True) is None
                listed[f"{row['verb'].upper()} {row['path']}"] = not is_removed
    return sorted(one for one, is_there in listed.items() if is_there)


def changes(before: Sequence[str], after: Sequence[str]) -> dict[str, list[str]]:
    """Return which endpoints are new, moved and withdrawn between two lists of them.

    One is moved if there is a new one, and one only, with its verb and the end of its path.

    Args:
        before: Those of the latest release.
        after: Those of now.
    """
    gone, new = sorted({*before} - {*after}), sorted({*after} - {*before})
    moved: dict[str, str] = {}
    for old in gone:
        same = [one for one in new if _end(one) == _end(old) and one not in moved.values()]
        if len(same) == 1:
            moved[old] = same[0]
    return {
        "new": [one for one in new if one not in moved.values()],
        "moved": [f"{old} -> {now}" for old, now in moved.items()],
        "withdrawn": [one for one in gone if one not in moved],
    }


def check_endpoints(release: Release, before: Sequence[str], after: Sequence[str]) -> None:
    """Make sure that a release says which endpoints are new, moved and withdrawn.

    Args:
        release: Its part of the changelog.
        before: The endpoints of the release before; none if this is the first.
        after: Its own.

    Raises:
        ChangelogError: It leaves some of them out.
    """
    said = " ".join(entry for entries in release.changes.values() for entry in entries)
    found = changes(before, after) if before else {}
    missing = [
        f"{kind}: {one}"
        for kind, those in found.items()
        for one in those
        if not all(f"`{part}`" in said for part in one.split(" -> "))
    ]
    if missing:
        raise ChangelogError(
            f"the changelog of {release.version} leaves out endpoints; `python -m release "
            "--surface` prints them all:\n" + "\n".join(missing)
        )


def write(root: Path = _ROOT, *, released: bool = False) -> list[str]:
    """Write the public names anew, and return what became of the endpoints, as a changelog has it.

    Args:
        root: The checkout.
        released: Whether the endpoints of now become the latest release's.
    """
    names, listed = root / "release" / SURFACE.name, root / "release" / ENDPOINTS.name
    names.write_text("".join(f"{one}\n" for one in surface(root)), "utf-8")
    now = endpoints(root)
    found = changes(listed.read_text("utf-8").splitlines(), now)
    if released:
        listed.write_text("".join(f"{one}\n" for one in now), "utf-8")
    return [
        f"- {kind}: `{one.replace(' -> ', '` -> `')}`"
        for kind, those in found.items()
        for one in those
    ]


def _end(endpoint: str) -> tuple[str, ...]:
    verb, _, path = endpoint.partition(" ")
    return (verb, *path.split("/")[-2:])


class _Code:
    """The sources of a package, each of which is parsed when it is first needed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._modules: dict[str, griffe.Module | None] = {}

    def exports(self, module: str) -> list[str]:
        """Return a module's public names: its `__all__`, or else what it defines itself."""
        tree = self._module(module)
        assert tree is not None, module
        if tree.exports is not None:
            return sorted(str(one) for one in tree.exports)
        return sorted(
            name
            for name, member in tree.members.items()
            if not name.startswith("_") and not member.is_alias
        )

    def found(self, path: str) -> _Member:
        """Return what a dotted name means, wherever in the package it is defined.

        It is `None` for what is made while the program runs.
        """
        module, _, name = path.rpartition(".")
        tree = self._module(module)
        member = tree.members.get(name) if tree is not None else None
        if isinstance(member, griffe.Alias):
            return self.found(member.target_path)
        return member

    def described(self, path: str, member: _Member) -> Iterator[str]:
        """Yield the lines of a name and of what it has, its base classes' included."""
        if isinstance(member, griffe.Function):
            kind = "async " if "async" in member.labels else ""
            yield f"{path}: {kind}{_signature(member)}"
        elif isinstance(member, griffe.Class):
            bases = ", ".join(str(one) for one in member.bases)
            yield f"{path}: class ({bases})"
            for name, inner in self._members(member).items():
                if not name.startswith("_") or name in _SPECIAL:
                    yield from self.described(f"{path}.{name}", inner)
        elif isinstance(member, griffe.Attribute) and member.annotation is not None:
            yield f"{path}: {_line(member.annotation)}"
        else:
            yield path

    def _members(self, one: griffe.Class) -> dict[str, griffe.Object | griffe.Alias]:
        found: dict[str, griffe.Object | griffe.Alias] = {}
        for base in reversed(one.bases):
            inherited = self.found(base.canonical_path) if isinstance(base, griffe.Expr) else None
            if isinstance(inherited, griffe.Class):
                found.update(self._members(inherited))
        return found | one.members

    def _module(self, name: str) -> griffe.Module | None:
        if name not in self._modules:
            base = self._root.joinpath(*name.split("."))
            file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
            above, _, last = name.rpartition(".")
            self._modules[name] = (
                griffe.visit(
                    last,
                    filepath=file,
                    code=file.read_text("utf-8"),
                    parent=self._module(above) if above else None,
                )
                if file.exists()
                else None
            )
        return self._modules[name]


def _signature(function: griffe.Function) -> str:
    parameters: list[str] = []
    before = None
    for one in function.parameters:
        if before is _POSITIONAL and one.kind is not _POSITIONAL:
            parameters.append("/")
        if one.kind is griffe.ParameterKind.keyword_only and before not in (one.kind, *_STARS):
            parameters.append("*")
        stars = _STARS.get(one.kind, "") if one.kind else ""
        annotation = f": {one.annotation}" if one.annotation else ""
        default = f" = {one.default}" if one.default is not None and not stars else ""
        parameters.append(f"{stars}{one.name}{annotation}{default}")
        before = one.kind
    if before is _POSITIONAL:
        parameters.append("/")
    returns = f" -> {function.returns}" if function.returns else ""
    return _line(f"({', '.join(parameters)}){returns}")


def _line(text: object) -> str:
    return " ".join(str(text).split())
