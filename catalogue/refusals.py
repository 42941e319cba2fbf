"""Tables of error codes: their rows, and what several tables say together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["Refusal", "merged", "row", "with_statuses"]

_CODE = re.compile(r"[A-Z][A-Z_0-9]+")
_STATUS = re.compile(r"[1-5]\d\d")
_AGAIN = re.compile(
    r"相同参数|使用相同|原参数|不要更换|降低频率|稍后(?:再|重)试|再来重试|再次掉?调用API|再次查询"
)


class Refusal(NamedTuple):
    """One documented error code.

    Attributes:
        code: Its code.
        status: Its HTTP status; 0 if the table does not say, and under APIv2.
        repeatable: Whether the table says to repeat the same call.
    """

    code: str
    status: int = 0
    repeatable: bool = False


def row(cells: Sequence[str]) -> Refusal | None:
    """Return what a row of a table says; `None` if it has no code.

    Args:
        cells: The cells, in any order but for the last: what is to be done.
    """
    plain = [cell.replace("\\", "").strip() for cell in cells]
    code = next((cell for cell in plain if _CODE.fullmatch(cell)), "")
    status = next((int(cell) for cell in plain if _STATUS.fullmatch(cell)), 0)
    return Refusal(code, status, bool(_AGAIN.search(plain[-1]))) if code else None


def merged(tables: Iterable[Iterable[Refusal]]) -> list[Refusal]:
    """Return tables as one: the first that says a code is right, later ones add its status."""
    found: dict[str, Refusal] = {}
    for table in tables:
        for each in table:
            known = found.setdefault(each.code, each)
            found[each.code] = known._replace(status=known.status or each.status)
    return list(found.values())


def with_statuses(entries: Iterable[Mapping[str, Any]]) -> None:
    """Write the status that all other tables of APIv3 give a code where a table gives none."""
    rows = [
        each for e in entries if not e["path"].startswith("v2/") for each in e.get("errors", ())
    ]
    said: dict[str, set[int]] = {}
    for code, status, _ in rows:
        if status:
            said.setdefault(code, set()).add(status)
    for each in rows:
        if not each[1] and len(said.get(each[0], ())) == 1:
            (each[1],) = said[each[0]]
