"""What the modules of this package have at run time."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> type[dict[str, Any]]:
    """Return what a query, a body, an answer or a resource is: `dict`."""
    if name.startswith("_"):
        raise AttributeError(name)
    return dict
