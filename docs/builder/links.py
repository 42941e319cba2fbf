"""Checks a built site: every link leads somewhere, and nothing is loaded from outside."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

__all__ = ["Page", "broken", "read"]

_LOADING = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "link": ("href",),
    "iframe": ("src",),
    "source": ("src", "srcset"),
    "object": ("data",),
    "form": ("action",),
    "use": ("href",),
}
"""The attributes whose addresses a browser follows by itself."""


class Page(NamedTuple):
    """What one page has of links.

    Attributes:
        ids: Its anchors.
        links: Where its links lead.
        loaded: What a browser loads with it.
    """

    ids: set[str]
    links: set[str]
    loaded: set[str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page(set(), set(), set())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in ("id", "name"):
            if name in given:
                self.page.ids.add(given[name])
        if tag == "a" and "href" in given:
            self.page.links.add(given["href"])
        for name in _LOADING.get(tag, ()):
            if name in given:
                self.page.loaded.add(given[name])


def read(html: str) -> Page:
    """Return what a page has of links."""
    reader = _Reader()
    reader.feed(html)
    return reader.page


def broken(site: Path) -> list[str]:
    """Return what is wrong with the links of a site, a line each.

    Args:
        site: The directory; every `.html` file below it is read.
    """
    found = {path.resolve(): read(path.read_text("utf-8")) for path in site.rglob("*.html")}
    wrong: list[str] = []
    for path, page in sorted(found.items()):
        here = path.relative_to(site.resolve())
        wrong += [f"{here} loads {link}" for link in sorted(page.loaded) if _is_outside(link)]
        for link in sorted(page.links | page.loaded):
            problem = (
                None if _is_outside(link) or link.startswith("data:") else _to(link, path, found)
            )
            if problem:
                wrong.append(f"{here} links to {link}: {problem}")
    return wrong


def _is_outside(link: str) -> bool:
    return urlsplit(link).netloc != ""


def _to(link: str, path: Path, found: dict[Path, Page]) -> str | None:
    parts = urlsplit(link)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return "there is no such file"
    anchor = unquote(parts.fragment)
    if anchor and target in found and anchor not in found[target].ids:
        return "the page has no such anchor"
    return None
