"""The changelog, read by the rules of Keep a Changelog 1.1.0."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

__all__ = ["KINDS", "ChangelogError", "Release", "check_tag", "read"]

KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
"""The kinds of change there are."""

_TITLE = "# Changelog\n"
_HEADING = re.compile(
    r"\[(?P<version>Unreleased|\d+\.\d+\.\d+)\](?: - (?P<date>\d{4}-\d{2}-\d{2}))?"
)


class ChangelogError(ValueError):
    """A changelog that is not as it has to be."""


class Release(NamedTuple):
    """One version's part of the changelog.

    Attributes:
        version: Such as ``0.1.0``, or ``Unreleased``.
        day: When it was released; `None` if it was not.
        changes: The entries, by their kind.
    """

    version: str
    day: date | None
    changes: dict[str, list[str]]


def read(text: str) -> list[Release]:
    """Return the releases of a changelog, latest first.

    Raises:
        ChangelogError: There is no title, no part for what is unreleased, an unknown kind of
            change, an empty part, or the versions are not in order.
    """
    if not text.startswith(_TITLE):
        raise ChangelogError(f"a changelog begins with {_TITLE.strip()!r}")
    _, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    releases = [_release(part) for part in parts]
    if not releases or releases[0].version != "Unreleased":
        raise ChangelogError("the first part is ## [Unreleased]")
    numbers = [_number(one.version) for one in releases[1:]]
    if numbers != sorted(set(numbers), reverse=True):
        raise ChangelogError("the latest version comes first, and each once")
    return releases


def check_tag(text: str, version: str, tag: str) -> None:
    """Make sure that a tag may be released.

    Args:
        text: The changelog.
        version: The package's.
        tag: The tag's name, such as ``v0.1.0``.

    Raises:
        ChangelogError: The tag is not the version, the version has no part of its own, or that is
            not the latest.
    """
    if tag != f"v{version}":
        raise ChangelogError(
            f"the tag is {tag}, the package's version {version}: tag it v{version}"
        )
    released = [one.version for one in read(text)[1:]]
    if released[:1] != [version]:
        raise ChangelogError(f"the latest part of the changelog is not ## [{version}] - its date")


def _release(part: str) -> Release:
    heading, _, body = part.partition("\n")
    found = _HEADING.fullmatch(heading.strip())
    if not found or (found["version"] == "Unreleased") == bool(found["date"]):
        raise ChangelogError(f"a part is headed [Unreleased], or [1.2.3] - 2026-01-31: {heading!r}")
    _, *sections = re.split(r"^### ", body, flags=re.MULTILINE)
    changes: dict[str, list[str]] = {}
    for section in sections:
        kind, _, entries = section.partition("\n")
        if kind not in KINDS or kind in changes:
            raise ChangelogError(f"{heading}: {kind!r} is not one of {', '.join(KINDS)}, once each")
        changes[kind] = re.findall(r"^- (.*(?:\n  .*)*)", entries, re.MULTILINE)
    if not all(changes.values()) or (found["date"] and not changes):
        raise ChangelogError(f"{heading}: a part without an entry")
    return Release(found["version"], _day(found["date"]), changes)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ChangelogError(f"{text} is not a date") from error


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
