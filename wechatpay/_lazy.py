"""Names that a package loads when they are first asked for, so that importing it stays quick."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def lazy(
    package: str, modules: dict[str, str], *, missing: str | None = None
) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package.

    Args:
        package: The package's own name.
        modules: Its modules, each with the names that others may import from the package.
        missing: A room and its function, which is given any other name and those that there are,
            and returns what takes its place, or an empty text.
    """
    module_of = {name: module for module, names in modules.items() for name in names.split()}

    def load(name: str) -> Any:
        if name not in module_of:
            # `from package import module` asks for a module too, and imports it after this error.
            if missing and not name.startswith("_") and not _is_module(package, name):
                room, _, function = missing.partition(".")
                meant = getattr(import_module(f".{room}", package), function)
                instead = meant(name, import_module(package).__all__)
                if instead:
                    # Where a name is imported, Python drops what an AttributeError says.
                    raise ImportError(f"{package} has no {name}: {instead}")
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f".{module_of[name]}", package), name)

    return load


def _is_module(package: str, name: str) -> bool:
    # Only a slip, or a module's first import, comes here: nobody else pays for importing it.
    from importlib.util import find_spec

    return find_spec(f"{package}.{name}") is not None
