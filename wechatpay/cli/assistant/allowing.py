"""What an assistant may do to a real merchant beyond asking: nothing that was not named."""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import ConfigurationError

__all__ = ["Allowed"]

_VERBS = frozenset({"post", "put", "patch", "delete"})


class Allowed:
    """Calls that were allowed by name, each a verb and a documented path.

    Args:
        rules: Such as ``post v3/refund/domestic/refunds``.

    Raises:
        ConfigurationError: A rule is not a verb and documented path; a wildcard is none.
    """

    def __init__(self, rules: Iterable[str]) -> None:
        self._calls = frozenset(map(_call, rules))

    def __bool__(self) -> bool:
        return bool(self._calls)

    def __contains__(self, call: object) -> bool:
        return call in self._calls

    def __str__(self) -> str:
        return ", ".join(f"{verb.upper()} {path}" for verb, path in sorted(self._calls))


def _call(rule: str) -> tuple[str, str]:
    from ...api import endpoint

    verb, _, path = rule.strip().partition(" ")
    found = endpoint(verb, path.strip()) if verb.lower() in _VERBS else None
    if found is None or found.path != path.strip().removeprefix("/"):
        raise ConfigurationError(
            f"--allow takes a verb and a documented path, such as "
            f"'post v3/refund/domestic/refunds', not {rule!r}"
        )
    return found.verb, found.path
