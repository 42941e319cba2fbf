"""What persons decided after reading a page, in ``decisions.jsonl``: each with the page's link.

A line is an object: ``verb``, ``paths`` (or ``path``), ``place``, ``field`` (names from the top,
joined by ``/``), ``what``, ``value``, ``pages`` and, where that helps, ``why`` and ``says`` (where
it was read, which `confirming` looks up for what money depends on). ``what`` is an
attribute of a field (``required sealed type values closed one_of max_length …``), ``exists``
(`false` takes a field out), ``add`` (a field that no source has: an object in the files' form), or,
without a field, an attribute of the call (``errors is_query idempotency_key lifecycle …``) or of a
notification: ``resource_of`` (calls that answer what it carries), ``apart`` (what comes under its
name but is another call's answer: when, and which).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .models import Model

__all__ = ["Decision", "Decisions", "read"]


class Decision(NamedTuple):
    """One decision.

    Attributes:
        verb: The call's verb.
        path: The call's path.
        place: The part of the call; empty if it is about the call.
        field: The field's names from the top.
        what: What was decided.
        value: How.
        pages: The official pages that say so.
        why: A reason, where the page alone does not tell.
        says: Where it was read.
    """

    verb: str
    path: str
    place: str
    field: str
    what: str
    value: Any
    pages: tuple[str, ...] = ()
    why: str = ""
    says: tuple[str, ...] = ()


class Decisions:
    """All decisions, by what they are about."""

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        self.all = tuple(decisions)
        self._by_field: dict[tuple[str, str, str, str], dict[str, Decision]] = {}
        self._added: dict[tuple[str, str, str, str], list[tuple[str, Decision]]] = {}
        for each in self.all:
            if each.what == "add":
                above, _, name = each.field.rpartition("/")
                place = (each.verb, each.path, each.place, above)
                self._added.setdefault(place, []).append((name, each))
            else:
                place = (each.verb, each.path, each.place, each.field)
                self._by_field.setdefault(place, {})[each.what] = each

    def of(self, call: Model, place: str, field: str) -> Mapping[str, Decision]:
        """Return what is decided of a field, or of a call, by what it is about."""
        return self._by_field.get((call.verb, call.path, place, field), {})

    def added(self, call: Model, place: str, above: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the fields that are added to an object: name and form."""
        for name, each in self._added.get((call.verb, call.path, place, above), []):
            yield name, each.value

    def calls(self) -> Iterator[tuple[str, str]]:
        """Yield the verb and path of every call that something is decided of."""
        yield from dict.fromkeys((each.verb, each.path) for each in self.all)


def read(path: Path) -> Decisions:
    """Read a file of decisions.

    Raises:
        ValueError: A line links no page and gives no reason.
    """
    found: list[Decision] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        each = json.loads(line)
        if not each.get("pages") and not each.get("why"):
            raise ValueError(f"{path.name}, line {number}: links no page, gives no reason")
        for where in each.get("paths") or [each["path"]]:
            for field in each.get("fields") or [each.get("field", "")]:
                found += [_decision(each, where, field)]
    return Decisions(found)


def _decision(line: Mapping[str, Any], path: str, field: str) -> Decision:
    return Decision(
        line["verb"],
        path,
        line.get("place", ""),
        field,
        line["what"],
        line["value"],
        tuple(line.get("pages", ())),
        line.get("why", ""),
        tuple(line.get("says", ())),
    )
