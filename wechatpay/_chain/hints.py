"""What the catalogue knows about a path: how it goes on, and which one was meant.

The catalogue is loaded only on Tab, or for a path that is not documented.
"""

from __future__ import annotations

import keyword
import re
from functools import cache
from typing import TYPE_CHECKING

from .ending import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..api import Endpoint, Field

_MOST = 2
"""How many required fields a hint names."""
_KEBAB = re.compile(r"-([a-z0-9])")


def attributes(path: str) -> list[str]:
    """Return the attributes that documented paths go on with below `path`, verbs included."""
    from ..api import endpoints

    here = _segments(path)
    found: set[str] = set()
    for one in endpoints():
        segments = _segments(one.path)
        if _leads_to(here, segments):
            after = segments[len(here) :]
            verb = one.verb.lower()
            found.update([attribute(after[0])] if after else [verb, f"{verb}_async"])
    return sorted(found)


def paths(path: str) -> list[str]:
    """Return what documented paths have below `path`, as strings for `node[…]`."""
    from ..api import endpoints

    here = _segments(path)
    found = {
        after
        for segments in (_segments(one.path) for one in endpoints())
        # A slash alone is not a path: below a node it is spelled `_empty_`.
        if _leads_to(here, segments) and (after := "/".join(segments[len(here) :]))
    }
    return sorted(found)


def documented(path: str) -> list[Endpoint]:
    """Return what is documented about a path, for each verb."""
    from ..api import endpoints

    return [one for one in endpoints() if _same(path, one.path)]


def place(path: str, name: str) -> str:
    """Return where the value belongs that a call was given under a name; empty if unknown.

    Args:
        path: A template.
        name: Neither a placeholder nor an option.
    """
    here = [one.replace("_", "").replace("-", "").lower() for one in _segments(path)]
    folded = name.replace("_", "").lower()
    if folded in here and f"{{{folded}}}" not in here:
        return f"a placeholder is written ._{name}_"
    for one in documented(path):
        if any(field.name == name for field in one.query):
            return "it belongs in params={…}"
        if any(field.name == name for field in one.body.fields):
            media = one.body.kind == "multipart"
            return "did you mean media=?" if media else f"it belongs in {one.body.kind}={{…}}"
    return ""


def spelled(endpoint: Endpoint) -> str:
    """Return a documented call as it is written, with what it takes."""
    segments = endpoint.path.split("/")
    arguments = [f"{one[1:-1]}=…" for one in segments if one.startswith("{")]
    query = _required(endpoint.query)
    arguments += [f"params={{{query}}}"] if query else []
    kind = endpoint.body.kind
    if kind in ("json", "xml"):
        arguments.append(f"{kind}={{{_required(endpoint.body.fields) or '…'}}}")
    arguments += ["media=…"] if kind == "multipart" else []
    return f"wxpay.{'.'.join(map(attribute, segments))}.{endpoint.verb}({', '.join(arguments)})"


def _required(fields: Iterable[Field]) -> str:
    """Return the required fields of a mapping as they are written; many are three dots."""
    names = [one.name for one in fields if one.required]
    return ", ".join(f'"{name}": …' for name in names) if len(names) <= _MOST else "…"


def meant(verb: str, path: str) -> str:
    """Return a sentence about a path that WeChat Pay does not know; empty if it is documented.

    Args:
        verb: The HTTP method.
        path: A template or a concrete path, with its `v2/` or `v3/`.
    """
    from difflib import get_close_matches

    from ..api import endpoint, endpoints

    if endpoint(verb, path) is not None:
        return ""
    turned = path.removesuffix("/") if path.endswith("/") else f"{path}/"
    official = endpoint(verb, turned)
    if official is not None:
        how = "with" if official.path.endswith("/") else "without"
        return f"Documented is {official.path}, {how} a slash at its end"
    others = [one.verb.upper() for one in documented(path)]
    if others:
        return f"Documented here is {' or '.join(others)}, not {verb.upper()}"
    known = sorted({one.path for one in endpoints()})
    spelled = path.replace("_", "-").lower()
    # First a path that differs only by snake case, or by `v3/` or `v2/`; then the most similar.
    found = [
        one
        for one in known
        if any(_same(f"{start}{spelled}", _kebab(one)) for start in ("", "v3/", "v2/"))
    ] or get_close_matches(path, known, 1, 0.8)
    return f"No such path is documented; did you mean {found[0]}?" if found else ""


def again(verb: str, path: str, code: str) -> str:
    """Return a sentence about repeating a refused call; empty if the catalogue does not allow it.

    Args:
        verb: The HTTP method.
        path: A template or a concrete path, with its `v2/` or `v3/`.
        code: The refusal's code.
    """
    from ..api import endpoint

    found = endpoint(verb, path)
    if found is None or not any(
        one.code == code and one.repeatable for one in (*found.errors, *found.public_errors)
    ):
        return ""
    key = f", with the same {found.idempotency_key}" if found.idempotency_key else ""
    within = f", within {found.idempotency_period}" if found.idempotency_period else ""
    return f"When its cause is gone, the same call may be repeated{key}{within}"


@cache
def attribute(segment: str) -> str:
    """Return the attribute that spells a path segment; an empty one is a slash at the end."""
    if not segment:
        return "_empty_"
    if segment.startswith("{"):
        return f"_{segment[1:-1]}_"
    name = _KEBAB.sub(lambda match: match[1].upper(), segment)
    return f"{name}_" if keyword.iskeyword(name) else name


def _kebab(template: str) -> str:
    return "/".join(
        one if one.startswith("{") else one.replace("_", "-").lower() for one in template.split("/")
    )


def _segments(path: str) -> list[str]:
    return shown(path.removeprefix("/")).split("/") if path else []


def _leads_to(here: list[str], segments: list[str]) -> bool:
    """Tell whether a path begins with some segments; a placeholder matches any value."""
    return len(here) <= len(segments) and all(
        mine == theirs or theirs.startswith("{")
        for mine, theirs in zip(here, segments, strict=False)
    )


def _same(path: str, template: str) -> bool:
    here, segments = _segments(path), _segments(template)
    return len(here) == len(segments) and _leads_to(here, segments)
