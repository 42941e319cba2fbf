"""The slash that a path may end with, and the placeholder that spells it with attributes."""

from __future__ import annotations

OPTIONAL_PLACEHOLDER = "empty"
"""The placeholder that may be left out: it spells the slash at the end of a path."""
_EMPTY = f"{{{OPTIONAL_PLACEHOLDER}}}"


def shown(template: str) -> str:
    """Return a template as people write it: with its slash at the end, not with `{empty}`."""
    return template.removesuffix(_EMPTY) if template.endswith("/" + _EMPTY) else template
