"""What the catalogue documents of an endpoint, in the sandbox's own terms.

The catalogue is facts about WeChat Pay; none of the client's code comes with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlsplit

from .fields import Spec, Tree

if TYPE_CHECKING:
    from wechatpay.api import Endpoint, Field

Dialect = Literal["v2", "v3"]

_PLACEHOLDER = re.compile(r"\{[^/{}]*\}")
_NUMBER = re.compile("number|integer")
_ADDRESS = re.compile(r"(.*_|client)ip")
"""Names of what is an IP address: of either kind, as every page says."""
_VOUCHED = ("person", "official")
_KEPT = ("enum", "closed", "json", "encrypted", "padding", "format")


_ByTemplate = Mapping[tuple[str, str], "Document"]


@dataclass(frozen=True)
class Document:
    """One endpoint as it is documented.

    Attributes:
        endpoint: The catalogue's entry.
    """

    endpoint: Endpoint

    @property
    def method(self) -> str:
        """The verb in upper case."""
        return self.endpoint.verb.upper()

    @property
    def dialect(self) -> Dialect:
        """`v2` or `v3`."""
        return "v2" if self.endpoint.path.startswith("v2/") else "v3"

    @cached_property
    def prefix(self) -> str:
        """What comes before the path if only a host of its own serves it, such as `hk/`."""
        options = self.endpoint.options
        return urlsplit(options.host).path[1:] if options.host_required else ""

    def takes(self, values: list[str]) -> bool:
        """Tell whether the placeholders can have such values: a few only ever have one."""
        return all(
            bool(value) if field.const is None else value == field.const
            for field, value in zip(self.endpoint.placeholders, values, strict=True)
        )

    @cached_property
    def path(self) -> Tree:
        """The placeholders."""
        return tree_of(self.endpoint.placeholders)

    @cached_property
    def query(self) -> Tree:
        """The parameters of the query."""
        return tree_of(self.endpoint.query)

    @cached_property
    def body(self) -> Tree:
        """The parameters of the body."""
        return tree_of(self.endpoint.body.fields)

    @cached_property
    def witnessed(self) -> bool:
        """Whether something official says what the body has: then nothing else may be in it."""
        return any(each.grade in _VOUCHED for each in _all(self.endpoint.body.fields))

    @property
    def one_of(self) -> tuple[str, ...]:
        """The parameters of the body of which one has to be there; most endpoints have none."""
        groups = self.endpoint.body.one_of
        return groups[0] if groups else ()

    def lacks(self, body: Mapping[str, Any]) -> bool:
        """Tell whether a body has none of the parameters of which one has to be there."""
        return bool(self.one_of) and not any(body.get(name) for name in self.one_of)

    def missing_in(self, body: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
        """Return in which object of a body one of several parameters is missing, and which."""
        if self.lacks(body):
            return "", self.one_of
        for field in self.endpoint.body.fields:
            for names in field.one_of:
                inner = cast("Mapping[str, Any] | None", body.get(field.name))
                if inner is not None and not any(inner.get(name) for name in names):
                    return f"/{field.name}", names
        return "", ()

    @cached_property
    def reply(self) -> Tree:
        """The fields of the answer."""
        return tree_of(self.endpoint.reply.fields)


def find(method: str, template: str) -> Document | None:
    """Find an endpoint by its template; its placeholders may have other names than documented."""
    exact, blank = _by_template()
    return exact.get((method, template)) or blank.get((method, _blank(template)))


def documents() -> tuple[Document, ...]:
    """Return every endpoint there is, in the catalogue's order."""
    from wechatpay import api

    return tuple(map(_document, api.endpoints()))


def tree_of(fields: tuple[Field, ...]) -> Tree:
    """Return the catalogue's fields as a tree."""
    return {field.name: _spec(field) for field in fields}


def _all(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _all(field.fields)


def _spec(field: Field) -> Spec:
    spec: dict[str, Any] = {"type": field.type}
    if field.required:  # nobody is refused on the word of a single unofficial index
        spec["expected" if field.grade == "one" else "required"] = True
    if field.partners:
        spec["partners"] = True
    for name in _KEPT:
        if value := getattr(field, name):
            spec[name] = value
    if field.words:
        spec["meaning"] = field.meaning
    if field.fields:
        spec["fields"] = tree_of(field.fields)
    if field.type == "string" and _ADDRESS.fullmatch(field.name):
        spec["format"] = "ip"
    if field.enum and _NUMBER.search(field.type) and isinstance(field.enum[0], str):
        spec["type"] = _NUMBER.sub("string", field.type)  # documented as one, but its values count
    return cast("Spec", spec)


@cache
def _document(endpoint: Endpoint) -> Document:
    return Document(endpoint)


@cache
def _by_template() -> tuple[_ByTemplate, _ByTemplate]:
    exact: dict[tuple[str, str], Document] = {}
    blank: dict[tuple[str, str], Document] = {}
    for each in documents():
        exact[each.method, each.endpoint.path] = each
        blank.setdefault((each.method, _blank(each.endpoint.path)), each)
    return exact, blank


def _blank(template: str) -> str:
    return _PLACEHOLDER.sub("{}", template)
