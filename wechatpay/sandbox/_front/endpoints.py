"""Every endpoint of the sandbox: those it simulates, and all others that are documented."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Literal
from weakref import WeakKeyDictionary

from .._base import Refusal
from .._endpoint import Document, EndpointRoute, Request, Router, answer, documents
from .._families import Families
from .._parts import Family, members

Level = Literal["simulated", "shaped"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the sandbox goes with one documented endpoint.

    Attributes:
        verb: In lower case, as in `wechatpay.api`.
        path: The catalogue's template.
        level: `simulated`: the answer depends on what happened before, as WeChat Pay's does.
            `shaped`: the request is checked as documented, and the answer has every documented
            field, with a made-up value.
    """

    verb: str
    path: str
    level: Level


def coverage() -> tuple[Coverage, ...]:
    """Tell of every documented endpoint how far the sandbox goes with it, in the catalogue's order.

    Returns:
        One record for each endpoint of `wechatpay.api.endpoints()`.
    """
    return tuple(
        Coverage(each.endpoint.verb, each.endpoint.path, _level(each)) for each in documents()
    )


_ROUTERS: WeakKeyDictionary[type[Family], Router] = WeakKeyDictionary()


def router(families: type[Family]) -> Router:
    """Return what finds the endpoint of a request; it is made at the first one.

    Args:
        families: The families, as bases of a class.
    """
    if families not in _ROUTERS:
        simulated = (route for member in members(families) for route in member.routes)
        _ROUTERS[families] = Router((*simulated, *map(_shaped, documents())))
    return _ROUTERS[families]


def find(families: type[Family], request: Request) -> EndpointRoute | None:
    """Return the endpoint of a request; `None` if there is none."""
    try:
        return router(families).find(request)[0]
    except Refusal:
        return None


def chain_path(families: type[Family], request: Request) -> str:
    """Return the path of a request as `wxpay.chain` takes it: APIv2's with a `v2/` before it."""
    path, route = request.path.decode("latin-1"), find(families, request)
    return f"/v2{path}" if route and route.is_v2 else path


def _shaped(document: Document) -> EndpointRoute:
    path = document.endpoint.path
    return EndpointRoute(document.method, path, partial(answer, document), simulated=False)


def _level(document: Document) -> Level:
    return "simulated" if document in _simulated() else "shaped"


@cache
def _simulated() -> frozenset[Document]:
    routes = (route for member in members(Families) for route in member.parts.routes)
    return frozenset(route.document for route in routes if route.simulated and route.document)
