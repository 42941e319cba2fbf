"""Decisions on which money depends: that they name who says so, and that it stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogue import command, decisions
from catalogue.confirming import WORDS, unconfirmed
from catalogue.decisions import Decision
from catalogue.sources import sources

ROOT = Path(__file__).parents[2]


def decision(what: str, *says: str) -> Decision:
    """Return a decision on a made-up call."""
    return Decision("post", "v3/pay", "", "", what, "out_no", says=says)


@pytest.mark.parametrize(
    ("what", "says", "wrong"),
    [
        ("idempotency_key", "go:models.go#out_no", ""),
        ("idempotency_key", "go:models.go#notify_url", "does not say so"),
        ("idempotency_key", "go:other.go#out_no", "does not say so"),
        ("is_query", "go:models.go#out_no", "does not say so"),
        ("is_query", "java:Any.java#any", ""),
        ("is_query", "page:https://pay.example.com/query", ""),
        ("errors", "go:other.go#out_no", ""),
    ],
)
def test_who_says_so(tmp_path: Path, what: str, says: str, wrong: str) -> None:
    """A source's words have to stand near the name; a page, or who is not there, is believed."""
    lines = ["// 商户内部唯一，同一单号多次请求等同一次", 'OutNo string `json:"out_no"`', *[""] * 9]
    (tmp_path / "models.go").write_text("\n".join([*lines, "notify_url"]), "utf-8")
    found = list(unconfirmed([decision(what, says)], {"go": tmp_path}))
    assert [wrong in line for line in found] == [True] * bool(wrong)


def test_nobody_says_so() -> None:
    """A decision of this kind that names no source is wrong, wherever it is run."""
    (line,) = unconfirmed([decision("is_query")], {})
    assert line == "POST v3/pay, is_query: names nobody who says so"


def test_the_committed_decisions() -> None:
    """Each decision of this kind names a source that is pinned, or an official page."""
    decided = decisions.read(ROOT / "catalogue" / "decisions.jsonl").all
    assert not list(unconfirmed(decided, {}))
    names = {name for name, source in sources().items() if source.repository}
    for each in decided:
        for says in each.says:
            source, _, where = says.partition(":")
            assert source in names or where.startswith("https://"), says
    kinds = {each.what for each in decided if each.says}
    assert kinds == set(WORDS)


def test_nothing_is_made_of_a_doubtful_decision(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A decision that its source does not bear out stops the run before anything is written."""
    for source in sources().values():
        if source.repository:
            (tmp_path / source.repository.rpartition("/")[2]).mkdir()
    line = (
        '{"verb":"post","path":"v3/pay","what":"is_query","value":true,"why":"w",'
        '"says":["go:a.go#b"]}'
    )
    (tmp_path / "decisions.jsonl").write_text(line, "utf-8")
    assert command.main([str(tmp_path)], tmp_path, tmp_path) == 2
    assert "POST v3/pay, is_query: go:a.go#b does not say so" in capsys.readouterr().out
