"""Every endpoint of the sandbox: those it simulates, and all others that are documented."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

from .._base.refusal import Refusal
from .._endpoint import documented as _documented
from .._endpoint.answers import answer
from .._endpoint.documented import Document
from .._endpoint.messages import Request
from .._endpoint.routes import Route, Router
from .._families import ROUTES

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
        Coverage(each.endpoint.verb, each.endpoint.path, _level(each))
        for each in _documented.documents()
    )


@cache
def router() -> Router:
    """Return what finds the endpoint of a request; it is made at the first one."""
    return Router((*ROUTES, *map(_shaped, _documented.documents())))


def find(request: Request) -> Route | None:
    """Return the endpoint of a request; `None` if there is none."""
    try:
        return router().find(request)[0]
    except Refusal:
        return None


def spoken(request: Request) -> str:
    """Return the path of a request as `wxpay.chain` takes it: APIv2's with a `v2/` before it."""
    path, route = request.path.decode("latin-1"), find(request)
    return f"/v2{path}" if route and route.is_v2 else path


def _shaped(document: Document) -> Route:
    path = document.endpoint.path
    return Route(document.method, path, partial(answer, document), simulated=False)


def _level(document: Document) -> Level:
    return "simulated" if document in _simulated() else "shaped"


@cache
def _simulated() -> frozenset[Document]:
    return frozenset(route.document for route in ROUTES if route.simulated and route.document)
