"""What the page says, and how it writes things."""

from __future__ import annotations

import html
import re
from pathlib import Path
from string import Formatter
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wechatpay.sandbox
from wechatpay.sandbox import Sandbox
from wechatpay.sandbox._base import Text
from wechatpay.sandbox._endpoint import Request
from wechatpay.sandbox._families import Families
from wechatpay.sandbox._front import diagnosis
from wechatpay.sandbox._parts import members
from wechatpay.sandbox.page import _language, _show
from wechatpay.sandbox.page._page import words_of
from wechatpay.sandbox.page._templates import segment, tones

from . import words

_ROOT = Path(wechatpay.sandbox.__file__).parent
_TEMPLATES = sorted(_ROOT.rglob("*.html"))
_SOURCES = "".join(
    each.read_text("utf-8")
    for each in (*_TEMPLATES, *_ROOT.rglob("*.py"))
    if each.name != "words.py"
)
_FAMILIES = members(Families)
_WORDS = words_of(_FAMILIES)
_TEXTS = sorted(
    {(module, name, text) for module in words.modules() for name, text in words.texts(module)}
)


def _braces(text: str) -> set[str]:
    named = (name for _, name, _, _ in Formatter().parse(text) if name)
    return {name.partition(".")[0] for name in named}


def test_all_is_said_in_both_languages() -> None:
    """No sentence is empty, and Chinese needs no value that English does not know.

    In a `No` it is English that may leave something out: what is documented stands in Chinese.
    """
    assert len(_TEXTS) > 400
    for module, name, text in _TEXTS:
        assert text.zh, (module, name)
        assert text.en, (module, name)
    for name, text in _WORDS.items():
        assert _braces(text.zh) == _braces(text.en), name


def test_every_word_is_used() -> None:
    """Every word is used; those of states are made of a name and a state."""
    made = {f"{what}.{state}" for what, states in tones(_FAMILIES).items() for state in states}
    made |= {f"way.{way}" for way in ("JSAPI", "APP", "MWEB", "NATIVE", "MICROPAY", "AUTH")}
    made |= {f"agenda.{name}" for name in Sandbox().world.agenda._handlers}
    made |= {f"do.{action.name}" for family in _FAMILIES for action in family.actions}
    prefixes = ("menu.", "clock.", "checkout.", "span.")
    for name in _WORDS:
        last = name.rpartition(".")[2]
        known = name in made or f'"{name}"' in _SOURCES or f"'{name}'" in _SOURCES
        assert known or (name.startswith(prefixes) and last in _SOURCES), name


def test_every_state_and_action_has_words() -> None:
    """Every state has a tone and words; every action has words for its button, but one.

    Who does not pay has two buttons, which say what they mean.
    """
    for what, states in tones(_FAMILIES).items():
        assert all(f"{what}.{state}" in _WORDS for state in states)
    actions = {action.name for family in _FAMILIES for action in family.actions}
    assert {name for name in actions if f"do.{name}" not in _WORDS} == {"fail"}


def test_every_action_has_a_button() -> None:
    """Whatever a customer can do, some page has a form for."""
    for family in _FAMILIES:
        own = _ROOT / "_families" / family.name / "templates"
        forms = "".join(each.read_text("utf-8") for each in own.glob("*.html"))
        for action in family.actions:
            assert f'"{action.name}", {{' in forms or f'"{action.name}", paid' in forms


@pytest.mark.words
def test_mistakes_are_told_in_chinese() -> None:
    """Every mistake that a signature can prove has words in both languages, also two at once."""
    target = b"/v3/a%20b/c?x=1&a=2"
    request = Request("POST", target, ((b"Host", b"127.0.0.1"),), b'{"a": "\xe5\xbd\xa2"}')
    lines = request.lines("1700000000", "ABCabc", request.body)
    told = {text for text, _ in diagnosis._candidates(lines, request)}
    assert all(re.search("[\u4e00-\u9fff]", text.zh) for text in told)
    assert (
        Text("漏掉了查询参数；漏掉了请求体", "the query was left out, and the body was left out")
        in told
    )


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("fr, zh-TW;q=0.3, en;q=0.2", "zh"),
        ("fr", "en"),
        ("*", "en"),
        ("zh;q=0, fr", "en"),
        ("zh;q=x", "en"),
        ("zh;q=nan, en;q=0.1", "en"),
        ("zh;level=1", "en"),
        ("ZH-Hans-CN", "zh"),
    ],
)
def test_languages(header: str, language: str) -> None:
    """The language that a browser likes best is spoken, and English if it knows neither."""
    assert _language.accepted(header) == language


@given(st.text(max_size=60))
def test_any_header_chooses(header: str) -> None:
    """Whatever stands in the header, it is one of the two languages."""
    assert _language.accepted(header) in ("zh", "en")


def test_words() -> None:
    """Words take their values; of what there are no words for, something else is said."""
    say = _language.Speech("en", _WORDS)
    assert say("pages.at", number=3) == "Page 3"
    assert say(Text("甲{n}", "A{n}"), n=1) == "A1"
    assert say(Text("{braces}", "{braces}")) == "{braces}"
    assert say.known("mistake.number", "x") == "Type a number."
    assert say.known("no such words", "{braces}") == "{braces}"


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "¥0.00"), (1, "¥0.01"), (123456789, "¥1,234,567.89"), (-50, "-¥0.50")]
)
def test_money(fen: int, text: str) -> None:
    """Money is written in yuan."""
    assert _show.money(fen) == text


def test_times() -> None:
    """Times are written as in Beijing, however they come."""
    assert _show.moment(0) == "1970-01-01 08:00:00"
    assert _show.moment("2026-11-22T18:00:00+00:00") == "2026-11-23 02:00:00"


def test_bodies() -> None:
    """JSON is written in lines, text as it is, anything else as what it begins with."""
    assert _show.body(b'{"a":"\xe5\xbd\xa2"}') == '{\n  "a": "形"\n}'
    assert _show.body(b"<xml></xml>") == "<xml></xml>"
    assert _show.body(b"\xff\x00") == "2 B: ff 00…"
    assert _show.body(b"x" * 60_000).endswith("x… (60000)")
    assert _show.body(b"[" * 5000) == "[" * 5000


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (
            'WECHATPAY2 mchid="1",signature="abc=",serial_no="2"',
            'WECHATPAY2 mchid="1",signature="…",serial_no="2"',
        ),
        ("A" * 340 + "==", "…"),
        ("application/json", "application/json"),
    ],
)
def test_headers(value: str, shown: str) -> None:
    """A header is shown without a signature."""
    assert _show.header(value) == shown


def test_messages_show_what_cannot_be_seen() -> None:
    """Ends of lines, tabs and byte order marks are to be seen."""
    assert [line.before for line in _show.message(b"a\tb\r\n\xef\xbb\xbfc\x7f")] == [
        "a␉b␍↵",
        "⟨BOM⟩c␡",
    ]
    assert _show.message(b"") == []
    (line,) = _show.message(b"x" * 60_000)
    assert line.before.endswith("… (60000)")


def test_what_differs_is_found() -> None:
    """What is not the same in both is set apart, in either of them, to the very character."""
    mine, its = b"GET\n/a?b=1\n1\n", b"GET\n/a\n1\n2\n"
    (same, differs, last, missing) = _show.compared(mine, its)
    assert same == (1, "GET↵", "", "", True, True)
    assert differs == (2, "/a", "?b=1", "↵", False, True)
    assert last == (3, "1↵", "", "", True, True)
    assert not missing.there
    assert _show.compared(its, mine)[3].differs == "2↵"


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_two_messages_are_compared(mine: bytes, its: bytes) -> None:
    """Every line is the sum of its parts, and two messages differ nowhere only if they are one."""
    found = _show.compared(mine, its)
    shown = [line.before for line in _show.message(mine)]
    assert [f"{line.before}{line.differs}{line.after}" for line in found if line.there] == shown
    text = (mine.decode("utf-8", "replace"), its.decode("utf-8", "replace"))
    if all(line.same for line in found):
        assert _show.message(mine) == _show.message(its)
    else:
        assert text[0] != text[1]


def test_codes_are_drawn() -> None:
    """A QR code is SVG that says nothing but numbers."""
    drawn = _show.qr("weixin://wxpay/bizpayurl?pr=<script>")
    assert drawn.startswith("<svg")
    assert "script" not in drawn
    assert html.escape("<") not in drawn
    assert "style=" not in drawn


@given(st.text())
def test_segments(text: str) -> None:
    """A number stands in a path as one segment of it."""
    try:
        written = segment(text)
    except UnicodeEncodeError:  # a lone surrogate is not text
        return
    assert "/" not in written
    assert unquote(written) == text
