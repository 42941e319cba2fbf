"""Holds the sources' models against each other, and decides each fact as `weighing` says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from . import weighing
from .decisions import Decision, Decisions
from .models import Model, Place, Tree, shape
from .plain import is_object
from .raw import KEPT, OUR_KEYS, THEIR_KEY, Raw, find, items, key, written
from .sources import COMPILED, Source
from .weighing import Fact, Voice

__all__ = ["Dispute", "Judge", "SourcedModel"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:_\$[nm])*")
_LETTERS = ("max_length", "min_length", "pattern", "unit", "example")


class SourcedModel(NamedTuple):
    """A model, and whose it is."""

    source: Source
    model: Model


class Dispute(NamedTuple):
    """A fact that the sources do not agree on.

    Attributes:
        verb: The call's verb.
        path: The call's path.
        place: The part of the call.
        field: The field's names from the top.
        what: What is disputed: ``required type values sealed``.
        kind: Who contradicts whom.
        value: What was decided.
    """

    verb: str
    path: str
    place: str
    field: str
    what: str
    kind: str
    value: Any


@dataclass(slots=True)
class Judge:
    """Decides trees, and keeps count of how.

    Attributes:
        decisions: What persons decided.
        errs: Kinds of pages whose single word on what is required does not hold.
        disputes: What the sources do not agree on.
        counts: Facts by what they are about, by their grade, and by how many witnesses there are.
        measured: How often the index's word on what is required was right and wrong, by kind of
            page, where others can tell.
        witnesses: For each field of the call at hand, who says what.
    """

    decisions: Decisions
    errs: frozenset[str] = frozenset()
    disputes: list[Dispute] = field(default_factory=list[Dispute])
    counts: Counter[tuple[str, str, int]] = field(default_factory=Counter[tuple[str, str, int]])
    measured: Counter[tuple[str, bool]] = field(default_factory=Counter[tuple[str, bool]])
    witnesses: dict[str, str] = field(default_factory=dict[str, str])

    def kinds_that_err(self) -> frozenset[str]:
        """Return the kinds of pages whose word was wrong more than once in twenty."""
        return frozenset(
            kind
            for kind in {kind for kind, _ in self.measured}
            if self.measured[kind, False] * 20
            > sum(self.measured[kind, each] for each in (True, False))
        )

    def tree(
        self,
        call: Model,
        place: Place,
        base: Raw,
        sourced: Sequence[SourcedModel],
        *,
        kind: str,
    ) -> Raw:
        """Return one part of a call, decided.

        Args:
            call: The call: its verb and path as the catalogue has them.
            place: The part.
            base: The part as compiled.
            sourced: What the sources say of the call.
            kind: The kind of its pages: ``merged direct partner``.
        """
        trees = [
            (each.source, each.model.mode, each.model.parts[place])
            for each in sourced
            if place in each.model.parts
        ]
        if base:
            trees.insert(0, (COMPILED, "", items(base)))
        return self._tree(_Where(call, place, "", kind), base, trees)

    def _tree(self, where: _Where, base: Raw, trees: Sequence[tuple[Source, Any, Tree]]) -> Raw:
        decided: dict[str, Any] = {}
        for name in _names(base, trees):
            voices = [
                Voice(source, mode, tree.get(name))
                for source, mode, tree in trees
                if name in tree or not source.partial
            ]
            here = where.below(name)
            hand = self.decisions.of(here.call, here.place, here.field)
            if "exists" in hand and not hand["exists"].value:
                self._dispute(here, "exists", "by hand", False)
                continue
            if not weighing.credible(voices, where.place) and "exists" not in hand:
                self._dispute(here, "exists", "two against one", False)
                continue
            raw = find(base, name)
            needed, value = self._field(here, name, raw, voices, hand)
            decided[key(name, needed)] = value
        for name, value in self.decisions.added(where.call, where.place, where.field):
            if find(decided, name) is None:
                extras = {k: v for k, v in value.items() if k != "required"}
                needed = bool(value.get("required"))
                decided[key(name, needed)] = written({**extras, "grade": "person"})
        return decided

    def _field(
        self,
        here: _Where,
        name: str,
        raw: Any,
        voices: Sequence[Voice],
        hand: Mapping[str, Decision],
    ) -> tuple[bool, Any]:
        compiled: Mapping[str, Any] = raw if is_object(raw) else {}
        fallback = raw if isinstance(raw, str) else compiled.get("type", "")
        needed = self._by_hand(hand, "required") or weighing.required(
            name,
            voices,
            everybodys=here.kind == "merged",
            trusted=here.place not in ("query", "body") or here.page not in self.errs,
        )
        right = weighing.tested(voices) if here.place in ("query", "body") else None
        if right is not None:
            self.measured[here.page, right] += 1
        seals = self._by_hand(hand, "sealed") or weighing.sealed(voices)
        kind = self._by_hand(hand, "type") or self._kind(voices, compiled, fallback)
        listed, closed = weighing.values(voices)
        if "values" in hand:
            listed = Fact(tuple(hand["values"].value), "person")
            closed = bool(hand["closed"].value) if "closed" in hand else False
        for what, fact in (
            ("required", needed),
            ("sealed", seals),
            ("type", kind),
            ("values", listed),
        ):
            self._count(here, what, fact, voices)
        extras: dict[str, Any] = {"type": kind.value}
        extras.update({what: compiled[what] for what in KEPT if what in compiled})
        if "encrypted" in compiled and not seals.value:
            extras.pop("format", None)
        if "json" in hand:
            extras.pop("json", None)
            compiled = {what: value for what, value in compiled.items() if what != "json"}
        if listed.value and kind.value in ("string", "array<string>", "integer", "number"):
            extras["enum"] = list(_as(kind.value, listed.value))
            if closed and here.place in ("query", "body"):
                extras["closed"] = True
        inner = kind.value.removeprefix("array<").removesuffix(">")
        if seals.value and inner == "string":
            ours = OUR_KEYS.get(here.place, THEIR_KEY)
            extras["encrypted"] = compiled.get("encrypted", ours)
            if compiled.get("padding"):
                extras["padding"] = compiled["padding"]
        for what in _LETTERS:
            value = hand[what].value if what in hand else weighing.best(voices, what)
            if value is None or not _fits(what, value, inner, bool(seals.value)):
                continue
            if what != "unit" or ("json" not in extras and weighing.countable(name, value, inner)):
                extras[what] = value
        if (
            "format" not in extras
            and (found := weighing.best(voices, "format"))
            and inner == "string"
        ):
            extras["format"] = found
        self._below(here, compiled, voices, inner, extras)
        if "one_of" in hand:
            extras["one_of"] = hand["one_of"].value
        if needed.grade != "one" and here.place in ("query", "body"):
            extras["grade"] = needed.grade
        if needed.dispute == weighing.PARTNERS_ALONE and here.place in ("query", "body"):
            extras["partners"] = True
        return bool(needed.value), written(extras)

    def _kind(self, voices: Sequence[Voice], compiled: Mapping[str, Any], fallback: str) -> Fact:
        if not fallback:
            nested = "fields" in compiled or "variants" in compiled
            fallback = "object" if nested and "json" not in compiled else "string"
        if "json" in compiled or fallback == "binary":
            return Fact(fallback, "one")
        return weighing.kind(voices, fallback)

    def _below(
        self,
        here: _Where,
        compiled: Mapping[str, Any],
        voices: Sequence[Voice],
        inner: str,
        extras: dict[str, Any],
    ) -> None:
        if "variants" in compiled:
            extras["variants"] = compiled["variants"]
            return
        if inner != "object" and "object" not in compiled.get("json", ""):
            return
        trees = [(v.source, v.mode, v.item.fields) for v in voices if v.item and v.item.fields]
        fields = self._tree(here, compiled.get("fields", {}), trees)
        if fields:
            extras["fields"] = fields

    @staticmethod
    def _by_hand(hand: Mapping[str, Decision], what: str) -> Fact | None:
        return Fact(hand[what].value, "person", "by hand") if what in hand else None

    def _count(self, here: _Where, what: str, fact: Fact, voices: Sequence[Voice]) -> None:
        said = {voice.source.group for voice in voices if voice.item is not None}
        self.counts[what, fact.grade, len(said)] += 1
        if fact.dispute:
            self._dispute(here, what, fact.dispute, fact.value)
        if what == "required":
            self.witnesses[f"{here.place}/{here.field}"] = _who(voices)

    def _dispute(self, here: _Where, what: str, kind: str, value: Any) -> None:
        self.disputes.append(
            Dispute(here.call.verb, here.call.path, here.place, here.field, what, kind, value)
        )


class _Where(NamedTuple):
    call: Model
    place: Place
    field: str
    kind: str

    @property
    def page(self) -> str:
        """The kind of page and of field that the word on what is required is measured by."""
        dialect, _, _ = self.call.path.partition("/")
        return f"{dialect} {self.kind}, {'nested' if '/' in self.field else 'top'}"

    def below(self, name: str) -> _Where:
        return self._replace(field=f"{self.field}/{name}" if self.field else name)


def _names(base: Raw, trees: Sequence[tuple[Source, Any, Tree]]) -> Iterator[str]:
    """Yield every name: the compiled table's first, in its order."""
    names = dict.fromkeys(name.removesuffix("!") for name in base)
    for _, _, tree in trees:
        names.update(dict.fromkeys(tree))
    yield from (name for name in names if _NAME.fullmatch(name))


def _as(kind: str, values: Iterable[Any]) -> Iterator[Any]:
    number = kind in ("integer", "number")
    texts = dict.fromkeys(map(str, values))
    yield from (int(each) if number and each.lstrip("-").isdigit() else each for each in texts)


def _fits(what: str, value: Any, inner: str, sealed: bool) -> bool:
    if what == "example":
        plain = len(str(value)) <= 40 and "\\" not in str(value)
        return inner in ("string", "integer", "number") and not sealed and plain
    if what == "unit":
        return inner in ("integer", "number", "string")
    return inner == "string" and bool(value)


def _who(voices: Sequence[Voice]) -> str:
    """Return who has a field: a sign for what it says of its being required, and its name."""
    said: dict[str, str] = {}
    for voice in voices:
        if voice.item is None:
            sign = "/"
        elif voice.item.required or voice.item.shown:
            sign = "!"
        elif voice.item.required is False or voice.item.shown is False:
            sign = "?"
        else:
            sign = "."
        seal = "*" if voice.item is not None and voice.item.sealed else ""
        name = f"{voice.source.name}{seal}"
        said[name] = min(said.get(name, sign), sign, key="?!./".index)
    return " ".join(f"{sign}{name}" for name, sign in said.items())


def keys(sourced: Iterable[SourcedModel]) -> dict[tuple[str, str], list[SourcedModel]]:
    """Return what is said of each call, by verb and shape of the path."""
    found: dict[tuple[str, str], list[SourcedModel]] = {}
    for each in sourced:
        path = re.sub(r"/(?:index|\{empty\})$", "/", each.model.path)
        found.setdefault((each.model.verb, shape(path)), []).append(each)
    return found
