"""Holds the finished catalogue against the sources again, without the judge's code.

`weighing` decides a field at a time; what it decided is compared here with every model whole. A
difference that an official source settles against the catalogue is a fault of the rules or of a
decision, unless a person read the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from .decisions import Decisions
from .judge import SourcedModel
from .models import Item, Model, Place, Tree, shape
from .raw import items
from .weighing import PARTNERS

__all__ = ["Compared", "Difference", "compare"]

Kind = Literal["missing", "required", "optional", "type", "sealed", "clear", "values"]
_PARTS: tuple[Place, ...] = ("query", "body", "reply")
_INDEPENDENT = ("go", "java", "samples", "skit", "wxjava")


class Difference(NamedTuple):
    """Where the catalogue says something else than a source.

    Attributes:
        verb: The call's verb; of a notification ``event``.
        path: The call's path.
        place: The part of the call.
        field: Names from the top.
        kind: What differs: the catalogue lacks the field, calls it ``required`` or ``optional``
            against the source, has another ``type``, leaves ``clear`` what the source seals or the
            other way round, or refuses one of its ``values``.
        source: Who says otherwise.
        settled: Who settles it against the catalogue: ``official`` if nobody official agrees with
            it, ``""`` if it is one unofficial word against the others.
    """

    verb: str
    path: str
    place: str
    field: str
    kind: Kind
    source: str
    settled: str


class Compared(NamedTuple):
    """The outcome.

    Attributes:
        calls: How many calls have a model that is independent of the index.
        alike: Of how many no source says otherwise.
        fields: How many fields were compared.
        differences: All differences.
    """

    calls: int
    alike: int
    fields: int
    differences: Sequence[Difference]

    @property
    def against(self) -> list[Difference]:
        """What an official source settles against the catalogue."""
        return [each for each in self.differences if each.settled == "official"]


def compare(
    sourced: Iterable[SourcedModel],
    endpoints: Iterable[Mapping[str, Any]],
    events: Iterable[Mapping[str, Any]],
    decisions: Decisions,
) -> Compared:
    """Compare every model with the finished catalogue.

    Args:
        sourced: What the sources say.
        endpoints: The lines of ``endpoints.jsonl``.
        events: The lines of ``notifications.jsonl``.
        decisions: What persons decided: nobody else settles that.
    """
    said: dict[tuple[str, str], list[SourcedModel]] = {}
    for each in sourced:
        if each.source.name in _INDEPENDENT:
            path = re.sub(r"/(?:index|\{empty\})$", "/", each.model.path)
            said.setdefault((each.model.verb, shape(path)), []).append(each)
    calls = alike = fields = 0
    found: list[Difference] = []
    finished = list(_ours(endpoints, events))
    paths = {(call.verb, call.path) for call, _ in finished}
    for call, ours in finished:
        twins = paths - {(call.verb, call.path)}
        models = [
            each
            for each in said.get(call.key, [])
            if (each.model.verb, each.model.path) not in twins
        ]
        here: list[Difference] = []
        for place, tree in ours.items():
            trees = [(m, m.model.parts[place]) for m in models if place in m.model.parts]
            comparison = _Comparison(call, place, decisions)
            here += comparison.tree(tree, trees, "")
            fields += comparison.fields
        calls += bool(models)
        alike += bool(models) and not here
        found += here
    return Compared(calls, alike, fields, found)


def _ours(
    endpoints: Iterable[Mapping[str, Any]], events: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[Model, dict[Place, Tree]]]:
    for entry in endpoints:
        trees: dict[Place, Tree] = {
            place: items(entry.get(place, {}) if place == "query" else fields)
            for place in _PARTS
            if (fields := entry.get(place, {}).get("fields", {})) or place == "query"
            if entry.get(place, {}).get("kind") != "multipart"  # the form is the protocol's
        }
        yield Model(entry["verb"], entry["path"], {}), trees
    for event in events:
        if not event.get("variants"):
            path = f"{event['version']}/{event['event_type']}"
            yield Model("event", path, {}), {"event": items(event.get("resource", {}))}


class _Comparison:
    """Compares one part of one call."""

    def __init__(self, call: Model, place: Place, decisions: Decisions) -> None:
        self._call = call
        self._place = place
        self._decisions = decisions
        self.fields = 0

    def tree(
        self, ours: Tree, theirs: Sequence[tuple[SourcedModel, Tree]], above: str
    ) -> Iterator[Difference]:
        for name in dict.fromkeys([*ours, *(name for _, tree in theirs for name in tree)]):
            field = f"{above}{name}"
            mine = ours.get(name)
            said = [(who, tree.get(name)) for who, tree in theirs]
            self.fields += any(item for _, item in said)
            yield from self._field(field, name, mine, said)
            if mine is not None and mine.fields:
                inner = [(who, item.fields) for who, item in said if item and item.fields]
                yield from self.tree(mine.fields, inner, f"{field}/")

    def _field(
        self,
        field: str,
        name: str,
        mine: Item | None,
        said: Sequence[tuple[SourcedModel, Item | None]],
    ) -> Iterator[Difference]:
        for who, item in said:
            for kind in _differ(mine, item, who):
                if self._decisions.of(self._call, self._place, field):
                    continue
                yield Difference(
                    self._call.verb,
                    self._call.path,
                    self._place,
                    field,
                    kind,
                    who.source.name,
                    self._settled(kind, name, mine, who, said),
                )

    def _settled(
        self,
        kind: Kind,
        name: str,
        mine: Item | None,
        who: SourcedModel,
        said: Sequence[tuple[SourcedModel, Item | None]],
    ) -> str:
        if who.source.rank != "official":
            return ""
        if kind == "optional" and (name in PARTNERS or self._place in ("reply", "event")):
            return ""  # what only partners give; what an answer promises binds nobody
        others = [
            (each, item) for each, item in said if each.source.rank == "official" and each != who
        ]
        agreeing = any(
            kind not in _differ(mine, item, each) if item else kind == "optional"
            for each, item in others
        )
        return "" if agreeing and kind in ("optional", "type") else "official"


def _differ(mine: Item | None, theirs: Item | None, who: SourcedModel) -> Iterator[Kind]:
    if theirs is None:
        if mine is not None and mine.required and not who.source.partial:
            yield "required"
        return
    if mine is None:
        yield "missing"
        return
    if mine.required and (theirs.required is False or theirs.shown is False):
        yield "required"
    if theirs.required and not mine.required:
        yield "optional"
    if _plain(mine.type) != _plain(theirs.type):
        yield "type"
    if theirs.sealed and not mine.sealed:
        yield "clear"
    if mine.sealed and theirs.shown and not theirs.sealed:
        yield "sealed"
    if mine.closed and set(map(str, theirs.values)) - set(map(str, mine.values)):
        yield "values"


def _plain(kind: str) -> str:
    return kind.replace("number", "integer")
