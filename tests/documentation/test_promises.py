"""What is promised in writing: extras, Pythons, and the tests that the threat model names."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest

from docs.builder.staging import DOCS
from release.environments import supported

ROOT = DOCS.parent
PROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
PAGES = ("docs/promises.md", "docs/promises.zh-CN.md")
EITHER = pytest.mark.parametrize("page", PAGES)


def extras() -> dict[str, list[str]]:
    """Return what `pyproject.toml` has, without a reader of TOML, which Python 3.10 lacks."""
    table = PROJECT.partition("[project.optional-dependencies]\n")[2].partition("\n[")[0]
    found = re.findall(r"^([\w-]+) = \[(.*?)\]$", table, re.MULTILINE | re.DOTALL)
    return {name: re.findall(r'"([^"]+)"', listed) for name, listed in found}


def test_extras_are_what_they_are_said_to_be() -> None:
    """The file for programs has each extra, in the project's order, with what it brings."""
    listed: Any = json.loads((DOCS / "extras.json").read_text("utf-8"))
    assert {one["extra"]: one["brings"] for one in listed} == extras()
    assert all({*one["for"]} == {"en", "zh"} for one in listed)


@EITHER
def test_the_page_has_the_same_extras(page: str) -> None:
    """The table for people says what the file says."""
    language = "zh" if ".zh-CN." in page else "en"
    listed: Any = json.loads((DOCS / "extras.json").read_text("utf-8"))
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|$", (ROOT / page).read_text("utf-8"), re.M)
    assert [(name, why, re.findall("`(.*?)`", brought)) for name, why, brought in rows] == [
        (one["extra"], one["for"][language], one["brings"])
        for one in listed
        if one["extra"] != "all"
    ]


@EITHER
def test_the_pythons_that_are_promised(page: str) -> None:
    """Each that the classifiers name has its end on the page, and no other."""
    text = (ROOT / page).read_text("utf-8")
    rows = re.findall(r"^\| (3\.[\d., 、]+) \|", text, re.MULTILINE)
    assert sorted(re.findall(r"3\.\d+", " ".join(rows))) == supported(PROJECT)
    assert f"3.{sys.version_info.minor}" in supported(PROJECT)


def test_the_threat_model_names_real_tests() -> None:
    """Whatever stops an attacker is shown by a test that is there."""
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    table = text.partition("## Who may do what")[2].partition("\n## ")[0]
    rows = re.findall(r"^\|.*\| (`tests/.*) \|$", table, re.MULTILINE)
    assert len(rows) > 12
    for row in rows:
        file = ""
        for named in re.findall("`(.*?)`", row):
            path, _, test = named.partition("::")
            file = path or file
            source = (ROOT / file).read_text("utf-8")
            assert f"def {test or 'test_'}" in source, named
