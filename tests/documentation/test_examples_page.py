"""The page about the examples, held against the directory that they are in."""

from __future__ import annotations

import ast
import re

import pytest

from docs.builder.staging import DOCS
from docs.builder.words import LANGUAGES, Language

from .markdown import prose, text

FILES = {path.name: path for path in (DOCS.parent / "examples").glob("*.py")}


def rows(language: Language) -> dict[str, str]:
    """Return what the page says of each program."""
    found = re.findall(r"^\| `(\w+\.py)` \| (.+) \|$", prose(text(language, "examples")), re.M)
    return dict(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_is_listed(language: Language) -> None:
    """A row for each program, and none for one that there is not."""
    assert set(rows(language)) == set(FILES)


@pytest.mark.parametrize("name", sorted(FILES))
def test_it_is_said_what_they_say_of_themselves(name: str) -> None:
    """In English, a row begins with the first line of the program itself, but for references."""
    source = ast.get_docstring(ast.parse(FILES[name].read_text("utf-8"))) or ""
    first = source.splitlines()[0].partition(". ")[0].rstrip(".")
    assert rows("en")[name].startswith(first)
