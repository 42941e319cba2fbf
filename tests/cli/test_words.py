"""What is said: in both languages, fitting the terminal."""

from __future__ import annotations

import re
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wechatpay.cli
from wechatpay.cli import _layout
from wechatpay.cli._app import make_app
from wechatpay.cli.words import language, table, text

from .conftest import Run


def placeholders(message: str) -> set[str | None]:
    """The names in braces that `text` fills."""
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


def test_both_languages_say_the_same_things() -> None:
    """The tables have the same keys in the same order, and messages the same placeholders."""
    english, chinese = table("en"), table("zh")
    assert list(english) == list(chinese)
    for key, message in english.items():
        assert message.count("\f") == chinese[key].count("\f"), key
        if not key.endswith("help") and key != "request.placeholder":
            names = placeholders(message) if "\f" not in message else set[str | None]()
            own = placeholders(chinese[key]) if "\f" not in message else names
            assert names == own or key in ("request.path", "api.show_path"), key
        assert message.strip()
        assert chinese[key].strip()


def test_every_message_is_used_and_every_key_is_there() -> None:
    """A key in the code is in the table, and one in the table is in the code."""
    folder = Path(wechatpay.cli.__file__).parent
    code = "".join(p.read_text() for p in folder.rglob("*.py") if p.parent.name != "words")
    made = (
        "check.",
        "api.option.",
        "error.",
        "doctor.",
        "settings.",
        "init.",
        "api.",
        "help.",
        "do.",
    )
    for key in table("en"):
        assert f'"{key}"' in code or key.startswith(made) or key.endswith(".help"), key


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_language_is_the_environments(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first variable that is set decides; whatever is not Chinese is English."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def leaves(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The ways to all commands and groups."""
    inner = getattr(command, "commands", {})
    found = [path]
    for name, each in inner.items():
        found += leaves(each, (*path, name))
    return found


@pytest.mark.parametrize("locale", ["C.UTF-8", "zh_CN.UTF-8"])
@pytest.mark.parametrize("columns", [40, 100])
def test_every_help_fits_and_has_an_example(
    locale: str, columns: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In both languages no prose is wider than the terminal, and no key is left untranslated."""
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.setenv("COLUMNS", str(columns))
    for path in leaves(make_app(language())):
        result = run(*path, "--help")
        assert result.code == 0
        assert result.err == ""
        before, _, after = result.out.partition(text("help.example"))
        assert after.strip().startswith(("wechatpay ", "printf ")), path
        for line in before.splitlines()[1:]:
            assert _layout.width(line) < columns
        assert not re.search(r"\b(?:request|settings|bill|help|api)\.[a-z_]+\b(?<!\.env)", before)


@given(st.text(), st.integers(4, 60))
def test_wrapping_keeps_every_word_and_the_width(given: str, room: int) -> None:
    """Nothing is lost but spaces at line ends, and no line is too wide."""
    lines = _layout.wrapped(given, room)
    assert all(_layout.width(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(given.split())


def test_closing_punctuation_does_not_begin_a_line() -> None:
    """As Chinese is set."""
    assert _layout.wrapped("一二三四，五六（七）", 8) == ["一二三", "四，五六", "（七）"]
    assert _layout.wrapped("one two three", 7) == ["one two", "three"]


@given(
    st.lists(st.tuples(st.text("ab 中", max_size=20), st.text("xy 文", max_size=50)), min_size=1)
)
def test_definitions_stand_beside_or_below(rows: list[tuple[str, str]]) -> None:
    """Every term and every explanation is there, whole."""
    whole = "".join("".join(_layout.definitions(rows)).split())
    assert whole == "".join("".join(left + right for left, right in rows).split())
