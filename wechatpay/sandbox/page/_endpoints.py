"""Which of the documented endpoints are simulated, and which only shaped."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from .._endpoint.documented import documents
from .._front.endpoints import Level, coverage
from ._visit import Place, Shown, Visit


class Row(NamedTuple):
    """One documented endpoint.

    Attributes:
        verb: In capitals.
        path: The catalogue's template.
        name: What WeChat Pay calls it.
        level: How far the sandbox goes.
    """

    verb: str
    path: str
    name: str
    level: Level


def endpoints(visit: Visit) -> Shown:
    """Show the endpoints whose path or name has all words of the search in it."""
    words = visit.query.get("q", "").lower().split()
    level = visit.query.get("level", "")
    rows = [
        row
        for row in _rows()
        if level in ("", row.level)
        and all(word in f"{row.verb} /{row.path} {row.name}".lower() for word in words)
    ]
    counts = {each: sum(row.level == each for row in _rows()) for each in ("simulated", "shaped")}
    values = {
        "leaf": visit.leaf_of(rows),
        "found": len(rows),
        "counts": counts,
        "total": len(_rows()),
    }
    return Shown("endpoints.html", values)


@cache
def _rows() -> tuple[Row, ...]:
    pairs = zip(coverage(), documents(), strict=True)
    return tuple(Row(each.method, one.path, each.endpoint.name, one.level) for one, each in pairs)


PLACES = (Place("GET", "/page/endpoints", endpoints),)
