"""What a field means, in this project's own words: `data/glossary.tsv`.

Each line has a key, the meaning in Chinese and in English, and an example if there is one,
separated by tabs. A key is a field's name. Where a name means different things, it is preceded by
the name of the object it is in (``goods_detail.quantity``), or by the beginning of the endpoint's
path (``v3/refund/#status``) or, after ``event:``, of the notification's type. The narrowest key
holds, and of beginnings the longest. In an example, ``T``, ``D`` and so on are short for what
`_SHORT` has.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from ._records import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Glossary", "Meaning", "PlaceMeanings", "fits", "glossary"]

_FILE = "glossary.tsv"
_SHORT = {
    "A": "wxd678efh567hg6787",
    "D": "2026-01-31",
    "J": "jTpGmxUXqRTvDujqhThn4ReFxikqJ5YW6zFQ",
    "M": "1900000109",
    "O": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    "T": "2026-01-31T12:00:00+08:00",
    "U": "https://www.example.com/wechatpay/notify",
}
_ENCRYPTED = {
    "wechatpay-public-key": ("；自动加密", "; encrypted for you"),
    "merchant-certificate": ("；密文，用商户私钥解开", "; encrypted for your private key"),
    "bank-transfer-rsa-public-key": ("；须先加密", "; to be encrypted first"),
}
_BY_HAND = _ENCRYPTED | {"wechatpay-public-key": _ENCRYPTED["bank-transfer-rsa-public-key"]}
_VALUE = re.compile(r"(?<![\w-])(?!ISO|URL|RFC|JSON|CSV)[A-Z][A-Z0-9_-]{2,}(?!\w)", re.ASCII)
_CLAUSE = re.compile(r"[：:；;，,（(]")
_SENTENCE = re.compile("[：:；;]")
_WHOLE = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


class Meaning(NamedTuple):
    """What a field is, in both languages, and an example of its value if there is one."""

    zh: str
    en: str
    example: str | None = None

    def of(self, field: Mapping[str, Any], *, by_hand: bool = False) -> tuple[str, str]:
        """Return it for one field of the name, in both languages, adapted to that field.

        Values that the field does not have are left out, the unit is the field's, and whether it is
        encrypted is what the catalogue says.

        Args:
            field: What the field's record says.
            by_hand: Whether the client leaves encrypting to the caller, as it does under APIv2.
        """
        texts = [self.zh, self.en]
        if "enum" in field:
            named = {one for text in texts for one in _VALUE.findall(text)}
            if not named <= {*map(str, field["enum"])}:
                texts = [*map(_without_values, texts)]
        if field.get("unit") == "yuan":
            texts = [texts[0].replace("单位分", "单位元"), texts[1].replace("in fen", "in yuan")]
        zh, en = (_BY_HAND if by_hand else _ENCRYPTED).get(field.get("encrypted", ""), ("", ""))
        return texts[0] + zh, texts[1] + en


class Glossary:
    """The meanings of fields, by their names and places.

    Args:
        lines: The file's, each a key and what it means.

    Raises:
        CatalogueError: A line has too few or too many columns, or is not in its place.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._everywhere: dict[str, Meaning] = {}
        self._below: dict[str, dict[str, Meaning]] = {}
        last = ""
        for number, line in enumerate(lines, 1):
            key, *columns = line.split("\t")
            if key <= last or not 2 <= len(columns) <= 3:
                raise CatalogueError(_FILE, number, key, "is not sorted, or not three columns")
            last = key
            begin, _, name = key.rpartition("#")
            known = self._below.setdefault(begin, {}) if begin else self._everywhere
            known[name] = Meaning(*columns[:2], *(_SHORT.get(one, one) for one in columns[2:]))
        self._beginnings = sorted(self._below, key=len, reverse=True)

    def at(self, place: str) -> PlaceMeanings:
        """Return what names mean at an endpoint's path, or in a notification of a type."""
        here = [self._below[one] for one in self._beginnings if place.startswith(one)]
        return PlaceMeanings(here, self._everywhere)


class PlaceMeanings:
    """What names mean in one place."""

    def __init__(self, here: list[dict[str, Meaning]], everywhere: dict[str, Meaning]) -> None:
        self._known = (*here, everywhere)

    def of(self, parent: str, name: str) -> Meaning | None:
        """Return what a field means.

        Args:
            parent: The name of the object that the field is in, empty at the top.
            name: The field's.
        """
        for key in (f"{parent}.{name}", name):
            for known in self._known:
                if key in known:
                    return known[key]
        return None


def _without_values(text: str) -> str:
    """Return what a meaning says before it names values."""
    first = _VALUE.search(text)
    end = (_CLAUSE if first else _SENTENCE).search(text[: first.start() if first else None])
    return text[: end.start()].strip() if end else text


@cache
def glossary() -> Glossary:
    """Return the packaged glossary, read on the first call."""
    text = (files("wechatpay.api") / "data" / _FILE).read_text("utf-8")
    return Glossary(text.splitlines())


def fits(example: str, field: Mapping[str, Any]) -> bool:
    """Tell whether an example is a possible value of a field, or of an item if it is a list.

    Args:
        example: As text.
        field: What the field's record says; what it leaves out is not checked.
    """
    kind = str(field.get("type", "string")).removeprefix("array<").removesuffix(">")
    values = [*map(str, field.get("enum", ()))]
    if values:
        return example in values
    if kind in ("integer", "number"):
        return bool((_WHOLE if kind == "integer" else _NUMBER).fullmatch(example))
    if kind == "boolean":
        return example in ("true", "false")
    longest = field.get("max_length") or len(example)
    pattern = field.get("pattern")
    return (
        kind == "string"
        and example == example.strip()
        and (field.get("min_length") or 0) <= len(example) <= longest
        and (not pattern or re.fullmatch(pattern, example) is not None)
    )
