"""Which endpoint a request is for, as data: families of endpoints are tables of `Route`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from . import _fields, _wording
from ._fields import Tree
from ._messages import Request
from ._state import World

_PLACEHOLDER = re.compile(r"\{([^/{}]+)\}")


@dataclass(frozen=True)
class Call:
    """One request, understood: it is the merchant's and its parameters are as documented.

    Attributes:
        world: What the answer can depend on.
        path: The values of the path's placeholders.
        query: The query's parameters.
        body: The body's parameters.
    """

    world: World
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]


Handler = Callable[[Call], Mapping[str, Any] | None]
"""Answers a call: with the body of a 200, or with `None` for a 204; or raises `Refusal`."""


@dataclass(frozen=True)
class Route:
    """One endpoint.

    Attributes:
        method: The verb.
        template: The path, with its placeholders in braces.
        handler: What answers.
        body: The parameters of the body; `None` if none is expected.
        query: The parameters of the query.
    """

    method: str
    template: str
    handler: Handler
    body: Tree | None = None
    query: Tree = field(default_factory=dict[str, _fields.Spec])

    @property
    def placeholders(self) -> list[str]:
        """The names of the placeholders, in the order of the path."""
        return _PLACEHOLDER.findall(self.template)

    def understand(self, request: Request, values: list[str], world: World) -> Call:
        """Check the parameters of a request.

        Raises:
            Refusal: 400 `PARAM_ERROR`.
        """
        pairs = parse_qsl(request.query, keep_blank_values=True, errors="replace")
        query = {name: value for name, value in pairs if value}
        _fields.check(query, self.query, "query")
        body = {} if self.body is None else _fields.parse(request.body)
        _fields.check(body, self.body or {}, "body")
        mchid = world.keys.mchid
        if query.get("mchid", mchid) != mchid:
            raise _wording.foreign_merchant("mchid", query["mchid"], "query")
        if body.get("mchid", mchid) != mchid:
            raise _wording.foreign_merchant("/mchid", body["mchid"], "body")
        return Call(world, dict(zip(self.placeholders, values, strict=True)), query, body)


class Router:
    """Finds the route of a path: segment by segment, what is written out before placeholders."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            node = self._root
            for segment in route.template.split("/"):
                key = None if _PLACEHOLDER.fullmatch(segment) else segment
                node = node.children.setdefault(key, _Node())
            node.routes[route.method] = route

    def find(self, request: Request) -> tuple[Route, list[str]]:
        """Find the route of a request, and the values that its placeholders have in the path.

        Raises:
            Refusal: 404, no such path; or 405, not with this verb.
        """
        slash, *segments = request.path.split(b"/")
        decoded = [unquote_to_bytes(segment).decode("utf-8", "replace") for segment in segments]
        found = None if slash else self._root.walk(decoded)
        if found is None:
            raise _wording.no_such_path()
        routes, values = found
        if request.method not in routes:
            raise _wording.wrong_verb(", ".join(sorted(routes)))
        return routes[request.method], values


class _Node:
    """One segment of the paths; the child that stands for any segment has the key `None`."""

    def __init__(self) -> None:
        self.children: dict[str | None, _Node] = {}
        self.routes: dict[str, Route] = {}

    def walk(self, segments: list[str]) -> tuple[dict[str, Route], list[str]] | None:
        if not segments:
            return (self.routes, []) if self.routes else None
        head, *rest = segments
        if (child := self.children.get(head)) and (found := child.walk(rest)):
            return found
        if head and (child := self.children.get(None)) and (found := child.walk(rest)):
            routes, values = found
            return routes, [head, *values]
        return None
