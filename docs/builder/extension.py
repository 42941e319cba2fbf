"""What the site adds to Sphinx: docstrings, the endpoints' pages, and a search of its own."""

from __future__ import annotations

import ast
import re
from html import escape
from itertools import groupby, takewhile
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from sphinx.locale import _ as translated

from wechatpay import api
from wechatpay.api._search import FILLERS, SYNONYMS, standing

from .descriptions import description_of, description_of_endpoint
from .endpoint_page import body_of, listing, name_of, text_of, title_of
from .search import Entry, headings, plain, script
from .topics import topics_of
from .words import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sphinx.application import Sphinx

    from .words import Language

__all__ = ["endpoint_entry", "restructured", "setup"]

_LISTING = "<!-- endpoints -->"
_INDEX = "_static/search-index.js"
_META = '<meta name="description" content="{}">'
_GUIDE, _LISTS, _MODULE = 50, 20, 0
_OF_LISTS = re.compile(r"endpoints$|from-|index$")
_SECTION = re.compile(r"(Args|Returns|Raises|Yields|Attributes|Note):$")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_config_value("site_language", "en", "env")
    app.add_config_value("site_endpoints", "", "env")
    app.connect("builder-inited", _without_sphinx_search)
    app.connect("source-read", _list_endpoints)
    app.connect("autodoc-process-docstring", _restructure, priority=100)
    app.connect("html-collect-pages", _endpoint_pages)
    app.connect("html-page-context", _share_tree, priority=100)
    app.connect("html-page-context", _remember)
    app.connect("build-finished", _write_index)
    return {"parallel_read_safe": True}


def restructured(lines: list[str]) -> list[str]:
    """Return a docstring, as they are written here, in reStructuredText.

    An example is set apart by indenting it after an empty line, which would be a quotation; and
    tables are drawn with bars.
    """
    return _with_tables(_with_examples(lines))


def _with_examples(lines: list[str]) -> list[str]:
    found: list[str] = []
    last = ""
    for number, line in enumerate(lines):
        apart = bool(found) and not found[-1].strip()
        if (
            line.startswith("    ")
            and apart
            and not last.startswith(" ")
            and not _SECTION.match(last)
        ):
            rest = takewhile(lambda one: one.startswith("    ") or not one.strip(), lines[number:])
            found += [f".. code-block:: {_lexer(dedent(chr(10).join(rest)))}", "   :force:", ""]
        found.append(line)
        last = line if line.strip() else last
    return found


def _with_tables(lines: list[str]) -> list[str]:
    found: list[str] = []
    for is_table, group in groupby(lines, lambda line: line.startswith("|")):
        if is_table:
            rows = [[one.strip() for one in line.strip("| ").split("|")] for line in group]
            found += ["", ".. list-table::", "   :header-rows: 1", ""]
            for row in rows[:1] + rows[2:]:
                found += [f"   {'  -' if n else '* -'} {cell}" for n, cell in enumerate(row)]
            found.append("")
        else:
            found += group
    return found


def _lexer(example: str) -> str:
    if example.startswith(">>>"):
        return "pycon"
    try:
        ast.parse(example.replace("…", "..."))
    except SyntaxError:
        return "text"
    return "python"


def _restructure(
    _app: Sphinx, _what: str, _name: str, _object: object, _options: object, lines: list[str]
) -> None:
    lines[:] = restructured(lines)


def _without_sphinx_search(app: Sphinx) -> None:
    app.builder.__dict__["search"] = False
    app.builder.__dict__["found_entries"] = []


def _chosen(app: Sphinx) -> list[api.Endpoint]:
    wanted = re.compile(app.config.site_endpoints)
    return [one for one in api.endpoints() if wanted.search(name_of(one))]


def _list_endpoints(app: Sphinx, _name: str, source: list[str]) -> None:
    if _LISTING in source[0]:
        html = listing(_chosen(app), app.config.site_language)
        source[0] = source[0].replace(_LISTING, f"```{{raw}} html\n{html}\n```")


def _endpoint_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    language = app.config.site_language
    for endpoint in _chosen(app):
        context = {
            "title": title_of(endpoint, language),
            "body": body_of(endpoint, language),
            "entry": endpoint_entry(endpoint, language),
            "description": description_of_endpoint(endpoint, language),
        }
        yield name_of(endpoint), context, "page.html"
    yield "search", {"title": WORDS[language].search, "body": ""}, "search.html"


def endpoint_entry(endpoint: api.Endpoint, language: Language) -> Entry:
    """Return what the search knows of an endpoint's page."""
    return Entry(
        name_of(endpoint),
        plain(title_of(endpoint, language)),
        text_of(endpoint),
        " ".join((endpoint.path, endpoint.name, *endpoint.tags, *endpoint.groups)),
        f"{endpoint.verb.upper()} {endpoint.path}",
        standing(endpoint),
    )


def _share_tree(
    app: Sphinx, name: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Have endpoints' pages share their navigation: making it anew takes most of a page's time.

    None of them is in it, so it differs by the way up to the top alone.
    """
    if not name.startswith("endpoints/"):
        return
    trees: dict[Any, str] = app.builder.__dict__.setdefault("trees", {})
    make: Callable[..., str] = context["toctree"]

    def toctree(**options: Any) -> str:
        key = name.count("/"), *sorted(options.items())
        if key not in trees:
            trees[key] = make(**options)
        return trees[key]

    context["toctree"] = toctree


def _remember(
    app: Sphinx, name: str, template: str, context: dict[str, Any], _doctree: Any
) -> None:
    context["other_language"] = {"en": "zh", "zh": "en"}[app.config.site_language]
    context["words"] = words = WORDS[app.config.site_language]
    # The theme has English words of its own, which Sphinx has no translation of.

    def in_words(text: str) -> str:
        return words.theme.get(text) or translated(text)

    context["_"] = in_words
    about = context.get("description") or description_of(name, app.config.site_language)
    if about:
        context["metatags"] = context.get("metatags", "") + _META.format(escape(about))
    if template == "page.html":
        entry = context.get("entry") or _entry_of(name, context["title"], context["body"])
        app.builder.__dict__["found_entries"].append(entry)


def _entry_of(name: str, title: str, body: str) -> Entry:
    """A written page, which comes before most endpoints; lists and modules come after them."""
    place = _LISTS if _OF_LISTS.match(name) else _GUIDE
    place = _MODULE if name.startswith("reference/") else place
    return Entry(
        name,
        plain(title),
        plain(body),
        headings(body),
        standing=place,
        topics=topics_of(name),
    )


def _write_index(app: Sphinx, error: Exception | None) -> None:
    if error is None:
        written = script(app.builder.__dict__["found_entries"], SYNONYMS, FILLERS)
        (Path(app.outdir) / _INDEX).write_text(written, "utf-8")
