"""The rules by which one fact of one field is decided, and nothing else.

From the strongest: a person who read a page and linked it (``decisions.jsonl``), the official SDKs
and samples, two independent others that agree, one. Sources of one group are one witness.

* A field exists if any source has it. In an answer, one that a single other source has and that
  both an official model and another independent one lack, is not credible, unless it is sealed.
* It is required if an official source or two others say so, and no official one contradicts: by
  saying that it is optional, or by having the object without the field. Where one other source
  alone says so, its word holds (and has the lowest grade), unless pages and fields of its kind
  were measured against official sources and found wrong more than once in twenty.
* What is a partner's alone (`PARTNERS`) is not required where direct merchants call as well, but
  marked as a partner's. The two are not two types: then a body could not be made step by step, a
  checker would speak of both variants at each slip, and fourteen fields would be all the gain.
* Values are closed only where an official source lists them as a type of its own, and no source
  shows another.
* It is sealed if any source says so.
* Of two types the better witnessed one is right; a whole number is more exact than a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from .models import Item, Mode
from .sources import Source

__all__ = [
    "PARTNERS",
    "PARTNERS_ALONE",
    "Fact",
    "Grade",
    "Voice",
    "countable",
    "credible",
    "grade",
    "required",
    "sealed",
    "tested",
]

Grade: TypeAlias = Literal["person", "official", "two", "one"]

PARTNERS = ("sp_mchid", "sp_appid", "sub_mchid", "sub_appid", "sub_mch_id", "sub_openid")
"""Names of what only a partner gives."""

_NOT_MONEY = re.compile(
    r"(?:^|_)(?:quantity|count|num|number|times|coupons|bonus|points?|percent|ratio|rate)(?:_|$)"
)
"""Words of a name that is no amount of money: how many, points (积分 too are 分), a share."""
_MONEY = re.compile("amount|fee|price|total|quota|balance")
"""Parts of the name of a text that is an amount of money; for a number the comment's word holds."""

PARTNERS_ALONE = "a partner's alone"
"""The dispute over what partners have to give and direct merchants have not."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What one source says of one field.

    Attributes:
        source: The source.
        mode: Whose call it speaks of.
        item: What it says; `None` if it has the object that the field would be in, but not the
            field.
    """

    source: Source
    mode: Mode
    item: Item | None

    @property
    def official(self) -> bool:
        """Whether it is an official one."""
        return self.source.rank == "official"


class Fact(NamedTuple):
    """A decided fact.

    Attributes:
        value: What holds.
        grade: Who says so.
        dispute: Who contradicts whom, such as ``official against one``; empty if nobody does.
    """

    value: Any
    grade: Grade
    dispute: str = ""


def grade(voices: Iterable[Voice]) -> Grade:
    """Return how well something is witnessed that all these voices say."""
    voices = list(voices)
    if any(voice.official for voice in voices):
        return "official"
    return "two" if len({voice.source.group for voice in voices}) > 1 else "one"


def credible(voices: Sequence[Voice], place: str) -> bool:
    """Tell whether a field is there."""
    having = [voice for voice in voices if voice.item is not None]
    if place not in ("reply", "event") or grade(having) != "one":
        return bool(having)
    if any(voice.item and (voice.item.sealed or voice.item.fields) for voice in having):
        return True
    lacking = [voice for voice in voices if voice.item is None]
    groups = {voice.source.group for voice in lacking} - {voice.source.group for voice in having}
    return not (any(voice.official for voice in lacking) and len(groups) > 1)


def required(name: str, voices: Sequence[Voice], *, everybodys: bool, trusted: bool = True) -> Fact:
    """Decide whether a field has to be there.

    Args:
        name: The field's name.
        voices: What the sources say.
        everybodys: Whether direct merchants call as well as partners.
        trusted: Whether the word of one other source holds.
    """
    yes = [voice for voice in voices if voice.item is not None and voice.item.required]
    no = [voice for voice in voices if _optional(voice)]
    official_no = [voice for voice in no if voice.official]
    if not yes:
        return Fact(False, grade(no) if no else "one")
    if everybodys and name in PARTNERS:
        return Fact(False, "official" if official_no else "two", PARTNERS_ALONE)
    if official_no:
        return Fact(False, "official", f"official against {grade(yes)}")
    if any(voice.official for voice in yes):
        return Fact(True, "official", f"official against {grade(no)}" if no else "")
    others = {voice.source.group for voice in yes}
    against = {voice.source.group for voice in no} - others
    if len(others) > 1:
        return Fact(True, "two", "two against one" if against else "")
    if against:
        return Fact(False, "one", "one against one")
    return Fact(trusted, "one", "" if trusted else "a kind of page that errs")


def tested(voices: Sequence[Voice]) -> bool | None:
    """Tell whether the index is right that a field is required; `None` if nobody official tells."""
    index = [voice for voice in voices if voice.source.group == "index"]
    if not any(voice.item is not None and voice.item.required for voice in index):
        return None
    words = [
        voice.item is not None and bool(voice.item.required)
        for voice in voices
        if voice.official and (_optional(voice) or (voice.item and voice.item.required))
    ]
    return all(words) if words else None


def _optional(voice: Voice) -> bool:
    if voice.item is None:
        return True
    return voice.item.required is False or voice.item.shown is False


def sealed(voices: Sequence[Voice]) -> Fact:
    """Decide whether a text is encrypted."""
    yes = [voice for voice in voices if voice.item is not None and voice.item.sealed]
    no = [
        voice
        for voice in voices
        if voice.item is not None and not voice.item.sealed
        if voice.item.shown or not voice.source.sampled
    ]
    if not yes:
        return Fact(False, "one")
    weighty = [voice for voice in no if voice.official] if grade(yes) != "official" else no
    dispute = f"{grade(yes)} against {grade(weighty)}" if weighty else ""
    return Fact(True, grade(yes), dispute)


def kind(voices: Sequence[Voice], fallback: str) -> Fact:
    """Decide a field's type."""
    by_type: dict[str, list[Voice]] = {}
    for voice in voices:
        if voice.item is not None:
            by_type.setdefault(voice.item.type.replace("number", "integer"), []).append(voice)
    ranks = {"official": 2, "two": 1, "one": 0}
    order = sorted(
        by_type,
        key=lambda each: (
            ranks[grade(by_type[each])],
            len({voice.source.group for voice in by_type[each]}),
            each == fallback.replace("number", "integer"),
        ),
    )
    if not order:
        return Fact(fallback, "one")
    best = order[-1]
    exact = [v.item.type for v in by_type[best] if v.item is not None]
    value = best if best in exact else exact[0]
    if "number" in value and any("integer" in each for each in exact):
        value = best
    other = [voice for each in order[:-1] for voice in by_type[each]]
    dispute = f"{grade(by_type[best])} against {grade(other)}" if other else ""
    return Fact(value, grade(by_type[best]), dispute)


def values(voices: Sequence[Voice]) -> tuple[Fact, bool]:
    """Decide which values complete, and whether there are no others."""
    official: dict[str | int, None] = {}
    others: dict[str | int, None] = {}
    closed = False
    for voice in voices:
        if voice.item is not None and voice.item.values:
            listed = dict.fromkeys(voice.item.values)
            (official if voice.official else others).update(listed)
            closed = closed or (voice.official and voice.item.closed)
    having = [voice for voice in voices if voice.item is not None and voice.item.values]
    if not official:
        return Fact(tuple(others), grade(having) if having else "one"), False
    alike = set(map(str, others)) & set(map(str, official))
    more = [value for value in others if value not in official] if alike else []
    dispute = "official against another field's" if others and not alike else ""
    return Fact((*official, *more), "official", dispute), closed and not more


def best(voices: Sequence[Voice], what: str) -> Any:
    """Return an attribute that only some sources give: the official word, or the widest."""
    having = [voice for voice in voices if voice.item is not None and getattr(voice.item, what)]
    official = [voice for voice in having if voice.official]
    found: Mapping[Any, None] = dict.fromkeys(
        getattr(voice.item, what) for voice in (official or having)
    )
    if what == "max_length":
        return max(found, default=None)
    return next(iter(found), None)


def countable(name: str, unit: str, kind: str) -> bool:
    """Tell whether a field of a name and a type can be of a unit.

    A comment may speak of the field beside: of how many pieces were given back, and of their price
    in fen; or of what is inside a text.
    """
    if unit not in ("fen", "yuan"):
        return True
    return not _NOT_MONEY.search(name) and (kind != "string" or bool(_MONEY.search(name)))
