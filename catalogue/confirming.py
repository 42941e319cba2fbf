"""Decisions on which money depends hold only where a source says so, in words that can be found.

`is_query` makes the client repeat a POST; `idempotency_key` tells people to. Each such decision has
``says``: where it was read. ``website:openapi/v2/pay/orderquery.md#description:`` is a file of a
source's checkout and a name in it, around which the words have to be (`WORDS`);
``page:https://…`` is a page that a person opened, because no checkout has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from .decisions import Decision

__all__ = ["WORDS", "unconfirmed"]

WORDS = {
    "is_query": re.compile("查询|下载|拉取|获取|核查"),
    "idempotency_key": re.compile(
        "唯一(?!标识|[iI][dD])|幂等|重入|只退一笔|等同一次|防重|已实际成功落库|重新发起"
    ),
    "idempotency_period": re.compile("幂等|重入|防重"),
}
"""What the words near the name have to be, by what is decided."""

_NEAR = 8


def unconfirmed(decisions: Iterable[Decision], checkouts: Mapping[str, Path]) -> Iterator[str]:
    """Yield what is wrong with each decision that no source confirms.

    Args:
        decisions: All decisions.
        checkouts: The checkouts, by the sources' names; of a source that is not there, its word is
            not looked up.
    """
    for each in decisions:
        if each.what not in WORDS:
            continue
        if not each.says:
            yield f"{_named(each)}: names nobody who says so"
        for says in each.says:
            source, _, where = says.partition(":")
            if source == "page" or source not in checkouts:
                continue
            file, _, name = where.partition("#")
            if not _found(checkouts[source] / file, name, WORDS[each.what]):
                yield f"{_named(each)}: {says} does not say so"


def _found(path: Path, name: str, words: re.Pattern[str]) -> bool:
    if not path.is_file():
        return False
    lines = path.read_text("utf-8", errors="replace").splitlines()
    return any(
        words.search(line)
        for number, named in enumerate(lines)
        if name in named
        for line in lines[max(0, number - _NEAR) : number + _NEAR]
    )


def _named(decision: Decision) -> str:
    return f"{decision.verb.upper()} {decision.path}, {decision.what}"
