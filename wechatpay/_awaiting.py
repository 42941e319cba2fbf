"""A value that may have to be awaited: what a user's function or guard returned, of either kind."""

from __future__ import annotations

from typing import Any

__all__ = ["resolved"]


async def resolved(value: Any) -> Any:
    """Return a value, awaited if it has to be."""
    return await value if hasattr(value, "__await__") else value
