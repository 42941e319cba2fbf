"""Which of the documented endpoints are simulated, and which only shaped."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ... import api
from .._endpoint import documents
from .._front import Level, coverage
from .._parts import PageRoute, Shown, Visit


class EndpointRow(NamedTuple):
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
    """Show the endpoints that a search is likely to mean, or all of them."""
    text = visit.query.get("q", "").strip()
    level = visit.query.get("level", "")
    found = [_rows()[each] for each in (api.search(text) if text else api.likeliest())]
    rows = [row for row in found if level in ("", row.level)]
    counts = {
        each: sum(row.level == each for row in _rows().values()) for each in ("simulated", "shaped")
    }
    values = {
        "listed": visit.list_page_of(rows),
        "found": len(rows),
        "counts": counts,
        "total": len(_rows()),
    }
    return Shown("endpoints.html", values)


@cache
def _rows() -> dict[api.Endpoint, EndpointRow]:
    return {
        each.endpoint: EndpointRow(each.method, one.path, each.endpoint.name, one.level)
        for one, each in zip(coverage(), documents(), strict=True)
    }


PLACES = (PageRoute("GET", "/page/endpoints", endpoints),)
