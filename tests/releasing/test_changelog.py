"""The changelog, and what is made sure of before a tag is released."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.changelog import KINDS, ChangelogError, check_tag, read
from release.command import version_of

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
GOOD = """# Changelog

Words.

## [Unreleased]

## [0.2.0] - 2026-12-01

### Added

- One thing,
  on two lines.
- Another.

### Fixed

- A fault.

## [0.1.0] - 2026-11-22

### Added

- All of it.
"""


def test_this_changelog_is_as_it_has_to_be() -> None:
    """The project's own changelog can be read."""
    assert read(CHANGELOG)[0].version == "Unreleased"


def test_this_version_is_in_the_changelog() -> None:
    """What the package calls itself was released with a part of its own, or is about to be."""
    releases = read(CHANGELOG)
    version = version_of(ROOT)
    assert version in [one.version for one in releases] or releases[0].changes


def test_what_is_read() -> None:
    """Versions, days and entries are read, latest first."""
    unreleased, second, first = read(GOOD)
    assert unreleased == ("Unreleased", None, {})
    assert second.day == date(2026, 12, 1)
    assert second.changes == {
        "Added": ["One thing,\n  on two lines.", "Another."],
        "Fixed": ["A fault."],
    }
    assert first.version == "0.1.0"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Changelog", "# Changes"),
        ("## [Unreleased]\n\n", ""),
        ("## [Unreleased]", "## [Unreleased] - 2026-12-02"),
        ("## [0.2.0] - 2026-12-01", "## [0.2.0]"),
        ("## [0.2.0] - 2026-12-01", "## 0.2.0 - 2026-12-01"),
        ("2026-12-01", "2026-13-01"),
        ("[0.2.0]", "[0.0.9]"),
        ("[0.2.0]", "[0.1.0]"),
        ("### Fixed", "### Improved"),
        ("### Fixed", "### Added"),
        ("- A fault.\n", ""),
        ("### Added\n\n- All of it.\n", ""),
    ],
)
def test_what_is_refused(old: str, new: str) -> None:
    """A missing title or part, an unknown kind, an empty part and a wrong order are refused."""
    assert old in GOOD
    with pytest.raises(ChangelogError):
        read(GOOD.replace(old, new, 1))


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever follows the title is read, or refused as a changelog."""
    for one in (text, f"# Changelog\n{text}", f"# Changelog\n\n## [Unreleased]\n{text}"):
        try:
            releases = read(one)
        except ChangelogError:
            continue
        assert {kind for release in releases for kind in release.changes} <= set(KINDS)


def test_a_tag_that_fits() -> None:
    """The tag of the latest part may be released."""
    check_tag(GOOD, "0.2.0", "v0.2.0")


@pytest.mark.parametrize(
    ("version", "tag"),
    [("0.2.0", "v0.1.0"), ("0.2.0", "0.2.0"), ("0.1.0", "v0.1.0"), ("0.3.0", "v0.3.0")],
)
def test_a_tag_that_does_not_fit(version: str, tag: str) -> None:
    """A tag that is not the version, and a version that is not the latest part, are refused."""
    with pytest.raises(ChangelogError):
        check_tag(GOOD, version, tag)


def test_nothing_can_be_released_before_its_part_is_headed() -> None:
    """While everything is unreleased, no tag may be released."""
    with pytest.raises(ChangelogError, match="its date"):
        check_tag("# Changelog\n\n## [Unreleased]\n", "0.1.0", "v0.1.0")
