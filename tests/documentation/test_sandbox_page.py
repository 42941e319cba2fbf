"""What the page about the sandbox says of it, held against the sandbox itself."""

from __future__ import annotations

import re

import pytest

from docs.builder.words import LANGUAGES, Language
from wechatpay.sandbox import FAULTS, Sandbox, coverage
from wechatpay.sandbox._base import MODES
from wechatpay.sandbox._families import Families
from wechatpay.sandbox._parts import members

from .markdown import prose, text

pytestmark = pytest.mark.parametrize("language", LANGUAGES)
_FAMILY = re.compile(r"^\| [^|]+ \| ((?:`v[23]/[\w/-]+` ?)+) ?\| (\d+) \|", re.MULTILINE)


def page(language: Language) -> str:
    """Return the page's text."""
    return prose(text(language, "sandbox"))


def names(cells: list[str]) -> set[str]:
    """Return what is called in the first cells of rows, without its arguments."""
    return {re.split(r"[(.]", one)[0] for one in cells}


def test_all_that_a_customer_does_is_told(language: Language) -> None:
    """A row for each thing that a user can do, and the paths of those that are calls as well."""
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \|(?: `(sandbox/[^`]+)`)? \|$", page(language), re.M)
    actions = [action for member in members(Families) for action in member.actions]
    assert rows == [(action.name, action.route.template) for action in actions]


def test_every_fault_and_mode_is_told(language: Language) -> None:
    """A row for each kind of fault, in the sandbox's order, and for each mode of keys."""
    rows = re.findall(r"^\| `([\w-]+)` \| ", page(language), re.MULTILINE)
    assert [one for one in rows if one in FAULTS] == list(FAULTS)
    assert [one for one in rows if one in MODES] == list(MODES)


def test_what_is_simulated_is_counted_rightly(language: Language) -> None:
    """The table has every simulated endpoint in one of its rows, and as many as it says."""
    told = _FAMILY.findall(page(language))
    left = {(one.verb, one.path) for one in coverage() if one.level == "simulated"}
    assert left
    for paths, number in told:
        here = tuple(re.findall(r"`([^`]+)`", paths))
        found = {one for one in left if one[1].startswith(here)}
        assert (paths, int(number)) == (paths, len(found))
        left -= found
    assert left == set()


def test_all_endpoints_are_not_counted(language: Language) -> None:
    """The page says no number that the next endpoint would make wrong: `coverage` counts them."""
    assert len(coverage()) > 1_000
    assert re.findall(r"\d,\d{3}", page(language)) == []


def test_what_is_named_exists(language: Language) -> None:
    """What stands in the tables as a call or an attribute is the sandbox's."""
    calls = names(re.findall(r"^\| `(\w+(?:\([^`]*)?)` \|", page(language), re.MULTILINE))
    known = set(dir(Sandbox))
    assert {one for one in calls if one not in FAULTS and one not in MODES} <= known
    assert {"mount", "probes", "pay", "notifications"} <= calls
