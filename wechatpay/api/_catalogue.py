"""The catalogue's files, read once, and the ways to find something in them."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from wechatpay._tree import PathTree

from ._entries import Endpoint, Event
from ._format import DataLine, Reader, read
from ._records import CatalogueError
from ._search import likeliest, standing, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Catalogue", "load"]

# Parsing a whole line takes some 20 microseconds, and finding one endpoint does not need a
# thousand.
_HEAD = re.compile(
    r'\{"(?:path|version)":"([^"\\]+)","(?:verb|event_type)":"([^"\\]+)","name":"([^"\\]+)"[,}]'
)
_PLACEHOLDER = re.compile(r"\{[^/]*\}")
_WRITTEN_OUT = re.compile(r"(?:hk|global)/v3/")


class _Patch(NamedTuple):
    line: DataLine
    verb: str
    path: str
    patch: dict[str, Any] | None


class Catalogue:
    """All endpoints and notifications, in the order of the files.

    Args:
        text: Gives the text of a file of this name; default: this package's own.

    Raises:
        CatalogueError: A file is not as its format says. A line is looked at more closely only
            when its entry is used; `check` looks at all.
    """

    def __init__(self, text: Callable[[str], str] | None = None) -> None:
        text = text or _packaged
        self.endpoints = _endpoints(text)
        self.events = _events(text)
        self._exact = {(each.verb, each.path): each for each in self.endpoints}
        self._tree: PathTree[Endpoint] | None = None

    def check(self) -> None:
        """Read every line in full.

        Raises:
            CatalogueError: A line is not as the format says.
        """
        for endpoint in self.endpoints:
            _ = endpoint.options
        for event in self.events:
            _ = event.resource

    def endpoint(self, verb: str, path: str) -> Endpoint | None:
        """Return the endpoint of a template or a concrete path."""
        verb = verb.lower()
        path = path.removeprefix("/").replace("<", "{").replace(">", "}")
        path = path.removesuffix("{empty}")  # how a chain spells a slash at the end
        if _WRITTEN_OUT.match(path):
            path = path.partition("/")[2]
        return self._exact.get((verb, path)) or self._matching(verb, path)

    def search(self, text: str) -> tuple[Endpoint, ...]:
        """Return the endpoints that match some words, the likeliest first."""
        return likeliest(self.endpoints, text)

    def likeliest(self) -> tuple[Endpoint, ...]:
        """Return all endpoints; first those that begin a product, or that most merchants call."""
        return tuple(sorted(self.endpoints, key=lambda each: -standing(each)))

    def suggestion(self, text: str) -> str | None:
        """Return words that find something, close to those of a text that finds nothing."""
        return suggestion(self.endpoints, text)

    def _matching(self, verb: str, path: str) -> Endpoint | None:
        if self._tree is None:
            self._tree = PathTree()
            for endpoint in self.endpoints:
                self._tree.add(endpoint.verb, _PLACEHOLDER.sub("*", endpoint.written), endpoint)
        return self._tree.find(verb, path.split("/"))


@cache
def load() -> Catalogue:
    """Return the packaged catalogue, read on the first call."""
    return Catalogue()


def _packaged(name: str) -> str:
    return (files("wechatpay.api") / "data" / name).read_text("utf-8")


def _endpoints(text: Callable[[str], str]) -> tuple[Endpoint, ...]:
    patches = {(each.verb, each.path): each for each in _overlay(text)}
    endpoints: list[Endpoint] = []
    for path, verb, name, line in _index("endpoints.jsonl", text):
        correction = patches.pop((verb, path), None)
        if correction is None:
            endpoints.append(Endpoint((verb, path, name), line))
        elif correction.patch is not None:
            patched = line._replace(patch=correction.patch)
            endpoints.append(Endpoint((verb, path, correction.patch.get("name", name)), patched))
    for verb, path in patches:
        added = patches[verb, path]
        if not added.patch or "name" not in added.patch:
            raise CatalogueError(
                added.line.file,
                added.line.number,
                "path",
                "is not in the catalogue, and the patch of a new endpoint has a name",
            )
        line = added.line._replace(text=json.dumps({"path": path, "verb": verb, **added.patch}))
        endpoints.append(Endpoint((verb, path, added.patch["name"]), line))
    return tuple(sorted(endpoints, key=lambda each: (each.path, each.verb)))


def _events(text: Callable[[str], str]) -> tuple[Event, ...]:
    entries = _index("notifications.jsonl", text)
    return tuple(Event((version, kind, name), line) for version, kind, name, line in entries)


def _index(file: str, text: Callable[[str], str]) -> Iterator[tuple[str, str, str, DataLine]]:
    last = ("", "")
    for line in read(file, text(file)):
        head = _HEAD.match(line.text)
        if head is None:
            raise CatalogueError(file, line.number, "", "does not begin as the format says")
        first, second, name = head.groups()
        if (first, second) <= last:
            raise CatalogueError(file, line.number, "", "is not sorted, or is there twice")
        last = (first, second)
        yield first, second, name, line


def _overlay(text: Callable[[str], str]) -> Iterator[_Patch]:
    for line in read("overlay.jsonl", text("overlay.jsonl")):
        reader = Reader(line)
        reader.finish(("path", "verb", "why", "patch"))
        yield _Patch(line, reader.text("verb"), reader.text("path"), reader.record.get("patch"))
