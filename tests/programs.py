"""Running a module as `python -m` does, in this process."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any


def run_main(module: str) -> dict[str, Any]:
    """Run a module as the program it is, and return its names.

    `runpy.run_module` cannot: pytest loads what brings plugins with it by a loader of its own.
    """
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    names: dict[str, Any] = {"__name__": "__main__", "__package__": spec.parent}
    exec(compile(Path(spec.origin).read_text("utf-8"), spec.origin, "exec"), names)
    return names
