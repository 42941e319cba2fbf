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

from wechatpay.sandbox import Sandbox
from wechatpay.sandbox import page as package
from wechatpay.sandbox._endpoint.messages import Request
from wechatpay.sandbox._front import diagnosis as _diagnosis
from wechatpay.sandbox._front.faults import KINDS
from wechatpay.sandbox.page import _language, _show
from wechatpay.sandbox.page._mistakes import CHINESE
from wechatpay.sandbox.page._states import STATES
from wechatpay.sandbox.page._templates import segment

_FOLDER = Path(package.__file__).parent
_SOURCES = "".join(
    each.read_text("utf-8")
    for each in (*_FOLDER.rglob("*.html"), *_FOLDER.glob("*.py"))
    if each.name not in ("_chinese.py", "_english.py", "_mistakes.py")
)


def _braces(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same() -> None:
    """The tables have the same keys, no empty words, and the same values in their braces."""
    chinese, english = _language.TABLES["zh"], _language.TABLES["en"]
    assert set(chinese) == set(english)
    assert all(chinese.values())
    assert all(english.values())
    said = [key for key in english if key not in CHINESE]
    assert all(_braces(chinese[key]) == _braces(english[key]) for key in said)


def test_every_word_is_used() -> None:
    """No key of the tables is one that nobody says; those of states are made of a name and one."""
    made = {f"{family}.{state}" for family, states in STATES.items() for state in states}
    made |= {f"fault.{kind}" for kind in KINDS}
    made |= {f"way.{way}" for way in ("JSAPI", "APP", "MWEB", "NATIVE", "MICROPAY")}
    made |= {f"agenda.{name}" for name in Sandbox().world.agenda._handlers}
    prefixes = ("menu.", "clock.", "checkout.")
    for key in _language.TABLES["en"]:
        last = key.rpartition(".")[2]
        known = key in made or key in CHINESE or f'"{key}"' in _SOURCES or f"'{key}'" in _SOURCES
        assert known or (key.startswith(prefixes) and last in _SOURCES), key


def test_every_state_has_words() -> None:
    """Every state that something can be in has a tone, and words in both languages."""
    for family, states in STATES.items():
        assert all(f"{family}.{state}" in _language.TABLES["en"] for state in states)


def test_mistakes_are_told_in_chinese() -> None:
    """Every mistake that a signature can prove has Chinese words, unless it is very particular."""
    target = b"/v3/a%20b/c?x=1&a=2"
    request = Request("POST", target, ((b"Host", b"127.0.0.1"),), b'{"a": "\xe5\xbd\xa2"}')
    lines = request.lines("1700000000", "ABCabc", request.body)
    told = {words for words, _ in _diagnosis._candidates(lines, request)}
    particular = re.compile(r"another|the line of the|the lines stand|was signed as the body")
    plain = {each for words in told for each in words.split(", and ")}
    assert {each for each in plain if not particular.search(each)} <= set(CHINESE)
    say = _language.Words("zh")
    assert say.known("the query was left out, and the body was left out") == (
        "漏掉了查询参数；漏掉了请求体"
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
    """Words take their values; what there are no words for is left as it is."""
    say = _language.Words("en")
    assert say("pages.at", number=3) == "Page 3"
    assert say.known("mistake.number") == "Type a number."
    assert say.known("{braces}") == "{braces}"


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
    assert _show.span(3723.9) == "01:02:03"
    assert _show.span(90061) == "1 d 01:01:01"


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
    except UnicodeEncodeError:  # a lone surrogate is no text
        return
    assert "/" not in written
    assert unquote(written) == text
