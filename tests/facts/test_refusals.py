"""What tables of error codes say, alone and together."""

from __future__ import annotations

from typing import Any

import pytest

from catalogue import refusals
from catalogue.refusals import Refusal


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (
            ["SYSTEM_ERROR", "500", "系统超时", "请使用相同参数稍后重新调用"],
            ("SYSTEM_ERROR", 500, True),
        ),
        (["429", "RATELIMIT\\_EXCEED", "请降低频率后重试"], ("RATELIMIT_EXCEED", 429, True)),
        (["PARAM_ERROR", "参数错误", "请使用正确的参数重新调用"], ("PARAM_ERROR", 0, False)),
        (["NOT_ENOUGH", "余额不足", "请尝试再次调用API。"], ("NOT_ENOUGH", 0, True)),
        (["错误码", "状态码", "解决方案"], None),
    ],
)
def test_a_row(cells: list[str], found: tuple[str, int, bool] | None) -> None:
    """A row gives a code, its status if there is one, and whether to repeat the same call."""
    assert refusals.row(cells) == found


def test_tables_together() -> None:
    """The first table is right; a later one adds codes, and the status that the first lacks."""
    first = [Refusal("A", 0, True), Refusal("B", 400)]
    second = [Refusal("A", 500, False), Refusal("B", 403), Refusal("C", 404)]
    assert refusals.merged([first, second]) == [("A", 500, True), ("B", 400, False), second[2]]


def test_statuses_of_other_tables() -> None:
    """A code without a status has the one that all other tables of APIv3 give it, if they agree."""
    entries: list[dict[str, Any]] = [
        {"path": "v3/a", "errors": [["A", 400, False], ["B", 400, False], ["D", 0, True]]},
        {"path": "v3/b", "errors": [["A", 0, False], ["B", 403, False]]},
        {"path": "v3/c", "errors": [["B", 0, False]]},
        {"path": "v2/d", "errors": [["A", 0, False]]},
        {"path": "v3/e"},
    ]
    refusals.with_statuses(entries)
    assert entries[0]["errors"][2] == ["D", 0, True]
    assert entries[1]["errors"][0] == ["A", 400, False]
    assert [entries[at]["errors"][0][1] for at in (2, 3)] == [0, 0]
