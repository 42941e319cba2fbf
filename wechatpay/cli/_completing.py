"""What a shell is offered while a call is typed: documented paths, and what goes with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..api import Field

_MOST = 200
_VERBS = ("get", "post", "put", "patch", "delete")


def paths(ctx: Any, incomplete: str) -> list[str]:
    """Return how the paths go on that begin so: up to the next slash where there are many."""
    from .. import api

    verb = _verb(ctx)
    begun = incomplete.removeprefix("/")
    found = {
        each.path
        for each in api.endpoints()
        if (verb is None or each.verb == verb) and each.path.startswith(begun)
    }
    if len(found) <= _MOST // 10:
        return sorted(found)
    at = len(begun)
    parts = {path[: path.find("/", at) + 1] if "/" in path[at:] else path for path in found}
    return sorted(parts)[:_MOST]


def fields(ctx: Any, incomplete: str) -> list[str]:
    """Return the fields of the body that begin so, as `-d` takes them, or a field's values."""
    return _named(ctx, incomplete, "body")


def placeholders(ctx: Any, incomplete: str) -> list[str]:
    """Return the path's placeholders, as `-p` takes them."""
    return _named(ctx, incomplete, "placeholders")


def parameters(ctx: Any, incomplete: str) -> list[str]:
    """Return the parameters of the query, as `-q` takes them."""
    return _named(ctx, incomplete, "query")


def _named(ctx: Any, incomplete: str, place: str) -> list[str]:
    from .. import api

    path = _typed(ctx, "path", lambda word: "/" in word) or ""
    path = path.partition("?")[0].removeprefix("/")
    endpoint = api.endpoint(_verb(ctx) or "post", path) if path else None
    if endpoint is None:
        return []
    found: Sequence[Field] = endpoint.body.fields if place == "body" else getattr(endpoint, place)
    named = _named_fields(found)
    if "=" in incomplete:
        offered = (f"{name}={value}" for name, one in named for value in one.enum)
    else:
        offered = (f"{name}=" for name, _ in named)
    return [each for each in offered if each.startswith(incomplete)][:_MOST]


def _named_fields(found: Iterable[Field], before: str = "") -> Iterator[tuple[str, Field]]:
    for one in found:
        name = f"{before}{one.name}"
        if one.fields and one.type == "object":
            yield from _named_fields(one.fields, f"{name}.")
        elif one.fields:
            yield from _named_fields(one.fields, f"{name}.0.")
        else:
            yield name, one


def _verb(ctx: Any) -> str | None:
    verb = _typed(ctx, "verb", lambda word: word.lower() in _VERBS)
    return None if verb is None else verb.lower()


def _typed(ctx: Any, name: str, fits: Callable[[str], bool]) -> str | None:
    """What was typed for an argument; before the value of an option is there, all are left over."""
    given = ctx.params.get(name)
    if given is not None:
        return str(getattr(given, "value", given))
    return next((word for word in ctx.args if fits(word)), None)
