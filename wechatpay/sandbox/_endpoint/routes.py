"""Which endpoint a request is for, as data: families of endpoints are tables of `EndpointRoute`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from .._base import PrivateKey, Refusal, Text
from .._world import World
from . import documented, fields, sensitive, undocumented, words
from .documented import Document
from .fields import Limits, Tree
from .messages import Request
from .reply import EndpointReply
from .uploads import UploadForm

_PLACEHOLDER = re.compile(r"\{([^/{}]+)\}")
_SIGNERS = ("mchid", "sp_mchid", "combine_mchid")
"""Parameters that are about the merchant who signs."""
_HOSTS = ("hk", "global")
"""What hosts that serve a part of the world have before the path."""


@dataclass(frozen=True)
class IncomingCall:
    """One request, understood: it is the merchant's and its parameters are as documented.

    Attributes:
        world: What the answer can depend on.
        path: The values of the path's placeholders.
        query: The query's parameters.
        body: The body's parameters, sensitive ones decrypted; of an upload, its `meta`.
        file: The file of an upload.
        url: Where the sandbox is, without a final slash.
        warnings: What is taken, but may not be by WeChat Pay; a handler may add to it.
    """

    world: World
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    file: bytes = b""
    url: str = ""
    warnings: list[Text] = field(default_factory=list[Text], compare=False)


Handler = Callable[[IncomingCall], Mapping[str, Any] | EndpointReply | None]
"""Answers a call: with the body of a 200, with `None` for a 204, or with an `EndpointReply`; or
raises `Refusal`. What has to be encrypted in a body is encrypted afterwards."""


@dataclass(frozen=True)
class EndpointRoute:
    """One endpoint.

    What its parameters are is documented in the catalogue, which knows no limits such as lengths.
    Give those, if they are known, and whole trees only for what the catalogue does not have.

    Attributes:
        method: The verb.
        template: The path as in the catalogue, with its placeholders in braces.
        handler: What answers.
        body: The parameters of the body; the catalogue's by default.
        query: The parameters of the query; the catalogue's by default.
        limits: What else is known of the body's parameters, merged on top.
        query_limits: What else is known of the query's parameters, merged on top.
        simulated: Whether the answer depends on what happened before, or is only well-shaped.
    """

    method: str
    template: str
    handler: Handler
    body: Tree | None = None
    query: Tree | None = None
    limits: Limits = field(default_factory=dict[str, fields.Limit])
    query_limits: Limits = field(default_factory=dict[str, fields.Limit])
    simulated: bool = True

    @property
    def is_v2(self) -> bool:
        """Whether it is of the old dialect, whose messages are XML and carry their signature."""
        return self.template.startswith("v2/")

    @property
    def placeholders(self) -> list[str]:
        """The names of the placeholders, in the order of the path."""
        return _PLACEHOLDER.findall(self.template)

    @cached_property
    def document(self) -> Document | None:
        """What the catalogue says of it; `None` if it does not know it."""
        return documented.find(self.method, self.template)

    @cached_property
    def body_tree(self) -> Tree | None:
        """The parameters of the body; `None` if none is expected."""
        tree = self.body
        if tree is None and self.document and self.document.endpoint.body.kind != "none":
            tree = self._upload.meta if self._upload else self.document.body
        return tree if tree is None else fields.merge(tree, self.limits)

    @cached_property
    def query_tree(self) -> Tree:
        """The parameters of the query."""
        tree: Tree = self.document.query if self.document else {}
        return fields.merge(tree if self.query is None else self.query, self.query_limits)

    def accepts(self, prefix: str, values: list[str]) -> bool:
        """Tell whether it is served below a prefix (`hk/`, `global/` or none) with such values."""
        if self.document is None:
            return not prefix and all(values)
        return prefix == self.document.prefix and self.document.takes(values)

    def covered(self, request: Request) -> bytes:
        """Return what of the body the merchant's signature covers: of an upload, only `meta`.

        Raises:
            Refusal: 400 `PARAM_ERROR`: the body is not an upload's.
        """
        if self._upload is None:
            return request.body
        return self._upload.parts(request)["meta"]

    def understand(
        self,
        request: Request,
        values: list[str],
        world: World,
        *,
        key: PrivateKey | None = None,
        url: str = "",
        warnings: list[Text] | None = None,
    ) -> IncomingCall:
        """Check the parameters of a request.

        Args:
            request: The request.
            values: What the placeholders have in its path.
            world: What the answer can depend on.
            key: The platform key that the request names, with which sensitive fields are decrypted.
            url: Where the sandbox is.
            warnings: Where to tell what is taken, but may not be by WeChat Pay.

        Raises:
            Refusal: 400 `PARAM_ERROR`.
        """
        warnings = [] if warnings is None else warnings
        path = dict(zip(self.placeholders, values, strict=True))
        if self.document:
            # Placeholders are compared one by one: a family may name them as it likes.
            documented = zip(path, self.document.path.values(), strict=True)
            tree: Tree = dict(documented)
            fields.check(fields.read(path.items(), tree), tree, "url")
        query = self._query(request, key)
        if unknown := list(undocumented.names(query, self.query_tree)):
            warnings.append(undocumented.warning("query", unknown, self.query_tree))
        body, file = self._body(request)
        self.refuse_unknown(body, warnings)
        for place, given, known in (
            ("query", query, self.query_tree),
            ("body", body, self.body_tree or {}),
        ):
            if lacking := list(undocumented.lacking(given, known)):
                warnings.append(undocumented.doubt(place, lacking))
        fields.check(body, self.body_tree or {}, "body")
        if nulls := list(undocumented.nulls(body)):
            raise undocumented.refuse(nulls)
        above, names = self.document.missing_in(body) if self.document else ("", ())
        if names:
            raise none_of(names, above)
        if self._upload:
            self._upload.check(body, file)
        body = sensitive.unseal(body, self.body_tree or {}, key, "body")
        if self.simulated:
            mchid = world.keys.mchid
            for name in _SIGNERS:
                if query.get(name, mchid) != mchid:
                    raise words.FOREIGN_MERCHANT(query[name], at=name, location="query")
                if body.get(name, mchid) != mchid:
                    raise words.FOREIGN_MERCHANT(body[name], at=f"/{name}")
            if mchid in (query.get("sub_mchid"), body.get("sub_mchid")):
                raise words.OWN_MERCHANT(mchid)
        return IncomingCall(world, path, query, body, file, url, warnings)

    def respond(self, call: IncomingCall) -> EndpointReply:
        """Answer a call.

        Raises:
            Refusal: As the handler.
        """
        said = self.handler(call)
        if isinstance(said, EndpointReply):
            return said
        if said is None:
            return EndpointReply(204, content_type="")
        if self.document:
            key = call.world.keys.merchant.public_key()
            said = sensitive.seal(fields.known(said, self.document.reply), self.document.reply, key)
        return EndpointReply.of(said)

    @cached_property
    def _upload(self) -> UploadForm | None:
        document = self.document
        if document is None or self.is_v2 or document.endpoint.body.kind != "multipart":
            return None
        return UploadForm(document.body, document.endpoint.path)

    def refuse_unknown(self, body: Mapping[str, Any], warnings: list[Text]) -> None:
        """Check that a body has no unknown field; only warn where nothing official says so.

        Raises:
            Refusal: 400 `PARAM_ERROR`.
        """
        tree = self.body_tree or {}
        if unknown := list(undocumented.names(body, tree)):
            warnings.append(undocumented.warning("body", unknown, tree))
            if self.body is not None or (self.document and self.document.witnessed):
                raise undocumented.refuse(unknown)

    def _query(self, request: Request, key: PrivateKey | None) -> dict[str, str]:
        pairs = [
            pair
            for pair in parse_qsl(request.query, keep_blank_values=True, errors="replace")
            if pair[1]
        ]
        fields.check(fields.read(pairs, self.query_tree), self.query_tree, "query")
        return sensitive.unseal(dict(pairs), self.query_tree, key, "query")

    def _body(self, request: Request) -> tuple[dict[str, Any], bytes]:
        if self.body_tree is None:
            return {}, b""
        if self._upload:
            parts = self._upload.parts(request)
            return fields.parse(parts["meta"]), parts[self._upload.part]
        if not request.body and not any(spec.get("required") for spec in self.body_tree.values()):
            return {}, b""
        return fields.parse(request.body), b""


class Router:
    """Finds the route of a path: segment by segment, what is written out before placeholders.

    Of two routes that nothing tells apart, the first counts.
    """

    def __init__(self, routes: Iterable[EndpointRoute]) -> None:
        self._root = _Node()
        for route in routes:
            node = self._root
            for segment in route.template.removeprefix("v2/").split("/"):
                key = None if _PLACEHOLDER.fullmatch(segment) else segment
                node = node.children.setdefault(key, _Node())
            node.routes.append(route)

    def find(self, request: Request) -> tuple[EndpointRoute, list[str]]:
        """Find the route of a request, and the values that its placeholders have in the path.

        Raises:
            Refusal: 404, no such path; or 405, not with this verb.
        """
        slash, *segments = request.path.split(b"/")
        decoded = [unquote_to_bytes(segment).decode("utf-8", "replace") for segment in segments]
        prefix = ""
        if not slash and decoded and decoded[0] in _HOSTS:
            prefix = f"{decoded.pop(0)}/"
        allowed: set[str] = set()
        for route, values in () if slash else self._root.walk(decoded):
            if route.accepts(prefix, values):
                if route.method == request.method:
                    return route, values
                allowed.add(route.method)
        if allowed:
            raise words.WRONG_VERB(allowed=", ".join(sorted(allowed)))
        raise words.NO_SUCH_PATH()


class _Node:
    """One segment of the paths; the child that stands for any segment has the key `None`."""

    def __init__(self) -> None:
        self.children: dict[str | None, _Node] = {}
        self.routes: list[EndpointRoute] = []

    def walk(self, segments: list[str]) -> Iterator[tuple[EndpointRoute, list[str]]]:
        if not segments:
            for route in self.routes:
                yield route, []
            return
        head, *rest = segments
        if child := self.children.get(head):
            yield from child.walk(rest)
        if child := self.children.get(None):
            for route, values in child.walk(rest):
                yield route, [head, *values]


def none_of(names: Sequence[str], above: str = "") -> Refusal:
    """Say that one of several parameters of a body, or of an object in it, has to be there."""
    either = Text("、".join(names), " or ".join(names))
    return words.NONE_OF("", at=f"{above}/{names[0]}", names=either, above=above)
